// May this token read this now? Asked once for every request, and again while its stream runs. Counting is part of the answer.

import { problem, type Problem } from '../../kernel/problem.ts'
import type { Instant } from '../../kernel/time.ts'
import { knownPids } from '../exchange/compose.ts'
import { entry } from '../exchange/inbound.ts'
import type { Scene } from '../exchange/scene.ts'
import { acknowledgeMove, TRANSFERS } from '../exchange/steps.ts'
import { isOpen, type Transfer } from '../exchange/transfer.ts'
import type { AccessTokenRow, AgreementRow, DatasetRow, DeliveryRow, OutboxRow, PeerRow, Write } from '../ledger.ts'
import { compilePolicy } from '../policy/compile.ts'
import { isPermitted } from '../policy/decision.ts'
import { evaluatePolicy } from '../policy/evaluate.ts'
import { reasonOf } from '../policy/explain.ts'
import type { Phase } from '../policy/facts.ts'
import { nextChange } from '../policy/next-change.ts'
import { factsUnder } from './facts.ts'

/** The action that a delivery is, in ODRL's words. */
export const DELIVERY_ACTION = 'use'

/** What is read for a stream that runs. */
export interface StreamRows {
  readonly transfer: Transfer | null
  readonly agreement: AgreementRow | null
  readonly peer: PeerRow | null
  /** Whether we still talk to the counter-party at all: a data token would outlive that. */
  readonly isAdmitted: boolean
  /** Uses counted so far. */
  readonly used: number
}

/** What is read for a request to the data endpoint. */
export interface AccessRows extends StreamRows {
  readonly token: AccessTokenRow | null
  /** The open proposal of the transfer: our start, if its ACK has not come. */
  readonly outbox: OutboxRow | null
  readonly tokens: readonly AccessTokenRow[]
  readonly dataset: DatasetRow | null
}

export interface AccessRequest {
  /** The transfer that the path names: our own pid. */
  readonly transferPid: string
  readonly deliveryId: string
  /** A HEAD is answered without a use: no body will be written. */
  readonly counts: boolean
  readonly purpose: string | null
}

export interface Admission {
  readonly transfer: Transfer
  readonly agreement: AgreementRow
  readonly dataset: DatasetRow
  readonly delivery: DeliveryRow
}

export type Admitted =
  { readonly ok: true; readonly value: Admission } | { readonly ok: false; readonly problem: Problem }

/** The decision, and with it in one transaction: the use counted, the delivery opened, the evidence of both. */
export function admitDelivery(
  rows: AccessRows,
  request: AccessRequest,
  scene: Scene,
): { readonly write: readonly Write[]; readonly result: Admitted } {
  const { token, transfer, agreement, dataset } = rows
  const { now, self } = scene
  // A token of another transfer is as unknown as one that was never given out.
  if (token === null || transfer === null || token.transferPid !== request.transferPid) {
    return no(problem('token.unknown', 'this is no token of this transfer'))
  }
  if (token.expiresAt <= now) return no(problem('token.expired', 'this token has expired'))
  if (!isOpen(transfer) || !provesStart(rows)) return no(notStarted(transfer))
  if (agreement === null || dataset === null) return no(problem('resource.unknown', 'the dataset is not here any more'))

  const settled = settleStart(rows, scene)
  const judged = judge({ ...rows, transfer: settled.next }, agreement, request.purpose, 'start', now)
  const { policyDigest } = agreement
  const decision = entry('decision', transfer, self, now, { policyDigest, ext: { ...judged.trace, phase: 'start' } })
  if (judged.problem !== null)
    return { write: [...settled.write, decision], result: { ok: false, problem: judged.problem } }

  const delivery: DeliveryRow = {
    id: request.deliveryId,
    transferPid: transfer.pid,
    agreementId: agreement.id,
    startedAt: now,
    endedAt: null,
    bytes: 0,
    digest: null,
    outcome: 'open',
  }
  const counted: readonly Write[] = [
    { put: 'counter', row: { agreementId: agreement.id, action: DELIVERY_ACTION, used: rows.used + 1 } },
    entry('usage.counted', transfer, self, now, { ext: { action: DELIVERY_ACTION, used: rows.used + 1 } }),
    { put: 'delivery', row: delivery },
    entry('delivery.started', transfer, self, now, {
      policyDigest,
      ext: { delivery: delivery.id, datasetId: dataset.id },
    }),
  ]
  const write = [...settled.write, ...retireOlder(rows, token, now), decision, ...(request.counts ? counted : [])]
  return { write, result: { ok: true, value: { transfer: settled.next, agreement, dataset, delivery } } }
}

export type Continuation =
  /** `checkAt`: when time alone may change the answer; null if it never does. */
  { readonly ok: true; readonly checkAt: Instant | null } | { readonly ok: false; readonly problem: Problem }

