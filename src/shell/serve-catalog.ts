// The catalogue for one participant: what it may see, a page at a time, and nothing that tells of the rest.

import { candidatesOf } from '../domain/catalog/candidates.ts'
import { beginning, type Cursor } from '../domain/catalog/cursor.ts'
import { describeCatalog, describeDataset } from '../domain/catalog/describe.ts'
import { linksOf, type Found, type Links } from '../domain/catalog/links.ts'
import { offersOn, toCatalogOffer, wireRulesOf } from '../domain/catalog/offers.ts'
import type { CatalogQuery } from '../domain/catalog/query.ts'
import { shelfOf } from '../domain/catalog/shelves.ts'
import { seesShelf } from '../domain/catalog/view.ts'
import type { DatasetRow, Reader } from '../domain/ledger.ts'
import type { OfferDefinition } from '../domain/policy/offer-definition.ts'
import { DSP_CONTEXT, type Catalog, type Dataset, type RootDataset } from '../protocol/dsp/messages.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import { spelt, type Spellings } from '../protocol/odrl/spelling.ts'
import type { Rules } from '../protocol/odrl/types.ts'
import { findById, findSorted, isBeside, type FindBounds } from './find-datasets.ts'
import type { Pause } from './ports.ts'
import type { Seen, SeenBy } from './remember-views.ts'

export interface ServeCatalogOptions {
  readonly reader: Reader
  readonly seenBy: SeenBy
  readonly pause: Pause
  readonly self: ParticipantId
  /** Our DSP base. */
  readonly base: string
  readonly bounds: CatalogBounds
  readonly spellings: Spellings
}

export interface CatalogBounds extends FindBounds {
  /** How many datasets a page holds at the most. */
  readonly pageSize: number
  /** What the datasets of a page may weigh, before compression. One always goes, whatever it weighs. */
  readonly pageBytesMax: number
}

/** A page weighs at most half of what peers take by default. */
export const CATALOG_BOUNDS: CatalogBounds = {
  pageSize: 50,
  pageBytesMax: 524_288,
  rowsPerPageMax: 2_000,
  sortedRowsMax: 5_000,
  sliceRows: 250,
}

export interface CatalogPage extends Links {
  readonly catalog: Catalog
}

export interface ServeCatalog {
  /** `cursor`: null for the first page. Throws `filter.unsupported` for an order that would cost too much. */
  readonly page: (participant: ParticipantId, query: CatalogQuery, cursor: Cursor | null) => Promise<CatalogPage>
  /** Null where there is no such dataset, or none that this participant may see. */
  readonly dataset: (participant: ParticipantId, id: string) => Promise<RootDataset | null>
}

/** What a dataset weighs beside its properties, its offers and its formats, and each format. */
const FRAME_BYTES = 200

interface Described {
  readonly row: DatasetRow
  /** Null where nothing of it is seen any more. */
  readonly dataset: Dataset | null
  readonly bytes: number
}

interface WireRules {
  readonly rules: Rules
  readonly bytes: number
}

export function createServeCatalog(options: ServeCatalogOptions): ServeCatalog {
  const { reader, seenBy, pause, self, base, bounds, spellings } = options
  const { pageSize, pageBytesMax } = bounds
  // Made at the first page that shows an offer, gone with the offer: the next generation has definitions of its own.
  const wire = new WeakMap<OfferDefinition, WireRules>()

  function wireOf(definition: OfferDefinition): WireRules {
    const known = wire.get(definition)
    if (known !== undefined) return known
    const rules = wireRulesOf(definition)
    const made = { rules, bytes: bytesOf(rules) }
    wire.set(definition, made)
    return made
  }

  /** The shelves chose it; the row itself decides, should it have changed since. */
  function describe(row: DatasetRow, { generation, view }: Seen): Described {
    const offers = offersOn(row, generation.index).filter(({ place }) => view.offers[place] === 1)
    if (offers.length === 0) return { row, dataset: null, bytes: 0 }
    const dataset = describeDataset(
      row,
      offers.map((offer) => toCatalogOffer(offer, wireOf(offer.definition).rules)),
      base,
    )
    const ofOffers = offers.reduce((sum, { id, definition }) => sum + id.length + wireOf(definition).bytes, 0)
    return { row, dataset, bytes: bytesOf(row.properties) + ofOffers + FRAME_BYTES * (1 + row.formats.length) }
  }

  /** The rows as they are shown. A page that would weigh too much ends before. */
  function describeAll(found: Found<DatasetRow>, seen: Seen): Found<Described> {
    const rows: Described[] = []
    let bytes = 0
    for (const row of found.rows) {
      const described = describe(row, seen)
      bytes += described.bytes
      if (rows.length > 0 && bytes > pageBytesMax) return { ...found, rows, ended: 'full' }
      rows.push(described)
    }
    return { ...found, rows }
  }

  function pageOf(
    participant: ParticipantId,
    { rows }: Found<Described>,
    links: Links,
    isUpwards: boolean,
  ): CatalogPage {
    const datasets = rows.flatMap(({ dataset }) => dataset ?? [])
    const catalog = describeCatalog(self, base, isUpwards ? datasets : datasets.toReversed())
    return { catalog: spelt(catalog, spellings.get(participant)), ...links }
  }

  return {
    page: async (participant, query, given) => {
      const seen = await seenBy(participant)
      const limit = Math.max(1, Math.min(query.limit ?? pageSize, pageSize))
      const cursor = given ?? beginning(query.offset)
      const { side } = cursor
      const search = { candidates: candidatesOf(seen.generation.shelves, seen.view, query), query, cursor, limit }
      const ports = { reader, pause, bounds }

      if (query.sort === null || query.sort.field === '@id') {
        const found = describeAll(await findById(search, ports), seen)
        const links = linksOf(
          found,
          ({ row }) => ({ id: row.id, key: null }),
          side,
          (place) => given !== null && isBeside(search, found.start, place),
        )
        return pageOf(participant, found, links, side === 'after')
      }
      const sorted = await findSorted(search, ports)
      const places = new Map(sorted.rows.map(({ row, place }) => [row.id, place]))
      const found = describeAll({ ...sorted, rows: sorted.rows.map(({ row }) => row) }, seen)
      const links = linksOf(
        found,
        ({ row }) => places.get(row.id) ?? { id: row.id, key: null },
        side,
        () => sorted.isBeside,
      )
      return pageOf(participant, found, links, side === 'after')
    },

    dataset: async (participant, id) => {
      const seen = await seenBy(participant)
      // What is hidden takes the way of what is unknown: its row is not even read.
      const shelf = shelfOf(seen.generation.shelves, id)
      const row = shelf !== null && seesShelf(seen.view, shelf) ? reader.get('dataset', id) : null
      const dataset = row === null ? null : describe(row, seen).dataset
      if (dataset === null) return null
      return spelt({ ...dataset, '@context': [DSP_CONTEXT], '@type': 'Dataset' }, spellings.get(participant))
    },
  }
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value))
}
