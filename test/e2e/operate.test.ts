// What an operator sees of a connector that runs: metrics, status, probes, and how it says that something is wrong.

import { randomUUID } from 'node:crypto'
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startConnector, type Connector } from '../fixtures/connector.ts'
import { eventually } from '../fixtures/eventually.ts'
import { agreeOn, bothIn, DATA, fetchData, openTransfer, OPEN, startPair, type Pair } from '../fixtures/pair.ts'
import { freePorts } from '../fixtures/ports.ts'
import { rawRequest } from '../fixtures/raw-http.ts'

async function metricsOf({ managementPort }: Connector, token: string | null): Promise<Response> {
  const headers = { connection: 'close', ...(token !== null && { authorization: `Bearer ${token}` }) }
  return fetch(`http://127.0.0.1:${String(managementPort)}/metrics`, { headers })
}

/** Every sample by its name and labels. */
async function samplesOf(connector: Connector): Promise<ReadonlyMap<string, number>> {
  const text = await (await metricsOf(connector, connector.token())).text()
  return new Map(
    text
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('#'))
      .map((line) => {
        const [, name = '', value = ''] = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line) ?? []
        if (name === '') throw new Error(`this is no sample: ${line}`)
        return [name, Number(value)]
      }),
  )
}

async function readyz({ port }: Connector): Promise<number> {
  return (await rawRequest({ port, method: 'GET', path: '/readyz' })).status
}

describe('after a whole story', () => {
  let pair: Pair
  beforeAll(async () => {
    pair = await startPair()
    const pid = await openTransfer(pair, await agreeOn(pair, OPEN))
    await bothIn(pair, 'transfers', pid, 'STARTED')
    expect((await fetchData(pair, pid)).body).toEqual(DATA)
    const { connector } = pair.provider
    await rawRequest({ port: connector.port, path: '/dsp/2025-1/negotiations/request', body: '{}' })
    await eventually('the delivery is on record on both sides', () => {
      const types = [connector, pair.consumer.connector].flatMap((each) => each.entries().map(({ type }) => type))
      return types.includes('delivery.ended') && types.includes('delivery.received')
    })
  })
  afterAll(async () => pair.discard())

  test('the metrics of both sides tell it', async () => {
    const [provider, consumer] = await Promise.all([
      samplesOf(pair.provider.connector),
      samplesOf(pair.consumer.connector),
    ])

    // prettier-ignore
    const told: readonly (readonly [ReadonlyMap<string, number>, string, number])[] = [
      [provider, 'lingqu_messages_total{direction="in",type="ContractRequestMessage:initial",outcome="accepted"}', 1],
      [provider, 'lingqu_messages_total{direction="out",type="ContractAgreementMessage",outcome="acknowledged"}', 1],
      [consumer, 'lingqu_messages_total{direction="out",type="TransferRequestMessage",outcome="acknowledged"}', 1],
      [provider, 'lingqu_agreements_total{event="finalized"}', 1],
      [consumer, 'lingqu_agreements_total{event="finalized"}', 1],
      [provider, 'lingqu_negotiation_seconds_count{role="PROVIDER"}', 1],
      [provider, 'lingqu_deliveries_total{direction="out",outcome="complete"}', 1],
      [consumer, 'lingqu_deliveries_total{direction="in",outcome="complete"}', 1],
      [provider, 'lingqu_data_bytes_total{direction="out"}', DATA.length],
      [consumer, 'lingqu_data_bytes_total{direction="in"}', DATA.length],
      [provider, 'lingqu_delivery_first_byte_seconds_count', 1],
      [provider, 'lingqu_problems_total{surface="negotiations",code="token.missing"}', 1],
      [provider, 'lingqu_policy_decisions_total{verdict="permit",phase="start"}', 2],
      [provider, 'lingqu_ready', 1],
      [provider, 'lingqu_outbox_messages', 0],
      [provider, 'lingqu_processes_open{kind="transfer"}', 1],
      [provider, 'lingqu_evidence_entries', pair.provider.connector.entries().length],
    ]
    for (const [samples, name, value] of told) expect([name, samples.get(name)]).toEqual([name, value])
    // Where a reply came before the answer, it has settled the attempt.
    expect(consumer.get('lingqu_outbox_attempts_total{outcome="acknowledged"}')).toBeGreaterThan(0)
    for (const name of [
      'process_resident_memory_bytes',
      'lingqu_database_bytes{part="used"}',
      'lingqu_request_seconds_count{surface="negotiations",status="2xx"}',
    ])
      expect(provider.get(name)).toBeGreaterThan(0)
  })

  test('no name of a participant, dataset or process stands in them', async () => {
    const { connector } = pair.provider
    const text = await (await metricsOf(connector, connector.token())).text()
    expect(text).not.toMatch(/did:|urn:|localhost|127\.0/)
  })

  test('they are for whoever has a token of any scope, and for nobody else', async () => {
    const { connector } = pair.provider
    const { token } = await connector.ask<{ token: string }>('/tokens', { name: 'scraper', scope: 'viewer' })
    expect((await metricsOf(connector, token)).status).toBe(200)
    const [none, wrong] = [await metricsOf(connector, null), await metricsOf(connector, 'x'.repeat(43))]
    expect([none.status, wrong.status]).toEqual([401, 401])
    expect((await rawRequest({ port: connector.port, method: 'GET', path: '/metrics' })).status).toBe(404)
  })

  test('the status says who we are and how it stands', async () => {
    expect(await pair.provider.connector.ask('/status')).toMatchObject({
      participant: { did: pair.provider.connector.did, name: { en: 'provider' }, claims: { country: 'CN' } },
      ...{ ready: true, problem: null, outbox: { messages: 0 }, openProcesses: { negotiations: 0, transfers: 1 } },
    })
  })

  test('policies that were refused show as degraded, and no more once they are mended', async () => {
    const { connector } = pair.provider
    const file = join(connector.directory, 'policies', 'offers', 'broken.yaml')
    writeFileSync(file, 'offer: [')
    expect((await connector.call('/policies/reload', {})).status).toBe(422)

    expect((await samplesOf(connector)).get('lingqu_policies_degraded')).toBe(1)
    const { ready, policies } = await connector.ask<{ ready: boolean; policies: { refused: { first: string } } }>(
      '/status',
    )
    expect([ready, policies.refused.first]).toEqual([true, expect.stringContaining('broken.yaml')])

    rmSync(file)
    await connector.ask('/policies/reload', {})
    expect((await samplesOf(connector)).get('lingqu_policies_degraded')).toBe(0)
    expect(await connector.ask('/status')).toMatchObject({ policies: { refused: null } })
  })

  test('a retention run removes nothing that is young, and shows in the status', async () => {
    const { connector } = pair.provider
    expect(await connector.ask('/retention/run', {})).toMatchObject({ removed: {} })
    expect(await connector.ask('/status')).toMatchObject({ retention: { endedDays: 1_096, lastRun: { removed: {} } } })
  })

  test('what is removed from the catalogue or the register leaves an entry with the digest of what it was', async () => {
    const { connector } = pair.provider
    await connector.ask('/datasets', { '@id': 'urn:dataset:gone', source: null })
    await connector.ask('/datasets/urn:dataset:gone', undefined, 'DELETE')
    const entry = connector.entries().findLast(({ type }) => type === 'admin.dataset')
    expect(entry?.ext).toEqual({
      by: 'admin',
      removed: 'urn:dataset:gone',
      digest: expect.stringMatching(/^sha-256:/) as unknown,
    })
  })
})

