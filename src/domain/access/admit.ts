// May this token read this now? Asked once for every request, and again while its stream runs. Counting is part of the answer.

import { problem, type Problem } from '../../kernel/problem.ts'
import type { Instant } from '../../kernel/time.ts'
import { knownPids } from '../exchange/compose.ts'
import { entry } from '../exchange/inbound.ts'
import type { Scene } from '../exchange/scene.ts'
import { acknowledgeMove, TRANSFERS } from '../exchange/steps.ts'
import { isOpen, type Transfer } from '../exchange/transfer.ts'
import type { AccessTokenRow, AgreementRow, DatasetRow, DeliveryRow, OutboxRow, Write } from '../ledger.ts'
import { bytesToSend, continuedBy, type Sending } from './continue.ts'
import { DELIVERY_ACTION } from './end-delivery.ts'
import type { UseFacts } from './facts.ts'
import { putObligation } from '../obligation/write.ts'
import { judge, type StreamRows } from './judge-use.ts'

export { DELIVERY_ACTION } from './end-delivery.ts'
export type { StreamRows } from './judge-use.ts'

/** What is read for a request to the data endpoint. */
export interface AccessRows extends StreamRows {
  readonly token: AccessTokenRow | null
  /** The open proposal of the transfer: our start, if its ACK has not come. */
  readonly outbox: OutboxRow | null
  readonly tokens: readonly AccessTokenRow[]
  /** Deliveries of the same path that this one may continue, newest first. */
  readonly earlier: readonly DeliveryRow[]
}

export interface AccessRequest {
  /** The transfer that the path names: our own pid. */
  readonly transferPid: string
  readonly deliveryId: string
  /** A HEAD is answered without a use: no body will be written. */
  readonly counts: boolean
  readonly purpose: string | null
  /** The address that it comes from, where that is known. */
  readonly address?: string | null
  /** Whether the data have records that can be counted; absent where nobody knows yet. */
  readonly hasRecords?: boolean
  /** What is to be sent; absent where it is not known before the source has done its work. Such a delivery is never continued. */
  readonly sending?: Sending
}

const UNKNOWN: Sending = { path: '', etag: null, size: null, part: null, isContinuation: false }

export interface Admission {
  readonly transfer: Transfer
  readonly agreement: AgreementRow
  readonly dataset: DatasetRow
  /** Its records are counted where they are not null. */
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
  const { now, self } = scene
  const asked = mayAsk(rows, request, now)
  if (!asked.ok) return { write: [], result: asked }
  const { token, agreement, dataset } = asked

  const { sending = UNKNOWN } = request
  const continued = request.counts ? continuedBy(sending, rows.earlier, now) : null
  const phase = continued === null ? 'start' : 'during'
  const settled = settleStart(rows, scene)
  const transfer = settled.next
  const { purpose, address = null, hasRecords } = request
  const use = { purpose, address, size: bytesToSend(sending), ...(hasRecords !== undefined && { hasRecords }) }
  const judged = judge({ ...rows, transfer }, agreement, use, phase, now)
  const { policyDigest } = agreement
  const decision = entry('decision', transfer, self, now, { policyDigest, ext: { ...judged.trace, phase } })
  if (judged.problem !== null)
    return { write: [...settled.write, decision], result: { ok: false, problem: judged.problem } }

  const { deliveryId, sending: told } = request
  const owed = judged.owed.flatMap((row) => putObligation(row, agreement, self))
  const { countsRecords } = judged
  const about = { deliveryId, told, continued, countsRecords }
  const begun = beginDelivery({ transfer, agreement, dataset, used: rows.used }, about, scene)
  const write = [
    ...settled.write,
    ...retireOlder(rows, token, now),
    decision,
    ...(request.counts ? [...begun.write, ...owed] : []),
  ]
  return { write, result: { ok: true, value: { transfer, agreement, dataset, delivery: begun.delivery } } }
}

/** What a delivery is about. */
interface Subject extends Omit<Admission, 'delivery'> {
  readonly used: number
}

/** A delivery that was admitted: the use taken, or the one that it goes on with, and the evidence of either. */
export function beginDelivery(
  { transfer, agreement, dataset, used }: Subject,
  about: {
    readonly deliveryId: string
    readonly told: Sending | undefined
    /** The delivery whose use it goes on with. */
    readonly continued: DeliveryRow | null
    readonly countsRecords: boolean
  },
  { self, now }: Scene,
): { readonly delivery: DeliveryRow; readonly write: readonly Write[] } {
  const { deliveryId, told, continued, countsRecords } = about
  const sending = told ?? UNKNOWN
  const delivery: DeliveryRow = {
    id: deliveryId,
    transferPid: transfer.pid,
    agreementId: agreement.id,
    startedAt: now,
    endedAt: null,
    bytes: 0,
    digest: null,
    outcome: 'open',
    path: told?.path ?? null,
    etag: sending.etag,
    size: sending.size,
    part: sending.part,
    continues: continued?.id ?? null,
    counted: continued === null,
    spent: continued === null ? (bytesToSend(sending) ?? 0) : 0,
    notedAt: null,
    records: countsRecords ? 0 : null,
  }
  const { part } = sending
  const { policyDigest } = agreement
  const what = { delivery: delivery.id, datasetId: dataset.id, ...(part !== null && { part: { ...part } }) }
  const write: readonly Write[] =
    continued === null
      ? [
          { put: 'counter', row: { agreementId: agreement.id, action: DELIVERY_ACTION, used: used + 1 } },
          entry('usage.counted', transfer, self, now, { ext: { action: DELIVERY_ACTION, used: used + 1 } }),
          { put: 'delivery', row: delivery },
          entry('delivery.started', transfer, self, now, { policyDigest, ext: what }),
        ]
      : [
          { put: 'delivery', row: { ...continued, spent: continued.spent + (bytesToSend(sending) ?? 0) } },
          { put: 'delivery', row: delivery },
          entry('delivery.resumed', transfer, self, now, { policyDigest, ext: { ...what, continues: continued.id } }),
        ]
  return { delivery, write }
}

