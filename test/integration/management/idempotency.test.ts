// A creating call that is repeated with its Idempotency-Key: done once, answered the same.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ANSWERS_KEPT_MS, type Store } from '../../../src/domain/ledger.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { instant, type Instant } from '../../../src/kernel/time.ts'
import { problem, ProblemError } from '../../../src/kernel/problem.ts'
import { createAnswerOnce, type AnswerOnce } from '../../../src/shell/answer-once.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { NOW } from '../../fixtures/builders.ts'
import { MANUAL, offerOn, OPEN, openPair, type Answer, type Connector, type Pair } from './ground.ts'

let pair: Pair
beforeAll(async () => {
  pair = await openPair()
})
afterAll(async () => pair.close())

let keys = 0
function newKey(): string {
  return `key-${String(++keys)}`
}

function post(connector: Connector, path: string, body: unknown, key: string, token?: string): Promise<Answer> {
  const headers = { 'idempotency-key': key }
  return connector.call('POST', path, { body, headers, ...(token !== undefined && { token }) })
}

async function countOf(connector: Connector, path: string): Promise<number> {
  return (await connector.ask<{ items: unknown[] }>('GET', `${path}?limit=1000`)).items.length
}

async function creations(): Promise<readonly (readonly [Connector, string, object])[]> {
  const { provider, consumer } = pair
  const counterPartyId = provider.did
  const { agreementId } = await consumer.ask<{ agreementId: string }>('POST', '/connect', {
    counterPartyId,
    datasetId: OPEN,
  })
  return [
    [provider, '/datasets', { '@id': 'urn:dataset:once' }],
    [provider, '/peers', { did: 'did:web:once.example' }],
    [consumer, '/negotiations', { counterPartyId, offer: await offerOn(pair, MANUAL) }],
    [consumer, '/transfers', { agreementId }],
  ]
}

test('the same key and body give the same status and bytes, say so, and create nothing more', async () => {
  for (const [connector, path, body] of await creations()) {
    const key = newKey()
    const before = await countOf(connector, path)

    const first = await post(connector, path, body, key)
    const second = await post(connector, path, body, key)

    expect([first.status, second.status], path).toEqual([201, 201])
    expect(second.text).toBe(first.text)
    expect(second.headers.get('content-type')).toBe(first.headers.get('content-type'))
    expect(first.headers.get('idempotency-replayed')).toBeNull()
    expect(second.headers.get('idempotency-replayed')).toBe('true')
    expect(await countOf(connector, path)).toBe(before + 1)
  }
})

test('connect is answered again, too', async () => {
  const body = { counterPartyId: pair.provider.did, datasetId: OPEN }
  const key = newKey()

  const first = await post(pair.consumer, '/connect', body, key)
  const second = await post(pair.consumer, '/connect', body, key)

  expect(first.status).toBe(200)
  expect(second.text).toBe(first.text)
  expect(second.headers.get('idempotency-replayed')).toBe('true')
})

test('calls at the same moment with one key do the work once', async () => {
  const body = { counterPartyId: pair.provider.did, offer: await offerOn(pair, MANUAL) }
  const key = newKey()
  const before = await countOf(pair.consumer, '/negotiations')

  const answers = await Promise.all(Array.from({ length: 8 }, () => post(pair.consumer, '/negotiations', body, key)))

  expect(new Set(answers.map(({ status, text }) => `${String(status)} ${text}`)).size).toBe(1)
  expect(answers.filter(({ headers }) => headers.get('idempotency-replayed') === 'true')).toHaveLength(7)
  expect(await countOf(pair.consumer, '/negotiations')).toBe(before + 1)
})

test('the same key with another body, or on another path, is refused and does nothing', async () => {
  const key = newKey()
  await post(pair.provider, '/peers', { did: 'did:web:a.example' }, key)

  const otherBody = await post(pair.provider, '/peers', { did: 'did:web:b.example' }, key)
  const otherPath = await post(pair.provider, '/datasets', { '@id': 'urn:dataset:b' }, key)

  for (const answer of [otherBody, otherPath])
    expect(answer).toMatchObject({ status: 409, json: { code: 'idempotency.differs', path: 'Idempotency-Key' } })
  expect((await pair.provider.call('GET', '/peers')).text).not.toContain('did:web:b.example')
})

