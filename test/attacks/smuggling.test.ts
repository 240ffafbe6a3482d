// Requests on which two readers could disagree about where one ends and the next begins: each is refused and its connection
// closed, so that nothing behind it is ever taken for a request. On both ports.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { messageOf } from '../fixtures/messages.ts'
import { DSP, startGround, type Ground } from '../fixtures/stranger.ts'
import { exchange, lines, statusesIn } from './bytes.ts'
import { tablesOf } from './refusals.ts'

let ground: Ground
let authorization: string
beforeAll(async () => {
  ground = await startGround()
  authorization = `Bearer ${ground.connector.token()}`
})
afterAll(async () => ground.discard())
afterEach(() => {
  expect(ground.connector.log()).not.toContain('http.defect')
})

/** What an attacker wants to slip in behind somebody else's request: it would remove a peer. */
const smuggled = (): string =>
  lines(
    `DELETE /api/v1/peers/${encodeURIComponent(ground.other.did)} HTTP/1.1`,
    'Host: localhost',
    `Authorization: ${authorization}`,
    'Connection: close',
  )

const body = (): string => JSON.stringify(messageOf('CatalogRequestMessage', {}))
const post = (...headers: readonly string[]): string =>
  lines(
    'POST /api/v1/peers HTTP/1.1',
    'Host: localhost',
    `Authorization: ${authorization}`,
    'Content-Type: application/json',
    ...headers,
  )

// prettier-ignore
const AMBIGUOUS: readonly (readonly [what: string, bytes: () => string])[] = [
  ['a length and chunks',                       () => post('Content-Length: 5', 'Transfer-Encoding: chunked') + `0\r\n\r\n${smuggled()}`],
  ['chunks and a length',                       () => post('Transfer-Encoding: chunked', 'Content-Length: 5') + `0\r\n\r\n${smuggled()}`],
  ['two lengths',                               () => post('Content-Length: 2', 'Content-Length: 0') + `{}${smuggled()}`],
  ['two lengths in one field',                  () => post('Content-Length: 2, 0') + `{}${smuggled()}`],
  ['the same length twice',                     () => post('Content-Length: 2', 'Content-Length: 2') + `{}${smuggled()}`],
  ['a length with a sign',                      () => post('Content-Length: +2') + `{}${smuggled()}`],
  ['a negative length',                         () => post('Content-Length: -1') + smuggled()],
  ['a length in hexadecimal',                   () => post('Content-Length: 0x2') + `{}${smuggled()}`],
  ['a length with a space in it',               () => post('Content-Length: 1 2') + `{}${smuggled()}`],
  ['an empty length',                           () => post('Content-Length:') + smuggled()],
  ['a length beyond all numbers',               () => post('Content-Length: 99999999999999999999999') + smuggled()],
  ['chunks spelt with a space before the colon', () => post('Transfer-Encoding : chunked') + `0\r\n\r\n${smuggled()}`],
  ['a length with a space before the colon',    () => post('Content-Length : 2') + `{}${smuggled()}`],
  ['chunks behind a tab',                       () => post('Transfer-Encoding:\tchunked', 'Content-Length: 5') + `0\r\n\r\n${smuggled()}`],
  ['chunks that are not the last coding',       () => post('Transfer-Encoding: chunked, identity') + `0\r\n\r\n${smuggled()}`],
  ['chunks twice',                              () => post('Transfer-Encoding: chunked, chunked', 'Content-Length: 0') + `0\r\n\r\n${smuggled()}`],
  ['chunks that are almost chunks',             () => post('Transfer-Encoding: xchunked') + `0\r\n\r\n${smuggled()}`],
  ['chunks in two fields, one of them unknown', () => post('Transfer-Encoding: x', 'Transfer-Encoding: chunked', 'Content-Length: 0') + `0\r\n\r\n${smuggled()}`],
  ['chunks with a vertical tab',                () => post('Transfer-Encoding: \x0bchunked', 'Content-Length: 0') + `0\r\n\r\n${smuggled()}`],
  ['a field that is folded',                    () => post('X-Folded: a', ' b: c') + smuggled()],
  ['a length that is folded',                   () => post('X: a', ' Content-Length: 2') + `{}${smuggled()}`],
  ['a line feed alone behind the first line',   () => post('Content-Length: 0').replace('\r\n', '\n') + smuggled()],
  ['line feeds alone behind every line',        () => post('Content-Length: 0').replaceAll('\r\n', '\n') + smuggled()],
  ['a carriage return alone in a field',        () => post('X: a\rContent-Length: 2') + `{}${smuggled()}`],
  ['a zero byte in a field',                    () => post('X: a\0b') + smuggled()],
  ['a zero byte in the name of a field',        () => post('X\0: a') + smuggled()],
  ['a field without a name',                    () => post(': a') + smuggled()],
  ['a field without a colon',                   () => post('Nonsense') + smuggled()],
  ['a chunk size with a sign',                  () => `${post('Transfer-Encoding: chunked')}+2\r\n{}\r\n0\r\n\r\n${smuggled()}`],
  ['a chunk size in 0x',                        () => `${post('Transfer-Encoding: chunked')}0x2\r\n{}\r\n0\r\n\r\n${smuggled()}`],
  ['a chunk size beyond all numbers',           () => `${post('Transfer-Encoding: chunked')}fffffffffffffffff\r\n${smuggled()}`],
  ['a chunk that ends in a line feed alone',    () => `${post('Transfer-Encoding: chunked')}2\n{}\n0\n\n${smuggled()}`],
  ['a chunk longer than it says',               () => `${post('Transfer-Encoding: chunked')}1\r\n{}\r\n0\r\n\r\n${smuggled()}`],
  ['a chunk with a field behind a line feed in its extension', () => `${post('Transfer-Encoding: chunked')}2;\n{}\r\n0\r\n\r\n${smuggled()}`],
  ['another version of HTTP',                   () => post('Content-Length: 0').replace('HTTP/1.1', 'HTTP/1.9') + smuggled()],
  ['HTTP/2 without a question',                 () => `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${smuggled()}`],
  ['no version',                                () => `POST /api/v1/peers\r\n\r\n${smuggled()}`],
  ['a space more in the first line',            () => post('Content-Length: 0').replace(' HTTP', '  x HTTP') + smuggled()],
  ['a method of its own',                       () => post('Content-Length: 0').replace('POST', 'PO\tST') + smuggled()],
  ['no host',                                   () => post('Content-Length: 0').replace('Host: localhost\r\n', '') + smuggled()],
]

