// The catalogue for one participant: what a page may cost and weigh, and that nothing in it tells of what is hidden.

import { describe, expect, test } from 'vitest'
import { beginning } from '../../../src/domain/catalog/cursor.ts'
import { EVERYTHING, type CatalogQuery } from '../../../src/domain/catalog/query.ts'
import type { Write } from '../../../src/domain/ledger.ts'
import { ProblemError } from '../../../src/kernel/problem.ts'
import type { ParticipantId } from '../../../src/protocol/ids.ts'
import { CONSUMER, dataset, definition, IN_VIET_NAM, peer, STRANGER, USE } from '../../fixtures/builders.ts'
import {
  followPages,
  openCatalog,
  shownOn,
  type CatalogWorld,
  type CatalogWorldOptions,
} from '../../fixtures/catalog.ts'

const id = (n: number): string => `urn:dataset:${String(n).padStart(4, '0')}`
const put = (n: number, properties: object = {}): Write => ({
  put: 'dataset',
  row: dataset({ id: id(n) as never, properties: { theme: `t${String(n % 10)}`, ...properties } }),
})
const glob = (pattern: string) => ({ datasets: [{ kind: 'glob' as const, pattern }] })
const where = (field: string, value: string): CatalogQuery => ({
  ...EVERYTHING,
  criteria: [{ field, comparator: '=', value }],
})

/** `datasets` of them, all of which everybody sees. */
async function opened(datasets: number, options: CatalogWorldOptions = {}): Promise<CatalogWorld> {
  const world = openCatalog(options)
  await world.reload([definition(USE, [], glob('urn:dataset:*'))])
  world.apply(...Array.from({ length: datasets }, (_, n) => put(n)))
  return world
}

describe('a filter', () => {
  const BOUNDS = { rowsPerPageMax: 40, sliceRows: 10 }

  test('that fits little ends the page when it has cost enough, and the next page goes on', async () => {
    const world = await opened(200, { bounds: BOUNDS })
    world.apply(put(150, { theme: 'rare' }))

    const pages = await followPages(world, CONSUMER, where('theme', 'rare'), { cursor: null, rel: 'next' })

    expect(pages.map((page) => shownOn(page).length)).toEqual([0, 0, 0, 1, 0])
    expect(pages[0]?.next).toEqual({ ...beginning(0), place: { id: id(39), key: null } })
    expect(pages[0]?.catalog).not.toHaveProperty('dataset')
  })

  test('lets others go first every so many rows', async () => {
    const world = await opened(200, { bounds: BOUNDS })
    await world.serve.page(CONSUMER, EVERYTHING, null)
    let pauses = 0
    world.onPause(() => {
      pauses += 1
    })

    await world.serve.page(CONSUMER, where('theme', 'rare'), null)

    expect(pauses).toBe(3)
  })

  test('by ids finds them without looking at the others', async () => {
    const world = await opened(200, { bounds: { rowsPerPageMax: 1, sliceRows: 1 } })

    const page = await world.serve.page(CONSUMER, where('@id', id(150)), null)

    expect([shownOn(page).map(([each]) => each), page.next, page.previous]).toEqual([[id(150)], null, null])
  })
})

describe('an order of its own', () => {
  const BY_THEME: CatalogQuery = { ...EVERYTHING, sort: { field: 'theme', descending: false } }

  test('is refused for more datasets than a page may cost, and it counts only what is seen', async () => {
    const world = await opened(11, { bounds: { sortedRowsMax: 10 } })
    await expect(world.serve.page(CONSUMER, BY_THEME, null)).rejects.toThrow(ProblemError)
    await expect(world.serve.page(CONSUMER, BY_THEME, null)).rejects.toThrow(/^filter\.unsupported/)

    await world.reload([definition(USE, [], glob('urn:dataset:000*'))])
    expect(shownOn(await world.serve.page(CONSUMER, BY_THEME, null))).toHaveLength(10)
  })

  test('by id may have any size', async () => {
    const world = await opened(11, { bounds: { sortedRowsMax: 10 } })
    const query = { ...EVERYTHING, sort: { field: '@id', descending: true } }

    expect(shownOn(await world.serve.page(CONSUMER, query, null))[0]?.[0]).toBe(id(10))
  })
})

