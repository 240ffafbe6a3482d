// Whether requests can be served: the connector has started and is not stopping, its policies are in force (it does not start
// without), and the database takes writes. Strangers learn yes or no; the reason stands in the log, once a change.

import type { Store } from '../domain/ledger.ts'
import type { Log } from '../kernel/log.ts'
import { problem, ProblemError, type Problem } from '../kernel/problem.ts'
import { later, type Clock, type Instant } from '../kernel/time.ts'

export interface ReadinessOptions {
  readonly clock: Clock
  readonly log: Log
  /** Throws a ProblemError where the database takes nothing. */
  readonly tryToWrite: () => void
}

export interface Readiness {
  /** Null while requests are served. May write to the database, now and then. */
  readonly why: () => Problem | null
  readonly started: () => void
  readonly stopping: () => void
  /** The same store; what becomes of its transactions is noticed. */
  readonly watched: (transact: Store['transact']) => Store['transact']
  /** How many transactions the database did not take so far, by the code of the reason. */
  readonly failures: () => Readonly<Record<string, number>>
}

/** A write that went well is believed for so long: whoever asks more often makes no work. */
const BELIEVED_MS = 5_000

const STARTING = problem('stopping', 'the connector is starting')
const STOPPING = problem('stopping', 'the connector is stopping')

export function createReadiness({ clock, log, tryToWrite }: ReadinessOptions): Readiness {
  let phase: Problem | null = STARTING
  let store: Problem | null = null
  let askedAt: Instant | null = null
  const failures: Record<string, number> = {}
  let said: string | null = STARTING.code

  function why(): Problem | null {
    if (phase === null && (askedAt === null || later(askedAt, BELIEVED_MS) <= clock())) ask()
    return say(phase ?? store)
  }

  function ask(): void {
    askedAt = clock()
    try {
      tryToWrite()
      store = null
    } catch (error) {
      store = notTaken(error)
      // A bug is no state of the disk: whoever asked is to see it.
      if (store === null) throw error
    }
  }

  function say(now: Problem | null): Problem | null {
    const code = now?.code ?? null
    if (code === said) return now
    said = code
    if (now === null) log.info('connector.ready')
    else log.warn('connector.not-ready', { problem: now })
    return now
  }

  return {
    why,
    started: () => {
      phase = null
      why()
    },
    stopping: () => {
      phase = STOPPING
      say(phase)
    },
    watched: (transact) => (load, decide, patienceMs) => {
      const done = transact(load, decide, patienceMs)
      done.catch((error: unknown) => {
        const failure = notTaken(error)
        if (failure === null) return
        failures[failure.code] = (failures[failure.code] ?? 0) + 1
        store = failure
        askedAt = clock()
        say(phase ?? store)
      })
      return done
    },
    failures: () => failures,
  }
}

function notTaken(error: unknown): Problem | null {
  if (!(error instanceof ProblemError)) return null
  return error.problem.code === 'store.full' || error.problem.code === 'store.unavailable' ? error.problem : null
}
