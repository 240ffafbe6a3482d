// Bodies made to be misread, or to be more than they seem: on the messages of peers and on the management API each is refused
// with its own code; nothing is unpacked, nothing is polluted, and memory stays what it was.

import { readFileSync } from 'node:fs'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { everyMessage, messageOf } from '../fixtures/messages.ts'
import { rawRequest, type RawReply, type RawRequest } from '../fixtures/raw-http.ts'
import { startGround, type Ground } from '../fixtures/stranger.ts'
import { exchange, lines, statusesIn } from './bytes.ts'
import { changesNothing, logs } from './refusals.ts'

const LIMIT = 65_536
const RSS_GROWTH_MIB_MAX = 100

let ground: Ground
beforeAll(async () => {
  ground = await startGround({ limits: { bodyBytesMax: LIMIT } })
})
afterAll(async () => ground.discard())
afterEach(() => {
  expect(ground.connector.log()).not.toContain('http.defect')
})

const good = (): string => JSON.stringify(messageOf('CatalogRequestMessage', {}))
/** A good message with something more in it, as text. */
const with_ = (more: string): string => good().replace(/}$/, `,${more}}`)
const bytes = (...parts: readonly (string | readonly number[])[]): Buffer =>
  Buffer.concat(parts.map((part) => Buffer.from(part as string)))
const inText = (...codes: readonly number[]): Buffer => bytes(with_('"a":"').slice(0, -1), codes, '"}')

type Bad = readonly [what: string, status: number, code: string, request: () => Partial<RawRequest>]

// prettier-ignore
const TEXTS: readonly Bad[] = [
  ['the same member twice',                       400, 'body.duplicate-key', () => ({ body: with_('"@type":"ContractRequestMessage"') })],
  ['the same member twice, once escaped',         400, 'body.duplicate-key', () => ({ body: with_('"\\u0040type":"ContractRequestMessage"') })],
  ['the same member twice, deep inside',          400, 'body.duplicate-key', () => ({ body: with_('"a":[{"b":{"c":1,"\\u0063":2}}]') })],
  ['__proto__ twice',                             400, 'body.duplicate-key', () => ({ body: with_('"__proto__":1,"__proto__":2') })],
  ['100 levels of lists',                         400, 'body.too-deep',      () => ({ body: with_(`"a":${'['.repeat(100)}${']'.repeat(100)}`) })],
  ['30,000 levels of objects',                    400, 'body.not-json',      () => ({ body: '{"":'.repeat(16_000) })],
  ['30,000 lists in each other',                  400, 'body.too-deep',      () => ({ body: `${'['.repeat(30_000)}${']'.repeat(30_000)}` })],
  ['a number that no double holds',               400, 'body.not-json',      () => ({ body: with_('"a":1e999') })],
  ['a number of 60,000 digits',                   400, 'body.not-json',      () => ({ body: with_(`"a":${'9'.repeat(60_000)}`) })],
  ['NaN',                                         400, 'body.not-json',      () => ({ body: with_('"a":NaN') })],
  ['a lone high surrogate',                       400, 'body.not-utf8',      () => ({ body: with_('"a":"\\ud800"') })],
  ['a lone low surrogate in a name',              400, 'body.not-utf8',      () => ({ body: with_('"\\udc00":1') })],
  ['surrogates in the wrong order',               400, 'body.not-utf8',      () => ({ body: with_('"a":"\\udc00\\ud800"') })],
  ['a slash spelt with two bytes',                400, 'body.not-utf8',      () => ({ body: inText(0xc0, 0xaf) })],
  ['surrogates spelt as UTF-8',                   400, 'body.not-utf8',      () => ({ body: inText(0xed, 0xa0, 0x80, 0xed, 0xb0, 0x80) })],
  ['a character beyond Unicode',                  400, 'body.not-utf8',      () => ({ body: inText(0xf5, 0x80, 0x80, 0x80) })],
  ['half a character',                            400, 'body.not-utf8',      () => ({ body: inText(0xe2, 0x82) })],
  ['UTF-16',                                      400, 'body.not-utf8',      () => ({ body: Buffer.from(`\ufeff${good()}`, 'utf16le') })],
  ['a byte order mark',                           400, 'body.not-utf8',      () => ({ body: `\ufeff${good()}` })],
  ['a zero byte in a text',                       400, 'body.not-json',      () => ({ body: inText(0) })],
  ['a zero byte behind it',                       400, 'body.not-json',      () => ({ body: bytes(good(), [0]) })],
  ['a line feed in a text',                       400, 'body.not-json',      () => ({ body: inText(10) })],
  ['a second message behind it',                  400, 'body.not-json',      () => ({ body: good() + good() })],
  ['a comment',                                   400, 'body.not-json',      () => ({ body: `/**/${good()}` })],
  ['single quotes',                               400, 'body.not-json',      () => ({ body: good().replaceAll('"', "'") })],
  ['a comma at its end',                          400, 'body.not-json',      () => ({ body: good().replace(/}$/, ',}') })],
  ['a guard against JSON hijacking',              400, 'body.not-json',      () => ({ body: `)]}',\n${good()}` })],
  ['nothing',                                     400, 'body.empty',         () => ({ body: '' })],
  ['a form',                                      400, 'body.media-type',    () => ({ body: 'a=b', headers: { 'content-type': 'application/x-www-form-urlencoded' } })],
  ['JSON that says it is text',                   400, 'body.media-type',    () => ({ body: good(), headers: { 'content-type': 'text/plain' } })],
  ['JSON that says it is two things',             400, 'body.media-type',    () => ({ body: good(), headers: { 'content-type': 'text/html, application/json' } })],
]