/** Whether a stream that was admitted may go on. Its own use is counted already. */
export function mayContinue(rows: StreamRows, purpose: string | null, now: Instant): Continuation {
  const { transfer, agreement } = rows
  if (transfer === null || agreement === null)
    return { ok: false, problem: problem('resource.unknown', 'the transfer is not here any more') }
  if (!isOpen(transfer)) return { ok: false, problem: notStarted(transfer) }
  const judged = judge(rows, agreement, purpose, 'during', now)
  return judged.problem === null ? { ok: true, checkAt: judged.checkAt } : { ok: false, problem: judged.problem }
}

/** A delivery came to its end. A use is given back only if no byte of the body was written. */
export function endDelivery(
  delivery: DeliveryRow,
  transfer: Transfer,
  used: number,
  ended: Pick<DeliveryRow, 'bytes' | 'digest' | 'outcome'> & { readonly reason?: Problem | null },
  { self, now }: Scene,
): readonly Write[] {
  const { bytes, digest, outcome, reason } = ended
  const returned = bytes === 0 && (outcome === 'source-failed' || outcome === 'cut' || outcome === 'peer-gone')
  return [
    { put: 'delivery', row: { ...delivery, endedAt: now, bytes, digest, outcome } },
    entry('delivery.ended', transfer, self, now, {
      ext: {
        delivery: delivery.id,
        bytes,
        digest,
        outcome,
        ...(reason !== undefined && reason !== null && { code: reason.code, path: reason.path ?? null }),
      },
    }),
    ...(returned
      ? [
          {
            put: 'counter',
            row: { agreementId: delivery.agreementId, action: DELIVERY_ACTION, used: Math.max(0, used - 1) },
          } as const,
          entry('usage.returned', transfer, self, now, {
            ext: { action: DELIVERY_ACTION, used: Math.max(0, used - 1) },
          }),
        ]
      : []),
  ]
}

/** In SUSPENDED with a start of ours on its way, only the token that this start carries proves that it arrived. */
function provesStart({ transfer, token, outbox }: AccessRows): boolean {
  if (transfer === null || transfer.state === 'STARTED') return true
  return token !== null && outbox !== null && token.messageId === outbox.messageId
}

/** Whoever uses the token of a start has received the start, though its ACK may have been lost. */
function settleStart({ transfer, agreement }: AccessRows, scene: Scene): { next: Transfer; write: readonly Write[] } {
  if (transfer === null || transfer.state === 'STARTED') return { next: transfer as Transfer, write: [] }
  return acknowledgeMove(TRANSFERS, transfer, 'TransferStartMessage', { peerPid: null, how: 'used' }, agreement, scene)
}

/** The tokens of earlier starts die when a later one is first used, and not before: its message may have been lost. */
function retireOlder({ tokens }: AccessRows, token: AccessTokenRow, now: Instant): readonly Write[] {
  if (token.usedAt !== null) return []
  // Only what stands before it: whoever has kept an earlier token must not be able to end a later one by using it.
  const older = tokens.slice(
    0,
    tokens.findIndex(({ hash }) => hash === token.hash),
  )
  return [
    { put: 'accessToken', row: { ...token, usedAt: now } },
    ...older.map(({ hash }) => ({ remove: 'accessToken', key: [hash] }) as const),
  ]
}

function judge(
  { peer, used, isAdmitted }: StreamRows,
  agreement: AgreementRow,
  purpose: string | null,
  phase: Phase,
  now: Instant,
): {
  readonly problem: Problem | null
  readonly checkAt: Instant | null
  readonly trace: { verdict: string; reason: string | null; path: string | null; used: number }
} {
  const nothing = { verdict: 'deny', reason: null, path: null, used }
  if (!isAdmitted) {
    const sentence = 'this participant is not admitted here any more'
    return { problem: problem('participant.not-admitted', sentence), checkAt: null, trace: nothing }
  }
  if (agreement.endedAt !== null) {
    return { problem: problem('agreement.ended', 'this agreement was ended'), checkAt: null, trace: nothing }
  }
  const policy = compilePolicy(agreement.agreement)
  if (!policy.ok) return { problem: policy.problem, checkAt: null, trace: nothing }

  const facts = factsUnder(agreement, peer, used, purpose, now)
  const decision = evaluatePolicy(policy.value, DELIVERY_ACTION, facts, phase)
  const reason = reasonOf(decision)
  const trace = { verdict: decision.verdict, reason: reason?.message ?? null, path: reason?.path ?? null, used }
  if (!isPermitted(decision)) {
    const sentence = reason?.message ?? 'the agreement permits nothing here'
    return { problem: problem('policy.denied', sentence, reason?.path), checkAt: null, trace }
  }
  return { problem: null, checkAt: nextChange(policy.value, facts), trace }
}

function notStarted(transfer: Transfer): Problem {
  const { providerPid } = knownPids(transfer)
  const on = transfer.unacknowledged === null ? '' : `, and ${transfer.unacknowledged} is on its way`
  return problem('transfer.not-started', `the transfer ${String(providerPid)} is ${transfer.state}${on}`)
}

function no(reason: Problem): { readonly write: readonly Write[]; readonly result: Admitted } {
  return { write: [], result: { ok: false, problem: reason } }
}
