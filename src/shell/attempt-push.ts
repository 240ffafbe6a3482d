// One attempt to send the data of a push: looks at the source, admits it in one transaction, sends, and puts its end on record.

import { admitPush, mayPush, useOfPush } from '../domain/access/admit-push.ts'
import type { Admission } from '../domain/access/admit.ts'
import { endDelivery, type Ended } from '../domain/access/end-delivery.ts'
import { isTerminal } from '../domain/exchange/machine.ts'
import { afterFailure, settlePush, type AttemptMade, type PushOutcome } from '../domain/exchange/settle-push.ts'
import { TRANSFER } from '../domain/exchange/transfer.ts'
import type { PushRow, Store, Write } from '../domain/ledger.ts'
import type { HttpUploadCall } from '../kernel/http-call.ts'
import { kindOf, problem, ProblemError, type Problem } from '../kernel/problem.ts'
import type { Clock } from '../kernel/time.ts'
import type { PushAddress } from '../protocol/dsp/push-address.ts'
import { countedRecords, hasRecords } from '../dataplane/counted-records.ts'
import { sendData, type Sent } from '../dataplane/send-data.ts'
import type { OpenedSource } from '../dataplane/opened-source.ts'
import { endRows, pushRows, type Standing } from './access-rows.ts'
import type { OpenDataset } from './open-dataset.ts'
import type { NewScene } from './ports.ts'
import type { SetTimer } from './timer.ts'
import { watchStream } from './watch-stream.ts'

export interface AttemptPushOptions {
  readonly store: Store
  readonly standing: Standing
  readonly openDataset: OpenDataset
  /** Calls peers, through their guard. */
  readonly upload: HttpUploadCall
  readonly newScene: NewScene
  readonly newDeliveryId: () => string
  readonly clock: Clock
  /** A number in [0, 1) for the jitter of retries. */
  readonly random: () => number
  readonly setTimer: SetTimer
  /** Told of bytes as they are handed over. */
  readonly onBytesSent: (bytes: number) => void
  readonly timeoutMs: number
  readonly answerBytesMax: number
}

export interface AttemptPush {
  /**
   * Resolves when its end is on record; with false where nothing was done, because the transfer is not open. Rejects with what
   * the store throws.
   *
   * @param stopping aborted when the connector stops
   */
  attempt(row: PushRow, stopping: AbortSignal): Promise<boolean>
  /** Asks again of what is being sent, if one of these writes may matter. */
  recheck(writes: readonly Write[]): void
}

/** How an attempt ended, as far as it is known before the rows are read again. */
type Result =
  | { readonly kind: 'done' | 'held' }
  | { readonly kind: 'stopped'; readonly reason: Problem }
  | ({ readonly kind: 'failed' } & AttemptMade)

/** The transfer is not open any more, or we stop: it goes on when it may. What else cuts a stream will not change by itself. */
const HELD: ReadonlySet<Problem['code']> = new Set(['transfer.not-started', 'stopping', 'resource.unknown'])

