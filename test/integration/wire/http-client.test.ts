// The HTTP client on the loopback address: bounded, honest about failures, patient with dead connections once.

import { Readable } from 'node:stream'
import { buffer } from 'node:stream/consumers'
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { HttpRequest } from '../../../src/kernel/http-call.ts'
import type { HttpClientOptions } from '../../../src/wire/http-client.ts'
import { selfSigned } from './certificate.ts'
import { client, httpServer, rawServer } from './servers.ts'

const get = (url: string, more: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url,
  timeoutMs: 5_000,
  bodyBytesMax: 1_000,
  ...more,
})
const refusal = (code: string): object => ({ problem: { code } })
const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
const text = (body: Uint8Array): string => Buffer.from(body).toString()

describe('a call', () => {
  it('sends method, headers and body, and gives status, headers and body back', async () => {
    const { origin } = await httpServer((req, res) => {
      req.setEncoding('utf8').on('data', (body: string) => {
        res
          .setHeader('X-Twice', ['a', 'b'])
          .writeHead(201)
          .end(`${req.method ?? ''} ${req.url ?? ''} ${req.headers['x-own'] as string} ${body}`)
      })
    })

    const answer = await client().call(
      get(`${origin}/path?q=1`, { method: 'POST', headers: { 'X-Own': 'mine' }, body: 'text' }),
    )

    expect(answer).toMatchObject({ status: 201, headers: { 'x-twice': 'a, b' } })
    expect(text(answer.body)).toBe('POST /path?q=1 mine text')
  })

  it('gives an answer of any status back', async () => {
    const { origin } = await httpServer((_req, res) => res.writeHead(503).end())

    const { status, body } = await client().call(get(origin))

    expect([status, body.length]).toEqual([503, 0])
  })

  it('asks for no compression, so that the size on the wire is the size in memory', async () => {
    const { origin } = await httpServer((req, res) => res.end(req.headers['accept-encoding']))

    expect(text((await client().call(get(origin))).body)).toBe('identity')
  })

  it('does not follow a redirect', async () => {
    const paths: (string | undefined)[] = []
    const { origin } = await httpServer((req, res) => {
      paths.push(req.url)
      res.writeHead(302, { location: '/elsewhere' }).end()
    })

    const answer = await client().call(get(`${origin}/here`))

    expect(answer).toMatchObject({ status: 302, headers: { location: '/elsewhere' } })
    expect(paths).toEqual(['/here'])
  })

  it.each([
    ['announced', { 'content-length': '1001' }],
    ['chunked', {}],
  ])('refuses a body that is too large, %s', async (_what, headers) => {
    const { origin } = await httpServer((_req, res) => res.writeHead(200, headers).end('x'.repeat(1_001)))

    await expect(client().call(get(origin))).rejects.toMatchObject(refusal('peer.malformed'))
  })

  it('accepts a body of exactly the size that is allowed', async () => {
    const { origin } = await httpServer((_req, res) => res.end('x'.repeat(1_000)))

    expect((await client().call(get(origin))).body).toHaveLength(1_000)
  })

  it('says so when what answers is not HTTP', async () => {
    const { origin } = await rawServer((socket) => socket.end('SSH-2.0-OpenSSH_9.6\r\n'))

    await expect(client().call(get(origin))).rejects.toMatchObject(refusal('peer.malformed'))
  })

  it('says so when nobody listens', async () => {
    const { origin } = await httpServer((_req, res) => res.end())
    const { port } = new URL(origin)
    const deaf = client({
      dial: (target, _addresses, done) => {
        done(Object.assign(new Error(`${target.hostname}:${port}`), { code: 'ECONNREFUSED' }), null)
      },
    })

    await expect(deaf.call(get(origin))).rejects.toMatchObject({
      problem: { code: 'peer.unreachable', message: expect.stringContaining('ECONNREFUSED') as string },
    })
  })

  const never = () => new Promise<never>(() => undefined)
  // prettier-ignore
  it.each<[string, boolean, Partial<HttpClientOptions>]>([
    ['no answer comes',            false, {}],
    ['the body stalls',            true,  {}],
    ['the name is not resolved',   false, { resolve: never }],
    ['no connection comes about',  false, { dial: () => undefined }],
  ])('is given up when time is over and %s', async (_what, stall, options) => {
    const { origin } = await httpServer((_req, res) => {
      if (stall) res.writeHead(200).write('x')
    })

    const calling = client(options).call(get(origin.replace('127.0.0.1', 'localhost'), { timeoutMs: 50 }))

    await expect(calling).rejects.toMatchObject({
      problem: { code: 'peer.unreachable', message: expect.stringContaining('within 50 ms') as string },
    })
  })

  it('throws a mistake in the request as what it is, a bug', async () => {
    const { origin } = await httpServer((_req, res) => res.end())

    await expect(client().call(get(origin, { headers: { 'bad name': 'x' } }))).rejects.not.toHaveProperty('problem')
  })
})

