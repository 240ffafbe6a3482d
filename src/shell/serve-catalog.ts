// The catalogue for one participant: what it may see, a page at a time, and nothing that tells of the rest.

import { describeCatalog, describeDataset } from '../domain/catalog/describe.ts'
import { factsOn, offersOn, visibilityOf } from '../domain/catalog/offers.ts'
import type { CatalogQuery } from '../domain/catalog/query.ts'
import { fitsQuery, inOrder } from '../domain/catalog/query-match.ts'
import type { DatasetRow, Reader } from '../domain/ledger.ts'
import type { Clock } from '../kernel/time.ts'
import type { Catalog, Dataset, RootDataset } from '../protocol/dsp/messages.ts'
import { DSP_CONTEXT } from '../protocol/dsp/messages.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import type { Definitions } from './ports.ts'

export interface ServeCatalogOptions {
  readonly reader: Reader
  readonly definitions: Definitions
  readonly clock: Clock
  readonly self: ParticipantId
  /** Our DSP base. */
  readonly base: string
  /** How many datasets a page holds at the most. */
  readonly pageSize: number
}

/** Where a page begins: behind or before a dataset in the order of ids, or at a place in the order of a query. */
export type Cursor = { readonly after: string } | { readonly before: string } | { readonly offset: number }

export interface CatalogPage {
  readonly catalog: Catalog
  readonly next: Cursor | null
  readonly previous: Cursor | null
}

export interface ServeCatalog {
  readonly page: (participant: ParticipantId, query: CatalogQuery, cursor: Cursor | null) => CatalogPage
  /** Null where there is no such dataset, or none that this participant may see. */
  readonly dataset: (participant: ParticipantId, id: string) => RootDataset | null
}

/** How many rows are read at a time while looking for visible ones. */
const SCAN_ROWS = 200

export function createServeCatalog({
  reader,
  definitions,
  clock,
  self,
  base,
  pageSize,
}: ServeCatalogOptions): ServeCatalog {
  function seen(row: DatasetRow, participant: ParticipantId): Dataset | null {
    const facts = factsOn(participant, reader.get('peer', participant), clock())
    const offers = offersOn(row, definitions()).filter((offer) => visibilityOf(offer, facts).visible)
    return offers.length === 0 ? null : describeDataset(row, offers, base)
  }

  /** Every row that the participant may see, from `cursor` on, in the order of ids or against it. */
  function* visible(
    participant: ParticipantId,
    from: string | null,
    backwards: boolean,
  ): Generator<[DatasetRow, Dataset]> {
    let cursor = from
    for (;;) {
      const rows = backwards
        ? reader.datasetsBefore(cursor ?? '', SCAN_ROWS)
        : reader.list('dataset', { after: cursor, limit: SCAN_ROWS })
      for (const row of rows) {
        const dataset = seen(row, participant)
        if (dataset !== null) yield [row, dataset]
      }
      const last = rows.at(-1)
      if (rows.length < SCAN_ROWS || last === undefined) return
      cursor = last.id
    }
  }

  /** At most `limit` of them, and whether there are more. */
  function take(found: Generator<[DatasetRow, Dataset]>, limit: number): { datasets: Dataset[]; more: boolean } {
    const datasets: Dataset[] = []
    for (const [, dataset] of found) {
      if (datasets.length === limit) return { datasets, more: true }
      datasets.push(dataset)
    }
    return { datasets, more: false }
  }

  function pageOfIds(participant: ParticipantId, limit: number, cursor: Cursor | null): CatalogPage {
    const backwards = cursor !== null && 'before' in cursor
    const from = cursor === null || 'offset' in cursor ? null : 'before' in cursor ? cursor.before : cursor.after
    const { datasets, more } = take(visible(participant, from, backwards), limit)
    if (backwards) datasets.reverse()
    const [first, last] = [datasets.at(0)?.['@id'], datasets.at(-1)?.['@id']]
    const hasNext = backwards || more
    const hasPrevious = backwards ? more : from !== null
    return {
      catalog: describeCatalog(self, base, datasets),
      next: hasNext && last !== undefined ? { after: last } : null,
      previous: hasPrevious && first !== undefined ? { before: first } : null,
    }
  }

  /** A query has an order of its own: all that fits is put in order, and a page is cut out of it. */
  function pageOfQuery(
    participant: ParticipantId,
    query: CatalogQuery,
    limit: number,
    cursor: Cursor | null,
  ): CatalogPage {
    const offset = cursor !== null && 'offset' in cursor ? cursor.offset : query.offset
    const fitting = [...visible(participant, null, false)].filter(([row]) => fitsQuery(row, query))
    const ordered = query.sort === null ? fitting : fitting.toSorted(([a], [b]) => inOrder(query)(a, b))
    const datasets = ordered.slice(offset, offset + limit).map(([, dataset]) => dataset)
    return {
      catalog: describeCatalog(self, base, datasets),
      next: offset + limit < ordered.length ? { offset: offset + limit } : null,
      // Not before the place where the query itself begins: a shorter page there would overlap the next one.
      previous: offset > query.offset ? { offset: Math.max(query.offset, offset - limit) } : null,
    }
  }

  return {
    page: (participant, query, cursor) => {
      const limit = Math.max(1, Math.min(query.limit ?? pageSize, pageSize))
      const isPlain = query.sort === null && query.criteria.length === 0 && query.offset === 0
      const byId = isPlain && (cursor === null || !('offset' in cursor))
      return byId ? pageOfIds(participant, limit, cursor) : pageOfQuery(participant, query, limit, cursor)
    },
    dataset: (participant, id) => {
      const row = reader.get('dataset', id)
      const dataset = row === null ? null : seen(row, participant)
      return dataset === null ? null : { ...dataset, '@context': [DSP_CONTEXT], '@type': 'Dataset' }
    },
  }
}
