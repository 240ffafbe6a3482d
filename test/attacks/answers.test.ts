// Answers of a peer made to fill memory, to be misread, or to make the connector ask somebody else: refused with a code, and
// the connector is what it was.

import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { gzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Reply } from '../fixtures/connector.ts'
import { messageOf } from '../fixtures/messages.ts'
import type { Answering } from '../fixtures/peer.ts'
import { startGround, type Ground } from '../fixtures/stranger.ts'
import { openParticipant } from './participant.ts'
import { changesNothing } from './refusals.ts'

const LIMIT = 65_536
const RSS_GROWTH_MIB_MAX = 100

let ground: Ground
beforeAll(async () => {
  ground = await startGround({ limits: { answerBytesMax: LIMIT, answerTimeoutMs: 1_500 } })
})
afterAll(async () => ground.discard())
afterEach(() => {
  ground.peer.answerWith(null)
  expect(ground.connector.log()).not.toContain('http.defect')
})

function askForCatalog(): Promise<Reply> {
  const { did, base } = ground.peer
  return ground.connector.call('/catalog/request', { counterPartyId: did, counterPartyAddress: base })
}

const catalog = (more: object = {}): string =>
  JSON.stringify({ ...messageOf('Catalog', { participantId: ground.peer.did }), ...more })

const answering =
  (body: () => string | Uint8Array, headers: Readonly<Record<string, string>> = {}, status = 200): Answering =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body())

/** As much as is taken, until nobody takes any more. */
function endless(response: ServerResponse, piece: Uint8Array): void {
  const more = (): void => {
    while (!response.destroyed && response.write(piece));
  }
  response.on('drain', more)
  more()
}

const bomb = gzipSync(Buffer.alloc(100 * 1024 * 1024, ' '))
const bombInBomb = gzipSync(bomb)
const GZIP = { 'content-encoding': 'gzip' }

// prettier-ignore
const ANSWERS: readonly (readonly [what: string, code: string, answering: Answering])[] = [
  ['100 MB of spaces, gzipped',          'peer.malformed',   answering(() => bomb, GZIP)],
  ['100 MB of spaces, gzipped twice',    'peer.malformed',   answering(() => bombInBomb, { 'content-encoding': 'gzip, gzip' })],
  ['a gzip in a gzip that says one',     'peer.malformed',   answering(() => gzipSync(gzipSync(catalog())), GZIP)],
  ['another encoding',                   'peer.malformed',   answering(() => catalog(), { 'content-encoding': 'br' })],
  ['a gzip that is broken',              'peer.malformed',   answering(() => gzipSync(catalog()).subarray(0, 20), GZIP)],
  ['one byte too much',                  'peer.malformed',   answering(() => catalog().padEnd(LIMIT + 1))],
  ['no end',                             'peer.malformed',   (_, response) => { endless(response.writeHead(200), Buffer.alloc(65_536, ' ')) }],
  ['no end, gzipped',                    'peer.malformed',   (_, response) => { endless(response.writeHead(200, GZIP), gzipSync(Buffer.alloc(1_048_576, ' '))) }],
  ['headers without end',                'peer.malformed',   (_, response) => response.socket?.write(`HTTP/1.1 200 OK\r\n${'x-a: b\r\n'.repeat(50_000)}`)],
  ['two lengths',                        'peer.malformed',   (_, response) => response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}')],
  ['a length and chunks',                'peer.malformed',   (_, response) => response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n')],
  ['less than was announced',            'peer.unreachable', (_, response) => response.socket?.end('HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n{}')],
  ['an answer that is no HTTP',          'peer.malformed',   (_, response) => response.socket?.end('SSH-2.0-x\r\n\r\n')],
  ['nothing for a long time',            'peer.unreachable', () => undefined],
  ['one byte after the other',           'peer.unreachable', (_, response) => { const timer = setInterval(() => response.write(' '), 50); response.once('close', () => { clearInterval(timer) }) }],
  ['100 levels of lists',                'peer.malformed',   answering(() => catalog().replace(/}$/, `,"a":${'['.repeat(100)}${']'.repeat(100)}}`))],
  ['30,000 lists in each other',         'peer.malformed',   answering(() => `${'['.repeat(30_000)}${']'.repeat(30_000)}`)],
  ['a member twice',                     'peer.malformed',   answering(() => catalog().replace(/}$/, ',"@type":"Catalog"}'))],
  ['a number that no double holds',      'peer.malformed',   answering(() => catalog().replace(/}$/, ',"a":1e999}'))],
  ['a lone surrogate',                   'peer.malformed',   answering(() => catalog().replace(/}$/, ',"a":"\\ud800"}'))],
  ['bytes that are no UTF-8',            'peer.malformed',   answering(() => Buffer.concat([Buffer.from(catalog()), Buffer.from([0xff])]))],
  ['a catalogue in __proto__',           'peer.malformed',   answering(() => `{"__proto__":${catalog()}}`)],
  ['two catalogues in a list',           'peer.malformed',   answering(() => `[${catalog()},${catalog()}]`)],
  ['a page',                             'peer.malformed',   answering(() => '<html></html>', { 'content-type': 'text/html' })],
]

