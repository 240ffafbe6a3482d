// What holds between different facts, so that a box is empty although each of its domains has something in it.
//
// Only what the evaluator's own facts keep: the time of use may be longer than the age of the agreement, because deliveries that
// run side by side are added up, and before the first use the pause is endless. Neither axiom of the ODRL vocabulary is used.

import { ends, type Intervals } from './intervals.ts'
import type { NumberFact } from './numbers.ts'
import type { Box } from './domains.ts'
import type { Space } from './space.ts'

const DAY_MS = 86_400_000
/** The mean of the Gregorian calendar. */
const MONTH_DAYS = 30.436_875
/** More than any number of months differs from so many mean ones, days that a short month has not included. */
const MONTHS_OFF_DAYS = 8

interface Measure {
  readonly fact: NumberFact
  readonly values: Intervals
  readonly orMissing: boolean
}

/** Whether no situation at all lies in the box. */
export function contradicts(box: Box, { numbers }: Space): boolean {
  const ages: Measure[] = []
  const rates: Measure[] = []
  for (const [key, domain] of box) {
    const fact = numbers.get(key)
    if (fact === undefined || domain.kind !== 'numbers') continue
    if (fact.left === 'elapsedTime') ages.push({ fact, ...domain })
    if (fact.periodMs !== null) rates.push({ fact, ...domain })
  }
  return areContrary(ages, isOutOfCalendar) || areContrary(rates, isMoreInLess)
}

/** Several measures of one thing: whoever knows one of them knows all. */
function areContrary(measures: readonly Measure[], areOdd: (a: Range, b: Range) => boolean): boolean {
  if (measures.every(({ orMissing }) => orMissing)) return false
  const ranges = measures.flatMap(({ fact, values }) => {
    const range = ends(values)
    return range === null ? [] : [{ fact, ...range }]
  })
  if (ranges.length < measures.length) return true
  return ranges.some((a, index) => ranges.slice(index + 1).some((b) => areOdd(a, b)))
}

interface Range {
  readonly fact: NumberFact
  readonly low: number
  readonly high: number
}

/** In a longer window lie at least as many uses as in a shorter one. */
function isMoreInLess(a: Range, b: Range): boolean {
  const [shorter, longer] = (a.fact.periodMs ?? 0) <= (b.fact.periodMs ?? 0) ? [a, b] : [b, a]
  return shorter.low > longer.high
}

/** The same age with more months taken off is less by about that many months. */
function isOutOfCalendar(a: Range, b: Range): boolean {
  const [more, fewer] = a.fact.months >= b.fact.months ? [a, b] : [b, a]
  const days = (more.fact.months - fewer.fact.months) * MONTH_DAYS
  const least = (days - MONTHS_OFF_DAYS) * DAY_MS
  const most = (days + MONTHS_OFF_DAYS) * DAY_MS
  return fewer.high - more.low < least || fewer.low - more.high > most
}
