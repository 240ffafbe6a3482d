// The management port from outside: without a token, with one of too small a scope, by way of a browser. Nobody gets in, and
// nobody learns which paths there are.

import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { may, SCOPES, type Scope } from '../../src/domain/access/scopes.ts'
import type { Operation } from '../../src/http/management/operation.ts'
import { OPERATIONS } from '../../src/http/management/operations.ts'
import { rawRequest, type RawReply, type RawRequest } from '../fixtures/raw-http.ts'
import { startGround, type Ground } from '../fixtures/stranger.ts'
import { exchange, lines, statusesIn, withoutDate } from './bytes.ts'
import { changesNothing } from './refusals.ts'

let ground: Ground
const tokens = new Map<Scope, string>()
beforeAll(async () => {
  ground = await startGround()
  for (const scope of SCOPES) {
    const { token } = await ground.connector.ask<{ token: string }>('/tokens', { name: scope, scope })
    tokens.set(scope, token)
  }
})
afterAll(async () => ground.discard())
afterEach(() => {
  expect(ground.connector.log()).not.toContain('http.defect')
})

function call(path: string, request: Partial<RawRequest> = {}): Promise<RawReply> {
  return rawRequest({ port: ground.connector.managementPort, method: 'GET', path: `/api/v1${path}`, ...request })
}

const admin = (): string => `Bearer ${ground.connector.token()}`
const pathOf = ({ path }: Operation): string => path.replaceAll(/\{\*?\w+\}/g, 'urn:none')
const OPERATION_LIST: readonly (readonly [string, Operation])[] = Object.entries<Operation>(OPERATIONS)

// prettier-ignore
const NO_TOKENS: readonly (readonly [what: string, authorization: () => string])[] = [
  ['no token',                        () => ''],
  ['an unknown token',                () => `Bearer ${'x'.repeat(43)}`],
  ['another scheme',                  () => admin().replace('Bearer', 'Basic')],
  ['the token alone',                 () => admin().replace('Bearer ', '')],
  ['the token with a letter more',    () => `${admin()}x`],
  ['the token in other letters',      () => admin().toUpperCase().replace('BEARER', 'Bearer')],
  ['the token twice',                 () => `${admin()}, ${admin()}`],
  ['a token of 100,000 characters',   () => `Bearer ${'x'.repeat(10_000)}`],
  ['SQL for a token',                 () => "Bearer '/**/OR/**/1=1--"],
  ['__proto__ for a token',           () => 'Bearer __proto__'],
]

describe.each(OPERATION_LIST)('%s', (_id, operation) => {
  const method = operation.method.toUpperCase()

  test.each(NO_TOKENS)('is 401 with %s, and changes nothing', async (_what, authorization) => {
    const reply = await changesNothing(ground.connector, () =>
      call(pathOf(operation), {
        method,
        headers: {
          ...(authorization() !== '' && { authorization: authorization() }),
          'content-type': 'application/json',
        },
        body: method === 'GET' ? '' : '{}',
      }),
    )
    expect(reply.status).toBe(401)
    expect(['token.missing', 'token.unknown']).toContain(reply.json['code'])
  })

  test('is 403 with a token of a scope that does not cover it, and changes nothing', async () => {
    for (const scope of SCOPES.filter((each) => !may(each, operation.work))) {
      const headers = { authorization: `Bearer ${tokens.get(scope) ?? ''}`, 'content-type': 'application/json' }
      const reply = await changesNothing(ground.connector, () =>
        call(pathOf(operation), { method, headers, body: method === 'GET' ? '' : '{}' }),
      )
      expect([scope, reply.status, reply.json['code']]).toEqual([scope, 403, 'token.scope'])
    }
  })

  test('is 401 with the token in the query, in a cookie or in the body', async () => {
    const token = ground.connector.token()
    for (const [query, headers] of [
      [`?access_token=${token}`, {}],
      [`?token=${token}`, {}],
      [`?authorization=Bearer%20${token}`, {}],
      ['', { cookie: `token=${token}` }],
      ['', { 'x-api-key': token }],
      ['', { 'proxy-authorization': `Bearer ${token}` }],
    ] as const) {
      expect(
        (await call(pathOf(operation) + query, { method, headers, body: JSON.stringify({ access_token: token }) }))
          .status,
      ).toBe(401)
    }
  })

  test('is the same to a stranger as a path that does not exist, with every method', async () => {
    for (const each of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND']) {
      const ask = async (path: string): Promise<string> =>
        withoutDate(
          await exchange(
            ground.connector.managementPort,
            lines(`${each} /api/v1${path} HTTP/1.1`, 'Host: localhost', 'Connection: close'),
          ),
        )
      const answer = await ask(pathOf(operation))

      expect(answer).toBe(await ask('/nothing'))
      expect(statusesIn(answer)).toEqual([401])
    }
  })
})

