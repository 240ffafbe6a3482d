// Every metric of the connector, one entry each; what is counted of a commit is in count-commit.ts.

import { NEGOTIATION } from '../domain/exchange/negotiation.ts'
import { TRANSFER } from '../domain/exchange/transfer.ts'
import { TABLE_KEYS, type Write } from '../domain/ledger.ts'
import { PROBLEMS } from '../kernel/problem.ts'
import { countCommit } from './count-commit.ts'
import type { LoopReading } from './loop.ts'
import { createRegistry } from './registry.ts'

/** What is asked of the rest when somebody reads the metrics. Times in seconds since the epoch, sizes in bytes. */
export interface Gauges {
  /** Of the database; asked once a reading. */
  readonly figures: () => {
    readonly outbox: { readonly messages: number; readonly oldestAgeS: number }
    readonly openProcesses: { readonly negotiation: number; readonly transfer: number }
    readonly databaseBytes: { readonly used: number; readonly free: number; readonly log: number }
  }
  readonly evidenceEntries: () => number
  /** By the code of the reason. */
  readonly storeFailures: () => Readonly<Record<string, number>>
  readonly streamsRunning: () => number
  readonly requestsInFlight: () => number
  readonly isReady: () => boolean
  /** Whether the policy files that lie there now are not those in force, because they were refused. */
  readonly policiesDegraded: () => boolean
  readonly policiesLoadedAtS: () => number
  /** Null where no certificate is ours. */
  readonly certificateEndsAtS: () => number | null
  readonly loop: () => Promise<LoopReading>
  readonly process: () => { readonly residentBytes: number; readonly cpuS: number; readonly startedAtS: number }
  readonly version: string
}

/** Which port, and which part of it, a request came to. */
const SURFACES = ['catalog', 'negotiations', 'transfers', 'data', 'management', 'open'] as const
export type Surface = (typeof SURFACES)[number]

export interface Metrics {
  /** What was committed, for counting. Never throws. */
  readonly onCommit: (writes: readonly Write[]) => void
  readonly onProblem: (surface: Surface, code: string) => void
  /** A request was answered; `status` is that of HTTP, 0 where the connection ended before. */
  readonly onAnswered: (surface: Surface, status: number, seconds: number) => void
  readonly onFirstByte: (seconds: number) => void
  readonly onBytesSent: (bytes: number) => void
  /** Counted among those that were sent, too. */
  readonly onBytesPushed: (bytes: number) => void
  /** In the format of Prometheus. */
  readonly expose: () => Promise<string>
}

// In seconds. A message is a matter of milliseconds; a negotiation with a person in it one of days.
const SHORT = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10]
const LONG = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 300, 3_600, 86_400, 604_800]

const MOVES = [...new Set([...NEGOTIATION.arrows, ...TRANSFER.arrows].map(({ move }) => move))]
const CODES = Object.keys(PROBLEMS)
const STATUSES = ['2xx', '3xx', '4xx', '5xx', 'none']
const ROLES = ['CONSUMER', 'PROVIDER']

