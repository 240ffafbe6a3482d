// Finds the datasets of one page of a catalogue: by id straight away, through a filter row by row, never more than a page may cost.

import type { Candidates } from '../domain/catalog/candidates.ts'
import type { Cursor, Place } from '../domain/catalog/cursor.ts'
import type { Found } from '../domain/catalog/links.ts'
import type { CatalogQuery } from '../domain/catalog/query.ts'
import { fitsQuery, inOrder, placeOf } from '../domain/catalog/query-match.ts'
import { cutSorted, type SortedPage, type Standing } from '../domain/catalog/sorted.ts'
import type { DatasetRow, Reader } from '../domain/ledger.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import type { Pause } from './ports.ts'

export interface Search {
  readonly candidates: Candidates
  readonly query: CatalogQuery
  readonly cursor: Cursor
  /** How many datasets the page holds at the most. */
  readonly limit: number
}

/** What finding the datasets of one page may cost. */
export interface FindBounds {
  /** Rows that are looked at for one page of a filter; then the page ends, and the next one goes on. */
  readonly rowsPerPageMax: number
  /** Rows that are put in an order of their own: every page of it looks at all of them. */
  readonly sortedRowsMax: number
  /** Rows that are looked at without a pause: some milliseconds. */
  readonly sliceRows: number
}

export interface FindPorts {
  readonly reader: Reader
  readonly pause: Pause
  readonly bounds: FindBounds
}

/** A page in the order of the ids, in the direction of the cursor. */
export async function findById(search: Search, ports: FindPorts): Promise<Found<DatasetRow>> {
  return search.query.criteria.length === 0 ? pick(search, ports.reader) : sift(search, ports)
}

/** Everything that is seen fits. */
function pick({ candidates, query, cursor, limit }: Search, reader: Reader): Found<DatasetRow> {
  const { place, skip } = cursor
  const skipped = candidates(place?.id ?? null, isBackwards(query, cursor), skip)
  const last = skipped.at(-1)
  const start = skip > 0 && last !== undefined ? byId(last) : cursor.start
  const ids =
    skipped.length < skip
      ? []
      : within(start, query, cursor, candidates(fromOf(cursor, start), isBackwards(query, cursor), limit + 1))
  const rows = rowsOf(ids.slice(0, limit), reader)
  return { rows, ended: ids.length > limit ? 'full' : 'end', lookedTo: null, start, skip: 0 }
}

/** What is seen is looked at row by row. */
async function sift(
  { candidates, query, cursor, limit }: Search,
  { reader, pause, bounds }: FindPorts,
): Promise<Found<DatasetRow>> {
  const { rowsPerPageMax, sliceRows } = bounds
  const rows: DatasetRow[] = []
  let { start, skip } = cursor
  let from = fromOf(cursor, start)
  for (let looked = 0; looked < rowsPerPageMax; looked += sliceRows) {
    if (looked > 0) await pause()
    const ids = candidates(from, isBackwards(query, cursor), sliceRows)
    const inside = within(cursor.start, query, cursor, ids)
    for (const row of rowsOf(inside, reader)) {
      if (!fitsQuery(row, query)) continue
      if (skip > 0) {
        skip -= 1
        start = byId(row.id)
        continue
      }
      if (rows.length === limit) return { rows, ended: 'full', lookedTo: null, start, skip }
      rows.push(row)
    }
    if (inside.length < sliceRows) return { rows, ended: 'end', lookedTo: null, start, skip: 0 }
    from = inside.at(-1) ?? null
  }
  // Not to link to a page that can only be empty.
  const isOver = within(cursor.start, query, cursor, candidates(from, isBackwards(query, cursor), 1)).length === 0
  if (isOver) return { rows, ended: 'end', lookedTo: null, start, skip: 0 }
  return { rows, ended: 'tired', lookedTo: from === null ? null : byId(from), start, skip }
}

/** A page in the order of a property. Refuses (`filter.unsupported`) to put more datasets in order than a page may cost. */
export async function findSorted(search: Search, ports: FindPorts): Promise<SortedPage<DatasetRow>> {
  const { candidates, query, cursor, limit } = search
  const { sortedRowsMax, sliceRows } = ports.bounds
  const ids = candidates(null, false, sortedRowsMax + 1)
  if (ids.length > sortedRowsMax) {
    const most = `at most ${String(sortedRowsMax)} datasets can be sorted by a property: ask for fewer by their ids, or sort by @id`
    throw new ProblemError(problem('filter.unsupported', most, 'filter[0].sortField'))
  }
  const standing: Standing<DatasetRow>[] = []
  for (let from = 0; from < ids.length; from += sliceRows) {
    if (from > 0) await ports.pause()
    for (const row of rowsOf(ids.slice(from, from + sliceRows), ports.reader))
      if (fitsQuery(row, query)) standing.push({ place: placeOf(row, query), row })
  }
  const order = inOrder(query)
  standing.sort((a, b) => order(a.place, b.place))
  return cutSorted(standing, cursor, limit, order)
}

/** Whether anything is seen beside a place that may be on another page, on the side where this page was not looked for. */
export function isBeside({ candidates, query, cursor }: Search, start: Place | null, place: Place | null): boolean {
  const found = candidates(place?.id ?? null, !isBackwards(query, cursor), 1)
  const back: Cursor = { ...cursor, side: cursor.side === 'after' ? 'before' : 'after' }
  return within(start, query, back, found).length > 0
}

/** Whether the ids are gone through downwards. */
function isBackwards({ sort }: CatalogQuery, { side }: Cursor): boolean {
  return (side === 'before') !== (sort?.descending ?? false)
}

function fromOf({ side, place }: Cursor, start: Place | null): string | null {
  return (place ?? (side === 'after' ? start : null))?.id ?? null
}

/** Those that lie behind the start: it bounds whoever goes back. */
function within(start: Place | null, query: CatalogQuery, { side }: Cursor, ids: readonly string[]): readonly string[] {
  if (start === null || side === 'after') return ids
  const isDescending = query.sort?.descending ?? false
  return ids.filter((id) => (isDescending ? id < start.id : id > start.id))
}

/** In the order of the ids. */
function rowsOf(ids: readonly string[], reader: Reader): readonly DatasetRow[] {
  const rows = new Map(reader.datasetsOf(ids).map((row) => [row.id as string, row]))
  return ids.flatMap((id) => rows.get(id) ?? [])
}

function byId(id: string): Place {
  return { id, key: null }
}
