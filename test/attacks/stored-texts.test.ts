// Texts that peers and operators leave with us: wherever they come out again they are text in JSON, in an answer with headers of
// our own and no others.

import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { messageOf, newPid } from '../fixtures/messages.ts'
import { DSP, startGround, type Ground } from '../fixtures/stranger.ts'
import { exchange, lines } from './bytes.ts'
import { leaveTexts, TEXTS } from './hostile-texts.ts'

let ground: Ground
let pids: readonly string[]
beforeAll(async () => {
  ground = await startGround()
  pids = await leaveTexts(ground)
})
afterAll(async () => ground.discard())
afterEach(() => {
  expect(ground.connector.log()).not.toContain('http.defect')
})

/** Status line and headers of one answer. */
function headOf(answer: string): string {
  return answer.slice(0, answer.indexOf('\r\n\r\n'))
}

function get(port: number, path: string, ...headers: readonly string[]): Promise<string> {
  return exchange(port, lines(`GET ${path} HTTP/1.1`, 'Host: localhost', 'Connection: close', ...headers))
}

const admin = (): string => `Authorization: Bearer ${ground.connector.token()}`
const KNOWN =
  /^(content-security-policy|x-content-type-options|cache-control|content-type|content-length|date|connection|keep-alive|link|vary|www-authenticate|transfer-encoding|retry-after|etag|allow|idempotency-replayed)$/

function expectPlain(answer: string): void {
  const head = headOf(answer)
  const names = head
    .split('\r\n')
    .slice(1)
    .map((line) => line.slice(0, line.indexOf(':')).toLowerCase())
  for (const name of names) expect(name).toMatch(KNOWN)
  expect(head).not.toMatch(/x-injected/i)
  expect(head).toMatch(/^X-Content-Type-Options: nosniff\r?$/m)
  expect(head).toMatch(/^Content-Security-Policy: default-src 'none'; frame-ancestors 'none'; sandbox\r?$/m)
  if (answer.length > head.length + 4)
    expect(head).toMatch(/^Content-Type: application\/([\w.+-]+\+)?json(; charset=utf-8)?\r?$/m)
}

describe('every answer is JSON that no browser takes for a page, and has our own headers only', () => {
  const PATHS = [
    '/datasets',
    '/peers',
    '/negotiations',
    '/transfers',
    '/agreements',
    '/inbox',
    '/evidence',
    '/offers',
    '/tokens',
    '/openapi.json',
    '/nothing',
    '/negotiations?after=%0d%0aX-Injected:yes',
    '/%0d%0aX-Injected:yes',
    '/%3Cscript%3E',
  ]

  test.each(PATHS)('on the management port: %s', async (path) => {
    expectPlain(await get(ground.connector.managementPort, `/api/v1${path}`, admin()))
    expectPlain(await get(ground.connector.managementPort, `/api/v1${path}`))
  })

  test('one by one', async () => {
    const { datasets } = {
      datasets: (await ground.connector.ask<{ items: readonly { '@id': string; title?: string }[] }>('/datasets'))
        .items,
    }
    expect(datasets.filter(({ title }) => TEXTS.some(([, text]) => text === title))).toHaveLength(TEXTS.length)
    for (const { '@id': id } of datasets)
      expectPlain(await get(ground.connector.managementPort, `/api/v1/datasets/${encodeURIComponent(id)}`, admin()))
    for (const pid of pids) {
      expectPlain(await get(ground.connector.managementPort, `/api/v1/negotiations/${pid}`, admin()))
      expectPlain(await get(ground.connector.managementPort, `/api/v1/negotiations/${pid}/timeline`, admin()))
    }
  })

  test('on the public port, with credentials and without', async () => {
    for (const path of [
      '/.well-known/did.json',
      '/.well-known/dspace-version',
      `${DSP}/catalog/datasets/x`,
      `${DSP}/negotiations/${pids[0] ?? ''}`,
      '/data/x',
      '/data/x/%0d%0aX-Injected:yes',
      '/nothing',
      '/%3Cscript%3E',
      `${DSP}/%0d%0aX-Injected:yes`,
      '/healthz',
      '/readyz',
    ]) {
      expectPlain(await get(ground.connector.port, path))
      expectPlain(
        await get(
          ground.connector.port,
          path,
          `Authorization: ${await ground.peer.authorization(ground.connector.did)}`,
        ),
      )
    }
  })

  test('a page of a catalogue too, with the links to those beside it', async () => {
    const ids = Array.from(
      { length: 60 },
      (_, index) => `urn:dataset:open:${String(index).padStart(2, '0')}\r\nX-Injected: yes`,
    )
    await ground.connector.ask(
      '/datasets',
      ids.map((id) => ({ '@id': id, source: null })),
    )
    const body = JSON.stringify(messageOf('CatalogRequestMessage', {}))
    const ask = async (query: string): Promise<string> =>
      exchange(
        ground.connector.port,
        lines(
          `POST ${DSP}/catalog/request${query} HTTP/1.1`,
          'Host: localhost',
          'Connection: close',
          `Content-Length: ${String(body.length)}`,
          `Authorization: ${await ground.peer.authorization(ground.connector.did)}`,
        ),
        body,
      )
    const first = await ask('')
    expectPlain(first)
    for (const token of [
      'a.DQpYLUluamVjdGVkOiB5ZXM',
      'a.%0d%0aX-Injected:yes',
      '%0d%0aX-Injected:yes',
      'b.__proto__',
      `a.${'x'.repeat(9_000)}`,
    ]) {
      expectPlain(await ask(`?continuationToken=${token}`))
    }
  })
})

