// Data that is sent to an endpoint over a real connection: whole or not at all, and every end told apart.

import { createHash } from 'node:crypto'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import type { OpenedSource } from '../../../src/dataplane/opened-source.ts'
import { sendData, type Sent } from '../../../src/dataplane/send-data.ts'
import { problem, ProblemError } from '../../../src/kernel/problem.ts'
import { createHttpClient } from '../../../src/wire/http-client.ts'

const DATA = Buffer.from('0123456789'.repeat(100_000))
const DIGEST = `sha-256:${createHash('sha256').update(DATA).digest('hex')}`
const FIELD = `sha-256=:${createHash('sha256').update(DATA).digest('base64')}:`
const NOTHING = {
  digest: `sha-256:${createHash('sha256').digest('hex')}`,
  field: `sha-256=:${createHash('sha256').digest('base64')}:`,
}

interface Got {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  body: Buffer
  isWhole: boolean
}

async function receiver(
  answer: RequestListener | null = null,
): Promise<{ readonly endpoint: string; readonly got: Got[] }> {
  const got: Got[] = []
  const server = createServer((request, response) => {
    const each: Got = { headers: request.headers, body: Buffer.alloc(0), isWhole: false }
    got.push(each)
    const chunks: Uint8Array[] = []
    request.on('data', (chunk: Uint8Array) => {
      chunks.push(chunk)
      each.body = Buffer.concat(chunks)
    })
    request.on('error', () => undefined)
    request.on('end', () => {
      each.isWhole = true
      if (answer === null) response.end()
    })
    answer?.(request, response)
  })
  await new Promise<void>((open) => {
    server.listen(0, '127.0.0.1', () => {
      open()
    })
  })
  onTestFinished(async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })
  return { endpoint: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/in`, got }
}

interface Sending {
  readonly source?: Partial<OpenedSource>
  readonly pieces?: Iterable<Uint8Array> | AsyncIterable<Uint8Array>
  readonly signal?: AbortSignal
  readonly timeoutMs?: number
  readonly authorization?: string | null
}

async function sending(
  endpoint: string,
  { source = {}, pieces, signal, timeoutMs = 5_000, authorization = 'Bearer t' }: Sending = {},
): Promise<Sent> {
  const client = createHttpClient({
    guard: 'peer',
    loopback: true,
    allowHttpHosts: ['127.0.0.1'],
    allowNetworks: ['127.0.0.0/8'],
    connectionsPerOriginMax: 4,
  })
  onTestFinished(() => client.close())
  const body = Readable.from(pieces ?? inPieces())
  const known = {
    answer: 'data',
    mediaType: 'text/csv',
    size: DATA.length,
    part: null,
    etag: '"1"',
    lastModified: null,
  } as const
  const opened: OpenedSource = {
    ...known,
    takesRanges: true,
    digest: DIGEST,
    body,
    learn: () => undefined,
    close: async () => void body.destroy(),
    ...source,
  }
  return sendData(client.upload, { endpoint, method: 'PUT', authorization }, opened, {
    ...{ idempotencyKey: 'urn:uuid:1', signal: signal ?? new AbortController().signal, onBytes: () => undefined },
    ...{ timeoutMs, answerBytesMax: 1_000 },
  })
}

function* inPieces(until = DATA.length): Generator<Uint8Array> {
  for (let at = 0; at < until; at += 65_536) yield DATA.subarray(at, Math.min(until, at + 65_536))
}

describe('data', () => {
  test('whose length and digest are known goes with both, its token and its key', async () => {
    const { endpoint, got } = await receiver()
    expect(await sending(endpoint)).toEqual({
      bytes: DATA.length,
      digest: DIGEST,
      outcome: 'complete',
      attempt: { kind: 'answered', status: 200 },
      reason: null,
      retryAfterMs: null,
    })
    expect(got).toMatchObject([
      {
        isWhole: true,
        headers: {
          authorization: 'Bearer t',
          'content-type': 'text/csv',
          'content-length': String(DATA.length),
          'repr-digest': FIELD,
          'content-digest': FIELD,
          'idempotency-key': 'urn:uuid:1',
        },
      },
    ])
    expect(got[0]?.body.equals(DATA)).toBe(true)
  })

  test('of which nothing is known goes in chunks, and its digest is computed on the way', async () => {
    const { endpoint, got } = await receiver()
    expect(await sending(endpoint, { source: { size: null, digest: null } })).toMatchObject({
      outcome: 'complete',
      digest: DIGEST,
    })
    expect(got[0]?.headers).toMatchObject({ 'transfer-encoding': 'chunked' })
    expect(got[0]?.headers).not.toHaveProperty('repr-digest')
  })

  test.each([0, 1])('of %i bytes is data', async (size) => {
    const { endpoint, got } = await receiver()
    const pieces = size === 0 ? [] : [Buffer.from('x')]
    expect(await sending(endpoint, { pieces, source: { size, digest: null } })).toMatchObject({
      outcome: 'complete',
      bytes: size,
      digest: `sha-256:${createHash('sha256').update('x'.repeat(size)).digest('hex')}`,
    })
    expect(got[0]).toMatchObject({ isWhole: true, body: Buffer.from('x'.repeat(size)) })
  })

  test.each([0, null])('of no bytes, announced as %s, is whole with the digest of nothing', async (size) => {
    const { endpoint, got } = await receiver((_request, response) => {
      response.setHeader('repr-digest', NOTHING.field).end()
    })
    const sent = await sending(endpoint, { pieces: [], source: { size, digest: null } })
    expect(sent).toMatchObject({ outcome: 'complete', bytes: 0, digest: NOTHING.digest })
    expect(got).toMatchObject([{ isWhole: true }])
  })

  test('without a token goes without one', async () => {
    const { endpoint, got } = await receiver()
    await sending(endpoint, { authorization: null })
    expect(got[0]?.headers).not.toHaveProperty('authorization')
  })
})

describe('the receiver', () => {
  test('that has other bytes than were sent has not taken the data', async () => {
    const other = `sha-256=:${createHash('sha256').update('x').digest('base64')}:`
    const { endpoint } = await receiver((request, response) =>
      request.on('end', () => response.setHeader('repr-digest', other).end()),
    )
    expect(await sending(endpoint)).toMatchObject({
      outcome: 'peer-gone',
      digest: null,
      reason: { code: 'data.digest' },
      attempt: { kind: 'unreachable' },
    })
  })

  test('that says so in its own words is quoted, with its wish for a pause', async () => {
    const { endpoint } = await receiver((request, response) =>
      request.on('end', () =>
        response
          .writeHead(503, { 'retry-after': '7', 'content-type': 'application/problem+json' })
          .end('{"code":"busy.limit","detail":"later"}'),
      ),
    )
    expect(await sending(endpoint)).toMatchObject({
      outcome: 'peer-gone',
      attempt: { kind: 'answered', status: 503 },
      retryAfterMs: 7_000,
      reason: { code: 'busy.limit', message: 'later' },
    })
  })

  test('that repeats the token it was given is quoted without it', async () => {
    const token = 'a-token/that-opens-the-endpoint'
    const { endpoint } = await receiver((request, response) => {
      request.on('end', () => {
        response.statusCode = 403
        response.setHeader('content-type', 'application/problem+json')
        const detail = `${String(request.headers.authorization)} opens nothing, nor does ${encodeURIComponent(token)}`
        response.end(JSON.stringify({ code: 'token.expired', detail }))
      })
    })
    const { reason } = await sending(endpoint, { authorization: `Bearer ${token}` })
    expect(reason).toEqual(problem('token.expired', 'Bearer … opens nothing, nor does …'))
  })

  test('that refuses before it has read everything is understood', async () => {
    const { endpoint } = await receiver((_request, response) => response.writeHead(403).end())
    const pieces = (async function* () {
      for (let n = 0; n < 1_000; n++) {
        yield Buffer.alloc(1_000)
        await new Promise((goOn) => setImmediate(goOn))
      }
    })()
    expect(await sending(endpoint, { pieces, source: { size: null, digest: null } })).toMatchObject({
      outcome: 'peer-gone',
      attempt: { kind: 'answered', status: 403 },
    })
  })

  test('that says yes before it has read everything has not taken the data', async () => {
    const { endpoint } = await receiver((_request, response) => response.writeHead(200).end())
    const pieces = (async function* () {
      for (;;) {
        yield Buffer.alloc(1_000)
        await new Promise((goOn) => setImmediate(goOn))
      }
    })()
    expect(await sending(endpoint, { pieces, source: { size: null, digest: null } })).toMatchObject({
      outcome: 'peer-gone',
      attempt: { kind: 'unreachable' },
      reason: { code: 'peer.malformed' },
    })
  })

  test('that redirects is not followed', async () => {
    const other = await receiver()
    const { endpoint } = await receiver((request, response) =>
      request.on('end', () => response.writeHead(308, { location: other.endpoint }).end()),
    )
    expect(await sending(endpoint)).toMatchObject({ attempt: { kind: 'answered', status: 308 } })
    expect(other.got).toEqual([])
  })

  test('that takes nothing more is given up', async () => {
    const { endpoint } = await receiver((request) => request.pause())
    expect(await sending(endpoint, { timeoutMs: 300 })).toMatchObject({
      outcome: 'peer-gone',
      attempt: { kind: 'unreachable' },
      reason: { code: 'peer.unreachable' },
    })
  })

  test('that cannot be reached has got no byte', async () => {
    expect(await sending('http://127.0.0.1:9/')).toMatchObject({
      bytes: 0,
      outcome: 'peer-gone',
      attempt: { kind: 'unreachable' },
    })
  })

  test.each(['http://169.254.169.254/', 'https://10.0.0.1/'])('at %s is never called', async (endpoint) => {
    expect(await sending(endpoint)).toMatchObject({
      bytes: 0,
      attempt: { kind: 'forbidden' },
      reason: { code: 'address.forbidden' },
    })
  })
})

describe('what is cut or breaks', () => {
  test('by the signal is no whole body for the receiver, and says why', async () => {
    const { endpoint, got } = await receiver()
    const control = new AbortController()
    const pieces = (async function* () {
      yield Buffer.alloc(1_000)
      control.abort(new ProblemError(problem('transfer.not-started', 'suspended')))
      await new Promise((goOn) => setImmediate(goOn))
      yield Buffer.alloc(1_000)
    })()
    expect(
      await sending(endpoint, { pieces, source: { size: null, digest: null }, signal: control.signal }),
    ).toMatchObject({ outcome: 'cut', attempt: null, reason: { code: 'transfer.not-started' } })
    expect(got.every(({ isWhole }) => !isWhole)).toBe(true)
  })

  test.each<[string, Partial<OpenedSource>]>([
    ['of known length', { size: 2_000 }],
    ['in chunks', { size: null, digest: null }],
  ])('in the source is no whole body for the receiver: %s', async (_what, source) => {
    const { endpoint, got } = await receiver()
    const pieces = (async function* () {
      yield Buffer.alloc(1_000)
      yield Buffer.alloc(1_000)
      // Time enough for the receiver to take all that was handed over.
      for (let turns = 0; turns < 200 && got[0]?.isWhole !== true; turns++)
        await new Promise((goOn) => setImmediate(goOn))
      throw new ProblemError(problem('source.unavailable', 'the file changed'))
    })()
    expect(await sending(endpoint, { pieces, source })).toMatchObject({
      outcome: 'source-failed',
      digest: null,
      attempt: null,
      reason: { code: 'source.unavailable' },
    })
    expect(got.every(({ isWhole }) => !isWhole)).toBe(true)
  })
})
