// A download whose connection breaks goes on where it was; one that was broken off is gone on with by the next call.

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { describe, expect, onTestFinished, test } from 'vitest'
import { download, type DownloadOptions } from '../../../src/dataplane/download.ts'
import { downloadToFile, type FileDownload } from '../../../src/dataplane/partial-file.ts'
import { reprDigest } from '../../../src/dataplane/repr-digest.ts'
import { eventually } from '../../fixtures/eventually.ts'
import { nodeCall, serve } from './loopback.ts'
import { problemOf, scratch } from './scratch.ts'

const DATA = Buffer.from(Array.from({ length: 60_000 }, (_, at) => `${String(at)},17.5\n`).join(''))
const digestOf = (bytes: Uint8Array): string => `sha-256:${createHash('sha256').update(bytes).digest('hex')}`
const OPTIONS: DownloadOptions = {
  signal: new AbortController().signal,
  bytesMax: 10_000_000,
  timeoutMs: 5_000,
  bodyTimeoutMs: 5_000,
  // The provider of these tests notices at once that a connection is gone.
  pause: () => Promise.resolve(),
}

/** A caller who waits is one who can go away meanwhile. */
const never = (_ms: number, signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('gone')))
  })

interface Provider {
  readonly url: string
  /** The Range of each request, in order; null where the whole was asked for. */
  readonly ranges: (string | null)[]
  /** How far the next answer goes before its connection breaks; null: to its end. */
  breakAfter: (number | null)[]
  /** How much the requester has of all answers: a connection breaks only once it has some of the last one. */
  received: () => number
  etag: string
  data: Buffer
  takesRanges: boolean
  announces: (isPart: boolean) => boolean
  refuses: number | null
  /** Sends a part whatever the requester has. */
  ignoresIfRange: boolean
}

/** Serves `data` as a provider does that offers parts of it. */
async function provider(): Promise<Provider> {
  const state: Provider = {
    url: '',
    ranges: [],
    breakAfter: [],
    received: () => Infinity,
    etag: '"1"',
    data: DATA,
    takesRanges: true,
    announces: () => true,
    refuses: null,
    ignoresIfRange: false,
  }
  const served = await serve((request: IncomingMessage, response: ServerResponse) => {
    const range = request.headers.range ?? null
    state.ranges.push(range)
    if (state.refuses !== null && range !== null) {
      response.writeHead(state.refuses, { 'Content-Type': 'application/problem+json' })
      response.end(JSON.stringify({ code: 'policy.denied', detail: 'no more', path: 'permission[0]' }))
      return
    }
    const isSame = state.ignoresIfRange || request.headers['if-range'] === state.etag
    const fits = range !== null && state.takesRanges && isSame
    const from = fits ? Number(/bytes=(\d+)-/.exec(range)?.[1]) : 0
    const { data } = state
    response.writeHead(fits ? 206 : 200, {
      ETag: state.etag,
      'Content-Length': String(data.length - from),
      ...(state.takesRanges && { 'Accept-Ranges': 'bytes' }),
      ...(state.announces(fits) && { 'Repr-Digest': reprDigest(digestOf(data)) }),
      ...(fits && { 'Content-Range': `bytes ${String(from)}-${String(data.length - 1)}/${String(data.length)}` }),
    })
    const until = state.breakAfter.shift() ?? null
    if (until === null) {
      response.end(data.subarray(from))
      return
    }
    response.write(data.subarray(from, from + until))
    // What lies unread when a connection breaks is lost: broken at once, it may have brought nothing.
    void eventually('some of it has arrived', () => state.received() > from).then(() => response.socket?.destroy())
  })
  onTestFinished(() => served[Symbol.asyncDispose]())
  return Object.assign(state, { url: served.url })
}

const endpointOf = ({ url }: Provider): { endpoint: string; authorization: string } => ({
  endpoint: `${url}/data/7`,
  authorization: 'Bearer t',
})