test.each(TEXTS)('%s as the id of what is asked for makes no header', async (_what, text) => {
  const id = encodeURIComponent(text)
  for (const path of [`/negotiations/${id}`, `/transfers/${id}`, `/catalog/datasets/${id}`]) {
    expectPlain(
      await get(
        ground.connector.port,
        `${DSP}${path}`,
        `Authorization: ${await ground.peer.authorization(ground.connector.did)}`,
      ),
    )
  }
  for (const path of [`/negotiations/${id}`, `/peers/${id}`, `/agreements/${id}`, `/transfers/${id}/data/${id}`]) {
    expectPlain(await get(ground.connector.managementPort, `/api/v1${path}`, admin()))
  }
})

describe('a source', () => {
  // prettier-ignore
  const MEDIA_TYPES = [
    'text/csv\r\nX-Injected: yes', 'text/csv\nX-Injected: yes', 'text/csv\u0000', 'text/csv; a="\r\nX-Injected: yes"', 'text/csv; a="b\u0007"', 'text', '', 'text/', '/csv',
    'text/csv, text/html', 'text/cśv', 'text/csv; a=é', 'text/csv; charset="utf-8', ' text/csv', 'text/csv;\u0085a=b', `text/${'x'.repeat(5_000)}`,
  ]

  test.each(MEDIA_TYPES)('of the media type %j is refused', async (mediaType) => {
    const source = { type: 'file', path: join(ground.connector.directory, 'data.csv'), mediaType }
    const { status, json } = await ground.connector.call('/datasets', { '@id': newPid(), source })
    expect([status, (json as { readonly code: string }).code]).toEqual([400, 'request.malformed'])
  })

  test.each(['text/csv', 'text/csv; charset=utf-8; header=present', 'application/vnd.x+json', 'text/html; a="b c"'])(
    'of the media type %j is taken',
    async (mediaType) => {
      const source = { type: 'file', path: join(ground.connector.directory, 'data.csv'), mediaType }
      expect((await ground.connector.call('/datasets', { '@id': newPid(), source })).status).toBe(201)
    },
  )

  test.each(['X\r\nX-Injected', 'X-A: b', '', 'X A', 'X\u0000', 'Xé'])(
    'with a header called %j is refused',
    async (name) => {
      const source = { type: 'http', url: 'https://source.example/', headers: { [name]: 'x' } }
      expect((await ground.connector.call('/datasets', { '@id': newPid(), source })).status).toBe(400)
    },
  )

  test.each(['a\r\nX-Injected: yes', 'a\nb', 'a\u0000b'])('with a header of the value %j is refused', async (value) => {
    const source = { type: 'http', url: 'https://source.example/', headers: { 'X-Key': value } }
    expect((await ground.connector.call('/datasets', { '@id': newPid(), source })).status).toBe(400)
  })
})
