import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { answerHeaders, answerTrailers } from '../../../src/dataplane/answer-headers.ts'
import type { Download, DownloadOptions } from '../../../src/dataplane/download.ts'
import { download } from '../../../src/dataplane/download.ts'
import { createFileDigests } from '../../../src/dataplane/file-digests.ts'
import { openFileSource } from '../../../src/dataplane/file-source.ts'
import { pump } from '../../../src/dataplane/pump.ts'
import { reprDigest } from '../../../src/dataplane/repr-digest.ts'
import type { HttpStreamCall } from '../../../src/kernel/http-call.ts'
import { nodeCall, serve } from './loopback.ts'
import { problemOf, scratch } from './scratch.ts'

const DATA = 'hour,celsius\n'.repeat(20_000)
const DIGEST = `sha-256:${createHash('sha256').update(DATA).digest('hex')}`
const OTHER = `sha-256:${createHash('sha256').update('other').digest('hex')}`

const OPTIONS: DownloadOptions = {
  signal: new AbortController().signal,
  bytesMax: 1_048_576,
  timeoutMs: 5_000,
  bodyTimeoutMs: 5_000,
}

/** Downloads from a peer that answers so into a file of an otherwise empty directory. */
async function fetched(
  listener: RequestListener,
  options: Partial<DownloadOptions> = {},
): Promise<{ result: Promise<Download>; file: string; directory: string }> {
  const directory = scratch()
  const file = join(directory, 'out.csv')
  await using peer = await serve(listener)
  const endpoint = { endpoint: `${peer.url}/data/7`, authorization: 'Bearer t' }
  const result = download(nodeCall, endpoint, { file }, { ...OPTIONS, ...options })
  await result.catch(() => undefined)
  return { result, file, directory }
}

describe('a download', () => {
  test('names its token and purpose, and puts the whole data in place', async () => {
    const seen: unknown[] = []
    const { result, file, directory } = await fetched(
      ({ method, url, headers }, response) => {
        seen.push(method, url, headers.authorization, headers['lingqu-purpose'], headers['accept-encoding'])
        response
          .writeHead(200, { 'Content-Type': 'text/csv', ETag: '"1"', 'Repr-Digest': reprDigest(DIGEST) })
          .end(DATA)
      },
      { purpose: 'https://purpose.example/research' },
    )

    expect(await result).toEqual({
      bytes: DATA.length,
      from: 0,
      digest: DIGEST,
      announcedDigest: DIGEST,
      digestMatches: true,
      mediaType: 'text/csv',
      etag: '"1"',
    })
    expect(seen).toEqual(['GET', '/data/7', 'Bearer t', 'https://purpose.example/research', 'identity'])
    expect(readFileSync(file, 'utf8')).toBe(DATA)
    expect(readdirSync(directory)).toEqual(['out.csv'])
  })

  test('compares with a digest that comes as a trailer', async () => {
    const { result } = await fetched((_, response) => {
      response.writeHead(200, { Trailer: 'Repr-Digest' })
      response.write(DATA)
      response.addTrailers({ 'Repr-Digest': reprDigest(DIGEST) })
      response.end()
    })

    expect(await result).toMatchObject({ digest: DIGEST, announcedDigest: DIGEST, digestMatches: true })
  })

  test('claims no match where nothing was announced', async () => {
    const { result } = await fetched((_, response) => response.end(DATA))

    expect(await result).toMatchObject({ digest: DIGEST, announcedDigest: null, digestMatches: null })
  })

  test('of nothing is a file of nothing', async () => {
    const { result, file } = await fetched((_, response) => response.end())

    expect(await result).toMatchObject({ bytes: 0 })
    expect(readFileSync(file, 'utf8')).toBe('')
  })

  test('goes into a stream as well', async () => {
    const pieces: Buffer[] = []
    const writable = new Writable({
      write: (piece: Buffer, _, done) => {
        pieces.push(piece)
        done()
      },
    })
    await using peer = await serve((_, response) => response.end(DATA))

    await download(nodeCall, { endpoint: peer.url, authorization: 'Bearer t' }, { writable }, OPTIONS)

    expect(Buffer.concat(pieces).toString()).toBe(DATA)
  })
})

