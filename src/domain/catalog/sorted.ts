// A page of a query that has an order of its own, cut out of everything that fits.

import type { Cursor, Place } from './cursor.ts'
import type { Found } from './links.ts'

export interface Standing<Row> {
  readonly place: Place
  readonly row: Row
}

export interface SortedPage<Row> extends Found<Standing<Row>> {
  /** Whether something stands before the page, seen in the direction in which it was looked for. */
  readonly isBeside: boolean
}

/** @param standing everything that fits, in order */
export function cutSorted<Row>(
  standing: readonly Standing<Row>[],
  { side, place, start: given, skip }: Cursor,
  limit: number,
  inOrder: (a: Place, b: Place) => number,
): SortedPage<Row> {
  const start = given ?? standing[skip - 1]?.place ?? null
  const firstAfter = (at: Place): number => countWhile(standing, (each) => inOrder(each.place, at) <= 0)
  const lower = start === null ? Math.min(skip, standing.length) : firstAfter(start)
  const about = { lookedTo: null, start, skip: 0 } as const

  if (side === 'after') {
    const from = place === null ? lower : Math.max(lower, firstAfter(place))
    const rows = standing.slice(from, from + limit)
    const ended = from + limit < standing.length ? 'full' : 'end'
    return { ...about, rows, ended, isBeside: from > lower }
  }
  const to = place === null ? standing.length : countWhile(standing, (each) => inOrder(each.place, place) < 0)
  const from = Math.max(lower, to - limit)
  const rows = standing.slice(from, Math.max(from, to)).toReversed()
  return { ...about, rows, ended: from > lower ? 'full' : 'end', isBeside: to < standing.length }
}

function countWhile<T>(list: readonly T[], isSo: (each: T) => boolean): number {
  const end = list.findIndex((each) => !isSo(each))
  return end === -1 ? list.length : end
}