export type Opening =
  { readonly ok: true; readonly dataset: DatasetRow } | { readonly ok: false; readonly problem: Problem }

/**
 * Whether the source may be opened for this request at all, before anything is known of what it will give: as a new use, or
 * where there are deliveries to continue, as one that has been counted. Writes nothing; `admitDelivery` decides.
 */
export function mayOpen(rows: AccessRows, request: AccessRequest, now: Instant): Opening {
  const asked = mayAsk(rows, request, now)
  if (!asked.ok) return asked
  const { agreement, dataset } = asked
  const use = { purpose: request.purpose, address: request.address ?? null }
  const judged = judge(rows, agreement, use, 'start', now)
  if (judged.problem === null) return { ok: true, dataset }
  const isContinued = request.sending?.isContinuation === true && rows.earlier.length > 0
  const during = isContinued ? judge(rows, agreement, use, 'during', now) : judged
  return during.problem === null ? { ok: true, dataset } : { ok: false, problem: judged.problem }
}

type Asked =
  | {
      readonly ok: true
      readonly token: AccessTokenRow
      readonly agreement: AgreementRow
      readonly dataset: DatasetRow
    }
  | { readonly ok: false; readonly problem: Problem }

/** Whether token and transfer are good, whatever the policy says. */
function mayAsk(rows: AccessRows, { transferPid }: AccessRequest, now: Instant): Asked {
  const { token, transfer, agreement, dataset } = rows
  // A token of another transfer is as unknown as one that was never given out.
  if (token === null || transfer === null || token.transferPid !== transferPid) {
    return { ok: false, problem: problem('token.unknown', 'this is no token of this transfer') }
  }
  if (token.expiresAt <= now) return { ok: false, problem: problem('token.expired', 'this token has expired') }
  if (!isOpen(transfer) || !provesStart(rows)) return { ok: false, problem: notStarted(transfer) }
  if (agreement === null || dataset === null)
    return { ok: false, problem: problem('resource.unknown', 'the dataset is not here any more') }
  return { ok: true, token, agreement, dataset }
}

export type Continuation =
  /**
   * `checkAt`: when time alone may change the answer; null if it never does. `bytesLeft`: how many more bytes may leave before
   * their number may; `recordsLeft` likewise.
   */
  | {
      readonly ok: true
      readonly checkAt: Instant | null
      readonly bytesLeft: number | null
      readonly recordsLeft: number | null
    }
  | { readonly ok: false; readonly problem: Problem }

/** Whether a stream that was admitted may go on. Its own use is counted already. */
export function mayContinue(rows: StreamRows, use: UseFacts, now: Instant): Continuation {
  const { transfer, agreement } = rows
  if (transfer === null || agreement === null)
    return { ok: false, problem: problem('resource.unknown', 'the transfer is not here any more') }
  if (!isOpen(transfer)) return { ok: false, problem: notStarted(transfer) }
  const { problem: refusal, checkAt, bytesLeft, recordsLeft } = judge(rows, agreement, use, 'during', now)
  return refusal === null ? { ok: true, checkAt, bytesLeft, recordsLeft } : { ok: false, problem: refusal }
}

/** In SUSPENDED with a start of ours on its way, only the token that this start carries proves that it arrived. */
export function provesStart({ transfer, token, outbox }: Pick<AccessRows, 'transfer' | 'token' | 'outbox'>): boolean {
  if (transfer === null || transfer.state === 'STARTED') return true
  return token !== null && outbox !== null && token.messageId === outbox.messageId
}

/** Whoever uses the token of a start has received the start, though its ACK may have been lost. */
export function settleStart(
  { transfer, agreement }: Pick<AccessRows, 'transfer' | 'agreement'>,
  scene: Scene,
): { next: Transfer; write: readonly Write[] } {
  if (transfer === null || transfer.state === 'STARTED') return { next: transfer as Transfer, write: [] }
  return acknowledgeMove(TRANSFERS, transfer, 'TransferStartMessage', { peerPid: null, how: 'used' }, agreement, scene)
}

/** The tokens of earlier starts die when a later one is first used, and not before: its message may have been lost. */
export function retireOlder(
  { tokens }: Pick<AccessRows, 'tokens'>,
  token: AccessTokenRow,
  now: Instant,
): readonly Write[] {
  if (token.usedAt !== null) return []
  // Only what stands before it: whoever has kept an earlier token must not be able to end a later one by using it.
  // A renewed token stands where the one before it stood: behind it may be that of a later start.
  const inOrder = tokens.toSorted((a, b) => a.startedAt - b.startedAt)
  const older = inOrder.slice(
    0,
    inOrder.findIndex(({ hash }) => hash === token.hash),
  )
  return [
    { put: 'accessToken', row: { ...token, usedAt: now } },
    ...older.map(({ hash }) => ({ remove: 'accessToken', key: [hash] }) as const),
  ]
}

export function notStarted(transfer: Transfer): Problem {
  const { providerPid } = knownPids(transfer)
  const on = transfer.unacknowledged === null ? '' : `, and ${transfer.unacknowledged} is on its way`
  return problem('transfer.not-started', `the transfer ${String(providerPid)} is ${transfer.state}${on}`)
}
