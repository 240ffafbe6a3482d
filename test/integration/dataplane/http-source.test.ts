import { Readable, Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import type { RequestListener } from 'node:http'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createFileDigests } from '../../../src/dataplane/file-digests.ts'
import type { SourcePorts } from '../../../src/dataplane/open-source.ts'
import { openSource } from '../../../src/dataplane/open-source.ts'
import type { OpenedSource } from '../../../src/dataplane/opened-source.ts'
import { pump } from '../../../src/dataplane/pump.ts'
import type { HttpSource } from '../../../src/domain/delivery/data-source.ts'
import { readConditions } from '../../../src/domain/delivery/conditions.ts'
import { instant } from '../../../src/kernel/time.ts'
import type { HttpStreamCall } from '../../../src/kernel/http-call.ts'
import { nodeCall, serve } from './loopback.ts'
import { problemOf } from './scratch.ts'

const GET = { rest: '', query: '', method: 'GET' } as const

function ports(call: HttpStreamCall = nodeCall): SourcePorts {
  const fileDigests = createFileDigests({ entriesMax: 1, pendingMax: 1 })
  return { fileDigests, call, timeoutMs: 5_000, bodyTimeoutMs: 5_000, clock: () => instant(0) }
}

/** The URL that is called for this rest and query. */
async function called(source: HttpSource, rest: string, query: string): Promise<string> {
  let url = ''
  const call: HttpStreamCall = async (request) => {
    url = request.url
    return { status: 200, headers: {}, body: Readable.from([]), trailers: () => ({}) }
  }
  await openSource(source, { ...GET, rest, query }, ports(call))
  return url
}

async function delivered(opened: OpenedSource): Promise<{ text: string; outcome: string }> {
  const pieces: Buffer[] = []
  const destination = new Writable({
    write: (piece: Buffer, _, done) => {
      pieces.push(piece)
      done()
    },
  })
  const { outcome } = await pump(opened.body, destination, { signal: new AbortController().signal, hash: true })
  return { text: Buffer.concat(pieces).toString(), outcome }
}