const bomb = gzipSync(Buffer.alloc(60 * 1024 * 1024, ' '), { level: 9 })
const bombInBomb = gzipSync(bomb)

// prettier-ignore
const PACKED: readonly Bad[] = [
  ['a good message, gzipped',                     400, 'body.encoded',       () => ({ body: gzipSync(good()), headers: { 'content-encoding': 'gzip' } })],
  ['a good message, deflated',                    400, 'body.encoded',       () => ({ body: deflateSync(good()), headers: { 'content-encoding': 'deflate' } })],
  ['a good message in brotli',                    400, 'body.encoded',       () => ({ body: brotliCompressSync(good()), headers: { 'content-encoding': 'br' } })],
  ['a good message in zstd',                      400, 'body.encoded',       () => ({ body: zstdCompressSync(good()), headers: { 'content-encoding': 'zstd' } })],
  ['60 MB of spaces, gzipped',                    400, 'body.encoded',       () => ({ body: bomb, headers: { 'content-encoding': 'gzip' } })],
  ['60 MB of spaces, gzipped twice',              400, 'body.encoded',       () => ({ body: bombInBomb, headers: { 'content-encoding': 'gzip, gzip' } })],
  ['60 MB of spaces, gzipped, with another name', 400, 'body.encoded',       () => ({ body: bomb, headers: { 'content-encoding': 'x-gzip' } })],
  ['60 MB of spaces, gzipped without a word',     400, 'body.not-utf8',      () => ({ body: bomb })],
  ['one byte more than there may be',             413, 'body.too-large',     () => ({ body: good().padEnd(LIMIT + 1) })],
  ['one byte more, in chunks',                    413, 'body.too-large',     () => ({ body: good().padEnd(LIMIT + 1), chunked: true })],
  ['100 times as much, in chunks',                413, 'body.too-large',     () => ({ body: Buffer.alloc(LIMIT * 100, ' '), chunked: true })],
]

// prettier-ignore
const SURFACES: readonly (readonly [what: string, ask: (request: Partial<RawRequest>) => Promise<RawReply>, good: () => string])[] = [
  ['a message of a peer', (request) => ground.send('/catalog/request', {}, ground.peer, request), good],
  ['a call of an administrator', (request) => rawRequest({ port: ground.connector.managementPort, path: '/api/v1/catalog/request', ...request,
    headers: { 'content-type': 'application/json', authorization: `Bearer ${ground.connector.token()}`, ...request.headers } }),
    () => JSON.stringify({ counterPartyId: ground.peer.did, counterPartyAddress: ground.peer.base })],
]

