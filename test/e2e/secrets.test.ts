// Nothing that is secret is ever written down: a whole story with its mistakes, refusals and a defect, logged as finely as can
// be, and every secret that occurred in it looked for in all that both connectors wrote.

import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addressOf } from '../fixtures/data-client.ts'
import { eventually } from '../fixtures/eventually.ts'
import { contractRequest } from '../fixtures/messages.ts'
import { agreeOn, bothIn, openNegotiation, openTransfer, OPEN, startPair, type Pair } from '../fixtures/pair.ts'
import { openPeer, type Peer } from '../fixtures/peer.ts'
import { rawRequest } from '../fixtures/raw-http.ts'

const API = 'urn:dataset:api'
const BROKEN = 'urn:dataset:broken'

/** By what it is: the secrets of the story. */
const secrets = new Map<string, string>()
function secret(name: string): string {
  const value = randomBytes(20).toString('hex')
  secrets.set(name, value)
  return value
}

let pair: Pair
let peer: Peer
const source = createServer((request, response) => {
  // A source that fails says what it was called with, as some do.
  if (request.url === '/broken') response.writeHead(500).end(JSON.stringify(request.headers))
  else response.writeHead(200, { 'content-type': 'text/plain' }).end(`payload ${secrets.get('payload') ?? ''}`)
})

beforeAll(async () => {
  await new Promise<void>((ready) => {
    source.listen(0, '127.0.0.1', () => {
      ready()
    })
  })
  peer = await openPeer()
  const offers = Object.fromEntries(
    [API, BROKEN].map((id) => [
      id.slice(12),
      `offer: ${id.slice(12)}\ndatasets: ["${id}"]\npermission: [{ action: use }]\n`,
    ]),
  )
  const staticTokens = [
    { participant: 'urn:closed', inbound: `Bearer ${secret('inbound')}`, outbound: secret('outbound') },
  ]
  pair = await startPair({
    settings: { log: { level: 'debug' } },
    offers,
    provider: { env: () => ({ LINGQU_IDENTITY__STATICTOKENS: JSON.stringify(staticTokens) }) },
  })
  for (const { connector } of [pair.provider, pair.consumer]) {
    secrets.set(`token of ${connector.did}`, connector.token())
    const folder = join(connector.directory, 'data', 'keys')
    for (const name of readdirSync(folder)) {
      const { d } = (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { privateJwk: { d: string } }).privateJwk
      secrets.set(`${name} of ${connector.did}`, d)
    }
  }
  secret('payload')
  await tellTheStory()
}, 120_000)
afterAll(async () => {
  await pair.discard()
  await peer.close()
  source.closeAllConnections()
  await new Promise((closed) => source.close(closed))
})

async function tellTheStory(): Promise<void> {
  const { provider, consumer } = pair
  await publish()
  await fetchAll()
  await provider.connector.ask('/peers', { did: peer.did, name: 'peer', claims: {} })
  await misuseTheManagementApi()
  await sendWhatIsWrong()
  await breakTheDatabase()
  const masterKey = readFileSync(join(provider.connector.directory, 'data', 'master.key'), 'utf8').trim()
  secrets.set('master key', masterKey)
  await consumer.connector.stop()
  await provider.connector.stop()
}

async function publish(): Promise<void> {
  const { connector } = pair.provider
  const origin = `http://127.0.0.1:${String((source.address() as AddressInfo).port)}`
  const headers = { 'x-api-key': secret('source header'), authorization: `Basic ${secret('source basic')}` }
  await connector.ask('/datasets', [
    { '@id': API, source: { type: 'http', url: `${origin}/data`, headers, methods: ['GET', 'POST'] } },
    { '@id': BROKEN, source: { type: 'http', url: `${origin}/broken`, headers } },
  ])
  const s3 = { type: 's3', endpoint: 'http://127.0.0.1:1', region: 'x', bucket: 'bucket', key: 'k', accessKeyId: 'id' }
  await connector.ask('/datasets', { '@id': 'urn:dataset:s3', source: { ...s3, secretAccessKey: secret('s3 key') } })
  // Refused, each with something secret in what is wrong.
  const wrong = [
    { type: 'http', url: `http://user:${secret('userinfo')}@127.0.0.1/x` },
    { type: 'http', url: 'http://127.0.0.1/x', headers: { 'x-api-key': `${secret('bad header')}\r\nx: y` } },
    { type: 'ftp', password: secret('unknown member') },
  ]
  for (const each of wrong)
    expect((await connector.call('/datasets', { '@id': 'urn:wrong', source: each })).status).toBe(400)
}

/** Agreement, transfer, data; and data whose source fails. */
async function fetchAll(): Promise<void> {
  const { provider, consumer } = pair
  for (const dataset of [API, BROKEN]) {
    const pid = await openTransfer(pair, await agreeOn(pair, dataset))
    await bothIn(pair, 'transfers', pid, 'STARTED')
    const { authorization, endpoint } = await addressOf(pair, pid)
    secrets.set(`data token of ${dataset}`, authorization)
    await consumer.connector.call(`/transfers/${pid}/data?purpose=x`)
    const { port } = provider.connector
    const { pathname } = new URL(endpoint)
    const headers = { authorization: `Bearer ${authorization}` }
    await rawRequest({ port, path: pathname, headers, body: secret(`posted to ${dataset}`) })
    await rawRequest({ port, method: 'GET', path: `${pathname}/${authorization}?token=${authorization}`, headers })
    await rawRequest({
      port,
      method: 'GET',
      path: pathname,
      headers: { authorization: `Bearer ${secret(`wrong for ${dataset}`)}` },
    })
  }
}

