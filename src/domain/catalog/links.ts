// Which pages stand beside a page, seen from what was found for it.

import type { Cursor, Place } from './cursor.ts'

/** What a page came to, in the direction in which it was looked for. */
export interface Found<Row> {
  readonly rows: readonly Row[]
  /** `full`: there may be more. `tired`: as many were looked at as one page may cost. `end`: there is no more. */
  readonly ended: 'full' | 'tired' | 'end'
  /** The last that was looked at and did not fit, where the page is `tired`. */
  readonly lookedTo: Place | null
  readonly start: Place | null
  /** How many are still to be left out. */
  readonly skip: number
}

export interface Links {
  readonly next: Cursor | null
  readonly previous: Cursor | null
}

/**
 * @param side the direction in which the page was looked for
 * @param isBeside whether anything stands on the other side of this place (null: of all of them)
 */
export function linksOf<Row>(
  { rows, ended, lookedTo, start, skip }: Found<Row>,
  placeOf: (row: Row) => Place,
  side: Cursor['side'],
  isBeside: (place: Place | null) => boolean,
): Links {
  const [first, last] = [rows.at(0), rows.at(-1)]
  const onward = ended === 'tired' ? lookedTo : last === undefined ? null : placeOf(last)
  const far: Cursor | null = ended === 'end' ? null : { side, place: onward, start, skip }

  const back = first === undefined ? (ended === 'tired' ? lookedTo : null) : placeOf(first)
  const other = side === 'after' ? 'before' : 'after'
  const near: Cursor | null = skip === 0 && isBeside(back) ? { side: other, place: back, start, skip: 0 } : null
  return side === 'after' ? { next: far, previous: near } : { next: near, previous: far }
}
