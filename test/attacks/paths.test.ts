// Paths on the data endpoint that try to leave the data: byte for byte as an attacker writes them, with a good token. What is
// outside is never read, and a source behind us is never asked for anything outside of what was published.

import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { readDataAddress } from '../../src/protocol/dsp/data-address.ts'
import type { DataAddress } from '../../src/protocol/dsp/messages.ts'
import { orThrow } from '../../src/kernel/problem.ts'
import { agreedAsProvider, openGround, startedAsProvider, type Ground } from '../integration/dsp/ground.ts'
import { exchange, lines, statusesIn } from './bytes.ts'

const SECRET = 'outside-of-the-data'
const DATA = 'inside-of-the-data'

interface Place {
  readonly ground: Ground
  readonly port: number
  /** `/data/<transfer>` */
  readonly path: string
  readonly token: string
}

async function open(source: Readonly<Record<string, unknown>>): Promise<Place> {
  const ground = await openGround({}, source)
  const { agreementId } = await agreedAsProvider(ground)
  const { start } = await startedAsProvider(ground, agreementId)
  const { endpoint, authorization } = orThrow(readDataAddress(start['dataAddress'] as DataAddress))
  return {
    ground,
    port: Number(new URL(ground.connector.rootUrl).port),
    path: new URL(endpoint).pathname,
    token: authorization,
  }
}

const directory = realpathSync(mkdtempSync(join(tmpdir(), 'lingqu-paths-')))
const seen: IncomingMessage[] = []
const upstream = createServer((request, response) => {
  seen.push(request)
  response.end(DATA)
})
let files: Place
let api: Place
beforeAll(async () => {
  const inside = join(directory, 'inside')
  mkdirSync(join(inside, 'sub'), { recursive: true })
  writeFileSync(join(directory, 'secret.txt'), SECRET)
  for (const name of ['a.csv', 'sub/b.csv', '水 %.csv']) writeFileSync(join(inside, name), DATA)
  symlinkSync(join(directory, 'secret.txt'), join(inside, 'link'))
  symlinkSync(directory, join(inside, 'up'))
  await new Promise<void>((listening) => {
    upstream.listen(0, '127.0.0.1', () => {
      listening()
    })
  })
  const url = `http://127.0.0.1:${String((upstream.address() as AddressInfo).port)}/base`
  ;[files, api] = await Promise.all([open({ type: 'file', path: inside }), open({ type: 'http', url, paths: true })])
})
afterAll(async () => {
  await Promise.all([files.ground.close(), api.ground.close()])
  upstream.close()
  rmSync(directory, { recursive: true })
})
afterEach(() => {
  expect(files.ground.connector.defects).toEqual([])
  expect(api.ground.connector.defects).toEqual([])
})

function get({ port, token }: Place, target: string, ...headers: readonly string[]): Promise<string> {
  return exchange(
    port,
    lines(
      `GET ${target} HTTP/1.1`,
      'Host: localhost',
      `Authorization: Bearer ${token}`,
      'Connection: close',
      ...headers,
    ),
  )
}

const codeIn = (answer: string): string => /"code":"([^"]+)"/.exec(answer)?.[1] ?? ''

