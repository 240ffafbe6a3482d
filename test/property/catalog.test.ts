// What holds for every catalogue: its pages, put together, are what asking every offer about every dataset gives; forwards
// and backwards, whatever changed before; and what changes between two pages skips and repeats nothing else.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { beginning } from '../../src/domain/catalog/cursor.ts'
import { bundlesOn, indexOffers, placesIn } from '../../src/domain/catalog/offer-index.ts'
import { EVERYTHING, type CatalogQuery } from '../../src/domain/catalog/query.ts'
import { inOrder, placeOf } from '../../src/domain/catalog/query-match.ts'
import { NO_SHELVES, shelfOf, shelve, unshelve, walk, type Shelf } from '../../src/domain/catalog/shelves.ts'
import type { DatasetRow, Write } from '../../src/domain/ledger.ts'
import type { DatasetSelector, OfferDefinition } from '../../src/domain/policy/offer-definition.ts'
import { instant } from '../../src/kernel/time.ts'
import type { ParticipantId } from '../../src/protocol/ids.ts'
import type { Constraint } from '../../src/protocol/odrl/types.ts'
import { dataset, definition, NOW, peer, USE } from '../fixtures/builders.ts'
import { followPages, openCatalog, selects, shownOn, type CatalogWorld, type Shown } from '../fixtures/catalog.ts'

const RUNS = { numRuns: 400 }
const HOUR_MS = 3_600_000

// Small domains, so that things meet often; in UTF-8 and UTF-16 the last two have different orders.
const ids = fc.oneof(
  fc.integer({ min: 0, max: 39 }).map((n) => `d${String(n).padStart(2, '0')}`),
  fc.constantFrom('', 'd', 'd1', '数据', '\u{1F600}', '\uFF5E').map((text) => `x${text}`),
)
const groups = fc.constantFrom('a', 'b', 'c')
const values = fc.oneof(groups, fc.integer({ min: 0, max: 3 }), fc.boolean(), fc.constantFrom('1', '10', '9'))
const properties = fc.record(
  { group: groups, tags: fc.array(values, { maxLength: 3 }), rank: values, toString: groups },
  { requiredKeys: [] },
)
const rows = fc
  .record({ id: ids, properties })
  .map((row): DatasetRow => dataset({ ...row, id: row.id as never, properties: row.properties }))

const selectors: fc.Arbitrary<DatasetSelector> = fc.oneof(
  ids.map((id) => ({ kind: 'id' as const, id })),
  fc
    .constantFrom('*', 'd*', 'd1*', '*5', 'd*5', '*1*', 'x**', '*d*', 'd0*', '***', 'd00')
    .map((pattern) => ({ kind: 'glob' as const, pattern })),
  fc.record({
    kind: fc.constant('property' as const),
    property: fc.constantFrom('group', 'tags', 'rank', 'toString', '__proto__'),
    value: values,
  }),
)
const who = ['did:web:a', 'did:web:b', 'did:web:c'] as const
const participants = fc.constantFrom(...who).map((did) => did as ParticipantId)
const access: fc.Arbitrary<Constraint> = fc.oneof(
  fc
    .constantFrom('CN', 'VN', 'CN-45')
    .map((rightOperand) => ({ leftOperand: 'spatial', operator: 'eq', rightOperand })),
  participants.map((rightOperand) => ({ leftOperand: 'recipient', operator: 'neq', rightOperand })),
  fc.record({
    leftOperand: fc.constant('dateTime'),
    operator: fc.constantFrom('lt', 'lteq', 'gt', 'gteq', 'eq', 'neq'),
    rightOperand: fc.integer({ min: 0, max: 3 }).map((hour) => new Date(NOW + hour * HOUR_MS).toISOString()),
  }),
)
// Most offers are for many datasets and shown to most, so that there is something to be seen.
const generations: fc.Arbitrary<readonly OfferDefinition[]> = fc
  .array(
    fc.tuple(
      fc.array(fc.oneof(selectors, selectors, fc.constant<DatasetSelector>({ kind: 'glob', pattern: 'd*' })), {
        minLength: 1,
        maxLength: 3,
      }),
      fc.oneof(fc.constant([]), fc.array(access, { maxLength: 2 })),
    ),
    { minLength: 1, maxLength: 8 },
  )
  .map((offers) =>
    offers.map(([datasets, constraints], number) =>
      definition(USE, constraints, { id: `offer${String(number)}` as never, datasets }),
    ),
  )

type Edit =
  | { readonly kind: 'write'; readonly write: Write }
  | { readonly kind: 'reload'; readonly offers: readonly OfferDefinition[]; readonly meanwhile: readonly Write[] }
  | { readonly kind: 'time'; readonly ms: number }

