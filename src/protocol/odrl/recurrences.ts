// Hours that come again, as `Mon-Fri 09:00-17:00 Asia/Shanghai`: the right operand of `tds:dailyWindow`.

import { instant, type Instant } from '../../kernel/time.ts'

export interface Recurrence {
  /** 0 = Monday … 6 = Sunday. */
  readonly days: readonly number[]
  /** Minutes since midnight; the end is not inside. An end before the begin is of the next day. */
  readonly fromMinute: number
  readonly toMinute: number
  /** An IANA name, or an offset such as +08:00. */
  readonly zone: string
}

const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
const FORM =
  /^(?:((?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)(?:[-,](?:Mon|Tue|Wed|Thu|Fri|Sat|Sun))*) )?([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d) (\S{1,64})$/
const MINUTE_MS = 60_000
const DAY_MINUTES = 24 * 60

/** Null for anything else: without a zone, an unknown one, hours that are none, or a window that is empty. */
export function parseRecurrence(text: string): Recurrence | null {
  const found = FORM.exec(text)
  if (found === null) return null
  const [, days, h1, m1, h2, m2, zone = ''] = found
  const [fromMinute, toMinute] = [Number(h1) * 60 + Number(m1), Number(h2) * 60 + Number(m2)]
  if (toMinute > DAY_MINUTES || fromMinute === toMinute || !isZone(zone)) return null
  const on = daysOf(days)
  return on === null ? null : { days: on, fromMinute, toMinute, zone }
}

/** Whether the instant lies in the window. */
export function isInside({ days, fromMinute, toMinute, zone }: Recurrence, at: Instant): boolean {
  const { day, minute } = localTime(at, zone)
  if (fromMinute < toMinute) return days.includes(day) && minute >= fromMinute && minute < toMinute
  const yesterday = (day + 6) % 7
  return (days.includes(day) && minute >= fromMinute) || (days.includes(yesterday) && minute < toMinute)
}

/**
 * The next instant after `at` at which being inside may change. It is looked for minute by minute of the local clock, at the
 * two bounds of each of the next eight days, because a zone's clock may be put back or forward on the way.
 */
export function nextBound(recurrence: Recurrence, at: Instant): Instant | null {
  const now = isInside(recurrence, at)
  const minuteStart = Math.floor(at / MINUTE_MS) * MINUTE_MS
  let step = minuteStart
  for (let days = 0; days <= 9;) {
    const { minute } = localTime(instant(step), recurrence.zone)
    const waits = [recurrence.fromMinute, recurrence.toMinute % DAY_MINUTES].map(
      (bound) => (bound - minute + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES,
    )
    const wait = Math.min(...waits)
    step += wait * MINUTE_MS
    days += wait / DAY_MINUTES
    if (step > at && isInside(recurrence, instant(step)) !== now) return earliest(recurrence, step, at, now)
  }
  return null
}

/** A clock that was put forward makes a bound come earlier than it was awaited. */
function earliest(recurrence: Recurrence, found: number, at: Instant, now: boolean): Instant {
  let first = found
  while (first - MINUTE_MS > at && isInside(recurrence, instant(first - MINUTE_MS)) !== now) first -= MINUTE_MS
  return instant(first)
}

function daysOf(text: string | undefined): readonly number[] | null {
  if (text === undefined) return [0, 1, 2, 3, 4, 5, 6]
  const days = text.split(',').flatMap((part) => {
    const [first, last, more] = part.split('-').map((name) => DAYS.indexOf(name))
    if (first === undefined || more !== undefined) return []
    const length = last === undefined ? 1 : ((last - first + 7) % 7) + 1
    return Array.from({ length }, (_, index) => (first + index) % 7)
  })
  return days.length === 0 ? null : [...new Set(days)].sort((a, b) => a - b)
}

const FORMATS = new Map<string, Intl.DateTimeFormat>()
const ZONES_KEPT_MAX = 1000

function isZone(zone: string): boolean {
  // Intl would take offsets that no place has.
  if (zone === 'Z' || /^[+-]/.test(zone)) return offsetMinutes(zone) !== null
  try {
    formatOf(zone)
    return true
  } catch {
    return false
  }
}

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = FORMATS.get(timeZone)
  if (known !== undefined) return known
  const made = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  })
  if (FORMATS.size < ZONES_KEPT_MAX) FORMATS.set(timeZone, made)
  return made
}

function offsetMinutes(zone: string): number | null {
  if (zone === 'Z') return 0
  const found = /^([+-])(\d\d):(\d\d)$/.exec(zone)
  if (found === null) return null
  const minutes = Number(found[2]) * 60 + Number(found[3])
  return minutes > 14 * 60 || Number(found[3]) > 59 ? null : (found[1] === '-' ? -1 : 1) * minutes
}

/** The day (0 = Monday) and the minute since midnight that a clock of the zone shows; the zone is one that was parsed. */
export function localTime(at: Instant, zone: string): { readonly day: number; readonly minute: number } {
  const offset = offsetMinutes(zone)
  if (offset !== null) {
    const minutes = Math.floor(at / MINUTE_MS) + offset
    // 1 January 1970 was a Thursday.
    const day = (((Math.floor(minutes / DAY_MINUTES) + 3) % 7) + 7) % 7
    return { day, minute: ((minutes % DAY_MINUTES) + DAY_MINUTES) % DAY_MINUTES }
  }
  const parts = new Map(
    formatOf(zone)
      .formatToParts(new Date(at))
      .map(({ type, value }) => [type, value]),
  )
  return {
    day: DAYS.indexOf(parts.get('weekday') ?? ''),
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  }
}
