// A provider's judgement of a request: is there such an offer for this participant, are these its rules, does it permit?

import type { Json } from '../../kernel/canonical-json.ts'
import { problem, type Problem } from '../../kernel/problem.ts'
import { sameRules } from '../../protocol/odrl/same-rules.ts'
import type { MessageOffer } from '../../protocol/odrl/types.ts'
import type { OfferIndex } from '../catalog/offer-index.ts'
import { factsOfRequest, offersOn, visibilityOf } from '../catalog/offers.ts'
import type { DatasetRow } from '../ledger.ts'
import { compilePolicy } from '../policy/compile.ts'
import { isPermitted } from '../policy/decision.ts'
import { decideUse } from '../policy/decide.ts'
import { reasonOf } from '../policy/explain.ts'
import type { Facts } from '../policy/facts.ts'
import { snapshotOf } from '../policy/snapshot.ts'
import type { NegotiationAutomation } from './automation.ts'

/** What we offer, and to whom: the dataset that the request names, our offers, what we know of the participant. */
export interface Offered {
  readonly dataset: DatasetRow | null
  readonly offers: OfferIndex
  readonly facts: Facts
}

export interface Judgement {
  /** What the participant is told; null where the request stands. */
  readonly refusal: Problem | null
  /** What we put on record, where it says more than the participant may learn. */
  readonly record: Problem | null
  /** The decision of the policy, for evidence. */
  readonly trace: { readonly [key: string]: Json } | null
  /** The automation of the offer where it has its own, or what a request of the consumer's own making calls for. */
  readonly automation: NegotiationAutomation | null
}

/**
 * @param automation the connector's defaults, which an offer may override
 */
export function judgeRequest(
  offer: MessageOffer,
  offered: Offered | null,
  automation: NegotiationAutomation,
): Judgement {
  const dataset = offered?.dataset ?? null
  const found =
    offered === null || dataset === null
      ? undefined
      : offersOn(dataset, offered.offers).find(({ id }) => id === offer['@id'])
  // What a participant may not see is not there: hidden and unknown get the same answer.
  const unknown = problem('offer.unknown', 'no such offer on this dataset', 'offer.@id')
  if (offered === null || dataset === null || found === undefined) return refused(unknown, null)

  const visibility = visibilityOf(found, offered.facts)
  if (!visibility.visible) {
    const hidden = problem('policy.denied', `hidden from this participant: ${visibility.message}`, visibility.path)
    return refused(unknown, hidden)
  }

  const compiled = compilePolicy(offer, 'offer')
  if (!compiled.ok) return refused(compiled.problem, null)

  const { definition } = found
  const own = { ...automation, ...definition.automation }
  // Rules of the consumer's own making are a counter-offer: a person decides, whatever is automatic otherwise.
  if (!sameRules(offer, definition.rules)) {
    return {
      refusal: null,
      record: null,
      trace: { verdict: 'counter-offer' },
      automation: { ...own, onRequested: 'manual' },
    }
  }

  const facts = factsOfRequest(offered.facts, dataset)
  const decision = decideUse({
    policy: definition.policy,
    regime: offered.offers.regime,
    dataset,
    facts,
    phase: 'negotiation',
  })
  const reason = reasonOf(decision)
  const trace = {
    verdict: decision.verdict,
    policy: definition.digest,
    deferred: decision.deferred,
    facts: snapshotOf(facts),
    reason: reason?.message ?? null,
    path: reason?.path ?? null,
  }
  if (!isPermitted(decision)) {
    const denied = problem('policy.denied', reason?.message ?? 'the offer permits nothing here', reason?.path)
    return { refusal: denied, record: null, trace, automation: null }
  }
  return { refusal: null, record: null, trace, automation: own }
}

function refused(refusal: Problem, record: Problem | null): Judgement {
  return { refusal, record, trace: null, automation: null }
}
