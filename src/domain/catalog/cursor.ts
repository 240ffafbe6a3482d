// Where a page of the catalogue begins. A place is known by what stands there, never by its number: what comes or goes
// elsewhere between two pages neither skips nor repeats anything.

/** A dataset's place in the order of a query. */
export interface Place {
  readonly id: string
  /** What it is sorted by; null where that is its id, and where it lacks the property. */
  readonly key: number | string | null
}

export interface Cursor {
  readonly side: 'after' | 'before'
  /** Null: after the beginning, before the end. */
  readonly place: Place | null
  /** The last of those that the query's offset leaves out; null where it leaves out none. No page goes back behind it. */
  readonly start: Place | null
  /** How many are still to be left out, where the page before ended while it was leaving out. */
  readonly skip: number
}

/** The cursor of the first page. */
export function beginning(offset: number): Cursor {
  return { side: 'after', place: null, start: null, skip: offset }
}