describe('a URL', () => {
  test('is called with the headers of the administrator, uncompressed, and its answer passes through', async () => {
    const seen: unknown[] = []
    await using upstream = await serve((request, response) => {
      const { method, url, headers } = request
      seen.push(method, url, headers['x-api-key'], headers['accept-encoding'])
      response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': 2, ETag: '"v1"' }).end('{}')
    })
    const source = { type: 'http', url: `${upstream.url}/v1?limit=5`, headers: { 'x-api-key': 'k1' } } as const

    const opened = await openSource(source, GET, ports())

    expect(seen).toEqual(['GET', '/v1?limit=5', 'k1', 'identity'])
    expect(opened).toMatchObject({ mediaType: 'application/json', size: 2, etag: '"v1"', digest: null })
    expect(await delivered(opened)).toEqual({ text: '{}', outcome: 'complete' })
  })

  test('of unknown length, type and state says so; the media type of the source wins', async () => {
    await using upstream = await serve((_, response) => {
      response.setHeader('ETag', 'no-quotes')
      response.write('a')
      response.end('b')
    })

    const bare = await openSource({ type: 'http', url: upstream.url }, GET, ports())
    const typed = await openSource({ type: 'http', url: upstream.url, mediaType: 'text/csv' }, GET, ports())

    expect(bare).toMatchObject({ mediaType: 'application/octet-stream', size: null, etag: null })
    expect(typed.mediaType).toBe('text/csv')
    expect(await delivered(bare)).toEqual({ text: 'ab', outcome: 'complete' })
    await typed.close()
  })

  test('answers HEAD with a HEAD', async () => {
    const methods: unknown[] = []
    await using upstream = await serve((request, response) => {
      methods.push(request.method)
      response.writeHead(200, { 'Content-Length': 7 }).end()
    })

    const opened = await openSource({ type: 'http', url: upstream.url }, { ...GET, method: 'HEAD' }, ports())

    expect(opened.size).toBe(7)
    expect(await delivered(opened)).toEqual({ text: '', outcome: 'complete' })
    expect(methods).toEqual(['HEAD'])
  })

  // prettier-ignore
  test.each<[number, string]>([
    [404, 'source.unknown'],     [410, 'source.unknown'],
    [500, 'source.unavailable'], [503, 'source.unavailable'], [401, 'source.unavailable'], [403, 'source.unavailable'],
    [302, 'source.unavailable'], [204, 'source.unavailable'], [206, 'source.unavailable'], [429, 'source.unavailable'],
  ])('that answers %i makes the data %s', async (status, code) => {
    await using upstream = await serve((_, response) => response.writeHead(status, { Location: '/' }).end())

    expect(await problemOf(openSource({ type: 'http', url: upstream.url }, GET, ports()))).toMatchObject({ code })
  })

  test('that compresses unasked is unavailable: the digest would be of other bytes', async () => {
    await using upstream = await serve((_, response) => response.setHeader('Content-Encoding', 'gzip').end('x'))

    const opening = openSource({ type: 'http', url: upstream.url }, GET, ports())

    expect(await problemOf(opening)).toMatchObject({ code: 'source.unavailable' })
  })

  test('where nobody listens is unavailable, and the sentence does not tell where', async () => {
    const upstream = await serve(() => undefined)
    await upstream[Symbol.asyncDispose]()

    const { code, message } = await problemOf(openSource({ type: 'http', url: upstream.url }, GET, ports()))

    expect(code).toBe('source.unavailable')
    expect(message).not.toContain('127.0.0.1')
  })

  test('that breaks off in the middle fails the delivery as the source', async () => {
    await using upstream = await serve((_, response) => {
      response.writeHead(200, { 'Content-Length': 10 })
      response.write('abc', () => response.destroy())
    })

    const opened = await openSource({ type: 'http', url: upstream.url }, GET, ports())

    expect(await delivered(opened)).toMatchObject({ outcome: 'source-failed' })
  })

  test('whose answer is shorter than it said fails the delivery, whatever the client made of it', async () => {
    const body = Readable.from([Buffer.from('abc')])
    const call: HttpStreamCall = async () => ({
      status: 200,
      headers: { 'content-length': '4' },
      body,
      trailers: () => ({}),
    })

    const opened = await openSource({ type: 'http', url: 'http://source.example' }, GET, ports(call))

    expect(await delivered(opened)).toEqual({ text: 'abc', outcome: 'source-failed' })
  })

  test('whose connection breaks before anybody reads fails the delivery and not the process', async () => {
    const body = new Readable({ read: () => undefined })
    const call: HttpStreamCall = async () => ({ status: 200, headers: {}, body, trailers: () => ({}) })
    const opened = await openSource({ type: 'http', url: 'http://source.example' }, GET, ports(call))

    body.destroy(new Error('reset'))
    await turn()

    expect(await delivered(opened)).toMatchObject({ outcome: 'source-failed' })
  })

  test('that is not read is given back by close', async () => {
    const body = new Readable({ read: () => undefined })
    const call: HttpStreamCall = async () => ({ status: 200, headers: {}, body, trailers: () => ({}) })
    const opened = await openSource({ type: 'http', url: 'http://source.example' }, GET, ports(call))

    await opened.close()

    expect(body.destroyed).toBe(true)
  })
})