// prettier-ignore
const CLIMBING: readonly (readonly [rest: string, status: number, code: string])[] = [
  ['/../secret.txt',                  400, 'request.malformed'],
  ['/..',                             400, 'request.malformed'],
  ['/.',                              400, 'request.malformed'],
  ['/./a.csv',                        400, 'request.malformed'],
  ['/sub/../../secret.txt',           400, 'request.malformed'],
  ['/sub/..',                         400, 'request.malformed'],
  ['/%2e%2e/secret.txt',              400, 'request.malformed'],
  ['/%2E./secret.txt',                400, 'request.malformed'],
  ['/..%2fsecret.txt',                400, 'request.malformed'],
  ['/..%5csecret.txt',                400, 'request.malformed'],
  ['/..\\secret.txt',                 400, 'request.malformed'],
  ['/%2e%2e%2fsecret.txt',            400, 'request.malformed'],
  ['/%252e%252e/secret.txt',          400, 'request.malformed'],
  ['/..%252fsecret.txt',              400, 'request.malformed'],
  ['/%25252e%25252e/secret.txt',      404, 'source.unknown'],
  ['/%c0%ae%c0%ae/secret.txt',        400, 'request.malformed'],
  ['/%e0%80%ae%e0%80%ae/secret.txt',  400, 'request.malformed'],
  ['/%u002e%u002e/secret.txt',        400, 'request.malformed'],
  ['/%ef%bc%8e%ef%bc%8e/secret.txt',  404, 'source.unknown'],
  ['/..;/secret.txt',                 404, 'source.unknown'],
  ['/...//secret.txt',                404, 'source.unknown'],
  ['/%2fetc%2fpasswd',                400, 'request.malformed'],
  ['//etc/passwd',                    404, 'source.unknown'],
  ['/a.csv%00',                       400, 'request.malformed'],
  ['/a.csv%00.txt',                   400, 'request.malformed'],
  ['/a.csv%2500',                     400, 'request.malformed'],
  ['/%00',                            400, 'request.malformed'],
  ['/a.csv%0d%0aX-Injected:%20yes',   400, 'request.malformed'],
  ['/a.csv%0a',                       400, 'request.malformed'],
  ['/a.csv%7f',                       400, 'request.malformed'],
  ['/%',                              400, 'request.malformed'],
  ['/%zz',                            400, 'request.malformed'],
  ['/%ed%a0%80',                      400, 'request.malformed'],
  ['/a.csv/',                         400, 'request.malformed'],
  ['/a.csv/..',                       400, 'request.malformed'],
  ['/a.csv/secret.txt',               404, 'source.unknown'],
  ['/C:%5csecret.txt',                400, 'request.malformed'],
  ['/~root/x',                        404, 'source.unknown'],
  ['/link',                           404, 'source.unknown'],
  ['/up/secret.txt',                  404, 'source.unknown'],
  ['/sub',                            404, 'source.unknown'],
  ['/',                               404, 'source.unknown'],
  ['',                                404, 'source.unknown'],
  [`/${'a/'.repeat(2_000)}a`,         400, 'request.malformed'],
  [`/${'a'.repeat(300)}`,             400, 'request.malformed'],
]

describe('a folder', () => {
  test.each(['/a.csv', '/sub/b.csv', '/%61.csv', '/%E6%B0%B4%20%25.csv'])('has %s', async (rest) => {
    const answer = await get(files, files.path + rest)
    expect(statusesIn(answer)).toEqual([200])
    expect(answer).toContain(DATA)
  })

  test.each(CLIMBING.map(([rest, status, code]) => [rest.slice(0, 40), status, code, rest] as const))(
    'does not have %s: %i %s',
    async (_what, status, code, rest) => {
      const answer = await get(files, files.path + rest)

      expect([statusesIn(answer), codeIn(answer)]).toEqual([[status], code])
      expect(answer).not.toContain(SECRET)
      expect(answer.toLowerCase()).not.toContain('x-injected')
    },
  )
})

// prettier-ignore
const TARGETS: readonly (readonly [what: string, target: (path: string) => string, status: number])[] = [
  ['a transfer that climbs',            (path) => `${path}/../../data/x`, 400],
  ['a data endpoint that climbs',       () => '/data/../healthz', 401],
  ['an encoded one',                    () => '/data/%2e%2e%2fhealthz', 401],
  ['absolute form and a climb',         (path) => `http://localhost${path}/../secret.txt`, 400],
  ['absolute form of a file',           () => 'file:///etc/passwd', 404],
  ['no slash at its beginning',         (path) => `${path.slice(1)}/a.csv`, 400],
  ['an asterisk',                       () => '*', 404],
  ['a backslash',                       (path) => path.replace('/data/', '/data\\'), 404],
  ['a fragment',                        (path) => `${path}/a.csv#/../../secret.txt`, 400],
  ['a zero byte',                       (path) => `${path}/a.csv\0`, 400],
  ['a space',                           (path) => `${path}/a.csv /../x`, 400],
  ['a tab',                             (path) => `${path}/a.csv\t`, 400],
]

