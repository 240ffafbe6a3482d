// What an Agreement says: drafted by the provider from the offer, checked by the consumer against it, in force from FINALIZED.

import { bad, problem, type Problem, type Result } from '../../kernel/problem.ts'
import { toIsoSeconds } from '../../kernel/time.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import { rulesOf } from '../../protocol/odrl/rules-of.ts'
import { rulesDigest, sameRules } from '../../protocol/odrl/same-rules.ts'
import type { Agreement } from '../../protocol/odrl/types.ts'
import type { AgreementRow, Write } from '../ledger.ts'
import { digestOfTerms, termsOf, type InForce } from './agreement-terms.ts'
import { entry } from './inbound.ts'
import { follow } from './machine.ts'
import { NEGOTIATION, type Negotiation, type NegotiationMove } from './negotiation.ts'
import type { Scene } from './scene.ts'

/**
 * The agreement that we, the provider, propose: on record from this moment, usable from FINALIZED on.
 *
 * @param inForce where to look for what our offer says beside its rules
 */
export function draftAgreement(negotiation: Negotiation, inForce: InForce | null, scene: Scene): AgreementRow {
  const { offer, counterparty } = negotiation
  // The rules of the offer verbatim: EDC compares them with the consumer's last offer.
  const agreement: Agreement = {
    '@id': scene.fresh.agreementId,
    '@type': 'Agreement',
    target: offer.target,
    assigner: scene.self,
    assignee: counterparty,
    timestamp: toIsoSeconds(scene.now),
    ...rulesOf(offer),
  }
  return { ...agreementRow(negotiation, agreement, scene), terms: termsOf(negotiation, inForce) }
}

/**
 * The agreement that a provider sent us, if it is the one that the offer leads to: same dataset, the parties that are
 * really talking, the same rules, an id of its own. DSP 2025-1: one that cannot be validated MUST be answered with an error.
 */
export function acceptAgreement(
  negotiation: Negotiation,
  agreement: Agreement,
  taken: AgreementRow | null,
  scene: Scene,
): Result<AgreementRow> {
  const { offer, counterparty } = negotiation
  const wrong =
    differs('target', offer.target, agreement.target) ??
    differs('assigner', counterparty, agreement.assigner) ??
    differs('assignee', scene.self, agreement.assignee)
  if (wrong !== null) return { ok: false, problem: wrong }
  if (!sameRules(agreement, offer)) {
    return bad('agreement.differs', 'expected the rules of the last offer, and other rules came', 'agreement')
  }
  if (taken !== null) return bad('agreement.differs', 'this id is that of another agreement', 'agreement.@id')
  return { ok: true, value: agreementRow(negotiation, agreement, scene) }
}

/** What entering a state means for the agreement: AGREED puts it on record, FINALIZED brings it into force. */
export function negotiationEntered(
  before: Negotiation,
  after: Negotiation,
  agreement: AgreementRow | null,
  { self, now }: Pick<Scene, 'self' | 'now'>,
): readonly Write[] {
  if (before.state === after.state || agreement === null) return []
  const { policyDigest, datasetId, terms } = agreement
  const { assigner, assignee } = agreement.agreement
  const termsDigest = terms === null ? {} : { termsDigest: digestOfTerms(terms) }
  const proof = { policyDigest, ext: { datasetId, assigner, assignee, ...termsDigest } }

  if (after.state === 'AGREED') return [entry('agreement.agreed', after, self, now, proof)]
  if (after.state !== 'FINALIZED') return []
  const row = { ...agreement, finalizedAt: now }
  return [{ put: 'agreement', row }, entry('agreement.finalized', after, self, now, proof)]
}

/**
 * What a message of the counter-party means for the agreement. A reply that settles our own move (rule 3) passes through
 * the state that this move led to: that one was entered too.
 *
 * @param settled our move whose arrival the message proves; null where it proves none
 */
export function negotiationMoved(
  before: Negotiation,
  settled: NegotiationMove | null,
  after: Negotiation,
  agreement: AgreementRow | null,
  scene: Pick<Scene, 'self' | 'now'>,
): readonly Write[] {
  const led = settled === null ? null : follow(NEGOTIATION, before.state, before.role, settled)
  const between = led === null ? before : { ...after, state: led }
  return [
    ...negotiationEntered(before, between, agreement, scene),
    ...negotiationEntered(between, after, agreement, scene),
  ]
}

function agreementRow(negotiation: Negotiation, agreement: Agreement, { now }: Scene): AgreementRow {
  return {
    id: agreement['@id'],
    role: negotiation.role,
    negotiationPid: negotiation.pid,
    counterparty: negotiation.counterparty,
    datasetId: agreement.target,
    agreement,
    policyDigest: rulesDigest(agreement),
    agreedAt: now,
    finalizedAt: null,
    endedAt: null,
    endReason: null,
    terms: null,
  }
}

function differs(member: string, expected: ParticipantId | string, came: string): Problem | null {
  if (expected === came) return null
  return problem('agreement.differs', `expected ${expected}, and ${came.slice(0, 200)} came`, `agreement.${member}`)
}