describe('connections', () => {
  const oneConnection = () => client({ connectionsPerOriginMax: 1 })

  it('are kept for the next call', async () => {
    const ports = new Set<number | undefined>()
    const { origin } = await httpServer((req, res) => {
      ports.add(req.socket.remotePort)
      res.end('ok')
    })
    const { call } = oneConnection()

    await call(get(origin))
    await call(get(origin))

    expect(ports.size).toBe(1)
  })

  it('that died while kept are replaced, once, without the caller noticing', async () => {
    const { origin, seen } = await rawServer((socket, request) => (request === 2 ? socket.destroy() : socket.write(OK)))
    const { call } = oneConnection()

    await call(get(origin))
    const second = await call(get(origin, { method: 'POST', body: 'again' }))

    expect(text(second.body)).toBe('ok')
    expect(seen()).toBe(3)
  })

  it('that died while kept are replaced over TLS too', async () => {
    const certificate = selfSigned('peer.test')
    const answer = (socket: Socket, request: number) => (request === 2 ? socket.destroy() : socket.write(OK))
    const { origin, seen } = await rawServer(answer, certificate)
    const resolve = () => Promise.resolve(['127.0.0.1'])
    const { call } = client({ connectionsPerOriginMax: 1, extraCa: certificate.cert, resolve })

    await call(get(origin))

    expect(text((await call(get(origin))).body)).toBe('ok')
    expect(seen()).toBe(3)
  })

  it('that die again on the second attempt are a failure', async () => {
    const { origin, seen } = await rawServer((socket, request) => (request > 1 ? socket.destroy() : socket.write(OK)))
    const { call } = oneConnection()

    await call(get(origin))

    await expect(call(get(origin))).rejects.toMatchObject(refusal('peer.unreachable'))
    expect(seen()).toBe(3)
  })

  it('that died while kept are a failure for a body that comes piece by piece: it cannot be sent again', async () => {
    const { call, upload } = oneConnection()
    const { origin, seen } = await rawServer((socket, request) => {
      if (request === 1) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n')
      else socket.destroy()
    })
    await call(get(origin))
    const body = Readable.from([Buffer.from('all of it')])
    const signal = new AbortController().signal
    const sent = upload({ method: 'PUT', url: origin, body, timeoutMs: 1_000, bodyBytesMax: 10, signal })
    await expect(sent).rejects.toMatchObject({ problem: { code: 'peer.unreachable' } })
    expect(seen()).toBe(2)
  })

  it('that break off after the first byte of the answer are a failure, not repeated', async () => {
    const { origin, seen } = await rawServer((socket, request) =>
      request === 1 ? socket.write(OK) : socket.end('HTTP/1.1 20'),
    )
    const { call } = oneConnection()

    await call(get(origin))

    await expect(call(get(origin))).rejects.toMatchObject(refusal('peer.unreachable'))
    expect(seen()).toBe(2)
  })

  it('that were new when they died are a failure, not repeated', async () => {
    const { origin, seen } = await rawServer((socket) => socket.destroy())

    await expect(oneConnection().call(get(origin))).rejects.toMatchObject(refusal('peer.unreachable'))
    expect(seen()).toBe(1)
  })
})

describe('an upload', () => {
  const uploading = (url: string, body: AsyncIterable<Uint8Array>, timeoutMs = 5_000) => ({
    ...{ method: 'PUT' as const, url, body, timeoutMs, bodyBytesMax: 1_000, signal: new AbortController().signal },
  })

  it('gives of an answer that is too large the beginning: who has the data has it, whatever else it says', async () => {
    const { origin } = await httpServer((req, res) => {
      req.resume().on('end', () => res.writeHead(201).end('x'.repeat(100_000)))
    })

    const { status, body } = await client().upload(uploading(origin, Readable.from([Buffer.from('data')])))

    expect([status, body.length]).toEqual([201, 1_000])
  })

  it('whose body is late is not given up as if the other side were', async () => {
    const { origin } = await httpServer((req, res) => {
      void buffer(req).then((all) => res.end(all))
    })
    const late = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('first ')
      await once(AbortSignal.timeout(400), 'abort')
      yield Buffer.from('second')
    }

    const { body } = await client().upload(uploading(origin, late(), 200))

    expect(text(body)).toBe('first second')
  })

  it('to whom nobody answers is given up, also when its body was late before', async () => {
    const { origin } = await httpServer((req) => req.resume())
    const late = async function* (): AsyncGenerator<Uint8Array> {
      yield Buffer.from('first ')
      await once(AbortSignal.timeout(400), 'abort')
      yield Buffer.from('second')
    }

    await expect(client().upload(uploading(origin, late(), 200))).rejects.toMatchObject(refusal('peer.unreachable'))
  })
})