test('each scope does what it covers: the refusals above are not for something else', async () => {
  for (const scope of SCOPES) {
    const headers = { authorization: `Bearer ${tokens.get(scope) ?? ''}` }
    expect((await call('/peers', { headers })).status).toBe(200)
    expect((await call('/evidence', { headers })).status).toBe(may(scope, 'audit') ? 200 : 403)
    expect((await call('/negotiations/urn:none/terminate', { method: 'POST', headers })).status).toBe(
      may(scope, 'exchange') ? 404 : 403,
    )
    expect((await call('/datasets/urn:none', { method: 'DELETE', headers })).status).toBe(
      may(scope, 'administer') ? 404 : 403,
    )
  }
})

describe('a browser on a page of somebody else', () => {
  // prettier-ignore
  const HOSTS: readonly (readonly [host: string, status: number])[] = [
    ['127.0.0.1', 200], ['127.0.0.1:8182', 200], ['[::1]:8182', 200], ['localhost:8182', 200], ['LOCALHOST', 200], ['connector-a:8182', 200], ['192.168.1.7', 200],
    ['a.localhost', 200], ['127.0.0.1.', 200],
    ['evil.example', 400], ['evil.example:8182', 400], ['localhost.evil.example', 400], ['127.0.0.1.evil.example', 400], ['evil.example.', 400],
    ['[::1].evil.example', 400], ['evil.example@127.0.0.1', 400], ['127.0.0.1@evil.example', 400], ['127.0.0.1, evil.example', 400],
    ['http://127.0.0.1', 400], ['127.0.0.1/evil.example', 400], ['', 400], ['127.0.0.1:8182:80', 400], ['evil.example#127.0.0.1', 400], ['lоcalhost.example', 400],
  ]

  test.each(HOSTS)(
    'that brings the name %j to our address is answered with %i, with a good token too',
    async (host, status) => {
      const answer = await exchange(
        ground.connector.managementPort,
        lines(
          'GET /api/v1/peers HTTP/1.1',
          `Host: ${Buffer.from(host).toString('latin1')}`,
          `Authorization: ${admin()}`,
          'Connection: close',
        ),
      )

      expect(statusesIn(answer)).toEqual([status])
      if (status !== 200) expect(answer).toContain('request.host')
    },
  )

  test.each(['X-Forwarded-Host: localhost', 'Forwarded: host=localhost', 'X-Host: localhost'])(
    'and adds %s is refused',
    async (header) => {
      const answer = await exchange(
        ground.connector.managementPort,
        lines(
          'GET /api/v1/peers HTTP/1.1',
          'Host: evil.example',
          header,
          `Authorization: ${admin()}`,
          'Connection: close',
        ),
      )
      expect(statusesIn(answer)).toEqual([400])
    },
  )

  test('is granted nothing: no answer names an origin, a method or a header for it', async () => {
    const origins = [
      'https://evil.example',
      'null',
      'http://localhost:8182',
      `http://127.0.0.1:${String(ground.connector.managementPort)}`,
    ]
    for (const origin of origins) {
      for (const [port, path] of [
        [ground.connector.managementPort, '/api/v1/peers'],
        [ground.connector.port, '/dsp/2025-1/catalog/request'],
        [ground.connector.port, '/data/x'],
        [ground.connector.port, '/.well-known/did.json'],
      ] as const) {
        for (const method of ['OPTIONS', 'GET']) {
          const answer = await exchange(
            port,
            lines(
              `${method} ${path} HTTP/1.1`,
              'Host: localhost',
              `Origin: ${origin}`,
              'Access-Control-Request-Method: POST',
              'Access-Control-Request-Headers: authorization',
              'Access-Control-Request-Private-Network: true',
              'Connection: close',
            ),
          )
          expect(answer).not.toMatch(/^access-control-/im)
        }
      }
    }
  })

  // prettier-ignore
  const SIMPLE: readonly (readonly [type: string, body: string])[] = [
    ['text/plain',                        '{"did":"did:web:evil.example"}'],
    ['text/plain; charset=application/json', '{"did":"did:web:evil.example"}'],
    ['application/x-www-form-urlencoded', 'did=did:web:evil.example'],
    ['multipart/form-data; boundary=x',   '--x\r\nContent-Disposition: form-data; name="did"\r\n\r\ndid:web:evil.example\r\n--x--'],
    ['text/html',                         '{"did":"did:web:evil.example"}'],
    ['application/json-patch',            '{"did":"did:web:evil.example"}'],
    ['application/jsonp',                 '{"did":"did:web:evil.example"}'],
    ['text/json',                         '{"did":"did:web:evil.example"}'],
  ]

  test.each(SIMPLE)('that posts %s changes nothing, had it the token or not', async (type, body) => {
    for (const [authorization, status] of [
      ['', 401],
      [admin(), 400],
    ] as const) {
      const reply = await changesNothing(ground.connector, () =>
        call('/peers', {
          method: 'POST',
          body,
          headers: {
            'content-type': type,
            origin: 'https://evil.example',
            ...(authorization !== '' && { authorization }),
          },
        }),
      )
      expect(reply.status).toBe(status)
      if (status === 400) expect(reply.json['code']).toBe('body.media-type')
    }
  })

  test.each(['X-HTTP-Method-Override: DELETE', 'X-HTTP-Method: DELETE', 'X-Method-Override: DELETE'])(
    'that says %s still asks what it asks',
    async (header) => {
      const { did } = ground.other
      const path = `/api/v1/peers/${encodeURIComponent(did)}`
      for (const method of ['GET', 'POST']) {
        await changesNothing(ground.connector, () =>
          exchange(
            ground.connector.managementPort,
            lines(
              `${method} ${path}?_method=DELETE HTTP/1.1`,
              'Host: localhost',
              header,
              `Authorization: ${admin()}`,
              'Content-Length: 0',
              'Connection: close',
            ),
          ),
        )
      }
    },
  )
})

test('a token that was revoked, and one that was never given, are the same', async () => {
  const name = `revoked-${randomUUID().slice(0, 8)}`
  const { token } = await ground.connector.ask<{ token: string }>('/tokens', { name, scope: 'viewer' })
  expect((await call('/peers', { headers: { authorization: `Bearer ${token}` } })).status).toBe(200)
  await ground.connector.ask(`/tokens/${name}`, undefined, 'DELETE')
  const ask = async (value: string): Promise<string> =>
    withoutDate(
      await exchange(
        ground.connector.managementPort,
        lines('GET /api/v1/peers HTTP/1.1', 'Host: localhost', `Authorization: Bearer ${value}`, 'Connection: close'),
      ),
    )

  expect(await ask(token)).toBe(await ask(token.replaceAll(/[a-z]/g, 'x')))
})