export function createAttemptPush(options: AttemptPushOptions): AttemptPush {
  const { store, standing, openDataset, upload, newScene, newDeliveryId, clock, random, setTimer } = options
  const { onBytesSent, timeoutMs, answerBytesMax } = options
  const live = new Set<(writes: readonly Write[]) => void>()

  async function attempt(row: PushRow, stopping: AbortSignal): Promise<boolean> {
    const opening = mayPush(pushRows(store.reader, row.pid, standing, clock()), clock())
    if (!opening.ok) return refused(row.pid, opening.problem)
    const source = await opened(openDataset(opening.dataset, { rest: '', query: '', method: 'GET' }))
    if (!source.ok) return settle(row.pid, null, withoutData(source.problem))
    try {
      // It may have taken a while.
      return stopping.aborted ? false : await sendFrom(source.value, opening.address, row, stopping)
    } finally {
      await source.value.close()
    }
  }

  async function sendFrom(
    source: OpenedSource,
    address: PushAddress,
    { pid, lastDeliveryId: before }: PushRow,
    stopping: AbortSignal,
  ): Promise<boolean> {
    const { etag, size } = source
    const sending = { path: '', etag, size, part: null, isContinuation: false }
    const scene = newScene()
    const deliveryId = newDeliveryId()
    const admitted = await store.transact(
      (read) => pushRows(read, pid, standing, scene.now),
      (rows) => admitPush(rows, { deliveryId, sending, hasRecords: hasRecords(source.mediaType) }, scene),
    )
    // The decision is on record already.
    if (!admitted.ok) return stopped(pid, admitted.problem)

    const watch = watchStream({ store, standing, clock, setTimer }, admitted.value, useOfPush(address))
    live.add(watch.recheck)
    let told = 0
    const { gate } = watch
    const data = gate === null ? source : { ...source, body: countedRecords(source.body, gate) }
    const sent = await sendData(upload, address, data, {
      idempotencyKey: pid,
      signal: AbortSignal.any([watch.signal, stopping]),
      onBytes: (total) => {
        onBytesSent(total - told)
        told = total
        watch.onBytes(total)
      },
      timeoutMs,
      answerBytesMax,
    })
    watch.stop()
    live.delete(watch.recheck)
    if (sent.digest !== null) source.learn(sent.digest)
    const { bytes, digest, reason } = sent
    // Our own stop is nobody's use: what was sent may be sent again under it, and where nothing was it is given back.
    const isStopped = stopping.aborted && sent.outcome === 'cut' && bytes > 0
    const outcome = isStopped ? 'interrupted' : sent.outcome
    const ended: Ended = { bytes, records: watch.records(), digest, outcome, reason }
    return settle(pid, { admission: admitted.value, ended, before }, resultOf(sent))
  }

  /** What the policy says is on record as the decision that it is. */
  async function refused(pid: string, why: Problem): Promise<boolean> {
    if (why.code === 'policy.denied') {
      const scene = newScene()
      const deliveryId = newDeliveryId()
      const sending = { path: '', etag: null, size: null, part: null, isContinuation: false }
      await store.transact(
        (read) => pushRows(read, pid, standing, scene.now),
        (rows) => {
          const { write, result } = admitPush(rows, { deliveryId, sending }, scene)
          return { write: result.ok ? [] : write, result: null }
        },
      )
    }
    return stopped(pid, why)
  }

  async function stopped(pid: string, reason: Problem): Promise<boolean> {
    return reason.code === 'transfer.not-started' ? false : settle(pid, null, { kind: 'stopped', reason })
  }

  /** One transaction: the end of the delivery, and what it means for the push and its transfer. */
  async function settle(pid: string, delivered: Delivered | null, result: Result): Promise<boolean> {
    const scene = newScene()
    const jitter = random()
    await store.transact(
      (read) => ({
        push: read.get('push', pid),
        transfer: read.get('transfer', pid),
        ending: delivered === null ? null : endRows(read, delivered.admission.delivery),
      }),
      ({ push, transfer, ending }) => {
        const ended = delivered === null || ending === null ? [] : endDelivery(ending, delivered.ended, scene)
        if (push === null || transfer === null) return { write: ended, result: null }
        // A push of a transfer that has ended will never be due again.
        if (isTerminal(TRANSFER, transfer.state) && result.kind !== 'done')
          return { write: [...ended, { remove: 'push', key: [pid] }], result: null }
        const outcome: PushOutcome =
          result.kind === 'failed' ? afterFailure(result, push, transfer, jitter, scene.now) : result
        const current = delivered === null ? push : withoutTrace(push, delivered)
        return { write: [...ended, ...settlePush(current, transfer, outcome, scene)], result: null }
      },
    )
    return true
  }

  return {
    attempt,
    recheck: (writes) => {
      for (const recheck of live) recheck(writes)
    },
  }
}

/** A delivery that came to its end, and that of the attempt before it. */
interface Delivered {
  readonly admission: Admission
  readonly ended: Ended
  readonly before: string | null
}

type Opened = { readonly ok: true; readonly value: OpenedSource } | { readonly ok: false; readonly problem: Problem }

async function opened(opening: Promise<OpenedSource>): Promise<Opened> {
  try {
    return { ok: true, value: await opening }
  } catch (error) {
    if (error instanceof ProblemError) return { ok: false, problem: error.problem }
    throw error
  }
}

/** The source gives nothing now: later may help, unless it is a matter of what is published. */
function withoutData(reason: Problem): Result {
  const kind = kindOf(reason)
  const mayHelp = kind === 'unavailable' || kind === 'busy'
  return mayHelp ? failed({ kind: 'unreachable' }, reason, null) : { kind: 'stopped', reason }
}

function resultOf({ outcome, attempt, reason, retryAfterMs }: Sent): Result {
  if (outcome === 'complete') return { kind: 'done' }
  const why = reason ?? problem('defect', 'an internal error')
  if (outcome === 'cut') return HELD.has(why.code) ? { kind: 'held' } : { kind: 'stopped', reason: why }
  return failed(attempt ?? { kind: 'unreachable' }, why, retryAfterMs)
}

function failed(attempt: AttemptMade['attempt'], reason: Problem, retryAfterMs: number | null): Result {
  return { kind: 'failed', attempt, reason, retryAfterMs }
}

/** An attempt of which the consumer got no byte says nothing of what it has. */
function withoutTrace(push: PushRow, { ended, before }: Delivered): PushRow {
  return ended.bytes === 0 ? { ...push, lastDeliveryId: before } : push
}
