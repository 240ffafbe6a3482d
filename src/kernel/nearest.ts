// The known word that a misspelt one was probably meant to be.

/**
 * The word of `known` with the fewest edits to `word` (insert, drop, replace a letter, swap two neighbours; case does not
 * count), the first of equals. Gives `undefined` when nothing is near: more than a third of the letters would change.
 */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const given = word.toLowerCase()
  let best: string | undefined
  let fewest = Math.max(1, Math.floor(given.length / 3)) + 1
  for (const candidate of known) {
    const other = candidate.toLowerCase()
    // The difference in length is a lower bound, and cheap.
    if (Math.abs(other.length - given.length) >= fewest) continue
    const edits = editDistance(given, other)
    if (edits < fewest) {
      best = candidate
      fewest = edits
    }
  }
  return best
}

/** Optimal string alignment distance, in UTF-16 code units; time and space are the product and the width of the two words. */
export function editDistance(a: string, b: string): number {
  let beforeLast: readonly number[] = []
  let last: readonly number[] = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row++) {
    const current = [row]
    for (let column = 1; column <= b.length; column++) {
      const same = a[row - 1] === b[column - 1]
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1]
      const costs = [at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (same ? 0 : 1)]
      if (swapped) costs.push(at(beforeLast, column - 2) + 1)
      current.push(Math.min(...costs))
    }
    beforeLast = last
    last = current
  }
  return at(last, b.length)
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? 0
}
