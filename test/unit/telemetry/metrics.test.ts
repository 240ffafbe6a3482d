// What is counted of commits, answers and deliveries, as it stands in the text.

import { beforeEach, describe, expect, test } from 'vitest'
import type { EvidenceDraft } from '../../../src/domain/evidence/entry.ts'
import type { Write } from '../../../src/domain/ledger.ts'
import { later } from '../../../src/kernel/time.ts'
import { createMetrics, type Gauges, type Metrics } from '../../../src/telemetry/metrics.ts'
import { negotiationAs, NOW, outboxRow, OWN_PID, PROVIDER } from '../../fixtures/builders.ts'

let readings = 0
const gauges: Gauges = {
  version: '1.2.3',
  figures: () => {
    readings += 1
    return {
      outbox: { messages: 2, oldestAgeS: 30 },
      openProcesses: { negotiation: 3, transfer: 4 },
      databaseBytes: { used: 10, free: 20, log: 30 },
    }
  },
  evidenceEntries: () => 7,
  storeFailures: () => ({ 'store.full': 5 }),
  streamsRunning: () => 1,
  requestsInFlight: () => 6,
  isReady: () => false,
  policiesDegraded: () => true,
  policiesLoadedAtS: () => 1000,
  certificateEndsAtS: () => null,
  loop: () => Promise.resolve({ lagS: 0.1, utilization: 0.5 }),
  process: () => ({ residentBytes: 1, cpuS: 2, startedAtS: 3 }),
}

let metrics: Metrics
beforeEach(() => {
  readings = 0
  metrics = createMetrics(gauges)
})

function entry(type: EvidenceDraft['type'], ext: NonNullable<EvidenceDraft['ext']> = {}): Write {
  return { append: 'evidence', entry: { type, at: NOW, actor: PROVIDER, ext } }
}

async function lines(): Promise<readonly string[]> {
  return (await metrics.expose()).split('\n')
}

describe('a commit counts', () => {
  const move = 'ContractRequestMessage'
  // prettier-ignore
  test.each([
    [entry('message.received', { move }),                             [`lingqu_messages_total{direction="in",type="${move}",outcome="accepted"} 1`]],
    [entry('message.refused', { move, code: 'move.illegal' }),        [`lingqu_messages_total{direction="in",type="${move}",outcome="refused"} 1`, 'lingqu_refusals_total{code="move.illegal"} 1']],
    [entry('message.proposed', { move }),                             [`lingqu_messages_total{direction="out",type="${move}",outcome="proposed"} 1`]],
    [entry('message.acknowledged', { move, how: 'answered' }),        [`lingqu_messages_total{direction="out",type="${move}",outcome="acknowledged"} 1`, 'lingqu_outbox_attempts_total{outcome="acknowledged"} 1']],
    [entry('message.failed', { move }),                               [`lingqu_messages_total{direction="out",type="${move}",outcome="failed"} 1`, 'lingqu_outbox_attempts_total{outcome="failed"} 1']],
    [entry('process.ended', { move }),                                ['lingqu_processes_ended_here_total 1', 'lingqu_outbox_attempts_total{outcome="failed"} 1']],
    [entry('decision', { verdict: 'deny', phase: 'start' }),          ['lingqu_policy_decisions_total{verdict="deny",phase="start"} 1']],
    [entry('agreement.agreed'),                                       ['lingqu_agreements_total{event="agreed"} 1']],
    [entry('agreement.ended'),                                        ['lingqu_agreements_total{event="ended"} 1']],
    [entry('delivery.ended', { outcome: 'cut', code: 'stopping' }),   ['lingqu_deliveries_total{direction="out",outcome="cut"} 1', 'lingqu_refusals_total{code="stopping"} 1']],
    [entry('delivery.received', { bytes: 9 }),                        ['lingqu_deliveries_total{direction="in",outcome="complete"} 1', 'lingqu_data_bytes_total{direction="in"} 9']],
    [entry('delivery.lost', { bytes: 9, code: 'data.digest' }),       ['lingqu_deliveries_total{direction="in",outcome="peer-gone"} 1', 'lingqu_refusals_total{code="data.digest"} 1']],
    [entry('push.stopped', { code: 'peer.refused' }),                 ['lingqu_refusals_total{code="peer.refused"} 1']],
    [entry('policy.rejected'),                                        ['lingqu_policy_reloads_total{outcome="rejected"} 1']],
    [entry('retention.removed', { removed: { inbox: 4 } }),           ['lingqu_retention_removed_rows_total{table="inbox"} 4']],
    [{ put: 'outbox' as const, row: outboxRow({ attempts: 1 }) },     ['lingqu_outbox_attempts_total{outcome="again"} 1']],
  ])('%j', async (write, expected) => {
    metrics.onCommit([write])
    expect(await lines()).toEqual(expect.arrayContaining([...expected, 'lingqu_transactions_total 1']))
  })

  test('how long a negotiation took, from its first message to FINALIZED', async () => {
    const row = negotiationAs('PROVIDER', { state: 'FINALIZED', createdAt: NOW, updatedAt: later(NOW, 400) })
    metrics.onCommit([{ put: 'negotiation', row }, entry('agreement.finalized')])
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'lingqu_negotiation_seconds_bucket{role="PROVIDER",le="0.25"} 0',
        'lingqu_negotiation_seconds_bucket{role="PROVIDER",le="0.5"} 1',
        'lingqu_negotiation_seconds_sum{role="PROVIDER"} 0.4',
      ]),
    )
  })

  test('what was pushed to us among the rest that came', async () => {
    const sink = { type: 'file', path: 'a' } as const
    const row = { pid: OWN_PID, tokenHash: 'h', sink, bytes: 9, digest: 'sha-256:00', doneAt: NOW }
    metrics.onCommit([{ put: 'reception', row }, entry('delivery.received', { bytes: 9 })])
    metrics.onCommit([entry('delivery.received', { bytes: 4 })])
    expect(await lines()).toEqual(
      expect.arrayContaining([
        'lingqu_data_bytes_total{direction="in"} 13',
        'lingqu_pushed_bytes_total{direction="in"} 9',
      ]),
    )
  })

  test('no attempt where a message is put into the outbox, or a reply proves that it arrived', async () => {
    metrics.onCommit([{ put: 'outbox', row: outboxRow() }, entry('message.acknowledged', { move, how: 'replied' })])
    expect(await metrics.expose()).not.toContain('lingqu_outbox_attempts_total')
  })
})