// prettier-ignore
export function createMetrics(gauges: Gauges): Metrics {
  const { counter, histogram, gauge, expose } = createRegistry()
  let reading: ReturnType<Gauges['figures']> | null = null
  let loop: LoopReading | null = null
  const figures = (): ReturnType<Gauges['figures']> => (reading ??= gauges.figures())

  const commit = {
    messages: counter({ name: 'lingqu_messages_total', help: 'Protocol messages, by what became of them',
      labels: { direction: ['in', 'out'], type: MOVES, outcome: ['accepted', 'refused', 'proposed', 'acknowledged', 'failed'] } }),
    attempts: counter({ name: 'lingqu_outbox_attempts_total', help: 'Attempts to deliver a message, by how they ended',
      labels: { outcome: ['acknowledged', 'again', 'failed'] } }),
    decisions: counter({ name: 'lingqu_policy_decisions_total', help: 'Evaluations of a policy that stand in the evidence',
      labels: { verdict: ['permit', 'conditional', 'deny', 'default-deny'], phase: ['catalogue', 'negotiation', 'start', 'during'] } }),
    refusals: counter({ name: 'lingqu_refusals_total', help: 'Refused messages and broken-off deliveries in the evidence, by code',
      labels: { code: CODES } }),
    agreements: counter({ name: 'lingqu_agreements_total', help: 'Agreements that were agreed, came into force, or were ended',
      labels: { event: ['agreed', 'finalized', 'ended'] } }),
    deliveries: counter({ name: 'lingqu_deliveries_total', help: 'Deliveries of data that came to their end',
      labels: { direction: ['in', 'out'], outcome: ['complete', 'cut', 'source-failed', 'peer-gone', 'interrupted'] } }),
    bytes: counter({ name: 'lingqu_data_bytes_total', help: 'Bytes of data, those of running deliveries too where they leave', labels: { direction: ['in', 'out'] } }),
    pushed: counter({ name: 'lingqu_pushed_bytes_total', help: 'Those of them that a provider sent of its own accord: pushes', labels: { direction: ['in', 'out'] } }),
    expired: counter({ name: 'lingqu_processes_ended_here_total', help: 'Processes that ended without a message of the counter-party', labels: {} }),
    reloads: counter({ name: 'lingqu_policy_reloads_total', help: 'Readings of the policy files that said something new', labels: { outcome: ['loaded', 'rejected'] } }),
    removed: counter({ name: 'lingqu_retention_removed_rows_total', help: 'Rows that were removed after their time', labels: { table: Object.keys(TABLE_KEYS) } }),
    commits: counter({ name: 'lingqu_transactions_total', help: 'Transactions that were committed', labels: {} }),
    negotiation: histogram({ name: 'lingqu_negotiation_seconds', help: 'From the first message of a negotiation to FINALIZED', labels: { role: ROLES }, buckets: LONG }),
  }
  const problems = counter({ name: 'lingqu_problems_total', help: 'Answers that were refusals or failures, by code', labels: { surface: SURFACES, code: CODES } })
  const answered = histogram({ name: 'lingqu_request_seconds', help: 'From the head of a request to the end of its answer; data and event streams are left out',
    labels: { surface: SURFACES, status: STATUSES }, buckets: SHORT })
  const firstByte = histogram({ name: 'lingqu_delivery_first_byte_seconds', help: 'From a request for data to its first byte', labels: {}, buckets: SHORT })

  gauge({ name: 'lingqu_ready', help: 'Whether requests are served: 1 or 0' }, () => Number(gauges.isReady()))
  gauge({ name: 'lingqu_build_info', help: 'The build that runs; always 1' }, () => [{ labels: { version: gauges.version }, value: 1 }])
  gauge({ name: 'lingqu_policies_degraded', help: 'Whether the last reading of the policy files was refused: 1 or 0' }, () => Number(gauges.policiesDegraded()))
  gauge({ name: 'lingqu_policies_loaded_timestamp_seconds', help: 'When the policies in force were read' }, gauges.policiesLoadedAtS)
  gauge({ name: 'lingqu_outbox_messages', help: 'Messages that are to be sent' }, () => figures().outbox.messages)
  gauge({ name: 'lingqu_outbox_oldest_age_seconds', help: 'How long the oldest of them has been waiting' }, () => figures().outbox.oldestAgeS)
  gauge({ name: 'lingqu_processes_open', help: 'Processes that have not ended' }, () => samples('kind', figures().openProcesses))
  gauge({ name: 'lingqu_data_streams_running', help: 'Deliveries under way' }, gauges.streamsRunning)
  gauge({ name: 'lingqu_requests_in_flight', help: 'Requests on both ports that are not answered yet' }, gauges.requestsInFlight)
  gauge({ name: 'lingqu_evidence_entries', help: 'Entries of the evidence log' }, gauges.evidenceEntries)
  gauge({ name: 'lingqu_database_bytes', help: 'Size of the database: pages in use, pages that are free, and the write-ahead log' }, () => samples('part', figures().databaseBytes))
  gauge({ name: 'lingqu_store_failures_total', help: 'Transactions that the database did not take' }, () => samples('code', gauges.storeFailures()), 'counter')
  gauge({ name: 'lingqu_tls_certificate_expiry_timestamp_seconds', help: 'When our own certificate ends' }, gauges.certificateEndsAtS)
  gauge({ name: 'lingqu_event_loop_lag_seconds', help: 'How long something waited that was ready to run when this was read' }, () => loop?.lagS ?? null)
  gauge({ name: 'lingqu_event_loop_utilization_ratio', help: 'The share of the time since the last reading in which the event loop was at work' }, () => loop?.utilization ?? null)
  gauge({ name: 'process_resident_memory_bytes', help: 'Memory of the process' }, () => gauges.process().residentBytes)
  gauge({ name: 'process_cpu_seconds_total', help: 'Processor time of the process' }, () => gauges.process().cpuS, 'counter')
  gauge({ name: 'process_start_time_seconds', help: 'When the process started' }, () => gauges.process().startedAtS)

  return {
    onCommit: (writes) => {
      countCommit(writes, commit)
    },
    onProblem: (surface, code) => {
      problems({ surface, code })
    },
    onAnswered: (surface, status, seconds) => {
      answered({ surface, status: status === 0 ? 'none' : `${String(Math.floor(status / 100))}xx` }, seconds)
    },
    onFirstByte: (seconds) => {
      firstByte({}, seconds)
    },
    onBytesSent: (bytes) => {
      commit.bytes({ direction: 'out' }, bytes)
    },
    onBytesPushed: (bytes) => {
      commit.bytes({ direction: 'out' }, bytes)
      commit.pushed({ direction: 'out' }, bytes)
    },
    expose: async () => {
      loop = await gauges.loop()
      reading = null
      return expose()
    },
  }
}

function samples(label: string, values: object): readonly { labels: Record<string, string>; value: number }[] {
  return Object.entries(values as Readonly<Record<string, number>>).map(([name, value]) => ({
    labels: { [label]: name },
    value,
  }))
}