test.each(TARGETS)('a request target with %s reads nothing', async (_what, target, status) => {
  const answer = await get(files, target(files.path))

  expect(answer).not.toMatch(new RegExp(`${SECRET}|${DATA}|root:`))
  expect(statusesIn(answer)).toEqual([status])
})

test('a request target in authority form opens no tunnel', async () => {
  const connect = lines(
    'CONNECT 169.254.169.254:80 HTTP/1.1',
    'Host: 169.254.169.254:80',
    `Authorization: Bearer ${files.token}`,
  )
  expect(statusesIn(await exchange(files.port, connect))).not.toContain(200)
})

describe('the query and the method', () => {
  test.each(['?path=../secret.txt', '?..', '?/../secret.txt', '?%00'])(
    '%s is refused: a file takes no query',
    async (query) => {
      const answer = await get(files, `${files.path}/a.csv${query}`)
      expect(statusesIn(answer)[0]).toBeGreaterThanOrEqual(400)
      expect(answer).not.toContain(DATA)
    },
  )

  test.each([
    'X-HTTP-Method-Override: DELETE',
    'X-Method-Override: DELETE',
    'X-HTTP-Method: PUT',
    'X-Original-URL: /secret.txt',
    'X-Rewrite-URL: /secret.txt',
    'X-Forwarded-Prefix: /..',
  ])('%s means nothing', async (header) => {
    const answer = await get(files, `${files.path}/a.csv`, header)
    expect(statusesIn(answer)).toEqual([200])
    expect(answer).toContain(DATA)
  })

  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'PROPFIND', 'LOCK', 'QUERY', 'MOVE'])(
    '%s is refused, whatever it says it overrides',
    async (method) => {
      const answer = await exchange(
        files.port,
        lines(
          `${method} ${files.path}/a.csv HTTP/1.1`,
          'Host: localhost',
          `Authorization: Bearer ${files.token}`,
          'X-HTTP-Method-Override: GET',
          'Content-Length: 0',
          'Connection: close',
        ),
      )
      expect(statusesIn(answer)[0]).toBeGreaterThanOrEqual(400)
      expect(statusesIn(answer)[0]).toBeLessThan(500)
      expect(answer).not.toContain(DATA)
    },
  )
})

describe('a source behind us', () => {
  test('gets what is below it, and none of the headers of the one who asks', async () => {
    const mark = seen.length
    const answer = await get(
      api,
      `${api.path}/sub/b.csv`,
      'Cookie: a=b',
      'X-Forwarded-For: 127.0.0.1',
      'Forwarded: for=127.0.0.1',
      'Proxy-Authorization: Basic eDp5',
      'Via: x',
      'X-Injected: yes',
    )

    expect(statusesIn(answer)).toEqual([200])
    const [request] = seen.slice(mark)
    expect(request?.url).toBe('/base/sub/b.csv')
    expect(JSON.stringify(request?.headers)).not.toContain(api.token)
    for (const header of [
      'authorization',
      'cookie',
      'x-forwarded-for',
      'forwarded',
      'proxy-authorization',
      'via',
      'x-injected',
    ]) {
      expect(request?.headers[header]).toBeUndefined()
    }
  })

  test.each(CLIMBING.map(([rest]) => [rest.slice(0, 40), rest] as const))(
    'is asked for nothing else by %s',
    async (_what, rest) => {
      const mark = seen.length
      await get(api, api.path + rest)

      for (const { url = '' } of seen.slice(mark)) {
        expect(url).toMatch(/^\/base(\/|$)/)
        const below = url.slice('/base'.length)
        expect(below).not.toMatch(/(^|\/)\.{1,2}(\/|$)|\/\/|\\|%2f|%5c|%00|%0[ad]/i)
        expect(new URL(url, 'http://x').pathname).toBe(url)
      }
    },
  )
})