test('answers, problems and deliveries are counted where they happen', async () => {
  metrics.onAnswered('negotiations', 201, 0.004)
  metrics.onAnswered('negotiations', 0, 0.004)
  metrics.onProblem('data', 'token.expired')
  metrics.onFirstByte(0.002)
  metrics.onBytesSent(100)
  metrics.onBytesSent(50)
  metrics.onBytesPushed(7)
  expect(await lines()).toEqual(
    expect.arrayContaining([
      'lingqu_request_seconds_bucket{surface="negotiations",status="2xx",le="0.005"} 1',
      'lingqu_request_seconds_count{surface="negotiations",status="none"} 1',
      'lingqu_problems_total{surface="data",code="token.expired"} 1',
      'lingqu_delivery_first_byte_seconds_count 1',
      'lingqu_data_bytes_total{direction="out"} 157',
      'lingqu_pushed_bytes_total{direction="out"} 7',
    ]),
  )
})

test('what there is of everything is asked for once a reading, and only then', async () => {
  expect(readings).toBe(0)
  expect(await lines()).toEqual(
    expect.arrayContaining([
      ...['lingqu_ready 0', 'lingqu_build_info{version="1.2.3"} 1', 'lingqu_policies_degraded 1'],
      ...[
        'lingqu_outbox_messages 2',
        'lingqu_outbox_oldest_age_seconds 30',
        'lingqu_processes_open{kind="transfer"} 4',
      ],
      ...[
        'lingqu_database_bytes{part="log"} 30',
        'lingqu_evidence_entries 7',
        'lingqu_store_failures_total{code="store.full"} 5',
      ],
    ]),
  )
  expect(await metrics.expose()).not.toContain('certificate')
  expect(readings).toBe(2)
})

test('every name follows the conventions: ours begin with lingqu_, sums end in _total, each has its HELP and TYPE', async () => {
  metrics.onCommit([entry('agreement.agreed')])
  const text = await metrics.expose()
  const types = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type] as const)
  for (const [name, type] of types) {
    expect(name).toMatch(/^(lingqu|process)_[a-z_]+$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
    if (type === 'histogram') expect(name).toMatch(/_seconds$/)
    expect(text).toContain(`# HELP ${name} `)
  }
})
