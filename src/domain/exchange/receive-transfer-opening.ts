// What becomes of a TransferRequestMessage: is there such an agreement, may it be used now, and how does the transfer begin.

import type { Json } from '../../kernel/canonical-json.ts'
import { problem, type Problem } from '../../kernel/problem.ts'
import { isPull, isPush } from '../../protocol/dsp/formats.ts'
import type { TransferRequestMessage } from '../../protocol/dsp/messages.ts'
import { readPushAddress } from '../../protocol/dsp/push-address.ts'
import { factsUnder, type FactRows } from '../access/facts.ts'
import type { AgreementRow, Write } from '../ledger.ts'
import { compilePolicy } from '../policy/compile.ts'
import { isPermitted } from '../policy/decision.ts'
import { decideUse } from '../policy/decide.ts'
import { snapshotOf } from '../policy/snapshot.ts'
import { reasonOf } from '../policy/explain.ts'
import type { TransferAutomation } from './automation.ts'
import { knownPids } from './compose.ts'
import {
  delayed,
  entry,
  malformed,
  remember,
  REPLAYED,
  traceOf,
  usedToken,
  type Decided,
  type Inbound,
} from './inbound.ts'
import type { Negotiation } from './negotiation.ts'
import { transferReaction } from './reaction.ts'
import type { Scene } from './scene.ts'
import { startTransfer } from './start-transfer.ts'
import { acknowledgeMove, NEGOTIATIONS } from './steps.ts'
import type { Transfer } from './transfer.ts'

/** What is read for a TransferRequestMessage. */
export interface TransferOpeningRows extends FactRows {
  readonly replayed: boolean
  readonly existing: Transfer | null
  /** Whether the existing one was accepted when it was opened; a refusal is remembered too. */
  readonly accepted: boolean
  readonly openProcesses: number
  readonly agreement: AgreementRow | null
  /** The negotiation that the agreement came from. */
  readonly negotiation: Negotiation | null
  /** Why the address to which the data is to be pushed may not be called; null where it may, and where there is none. */
  readonly forbidden: Problem | null
}

/** A TransferRequestMessage. Idempotent on the counter-party and its consumerPid, as DSP 2025-1 asks. */
export function openTransfer(
  inbound: Inbound<TransferRequestMessage>,
  rows: TransferOpeningRows,
  automation: TransferAutomation,
  processesMax: number,
  scene: Scene,
): Decided {
  if (rows.replayed) return REPLAYED
  if (rows.existing !== null) return repeatedOpening(inbound, rows.existing, rows.accepted)
  if (rows.openProcesses >= processesMax) {
    const sentence = `${String(processesMax)} processes with this participant are open; finish or end some first`
    return malformed(inbound, problem('busy.limit', sentence))
  }

  const { message, sender } = inbound
  const { now, self, fresh } = scene
  // Someone else's agreement is as unknown as one that does not exist.
  const agreement = isTheirs(rows.agreement, sender) ? rows.agreement : null

  // Whoever names the agreement in a request has received FINALIZED, though its ACK may have been lost.
  const final =
    agreement === null || rows.negotiation === null ? null : settleFinalized(rows.negotiation, agreement, scene)
  const inForce = final === null ? agreement : { ...final.agreement }
  const judged = judge(message, inForce, rows, scene)

  const opened: Transfer = {
    pid: fresh.pid,
    role: 'PROVIDER',
    peerPid: message.consumerPid,
    counterparty: sender,
    peerAddress: message.callbackAddress.replace(/\/+$/, ''),
    // A request that we refuse is remembered as a transfer that ended at once (decision 012).
    state: judged.refusal === null ? 'REQUESTED' : 'TERMINATED',
    unacknowledged: null,
    ending: false,
    agreementId: message.agreementId,
    datasetId: agreement?.datasetId ?? ('' as Transfer['datasetId']),
    format: message.format,
    dataAddress: judged.refusal === null ? (message.dataAddress ?? null) : null,
    addressAt: null,
    resumed: false,
    overtaken: null,
    automation: { ...automation, ...rows.negotiation?.automation.transfer },
    problem: judged.refusal,
    openingDigest: inbound.openingDigest,
    createdAt: now,
    updatedAt: now,
    peerMovedAt: now,
  }
  // An agreement that is not theirs gets no entry in its chain.
  const recorded = agreement === null ? { ...opened, agreementId: '' as Transfer['agreementId'] } : opened
  const proof = { msgDigest: inbound.bodyDigest }
  const about = { move: 'TransferRequestMessage', agreementId: message.agreementId, format: message.format }
  const kept: Write[] = [
    ...usedToken(inbound),
    ...(final?.write ?? []),
    { put: 'transfer', row: opened },
    ...(judged.refusal === null ? owed(opened) : []),
    remember(inbound, opened, judged.refusal, now),
    ...(judged.trace === null
      ? []
      : [entry('decision', recorded, self, now, { policyDigest: agreement?.policyDigest ?? '', ext: judged.trace })]),
  ]
  if (judged.refusal !== null) {
    const refused = entry('message.refused', recorded, sender, now, {
      ...proof,
      ext: { ...about, ...traceOf(judged.refusal) },
    })
    return { write: [...kept, refused], result: { ok: false, problem: judged.refusal, pids: knownPids(opened) } }
  }

  const received = entry('message.received', recorded, sender, now, {
    ...proof,
    ext: { ...about, state: opened.state },
  })
  const reaction = transferReaction(opened, 'TransferRequestMessage')
  const started = reaction === null ? null : startTransfer(opened, scene)
  const startWrites = started?.ok === true ? delayed(started.value.write, scene) : []
  return {
    write: [...kept, received, ...startWrites],
    result: { ok: true, created: true, pids: knownPids(opened), state: opened.state, pid: opened.pid },
  }
}