describe('where the settings open the metrics', () => {
  test('whoever reaches the management port reads them, under its own names only, and nothing else', async () => {
    const [managementPort = 0] = await freePorts(1)
    const connector = await startConnector({ settings: { management: { port: managementPort, metrics: 'open' } } })
    try {
      const ask = (path: string, headers: Readonly<Record<string, string>> = {}) =>
        rawRequest({ port: managementPort, method: 'GET', path, headers })
      expect((await ask('/metrics')).status).toBe(200)
      expect((await ask('/metrics', { host: 'rebound.example' })).status).toBe(400)
      expect((await ask('/api/v1/status')).status).toBe(401)
    } finally {
      await connector.discard()
    }
  })
})

test('a database that is full makes it not ready, to strangers without a reason, and it recovers by itself', async () => {
  const connector = await startConnector({ settings: { limits: { databaseMibMax: 2 } } })
  try {
    expect(await readyz(connector)).toBe(200)
    const taken: string[] = []
    for (let size = 100_000; size > 10;) {
      const id = `urn:dataset:${randomUUID()}`
      const { status } = await connector.call('/datasets', { '@id': id, filling: 'x'.repeat(size) })
      if (status === 201) taken.push(id)
      else size = Math.floor(size / 4)
    }

    await eventually('it is not ready', async () => (await readyz(connector)) === 503)
    const stranger = await rawRequest({ port: connector.port, method: 'GET', path: '/readyz' })
    expect(stranger.text).toBe('')
    expect((await rawRequest({ port: connector.port, method: 'GET', path: '/healthz' })).status).toBe(200)
    expect(await connector.ask('/status')).toMatchObject({ ready: false, problem: { code: 'store.full' } })
    const samples = await samplesOf(connector)
    expect(samples.get('lingqu_ready')).toBe(0)
    expect(samples.get('lingqu_store_failures_total{code="store.full"}')).toBeGreaterThan(0)

    for (const id of taken.slice(0, 5)) await connector.call(`/datasets/${id}`, undefined, 'DELETE')
    await eventually('it is ready again', async () => (await readyz(connector)) === 200)
    const changes = connector.log().match(/"connector\.(not-)?ready"/g) ?? []
    expect(changes.length).toBeLessThan(10)
    connector.verify()
  } finally {
    await connector.discard()
  }
})
