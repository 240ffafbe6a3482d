// Two connectors as they stand on the open network: names instead of localhost, TLS of their own from a private authority, and
// every call through an outgoing proxy. All of what the settings say of it is in effect.

import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { get } from 'node:https'
import { connect as connectTcp, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Duplex } from 'node:stream'
import { connect as connectTls } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startConnector, type Connector } from '../fixtures/connector.ts'
import { eventually } from '../fixtures/eventually.ts'
import { freePorts } from '../fixtures/ports.ts'
import { authority } from '../integration/wire/certificate.ts'

const WEATHER = 'urn:dataset:weather'
const DATA = 'hour,celsius\n0,21\n'
const NAMES = ['provider.test', 'consumer.test'] as const

const ca = authority('Authority of the test')
let directory: string
let proxy: Server
let provider: Connector
let consumer: Connector
/** Where the proxy was asked to connect to. */
const tunnels: string[] = []
const ports = new Map<string, number>()
const sockets = new Set<Duplex>()

/** A proxy that knows where the names are. */
function openProxy(): Server {
  const server = createServer((_request, response) => response.writeHead(405).end())
  server.on('connect', ({ url = '' }, client) => {
    tunnels.push(url)
    const port = ports.get(url)
    if (port === undefined) {
      client.end('HTTP/1.1 502 Bad Gateway\r\n\r\n')
      return
    }
    const upstream = connectTcp(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      upstream.pipe(client).pipe(upstream)
    })
    for (const end of [upstream, client]) {
      sockets.add(end)
      end.on('error', () => end.destroy())
    }
  })
  return server
}

function tlsOf(name: string): { readonly certFile: string; readonly keyFile: string } {
  return { certFile: join(directory, `${name}.crt`), keyFile: join(directory, `${name}.key`) }
}

function writePair(name: string): void {
  const { cert, key } = ca.issue(name)
  writeFileSync(tlsOf(name).certFile, cert)
  writeFileSync(tlsOf(name).keyFile, key)
}

async function connectorAt(
  name: string,
  outbound: object,
  offers: Readonly<Record<string, string>> = {},
): Promise<Connector> {
  const [port = 0] = await freePorts(1)
  ports.set(`${name}:443`, port)
  writePair(name)
  return startConnector({
    name,
    publicPort: port,
    publicUrl: `https://${name}`,
    did: `did:web:${name}`,
    offers,
    settings: { public: { url: `https://${name}`, host: '127.0.0.1', port, tls: tlsOf(name) }, outbound },
  })
}

beforeAll(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'lingqu-tls-')))
  writeFileSync(join(directory, 'ca.crt'), ca.cert)
  writeFileSync(join(directory, 'data.csv'), DATA)
  proxy = openProxy()
  await new Promise<void>((ready) => {
    proxy.listen(0, '127.0.0.1', () => {
      ready()
    })
  })
  const through = {
    proxy: `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`,
    extraCaFile: join(directory, 'ca.crt'),
  }
  const offers = { weather: `offer: weather\ndatasets: ["${WEATHER}"]\npermission: [{ action: use }]\n` }
  ;[provider, consumer] = await Promise.all([connectorAt(NAMES[0], through, offers), connectorAt(NAMES[1], through)])
  await provider.ask('/peers', { did: consumer.did, name: 'consumer', claims: {} })
  await consumer.ask('/peers', { did: provider.did, name: 'provider', claims: {} })
  await provider.ask('/datasets', { '@id': WEATHER, source: { type: 'file', path: join(directory, 'data.csv') } })
})
afterAll(async () => {
  await Promise.all([provider.discard(), consumer.discard()])
  for (const socket of sockets) socket.destroy()
  await new Promise((closed) => proxy.close(closed))
  rmSync(directory, { recursive: true, force: true })
})

async function fetched(transferId: string): Promise<string> {
  const url = `http://127.0.0.1:${String(consumer.managementPort)}/api/v1/transfers/${transferId}/data`
  return (await fetch(url, { headers: { authorization: `Bearer ${consumer.token()}` } })).text()
}

function certificateShown(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ port: provider.port, host: '127.0.0.1', servername: NAMES[0], ca: ca.cert }, () => {
      resolve(socket.getPeerCertificate().serialNumber)
      socket.destroy()
    })
    socket.once('error', reject)
  })
}

test('the whole story goes over TLS and through the proxy, which is told names and never addresses', async () => {
  const { transferId } = await consumer.ask<{ transferId: string }>('/connect', {
    counterPartyId: provider.did,
    datasetId: WEATHER,
  })

  expect(await fetched(transferId)).toBe(DATA)

  expect([...new Set(tunnels)].sort()).toEqual(['consumer.test:443', 'provider.test:443'])
  for (const connector of [provider, consumer]) {
    expect(connector.log().match(/outbound\.proxied/g)).toHaveLength(1)
    connector.verify()
  }
})

test('behind the proxy private names and addresses are refused before it is asked', async () => {
  const before = tunnels.length
  for (const address of ['https://localhost/dsp', 'https://10.1.2.3/dsp', 'http://provider.test/dsp']) {
    const { status, json } = await consumer.call('/catalog/request', {
      counterPartyId: provider.did,
      counterPartyAddress: address,
    })
    expect({ status, json }).toMatchObject({ status: 422, json: { code: 'address.forbidden' } })
  }
  expect(tunnels).toHaveLength(before)
})

test('a peer whose certificate nobody vouches for is not spoken to', async () => {
  const stranger = await connectorAt('stranger.test', {
    proxy: `http://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`,
  })
  try {
    await stranger.ask('/peers', { did: provider.did, name: 'provider', claims: {} })
    const { status, json } = await stranger.call('/catalog/request', { counterPartyId: provider.did })
    expect({ status, json }).toMatchObject({ status: 503, json: { code: 'peer.unreachable' } })
  } finally {
    await stranger.discard()
  }
})

test('a new certificate is taken up without a restart, and the story goes on', async () => {
  const before = await certificateShown()

  writePair(NAMES[0])

  await eventually('the new certificate is shown', async () => (await certificateShown()) !== before)
  const { reused } = await consumer.ask<{ reused: object }>('/connect', {
    counterPartyId: provider.did,
    datasetId: WEATHER,
  })
  expect(reused).toEqual({ agreement: true, transfer: true })
  expect(await consumer.ask('/status')).toMatchObject({ certificateEndsAt: '9999-12-31T23:59:59.000Z' })
})

test('a file of authorities that is none refuses the start, with its name', async () => {
  const file = join(directory, 'none.crt')
  writeFileSync(file, 'not a certificate')
  await expect(connectorAt('nobody.test', { extraCaFile: file })).rejects.toThrow(
    `${file} is no PEM file of certificates`,
  )
})

test('what a proxy in front may say in X-Forwarded-… changes nothing: who calls is in the token, and where we are in the settings', async () => {
  const headers = {
    'x-forwarded-host': 'evil.example',
    'x-forwarded-proto': 'http',
    'x-forwarded-for': '10.0.0.1',
    forwarded: 'host=evil.example',
  }
  const text = await new Promise<string>((resolve, reject) => {
    const where = {
      host: '127.0.0.1',
      port: provider.port,
      path: '/.well-known/did.json',
      servername: NAMES[0],
      ca: ca.cert,
      headers,
    }
    get(where, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (piece: string) => (body += piece))
      response.on('end', () => {
        resolve(body)
      })
    }).once('error', reject)
  })
  expect(text).toContain('https://provider.test/.well-known/dspace-version')
  expect(text).not.toContain('evil')
})
