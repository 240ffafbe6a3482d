// The event stream: resumable, filtered, alive while it is quiet, bounded, and never ahead of a listener that does not read.

import { createServer, get, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { SealedEntry } from '../../../src/domain/evidence/entry.ts'
import type { Store } from '../../../src/domain/ledger.ts'
import { eventHandlers } from '../../../src/http/management/events.ts'

import { problem, ProblemError } from '../../../src/kernel/problem.ts'
import { eventually } from '../../fixtures/eventually.ts'
import { openConnector, type Connector } from './ground.ts'

interface Event {
  readonly id: number
  readonly type: string
}

/** A listener that reads; `events` grows as they come. */
interface Listener {
  readonly response: Response
  readonly events: readonly Event[]
  readonly text: () => string
  readonly isOver: () => boolean
  readonly leave: () => void
}

async function listen(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Listener> {
  const gone = new AbortController()
  const response = await fetch(url, { headers, signal: gone.signal })
  const events: Event[] = []
  let text = ''
  let isOver = false
  const read = async (): Promise<void> => {
    for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
      text += chunk
      events.length = 0
      for (const [, id, type = ''] of text.matchAll(/^id: (\d+)\nevent: (.*)\ndata: .*\n\n/gm))
        events.push({ id: Number(id), type })
    }
  }
  read().then(
    () => (isOver = true),
    () => (isOver = true),
  )
  return { response, events, text: () => text, isOver: () => isOver, leave: () => gone.abort() }
}

describe('of a connector', () => {
  let connector: Connector
  const listeners: Listener[] = []
  beforeAll(async () => {
    connector = await openConnector()
  })
  afterEach(() => {
    for (const listener of listeners.splice(0)) listener.leave()
  })
  afterAll(async () => connector.close())

  async function follow(query = '', headers: Readonly<Record<string, string>> = {}): Promise<Listener> {
    const authorization = `Bearer ${connector.adminToken}`
    const listener = await listen(`${connector.managementUrl}/api/v1/events${query}`, { authorization, ...headers })
    listeners.push(listener)
    return listener
  }

  let peers = 0
  async function act(): Promise<void> {
    await connector.ask('POST', '/peers', { did: `did:web:p${String(++peers)}.example` })
  }
  async function head(): Promise<number> {
    return (await connector.ask<{ head: { seq: number } }>('GET', '/evidence?limit=1')).head.seq
  }
  function reaches(listener: Listener, seq: number): Promise<true> {
    return eventually(`event ${String(seq)}`, () => listener.events.some(({ id }) => id >= seq))
  }

  test('says what nothing on the way may keep or collect', async () => {
    const { response } = await follow()

    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    expect(response.headers.get('cache-control')).toBe('no-store, no-transform')
    expect(response.headers.get('x-accel-buffering')).toBe('no')
  })

  test('begins now, or after the number that is asked for, and leaves nothing out', async () => {
    const before = await head()
    const fromNow = await follow()
    const fromStart = await follow('?after=0')
    await act()

    await Promise.all([reaches(fromNow, before + 1), reaches(fromStart, before + 1)])

    expect(fromNow.events.map(({ id }) => id)).toEqual([before + 1])
    expect(fromStart.events.map(({ id }) => id)).toEqual(Array.from({ length: before + 1 }, (_, index) => index + 1))
  })

  test('goes on after Last-Event-ID, which is newer than what stands in the URL', async () => {
    await act()
    const before = await head()

    const listener = await follow('?after=0', { 'last-event-id': String(before - 1) })

    await reaches(listener, before)
    expect(listener.events.map(({ id }) => id)).toEqual([before])
  })

  test('goes on from now where the number is from after a restored backup', async () => {
    const listener = await follow('?after=999999')
    await act()

    await reaches(listener, await head())
  })

  test('gives the types that are asked for, and no others', async () => {
    const listener = await follow('?after=0&type=admin.peer,connector.started')
    await act()
    await reaches(listener, await head())

    expect(new Set(listener.events.map(({ type }) => type))).toEqual(new Set(['connector.started', 'admin.peer']))
  })

  test.each(['x', '-1', '1.5', '9'.repeat(16)])('refuses the Last-Event-ID %s', async (last) => {
    expect(await connector.call('GET', '/events', { headers: { 'last-event-id': last } })).toMatchObject({
      status: 400,
      json: { code: 'request.malformed', path: 'Last-Event-ID' },
    })
  })

  test('HEAD is refused: it would never end', async () => {
    expect((await connector.call('HEAD', '/events')).status).toBe(400)
  })

  test('ends when its token is revoked', async () => {
    const { token } = await connector.ask<{ token: string }>('POST', '/tokens', { name: 'listener', scope: 'viewer' })
    const listener = await follow('', { authorization: `Bearer ${token}` })

    await connector.ask('DELETE', '/tokens/listener')

    await eventually('the stream has ended', () => listener.isOver())
    expect(listener.events).toEqual([])
  })
})

describe('a stream', () => {
  const ENTRY_BYTES = 60_000
  let log = 0
  let furthest = 0
  let commit: () => void = () => undefined
  let isPermitted = true
  let server: Server
  let url: string

  beforeEach(async () => {
    log = 0
    furthest = 0
    isPermitted = true
  })
  afterEach(async () => {
    server.closeAllConnections()
    await new Promise((closed) => server.close(closed))
  })

  /** Entries that are as long as they may be; what was read of them is `furthest`. */
  function entry(seq: number): SealedEntry {
    const envelope = 'x'.repeat(ENTRY_BYTES)
    return { seq, type: 'connector.started', envelope } as SealedEntry
  }

  async function open(options: { readonly heartbeatMs: number; readonly listenersMax?: number }): Promise<void> {
    const reader = {
      evidenceHead: () => ({ seq: log, hash: '' }),
      evidence: (after: number, limit: number) => {
        const entries = Array.from({ length: Math.min(limit, log - after) }, (_, index) => entry(after + index + 1))
        furthest = Math.max(furthest, after)
        return entries
      },
    }
    const { followEvents } = eventHandlers({
      permit: () => {
        if (!isPermitted) throw new ProblemError(problem('token.unknown', 'revoked'))
        return 'admin'
      },
      store: { reader, onCommit: (listener: () => void) => (commit = listener) } as unknown as Store,
      listenersMax: 10,
      stopping: new AbortController().signal,
      ...options,
    })
    const app = express()
    app.get('/events', (request, response) => {
      const call = { by: 'admin', parameters: {}, query: { after: 0 }, body: {}, request, response }
      void followEvents(call)
    })
    app.use(((error, _request, response, _next) => {
      response.status(error instanceof ProblemError ? 429 : 500).end()
    }) as express.ErrorRequestHandler)
    server = createServer(app)
    await new Promise<void>((done) => {
      server.listen(0, '127.0.0.1', done)
    })
    url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/events`
  }

  function connections(): Promise<number> {
    return new Promise((resolve, reject) => {
      server.getConnections((error, count) => {
        if (error === null) resolve(count)
        else reject(error)
      })
    })
  }

  test('that is quiet says that it lives, and where it is', async () => {
    await open({ heartbeatMs: 10 })
    const listener = await listen(url)

    await eventually('three heartbeats', () => (listener.text().match(/^: alive$/gm) ?? []).length >= 3)

    expect(listener.text()).toMatch(/^(: alive\nid: 0\n\n)+$/)
    listener.leave()
    await eventually('nobody is connected', async () => (await connections()) === 0)
  })

  test('to a listener that does not read stays behind, however long the log is, and is cut off', async () => {
    log = 20_000
    await open({ heartbeatMs: 50 })
    const slow = await new Promise<IncomingMessage>((resolve) => get(url, resolve))
    slow.pause()
    slow.on('error', () => undefined)

    await eventually('it is cut off', async () => (await connections()) === 0)

    // What the system's own buffers took, and no more: 1.2 GB were there to send.
    expect(furthest * ENTRY_BYTES).toBeLessThan(60_000_000)
    slow.destroy()
  })

  test('to a listener that reads again goes on without a gap', async () => {
    log = 400
    await open({ heartbeatMs: 60_000 })
    const slow = await new Promise<IncomingMessage>((resolve) => get(url, resolve))
    slow.pause()
    await eventually('it got as much as fits on the way', () => furthest > 0)
    log = 420
    commit()

    let text = ''
    slow.setEncoding('utf8').on('data', (chunk: string) => {
      // Without what fills the entries: only their numbers count.
      text += chunk.replaceAll('x', '')
    })
    slow.resume()
    await eventually('the last event', () => text.endsWith('\n\n') && text.includes('id: 420\n'))

    const ids = [...text.matchAll(/^id: (\d+)\nevent/gm)].map(([, id]) => Number(id))
    expect(ids).toEqual(Array.from({ length: 420 }, (_, index) => index + 1))
    slow.destroy()
  })

  test('beyond the number that is allowed is refused, and one that leaves makes room', async () => {
    await open({ heartbeatMs: 60_000, listenersMax: 2 })
    const [first] = await Promise.all([listen(url), listen(url)])

    expect((await fetch(url)).status).toBe(429)
    first.leave()

    await eventually('there is room', async () => {
      const again = await listen(url)
      return again.response.status === 200
    })
  })

  test('of a token that counts no more ends at its next heartbeat at the latest', async () => {
    await open({ heartbeatMs: 10 })
    const listener = await listen(url)

    isPermitted = false

    await eventually('it has ended', () => listener.isOver())
  })
})