const datasetWrites: fc.Arbitrary<Write> = fc.oneof(
  { weight: 3, arbitrary: rows.map((row) => ({ put: 'dataset', row }) as const) },
  { weight: 1, arbitrary: ids.map((id) => ({ remove: 'dataset', key: [id] }) as const) },
)
const writes: fc.Arbitrary<Write> = fc.oneof(
  { weight: 6, arbitrary: datasetWrites },
  {
    weight: 1,
    arbitrary: fc
      .tuple(participants, fc.constantFrom('CN', 'VN', 'CN-45'))
      .map(([did, country]) => ({ put: 'peer', row: peer({ did, claims: { country } }) }) as const),
  },
  { weight: 1, arbitrary: participants.map((did) => ({ remove: 'peer', key: [did] }) as const) },
)
const edits: fc.Arbitrary<Edit> = fc.oneof(
  { weight: 12, arbitrary: writes.map((write) => ({ kind: 'write', write }) as const) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(generations, fc.array(datasetWrites, { maxLength: 3 }))
      .map(([offers, meanwhile]) => ({ kind: 'reload', offers, meanwhile }) as const),
  },
  // To the bound of a rule, and a millisecond after it.
  {
    weight: 1,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 0, max: 1 }))
      .map(([hour, ms]) => ({ kind: 'time', ms: hour * HOUR_MS + ms }) as const),
  },
)

const fields = fc.constantFrom('group', 'tags', 'rank', '@id')
const criteria = fc.oneof(
  fc.record({ field: fields, comparator: fc.constantFrom('=' as const, '!=' as const, '<' as const), value: values }),
  fc.record({
    field: fc.constant('@id'),
    comparator: fc.constant('in' as const),
    value: fc.array(ids, { maxLength: 9 }),
  }),
  fc.record({ field: fc.constant('@id'), comparator: fc.constant('=' as const), value: ids }),
)
const queries: fc.Arbitrary<CatalogQuery> = fc.record({
  offset: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 8 })),
  limit: fc.constantFrom(1, 2, 3, 7, null),
  sort: fc.option(fc.record({ field: fields, descending: fc.boolean() })),
  criteria: fc.oneof(fc.constant([]), fc.array(criteria, { minLength: 1, maxLength: 2 })),
})

/** So small that every bound is met: pages, rows for a filter, pauses, and what a page may weigh. */
const BOUNDS = { pageSize: 5, rowsPerPageMax: 6, sliceRows: 2, pageBytesMax: 1_500 }

async function make(world: CatalogWorld, edit: Edit): Promise<void> {
  if (edit.kind === 'write') world.apply(edit.write)
  else if (edit.kind === 'time') world.setTime(instant(NOW + edit.ms))
  else {
    const waiting = [...edit.meanwhile]
    await world.reload(edit.offers, () => {
      const write = waiting.shift()
      if (write !== undefined) world.apply(write)
    })
    world.apply(...waiting)
  }
}

const worlds = fc
  .tuple(
    generations,
    fc.array(rows, { minLength: 10, maxLength: 60, size: 'max' }),
    fc.array(edits, { maxLength: 20, size: 'max' }),
    participants,
  )
  .map(([offers, published, changes, by]) => ({ offers, published, changes, by }))
type World = typeof worlds extends fc.Arbitrary<infer T> ? T : never

/** A catalogue in which much has happened, and which the participant has looked at all the while. */
async function lived({ offers, published, changes, by }: World): Promise<CatalogWorld> {
  const world = openCatalog({ bounds: BOUNDS })
  await world.reload(offers)
  for (const row of published) world.apply({ put: 'dataset', row })
  for (const change of changes) {
    await world.serve.page(by, EVERYTHING, null)
    await make(world, change)
  }
  return world
}

describe('the pages of a catalogue', () => {
  it('are, put together, what every offer asked about every dataset gives: forwards, backwards, and forwards again', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, queries, async (life, query) => {
        const world = await lived(life)
        const { by } = life
        const expected = world.expected(by, query)

        const forwards = await followPages(world, by, query, { cursor: null, rel: 'next' })
        expect(forwards.flatMap(shownOn)).toEqual(expected)
        expect(forwards[0]?.previous).toBeNull()

        const last = forwards.at(-1)?.previous
        if (last !== null && last !== undefined) {
          const backwards = await followPages(world, by, query, { cursor: last, rel: 'previous' })
          const before = [...backwards.toReversed(), ...forwards.slice(-1)]
          expect(before.flatMap(shownOn)).toEqual(expected)

          const firstAgain = backwards.slice(-1)
          const onward = firstAgain[0]?.next ?? null
          const again = onward === null ? [] : await followPages(world, by, query, { cursor: onward, rel: 'next' })
          expect([...firstAgain, ...again].flatMap(shownOn)).toEqual(expected)
        }
      }),
      RUNS,
    )
  })

  it('are the same for the dataset alone, and nothing else is found by its id', async () => {
    await fc.assert(
      fc.asyncProperty(worlds, ids, async (life, id) => {
        const world = await lived(life)
        const { by } = life

        const found = await world.serve.dataset(by, id)
        const expected = world.expected(by, EVERYTHING).find(([each]) => each === id)
        expect(found === null ? undefined : [found['@id'], found.hasPolicy.map((offer) => offer['@id'])]).toEqual(
          expected,
        )
      }),
      RUNS,
    )
  })

  it('neither skip nor repeat what stays as it is while everything else changes, also within a page', async () => {
    await fc.assert(
      fc.asyncProperty(
        generations,
        fc.array(rows, { minLength: 10, maxLength: 60, size: 'max' }),
        fc.array(datasetWrites, { maxLength: 40, size: 'max' }),
        participants,
        queries.map((query) => ({ ...query, offset: 0 })),
        fc.boolean(),
        async (offers, published, changes, by, query, backwards) => {
          const world = openCatalog({ bounds: BOUNDS })
          await world.reload(offers)
          for (const row of published) world.apply({ put: 'dataset', row })
          const before = world.expected(by, query)
          const changed = new Set(
            changes.map((write) =>
              'put' in write ? (write.row as DatasetRow).id : 'key' in write ? write.key[0] : '',
            ),
          )
          const waiting = [...changes]
          const change = (): void => {
            const write = waiting.shift()
            if (write !== undefined) world.apply(write)
          }
          world.onPause(change)

          const start = backwards ? { ...beginning(0), side: 'before' as const } : null
          const pages = await followPages(
            world,
            by,
            query,
            { cursor: start, rel: backwards ? 'previous' : 'next' },
            change,
          )
          const shown = (backwards ? pages.toReversed() : pages).flatMap(shownOn)

          const stays = ([id]: Shown): boolean => !changed.has(id)
          expect(shown.filter(stays)).toEqual(before.filter(stays))
          const seen = shown.map(([id]) => id)
          // A dataset whose property changes may move ahead of the reader in an order by that property, and only then come twice.
          if (query.sort === null || query.sort.field === '@id') expect(new Set(seen).size).toBe(seen.length)
        },
      ),
      RUNS,
    )
  })
})

