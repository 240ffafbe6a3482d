// The datasets in the order of their ids, each on the shelf of the offers that stand on it. A value: every edit gives a new
// one that shares nearly all of the old, so that a page in the making goes on with the one that it began with.

/** The bundles of offers that stand on a dataset. Datasets with the same ones share one list. */
export type Shelf = readonly number[]

export interface Shelves {
  /** In the order of the ids (UTF-16 code units), none of them empty. */
  readonly chunks: readonly Chunk[]
  readonly size: number
}

interface Chunk {
  readonly ids: readonly string[]
  readonly shelves: readonly Shelf[]
}

export const NO_SHELVES: Shelves = { chunks: [], size: 0 }

/** An edit copies one chunk, and the list of the chunks. */
const CHUNK_MAX = 512

/** Puts a dataset where it belongs; one that is there already changes its shelf. */
export function shelve({ chunks, size }: Shelves, id: string, shelf: Shelf): Shelves {
  const at = Math.max(0, chunkBefore(chunks, id))
  const { ids, shelves } = chunks[at] ?? { ids: [], shelves: [] }
  const place = placeOf(ids, id)
  if (ids[place] === id) {
    if (shelves[place] === shelf) return { chunks, size }
    return { chunks: chunks.with(at, { ids, shelves: shelves.with(place, shelf) }), size }
  }
  const grown = { ids: ids.toSpliced(place, 0, id), shelves: shelves.toSpliced(place, 0, shelf) }
  return { chunks: chunks.toSpliced(at, 1, ...split(grown, place)), size: size + 1 }
}

/** Takes a dataset out; nothing happens where it is not there. */
export function unshelve({ chunks, size }: Shelves, id: string): Shelves {
  const at = chunkBefore(chunks, id)
  const chunk = chunks[at]
  const place = chunk === undefined ? -1 : placeOf(chunk.ids, id)
  if (chunk === undefined || chunk.ids[place] !== id) return { chunks, size }
  const left = { ids: chunk.ids.toSpliced(place, 1), shelves: chunk.shelves.toSpliced(place, 1) }
  return { chunks: left.ids.length === 0 ? chunks.toSpliced(at, 1) : chunks.with(at, left), size: size - 1 }
}

/** The shelf of a dataset, or null where it is on none. */
export function shelfOf({ chunks }: Shelves, id: string): Shelf | null {
  const chunk = chunks[chunkBefore(chunks, id)]
  const place = chunk === undefined ? -1 : placeOf(chunk.ids, id)
  return chunk?.ids[place] === id ? (chunk.shelves[place] ?? null) : null
}

/**
 * Goes over the ids on the shelves for which `isSeen`, upwards after `from` or downwards before it (null: from the respective
 * end), until `visit` says false. Its cost is a look at each shelf on the way: 0.3 ms for 100,000 datasets of which none is seen.
 */
export function walk(
  { chunks }: Shelves,
  isSeen: (shelf: Shelf) => boolean,
  from: string | null,
  backwards: boolean,
  visit: (id: string) => boolean,
): void {
  const step = backwards ? -1 : 1
  let at = from === null ? (backwards ? chunks.length - 1 : 0) : Math.max(0, chunkBefore(chunks, from))
  let isFirst = from !== null
  for (let chunk = chunks[at]; chunk !== undefined; at += step, chunk = chunks[at]) {
    const { ids, shelves } = chunk
    let place = backwards ? ids.length - 1 : 0
    if (isFirst && from !== null) {
      const found = placeOf(ids, from)
      place = backwards ? found - 1 : ids[found] === from ? found + 1 : found
      isFirst = false
    }
    for (let shelf = shelves[place]; shelf !== undefined; place += step, shelf = shelves[place]) {
      const id = ids[place]
      if (id === undefined || (isSeen(shelf) && !visit(id))) return
    }
  }
}

/** The last chunk that begins at this id or before it; -1 where all begin after it. */
function chunkBefore(chunks: readonly Chunk[], id: string): number {
  let [low, high] = [0, chunks.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const first = chunks[middle]?.ids[0]
    if (first !== undefined && first <= id) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Where the id stands, or would stand. */
function placeOf(ids: readonly string[], id: string): number {
  let [low, high] = [0, ids.length]
  while (low < high) {
    const middle = (low + high) >> 1
    const found = ids[middle]
    if (found !== undefined && found < id) low = middle + 1
    else high = middle
  }
  return low
}

/** A chunk that grew at its end is cut there: whoever publishes in the order of ids leaves full chunks behind. */
function split(chunk: Chunk, grewAt: number): readonly Chunk[] {
  const { ids, shelves } = chunk
  if (ids.length <= CHUNK_MAX) return [chunk]
  const at = grewAt === ids.length - 1 ? CHUNK_MAX : ids.length >> 1
  return [
    { ids: ids.slice(0, at), shelves: shelves.slice(0, at) },
    { ids: ids.slice(at), shelves: shelves.slice(at) },
  ]
}
