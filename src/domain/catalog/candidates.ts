// The datasets that a query may be about, for one participant, in the order of their ids.

import type { CatalogQuery, Criterion } from './query.ts'
import { shelfOf, walk, type Shelves } from './shelves.ts'
import { seesShelf, type View } from './view.ts'

/** Up to `limit` ids, upwards after `from` or downwards before it; null: from the respective end. */
export type Candidates = (from: string | null, backwards: boolean, limit: number) => readonly string[]

/** Everything that the participant sees; where the query names ids, only those. */
export function candidatesOf(shelves: Shelves, view: View, { criteria }: CatalogQuery): Candidates {
  const isSeen = (shelf: readonly number[]): boolean => seesShelf(view, shelf)
  const named = idsNamed(criteria)
  if (named === null) {
    return (from, backwards, limit) => {
      const ids: string[] = []
      if (limit > 0) walk(shelves, isSeen, from, backwards, (id) => ids.push(id) < limit)
      return ids
    }
  }

  const seen = named.filter((id) => {
    const shelf = shelfOf(shelves, id)
    return shelf !== null && isSeen(shelf)
  })
  return (from, backwards, limit) => {
    const rest = seen.filter((id) => from === null || (backwards ? id < from : id > from))
    return (backwards ? rest.toReversed() : rest).slice(0, limit)
  }
}

/** The ids of the first criterion that lets only these through, ascending; null where there is none. */
function idsNamed(criteria: readonly Criterion[]): readonly string[] | null {
  const only = criteria.find(({ field, comparator }) => field === '@id' && (comparator === '=' || comparator === 'in'))
  if (only === undefined) return null
  const values = typeof only.value === 'object' ? only.value : [only.value]
  return [...new Set(values.map(String))].sort()
}
