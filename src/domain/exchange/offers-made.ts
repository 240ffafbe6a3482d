// Every offer of a negotiation is kept with its author: who may accept depends on whose the last one was.

import type { Instant } from '../../kernel/time.ts'
import type { OfferRow, Write } from '../ledger.ts'
import type { Negotiation, NegotiationMove } from './negotiation.ts'

/** The moves that put another offer in the place of the last. The opening ones make the first. */
const OFFERING: readonly NegotiationMove[] = ['ContractOfferMessage', 'ContractRequestMessage']

export function carriesOffer(move: NegotiationMove): boolean {
  return OFFERING.includes(move)
}

/**
 * The current offer of a negotiation, put on record.
 *
 * @param made how many were made before it
 */
export function keepOffer({ pid, offeredBy, offer }: Negotiation, made: number, at: Instant): Write {
  return { put: 'offer', row: { pid, number: made + 1, offeredBy, offer, at } }
}

/** The counter-party did not take our offer: the one before it is the current one again. Null where nothing is to be undone. */
export function takeBackOffer(
  { pid, unacknowledged }: Negotiation,
  offers: readonly OfferRow[],
): { readonly changes: Pick<Negotiation, 'offer' | 'offeredBy'>; readonly write: Write } | null {
  const [before, last] = offers.slice(-2)
  if (unacknowledged === null || !carriesOffer(unacknowledged) || before === undefined || last === undefined)
    return null
  const { offer, offeredBy } = before
  return { changes: { offer, offeredBy }, write: { remove: 'offer', key: [pid, String(last.number)] } }
}
