// Sets of numbers as intervals whose ends may be open, closed or without end: what a comparison leaves of a count or an instant.

export interface Interval {
  readonly low: number
  readonly lowIn: boolean
  readonly high: number
  readonly highIn: boolean
}

/** In rising order, none empty, none touching the next. */
export type Intervals = readonly Interval[]

export const EVERY_NUMBER: Intervals = [{ low: -Infinity, lowIn: false, high: Infinity, highIn: false }]
const NO_NUMBER: Intervals = []

/** From `low` to `high`, both in; nothing where they are the wrong way round. */
export function between(low: number, high: number): Intervals {
  return low > high ? NO_NUMBER : [{ low, lowIn: low !== -Infinity, high, highIn: high !== Infinity }]
}

/** Up to a bound, which is in or not. */
export function upTo(high: number, highIn: boolean): Intervals {
  return [{ low: -Infinity, lowIn: false, high, highIn }]
}

/** From a bound on, which is in or not. */
export function from(low: number, lowIn: boolean): Intervals {
  return [{ low, lowIn, high: Infinity, highIn: false }]
}

/** What is in both. */
export function intersection(a: Intervals, b: Intervals): Intervals {
  const common: Interval[] = []
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [left, right] = [a[i], b[j]]
    if (left === undefined || right === undefined) break
    const both = overlap(left, right)
    if (both !== null) common.push(both)
    // The one that ends first can meet nothing more.
    if (left.high < right.high || (left.high === right.high && !left.highIn)) i += 1
    else j += 1
  }
  return common
}

/** What is not in it. */
export function complement(set: Intervals): Intervals {
  const gaps: Interval[] = []
  let [low, lowIn] = [-Infinity, false]
  for (const each of set) {
    const gap = { low, lowIn, high: each.low, highIn: !each.lowIn && each.low !== -Infinity }
    if (!isHollow(gap)) gaps.push(gap)
    ;[low, lowIn] = [each.high, !each.highIn]
  }
  if (low !== Infinity) gaps.push({ low, lowIn: lowIn && low !== -Infinity, high: Infinity, highIn: false })
  return gaps
}

/** What is in one or both. */
export function union(a: Intervals, b: Intervals): Intervals {
  return complement(intersection(complement(a), complement(b)))
}

export function isSame(a: Intervals, b: Intervals): boolean {
  return (
    a.length === b.length &&
    a.every(({ low, lowIn, high, highIn }, index) => {
      const other = b[index]
      return low === other?.low && lowIn === other.lowIn && high === other.high && highIn === other.highIn
    })
  )
}

/** Only its whole numbers, with closed ends wherever there are ends: `(3, 7)` is `[4, 6]`. */
export function wholeNumbers(set: Intervals): Intervals {
  return set.flatMap(({ low, lowIn, high, highIn }) =>
    between(lowIn ? Math.ceil(low) : Math.floor(low) + 1, highIn ? Math.floor(high) : Math.ceil(high) - 1),
  )
}

/** Whether the number is in the set. */
export function holds(set: Intervals, number: number): boolean {
  return set.some(
    ({ low, lowIn, high, highIn }) =>
      (number > low || (lowIn && number === low)) && (number < high || (highIn && number === high)),
  )
}

/** Its least and its greatest number, or what they come near to; null for the empty set. */
export function ends(set: Intervals): { readonly low: number; readonly high: number } | null {
  const [first, last] = [set[0], set.at(-1)]
  return first === undefined || last === undefined ? null : { low: first.low, high: last.high }
}

/** One number of each interval: of those that are preferred if there are any, else one near its lower end. */
export function samples(set: Intervals, preferred: readonly number[]): readonly number[] {
  return set.map((interval) => preferred.find((number) => holds([interval], number)) ?? pointOf(interval))
}

function pointOf({ low, lowIn, high, highIn }: Interval): number {
  if (lowIn) return low
  if (low === -Infinity) return highIn ? high : high === Infinity ? 0 : high - 1
  if (high - low > 1) return Math.floor(low) + 1
  // Few digits, so that it can be written as a decimal of the policy's own precision.
  const middle = Number(((low + high) / 2).toPrecision(12))
  return middle > low && middle < high ? middle : highIn ? high : (low + high) / 2
}

function overlap(a: Interval, b: Interval): Interval | null {
  const low = Math.max(a.low, b.low)
  const high = Math.min(a.high, b.high)
  const lowIn = (a.low < low || a.lowIn) && (b.low < low || b.lowIn)
  const highIn = (a.high > high || a.highIn) && (b.high > high || b.highIn)
  const both = { low, lowIn, high, highIn }
  return isHollow(both) ? null : both
}

function isHollow({ low, lowIn, high, highIn }: Interval): boolean {
  return low > high || (low === high && !(lowIn && highIn))
}
