// Tokens that live a second, between two connectors: transfers go on for as long as the agreement does, and no person has to act.

import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { addressOf, readData } from '../fixtures/data-client.ts'
import { eventually } from '../fixtures/eventually.ts'
import {
  agreeOn,
  bothIn,
  DATA,
  fetchData,
  OPEN,
  openTransfer,
  startPair,
  type Pair,
  type Side,
} from '../fixtures/pair.ts'
import { openSlowSource, type SlowSource } from '../fixtures/slow-source.ts'

const SLOW = 'urn:dataset:slow'

let pair: Pair
let source: SlowSource
beforeAll(async () => {
  source = await openSlowSource()
  pair = await startPair({
    settings: { limits: { dataTokenS: 1, dataTokenWithoutRenewalS: 1 } },
    offers: {
      slow: `offer: slow\ndatasets: ["${SLOW}"]\npermission:\n  - action: use\n    constraint:\n      - count: { lteq: 100000 }\n`,
    },
  })
  await pair.provider.connector.ask('/datasets', { '@id': SLOW, source: { type: 'http', url: source.url } })
})
afterAll(async () => {
  await pair.discard()
  await source.close()
})
afterEach(() => {
  for (const { connector } of [pair.provider, pair.consumer]) {
    connector.verify()
    expect(connector.log()).not.toContain('http.defect')
  }
})

async function started(datasetId = OPEN): Promise<string> {
  const pid = await openTransfer(pair, await agreeOn(pair, datasetId))
  await bothIn(pair, 'transfers', pid, 'STARTED')
  return pid
}

const renewals = ({ connector }: Side, pid?: string): number =>
  connector.entries(pid).filter(({ type }) => type === 'token.renewed').length

async function expired(pid: string): Promise<void> {
  const { endpoint, authorization } = await addressOf(pair, pid)
  await eventually('the token has expired', async () => {
    const response = await fetch(endpoint, { headers: { authorization: `Bearer ${authorization}` } })
    await response.body?.cancel()
    return response.status === 401
  })
}

test('a token that has expired is renewed when data is fetched, with evidence on both sides and no token in it', async () => {
  const pid = await started()
  const before = await addressOf(pair, pid)
  await expired(pid)
  const { status, body } = await fetchData(pair, pid)
  expect([status, body.equals(DATA)]).toEqual([200, true])
  expect(renewals(pair.consumer, pid)).toBeGreaterThan(0)
  expect(renewals(pair.provider)).toBeGreaterThan(0)
  const after = await addressOf(pair, pid)
  for (const { connector } of [pair.provider, pair.consumer])
    for (const { authorization } of [before, after])
      expect(JSON.stringify(connector.entries()) + connector.log()).not.toContain(authorization)
})

test('a stream that was admitted outlives its token', async () => {
  const pid = await started(SLOW)
  const reading = readData(pair.provider.connector.port, await addressOf(pair, pid))
  await expired(pid)
  const bytes = reading.bytes()
  await eventually('data still flows', () => reading.bytes() > bytes + 20_000)
  expect(reading.isOver()).toBe(false)
  reading.close()
})

test('the renewed pair survives kill -9 of either side', async () => {
  const pid = await started()
  for (const { connector } of [pair.consumer, pair.provider]) {
    await expired(pid)
    expect((await fetchData(pair, pid)).status).toBe(200)
    await connector.kill()
    await connector.start()
  }
  await expired(pid)
  expect((await fetchData(pair, pid)).status).toBe(200)
})

test('many readers at once share one renewal', async () => {
  const pid = await started()
  await expired(pid)
  const before = renewals(pair.consumer, pid)
  const answers = await Promise.all(Array.from({ length: 8 }, () => fetchData(pair, pid)))
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
  expect(renewals(pair.consumer, pid)).toBeLessThanOrEqual(before + 2)
})

test('connect makes another transfer where the provider renews no more', async () => {
  const { consumer, provider } = pair
  const request = { counterPartyId: provider.connector.did, datasetId: OPEN }
  const first = await consumer.connector.ask<{ transferId: string }>('/connect', request)
  await expired(first.transferId)
  // What the provider has forgotten, as after a restore of an old backup.
  await provider.connector.stop()
  const db = new DatabaseSync(provider.connector.database)
  db.exec('DELETE FROM access_token')
  db.close()
  await provider.connector.start()
  const second = await consumer.connector.ask<{ transferId: string }>('/connect', request)
  expect(second).toMatchObject({ reused: { agreement: true, transfer: false } })
  expect(second.transferId).not.toBe(first.transferId)
  expect((await fetchData(pair, second.transferId)).status).toBe(200)
  await bothIn(pair, 'transfers', first.transferId, 'TERMINATED')
})