describe('the index of offers', () => {
  it('gives the offers that each, asked alone, selects the dataset', () => {
    fc.assert(
      fc.property(generations, rows, (definitions, row) => {
        const index = indexOffers(definitions)
        const expected = definitions.flatMap((each, place) => (selects(each, row) ? [place] : []))
        expect(placesIn(index, bundlesOn(index, row))).toEqual(expected)
      }),
      { numRuns: 3_000 },
    )
  })
})

describe('the shelves', () => {
  it('are a map in order, of which every earlier state stays as it was', () => {
    const places = fc.integer({ min: 0, max: 2_000 }).map((n) => `id${String(n)}`)
    const steps = fc.array(fc.tuple(places, fc.option(fc.constantFrom<Shelf>([1], [2], [3]))), { maxLength: 60 })
    const bulk = fc.integer({ min: 0, max: 1_200 })
    fc.assert(
      fc.property(bulk, steps, places, fc.boolean(), (size, changes, from, backwards) => {
        const model = new Map<string, Shelf>()
        let shelves = NO_SHELVES
        for (let n = 0; n < size; n += 1) {
          const id = `id${String((n * 7) % 2_000)}`
          shelves = shelve(shelves, id, [1])
          model.set(id, [1])
        }
        const earlier = { shelves, ids: [...model.keys()].sort() }
        for (const [id, shelf] of changes) {
          shelves = shelf === null ? unshelve(shelves, id) : shelve(shelves, id, shelf)
          if (shelf === null) model.delete(id)
          else model.set(id, shelf)
        }

        const walked = (
          state: typeof shelves,
          isSeen: (shelf: Shelf) => boolean,
          start: string | null,
        ): readonly string[] => {
          const found: string[] = []
          walk(state, isSeen, start, backwards, (id) => found.push(id) > 0)
          return backwards ? found.reverse() : found
        }
        const inModel = [...model].sort(([a], [b]) => (a < b ? -1 : 1))
        const isOdd = ([number]: Shelf): boolean => number !== 2
        expect(shelves.size).toBe(model.size)
        expect(shelves.chunks.every(({ ids: each }) => each.length > 0 && each.length <= 512)).toBe(true)
        expect(walked(shelves, () => true, null)).toEqual(inModel.map(([id]) => id))
        expect(walked(shelves, isOdd, from)).toEqual(
          inModel.filter(([id, shelf]) => isOdd(shelf) && (backwards ? id < from : id > from)).map(([id]) => id),
        )
        expect(shelfOf(shelves, from)).toEqual(model.get(from) ?? null)
        expect(walked(earlier.shelves, () => true, null)).toEqual(earlier.ids)
      }),
      { numRuns: 200 },
    )
  })
})

describe('the order of a query', () => {
  it('is one: of any three datasets, the first before the second before the third', () => {
    const query = fc.record({ field: fields, descending: fc.boolean() }).map((sort) => ({ ...EVERYTHING, sort }))
    fc.assert(
      fc.property(query, rows, rows, rows, (by, ...three) => {
        const order = inOrder(by)
        const [a, b, c] = three.map((row) => placeOf(row, by)).sort(order)
        if (a === undefined || b === undefined || c === undefined) throw new Error('three were given')
        expect([order(a, b) <= 0, order(b, c) <= 0, order(a, c) <= 0, order(c, a) >= 0]).toEqual([
          true,
          true,
          true,
          true,
        ])
        expect(Math.sign(order(a, c)) + Math.sign(order(c, a))).toBe(0)
      }),
      { numRuns: 3_000 },
    )
  })
})
