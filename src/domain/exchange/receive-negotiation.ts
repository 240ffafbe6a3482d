// What becomes of a message of a contract negotiation: the whole decision, from the rows to the writes and the answer.

import type { Problem } from '../../kernel/problem.ts'
import { problem } from '../../kernel/problem.ts'
import type {
  ContractAgreementMessage,
  ContractOfferMessage,
  ContractRequestMessage,
  NegotiationMessage,
} from '../../protocol/dsp/messages.ts'
import { rulesDigest } from '../../protocol/odrl/same-rules.ts'
import type { MessageOffer } from '../../protocol/odrl/types.ts'
import type { AgreementRow, InboxRow, Write } from '../ledger.ts'
import { compilePolicy } from '../policy/compile.ts'
import { acceptAgreement, draftAgreement, negotiationEntered } from './agreement.ts'
import type { NegotiationAutomation } from './automation.ts'
import { knownPids } from './compose.ts'
import {
  bindPids,
  delayed,
  entry,
  malformed,
  remember,
  repeated,
  REPLAYED,
  traceOf,
  UNKNOWN_PROCESS,
  usedToken,
  wordsOf,
  type Decided,
  type Inbound,
} from './inbound.ts'
import { receive } from './machine.ts'
import { NEGOTIATION, negotiationMoveOf, type Negotiation, type NegotiationMove } from './negotiation.ts'
import { judgeRequest, type Offered } from './judge-request.ts'
import { negotiationReaction } from './reaction.ts'
import type { Scene } from './scene.ts'
import { NEGOTIATIONS, proposeMove } from './steps.ts'

/** What is read for a message to a negotiation that exists. */
export interface NegotiationRows {
  readonly replayed: boolean
  readonly negotiation: Negotiation | null
  readonly answered: InboxRow | null
  readonly last: InboxRow | null
  /** The agreement of this negotiation, if it has one. */
  readonly agreement: AgreementRow | null
  /** Whatever agreement already has the id of the one in the message. */
  readonly taken: AgreementRow | null
}

/** What is read for a message that opens one. */
export interface OpeningRows {
  readonly replayed: boolean
  readonly existing: Negotiation | null
  /** Whether the existing one was accepted when it was opened; a refusal is remembered too. */
  readonly accepted: boolean
  readonly openProcesses: number
  /** Null where the offer is the provider's own (ContractOfferMessage). */
  readonly offered: Offered | null
}

/** A message to a negotiation that exists: moved, refused, repeated, or not theirs. */
export function receiveNegotiation(inbound: Inbound<NegotiationMessage>, rows: NegotiationRows, scene: Scene): Decided {
  if (rows.replayed) return REPLAYED
  const found = rows.negotiation
  if (found === null || found.counterparty !== inbound.sender) return UNKNOWN_PROCESS

  const repeat = repeated(inbound, found, rows.answered, rows.last)
  if (repeat !== null) return repeat

  const bound = bindPids(found, inbound.message)
  if (!bound.ok) return refuse(inbound, found, bound.problem, scene)
  const negotiation = bound.process

  const move = negotiationMoveOf(inbound.message)
  const step = receive(NEGOTIATION, negotiation, move)
  if (!step.ok) return refuse(inbound, negotiation, step.problem, scene)

  const content = readContent(inbound.message, negotiation, rows.taken, scene)
  if (!content.ok) return refuse(inbound, negotiation, content.problem, scene)

  const { now, self } = scene
  const next: Negotiation = {
    ...negotiation,
    ...content.changes,
    state: step.state,
    unacknowledged: step.unacknowledged,
    ending: false,
    updatedAt: now,
    peerMovedAt: now,
  }
  const write: Write[] = [
    ...usedToken(inbound),
    { put: 'negotiation', row: next },
    ...(content.agreement === null ? [] : [{ put: 'agreement', row: content.agreement } as const]),
    ...(negotiation.unacknowledged !== null && step.unacknowledged === null
      ? [{ remove: 'outbox', key: [next.pid] } as const]
      : []),
    remember(inbound, next, null, now),
    ...(step.settled === null
      ? []
      : [entry('message.acknowledged', next, self, now, { ext: { move: step.settled, how: 'replied' } })]),
    entry('message.received', next, inbound.sender, now, {
      msgDigest: inbound.bodyDigest,
      ext: { move, from: negotiation.state, state: next.state },
    }),
    ...negotiationEntered(negotiation, next, content.agreement ?? rows.agreement, scene),
    ...react(next, move, scene),
  ]
  return { write, result: { ok: true, created: false, pids: knownPids(next), state: next.state, pid: next.pid } }
}

