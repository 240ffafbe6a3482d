// What we do of our own accord when a message has moved a negotiation: the next move, with all that it writes.

import type { Write } from '../ledger.ts'
import { draftAgreement } from './agreement.ts'
import { agreedWrites, type InForce } from './agreement-terms.ts'
import { delayed } from './inbound.ts'
import type { Negotiation, NegotiationMove } from './negotiation.ts'
import { keepOffer } from './offers-made.ts'
import { negotiationReaction } from './reaction.ts'
import type { Scene } from './scene.ts'
import { NEGOTIATIONS, proposeMove } from './steps.ts'

/**
 * The step that follows of our own accord, with all that it writes.
 *
 * @param inForce as the provider, where an agreement may follow: our offers
 */
export function reactNegotiation(
  negotiation: Negotiation,
  received: NegotiationMove,
  offersMade: number,
  inForce: InForce | null,
  scene: Scene,
): readonly Write[] {
  const reaction = negotiationReaction(negotiation, received)
  if (reaction === null || negotiation.unacknowledged !== null) return []
  return reactionWrites(negotiation, reaction, offersMade, inForce, scene)
}

// prettier-ignore
const MOVES = {
  offer:    'ContractOfferMessage',
  agree:    'ContractAgreementMessage',
  finalize: 'ContractNegotiationEventMessage:FINALIZED',
  accept:   'ContractNegotiationEventMessage:ACCEPTED',
  verify:   'ContractAgreementVerificationMessage',
} as const

function reactionWrites(
  negotiation: Negotiation,
  reaction: keyof typeof MOVES,
  offersMade: number,
  inForce: InForce | null,
  scene: Scene,
): readonly Write[] {
  const agreed = reaction === 'agree' ? draftAgreement(negotiation, inForce, scene) : null
  const changes: Partial<Negotiation> = {
    ...(reaction === 'offer' && { offeredBy: negotiation.role }),
    ...(agreed !== null && { agreementId: agreed.id }),
  }
  const about = { changes, ...(agreed !== null && { agreement: agreed.agreement }) }
  const proposed = proposeMove(NEGOTIATIONS, negotiation, MOVES[reaction], scene, about)
  if (!proposed.ok) return []
  const { next, write } = proposed.value
  return [
    ...delayed(write, scene),
    ...(agreed === null ? [] : agreedWrites(agreed, scene)),
    ...(reaction === 'offer' ? [keepOffer(next, offersMade, scene.now)] : []),
  ]
}
