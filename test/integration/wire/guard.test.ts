// The guard at work: which connections come about, to which addresses, and that no second answer of DNS is used.

import { createServer as createTlsServer } from 'node:https'
import { connect } from 'node:net'
import { createServer } from 'node:http'
import { buildConnector } from 'undici'
import { describe, expect, it } from 'vitest'
import type { HttpRequest } from '../../../src/kernel/http-call.ts'
import type { Dial } from '../../../src/wire/guarded-connect.ts'
import { selfSigned } from './certificate.ts'
import { client, httpServer, listen } from './servers.ts'

const get = (url: string): HttpRequest => ({ method: 'GET', url, timeoutMs: 5_000, bodyBytesMax: 1_000 })
const FORBIDDEN = { problem: { code: 'address.forbidden' } }

/** Notes which addresses were to be dialled, and connects to the loopback address instead. */
const recordingDial = (port: number): { dial: Dial; dialled: (readonly string[])[] } => {
  const dialled: (readonly string[])[] = []
  const connectLocally = buildConnector({})
  return {
    dialled,
    dial: (target, addresses, done) => {
      dialled.push(addresses)
      connectLocally({ ...target, protocol: 'http:', hostname: '127.0.0.1', port: String(port) }, done)
    },
  }
}

describe('the guard of peers', () => {
  it.each([
    'http://127.0.0.1',
    'http://localhost',
    'https://127.0.0.1',
    'https://2130706433',
    'https://[::1]',
    'https://169.254.169.254',
    'https://a:b@peer.test',
  ])('opens no connection to %s outside loopback mode', async (origin) => {
    const { dial, dialled } = recordingDial(1)
    const resolve = () => Promise.resolve(['127.0.0.1'])

    await expect(client({ loopback: false, resolve, dial }).call(get(origin))).rejects.toMatchObject(FORBIDDEN)
    expect(dialled).toEqual([])
  })

  // prettier-ignore
  it.each([
    ['one private address',               ['10.0.0.1']],
    ['one public and one private',        ['93.184.216.34', '192.168.0.1']],
    ['one public and one link-local',     ['2606:2800::1', 'fe80::1']],
    ['a private one in IPv6 clothing',    ['64:ff9b::10.0.0.1']],
  ])('opens no connection to a name with %s', async (_what, addresses) => {
    const { dial, dialled } = recordingDial(1)

    const calling = client({ loopback: false, resolve: () => Promise.resolve(addresses), dial }).call(get('https://peer.test'))

    await expect(calling).rejects.toMatchObject(FORBIDDEN)
    expect(dialled).toEqual([])
  })

  it('connects to exactly the addresses that it checked, though DNS changes its answer', async () => {
    const { port } = await httpServer((_req, res) => res.end('ok'))
    const { dial, dialled } = recordingDial(port)
    const answers = [['93.184.216.34', '2606:2800::1'], ['127.0.0.1']]
    const resolve = () => Promise.resolve(answers.shift() ?? [])

    const answer = await client({ loopback: false, resolve, dial }).call(get('https://peer.test'))

    expect(answer.status).toBe(200)
    expect(dialled).toEqual([['93.184.216.34', '2606:2800::1']])
    expect(answers).toEqual([['127.0.0.1']])
  })

  it('checks again for every new connection', async () => {
    const { port } = await httpServer((_req, res) => res.setHeader('connection', 'close').end('ok'))
    const { dial, dialled } = recordingDial(port)
    const answers = [['93.184.216.34'], ['127.0.0.1']]
    const { call } = client({ loopback: false, resolve: () => Promise.resolve(answers.shift() ?? []), dial })

    await call(get('https://peer.test'))

    await expect(call(get('https://peer.test'))).rejects.toMatchObject(FORBIDDEN)
    expect(dialled).toHaveLength(1)
  })

  it('really uses the address that was resolved, and sends the name as Host', async () => {
    const { port } = await httpServer((req, res) => res.end(req.headers.host))
    const { call } = client({
      loopback: false,
      allowHttpHosts: ['peer.test'],
      resolve: () => Promise.resolve(['127.0.0.1']),
    })

    const answer = await call(get(`http://peer.test:${port}`))

    expect(Buffer.from(answer.body).toString()).toBe(`peer.test:${port}`)
  })

  it('says that a name without addresses, or that cannot be resolved, is unreachable', async () => {
    const nothing = client({ resolve: () => Promise.resolve([]) })
    const failing = client({
      resolve: () => Promise.reject(Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })),
    })

    await expect(nothing.call(get('https://peer.test'))).rejects.toMatchObject({
      problem: { code: 'peer.unreachable' },
    })
    await expect(failing.call(get('https://peer.test'))).rejects.toMatchObject({
      problem: { code: 'peer.unreachable' },
    })
  })
})

