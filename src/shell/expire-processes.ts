// Ends processes in which nobody moved in time. Woken by the next deadline; never polls.

import { expire } from '../domain/exchange/expire.ts'
import { isNegotiation } from '../domain/exchange/waiting.ts'
import type { Process } from '../domain/exchange/steps.ts'
import type { Reader, Store, Write } from '../domain/ledger.ts'
import type { Log } from '../kernel/log.ts'
import { instant, later, type Clock, type Instant } from '../kernel/time.ts'
import type { NewScene } from './ports.ts'
import type { SetTimer } from './timer.ts'

export interface ExpireOptions {
  readonly store: Store
  readonly clock: Clock
  readonly newScene: NewScene
  readonly log: Log
  readonly setTimer: SetTimer
  /** How long a process may wait for one side's next move. */
  readonly patienceMs: number
}

export interface Expirer {
  start(): void
  /** Ends nothing more, and waits for what is being ended. */
  stop(): Promise<void>
}

/** How many processes are ended in one go, so that a long list of them does not hold up everything else. */
const BATCH = 50
/** After a failure (a full disk) the store is not asked again at once. */
const AGAIN_MS = 60_000
/** The longest that a timer is trusted: the clock may jump, and Node's own timers end at 24 days. */
const SLEEP_MAX_MS = 24 * 60 * 60 * 1000
const FAR_AWAY = instant(Number.MAX_SAFE_INTEGER)

export function createExpirer({ store, clock, newScene, log, setTimer, patienceMs }: ExpireOptions): Expirer {
  const { reader } = store
  let running = false
  let callOff: (() => void) | null = null
  let work: Promise<void> = Promise.resolve()

  /** Arms the timer for the process that has waited longest. Deadlines only move back, so a timer that is armed is soon enough. */
  function arm(): void {
    if (!running || callOff !== null) return
    const [first] = reader.idleSince(FAR_AWAY, 1)
    if (first !== undefined) sleepUntil(later(first.updatedAt, patienceMs))
  }

  function sleepUntil(deadline: Instant): void {
    sleep(Math.max(0, deadline - clock()))
  }

  function sleep(ms: number): void {
    callOff = setTimer(Math.min(ms, SLEEP_MAX_MS), () => {
      work = endDue()
        .then(() => {
          callOff = null
          arm()
        })
        .catch((error: unknown) => {
          log.error('expire.failed', { error })
          if (running) sleep(AGAIN_MS)
        })
    })
  }

  async function endDue(): Promise<void> {
    const due = reader.idleSince(later(clock(), -patienceMs), BATCH)
    await Promise.all(due.map(end))
  }

  async function end(found: Process): Promise<void> {
    const scene = newScene()
    const ended = await store.transact(
      (read) => again(read, found),
      (process) => {
        const step = process === null ? null : expire(process, patienceMs, scene)
        return { write: step?.write ?? [], result: step?.next ?? null }
      },
    )
    if (ended !== null) log.info('process.expired', { pid: ended.pid, problem: ended.problem })
  }

  return {
    start: () => {
      running = true
      store.onCommit((writes) => {
        if (!running || callOff !== null) return
        // No timer is armed, so nothing else waits: the first of these that does is the one that has waited longest.
        const idle = writes.flatMap(idleIn)[0]
        if (idle !== undefined) sleepUntil(later(idle.updatedAt, patienceMs))
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

function again(read: Reader, found: Process): Process | null {
  return isNegotiation(found) ? read.get('negotiation', found.pid) : read.get('transfer', found.pid)
}

/** Processes that have ended among them: the timer that they arm finds nothing to do. */
function idleIn(write: Write): readonly Process[] {
  const isProcess = 'put' in write && (write.put === 'negotiation' || write.put === 'transfer')
  return isProcess && write.row.unacknowledged === null ? [write.row] : []
}
