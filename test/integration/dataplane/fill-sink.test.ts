// Sinks: all of the data or nothing that looks like it, whatever breaks, and only where an administrator wants it.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createFillSink, type FillSink, type Incoming } from '../../../src/dataplane/fill-sink.ts'
import { verifiedBody } from '../../../src/dataplane/verified-body.ts'
import type { DataSink } from '../../../src/domain/delivery/sink.ts'
import { problem, ProblemError } from '../../../src/kernel/problem.ts'
import { createHttpClient } from '../../../src/wire/http-client.ts'
import { instant } from '../../../src/kernel/time.ts'
import { openS3rver } from '../../fixtures/s3.ts'
import { scratch } from './scratch.ts'

const PIECES = ['one ', 'two ', 'three'].map((text) => Buffer.from(text))
const DATA = Buffer.concat(PIECES)
const DIGEST = `sha-256:${createHash('sha256').update(DATA).digest('hex')}`

function incoming(more: Partial<Incoming> & { readonly announced?: string | null } = {}): Incoming {
  const { announced = DIGEST, ...rest } = more
  const { body } = verifiedBody(Readable.from(PIECES), () => announced)
  return {
    owner: 'urn:uuid:1',
    body,
    mediaType: 'text/csv',
    size: DATA.length,
    signal: new AbortController().signal,
    ...rest,
  }
}

/** What comes, and then breaks. */
async function* broken(): AsyncGenerator<Uint8Array> {
  yield* PIECES
  throw new ProblemError(problem('data.cut', 'the connection broke'))
}

function filling(sinksDir?: string): FillSink {
  const client = createHttpClient({
    guard: 'source',
    loopback: false,
    allowHttpHosts: [],
    allowNetworks: [],
    connectionsPerOriginMax: 4,
  })
  onTestFinished(() => client.close())
  return createFillSink({
    ...(sinksDir !== undefined && { sinksDir }),
    upload: client.upload,
    clock: () => instant(Date.now()),
    timeoutMs: 2_000,
    answerBytesMax: 1_000,
  })
}

interface Got {
  readonly method: string
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  body: string
  isWhole: boolean
}

