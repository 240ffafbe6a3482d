// Who gets in: 401 before everything else on every DSP path, and a token that was used before counts for nothing.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BINDINGS } from '../../../src/protocol/dsp/paths.ts'
import { eventually } from '../../fixtures/eventually.ts'
import { contractRequest, errorTypeOf, everyMessage, messageOf } from '../../fixtures/messages.ts'
import { rawRequest, type RawReply } from '../../fixtures/raw-http.ts'
import { DSP, startGround, type Ground } from '../../fixtures/stranger.ts'

let ground: Ground
beforeAll(async () => {
  ground = await startGround()
})
afterAll(async () => ground.discard())

const MESSAGES = everyMessage('urn:uuid:1', 'urn:uuid:2', 'http://localhost:1')

// prettier-ignore
const GETS = [
  ...new Set(BINDINGS.filter(({ method }) => method === 'GET').map(({ path }) => path.replace(/:\w+/, 'urn:uuid:1'))),
  '', '/', '/nothing', '/negotiations', '/negotiations/', '/negotiations/a/b/c', '/transfers/x/data', '/catalog',
] as const

function get(path: string, authorization?: string): Promise<RawReply> {
  const headers = authorization === undefined ? {} : { authorization }
  return rawRequest({ port: ground.connector.port, method: 'GET', path: `${DSP}${path}`, headers })
}

function post(path: string, body: string, authorization?: string): Promise<RawReply> {
  const headers = { 'content-type': 'application/json', ...(authorization !== undefined && { authorization }) }
  return rawRequest({ port: ground.connector.port, path: `${DSP}${path}`, body, headers })
}

describe('without credentials', () => {
  test.each(GETS)('GET %s is 401', async (path) => {
    const reply = await get(path)

    expect(reply.status).toBe(401)
    expect(reply.headers['www-authenticate']).toBe('Bearer')
  })

  test.each(MESSAGES)('POST %s is 401, with its own error object', async (path, message) => {
    const reply = await post(path, JSON.stringify(message))

    expect(reply).toMatchObject({ status: 401, json: { '@type': errorTypeOf(path), code: 'token.missing' } })
  })

  test.each([...MESSAGES.map(([path]) => path), '/nothing', '/negotiations/a/b/c', ''])(
    'POST %s is 401 whatever the body',
    async (path) => {
      expect((await post(path, '')).status).toBe(401)
      expect((await post(path, '{"@type":')).status).toBe(401)
    },
  )

  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s is 401 too', async (method) => {
    for (const path of ['/negotiations/request', '/nothing']) {
      const reply = await rawRequest({ port: ground.connector.port, method, path: `${DSP}${path}` })
      expect(reply.status).toBe(401)
    }
  })
})

describe('with credentials that do not count', () => {
  // prettier-ignore
  const CLAIMS = [
    ['for another audience',   { aud: 'did:web:another.example' }],
    ['that has expired',       { iat: 1, nbf: 1, exp: 2 }],
    ['that is not valid yet',  { nbf: 4_000_000_000 }],
    ['of another subject',     { sub: 'did:web:another.example' }],
    ['of another issuer',      { iss: 'did:web:another.example', sub: 'did:web:another.example' }],
    ['without an identifier',  { jti: undefined }],
    ['that lives for a day',   { exp: Math.floor(Date.now() / 1000) + 86_400 }],
  ] as const

  test.each(CLAIMS)('a token %s is 401 on writes and on reads', async (_what, claims) => {
    const { connector, peer } = ground
    const message = JSON.stringify(contractRequest(peer.base, 'open', 'urn:dataset:open'))

    expect((await get('/negotiations/urn:uuid:1', await peer.authorization(connector.did, claims))).status).toBe(401)
    expect((await post('/negotiations/request', message, await peer.authorization(connector.did, claims))).status).toBe(
      401,
    )
    expect(connector.rows('SELECT 1 FROM negotiation')).toEqual([])
  })

  test.each(['Bearer', 'Bearer x', 'Basic dXNlcjpwYXNz', 'Bearer a.b.c', `Bearer ${'x'.repeat(12_000)}`])(
    'Authorization: %s is 401',
    async (authorization) => {
      expect((await get('/negotiations/urn:uuid:1', authorization)).status).toBe(401)
      expect(
        (await post('/catalog/request', JSON.stringify(messageOf('CatalogRequestMessage', {})), authorization)).status,
      ).toBe(401)
    },
  )

  test('a participant that is removed from the register is 401 at once', async () => {
    const { connector, other, read } = ground
    expect((await read('/negotiations/urn:uuid:1', other)).status).toBe(404)

    await connector.ask(`/peers/${encodeURIComponent(other.did)}`, undefined, 'DELETE')

    expect((await read('/negotiations/urn:uuid:1', other)).status).toBe(401)
    await connector.ask('/peers', { did: other.did, name: 'other', claims: {} })
  })
})

