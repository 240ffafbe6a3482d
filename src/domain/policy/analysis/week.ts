// Hours that come again as minutes of the week of their zone: 0 is the first minute of Monday, 10,079 the last of Sunday.

import { isInside, type Recurrence } from '../../../protocol/odrl/recurrences.ts'
import { instant, type Instant } from '../../../kernel/time.ts'
import { between, complement, intersection, union, wholeNumbers, type Intervals } from './intervals.ts'

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
 * An instant within the week from `start` on at which the clocks of all zones show a minute that is wanted, whole minutes tried
 * one by one; null where there is none.
 */
export function instantAt(wanted: readonly (readonly [zone: string, minutes: Intervals])[], start: Instant): Instant | null {
  const windows = wanted.map(([zone, minutes]) => ({ zone, recurrences: windowsOf(minutes, zone) }))
  for (let minute = 0; minute < WEEK_MINUTES; minute += STEP_MINUTES) {
    const at = instant(start + minute * MINUTE_MS)
    if (windows.every(({ recurrences }) => recurrences.some((each) => isInside(each, at)))) return at
  }
  return null
}

/** Finer than anybody's hours, and quick enough. */
const STEP_MINUTES = 5

/** The minutes as windows again, cut at midnight. */
function windowsOf(minutes: Intervals, zone: string): readonly Recurrence[] {
  return minutes.flatMap(({ low, high }) =>
    [0, 1, 2, 3, 4, 5, 6].flatMap((day) => {
      const first = Math.max(low, day * DAY_MINUTES) - day * DAY_MINUTES
      const last = Math.min(high, (day + 1) * DAY_MINUTES - 1) - day * DAY_MINUTES
      return first > last ? [] : [{ days: [day], fromMinute: first, toMinute: last + 1, zone }]
    }),
  )
}