async function receiver(answer?: RequestListener): Promise<{ readonly url: string; readonly got: Got[] }> {
  const got: Got[] = []
  const server = createServer((request, response) => {
    const each: Got = { method: request.method ?? '', headers: request.headers, body: '', isWhole: false }
    got.push(each)
    request.on('error', () => undefined)
    request.on('data', (chunk: Buffer) => (each.body += chunk.toString()))
    request.on('end', () => {
      each.isWhole = true
      if (answer === undefined) response.end()
      else answer(request, response)
    })
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
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/in`, got }
}

describe('a file', () => {
  test('appears when all of the data is there, over the one that was there before', async () => {
    const directory = scratch()
    writeFileSync(join(directory, 'a'), 'old')
    await filling(directory)({ type: 'file', path: 'a' }, incoming())
    expect(readFileSync(join(directory, 'a')).equals(DATA)).toBe(true)
    expect(readdirSync(directory)).toEqual(['a'])
  })

  test.each<[string, Partial<Incoming> & { announced?: string }, string]>([
    ['whose digest is another', { announced: 'sha-256:00' }, 'data.digest'],
    ['that breaks off', { body: broken() }, 'data.cut'],
    [
      'that is cut',
      { signal: AbortSignal.abort(new ProblemError(problem('transfer.not-started', 'suspended'))) },
      'transfer.not-started',
    ],
  ])('stays as it was under data %s, and nothing lies beside it', async (_what, more, code) => {
    const directory = scratch()
    writeFileSync(join(directory, 'a'), 'old')
    await expect(filling(directory)({ type: 'file', path: 'a' }, incoming(more))).rejects.toMatchObject({
      problem: { code },
    })
    expect([readdirSync(directory), readFileSync(join(directory, 'a'), 'utf8')]).toEqual([['a'], 'old'])
  })

  test('is written nowhere without a root, where its directory is missing, or where a link leads out of the root', async () => {
    const [directory, outside] = [scratch(), scratch()]
    symlinkSync(outside, join(directory, 'out'))
    writeFileSync(join(directory, 'file'), '')
    for (const path of ['none/a', 'out/a', 'file/a'])
      await expect(filling(directory)({ type: 'file', path }, incoming())).rejects.toMatchObject({
        problem: { code: 'sink.unavailable' },
      })
    await expect(filling()({ type: 'file', path: 'a' }, incoming())).rejects.toMatchObject({
      problem: { code: 'sink.unavailable' },
    })
    expect(readdirSync(outside)).toEqual([])
  })

  test('that is a link itself is replaced, and what it led to stays', async () => {
    const [directory, outside] = [scratch(), scratch()]
    writeFileSync(join(outside, 'target'), 'untouched')
    symlinkSync(join(outside, 'target'), join(directory, 'a'))
    await filling(directory)({ type: 'file', path: 'a' }, incoming())
    expect([readFileSync(join(outside, 'target'), 'utf8'), readFileSync(join(directory, 'a'), 'utf8')]).toEqual([
      'untouched',
      DATA.toString(),
    ])
  })

  test('that is a directory cannot be one', async () => {
    const directory = scratch()
    mkdirSync(join(directory, 'a'))
    await expect(filling(directory)({ type: 'file', path: 'a' }, incoming())).rejects.toMatchObject({
      problem: { code: 'sink.unavailable', message: 'the sink cannot take the data: its disk did not take it' },
    })
    expect(existsSync(join(directory, 'a'))).toBe(true)
  })
})

describe('a URL', () => {
  test.each<[string, Partial<Incoming>, object]>([
    ['with the length where it is known', {}, { 'content-length': String(DATA.length) }],
    ['in chunks where it is not', { size: null }, { 'transfer-encoding': 'chunked' }],
  ])('gets the data as one body, %s', async (_what, more, headers) => {
    const { url, got } = await receiver()
    await filling()({ type: 'http', url, headers: { 'x-key': 'k' } }, incoming(more))
    expect(got).toMatchObject([
      {
        method: 'PUT',
        body: DATA.toString(),
        isWhole: true,
        headers: { 'x-key': 'k', 'content-type': 'text/csv', ...headers },
      },
    ])
  })

  test.each<[string, Partial<Incoming> & { announced?: string }, string]>([
    ['whose digest is another', { announced: 'sha-256:00' }, 'data.digest'],
    ['whose digest is another, in chunks', { announced: 'sha-256:00', size: null }, 'data.digest'],
    ['that breaks off', { body: broken(), size: 100 }, 'data.cut'],
    ['that breaks off, in chunks', { body: broken(), size: null }, 'data.cut'],
  ])('never gets data whole %s', async (_what, more, code) => {
    const { url, got } = await receiver()
    await expect(filling()({ type: 'http', url }, incoming(more))).rejects.toMatchObject({ problem: { code } })
    expect(got.every(({ isWhole }) => !isWhole)).toBe(true)
  })

  test.each([301, 400, 403, 500, 503])(
    'that answers %i cannot take the data, and its own words stay here',
    async (status) => {
      const { url } = await receiver((_request, response) =>
        response.writeHead(status, { location: 'http://10.0.0.1/' }).end('inside'),
      )
      await expect(filling()({ type: 'http', url }, incoming())).rejects.toMatchObject({
        problem: { code: 'sink.unavailable', message: `the sink cannot take the data: it answered ${String(status)}` },
      })
    },
  )

  test('that is link-local is never called', async () => {
    await expect(filling()({ type: 'http', url: 'http://169.254.169.254/' }, incoming())).rejects.toMatchObject({
      problem: { code: 'sink.unavailable' },
    })
  })
})

describe('an object of a store', () => {
  test('is there when all of the data is, and not after data with another digest', async () => {
    const store = await openS3rver()
    onTestFinished(store.close)
    const { endpoint, bucket, accessKeyId, secretAccessKey } = store
    const sink = (key: string): DataSink => ({
      type: 's3',
      endpoint,
      bucket,
      key,
      accessKeyId,
      secretAccessKey,
      region: 'us-east-1',
      pathStyle: true,
    })
    const fill = filling()
    await fill(sink('in/a b.csv'), incoming())
    const good = await fetch(`${endpoint}/${bucket}/in/a%20b.csv`)
    expect([good.status, good.headers.get('content-type'), await good.text()]).toEqual([
      200,
      'text/csv',
      DATA.toString(),
    ])
    await expect(fill(sink('bad'), incoming({ announced: 'sha-256:00' }))).rejects.toMatchObject({
      problem: { code: 'data.digest' },
    })
    expect((await fetch(`${endpoint}/${bucket}/bad`)).status).toBe(404)
  })

  test('must be known by its length beforehand', async () => {
    const sink = {
      type: 's3',
      endpoint: 'http://127.0.0.1:9',
      bucket: 'abc',
      key: 'a',
      accessKeyId: 'a',
      secretAccessKey: 'b',
      region: 'r',
      pathStyle: true,
    } as const
    await expect(filling()(sink, incoming({ size: null }))).rejects.toMatchObject({
      problem: { code: 'request.malformed', path: 'Content-Length' },
    })
  })
})

describe('a body that is verified', () => {
  test('keeps its last piece back until the digest is right', async () => {
    const got: string[] = []
    const { body, digest, bytes } = verifiedBody(Readable.from(PIECES), () => 'sha-256:00')
    const reading = (async () => {
      for await (const piece of body) got.push(Buffer.from(piece).toString())
    })()
    await expect(reading).rejects.toMatchObject({ problem: { code: 'data.digest' } })
    expect([got, digest(), bytes()]).toEqual([['one ', 'two '], DIGEST, DATA.length])
  })

  test('of nothing has the digest of nothing', async () => {
    const { body, digest } = verifiedBody(Readable.from([]), () => null)
    for await (const piece of body) expect(piece).toBeNull()
    expect(digest()).toBe(`sha-256:${createHash('sha256').digest('hex')}`)
  })
})