interface Judged {
  readonly refusal: Problem | null
  /** The decision of the policy, for evidence; null where it was not asked. */
  readonly trace: { readonly [key: string]: Json } | null
}

/** Who reads from where shows when data are read, and what of. */
const OF_DELIVERIES = ['virtualLocation']

function judge(
  message: TransferRequestMessage,
  agreement: AgreementRow | null,
  rows: TransferOpeningRows,
  scene: Scene,
): Judged {
  if (agreement === null) {
    return refusal(problem('agreement.unknown', 'no such agreement between us with you as its assignee', 'agreementId'))
  }
  if (agreement.finalizedAt === null) {
    return refusal(problem('agreement.not-final', 'this agreement is not FINALIZED', 'agreementId'))
  }
  if (agreement.endedAt !== null) return refusal(problem('agreement.ended', 'this agreement was ended', 'agreementId'))
  const formats = rows.dataset?.formats ?? []
  if (!formats.includes(message.format)) {
    const known = formats.length === 0 ? 'none' : formats.join(', ')
    return refusal(problem('format.unsupported', `this dataset has distributions in ${known}`, 'format'))
  }
  const misplaced = addressProblem(message, rows.forbidden)
  if (misplaced !== null) return refusal(misplaced)

  const policy = compilePolicy(agreement.agreement)
  if (!policy.ok) return refusal(policy.problem)
  const { regime, dataset } = rows
  const known = factsUnder(agreement, rows, { purpose: null, format: message.format }, scene.now)
  const facts = { ...known, ahead: OF_DELIVERIES }
  const decision = decideUse({ policy: policy.value, regime, dataset, facts, phase: 'start' })
  const reason = reasonOf(decision)
  const trace = {
    verdict: decision.verdict,
    phase: 'start',
    reason: reason?.message ?? null,
    path: reason?.path ?? null,
    facts: snapshotOf(facts),
  }
  if (isPermitted(decision)) return { refusal: null, trace }
  return {
    refusal: problem('policy.denied', reason?.message ?? 'the agreement permits nothing here', reason?.path),
    trace,
  }
}

/** DSP 2025-1: a dataAddress MUST only be given for a push, which cannot do without. */
function addressProblem({ dataAddress, format }: TransferRequestMessage, forbidden: Problem | null): Problem | null {
  if (isPull(format) && dataAddress !== undefined)
    return problem('message.schema', 'a pull takes no dataAddress: the provider says where the data is', 'dataAddress')
  if (!isPush(format)) return null
  if (dataAddress === undefined)
    return problem('message.schema', 'a push needs a dataAddress: where the data shall go', 'dataAddress')
  const read = readPushAddress(dataAddress)
  return read.ok ? forbidden : read.problem
}

/** What the consumer of a push will be sent, from when the transfer is open. */
function owed({ pid, counterparty, format, createdAt }: Transfer): readonly Write[] {
  if (!isPush(format)) return []
  const row = { pid, counterparty, attempts: 0, dueAt: createdAt, deadlineAt: null, deliveryId: null }
  return [{ put: 'push', row: { ...row, lastDeliveryId: null, lastError: null, lastStatus: null, doneAt: null } }]
}

function refusal(reason: Problem): Judged {
  return { refusal: reason, trace: null }
}

function isTheirs(agreement: AgreementRow | null, sender: string): boolean {
  return agreement !== null && agreement.role === 'PROVIDER' && agreement.counterparty === sender
}

/** FINALIZED settled by the use of the agreement; null where nothing was open. */
function settleFinalized(
  negotiation: Negotiation,
  agreement: AgreementRow,
  scene: Scene,
): { readonly agreement: AgreementRow; readonly write: readonly Write[] } | null {
  const move = 'ContractNegotiationEventMessage:FINALIZED'
  if (negotiation.unacknowledged !== move) return null
  const { write } = acknowledgeMove(NEGOTIATIONS, negotiation, move, { peerPid: null, how: 'used' }, agreement, scene)
  return { agreement: { ...agreement, finalizedAt: scene.now }, write }
}

function repeatedOpening(inbound: Inbound<unknown>, existing: Transfer, accepted: boolean): Decided {
  const pids = knownPids(existing)
  if (existing.openingDigest !== inbound.openingDigest) {
    return malformed(
      inbound,
      problem('message.repeat-differs', 'this consumerPid opened a transfer before, with another message'),
      pids,
    )
  }
  const refused = accepted ? null : existing.problem
  return {
    write: usedToken(inbound),
    result:
      refused === null
        ? { ok: true, created: true, pids, state: 'REQUESTED', pid: existing.pid }
        : { ok: false, problem: refused, pids },
  }
}
