// Hours that come again as minutes of the week of their zone: 0 is the first minute of Monday, 10,079 the last of Sunday.

import { localTime, type Recurrence } from '../../../protocol/odrl/recurrences.ts'
import { instant, type Instant } from '../../../kernel/time.ts'
import { between, complement, intersection, samples, union, wholeNumbers, type Intervals } from './intervals.ts'

const DAY_MINUTES = 1440
const WEEK_MINUTES = 7 * DAY_MINUTES
const MINUTE_MS = 60_000
const WEEK: Intervals = between(0, WEEK_MINUTES - 1)

/** The minutes in the window; one that goes past midnight goes on on the day after. */
export function minutesOf({ days, fromMinute, toMinute }: Omit<Recurrence, 'zone'>): Intervals {
  const end = fromMinute < toMinute ? toMinute : DAY_MINUTES + toMinute
  return days
    .flatMap((day) => {
      const [first, last] = [day * DAY_MINUTES + fromMinute, day * DAY_MINUTES + end - 1]
      // Past the end of Sunday comes Monday.
      return [between(first, Math.min(last, WEEK_MINUTES - 1)), between(0, last - WEEK_MINUTES)]
    })
    .reduce(union, [])
}

/** The minutes of the week that are not among these. */
export function otherMinutes(minutes: Intervals): Intervals {
  return intersection(WEEK, wholeNumbers(complement(minutes)))
}

/**
 * An instant within the week from `start` on at which the clocks of all zones show a minute that is wanted; null where there is
 * none. As if no clock were put back or forward in that week.
 */
export function instantAt(
  wanted: readonly (readonly [zone: string, minutes: Intervals])[],
  start: Instant,
): Instant | null {
  const ahead = wanted.map(([zone, minutes]) => minutesAhead(minutes, zone, start)).reduce(intersection, WEEK)
  const [first] = samples(ahead, [0])
  return first === undefined ? null : instant(start + first * MINUTE_MS)
}

/** How many minutes after `start` the clock of the zone shows one of the minutes. */
function minutesAhead(minutes: Intervals, zone: string, start: Instant): Intervals {
  const { day, minute } = localTime(start, zone)
  const now = day * DAY_MINUTES + minute
  const shifted = (by: number): Intervals => minutes.flatMap(({ low, high }) => between(low + by, high + by))
  return intersection(WEEK, union(shifted(-now), shifted(WEEK_MINUTES - now)))
}
