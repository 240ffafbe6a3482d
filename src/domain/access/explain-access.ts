// Why a participant can or cannot see and use a dataset: for each offer and each agreement the clause and the fact that decide.
// Asks exactly what the catalogue, a request and a delivery ask, and changes nothing.

import type { ProblemCode } from '../../kernel/problem.ts'
import type { Instant } from '../../kernel/time.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import { factsOfRequest, factsOn, visibilityOf, type DatasetOffer } from '../catalog/offers.ts'
import type { AgreementRow, DatasetRow, PeerRow } from '../ledger.ts'
import { compilePolicy } from '../policy/compile.ts'
import { isPermitted } from '../policy/decision.ts'
import { decideUse, type UseQuestion } from '../policy/decide.ts'
import { reasonOf } from '../policy/explain.ts'
import type { Facts, Phase } from '../policy/facts.ts'
import type { Regime } from '../policy/regime.ts'
import { factsUnder, type FactRows } from './facts.ts'

/** The phases that can be asked about; what comes `after` delivery is owed and stops nobody. */
export const EXPLAINED = ['catalogue', 'negotiation', 'start', 'during'] as const satisfies readonly Phase[]
export type ExplainedPhase = (typeof EXPLAINED)[number]

export interface AgreementAsked extends Omit<FactRows, 'peer' | 'dataset' | 'regime'> {
  readonly row: AgreementRow
  readonly openTransfers: number
}

export interface AccessQuestion {
  readonly participant: ParticipantId
  readonly peer: PeerRow | null
  readonly isAdmitted: boolean
  /** Null: not published. */
  readonly dataset: DatasetRow | null
  /** All that stand on the dataset, or the one that is asked about. */
  readonly offers: readonly DatasetOffer[]
  readonly agreements: readonly AgreementAsked[]
  readonly regime: Regime
  /** Null: everything that leads to data. */
  readonly phase: ExplainedPhase | null
  readonly now: Instant
}

/** `path` is the clause in the policy; `deferred` are the clauses that a later phase decides. */
export interface Finding {
  readonly allowed: boolean
  readonly code: ProblemCode | null
  readonly path: string | null
  readonly message: string
  readonly deferred: readonly string[]
}

export interface OfferExplained {
  readonly offerId: string
  readonly file: string
  /** Null where that phase is not asked about. */
  readonly catalogue: Finding | null
  readonly negotiation: Finding | null
}

export interface AgreementExplained {
  readonly agreementId: string
  readonly used: number
  readonly openTransfers: number
  readonly use: Finding
}

export interface AccessExplained {
  /** The short answers: whether it sees the dataset, and whether it can have data now. */
  readonly see: Finding
  readonly use: Finding
  readonly offers: readonly OfferExplained[]
  /** Newest first. */
  readonly agreements: readonly AgreementExplained[]
}

export function explainAccess(question: AccessQuestion): AccessExplained {
  const { participant, peer, now, phase } = question
  const { regime, dataset } = question
  const facts = factsOn(participant, peer, regime, now)
  const ofRequest = dataset === null ? facts : factsOfRequest(facts, dataset)
  const asks = (asked: Phase): boolean => phase === null || phase === asked
  const offers = question.offers.map((offer) => ({
    offerId: offer.id,
    file: offer.definition.file,
    catalogue: seenInCatalogue(offer, facts),
    negotiation: judged({
      ...{ policy: offer.definition.policy, regime, dataset, facts: ofRequest, phase: 'negotiation' },
    }),
  }))
  const agreements = question.agreements.map((asked) => ({
    agreementId: asked.row.id,
    used: asked.used,
    openTransfers: asked.openTransfers,
    use: useUnder(asked, question),
  }))
  const see = seeing(question, offers)
  return {
    see,
    use: using(see, offers, agreements),
    offers: offers.map((offer) => ({
      ...offer,
      catalogue: asks('catalogue') ? offer.catalogue : null,
      negotiation: asks('negotiation') ? offer.negotiation : null,
    })),
    agreements: phase === 'catalogue' || phase === 'negotiation' ? [] : agreements,
  }
}

