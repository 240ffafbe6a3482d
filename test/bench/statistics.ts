// Percentiles, medians and rates of what was measured. Pure.

/** The value below which `percent` of the samples lie (nearest rank). Throws without samples: nothing was measured. */
export function percentile(samples: readonly number[], percent: number): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const rank = Math.max(1, Math.ceil((percent / 100) * sorted.length))
  const value = sorted[rank - 1]
  if (value === undefined) throw new Error('there are no samples')
  return value
}

/** The middle one; of an even number the mean of the two in the middle. */
export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b)
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]]
  if (low === undefined || high === undefined) throw new Error('there are no samples')
  return (low + high) / 2
}

/**
 * The median of the quotients of pairs that were measured one right after the other (A B A B): what slows the machine for a
 * while slows both of a pair.
 */
export function pairedRatio(ours: readonly number[], theirs: readonly number[]): number {
  return median(ours.flatMap((value, index) => (theirs[index] === undefined ? [] : [value / theirs[index]])))
}

/** Three significant digits: more would be noise, and would look like knowledge. */
export function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
