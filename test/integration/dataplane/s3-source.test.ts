// Objects of an S3-compatible store as sources: a real store, the real client with the guard for sources.

import { createHash, createHmac } from 'node:crypto'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createFileDigests } from '../../../src/dataplane/file-digests.ts'
import { openSource, type SourcePorts } from '../../../src/dataplane/open-source.ts'
import type { OpenedSource } from '../../../src/dataplane/opened-source.ts'
import { readConditions } from '../../../src/domain/delivery/conditions.ts'
import type { S3Source } from '../../../src/domain/delivery/data-source.ts'
import type { HttpStreamCall, HttpStreamRequest } from '../../../src/kernel/http-call.ts'
import { instant } from '../../../src/kernel/time.ts'
import { createHttpClient } from '../../../src/wire/http-client.ts'
import { STORES, type TestStore } from '../../fixtures/s3.ts'
import { problemOf } from './scratch.ts'

const GET = { rest: '', query: '', method: 'GET' } as const
const DATA = Buffer.from('hour,celsius\n0,17\n1,16\n')

const client = createHttpClient({
  ...{ guard: 'source', loopback: false, allowHttpHosts: [], allowNetworks: [], connectionsPerOriginMax: 4 },
})
afterAll(() => client.close())

function ports(call: HttpStreamCall = client.stream, now = Date.now()): SourcePorts {
  const fileDigests = createFileDigests({ entriesMax: 1, pendingMax: 1 })
  return { fileDigests, call, timeoutMs: 5_000, bodyTimeoutMs: 5_000, clock: () => instant(now) }
}

async function read({ body }: OpenedSource): Promise<string> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return Buffer.concat(pieces).toString()
}

const asking = (range?: string, ifRange?: string, ifNoneMatch?: string) => ({
  ...GET,
  conditions: readConditions({ range, ifRange, ifNoneMatch }),
})

describe.each(STORES)('an object of %s', (_, open) => {
  let store: TestStore
  beforeAll(async () => {
    store = await open()
    await store.put('2026/a b+气.csv', DATA, 'text/csv')
    await store.put('large.bin', Buffer.alloc(5_000_000, 'x'), 'application/octet-stream')
  })
  afterAll(() => store.close())

  const folder = (): S3Source => {
    const { endpoint, bucket, accessKeyId, secretAccessKey } = store
    return {
      type: 's3',
      endpoint,
      bucket,
      accessKeyId,
      secretAccessKey,
      region: 'us-east-1',
      prefix: '2026/',
      pathStyle: true,
    }
  }
  const object = (key = '2026/a b+气.csv'): S3Source => {
    const { prefix: _folder, ...rest } = folder()
    return { ...rest, key }
  }
  const sourceOf = (request: Parameters<typeof openSource>[1]): Promise<OpenedSource> =>
    openSource(object(), request, ports())

  test('gives its bytes, size, media type, ETag and date, and takes ranges', async () => {
    const opened = await sourceOf(GET)

    expect(opened).toMatchObject({
      answer: 'data',
      mediaType: 'text/csv',
      size: DATA.length,
      part: null,
      takesRanges: true,
    })
    expect(opened.etag).toMatch(/^"[^"]+"$/)
    expect(Date.parse(opened.lastModified ?? '')).not.toBeNaN()
    expect(await read(opened)).toBe(DATA.toString())
  })

  test('is looked at with HEAD', async () => {
    const opened = await sourceOf({ ...GET, method: 'HEAD' })

    expect(opened).toMatchObject({ answer: 'data', size: DATA.length })
    expect(await read(opened)).toBe('')
  })

  test('below a prefix is found by the rest of the path', async () => {
    const opened = await openSource(folder(), { ...GET, rest: 'a%20b%2B%E6%B0%94.csv' }, ports())

    expect(await read(opened)).toBe(DATA.toString())
  })

  test('gives a part, of the state that was named', async () => {
    const { etag } = await sourceOf({ ...GET, method: 'HEAD' })
    const opened = await sourceOf(asking('bytes=13-16', etag ?? ''))

    expect(opened).toMatchObject({ part: { first: 13, last: 16 }, size: DATA.length, etag })
    expect(await read(opened)).toBe('0,17')
  })

  test('gives all of it where another state was named, even where the store does not heed that', async () => {
    const opened = await sourceOf(asking('bytes=13-16', '"another"'))

    expect(opened.part).toBeNull()
    expect(await read(opened)).toBe(DATA.toString())
  })

  test('has no part behind its end, and is not given again to who has it', async () => {
    const { etag } = await sourceOf({ ...GET, method: 'HEAD' })

    expect(await sourceOf(asking('bytes=1000-'))).toMatchObject({ answer: 'no-such-range' })
    expect(await sourceOf(asking(undefined, undefined, etag ?? ''))).toMatchObject({ answer: 'not-modified' })
  })

  test('of five megabytes passes through in pieces', async () => {
    const opened = await openSource(object('large.bin'), GET, ports())

    let bytes = 0
    let pieces = 0
    for await (const piece of opened.body) {
      bytes += piece.byteLength
      pieces += 1
    }
    expect(bytes).toBe(5_000_000)
    expect(pieces).toBeGreaterThan(10)
  })

  test('that is not there is unknown, with a sentence that does not tell where it was looked for', async () => {
    const { code, message } = await problemOf(openSource(object('missing.csv'), GET, ports()))

    expect(code).toBe('source.unknown')
    expect(message).not.toMatch(/missing|127\.0\.0\.1/)
  })

  test('asked for with a wrong secret is unavailable, where the store looks', async () => {
    const opening = openSource({ ...object(), secretAccessKey: 'wrong' }, GET, ports())

    if (store.checksSignatures) expect(await problemOf(opening)).toMatchObject({ code: 'source.unavailable' })
    else await (await opening).close()
  })

  // prettier-ignore
  test.each([
    ['a path that climbs',           { ...GET, rest: '../secret' },        'request.malformed'],
    ['a path that climbs encoded',   { ...GET, rest: '%2e%2e%2fsecret' },  'request.malformed'],
    ['a query',                      { ...GET, rest: 'a', query: 'acl' },  'source.query'],
    ['a POST',                       { ...GET, rest: 'a', method: 'POST' as const }, 'source.method'],
    ['no path at all',               GET,                                  'source.unknown'],
  ])('below a prefix is refused for %s', async (_what, request, code) => {
    expect(await problemOf(openSource(folder(), request, ports()))).toMatchObject({ code })
  })
})

