// Data that is pushed, between two connectors: counted once, put where the consumer wants it, completed by the provider.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../fixtures/eventually.ts'
import { agreeOn, bothIn, DATA, processOn, startPair, type Pair, type ProcessView } from '../fixtures/pair.ts'
import { openS3rver, type TestStore } from '../fixtures/s3.ts'
import { openSlowSource, type SlowSource } from '../fixtures/slow-source.ts'

const PUSHED = 'urn:dataset:pushed'
const ONCE = 'urn:dataset:once'
const BY_HAND = 'urn:dataset:by-hand'
const SLOW = 'urn:dataset:slow'
const PUSH = 'HttpData-PUSH'
const DIGEST = `sha-256:${createHash('sha256').update(DATA).digest('hex')}`

const use = (count: number): string =>
  `permission:\n  - action: use\n    constraint:\n      - count: { lteq: ${String(count)} }\n`

/** An endpoint of the consumer's own that a test plays. */
interface Receiver {
  readonly url: string
  readonly got: { readonly headers: IncomingMessage['headers']; readonly method: string; readonly body: Buffer }[]
  /** Answers the requests to come; null for an empty 200. */
  readonly answerWith: (answer: ((response: ServerResponse, n: number) => void) | null) => void
  readonly close: () => Promise<void>
}