describe('what we serve is what we download', () => {
  /** Serves a file as the data plane is meant to be put together. */
  function serving(isKnown: boolean): { listener: RequestListener; outcomes: string[] } {
    const path = join(scratch(), 'data')
    writeFileSync(path, DATA)
    const fileDigests = createFileDigests({ entriesMax: 1, pendingMax: 1 })
    const outcomes: string[] = []
    const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
      const method = request.method === 'HEAD' ? 'HEAD' : 'GET'
      if (isKnown) fileDigests.keep(statSync(path, { bigint: true }), DIGEST)
      const opened = await openFileSource({ type: 'file', path }, { rest: '', query: '', method }, { fileDigests })
      const hash = method === 'GET' && opened.digest === null
      const beforeEnd = (digest: string | null): void => response.addTrailers(answerTrailers(opened, digest))
      response.writeHead(200, answerHeaders(opened, method === 'GET' && request.httpVersion === '1.1'))
      const { outcome } = await pump(opened.body, response, { signal: OPTIONS.signal, hash, beforeEnd })
      outcomes.push(outcome)
      await opened.close()
    }
    return { listener: (request, response) => void answer(request, response), outcomes }
  }

  test.each([true, false])('with the digest in a header or in a trailer (known beforehand: %s)', async (isKnown) => {
    const { listener, outcomes } = serving(isKnown)

    const { result, file } = await fetched(listener)

    expect(await result).toMatchObject({ bytes: DATA.length, announcedDigest: DIGEST, digestMatches: true })
    expect(readFileSync(file, 'utf8')).toBe(DATA)
    expect(outcomes).toEqual(['complete'])
  })

  test.each([true, false])('a HEAD tells what is known and sends no body (known beforehand: %s)', async (isKnown) => {
    const { listener, outcomes } = serving(isKnown)
    await using peer = await serve(listener)

    const call = { method: 'HEAD', url: peer.url, timeoutMs: 5_000, bodyTimeoutMs: 5_000 } as const
    const { status, headers, body } = await nodeCall(call)
    for await (const piece of body) expect(piece).toBeUndefined()

    expect([status, headers['content-length']]).toEqual([200, isKnown ? String(DATA.length) : undefined])
    expect(outcomes).toEqual(['complete'])
  })

  test('a client of HTTP/1.0, which knows no trailers, gets the bytes alone', async () => {
    const { listener, outcomes } = serving(false)
    await using peer = await serve(listener)

    const socket = connect(Number(new URL(peer.url).port), '127.0.0.1')
    socket.write('GET / HTTP/1.0\r\n\r\n')
    const answer = await text(socket)

    expect(answer.slice(answer.indexOf('\r\n\r\n') + 4)).toBe(DATA)
    expect(outcomes).toEqual(['complete'])
  })
})

