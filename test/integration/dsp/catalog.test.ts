// The catalogue over HTTP: pages in both directions, filters as EDC writes them, compression; and how we read a peer's.

import { request as httpRequest } from 'node:http'
import { gunzipSync } from 'node:zlib'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { messageOf } from '../../conformance/scenarios/counterparty.ts'
import { faultOf, type Message } from '../../conformance/scenarios/judge.ts'
import { openGround, type Ground } from './ground.ts'

/** More than two pages of fifty, with gaps: what nobody offers is not in the catalogue. */
const DATASETS = Array.from({ length: 150 }, (_, index) => ({
  '@id': `urn:dataset:${index % 5 === 4 ? 'hidden' : 'open'}:${String(index).padStart(3, '0')}`,
  title: `Dataset ${String(index)}`,
  rank: (index * 7) % 150,
  theme: index % 2 === 0 ? 'energy' : 'transport',
}))
const OPEN_IDS = DATASETS.map((each) => each['@id']).filter((id) => id.includes('open'))
const PAGE = 50

let ground: Ground
beforeAll(async () => {
  ground = await openGround({
    offers: [{ offer: 'open', datasets: ['urn:dataset:open:*'], permission: [{ action: 'use' }] }],
  })
  await ground.manage('/datasets', DATASETS)
})
afterAll(async () => ground.close())
afterEach(() => {
  expect([...ground.peer.faults, ...ground.connector.defects]).toEqual([])
})

interface Page {
  readonly ids: readonly string[]
  /** The URL of each linked page by its relation. */
  readonly links: Readonly<Record<string, string>>
  readonly linkHeaders: readonly string[]
}

interface Raw {
  readonly status: number
  readonly headers: Readonly<Record<string, unknown>>
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
}

/** Header lines as they came, and the body without any decoding. */
function post(url: string, message: Message, headers: Readonly<Record<string, string>> = {}): Promise<Raw> {
  const { inbound } = ground.peer
  return new Promise((resolve, reject) => {
    const json = { authorization: inbound, 'content-type': 'application/json' }
    const request = httpRequest(url, { method: 'POST', headers: { ...json, ...headers } }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const { statusCode = 0, headers: got, rawHeaders } = response
        resolve({ status: statusCode, headers: got, rawHeaders, body: Buffer.concat(chunks) })
      })
    })
    request.on('error', reject)
    request.end(JSON.stringify(message))
  })
}

const FIRST = (): string => `${ground.connector.base}/catalog/request`

async function pageAt(url: string, message: Message): Promise<Page> {
  const { status, rawHeaders, body } = await post(url, message)
  const json = JSON.parse(body.toString('utf8')) as Message
  expect(status).toBe(200)
  expect(faultOf(json)).toBeNull()
  const linkHeaders = rawHeaders.filter((_, index) => rawHeaders[index - 1] === 'Link')
  const links = linkHeaders.map((header) => /^<([^>]+)>; rel="(\w+)"$/.exec(header) ?? [])
  return {
    ids: ((json['dataset'] ?? []) as readonly Message[]).map((dataset) => String(dataset['@id'])),
    links: Object.fromEntries(links.map(([, target = '', rel = '']) => [rel, target])),
    linkHeaders,
  }
}

/** Every page in one direction, beginning with `page`. */
async function follow(page: Page, rel: string, message: Message): Promise<readonly Page[]> {
  const next = page.links[rel]
  return next === undefined ? [page] : [page, ...(await follow(await pageAt(next, message), rel, message))]
}

const specified = (spec: Message): Message =>
  messageOf('CatalogRequestMessage', { filter: [{ '@type': 'QuerySpec', ...spec }] })

/** What a query finds, in its order, over all its pages. */
async function found(spec: Message): Promise<readonly string[]> {
  const message = specified(spec)
  const pages = await follow(await pageAt(FIRST(), message), 'next', message)
  return pages.flatMap(({ ids }) => ids)
}

