// Which offers stand on a dataset, and which of them a participant may see.

import type { OfferId } from '../../protocol/ids.ts'
import type { Offer, Rules } from '../../protocol/odrl/types.ts'
import { rulesToWire } from '../../protocol/odrl/to-wire.ts'
import type { DatasetRow, PeerRow } from '../ledger.ts'
import { evaluateConstraints } from '../policy/evaluate.ts'
import { reasonOf } from '../policy/explain.ts'
import { knownFrom } from '../policy/known.ts'
import { bareFacts, type Regime } from '../policy/regime.ts'
import type { Facts } from '../policy/facts.ts'
import type { OfferDefinition } from '../policy/offer-definition.ts'
import type { Instant } from '../../kernel/time.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import { bundlesOn, placesIn, type OfferIndex } from './offer-index.ts'

/** An offer as it stands on one dataset. */
export interface DatasetOffer {
  readonly id: OfferId
  readonly definition: OfferDefinition
  /** Where it stands in the order of the definitions. */
  readonly place: number
}

/** What is known of a participant before anything is agreed: the claims of its entry in the register, and what the site knows. */
export function factsOn(
  participant: ParticipantId,
  peer: PeerRow | null,
  { self, memberships }: Regime,
  now: Instant,
): Facts {
  const known = { ...knownFrom('self', self), ...knownFrom('claim', peer?.claims) }
  return { ...bareFacts(participant, now), country: peer?.claims.country ?? null, known, memberships }
}

/** The same, and what the metadata of a dataset say of it: for a request that names it. */
export function factsOfRequest(facts: Facts, { properties }: DatasetRow): Facts {
  return { ...facts, known: { ...facts.known, ...knownFrom('dataset', properties) } }
}

/** All offers on a dataset, in the order of the definitions. */
export function offersOn(dataset: DatasetRow, index: OfferIndex): readonly DatasetOffer[] {
  return placesIn(index, bundlesOn(index, dataset)).flatMap((place) => {
    const definition = index.definitions[place]
    return definition === undefined ? [] : [{ id: offerIdOn(definition, dataset), definition, place }]
  })
}

/**
 * The id of an offer on a dataset. DSP 2025-1 wants one that is the dataset's own: an offer for one named dataset keeps
 * the id of its file, an offer for several gets the dataset's id behind it.
 */
function offerIdOn({ id, datasets }: OfferDefinition, dataset: DatasetRow): OfferId {
  const [only, ...more] = datasets
  return only?.kind === 'id' && more.length === 0 ? id : (`${id}:${dataset.id}` as OfferId)
}

export type Visibility =
  { readonly visible: true } | { readonly visible: false; readonly path: string; readonly message: string }

/** Whether the access rules let this participant see the offer; if not, which of them says no. */
export function visibilityOf({ definition }: DatasetOffer, facts: Facts): Visibility {
  const decision = evaluateConstraints(definition.access, facts, 'catalogue')
  if (decision.holds) return { visible: true }
  const reason = reasonOf(decision)
  return { visible: false, path: reason?.path ?? 'access', message: reason?.message ?? 'the access rules do not hold' }
}

/** The rules of an offer as they leave: the same on every dataset, so that they are made once for all of them. */
export function wireRulesOf({ rules }: OfferDefinition): Rules {
  return rulesToWire(rules)
}

/** The Offer as a catalogue shows it: no target (DSP 2025-1: MUST NOT). */
export function toCatalogOffer({ id }: DatasetOffer, wireRules: Rules): Offer {
  return { '@id': id, '@type': 'Offer', ...wireRules }
}