interface OfferAsked extends OfferExplained {
  readonly catalogue: Finding
  readonly negotiation: Finding
}

function seeing({ isAdmitted, dataset }: AccessQuestion, offers: readonly OfferAsked[]): Finding {
  if (!isAdmitted) return notAdmitted()
  if (dataset === null) return no('resource.unknown', null, 'no such dataset is published here')
  const [first] = offers
  if (first === undefined) {
    const sentence = 'no offer matches: none of the policy files selects this dataset by its id or a property'
    return no('offer.unknown', null, sentence)
  }
  const visible = offers.find(({ catalogue }) => catalogue.allowed)
  return visible === undefined
    ? { ...first.catalogue, message: `${first.offerId}: ${first.catalogue.message}` }
    : yes(`it sees ${visible.offerId}`)
}

function using(see: Finding, offers: readonly OfferAsked[], agreements: readonly AgreementExplained[]): Finding {
  const usable = agreements.find(({ use }) => use.allowed)
  if (usable !== undefined) return yes(`data may leave under ${usable.agreementId}`, usable.use.deferred)
  // Of those that do not let data leave, one in force says more than one that has ended.
  const blocking = agreements.find(({ use }) => use.code !== 'agreement.ended') ?? agreements[0]
  if (blocking !== undefined) return { ...blocking.use, message: `${blocking.agreementId}: ${blocking.use.message}` }
  if (!see.allowed) return see
  const visible = offers.filter(({ catalogue }) => catalogue.allowed)
  const open = visible.find(({ negotiation }) => negotiation.allowed)
  if (open !== undefined)
    return no('agreement.unknown', null, `nothing is agreed yet; ${open.offerId} may be requested`)
  const [refused] = visible
  return refused === undefined
    ? see
    : { ...refused.negotiation, message: `${refused.offerId}: ${refused.negotiation.message}` }
}

function seenInCatalogue(offer: DatasetOffer, facts: Facts): Finding {
  const visibility = visibilityOf(offer, facts)
  if (!visibility.visible) return no('policy.denied', visibility.path, visibility.message)
  return yes(offer.definition.access.length === 0 ? 'shown to everyone who is admitted' : 'the access rules hold')
}

function useUnder({ row, ...rows }: AgreementAsked, question: AccessQuestion): Finding {
  const { isAdmitted, peer, phase, now, regime, dataset } = question
  if (row.endedAt !== null)
    return no('agreement.ended', null, `it was ended: ${row.endReason ?? 'no reason was given'}`)
  if (row.finalizedAt === null) return no('agreement.not-final', null, 'it is not finalized yet')
  if (!isAdmitted) return notAdmitted()
  const policy = compilePolicy(row.agreement)
  if (!policy.ok) return no(policy.problem.code, policy.problem.path ?? null, policy.problem.message)
  const facts = factsUnder(row, { ...rows, peer, regime, dataset }, { purpose: null }, now)
  return judged({ policy: policy.value, regime, dataset, facts, phase: phase === 'during' ? 'during' : 'start' })
}

function judged(question: UseQuestion): Finding {
  const decision = decideUse(question)
  const { action, deferred } = decision
  if (isPermitted(decision)) return yes(`${action} is permitted`, deferred)
  const reason = reasonOf(decision)
  return no('policy.denied', reason?.path ?? null, reason?.message ?? `${action} is not permitted`, deferred)
}

function notAdmitted(): Finding {
  const sentence = 'it is not admitted here: not in the register of peers, nor by a trust list or static token'
  return no('participant.not-admitted', null, sentence)
}

function yes(message: string, deferred: readonly string[] = []): Finding {
  return { allowed: true, code: null, path: null, message, deferred }
}

function no(code: ProblemCode, path: string | null, message: string, deferred: readonly string[] = []): Finding {
  return { allowed: false, code, path, message, deferred }
}
