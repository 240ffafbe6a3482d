// Whatever a body looks like, on every path that takes one: the right 4xx with the right error object, and never a 5xx.

import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { errorTypeOf, everyMessage, messageOf } from '../../fixtures/messages.ts'
import { rawRequest, type RawRequest } from '../../fixtures/raw-http.ts'
import { DSP, startGround, type Ground } from '../../fixtures/stranger.ts'

const LIMIT = 65_536

const valid = JSON.stringify({ '@context': [], '@type': 'X' })
const padded = (bytes: number): string => valid.padEnd(bytes, ' ')
const nested = (depth: number): string => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`

type Bad = readonly [what: string, status: number, code: string, request: Partial<RawRequest>]

// prettier-ignore
const BAD: readonly Bad[] = [
  ['nothing',                        400, 'body.empty',         { body: '' }],
  ['half an object',                 400, 'body.not-json',      { body: '{"@type":' }],
  ['no JSON',                        400, 'body.not-json',      { body: 'hello' }],
  ['10,000 nested lists',            400, 'body.too-deep',      { body: nested(10_000) }],
  ['a duplicate key',                400, 'body.duplicate-key', { body: '{"@type":"X","@type":"Y"}' }],
  ['bytes that are no UTF-8',        400, 'body.not-utf8',      { body: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]) }],
  ['a byte order mark',              400, 'body.not-utf8',      { body: `\ufeff${valid}` }],
  ['one byte too much',              413, 'body.too-large',     { body: padded(LIMIT + 1) }],
  ['one byte too much in chunks',    413, 'body.too-large',     { body: padded(LIMIT + 1), chunked: true }],
  ['ten times too much in chunks',   413, 'body.too-large',     { body: padded(LIMIT * 10), chunked: true }],
  ['a gzip-encoded body',            400, 'body.encoded',       { body: gzipSync(valid), headers: { 'content-encoding': 'gzip' } }],
  ['another media type',             400, 'body.media-type',    { body: valid, headers: { 'content-type': 'text/plain' } }],
]

// What JSON can say and no message means.
// prettier-ignore
const ODD: readonly (readonly [what: string, body: string])[] = [
  ['a list',                         '[]'],
  ['null',                           'null'],
  ['a text',                         '"text"'],
  ['a number that no double holds',  '{"a":1e999}'],
  ['a lone surrogate',               '{"@type":"\\ud800"}'],
  ['a __proto__ member',             '{"__proto__":{"@type":"ContractRequestMessage"}}'],
  ['a type that is a list',          '{"@context":["https://w3id.org/dspace/2025/1/context.jsonld"],"@type":["A","B"]}'],
  ['a zero character in an id',      '{"@context":["https://w3id.org/dspace/2025/1/context.jsonld"],"@type":"X","@id":"a\\u0000b"}'],
  ['an id of 60,000 characters',     `{"@id":"${'x'.repeat(60_000)}"}`],
  ['5,000 members',                  `{${Array.from({ length: 5_000 }, (_, n) => `"m${String(n)}":1`).join(',')}}`],
  ['exactly as many bytes as may be', padded(LIMIT)],
]

let ground: Ground
beforeAll(async () => {
  ground = await startGround({ limits: { bodyBytesMax: LIMIT } })
})
afterAll(async () => ground.discard())
afterEach(() => {
  expect(ground.connector.log()).not.toContain('http.defect')
})

const PATHS = everyMessage('urn:uuid:1', 'urn:uuid:2', 'http://localhost:1').map(([path]) => path)

describe.each(PATHS)('POST %s', (path) => {
  test.each(BAD)('refuses %s with %i and %s', async (_what, status, code, request) => {
    const reply = await ground.send(path, {}, ground.peer, request)

    expect(reply).toMatchObject({ status, json: { '@type': errorTypeOf(path), code } })
    expect(reply.headers['content-type']).toMatch(/^application\/json\b/)
  })

  test.each(ODD)('refuses %s with a 4xx and its own error object', async (_what, body) => {
    const { status, json } = await ground.send(path, {}, ground.peer, { body })

    expect(status).toBe(400)
    expect(json['@type']).toBe(errorTypeOf(path))
  })

  test('a body that ends too early is answered with 400, or not at all', async () => {
    const { status } = await ground.send(path, {}, ground.peer, { body: '{"a":', length: 100, half: true })

    expect([0, 400]).toContain(status)
  })
})

// prettier-ignore
const MANAGEMENT = [
  '/datasets', '/peers', '/catalog/request', '/connect', '/negotiations', '/transfers', '/negotiations/x/terminate',
  '/transfers/x/suspend', '/agreements/x/end',
] as const

describe.each(MANAGEMENT)('POST /api/v1%s', (path) => {
  const post = (request: Partial<RawRequest>): ReturnType<typeof rawRequest> =>
    rawRequest({
      port: ground.connector.managementPort,
      path: `/api/v1${path}`,
      ...request,
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${ground.connector.token()}`,
        ...request.headers,
      },
    })

  test.each(BAD.filter(([what]) => what !== 'nothing'))(
    'refuses %s with %i and %s',
    async (_what, status, code, request) => {
      expect(await post(request)).toMatchObject({ status, json: { code } })
    },
  )

  test.each(ODD)('takes %s for no defect', async (_what, body) => {
    const { status } = await post({ body })

    expect(status).toBeGreaterThanOrEqual(200)
    expect(status).toBeLessThan(500)
  })
})

test('an id that no URL can say is a 400', async () => {
  for (const path of ['/negotiations/%zz', '/transfers/%zz', '/catalog/datasets/%ff']) {
    const { status } = await ground.read(path)
    expect(status).toBe(400)
  }
  const { status } = await rawRequest({ port: ground.connector.port, method: 'GET', path: '/data/%zz' })
  expect(status).toBe(400)
})

test('a zero character in a path is an unknown process, and no defect', async () => {
  expect((await ground.read('/negotiations/a%00b')).status).toBe(404)
})

test('the connector still serves after all of it', async () => {
  const reply = await rawRequest({ port: ground.connector.port, method: 'GET', path: '/.well-known/dspace-version' })

  expect(reply.status).toBe(200)
  expect((await ground.send('/catalog/request', messageOf('CatalogRequestMessage', {}))).status).toBe(200)
})

describe('a body that is refused by its length alone', () => {
  // A connection that is closed with bytes unread is reset, and the answer with it: now and then, so that it is tried often.
  test('is thrown away while it comes, so that a client that sends all before it reads finds the answer', async () => {
    const { port } = ground.connector
    const authorization = await ground.peer.authorization(ground.connector.did)
    const [path = ''] = PATHS
    for (let n = 0; n < 25; n++) {
      const reply = await rawRequest({
        port,
        path: `${DSP}${path}`,
        body: padded(LIMIT * 32),
        headers: { authorization },
      })
      expect(reply).toMatchObject({ status: 413, json: { code: 'body.too-large' } })
    }
  })
})