describe('the guard of sources', () => {
  it('reads from a private address, never from a link-local one', async () => {
    const { port } = await httpServer((_req, res) => res.end('ok'))
    const { dial, dialled } = recordingDial(port)
    const { call } = client({
      guard: 'source',
      loopback: false,
      resolve: () => Promise.resolve(['169.254.169.254']),
      dial,
    })

    expect((await call(get('http://10.0.0.1/data'))).status).toBe(200)
    await expect(call(get('http://169.254.169.254/latest/meta-data'))).rejects.toMatchObject(FORBIDDEN)
    await expect(call(get('http://metadata.test/'))).rejects.toMatchObject(FORBIDDEN)
    expect(dialled).toEqual([['10.0.0.1']])
  })
})

describe('TLS', () => {
  const tlsServer = async (): Promise<{ port: number; cert: string }> => {
    const { key, cert } = selfSigned('peer.test')
    return { cert, port: await listen(createTlsServer({ key, cert }, (_req, res) => res.end('ok'))) }
  }
  const resolve = () => Promise.resolve(['127.0.0.1'])

  it('verifies the certificate against the name, not against the address', async () => {
    const { port, cert } = await tlsServer()
    const { call } = client({ resolve, extraCa: cert })

    expect((await call(get(`https://peer.test:${port}`))).status).toBe(200)
    await expect(call(get(`https://other.test:${port}`))).rejects.toMatchObject({
      problem: { code: 'peer.unreachable', message: expect.stringContaining('ERR_TLS_CERT_ALTNAME_INVALID') as string },
    })
  })

  it('trusts no certificate that is not vouched for', async () => {
    const { port } = await tlsServer()

    await expect(client({ resolve }).call(get(`https://peer.test:${port}`))).rejects.toMatchObject({
      problem: { code: 'peer.unreachable' },
    })
  })
})

describe('an outgoing proxy', () => {
  it('gets the name, which is not resolved here; loopback names and private addresses are refused all the same', async () => {
    const asked: (string | undefined)[] = []
    const { key, cert } = selfSigned('peer.test')
    const target = await listen(createTlsServer({ key, cert }, (_req, res) => res.end('through')))
    const proxy = createServer()
    proxy.on('connect', (req, socket) => {
      asked.push(req.url)
      const upstream = connect(target, '127.0.0.1', () => {
        socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
        upstream.pipe(socket).pipe(upstream)
      })
      for (const end of [upstream, socket]) end.on('error', () => undefined)
    })
    const resolve = () => Promise.reject(new Error('nothing is resolved behind a proxy'))
    const { call } = client({
      loopback: false,
      proxy: `http://127.0.0.1:${await listen(proxy)}`,
      extraCa: cert,
      resolve,
    })

    const answer = await call(get('https://peer.test/path'))

    expect(Buffer.from(answer.body).toString()).toBe('through')
    expect(asked).toEqual(['peer.test:443'])
    for (const url of ['https://localhost/', 'https://10.0.0.1/', 'https://[::1]/', 'http://peer.test/']) {
      await expect(call(get(url))).rejects.toMatchObject(FORBIDDEN)
    }
    expect(asked).toHaveLength(1)
  })
})