test('two tokens may choose the same key', async () => {
  const { token } = await pair.provider.ask<{ token: string }>('POST', '/tokens', {
    name: 'other',
    scope: 'administrator',
  })
  const key = newKey()

  const first = await post(pair.provider, '/peers', { did: 'did:web:c.example' }, key)
  const second = await post(pair.provider, '/peers', { did: 'did:web:d.example' }, key, token)

  expect([first.status, second.status]).toEqual([201, 201])
})

test('a refusal is not kept: the call may be repeated when its cause is gone', async () => {
  const key = newKey()
  const body = { '@id': 'urn:dataset:late' }
  await pair.provider.ask('POST', '/datasets', body)

  expect(await post(pair.provider, '/datasets', body, key)).toMatchObject({
    status: 409,
    json: { code: 'resource.exists' },
  })
  await pair.provider.ask('DELETE', '/datasets/urn:dataset:late')

  const again = await post(pair.provider, '/datasets', body, key)
  expect(again.status).toBe(201)
  expect(again.headers.get('idempotency-replayed')).toBeNull()
})

test('a token of another scope gets no answer through a key', async () => {
  const { token } = await pair.provider.ask<{ token: string }>('POST', '/tokens', { name: 'looks', scope: 'viewer' })

  expect((await post(pair.provider, '/peers', { did: 'did:web:e.example' }, newKey(), token)).status).toBe(403)
})

test.each(['', 'with space', 'x'.repeat(129), 'ä'])('the key %j is refused', async (key) => {
  const answer = await post(pair.provider, '/peers', { did: 'did:web:f.example' }, key)

  expect(answer).toMatchObject({ status: 400, json: { code: 'request.malformed', path: 'Idempotency-Key' } })
})

describe('answers', () => {
  let store: Store
  let now: Instant = NOW
  let once: AnswerOnce
  let works = 0
  beforeAll(() => {
    store = openStore({ file: ':memory:', now: NOW, origin: 'did:web:own.example', nonce: () => '0'.repeat(32) })
    once = createAnswerOnce({ store, clock: () => now, log: silentLog, answersMax: 2 })
  })
  afterAll(() => {
    store.close()
  })
  const ask = (key: string, by = 'ci'): ReturnType<AnswerOnce> =>
    once({ by, key, requestDigest: 'd' }, async () => ({ status: 201, body: String(++works) }))

  test('are kept for a day and no longer; older ones leave the database', async () => {
    const first = await ask('a')

    now = instant(NOW + ANSWERS_KEPT_MS - 1)
    expect(await ask('a')).toEqual({ answer: first.answer, replayed: true })
    now = instant(NOW + ANSWERS_KEPT_MS)
    expect(await ask('a')).toMatchObject({ replayed: false })

    now = instant(NOW + 2 * ANSWERS_KEPT_MS + 1)
    await ask('b')
    expect(store.reader.list('idempotency', { after: null, limit: 10 }).map(({ key }) => key)).toEqual(['ci b'])
  })

  test('are bounded for each token', async () => {
    await ask('c')

    await expect(ask('d')).rejects.toMatchObject({ problem: { code: 'busy.limit' } })
    expect(await ask('c')).toMatchObject({ replayed: true })
    expect(await ask('d', 'ci2')).toMatchObject({ replayed: false })
    expect(await ask('d', 'c')).toMatchObject({ replayed: false })
  })

  test('that cannot be kept are given all the same: the work is done', async () => {
    const full: Store['transact'] = () => Promise.reject(new ProblemError(problem('store.full', 'full')))
    const onFull = createAnswerOnce({
      store: { ...store, transact: full },
      clock: () => now,
      log: silentLog,
      answersMax: 9,
    })

    expect(await onFull({ by: 'x', key: 'k', requestDigest: 'd' }, async () => ({ status: 201, body: '' }))).toEqual({
      answer: { status: 201, body: '' },
      replayed: false,
    })
  })

  test('of work that failed reach everyone who waited for it, and are forgotten', async () => {
    let calls = 0
    const fails = (): Promise<never> => {
      calls += 1
      return Promise.reject(new ProblemError(problem('peer.unreachable', 'no')))
    }
    const request = { by: 'y', key: 'k', requestDigest: 'd' }

    const both = await Promise.allSettled([once(request, fails), once(request, fails)])

    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect(calls).toBe(1)
    expect(await once(request, async () => ({ status: 200, body: '' }))).toMatchObject({ replayed: false })
  })
})
