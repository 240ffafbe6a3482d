// Sends the data of pushes that are due: one attempt in flight a transfer, a bounded number in all and per peer. Woken by
// commits and by the next due time; never polls.

import { isTerminal } from '../domain/exchange/machine.ts'
import { TRANSFER, type Transfer } from '../domain/exchange/transfer.ts'
import type { PushRow, Store, Write } from '../domain/ledger.ts'
import type { Log } from '../kernel/log.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import type { Clock } from '../kernel/time.ts'
import { isPush } from '../protocol/dsp/formats.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import type { AttemptPush } from './attempt-push.ts'
import type { SetTimer } from './timer.ts'

export interface PushDataOptions {
  readonly store: Store
  readonly attemptPush: AttemptPush
  readonly clock: Clock
  readonly log: Log
  readonly setTimer: SetTimer
  readonly inFlightMax: number
  readonly perPeerInFlightMax: number
}

export interface PushData {
  start(): void
  /** Sends nothing more, and cuts what runs; resolves when all of it is on record. */
  stop(): Promise<void>
}

/** Timers are armed anew at least this often: a clock that jumps must not leave the pushes asleep. */
const SLEEP_MAX_MS = 60_000
/** After a failure of our own (a full disk) a push rests so long. */
const SHORTAGE_WAIT_MS = 1_000

export function createPushData(options: PushDataOptions): PushData {
  const { store, attemptPush, clock, log, setTimer, inFlightMax, perPeerInFlightMax } = options
  const flights = new Map<string, { readonly counterparty: ParticipantId; readonly done: Promise<void> }>()
  const resting = new Set<string>()
  const stopping = new AbortController()
  let callOff: (() => void) | null = null
  let isScheduled = false
  let isRunning = false

  function wake(): void {
    if (!isRunning || isScheduled) return
    isScheduled = true
    setTimer(0, () => {
      isScheduled = false
      if (isRunning) sendDue()
    })
  }

  function sendDue(): void {
    const now = clock()
    const due = store.reader.pushesDue(now, inFlightMax + flights.size + resting.size, busyPeers())
    for (const row of due) {
      if (flights.size >= inFlightMax) break
      if (flights.has(row.pid) || resting.has(row.pid) || flightsTo(row.counterparty) >= perPeerInFlightMax) continue
      launch(row)
    }
    callOff?.()
    const next = store.reader.pushNextDueAt(now)
    callOff = next === null ? null : setTimer(Math.min(next - now, SLEEP_MAX_MS), wake)
  }

  function launch(row: PushRow): void {
    const done = attemptPush
      .attempt(row, stopping.signal)
      .then((isMade) => {
        if (!isMade) rest(row.pid)
      })
      .catch((error: unknown) => {
        log.error('push.failed', { pid: row.pid, error })
        rest(row.pid)
      })
      .finally(() => {
        flights.delete(row.pid)
        // Its transfer may have ended before there was anything to put on record.
        const transfer = isRunning ? store.reader.get('transfer', row.pid) : null
        if (transfer !== null) forget(transfer)
      })
    flights.set(row.pid, { counterparty: row.counterparty, done })
    void done.then(wake)
  }

  /** It may still be due, and is left alone for a moment. */
  function rest(pid: string): void {
    if (!isRunning) return
    resting.add(pid)
    setTimer(SHORTAGE_WAIT_MS, () => {
      resting.delete(pid)
      wake()
    })
  }

  /** A push of a transfer that has ended will never be due again. While it is being sent, its end says the last word. */
  function forget({ pid, state }: Transfer): void {
    if (!isTerminal(TRANSFER, state) || flights.has(pid)) return
    store
      .transact(
        (read) => read.get('push', pid),
        (push) => ({
          write: push === null || push.doneAt !== null ? [] : [{ remove: 'push', key: [pid] }],
          result: null,
        }),
      )
      .catch((error: unknown) => {
        log.warn('push.not-forgotten', { pid, error })
      })
  }

  function flightsTo(counterparty: ParticipantId): number {
    return [...flights.values()].filter((flight) => flight.counterparty === counterparty).length
  }

  function busyPeers(): readonly ParticipantId[] {
    const peers = new Set([...flights.values()].map(({ counterparty }) => counterparty))
    return [...peers].filter((peer) => flightsTo(peer) >= perPeerInFlightMax)
  }

  return {
    start: () => {
      isRunning = true
      store.onCommit((writes) => {
        attemptPush.recheck(writes)
        const moved = writes.flatMap(pushedIn)
        if (moved.length > 0 || writes.some((write) => 'put' in write && write.put === 'push')) wake()
        for (const transfer of moved) forget(transfer)
      })
      wake()
    },
    stop: async () => {
      isRunning = false
      callOff?.()
      stopping.abort(new ProblemError(problem('stopping', 'the connector is stopping')))
      await Promise.all([...flights.values()].map(({ done }) => done))
    },
  }
}

function pushedIn(write: Write): readonly Transfer[] {
  const isTransfer = 'put' in write && write.put === 'transfer'
  return isTransfer && write.row.role === 'PROVIDER' && isPush(write.row.format) ? [write.row] : []
}