describe('a page', () => {
  test('that would weigh too much ends before, and the next one goes on; one dataset always goes', async () => {
    const world = await opened(0, { bounds: { pageBytesMax: 5_000 } })
    for (let n = 0; n < 5; n += 1) world.apply(put(n, { description: '数'.repeat(n === 2 ? 9_000 : 600) }))

    const forwards = await followPages(world, CONSUMER, EVERYTHING, { cursor: null, rel: 'next' })
    const last = forwards.at(-1)?.previous ?? null
    const backwards = await followPages(world, CONSUMER, EVERYTHING, { cursor: last, rel: 'previous' })

    expect(forwards.map((page) => shownOn(page).length)).toEqual([2, 1, 2])
    expect([...backwards.toReversed(), ...forwards.slice(-1)].flatMap(shownOn)).toEqual(forwards.flatMap(shownOn))
  })

  test('says the same, links included, whether something is hidden between, before and behind or is not there', async () => {
    const query = { ...EVERYTHING, limit: 3, offset: 1 }
    const open = definition(USE, [], {
      id: 'open' as never,
      datasets: [{ kind: 'property', property: 'open', value: true }],
    })
    const hidden = definition(USE, [IN_VIET_NAM], { id: 'hidden' as never, ...glob('*') })
    const worlds = await Promise.all(
      [openCatalog(), openCatalog()].map(async (world, at) => {
        await world.reload([hidden, open])
        world.apply({ put: 'peer', row: peer({ did: STRANGER, claims: { country: 'CN' } }) })
        for (let n = 0; n < 40; n += 1) if (n % 4 === 1) world.apply(put(n, { open: true }))
        if (at === 1) for (let n = 0; n < 44; n += 1) if (n % 4 !== 1) world.apply(put(n))
        return world
      }),
    )

    const told = await Promise.all(
      worlds.map(async (world) => ({
        forwards: await followPages(world, STRANGER, query, { cursor: null, rel: 'next' }),
        backwards: await followPages(world, STRANGER, query, {
          cursor: { ...beginning(0), side: 'before' },
          rel: 'previous',
        }),
        sorted: await followPages(
          world,
          STRANGER,
          { ...query, sort: { field: 'theme', descending: true } },
          { cursor: null, rel: 'next' },
        ),
        filtered: await followPages(
          world,
          STRANGER,
          { ...query, ...where('theme', 't5') },
          { cursor: null, rel: 'next' },
        ),
        alone: await Promise.all([id(0), id(1), 'urn:none'].map((each) => world.serve.dataset(STRANGER, each))),
      })),
    )

    expect(told[1]).toEqual(told[0])
    // Not even the time that it takes to read a row tells of it.
    expect([...(worlds[1]?.rowsRead ?? [])].toSorted()).toEqual([...(worlds[0]?.rowsRead ?? [])].toSorted())
    expect(told[0]?.forwards.flatMap(shownOn)).toHaveLength(9)
    expect(told[0]?.alone.map((each) => each?.hasPolicy.map((offer) => offer['@id']) ?? null)).toEqual([
      null,
      [`open:${id(1)}`],
      null,
    ])
  })

  test('goes back to what is before it also when everything on it is gone', async () => {
    const world = await opened(6, { bounds: { pageSize: 3 } })
    const { next } = await world.serve.page(CONSUMER, EVERYTHING, null)
    world.apply(...[3, 4, 5].map((n): Write => ({ remove: 'dataset', key: [id(n)] })))

    const empty = await world.serve.page(CONSUMER, EVERYTHING, next)
    const back = await world.serve.page(CONSUMER, EVERYTHING, empty.previous)

    expect([shownOn(empty), empty.next]).toEqual([[], null])
    expect([shownOn(back).map(([each]) => each), back.next, back.previous]).toEqual([[0, 1, 2].map(id), null, null])
  })

  test('follows a claim of the participant from the commit on that changed it', async () => {
    const world = openCatalog()
    await world.reload([definition(USE, [IN_VIET_NAM], glob('*'))])
    world.apply(put(1), { put: 'peer', row: peer({ did: STRANGER, claims: { country: 'CN' } }) })
    const seen = async () => shownOn(await world.serve.page(STRANGER, EVERYTHING, null)).length

    const before = await seen()
    world.apply({ put: 'peer', row: peer({ did: STRANGER, claims: { country: 'VN' } }) })
    const with_ = await seen()
    world.apply({ remove: 'peer', key: [STRANGER] })

    expect([before, with_, await seen()]).toEqual([0, 1, 0])
  })
})

test('spells offers as the settings say for this participant, and for everybody else as usual', async () => {
  const world = openCatalog({ spellings: new Map([[CONSUMER, 'bare']]) })
  const constraint = [{ leftOperand: 'count', operator: 'lteq', rightOperand: '3' }]
  await world.reload([definition({ permission: [{ action: 'read', constraint }] }, [], glob('*'))])
  world.apply(put(1))
  const textFor = async (participant: ParticipantId) =>
    JSON.stringify([
      (await world.serve.page(participant, EVERYTHING, null)).catalog,
      await world.serve.dataset(participant, id(1)),
    ])

  expect((await textFor(CONSUMER)).match(/"(odrl:)?(read|count)"/g)).toEqual(['"read"', '"count"', '"read"', '"count"'])
  expect((await textFor(STRANGER)).match(/"(odrl:)?(read|count)"/g)).toEqual([
    '"odrl:read"',
    '"odrl:count"',
    '"odrl:read"',
    '"odrl:count"',
  ])
})