describe('on the management port', () => {
  test('two requests behind each other are two, with two answers; so the second would have worked', async () => {
    const { connector, other } = ground
    const add = JSON.stringify({ did: other.did })
    const remove = smuggled()
    expect(
      statusesIn(
        await exchange(connector.managementPort, `${post(`Content-Length: ${String(add.length)}`)}${add}${remove}`),
      ),
    ).toEqual([201, 204])
    const chunks = `${add.length.toString(16)}\r\n${add}\r\n0\r\n\r\n`
    expect(
      statusesIn(await exchange(connector.managementPort, `${post('Transfer-Encoding: chunked')}${chunks}${remove}`)),
    ).toEqual([201, 204])
    await connector.ask('/peers', { did: other.did })
  })

  test.each(AMBIGUOUS)('%s: nothing behind it counts', async (_what, bytes) => {
    const { connector } = ground
    const before = tablesOf(connector.database)
    const statuses = statusesIn(await exchange(connector.managementPort, bytes()))

    // Whatever was taken for a request is done before this one is answered.
    await connector.ask('/status')
    expect(tablesOf(connector.database)).toEqual(before)
    expect(statuses.length).toBeLessThanOrEqual(1)
    for (const status of statuses) expect([400, 413, 431, 505]).toContain(status)
  })
})

describe('on the public port', () => {
  const secondOf = (): string => lines('GET /.well-known/did.json HTTP/1.1', 'Host: localhost', 'Connection: close')
  const asPeer = (bytes: string): string =>
    bytes.replaceAll('POST /api/v1/peers', `POST ${DSP}/catalog/request`).replace(smuggled(), secondOf())

  test('two requests behind each other are two', async () => {
    const text = body()
    const first = asPeer(post(`Content-Length: ${String(text.length)}`)).replace(
      authorization,
      await ground.peer.authorization(ground.connector.did),
    )
    expect(statusesIn(await exchange(ground.connector.port, first + text + secondOf()))).toEqual([200, 200])
  })

  test.each(AMBIGUOUS)('%s: nothing behind it counts', async (_what, bytes) => {
    const answer = await exchange(
      ground.connector.port,
      asPeer(bytes()).replaceAll(authorization, await ground.peer.authorization(ground.connector.did)),
    )

    expect(answer).not.toContain('verificationMethod')
    expect(statusesIn(answer).length).toBeLessThanOrEqual(1)
    // What has no version has no headers either: 401.
    for (const status of statusesIn(answer)) expect([400, 401, 413, 431, 505]).toContain(status)
  })

  test('a stranger’s body is no request either', async () => {
    const head = lines(
      `POST ${DSP}/catalog/request HTTP/1.1`,
      'Host: localhost',
      `Content-Length: ${String(secondOf().length)}`,
    )
    const answer = await exchange(ground.connector.port, head + secondOf())

    expect(statusesIn(answer)).toEqual([401])
  })

  test.each([
    'Connection: Upgrade\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__',
    'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: eA==',
  ])('an upgrade is not followed: %j', async (headers) => {
    const answer = await exchange(
      ground.connector.port,
      lines('GET /.well-known/did.json HTTP/1.1', 'Host: localhost', headers),
    )
    expect(statusesIn(answer)).not.toContain(101)
  })
})

// Nothing is wrong with where such a request ends; but Node hides the second, by which a proxy before us may have gone.
describe.each(['Host: elsewhere', 'Authorization: Bearer x', 'Content-Type: text/plain'])(
  '%s a second time',
  (header) => {
    const twice = (request: string): string => request.replace('\r\n\r\n', `\r\n${header}\r\n\r\n`)

    test('is refused on the public port', async () => {
      const authorized = `Authorization: ${await ground.peer.authorization(ground.connector.did)}`
      const request = lines(
        `GET ${DSP}/catalog/datasets/urn:dataset:open HTTP/1.1`,
        'Host: localhost',
        authorized,
        'Content-Type: application/json',
        'Connection: close',
      )

      expect(await exchange(ground.connector.port, twice(request))).toMatch(/ 400 [^]*"request.malformed"/)
      expect(statusesIn(await exchange(ground.connector.port, request))).toEqual([200])
    })

    test('is refused on the management port', async () => {
      const request = lines(
        'GET /api/v1/peers HTTP/1.1',
        'Host: localhost',
        `Authorization: ${authorization}`,
        'Content-Type: application/json',
        'Connection: close',
      )

      expect(await exchange(ground.connector.managementPort, twice(request))).toMatch(/ 400 [^]*"request.malformed"/)
      expect(statusesIn(await exchange(ground.connector.managementPort, request))).toEqual([200])
    })
  },
)