describe('pages', () => {
  const EVERYTHING = messageOf('CatalogRequestMessage', {})
  // What EDC sends when nothing is asked for.
  const EDC = specified({ offset: 0, limit: 50, sortOrder: 'ASC', filterExpression: [] })
  const SMALL = specified({ limit: 7 })
  const SORTED = specified({ sortField: 'rank', sortOrder: 'DESC', limit: 50 })
  const FILTERED = specified({
    filterExpression: [{ operandLeft: 'theme', operator: '=', operandRight: 'energy' }],
    limit: 20,
  })
  const SKIPPING = specified({ offset: 3, limit: 10 })

  // prettier-ignore
  const QUERIES: readonly (readonly [what: string, message: Message, datasets: number, pages: number])[] = [
    ['everything',                   EVERYTHING, 120, 3],
    ['everything as EDC asks for it', EDC,       120, 3],
    ['pages of seven',               SMALL,      120, 18],
    ['everything in another order',  SORTED,     120, 3],
    ['every other dataset',          FILTERED,    60, 3],
    ['everything but the first three', SKIPPING, 117, 12],
  ]

  test.each(QUERIES)(
    'of %s list each dataset once, forwards and backwards',
    async (_what, message, datasets, count) => {
      const forwards = await follow(await pageAt(FIRST(), message), 'next', message)
      const last = forwards.at(-1)
      if (last === undefined) throw new Error('there is always a page')
      const backwards = (await follow(last, 'previous', message)).toReversed()
      const again = await follow(backwards[0] ?? last, 'next', message)

      const ids = forwards.flatMap((page) => page.ids)
      expect([ids.length, new Set(ids).size, forwards.length]).toEqual([datasets, datasets, count])
      expect(ids.every((id) => OPEN_IDS.includes(id))).toBe(true)
      for (const other of [backwards, again])
        expect(other.map((page) => page.ids)).toEqual(forwards.map((page) => page.ids))
    },
  )

  test('have their links in headers of their own, `previous` under the name that EDC knows too', async () => {
    const first = await pageAt(FIRST(), EVERYTHING)
    const second = await pageAt(first.links['next'] ?? '', EVERYTHING)

    expect(first.linkHeaders).toHaveLength(1)
    expect(first.ids).toHaveLength(PAGE)
    expect(second.linkHeaders).toHaveLength(3)
    expect(second.links['prev']).toBe(second.links['previous'])
    expect(Object.values(second.links).every((link) => link.startsWith(`${FIRST()}?`))).toBe(true)
  })

  test('go on where they were when a dataset has come meanwhile', async () => {
    const first = await pageAt(FIRST(), EVERYTHING)
    await ground.manage('/datasets', { '@id': 'urn:dataset:open:000-and-a-half', title: 'Late' })
    const second = await pageAt(first.links['next'] ?? '', EVERYTHING)

    expect(second.ids[0]).toBe(OPEN_IDS[PAGE])
    const response = await fetch(`${ground.connector.managementUrl}/api/v1/datasets/urn:dataset:open:000-and-a-half`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${ground.connector.token}` },
    })
    expect(response.status).toBe(204)
  })

  test.each(['garbage', '', 'a.', 'o.LTE', 'a.WyJ4Il0&continuationToken=a.WyJ4Il0'])(
    'with the token "%s" are 400',
    async (token) => {
      const { status, body } = await post(`${FIRST()}?continuationToken=${token}`, EVERYTHING)
      const json = JSON.parse(body.toString('utf8')) as Message

      expect([status, json['@type'], json['code'], faultOf(json)]).toEqual([
        400,
        'CatalogError',
        'request.malformed',
        null,
      ])
    },
  )
})

describe('filters', () => {
  const where = (operandLeft: string, operator: string, operandRight: unknown): Message => ({
    filterExpression: [{ '@type': 'Criterion', operandLeft, operator, operandRight }],
  })
  const those = (is: (dataset: (typeof DATASETS)[number]) => boolean): readonly string[] =>
    DATASETS.filter((each) => OPEN_IDS.includes(each['@id']) && is(each)).map((each) => each['@id'])
  const byRank = (ids: readonly string[]): readonly string[] => ids.toSorted((a, b) => rankOf(b) - rankOf(a))
  const LOW = where('rank', '<', 15)
  const low = those(({ rank }) => rank < 15)

  // prettier-ignore
  const CASES: readonly (readonly [what: string, spec: Message, ids: readonly string[]])[] = [
    ['by id',             where('https://w3id.org/edc/v0.0.1/ns/id', '=', 'urn:dataset:open:007'), ['urn:dataset:open:007']],
    ['by a list of ids',  where('@id', 'in', ['urn:dataset:open:008', 'urn:dataset:open:002', 'urn:dataset:none']), ['urn:dataset:open:002', 'urn:dataset:open:008']],
    ['by a text like it', where('dct:title', 'like', 'Dataset 1_'), those(({ title }) => /^Dataset 1.$/.test(title))],
    ['by a number',       LOW, low],
    ['by what is hidden', where('@id', '=', 'urn:dataset:hidden:004'), []],
    ['by two criteria',   { filterExpression: [...listOf(LOW), ...listOf(where('theme', '=', 'energy'))] }, those(({ rank, theme }) => rank < 15 && theme === 'energy')],
    ['in another order',  { ...LOW, sortField: 'rank', sortOrder: 'DESC' }, byRank(low)],
    ['from an offset on', { ...LOW, offset: 9 }, low.slice(9)],
    ['by nothing',        { filterExpression: [] }, OPEN_IDS],
  ]

  test('of these tests find something, and not everything', () => {
    expect([low.length > 9, low.length < OPEN_IDS.length, byRank(low).join() === low.join()]).toEqual([
      true,
      true,
      false,
    ])
  })

  test.each(CASES)('%s', async (_what, spec, ids) => {
    expect(await found(spec)).toEqual(ids)
  })

  test('of nobody we know, or with members that nobody knows, are 400', async () => {
    for (const filter of [[{ '@type': 'Cypher' }], [{ '@type': 'QuerySpec', distinct: true }], ['title'], [{}, {}]]) {
      const { status, body } = await post(FIRST(), messageOf('CatalogRequestMessage', { filter }))
      const json = JSON.parse(body.toString('utf8')) as Message
      expect([status, json['@type'], json['code'], faultOf(json)]).toEqual([
        400,
        'CatalogError',
        'filter.unsupported',
        null,
      ])
    }
  })
})

describe('compression', () => {
  const EVERYTHING = messageOf('CatalogRequestMessage', {})

  test('is gzip where the asker takes it', async () => {
    const { status, headers, body } = await post(FIRST(), EVERYTHING, { 'accept-encoding': 'br, gzip' })
    const plain = await post(FIRST(), EVERYTHING)

    expect([status, headers['content-encoding'], headers['vary']]).toEqual([200, 'gzip', 'Accept-Encoding'])
    expect(gunzipSync(body).equals(plain.body)).toBe(true)
    expect(body.length).toBeLessThan(plain.body.length / 5)
  })

  test.each(['identity', 'gzip;q=0', 'br'])('is none for Accept-Encoding: %s', async (encoding) => {
    const { headers, body } = await post(FIRST(), EVERYTHING, { 'accept-encoding': encoding })

    expect(headers['content-encoding']).toBeUndefined()
    expect(faultOf(JSON.parse(body.toString('utf8')) as Message)).toBeNull()
  })
})

function listOf({ filterExpression }: Message): readonly unknown[] {
  return filterExpression as readonly unknown[]
}

function rankOf(id: string): number {
  return DATASETS.find((each) => each['@id'] === id)?.rank ?? -1
}