describe('a download that went wrong leaves no file and an older one as it was', () => {
  // prettier-ignore
  const WRONG: readonly (readonly [string, RequestListener, string])[] = [
    ['a digest in the header that does not match', (_, response) => response.setHeader('Repr-Digest', reprDigest(OTHER)).end(DATA), 'data.digest'],
    ['a digest in the trailer that does not match', (_, response) => {
      response.writeHead(200, { Trailer: 'Repr-Digest' })
      response.write(DATA)
      response.addTrailers({ 'Repr-Digest': reprDigest(OTHER) })
      response.end()
    }, 'data.digest'],
    ['fewer bytes than announced', (_, response) => {
      response.writeHead(200, { 'Content-Length': DATA.length + 1 })
      response.write(DATA, () => response.destroy())
    }, 'data.cut'],
    ['a chunked body that is broken off', (_, response) => void response.write(DATA, () => response.destroy()), 'data.cut'],
    ['a connection that ends before the first byte', (_, response) => {
      response.writeHead(200)
      response.flushHeaders()
      response.socket?.end()
    }, 'data.cut'],
    ['more bytes than allowed, announced, before the first of them came',
      (_, response) => response.writeHead(200, { 'Content-Length': 2_000_000 }).flushHeaders(),
      'body.too-large'],
    ['more bytes than allowed, unannounced', (_, response) => void response.write(Buffer.alloc(2_000_000)), 'body.too-large'],
    ['an encoding that nobody asked for', (_, response) => response.setHeader('Content-Encoding', 'gzip').end(DATA), 'peer.malformed'],
    ['a redirect', (_, response) => response.writeHead(302, { Location: '/' }).end(), 'peer.malformed'],
    ['a refusal', (_, response) => response.writeHead(403).end('no'), 'peer.refused'],
    ['a failure over there', (_, response) => response.writeHead(503).end(), 'peer.unreachable'],
    ['no answer', (_, response) => response.destroy(), 'peer.unreachable'],
  ]
  test.each(WRONG)('%s', async (_, listener, code) => {
    const { result, directory } = await fetched(listener)

    expect(await problemOf(result)).toMatchObject({ code })
    expect(readdirSync(directory)).toEqual([])
  })

  test('an older file survives', async () => {
    const directory = scratch()
    const file = join(directory, 'out.csv')
    writeFileSync(file, 'older')
    await using peer = await serve((_, response) => response.setHeader('Repr-Digest', reprDigest(OTHER)).end(DATA))

    const result = download(nodeCall, { endpoint: peer.url, authorization: 'Bearer t' }, { file }, OPTIONS)

    expect(await problemOf(result)).toMatchObject({ code: 'data.digest' })
    expect(readFileSync(file, 'utf8')).toBe('older')
    expect(readdirSync(directory)).toEqual(['out.csv'])
  })

  test('an abort in the middle is the end of it, with the reason that was given', async () => {
    const abort = new AbortController()
    const { result, directory } = await fetched(
      (_, response) => void response.write(DATA, () => abort.abort(new Error('stopping'))),
      { signal: abort.signal },
    )

    expect(await problemOf(result)).toMatchObject({ code: 'data.cut' })
    expect(readdirSync(directory)).toEqual([])
  })

  test('an abort before the answer too', async () => {
    const abort = new AbortController()
    const { result } = await fetched(() => abort.abort(new Error('stopping')), { signal: abort.signal })

    expect(await problemOf(result)).toMatchObject({ code: 'data.cut' })
  })

  test('a directory that is not there is named', async () => {
    await using peer = await serve((_, response) => response.end(DATA))
    const file = join(scratch(), 'missing', 'out.csv')

    const result = download(nodeCall, { endpoint: peer.url, authorization: 'Bearer t' }, { file }, OPTIONS)

    expect(await problemOf(result)).toEqual({ code: 'store.unavailable', message: `${file} cannot be written: ENOENT` })
  })

  test('a place that is taken by a directory is named', async () => {
    await using peer = await serve((_, response) => response.end(DATA))
    const file = scratch()

    const result = download(nodeCall, { endpoint: peer.url, authorization: 'Bearer t' }, { file }, OPTIONS)

    expect(await problemOf(result)).toMatchObject({ code: 'store.unavailable' })
    expect(existsSync(file)).toBe(true)
  })

  test('a stream is destroyed, not ended, when the digest does not match', async () => {
    const writable = new Writable({ write: (_piece, _encoding, done) => done() })
    await using peer = await serve((_, response) => response.setHeader('Repr-Digest', reprDigest(OTHER)).end(DATA))

    const result = download(nodeCall, { endpoint: peer.url, authorization: 'Bearer t' }, { writable }, OPTIONS)

    expect(await problemOf(result)).toMatchObject({ code: 'data.digest' })
    expect([writable.destroyed, writable.writableEnded]).toEqual([true, false])
  })
})

describe("a peer's refusal", () => {
  test('keeps its code, sentence and path', async () => {
    const body = { status: 403, code: 'policy.denied', detail: 'count: expected at most 2', path: 'permission[0]' }
    const { result } = await fetched((_, response) => {
      response.writeHead(403, { 'Content-Type': 'application/problem+json' }).end(JSON.stringify(body))
    })

    expect(await problemOf(result)).toEqual({
      code: 'policy.denied',
      message: 'count: expected at most 2',
      path: 'permission[0]',
    })
  })

  test('without end is read no further than its bound', async () => {
    let given = 0
    const body = new Readable({
      read() {
        given += 65_536
        this.push(Buffer.alloc(65_536, 'x'))
      },
    })
    const call: HttpStreamCall = async () => ({ status: 403, headers: {}, body, trailers: () => ({}) })

    const result = download(
      call,
      { endpoint: 'https://peer.example', authorization: 'Bearer t' },
      { file: '/none' },
      OPTIONS,
    )

    expect(await problemOf(result)).toMatchObject({ code: 'peer.refused' })
    expect(given).toBeLessThan(1_048_576)
    expect(body.destroyed).toBe(true)
  })
})