/** A ContractRequestMessage or ContractOfferMessage that opens a negotiation. Keyed by the counter-party and its pid. */
export function openNegotiation(
  inbound: Inbound<ContractRequestMessage | ContractOfferMessage>,
  rows: OpeningRows,
  automation: NegotiationAutomation,
  processesMax: number,
  scene: Scene,
): Decided {
  if (rows.replayed) return REPLAYED
  const { existing } = rows
  if (existing !== null) return repeatedOpening(inbound, existing, rows.accepted)
  if (rows.openProcesses >= processesMax) {
    const sentence = `${String(processesMax)} processes with this participant are open; finish or end some first`
    return malformed(inbound, problem('busy.limit', sentence))
  }

  const { message, sender } = inbound
  const { now, fresh } = scene
  const move = negotiationMoveOf(message)
  const asConsumer = message['@type'] === 'ContractOfferMessage'
  const judged = asConsumer ? judgeOffer(message.offer) : judgeRequest(message.offer, rows.offered, automation)

  const opened: Negotiation = {
    pid: fresh.pid,
    role: asConsumer ? 'CONSUMER' : 'PROVIDER',
    peerPid: asConsumer ? message.providerPid : message.consumerPid,
    counterparty: sender,
    peerAddress: (message.callbackAddress ?? '').replace(/\/+$/, ''),
    // A request that we refuse is remembered as a negotiation that ended at once: it has pids to answer with, and a
    // repeat of it gets the same answer (decision 012).
    state: judged.refusal !== null ? 'TERMINATED' : asConsumer ? 'OFFERED' : 'REQUESTED',
    unacknowledged: null,
    ending: false,
    offer: message.offer,
    offeredBy: asConsumer ? 'PROVIDER' : 'CONSUMER',
    agreementId: null,
    automation: judged.automation ?? automation,
    problem: judged.refusal,
    openingDigest: inbound.openingDigest,
    createdAt: now,
    updatedAt: now,
    peerMovedAt: now,
  }
  const proof = { msgDigest: inbound.bodyDigest, policyDigest: rulesDigest(message.offer) }
  const about = { offerId: message.offer['@id'], datasetId: message.offer.target }
  const kept: Write[] = [
    ...usedToken(inbound),
    { put: 'negotiation', row: opened },
    remember(inbound, opened, judged.refusal, now),
  ]
  const decision =
    judged.trace === null
      ? []
      : [entry('decision', opened, scene.self, now, { policyDigest: proof.policyDigest, ext: judged.trace })]

  if (judged.refusal !== null) {
    const { code, message: sentence, path } = judged.record ?? judged.refusal
    const refused = entry('message.refused', opened, sender, now, {
      ...proof,
      ext: { move, ...about, code, message: sentence, path: path ?? null },
    })
    return {
      write: [...kept, ...decision, refused],
      result: { ok: false, problem: judged.refusal, pids: knownPids(opened) },
    }
  }
  const received = entry('message.received', opened, sender, now, {
    ...proof,
    ext: { move, state: opened.state, ...about },
  })
  return {
    write: [...kept, received, ...decision, ...react(opened, move, scene)],
    result: { ok: true, created: true, pids: knownPids(opened), state: opened.state, pid: opened.pid },
  }
}

/** The same opening again gets the first answer; the same pid with another body is a mistake of the sender's. */
function repeatedOpening(inbound: Inbound<unknown>, existing: Negotiation, accepted: boolean): Decided {
  const pids = knownPids(existing)
  if (existing.openingDigest !== inbound.openingDigest) {
    return malformed(
      inbound,
      problem('message.repeat-differs', 'this pid opened a negotiation before, with another message'),
      pids,
    )
  }
  const refused = accepted ? null : existing.problem
  const state = existing.role === 'PROVIDER' ? 'REQUESTED' : 'OFFERED'
  return {
    write: usedToken(inbound),
    result:
      refused === null
        ? { ok: true, created: true, pids, state, pid: existing.pid }
        : { ok: false, problem: refused, pids },
  }
}