async function openReceiver(): Promise<Receiver> {
  const got: Receiver['got'] = []
  let answer: ((response: ServerResponse, n: number) => void) | null = null
  const server = createServer((request, response) => {
    const chunks: Uint8Array[] = []
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    request.on('end', () => {
      got.push({ headers: request.headers, method: request.method ?? '', body: Buffer.concat(chunks) })
      if (answer === null) response.end()
      else answer(response, got.length)
    })
  })
  await new Promise<void>((open) => {
    server.listen(0, '127.0.0.1', () => {
      open()
    })
  })
  return {
    url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/ingest`,
    got,
    answerWith: (next) => {
      answer = next
    },
    close: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

let pair: Pair
let source: SlowSource
let receiver: Receiver
let store: TestStore
const sinksDir = mkdtempSync(join(tmpdir(), 'lingqu-sinks-'))
beforeAll(async () => {
  ;[source, receiver, store] = await Promise.all([openSlowSource(), openReceiver(), openS3rver()])
  pair = await startPair({
    settings: { data: { sinksDir } },
    offers: {
      pushed: `offer: pushed\ndatasets: ["${PUSHED}", "${SLOW}"]\n${use(100_000)}`,
      byHand: `offer: by-hand\ndatasets: ["${BY_HAND}"]\nautomation: { transfer: { onPushed: manual } }\n${use(100_000)}`,
      once: `offer: once\ndatasets: ["${ONCE}"]\n${use(1)}`,
    },
  })
  const { connector } = pair.provider
  const path = join(connector.directory, 'data.csv')
  const formats = ['HttpData-PULL', PUSH]
  await connector.ask('/datasets', [
    { '@id': PUSHED, formats, source: { type: 'file', path, mediaType: 'text/csv' } },
    { '@id': ONCE, formats: [PUSH], source: { type: 'file', path } },
    { '@id': BY_HAND, formats: [PUSH], source: { type: 'file', path } },
    { '@id': SLOW, formats: [PUSH], source: { type: 'http', url: source.url } },
  ])
})
afterAll(async () => {
  await pair.discard()
  await Promise.all([source.close(), receiver.close(), store.close()])
  rmSync(sinksDir, { recursive: true, force: true })
})
afterEach(() => {
  receiver.answerWith(null)
  receiver.got.length = 0
  for (const { connector } of [pair.provider, pair.consumer]) {
    connector.verify()
    expect(connector.log()).not.toContain('http.defect')
  }
})

async function push(agreementId: string, destination: object, automation: object = {}): Promise<string> {
  const body = { agreementId, format: PUSH, automation, ...destination }
  return (await pair.consumer.connector.ask<ProcessView>('/transfers', body)).id
}

const toReceiver = (): object => ({
  dataAddress: {
    endpoint: receiver.url,
    endpointProperties: [
      { name: 'authorization', value: 'secret' },
      { name: 'authType', value: 'bearer' },
    ],
  },
})

function used(agreementId: string): number {
  const [row] = pair.provider.connector.rows<{ used: number }>(
    'SELECT used FROM counter WHERE agreement_id = ?',
    agreementId,
  )
  return row?.used ?? 0
}

function typesOf({ connector }: Pair['provider'], agreementId: string): readonly string[] {
  return connector
    .entries()
    .filter(({ agreement, type }) => agreement === agreementId && /^(delivery|usage|push|token)\./.test(type))
    .map(({ type }) => type)
}

/** How many bytes were pushed, as that side's metrics tell. */
async function pushedBytes({ connector }: Pair['provider'], direction: 'in' | 'out'): Promise<number> {
  const url = `http://127.0.0.1:${String(connector.managementPort)}/metrics`
  const headers = { connection: 'close', authorization: `Bearer ${connector.token()}` }
  const answer = await fetch(url, { headers })
  const line = new RegExp(`^lingqu_pushed_bytes_total\\{direction="${direction}"\\} (\\d+)$`, 'm')
  return Number(line.exec(await answer.text())?.[1] ?? 0)
}

describe('a push', () => {
  test('goes to the endpoint that the consumer names, with its token and the digest, and is completed', async () => {
    const agreementId = await agreeOn(pair, PUSHED)
    const pid = await push(agreementId, toReceiver())
    await bothIn(pair, 'transfers', pid, 'COMPLETED')
    expect(receiver.got).toHaveLength(1)
    const [{ headers, method, body } = { headers: {}, method: '', body: Buffer.alloc(0) }] = receiver.got
    expect([method, body.equals(DATA)]).toEqual(['POST', true])
    expect(headers).toMatchObject({
      authorization: 'Bearer secret',
      'content-type': 'text/csv',
      'content-length': String(DATA.length),
      'repr-digest': `sha-256=:${createHash('sha256').update(DATA).digest('base64')}:`,
    })
    expect(used(agreementId)).toBe(1)
    expect(typesOf(pair.provider, agreementId)).toEqual(['usage.counted', 'delivery.started', 'delivery.ended'])
  })

  test('fills a file of the consumer’s, which appears whole, with evidence of both ends', async () => {
    mkdirSync(join(sinksDir, 'weather'), { recursive: true })
    const agreementId = await agreeOn(pair, PUSHED)
    const counted = (): Promise<readonly number[]> =>
      Promise.all([pushedBytes(pair.provider, 'out'), pushedBytes(pair.consumer, 'in')])
    const [sent = 0, came = 0] = await counted()
    const pid = await push(agreementId, { sink: { type: 'file', path: 'weather/today.csv' } })
    await bothIn(pair, 'transfers', pid, 'COMPLETED')
    expect(await counted()).toEqual([sent + DATA.length, came + DATA.length])
    expect(readFileSync(join(sinksDir, 'weather', 'today.csv')).equals(DATA)).toBe(true)
    expect(typesOf(pair.consumer, agreementId)).toEqual(['delivery.arriving', 'delivery.received'])
    const shown = await pair.consumer.connector.ask(`/transfers/${pid}`)
    expect(shown).toMatchObject({
      reception: { bytes: DATA.length, digest: DIGEST, sink: { type: 'file', path: 'weather/today.csv' } },
    })
    const last = pair.consumer.connector.entries(pid).findLast(({ type }) => type === 'delivery.received')
    expect(last?.ext).toMatchObject({ bytes: DATA.length, digest: DIGEST, announcedDigest: DIGEST })
  })

  test('fills a URL inside the consumer’s network, with headers that are sealed and never shown', async () => {
    const agreementId = await agreeOn(pair, PUSHED)
    const sink = { type: 'http', url: receiver.url, headers: { 'x-api-key': 'very-secret-key' } }
    const pid = await push(agreementId, { sink })
    await bothIn(pair, 'transfers', pid, 'COMPLETED')
    expect(receiver.got).toMatchObject([
      { method: 'PUT', headers: { 'x-api-key': 'very-secret-key', 'content-type': 'text/csv' } },
    ])
    expect(receiver.got[0]?.body.equals(DATA)).toBe(true)
    expect(JSON.stringify(await pair.consumer.connector.ask(`/transfers/${pid}`))).toContain('"x-api-key":"sealed"')
    const { database } = pair.consumer.connector
    for (const file of [database, `${database}-wal`])
      if (existsSync(file)) expect(readFileSync(file).includes('very-secret-key')).toBe(false)
  })

  test('fills an object of an S3 store', async () => {
    const agreementId = await agreeOn(pair, PUSHED)
    const { endpoint, bucket, accessKeyId, secretAccessKey } = store
    const pid = await push(agreementId, {
      sink: { type: 's3', endpoint, bucket, key: 'in/today.csv', accessKeyId, secretAccessKey },
    })
    await bothIn(pair, 'transfers', pid, 'COMPLETED')
    const object = await fetch(`${endpoint}/${bucket}/in/today.csv`)
    expect(Buffer.from(await object.arrayBuffer()).equals(DATA)).toBe(true)
  })

  test('is tried again until it is taken, and is one use all the same', async () => {
    receiver.answerWith((response, n) => response.writeHead(n < 3 ? 503 : 204).end())
    const agreementId = await agreeOn(pair, ONCE)
    const pid = await push(agreementId, toReceiver())
    await bothIn(pair, 'transfers', pid, 'COMPLETED')
    expect(receiver.got).toHaveLength(3)
    expect(used(agreementId)).toBe(1)
    const key = new Set(receiver.got.map(({ headers }) => headers['idempotency-key']))
    expect(key.size).toBe(1)
  })

  test('that is refused is suspended with the reason, stands in the inbox, and goes on when the consumer resumes', async () => {
    receiver.answerWith((response) => response.writeHead(413).end())
    const agreementId = await agreeOn(pair, PUSHED)
    const pid = await push(agreementId, toReceiver())
    const { provider, consumer } = await bothIn(pair, 'transfers', pid, 'SUSPENDED')
    expect(provider.problem).toMatchObject({ code: 'push.stopped', message: expect.stringContaining('413') as string })
    expect(consumer.problem).toMatchObject({ message: expect.stringContaining('413') as string })
    const { items } = await pair.provider.connector.ask<{ items: { id: string }[] }>('/inbox')
    expect(items.map(({ id }) => id)).toContain(provider.id)
    receiver.answerWith(null)
    await pair.consumer.connector.ask(`/transfers/${pid}/resume`, {})
    await bothIn(pair, 'transfers', pid, 'COMPLETED')
    expect(receiver.got).toHaveLength(2)
  })

  test('follows no redirect', async () => {
    const elsewhere = await openReceiver()
    receiver.answerWith((response) => response.writeHead(307, { location: elsewhere.url }).end())
    const agreementId = await agreeOn(pair, PUSHED)
    const pid = await push(agreementId, toReceiver())
    await bothIn(pair, 'transfers', pid, 'SUSPENDED')
    expect(elsewhere.got).toEqual([])
    await elsewhere.close()
  })

  test('whose use is taken is refused when it is asked for', async () => {
    const agreementId = await agreeOn(pair, ONCE)
    await bothIn(pair, 'transfers', await push(agreementId, toReceiver()), 'COMPLETED')
    expect(used(agreementId)).toBe(1)
    const second = await push(agreementId, toReceiver())
    const view = await eventually('the second is refused', async () => {
      const shown = await processOn(pair.consumer, 'transfers', second)
      return shown.state === 'TERMINATED' || shown.problem !== null ? shown : null
    })
    expect(view.problem).not.toBeNull()
    expect(receiver.got).toHaveLength(1)
  })

  test('is not completed of its own accord where that is a person’s to say, and is not sent again', async () => {
    const agreementId = await agreeOn(pair, BY_HAND)
    const pid = await push(agreementId, toReceiver())
    const { provider } = await bothIn(pair, 'transfers', pid, 'STARTED')
    await eventually('it is sent', async () => {
      const view = await pair.provider.connector.ask<{ push: { doneAt: string | null } }>(`/transfers/${provider.id}`)
      return view.push.doneAt !== null
    })
    await pair.consumer.connector.ask(`/transfers/${pid}/suspend`, {})
    await bothIn(pair, 'transfers', pid, 'SUSPENDED')
    await pair.consumer.connector.ask(`/transfers/${pid}/resume`, {})
    await bothIn(pair, 'transfers', pid, 'STARTED')
    await pair.provider.connector.ask(`/transfers/${provider.id}/complete`, {})
    await bothIn(pair, 'transfers', pid, 'COMPLETED')
    expect(receiver.got).toHaveLength(1)
  })

  test.each([
    ['before the receiver answers', false],
    ['after it, as likely as not before that is on record', true],
  ])('survives kill -9 of the provider %s: delivered, counted once, completed', async (_when, answers) => {
    let isKilled: Promise<void> | null = null
    receiver.answerWith((response) => {
      if (isKilled !== null) response.end()
      else {
        if (answers) response.end()
        isKilled = pair.provider.connector.kill()
      }
    })
    const agreementId = await agreeOn(pair, ONCE)
    const pid = await push(agreementId, toReceiver())
    await eventually('it is killed', () => isKilled !== null)
    await (isKilled as Promise<void> | null)
    await pair.provider.connector.start()
    await bothIn(pair, 'transfers', pid, 'COMPLETED')
    expect(used(agreementId)).toBe(1)
    for (const { body } of receiver.got) expect(body.equals(DATA)).toBe(true)
  })

  test('survives kill -9 of the consumer that fills a sink', async () => {
    let isKilled: Promise<void> | null = null
    receiver.answerWith((response) => {
      if (isKilled !== null) response.end()
      else isKilled = pair.consumer.connector.kill()
    })
    const agreementId = await agreeOn(pair, ONCE)
    const pid = await push(agreementId, { sink: { type: 'http', url: receiver.url } })
    await eventually('it is killed', () => isKilled !== null)
    await (isKilled as Promise<void> | null)
    await pair.consumer.connector.start()
    await bothIn(pair, 'transfers', pid, 'COMPLETED')
    expect(used(agreementId)).toBe(1)
    expect(typesOf(pair.consumer, agreementId).at(-1)).toBe('delivery.received')
  })

  test('that runs is cut by a suspension, and nothing of it stays in the sink', async () => {
    const agreementId = await agreeOn(pair, SLOW)
    const pid = await push(agreementId, { sink: { type: 'file', path: 'slow.bin' } })
    const { provider } = await bothIn(pair, 'transfers', pid, 'STARTED')
    await eventually('data arrives', () => typesOf(pair.consumer, agreementId).includes('delivery.arriving'))
    await pair.provider.connector.ask(`/transfers/${provider.id}/suspend`, {})
    await eventually('both ends are on record', () => {
      const [ours, theirs] = [typesOf(pair.provider, agreementId), typesOf(pair.consumer, agreementId)]
      return ours.includes('delivery.ended') && theirs.includes('delivery.lost')
    })
    expect(existsSync(join(sinksDir, 'slow.bin'))).toBe(false)
    await pair.provider.connector.ask(`/transfers/${provider.id}/terminate`, {})
    await bothIn(pair, 'transfers', pid, 'TERMINATED')
  })
})