describe('a stream', () => {
  const streaming = (url: string, more: object = {}) => ({
    method: 'GET' as const,
    url,
    timeoutMs: 5_000,
    bodyTimeoutMs: 5_000,
    ...more,
  })

  it('hands the body over as it arrives, and the trailers at its end', async () => {
    const { origin } = await httpServer((_req, res) => {
      res.writeHead(200, { trailer: 'Repr-Digest' })
      res.write('first ')
      res.addTrailers({ 'Repr-Digest': 'sha-256=:x:' })
      res.end('second')
    })

    const { status, body, trailers } = await client().stream(streaming(origin))
    let read = ''
    for await (const chunk of body) read += text(chunk)

    expect({ status, read, trailers: trailers() }).toEqual({
      status: 200,
      read: 'first second',
      trailers: { 'repr-digest': 'sha-256=:x:' },
    })
  })

  it('that is destroyed closes its connection', async () => {
    let closed: Promise<unknown> = Promise.reject(new Error('nobody came'))
    closed.catch(() => undefined)
    const { origin } = await httpServer((_req, res) => {
      closed = once(res, 'close')
      res.write('first')
    })

    const { body } = await client().stream(streaming(origin))
    body.destroy()

    await expect(closed).resolves.toEqual([])
  })

  it('that breaks off throws while it is read', async () => {
    const { origin } = await httpServer((_req, res) => {
      res.writeHead(200, { 'content-length': '100' })
      res.write('first', () => res.destroy())
    })

    const { body } = await client().stream(streaming(origin))
    const reading = (async () => {
      for await (const chunk of body) expect(text(chunk)).toBe('first')
    })()

    await expect(reading).rejects.toThrow()
  })

  it('that nobody reads harms nobody: not when it is destroyed after its end came, not when it breaks off', async () => {
    const { origin } = await httpServer((req, res) => {
      if (req.url !== '/broken') return res.end('all of it')
      res.writeHead(200, { 'content-length': '100' })
      return res.write('first', () => res.destroy())
    })
    const { call, stream } = client({ connectionsPerOriginMax: 1 })

    const whole = await stream(streaming(origin))
    await call(get(origin)) // on the same connection, so that the first answer is over
    whole.body.destroy()
    const broken = await stream(streaming(`${origin}/broken`))
    await call(get(origin))

    // An error that nobody listens to would have ended the process by now.
    expect([whole.status, broken.status]).toEqual([200, 200])
  })

  it('is ended by the signal of its caller, also in the middle of the body', async () => {
    const stop = new AbortController()
    const { origin } = await httpServer((_req, res) => res.write('first'))

    const { body } = await client().stream(streaming(origin, { signal: stop.signal }))
    const reading = (async () => {
      for await (const chunk of body) {
        expect(text(chunk)).toBe('first')
        stop.abort()
      }
    })()

    await expect(reading).rejects.toThrow()
  })

  it('is given up when its headers do not come in time, or its caller has gone', async () => {
    const { origin } = await httpServer(() => undefined)

    await expect(client().stream(streaming(origin, { timeoutMs: 50 }))).rejects.toMatchObject(
      refusal('peer.unreachable'),
    )
    await expect(client().stream(streaming(origin, { signal: AbortSignal.abort() }))).rejects.toMatchObject(
      refusal('peer.unreachable'),
    )
  })

  it('outlives the time for its headers', async () => {
    const goOn = Promise.withResolvers<undefined>()
    const { origin } = await httpServer((req, res) => {
      if (req.url === '/silent') return
      res.write('first ')
      void goOn.promise.then(() => res.end('second'))
    })
    const { call, stream } = client()

    const { body } = await stream(streaming(origin, { timeoutMs: 50 }))
    // A call that starts later, with more time, has been given up: the time of the stream is over as well.
    await expect(call(get(`${origin}/silent`, { timeoutMs: 60 }))).rejects.toMatchObject(refusal('peer.unreachable'))
    goOn.resolve(undefined)
    let read = ''
    for await (const chunk of body) read += text(chunk)

    expect(read).toBe('first second')
  })
})