/** An offer that a provider sends: one that we do not understand is kept for a person and never accepted automatically. */
function judgeOffer(offer: MessageOffer): ReturnType<typeof judgeRequest> {
  const compiled = compilePolicy(offer)
  const record = compiled.ok ? null : compiled.problem
  return {
    refusal: null,
    record,
    trace: record === null ? null : { verdict: 'not-understood', ...traceOf(record) },
    automation: null,
  }
}

type Content =
  | { readonly ok: true; readonly changes: Partial<Negotiation>; readonly agreement: AgreementRow | null }
  | { readonly ok: false; readonly problem: Problem }

/** What the message says beside its move, checked against what was said before. */
function readContent(
  message: NegotiationMessage,
  negotiation: Negotiation,
  taken: AgreementRow | null,
  scene: Scene,
): Content {
  switch (message['@type']) {
    case 'ContractRequestMessage':
    case 'ContractOfferMessage':
      return readCounter(message, negotiation)
    case 'ContractAgreementMessage':
      return readAgreementMessage(message, negotiation, taken, scene)
    case 'ContractNegotiationTerminationMessage':
      return { ok: true, changes: { problem: problem('process.ended', wordsOf(message)) }, agreement: null }
    default:
      return { ok: true, changes: {}, agreement: null }
  }
}

function readCounter(
  { offer, '@type': type }: ContractRequestMessage | ContractOfferMessage,
  negotiation: Negotiation,
): Content {
  if (offer.target !== negotiation.offer.target) {
    return {
      ok: false,
      problem: problem('offer.differs', `expected an offer on ${negotiation.offer.target}`, 'offer.target'),
    }
  }
  const compiled = compilePolicy(offer, 'offer')
  // As a provider we refuse what we do not understand; as a consumer we keep it for a person.
  if (!compiled.ok && type === 'ContractRequestMessage') return { ok: false, problem: compiled.problem }
  const manual = { ...negotiation.automation, onOffered: 'manual' as const }
  return {
    ok: true,
    changes: {
      offer,
      offeredBy: type === 'ContractOfferMessage' ? 'PROVIDER' : 'CONSUMER',
      ...(!compiled.ok && { problem: compiled.problem, automation: manual }),
    },
    agreement: null,
  }
}

function readAgreementMessage(
  { agreement }: ContractAgreementMessage,
  negotiation: Negotiation,
  taken: AgreementRow | null,
  scene: Scene,
): Content {
  const accepted = acceptAgreement(negotiation, agreement, taken, scene)
  if (!accepted.ok) return accepted
  return { ok: true, changes: { agreementId: accepted.value.id }, agreement: accepted.value }
}

/** The step that follows of our own accord, with all that it writes. */
function react(negotiation: Negotiation, received: NegotiationMove, scene: Scene): readonly Write[] {
  const reaction = negotiationReaction(negotiation, received)
  if (reaction === null || negotiation.unacknowledged !== null) return []
  return reactionWrites(negotiation, reaction, scene)
}

// prettier-ignore
const MOVES = {
  offer:    'ContractOfferMessage',
  agree:    'ContractAgreementMessage',
  finalize: 'ContractNegotiationEventMessage:FINALIZED',
  accept:   'ContractNegotiationEventMessage:ACCEPTED',
  verify:   'ContractAgreementVerificationMessage',
} as const

function reactionWrites(negotiation: Negotiation, reaction: keyof typeof MOVES, scene: Scene): readonly Write[] {
  const agreed = reaction === 'agree' ? draftAgreement(negotiation, scene) : null
  const about = agreed === null ? {} : { agreement: agreed.agreement, changes: { agreementId: agreed.id } }
  const proposed = proposeMove(NEGOTIATIONS, negotiation, MOVES[reaction], scene, about)
  if (!proposed.ok) return []
  const write = delayed(proposed.value.write, scene)
  return agreed === null ? write : [...write, { put: 'agreement', row: agreed }]
}

function refuse(
  inbound: Inbound<NegotiationMessage>,
  negotiation: Negotiation,
  reason: Problem,
  scene: Scene,
): Decided {
  const { now } = scene
  return {
    write: [
      ...usedToken(inbound),
      remember(inbound, negotiation, reason, now),
      entry('message.refused', negotiation, inbound.sender, now, {
        msgDigest: inbound.bodyDigest,
        ext: { move: negotiationMoveOf(inbound.message), state: negotiation.state, ...traceOf(reason) },
      }),
    ],
    result: { ok: false, problem: reason, pids: knownPids(negotiation) },
  }
}
