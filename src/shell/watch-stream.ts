// Asks while a stream runs whether it may go on, and notes how far it has come.

import type { Admission } from '../domain/access/admit.ts'
import { mayContinue } from '../domain/access/admit.ts'
import type { UseFacts } from '../domain/access/facts.ts'
import { noteProgress } from '../domain/access/end-delivery.ts'
import type { Store, Write } from '../domain/ledger.ts'
import { ProblemError, type Problem } from '../kernel/problem.ts'
import type { Clock } from '../kernel/time.ts'
import type { RecordGate } from '../dataplane/counted-records.ts'
import { concerns, streamRows, type Standing } from './access-rows.ts'
import type { SetTimer } from './timer.ts'

/** A stream that runs is asked again at least this often: another process may have changed the database. */
const RECHECK_MS = 500
/** How often its progress is written down: what a crash may forget is what was sent since. */
const NOTE_MS = 5_000

export interface WatchOptions {
  readonly store: Store
  readonly standing: Standing
  readonly clock: Clock
  readonly setTimer: SetTimer
}

export interface Watch {
  /** Asks again if one of these writes may matter. */
  readonly recheck: (writes: readonly Write[]) => void
  readonly cut: (why: Problem) => void
  /** All bytes that were handed over so far. */
  readonly onBytes: (total: number) => void
  /** Null where nobody counts records. */
  readonly gate: RecordGate | null
  /** Records that have left so far; null where nobody counts them. */
  readonly records: () => number | null
  readonly signal: AbortSignal
  readonly stop: () => void
}

/** Asks after every commit that may matter, when time alone may change the answer, and twice a second. */
export function watchStream(
  { store, standing, clock, setTimer }: WatchOptions,
  { transfer, agreement, delivery }: Pick<Admission, 'transfer' | 'agreement' | 'delivery'>,
  use: Pick<UseFacts, 'purpose' | 'address'>,
): Watch {
  const control = new AbortController()
  let callOff: (() => void) | null = null
  let isStopped = false
  let bytes = 0
  // With the first bytes it is asked how many may leave; what goes beyond a bound is at most the piece that meets it.
  let checkAtBytes = 0
  let { records } = delivery
  let checkAtRecords = 0
  let noted = { bytes: 0, at: clock() }

  const cut = (why: Problem): void => {
    control.abort(new ProblemError(why))
  }
  const check = (): void => {
    callOff?.()
    if (isStopped || control.signal.aborted) return
    const now = clock()
    const rows = streamRows(store.reader, transfer.pid, agreement.id, standing, now)
    const running = { startedAt: delivery.startedAt, spent: delivery.spent, bytes, records }
    const answer = mayContinue(rows, { ...use, running }, now)
    if (!answer.ok) {
      cut(answer.problem)
      return
    }
    checkAtBytes = answer.bytesLeft === null ? Infinity : bytes + answer.bytesLeft
    checkAtRecords = answer.recordsLeft === null ? Infinity : (records ?? 0) + answer.recordsLeft
    const wait = answer.checkAt === null ? RECHECK_MS : Math.min(RECHECK_MS, Math.max(1, answer.checkAt - now))
    callOff = setTimer(wait, onTime)
  }
  const onTime = (): void => {
    note()
    check()
  }
  const note = (): void => {
    const at = clock()
    if (bytes === noted.bytes || at - noted.at < NOTE_MS) return
    noted = { bytes, at }
    const sofar = { bytes, records }
    store
      .transact(
        (read) => read.get('delivery', delivery.id),
        (row) => ({ write: row === null ? [] : noteProgress(row, sofar, at), result: null }),
      )
      // A full disk is for the end of the delivery to report; without the note a crash forgets more.
      .catch(() => undefined)
  }
  const gate: RecordGate = {
    askAt: () => checkAtRecords,
    mayBegin: (record) => {
      records = record
      check()
      if (control.signal.aborted) records = record - 1
      return !control.signal.aborted
    },
    onRecords: (begun) => {
      records = begun
    },
  }
  callOff = setTimer(0, check)

  return {
    recheck: (writes) => {
      if (writes.some((write) => concerns(write, transfer.pid, agreement.id))) check()
    },
    cut,
    onBytes: (total) => {
      bytes = total
      if (total >= checkAtBytes) check()
    },
    gate: records === null ? null : gate,
    records: () => records,
    signal: control.signal,
    stop: () => {
      isStopped = true
      callOff?.()
    },
  }
}
