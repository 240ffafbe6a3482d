// A duty whose deadline has passed is violated, on record, and its consequences are owed. Woken by the next deadline.

import { violate } from '../domain/obligation/obligations.ts'
import { putObligation } from '../domain/obligation/write.ts'
import type { ObligationRow, Store } from '../domain/ledger.ts'
import { compilePolicy } from '../domain/policy/compile.ts'
import type { Log } from '../kernel/log.ts'
import { instant, type Clock } from '../kernel/time.ts'
import type { SetTimer } from './timer.ts'

export interface WatchObligationsOptions {
  readonly store: Store
  readonly clock: Clock
  readonly self: string
  readonly log: Log
  readonly setTimer: SetTimer
}

export interface WatchObligations {
  start(): void
  stop(): Promise<void>
}

const BATCH = 50
const AGAIN_MS = 60_000
/** The longest that a timer is trusted: the clock may jump. */
const SLEEP_MAX_MS = 3_600_000

export function createWatchObligations({
  store,
  clock,
  self,
  log,
  setTimer,
}: WatchObligationsOptions): WatchObligations {
  const { reader } = store
  let running = false
  let callOff: (() => void) | null = null
  let work: Promise<void> = Promise.resolve()

  function arm(): void {
    if (!running) return
    callOff?.()
    const now = clock()
    const next = reader.obligationsDue(now, 1).length > 0 ? now : reader.obligationNextDueAt(now)
    // A deadline that is `lteq` holds at the instant itself.
    if (next !== null) sleep(Math.min(SLEEP_MAX_MS, Math.max(0, next - now + 1)))
  }

  function sleep(ms: number): void {
    callOff = setTimer(ms, () => {
      work = endDue().then(arm, (error: unknown) => {
        log.error('obligations.failed', { error })
        if (running) sleep(AGAIN_MS)
      })
    })
  }

  async function endDue(): Promise<void> {
    for (const row of reader.obligationsDue(clock(), BATCH)) await end(row)
  }

  function end({ agreementId, path }: ObligationRow): Promise<void> {
    const now = clock()
    return store.transact(
      (read) => ({
        agreement: read.get('agreement', agreementId),
        row: read.get('obligation', agreementId, path),
        all: read.obligationsOf(agreementId),
      }),
      ({ agreement, row, all }) => {
        if (agreement === null || row?.state !== 'active') return { write: [], result: undefined }
        const policy = compilePolicy(agreement.agreement)
        const agreedAt = instant(Date.parse(agreement.agreement.timestamp))
        const rows = violate(row, policy.ok ? policy.value : null, agreedAt, all, now)
        return { write: rows.flatMap((each) => putObligation(each, agreement, self)), result: undefined }
      },
    )
  }

  return {
    start: () => {
      running = true
      store.onCommit((writes) => {
        if (writes.some((write) => 'put' in write && write.put === 'obligation')) arm()
      })
      arm()
    },
    stop: async () => {
      running = false
      callOff?.()
      await work
    },
  }
}
