import { Readable, Writable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createFileDigests } from '../../../src/dataplane/file-digests.ts'
import type { SourcePorts } from '../../../src/dataplane/open-source.ts'
import { openSource } from '../../../src/dataplane/open-source.ts'
import type { OpenedSource } from '../../../src/dataplane/opened-source.ts'
import { pump } from '../../../src/dataplane/pump.ts'
import type { HttpSource } from '../../../src/domain/delivery/source.ts'
import type { HttpStreamCall } from '../../../src/kernel/http-call.ts'
import { nodeCall, serve } from './loopback.ts'
import { problemOf } from './scratch.ts'

const GET = { rest: '', query: '', method: 'GET' } as const

function ports(call: HttpStreamCall = nodeCall): SourcePorts {
  const fileDigests = createFileDigests({ entriesMax: 1, pendingMax: 1 })
  return { fileDigests, call, timeoutMs: 5_000, bodyTimeoutMs: 5_000 }
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
      expect(await problemOf(called(source, '', query))).toMatchObject({ code: 'request.malformed' })
    }
  })

  // prettier-ignore
  test.each<[string, Partial<HttpSource>, string, string, string]>([
    ['a path that the source does not take',   {},                        'a',          '',                'source.unknown'],
    ['a path where only the query is taken',   { query: true },           'a',          '',                'source.unknown'],
    ['a query that the source does not take',  {},                        '',           'a=b',             'request.malformed'],
    ['a query where only paths are taken',     { paths: true },           '',           'a=b',             'request.malformed'],
    ['a path that climbs',                     { paths: true },           '../admin',   '',                'request.malformed'],
    ['a path that climbs encoded',             { paths: true },           '%2e%2e/x',   '',                'request.malformed'],
    ['a path that climbs when decoded twice',  { paths: true },           '%252e%252e', '',                'request.malformed'],
    ['a query without end',                    { query: true },           '',           'a'.repeat(5_000), 'request.malformed'],
  ])('%s is refused before anything is sent', async (_, takes, rest, query, code) => {
    expect(await problemOf(called({ type: 'http', url, ...takes }, rest, query))).toMatchObject({ code })
  })
})