describe('path and query of the consumer', () => {
  const url = 'https://source.example/v1/?limit=5'

  test('are appended where the source takes them, the path encoded anew', async () => {
    const source = { type: 'http', url, paths: true, query: true } as const

    expect(await called(source, '', '')).toBe(url)
    expect(await called(source, 'a%20b/c?d', 'e=f%20g')).toBe('https://source.example/v1/a%20b/c%3Fd?limit=5&e=f%20g')
    expect(await called({ ...source, url: 'https://source.example' }, 'a', 'b=c')).toBe('https://source.example/a?b=c')
  })

  test('cannot leave the host, become a fragment, or give a parameter of the provider a second value', async () => {
    const source = { type: 'http', url, paths: true, query: true } as const

    expect(await called(source, '@evil.example', 'x=1#y')).toBe(
      'https://source.example/v1/%40evil.example?limit=5&x=1%23y',
    )
    for (const query of ['limit=500', 'a=b&limit=500', '%6cimit=500']) {
      expect(await problemOf(called(source, '', query))).toMatchObject({ code: 'source.query', path: 'query.limit' })
    }
  })

  // prettier-ignore
  test.each<[string, Partial<HttpSource>, string, string, string]>([
    ['a path that the source does not take',   {},                        'a',          '',                'source.path'],
    ['a path where only the query is taken',   { query: true },           'a',          '',                'source.path'],
    ['a query that the source does not take',  {},                        '',           'a=b',             'source.query'],
    ['a query where only paths are taken',     { paths: true },           '',           'a=b',             'source.query'],
    ['a path that fits none of the globs',     { paths: ['*.csv'] },      'a/b.csv',    '',                'source.path'],
    ['a parameter that is not named',          { query: ['b'] },          '',           'b=1&a=b',         'source.query'],
    ['a method that is not listed',            { methods: ['HEAD'] },     '',           '',                'source.method'],
    ['a path that climbs',                     { paths: true },           '../admin',   '',                'request.malformed'],
    ['a path that climbs encoded',             { paths: true },           '%2e%2e/x',   '',                'request.malformed'],
    ['a path that climbs when decoded twice',  { paths: true },           '%252e%252e', '',                'request.malformed'],
    ['a query without end',                    { query: true },           '',           'a'.repeat(5_000), 'request.malformed'],
  ])('%s is refused before anything is sent', async (_, takes, rest, query, code) => {
    expect(await problemOf(called({ type: 'http', url, ...takes }, rest, query))).toMatchObject({ code })
  })
})

describe('a URL that is asked for a part', () => {
  const DATA = 'hour,celsius'
  const asking = (range?: string, ifRange?: string, ifNoneMatch?: string) => ({
    ...GET,
    conditions: readConditions({ range, ifRange, ifNoneMatch }),
  })

  /** A source that knows ranges as RFC 9110 has them, and what it was asked. */
  function ranged(seen: unknown[] = [], more: Readonly<Record<string, string>> = {}): RequestListener {
    return ({ headers }, response) => {
      seen.push([headers.range, headers['if-range'], headers['if-none-match']])
      const always = { ETag: '"v1"', 'Accept-Ranges': 'bytes', ...more }
      if (headers['if-none-match'] === '"v1"') response.writeHead(304, always).end()
      else if (headers.range === 'bytes=99-')
        response.writeHead(416, { ...always, 'Content-Range': 'bytes */12' }).end()
      else if (headers.range !== undefined && (headers['if-range'] ?? '"v1"') === '"v1"')
        response.writeHead(206, { ...always, 'Content-Range': 'bytes 5-11/12', 'Content-Length': 7 }).end(DATA.slice(5))
      else response.writeHead(200, { ...always, 'Content-Length': 12 }).end(DATA)
    }
  }

  async function asked(
    listener: RequestListener,
    ...conditions: Parameters<typeof asking>
  ): Promise<OpenedSource & { text: string }> {
    const upstream = await serve(listener)
    onTestFinished(() => upstream[Symbol.asyncDispose]())
    const opened = await openSource({ type: 'http', url: upstream.url }, asking(...conditions), ports())
    return { ...opened, ...(await delivered(opened)) }
  }

  test('hands the conditions on, and its answer back', async () => {
    const seen: unknown[] = []

    const part = await asked(ranged(seen), 'bytes=5-', '"v1"')

    expect(part).toMatchObject({
      answer: 'data',
      part: { first: 5, last: 11 },
      size: 12,
      etag: '"v1"',
      takesRanges: true,
    })
    expect(part.text).toBe('celsius')
    expect(seen).toEqual([['bytes=5-', '"v1"', undefined]])
  })

  test('in another state than was named gives the whole', async () => {
    expect(await asked(ranged(), 'bytes=5-', '"v0"')).toMatchObject({ part: null, size: 12, text: DATA })
  })

  test('has nothing new, or no such part, and says so', async () => {
    expect(await asked(ranged(), undefined, undefined, '"v1"')).toMatchObject({ answer: 'not-modified', etag: '"v1"' })
    expect(await asked(ranged(), 'bytes=99-')).toMatchObject({ answer: 'no-such-range', size: 12 })
  })

  test('and compares nothing itself is compared here', async () => {
    const listener: RequestListener = (_, response) => response.writeHead(200, { ETag: '"v1"' }).end(DATA)

    expect(await asked(listener, undefined, undefined, '"v1"')).toMatchObject({ answer: 'not-modified', text: '' })
  })

  test('and knows no ranges gives the whole', async () => {
    const listener: RequestListener = (_, response) =>
      response.writeHead(200, { ETag: '"v1"', 'Content-Length': 12 }).end(DATA)

    expect(await asked(listener, 'bytes=5-', '"v1"')).toMatchObject({ part: null, text: DATA, takesRanges: false })
  })

  test.each<[string, Readonly<Record<string, string>>, string | undefined]>([
    ['does not heed If-Range', { ETag: '"v2"' }, '"v1"'],
    ['has only a weak ETag', { ETag: 'W/"v1"' }, undefined],
    ['gives another part', { 'Content-Range': 'bytes 0-6/12' }, undefined],
    ['does not say how large the whole is', { 'Content-Range': 'bytes 5-11/*' }, undefined],
  ])('and %s is asked again for the whole', async (_, headers, ifRange) => {
    const seen: unknown[] = []
    const listener: RequestListener = (request, response) => {
      seen.push(request.headers.range)
      if (request.headers.range === undefined) response.end(DATA)
      else response.writeHead(206, { ETag: '"v1"', 'Content-Range': 'bytes 5-11/12', ...headers }).end(DATA.slice(5))
    }

    expect(await asked(listener, 'bytes=5-', ifRange)).toMatchObject({ part: null, text: DATA })
    expect(seen).toEqual(['bytes=5-', undefined])
  })

  test('and answers with less of it than it said fails the delivery', async () => {
    const listener: RequestListener = (_, response) =>
      response.writeHead(206, { ETag: '"v1"', 'Content-Range': 'bytes 5-11/12' }).end('cel')

    expect(await asked(listener, 'bytes=5-')).toMatchObject({ outcome: 'source-failed' })
  })
})