describe('a connection that breaks', () => {
  function into(peer: Provider): { readonly writable: Writable; readonly bytes: () => Buffer } {
    const pieces: Buffer[] = []
    peer.received = () => pieces.reduce((sum, { length }) => sum + length, 0)
    const writable = new Writable({
      write: (piece: Buffer, _encoding, done) => {
        pieces.push(Buffer.from(piece))
        done()
      },
    })
    return { writable, bytes: () => Buffer.concat(pieces) }
  }

  test('once and again: the same bytes arrive once each, and the digest of the whole is checked', async () => {
    const peer = await provider()
    peer.breakAfter = [100_000, 200_000]
    const { writable, bytes } = into(peer)

    const result = await download(nodeCall, endpointOf(peer), { writable }, OPTIONS)

    expect(result).toMatchObject({ bytes: DATA.length, from: 0, digest: digestOf(DATA), digestMatches: true })
    expect(bytes().equals(DATA)).toBe(true)
    const [first, second, third] = peer.ranges.map((range) => Number(/\d+/.exec(range ?? '')?.[0] ?? 0))
    expect([first, (second ?? 0) > 0, (third ?? 0) > (second ?? 0), peer.ranges.length]).toEqual([0, true, true, 3])
  })

  test('of a sender that offers no parts is the end, at once', async () => {
    const peer = await provider()
    peer.takesRanges = false
    peer.breakAfter = [100_000]
    const result = download(nodeCall, endpointOf(peer), { writable: into(peer).writable }, OPTIONS)
    expect(await problemOf(result)).toMatchObject({ code: 'data.cut' })
    expect(peer.ranges).toEqual([null])
  })

  test('while the data changes is the end: parts of two states are never put together', async () => {
    const peer = await provider()
    peer.breakAfter = [100_000]
    const pause = (): Promise<void> => {
      peer.etag = '"2"'
      return Promise.resolve()
    }
    const result = download(nodeCall, endpointOf(peer), { writable: into(peer).writable }, { ...OPTIONS, pause })
    expect(await problemOf(result)).toMatchObject({
      code: 'data.cut',
      message: expect.stringContaining('cannot be continued') as unknown,
    })
  })

  test('is the end too where the sender gives a part of another state, whatever was asked', async () => {
    const peer = await provider()
    peer.breakAfter = [100_000]
    peer.ignoresIfRange = true
    const pause = (): Promise<void> => {
      Object.assign(peer, { etag: '"2"', data: Buffer.alloc(DATA.length, 'x') })
      return Promise.resolve()
    }
    const result = download(nodeCall, endpointOf(peer), { writable: into(peer).writable }, { ...OPTIONS, pause })
    expect(await problemOf(result)).toMatchObject({ code: 'data.cut' })
  })

  test('and a refusal to go on is told as it was said', async () => {
    const peer = await provider()
    peer.breakAfter = [100_000]
    peer.refuses = 403
    const result = download(nodeCall, endpointOf(peer), { writable: into(peer).writable }, OPTIONS)
    expect(await problemOf(result)).toEqual({ code: 'policy.denied', message: 'no more', path: 'permission[0]' })
  })
})