describe('the call', () => {
  const SOURCE: S3Source = {
    ...{ type: 's3', endpoint: 'https://s3.example', region: 'eu-1', bucket: 'weather', key: "a b+c'.csv" },
    ...{ accessKeyId: 'AKID', secretAccessKey: 'wJalrXUtnFEMI', pathStyle: false },
  }

  async function called(source: S3Source): Promise<HttpStreamRequest> {
    const requests: HttpStreamRequest[] = []
    const call: HttpStreamCall = async (request) => {
      requests.push(request)
      return { status: 200, headers: {}, body: Readable.from([]), trailers: () => ({}) }
    }
    await openSource(source, asking('bytes=0-1'), ports(call, Date.parse('2026-06-01T12:00:00.5Z')))
    const [request] = requests
    if (request === undefined) throw new Error('nothing was called')
    return request
  }

  test('carries a signature that whoever knows the secret computes again', async () => {
    const { url, headers = {}, method } = await called(SOURCE)

    expect(url).toBe('https://weather.s3.example/a%20b%2Bc%27.csv')
    expect(headers).toMatchObject({ 'x-amz-date': '20260601T120000Z', range: 'bytes=0-1' })
    const [, names = '', signature] =
      /SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$/.exec(headers['authorization'] ?? '') ?? []
    expect(names.split(';')).toContain('host')
    expect(signature).toBe(
      signatureOf(method, url, { ...headers, host: new URL(url).host }, names, SOURCE.secretAccessKey),
    )
  })

  test('says nothing of the secret', async () => {
    expect(JSON.stringify(await called(SOURCE))).not.toContain(SOURCE.secretAccessKey)
  })

  test('is made to no link-local address, and to no redirect', async () => {
    const metadata = openSource({ ...SOURCE, endpoint: 'http://169.254.169.254', pathStyle: true }, GET, ports())
    const call: HttpStreamCall = async () => ({
      ...{ status: 307, headers: { location: 'http://127.0.0.1/' }, body: Readable.from([]), trailers: () => ({}) },
    })

    expect(await problemOf(metadata)).toMatchObject({ code: 'source.unavailable' })
    expect(await problemOf(openSource(SOURCE, GET, ports(call)))).toMatchObject({ code: 'source.unavailable' })
  })
})

/** AWS Signature Version 4 as its documentation tells it, written out apart from the library that signs. */
function signatureOf(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  names: string,
  secret: string,
): string {
  const { pathname, searchParams } = new URL(url)
  const lines = names.split(';').map((name) => `${name}:${(headers[name] ?? '').trim()}\n`)
  const query = [...searchParams].map(([name, value]) => `${name}=${value}`).sort()
  const canonical = [method, pathname, query.join('&'), lines.join(''), names, headers['x-amz-content-sha256']]
  const at = headers['x-amz-date'] ?? ''
  const scope = [at.slice(0, 8), 'eu-1', 's3', 'aws4_request']
  const digest = createHash('sha256').update(canonical.join('\n')).digest('hex')
  const hmac = (key: string | Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest()
  const key = scope.reduce((before: string | Buffer, part) => hmac(before, part), `AWS4${secret}`)
  return hmac(key, ['AWS4-HMAC-SHA256', at, scope.join('/'), digest].join('\n')).toString('hex')
}