describe.each(SURFACES)('%s', (_surface, ask, whole) => {
  test('is understood where it is whole, to the last byte that there may be', async () => {
    const refused = (await ask({ body: whole() })).json['code']
    expect(String(refused)).not.toMatch(/^body\./)
    expect((await ask({ body: whole().padEnd(LIMIT) })).json['code']).toBe(refused)
    expect((await ask({ body: whole().padEnd(LIMIT), chunked: true })).json['code']).toBe(refused)
    expect((await ask({ body: whole(), headers: { 'content-encoding': 'identity' } })).json['code']).toBe(refused)
  })

  test.each(TEXTS)('with %s is %i %s', async (_what, status, code, request) => {
    const reply = await changesNothing(ground.connector, () => logs(ground.connector, code, () => ask(request())))

    expect(reply).toMatchObject({ status, json: { code } })
  })

  test.each(PACKED)('as %s is %i %s, and is not unpacked', async (_what, status, code, request) => {
    const before = residentMib(ground.connector.processId())
    const replies = await Promise.all(Array.from({ length: 8 }, () => ask(request())))

    for (const reply of replies) {
      // Who is still sending when the answer comes may find the connection closed.
      if (reply.status !== 0) expect(reply).toMatchObject({ status, json: { code } })
    }
    expect(replies.some((reply) => reply.status === status)).toBe(true)
    expect(residentMib(ground.connector.processId()) - before).toBeLessThan(RSS_GROWTH_MIB_MAX)
  })
})

test.each(['1000000000000', '99999999999999999999'])(
  'a body that announces %s bytes is not waited for',
  async (length) => {
    const authorization = await ground.peer.authorization(ground.connector.did)
    const head = lines(
      'POST /dsp/2025-1/catalog/request HTTP/1.1',
      'Host: localhost',
      'Connection: close',
      `Authorization: ${authorization}`,
      `Content-Length: ${length}`,
    )
    const [status = 0] = statusesIn(await exchange(ground.connector.port, head))
    expect([400, 413]).toContain(status)
  },
)

test('a body of a stranger is not read', async () => {
  const head = lines(
    'POST /dsp/2025-1/catalog/request HTTP/1.1',
    'Host: localhost',
    'Connection: close',
    'Content-Length: 60000',
  )
  expect(statusesIn(await exchange(ground.connector.port, head))).toEqual([401])
  expect(statusesIn(await exchange(ground.connector.managementPort, head.replace('/dsp/2025-1', '/api/v1')))).toEqual([
    401,
  ])
})

// Names that every object has already: as members of a body they are members like any other.
const INHERITED = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'valueOf', '__defineGetter__']

describe.each(INHERITED)('a member called %s', (name) => {
  const planted = { '@type': 'ContractRequestMessage', admin: true, state: 'FINALIZED', toJSON: 1 }

  test('is no defect in any message, wherever it stands, and changes nothing for others', async () => {
    const all = everyMessage('urn:uuid:1', 'urn:uuid:2', ground.peer.base)
    for (const [path, message] of all) {
      const text = JSON.stringify(message)
      for (const body of [
        text.replace(/}$/, `,"${name}":${JSON.stringify(planted)}}`),
        text.replaceAll(/"(permission|offer|agreement)":/g, `"$1":{"${name}":1,"a":1},"_$1":`),
        text.replaceAll('"leftOperand":"count"', `"leftOperand":"${name}"`),
        text.replaceAll('"action":"use"', `"action":"${name}"`),
        text.replaceAll(/"@type":"\w+"/g, `"@type":"${name}"`),
        text.replaceAll('HttpData-PULL', name),
      ]) {
        const { status } = await ground.send(path, {}, ground.peer, { body })
        expect(status, `${path} ${body}`).toBeLessThan(500)
      }
    }
    expect((await ground.send('/catalog/request', JSON.parse(good()) as object as never)).status).toBe(200)
  })

  test('is no process, dataset, filter or query', async () => {
    for (const path of [`/negotiations/${name}`, `/transfers/${name}`, `/catalog/datasets/${name}`]) {
      expect((await ground.read(path)).status).toBe(404)
    }
    const { call } = ground.connector
    for (const path of ['negotiations', 'transfers', 'agreements', 'datasets']) {
      expect((await call(`/${path}/${name}`)).status).toBe(404)
    }
    expect((await call(`/negotiations?${name}=1`)).status).toBe(400)
    expect((await call('/peers', { did: name, name, claims: { [name]: 'x' } })).status).toBeLessThan(500)
    expect((await call(`/peers/${name}`, undefined, 'DELETE')).status).toBeLessThan(500)
  })
})

function residentMib(processId: number): number {
  const status = readFileSync(`/proc/${String(processId)}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}