describe('a peer that is asked for its catalogue and answers with', () => {
  test('a catalogue, plain, gzipped or as large as may be, is understood', async () => {
    for (const good of [
      answering(() => catalog()),
      answering(() => gzipSync(catalog()), GZIP),
      answering(() => catalog().padEnd(LIMIT)),
    ]) {
      ground.peer.answerWith(good)
      expect((await askForCatalog()).status).toBe(200)
    }
  })

  test.each(ANSWERS)('%s is %s', async (_what, code, answer) => {
    ground.peer.answerWith(answer)
    const before = residentMib(ground.connector.processId())
    const reply = await changesNothing(ground.connector, async () => askForCatalog())

    expect(reply).toMatchObject({ status: 503, json: { code } })
    expect(residentMib(ground.connector.processId()) - before).toBeLessThan(RSS_GROWTH_MIB_MAX)
  })

  test.each([301, 302, 303, 307, 308])('%i and another address is not followed', async (status) => {
    const elsewhere = await openParticipant()
    for (const location of [
      elsewhere.origin,
      'http://169.254.169.254/latest/meta-data/',
      'file:///etc/passwd',
      '//evil.example',
    ]) {
      ground.peer.answerWith(answering(() => '', { location }, status))
      expect((await askForCatalog()).status).toBeGreaterThanOrEqual(400)
    }
    expect(elsewhere.asked).toEqual([])
    await elsewhere.close()
  })

  test('a next page somewhere else is not asked there', async () => {
    const elsewhere = await openParticipant()
    for (const next of [
      `${elsewhere.origin}/next`,
      'http://169.254.169.254/next',
      `//${new URL(elsewhere.origin).host}/next`,
      'javascript:1',
    ]) {
      ground.peer.answerWith(answering(() => catalog(), { link: `<${next}>; rel="next"` }))
      expect((await askForCatalog()).status).toBe(200)
    }
    expect(elsewhere.asked).toEqual([])
    await elsewhere.close()
  })

  test('a next page for ever is read to the bound, and said to be cut', async () => {
    const mark = ground.peer.received.length
    ground.peer.answerWith(
      answering(() => catalog(), { link: `<${ground.peer.base}/catalog/request?continuationToken=x>; rel="next"` }),
    )
    const { status, json } = await askForCatalog()

    expect(status).toBe(200)
    expect(json).toMatchObject({ isCut: true })
    expect(ground.peer.received.length - mark).toBeLessThanOrEqual(200)
  })

  test.each(['__proto__', 'constructor', 'toString'])(
    'offers whose members are called %s is no defect',
    async (name) => {
      const offer = `{"@id":"o","@type":"Offer","${name}":{"a":1},"permission":[{"action":"${name}","constraint":[{"leftOperand":"${name}","operator":"${name}","rightOperand":"${name}"}]}]}`
      const dataset = `{"@id":"d","@type":"Dataset","${name}":1,"hasPolicy":[${offer}],"distribution":[{"@type":"Distribution","format":"${name}","accessService":"${name}"}]}`
      ground.peer.answerWith(answering(() => catalog().replace(/}$/, `,"dataset":[${dataset}]}`)))

      const { status, json } = await askForCatalog()
      const { datasets } = json as {
        readonly datasets: readonly { readonly offers: readonly { readonly offer: unknown }[] }[]
      }
      expect(status).toBe(200)
      expect(datasets[0]?.offers[0]?.offer).toBeNull()
    },
  )
})

function residentMib(processId: number): number {
  const status = readFileSync(`/proc/${String(processId)}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}