describe('a token that was used before', () => {
  test('is refused on a write, and moves nothing', async () => {
    const { connector, peer } = ground
    const token = await peer.authorization(connector.did)
    const first = JSON.stringify(contractRequest(peer.base, 'manual', 'urn:dataset:manual'))
    const second = JSON.stringify(contractRequest(peer.base, 'manual', 'urn:dataset:manual'))

    expect((await post('/negotiations/request', first, token)).status).toBe(201)
    expect(await post('/negotiations/request', first, token)).toMatchObject({
      status: 401,
      json: { code: 'token.replayed' },
    })
    expect(await post('/negotiations/request', second, token)).toMatchObject({
      status: 401,
      json: { code: 'token.replayed' },
    })
    expect(connector.rows('SELECT 1 FROM negotiation')).toHaveLength(1)
  })

  test('is refused on a read', async () => {
    const { connector, peer } = ground
    const token = await peer.authorization(connector.did)
    const catalog = JSON.stringify(messageOf('CatalogRequestMessage', {}))

    expect((await post('/catalog/request', catalog, token)).status).toBe(200)
    expect(await post('/catalog/request', catalog, token)).toMatchObject({
      status: 401,
      json: { '@type': 'CatalogError' },
    })
    expect((await get('/negotiations/urn:uuid:1', token)).status).toBe(401)
  })

  test('is refused after kill -9 and a restart, on writes and on reads', async () => {
    const { connector, peer } = ground
    const issued = now()
    const [written, read] = [await peer.authorization(connector.did), await peer.authorization(connector.did)]
    const message = JSON.stringify(contractRequest(peer.base, 'manual', 'urn:dataset:manual'))
    expect((await post('/negotiations/request', message, written)).status).toBe(201)
    expect((await get('/negotiations/urn:uuid:1', read)).status).toBe(404)

    await connector.kill()
    // A token says in whole seconds when it was issued: one of the second of the start cannot be told from a new one.
    await eventually('the next second has begun', () => now() > issued + 1)
    await connector.start()

    expect((await post('/negotiations/request', message, written)).status).toBe(401)
    expect((await get('/negotiations/urn:uuid:1', read)).status).toBe(401)
  })

  test('on a write cannot be used for a read, nor the other way round', async () => {
    const { connector, peer } = ground
    const [written, read] = [await peer.authorization(connector.did), await peer.authorization(connector.did)]
    const message = (): string => JSON.stringify(contractRequest(peer.base, 'manual', 'urn:dataset:manual'))

    expect((await post('/negotiations/request', message(), written)).status).toBe(201)
    expect((await get('/negotiations/urn:uuid:1', written)).status).toBe(401)
    expect((await get('/negotiations/urn:uuid:1', read)).status).toBe(404)
    expect((await post('/negotiations/request', message(), read)).status).toBe(401)
  })
})

describe('what is open to everyone', () => {
  test.each([
    '/.well-known/dspace-version',
    '/dsp/.well-known/dspace-version',
    '/.well-known/did.json',
    '/healthz',
    '/readyz',
  ])('GET %s is 200, with a bogus Authorization too', async (path) => {
    for (const headers of [{}, { authorization: 'Bearer bogus' }, { authorization: 'Basic bogus' }]) {
      const reply = await rawRequest({ port: ground.connector.port, method: 'GET', path, headers })
      expect(reply.status).toBe(200)
    }
  })
})

describe('the management API', () => {
  test.each(['/negotiations', '/transfers', '/peers', '/evidence', '/events', '/nothing'])(
    'GET %s is 401 without a token, and with a wrong one',
    async (path) => {
      for (const headers of [{}, { authorization: 'Bearer wrong' }]) {
        const reply = await rawRequest({
          port: ground.connector.managementPort,
          method: 'GET',
          path: `/api/v1${path}`,
          headers,
        })
        expect(reply.status).toBe(401)
      }
    },
  )
})

function now(): number {
  return Math.floor(Date.now() / 1000)
}