async function misuseTheManagementApi(): Promise<void> {
  const { connector } = pair.provider
  const { token } = await connector.ask<{ token: string }>('/tokens', { name: 'reader', scope: 'viewer' })
  secrets.set('made token', token)
  const calls: readonly (readonly [string, string, string?])[] = [
    ['DELETE', `/api/v1/tokens/${token}`],
    ['DELETE', `/api/v1/tokens/${connector.token()}`],
    ['GET', `/api/v1/peers?access_token=${token}`],
    ['GET', `/api/v1/${token}/x`],
    ['POST', '/api/v1/tokens', `{"name": "x", "secret": "${secret('in a malformed body')}`],
    ['POST', '/api/v1/tokens', JSON.stringify({ name: secret('as a name of a token'), scope: 'owner' })],
    ['POST', '/api/v1/tokens', JSON.stringify({ name: 'x', scope: `Bearer ${secret('in the wrong member')}` })],
    ['POST', '/api/v1/connect', JSON.stringify({ counterPartyId: 'did:web:x', token: secret('an unknown member') })],
  ]
  for (const [method, path, body] of calls) {
    for (const authorization of [
      `Bearer ${connector.token()}`,
      `Bearer ${token}`,
      `Token ${secret('a wrong scheme')}`,
    ]) {
      const headers = { authorization, 'content-type': 'application/json' }
      await rawRequest({ port: connector.managementPort, method, path, headers, ...(body !== undefined && { body }) })
    }
  }
  await connector.ask('/tokens/reader', undefined, 'DELETE')
  await connector.ask('/identity/rotate', {})
  await connector.ask('/policies/reload', {})
}

/** Messages of a stranger with good, used, and bad tokens, and bodies that are none. */
async function sendWhatIsWrong(): Promise<void> {
  const { connector } = pair.provider
  const base = '/dsp/2025-1'
  const good = await peer.authorization(connector.did)
  secrets.set('a good token', good.slice(7))
  const now = Math.floor(Date.now() / 1000)
  const late = await peer.authorization(connector.did, { iat: now - 200, nbf: now - 200, exp: now - 100 })
  secrets.set('a late token', late.slice(7))
  const foreign = await peer.authorization('did:web:somebody.example')
  secrets.set('a token for somebody else', foreign.slice(7))
  const cut = good.slice(0, -10)
  const bodies = [
    JSON.stringify(contractRequest(peer.base, 'open', OPEN)),
    `{"token": "${secret('in a body that is cut')}`,
    secret('a body that is no JSON'),
    JSON.stringify({
      '@type': 'NoSuchMessage',
      token: secret('beside a type that is none'),
      callbackAddress: `https://u:${secret('in a callback')}@x.example/`,
    }),
    JSON.stringify(contractRequest(`https://u:${secret('in another callback')}@x.example/`, 'open', OPEN)),
  ]
  const all = [
    good,
    good,
    late,
    foreign,
    cut,
    `Bearer ${secret('no JWT')}`,
    `Basic ${secret('basic')}`,
    `Bearer ${secrets.get('inbound') ?? ''}`,
  ]
  for (const authorization of all) {
    for (const body of bodies) {
      const headers = { authorization, 'content-type': 'application/json' }
      await rawRequest({ port: connector.port, path: `${base}/negotiations/request`, headers, body })
    }
    const path = `${base}/negotiations/${authorization.replace(/^\w+ /, '')}`
    await rawRequest({ port: connector.port, method: 'GET', path, headers: { authorization } })
  }
  const sent = await eventually('the connector calls the peer', () =>
    peer.received.find(({ headers }) => headers.authorization !== undefined),
  )
  secrets.set('a token of the connector', (sent.headers.authorization ?? '').slice(7))
}

/** A defect: a row that nobody could have written, with something secret in it. */
async function breakTheDatabase(): Promise<void> {
  const { connector } = pair.provider
  const pid = await openNegotiation(pair, OPEN)
  const { provider } = await bothIn(pair, 'negotiations', pid, 'FINALIZED')
  const db = new DatabaseSync(connector.database)
  db.prepare('UPDATE negotiation SET automation = ? WHERE pid = ?').run(`Bearer ${secret('in a row')}`, provider.id)
  db.prepare('UPDATE agreement SET agreement = ? WHERE negotiation_pid = ?').run(
    secret('in another row').slice(-8),
    provider.id,
  )
  db.close()
  secrets.set('the start of another row', (secrets.get('in another row') ?? '').slice(-7))
  expect((await connector.call(`/negotiations/${provider.id}`)).status).toBe(500)
  expect((await connector.call('/agreements')).status).toBe(500)
}

function written(): string {
  return [pair.provider, pair.consumer].map(({ connector }) => connector.stdout() + connector.log()).join('\n')
}

test('the story is in the log: refusals, a failed source, a defect with its stack', () => {
  const text = written()
  for (const told of [
    'connector.started',
    'outbox.attempt',
    'http.problem',
    'http.defect',
    '"stack"',
    'token.expired',
    'body.not-json',
    'source.unavailable',
    'connector.stopped',
  ]) {
    expect(text).toContain(told)
  }
  expect(secrets.size).toBeGreaterThanOrEqual(40)
})

test('every line of the log is one JSON object', () => {
  for (const { connector } of [pair.provider, pair.consumer]) {
    for (const line of connector.log().trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow()
  }
})

test('no secret is in it, as it is, in base64, or percent-encoded', () => {
  const text = written()
  const found = [...secrets].filter(([, value]) => {
    const spellings = [
      value,
      Buffer.from(value).toString('base64'),
      Buffer.from(value).toString('base64url'),
      encodeURIComponent(value),
    ]
    return spellings.some((spelling) => text.includes(spelling))
  })
  expect(found.map(([name]) => name)).toEqual([])
})