describe('a file that is fetched in several goes', () => {
  interface Scene {
    readonly peer: Provider
    readonly file: string
    readonly names: () => readonly string[]
    readonly fetch: (key?: string, signal?: AbortSignal) => Promise<FileDownload>
    /** A go that is broken off by its caller once some bytes are there. */
    readonly brokenOff: (key?: string) => Promise<number>
  }

  async function scene(): Promise<Scene> {
    const peer = await provider()
    const directory = scratch()
    const file = join(directory, 'out.csv')
    const part = `${file}.partial`
    const bytesLeft = (): number => (existsSync(part) ? statSync(part).size : 0)
    peer.received = bytesLeft
    const fetch = (key = 'transfer-1', signal = OPTIONS.signal): Promise<FileDownload> =>
      downloadToFile(nodeCall, endpointOf(peer), { file, key }, { ...OPTIONS, signal, pause: never })
    return {
      peer,
      file,
      names: () => readdirSync(directory).toSorted(),
      fetch,
      brokenOff: async (key) => {
        // The first answer breaks; before it is asked for again the caller goes away.
        peer.breakAfter = [100_000]
        const gone = new AbortController()
        const going = fetch(key, gone.signal).catch(() => null)
        await eventually('some bytes are there', () => bytesLeft() > 0)
        gone.abort()
        await going
        peer.breakAfter = []
        return bytesLeft()
      },
    }
  }

  test('goes on where the last one was broken off, and is verified as a whole', async () => {
    const { peer, file, names, fetch, brokenOff } = await scene()
    const left = await brokenOff()
    expect(left).toBeGreaterThan(0)
    expect(names()).toEqual(['out.csv.partial', 'out.csv.partial.json'])

    const result = await fetch()

    expect(result).toMatchObject({ bytes: DATA.length, resumedFrom: left, digest: digestOf(DATA), digestMatches: true })
    expect(peer.ranges).toEqual([null, `bytes=${String(left)}-`])
    expect(readFileSync(file).equals(DATA)).toBe(true)
    expect(names()).toEqual(['out.csv'])
  })

  test('begins anew for another transfer', async () => {
    const { peer, file, fetch, brokenOff } = await scene()
    await brokenOff('transfer-1')
    expect(await fetch('transfer-2')).toMatchObject({ resumedFrom: 0 })
    expect(peer.ranges).toEqual([null, null])
    expect(readFileSync(file).equals(DATA)).toBe(true)
  })

  test('begins anew where the data has changed, and nothing of the old stays in it', async () => {
    const { peer, file, fetch, brokenOff } = await scene()
    await brokenOff()
    Object.assign(peer, { etag: '"2"', data: Buffer.from('short') })
    expect(await fetch()).toMatchObject({ resumedFrom: 0, bytes: 5 })
    expect(readFileSync(file, 'utf8')).toBe('short')
  })

  test('begins anew where nobody announces the digest that the whole must have', async () => {
    const { peer, file, fetch, brokenOff } = await scene()
    await brokenOff()
    peer.announces = (isPart) => !isPart
    expect(await fetch()).toMatchObject({ resumedFrom: 0, digest: digestOf(DATA) })
    expect(readFileSync(file).equals(DATA)).toBe(true)
  })

  test('is refused, and nothing is left of it, where the part on the disk was changed', async () => {
    const { file, names, fetch, brokenOff } = await scene()
    const left = await brokenOff()
    writeFileSync(`${file}.partial`, 'x'.repeat(left))
    expect(await problemOf(fetch())).toMatchObject({ code: 'data.digest' })
    expect(names()).toEqual([])
  })

  test('begins anew where what was left cannot be read', async () => {
    const { file, fetch, brokenOff } = await scene()
    await brokenOff()
    writeFileSync(`${file}.partial.json`, '{"key"')
    expect(await fetch()).toMatchObject({ resumedFrom: 0, digest: digestOf(DATA) })
  })

  test('leaves nothing where the sender offers no parts, or refuses', async () => {
    const { peer, names, fetch } = await scene()
    peer.takesRanges = false
    peer.breakAfter = [100_000]
    expect(await problemOf(fetch())).toMatchObject({ code: 'data.cut' })
    expect(names()).toEqual([])
    peer.announces = () => false
    expect(await problemOf(fetch())).toMatchObject({ code: 'data.digest' })
    expect(names()).toEqual([])
  })

  test('keeps what it has where it is refused to go on: it may be allowed later', async () => {
    const { peer, names, fetch, brokenOff } = await scene()
    await brokenOff()
    peer.refuses = 403
    expect(await problemOf(fetch())).toMatchObject({ code: 'policy.denied' })
    expect(names()).toEqual(['out.csv.partial', 'out.csv.partial.json'])
  })
})