describe('a URL that is posted to', () => {
  const source = { type: 'http', url: '', headers: { 'x-api-key': 'k1' }, methods: ['POST'] } as const
  const POST = {
    ...GET,
    method: 'POST',
    posted: { mediaType: 'application/json', bytes: Buffer.from('{"q":1}') },
  } as const

  test('gets the body and its media type, and its answer passes through, without a state that could be asked for again', async () => {
    const seen: unknown[] = []
    await using upstream = await serve((request, response) => {
      const { method, headers } = request
      request.on('data', (piece: Buffer) =>
        seen.push(method, headers['content-type'], headers['content-length'], headers['x-api-key'], piece.toString()),
      )
      request.on('end', () => response.writeHead(201, { ETag: '"v1"', 'Content-Length': 2 }).end('[]'))
    })

    const opened = await openSource({ ...source, url: upstream.url }, POST, ports())

    expect(seen).toEqual(['POST', 'application/json', '7', 'k1', '{"q":1}'])
    expect(opened).toMatchObject({ answer: 'data', size: 2, etag: null, takesRanges: false })
    expect(await delivered(opened)).toEqual({ text: '[]', outcome: 'complete' })
  })

  test('hands on no media type that could split a header', async () => {
    let sent: Readonly<Record<string, string>> | undefined = {}
    const call: HttpStreamCall = async ({ headers }) => {
      sent = headers
      return { status: 200, headers: {}, body: Readable.from([]), trailers: () => ({}) }
    }
    const posted = { mediaType: 'a/b\r\nx: y', bytes: Buffer.from('') }
    await openSource({ ...source, url: 'https://source.example' }, { ...POST, posted }, ports(call))

    expect(sent).not.toHaveProperty('content-type')
  })
})

test('a media type of a source that could split our header is not passed on', async () => {
  const call: HttpStreamCall = async () => ({
    ...{
      status: 200,
      headers: { 'content-type': 'text/html\r\nset-cookie: a=b' },
      body: Readable.from([]),
      trailers: () => ({}),
    },
  })

  const opened = await openSource({ type: 'http', url: 'https://source.example' }, GET, ports(call))

  expect(opened.mediaType).toBe('application/octet-stream')
})
