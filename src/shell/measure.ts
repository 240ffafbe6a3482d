// What an operator watches: the metrics, and the status in one look. Both ask the same things of the rest.

import type { SealedEntry } from '../domain/evidence/entry.ts'
import type { Store } from '../domain/ledger.ts'
import type { Problem } from '../kernel/problem.ts'
import type { Clock, Instant } from '../kernel/time.ts'
import type { Figures } from '../store/figures.ts'
import { createLoop } from '../telemetry/loop.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import type { PoliciesState } from './load-policies.ts'
import type { Readiness } from './readiness.ts'
import type { Retention, RetainOptions } from './retain.ts'

export interface MeasureOptions {
  readonly participant: Status['participant']
  readonly version: string
  readonly startedAt: Instant
  readonly clock: Clock
  /** A clock that never goes back. */
  readonly seconds: () => number
  readonly store: Pick<Store, 'reader' | 'onCommit'> & { readonly figures: () => Figures }
  /** How long a message is tried: what is left of it says how old it is. */
  readonly deliveryDeadlineMs: number
  readonly periods: RetainOptions['periods']
  // Asked when somebody looks, and not before the connector is put together.
  readonly readiness: Pick<Readiness, 'why' | 'failures'>
  readonly policies: () => PoliciesState
  readonly streamsRunning: () => number
  readonly requestsInFlight: () => number
  readonly lastRetention: () => Retention | null
  /** When our own certificate ends; null where there is none. */
  readonly certificateEndsAt: () => Instant | null
}

/** What is shown of the connector as a whole. */
export interface Status {
  readonly participant: { readonly did: string; readonly name: object; readonly claims: object }
  readonly version: string
  readonly startedAt: Instant
  readonly problem: Problem | null
  readonly policies: PoliciesState
  readonly outbox: { readonly messages: number; readonly oldestAgeS: number }
  readonly openProcesses: { readonly negotiations: number; readonly transfers: number }
  readonly streamsRunning: number
  readonly requestsInFlight: number
  readonly evidence: Pick<SealedEntry, 'seq' | 'hash'>
  readonly database: { readonly bytesUsed: number; readonly bytesFree: number; readonly bytesOfLog: number }
  readonly retention: RetainOptions['periods'] & { readonly lastRun: Retention | null }
  readonly certificateEndsAt: Instant | null
}

export interface Measure {
  readonly metrics: Metrics
  readonly status: () => Status
}

/** A reading of the metrics asks the database once, however many of them show it. */
export function createMeasure(options: MeasureOptions): Measure {
  const { store, clock, startedAt, policies, streamsRunning, requestsInFlight, certificateEndsAt } = options
  const { why, failures } = options.readiness

  function outboxIn({ outbox, outboxFirstDeadlineAt }: Figures): Status['outbox'] {
    if (outboxFirstDeadlineAt === null) return { messages: outbox, oldestAgeS: 0 }
    const ageMs = clock() - (outboxFirstDeadlineAt - options.deliveryDeadlineMs)
    return { messages: outbox, oldestAgeS: Math.max(0, ageMs) / 1000 }
  }

  const metrics = createMetrics({
    version: options.version,
    figures: () => {
      const figures = store.figures()
      const {
        openNegotiations: negotiation,
        openTransfers: transfer,
        bytesUsed: used,
        bytesFree: free,
        bytesOfLog: log,
      } = figures
      return { outbox: outboxIn(figures), openProcesses: { negotiation, transfer }, databaseBytes: { used, free, log } }
    },
    evidenceEntries: () => store.reader.evidenceHead().seq,
    storeFailures: failures,
    streamsRunning,
    requestsInFlight,
    isReady: () => why() === null,
    policiesDegraded: () => policies().refused !== null,
    policiesLoadedAtS: () => policies().loadedAt / 1000,
    certificateEndsAtS: () => {
      const at = certificateEndsAt()
      return at === null ? null : at / 1000
    },
    loop: createLoop(options.seconds),
    process: () => {
      const { user, system } = process.cpuUsage()
      return { residentBytes: process.memoryUsage.rss(), cpuS: (user + system) / 1e6, startedAtS: startedAt / 1000 }
    },
  })
  store.onCommit(metrics.onCommit)

  return {
    metrics,
    status: () => {
      const figures = store.figures()
      const { openNegotiations: negotiations, openTransfers: transfers, bytesUsed, bytesFree, bytesOfLog } = figures
      return {
        participant: options.participant,
        version: options.version,
        startedAt,
        problem: why(),
        policies: policies(),
        outbox: outboxIn(figures),
        openProcesses: { negotiations, transfers },
        streamsRunning: streamsRunning(),
        requestsInFlight: requestsInFlight(),
        evidence: store.reader.evidenceHead(),
        database: { bytesUsed, bytesFree, bytesOfLog },
        retention: { ...options.periods, lastRun: options.lastRetention() },
        certificateEndsAt: certificateEndsAt(),
      }
    },
  }
}

/** Times one request for data, and counts what leaves: `seconds` is a clock that never goes back. */
export function timeDelivery(metrics: Metrics, seconds: () => number): (total: number) => void {
  const from = seconds()
  let counted = 0
  return (total) => {
    if (counted === 0) metrics.onFirstByte(seconds() - from)
    metrics.onBytesSent(total - counted)
    counted = total
  }
}
