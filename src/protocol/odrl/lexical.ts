// The lexical forms of the types that right operands have (XML Schema 1.1, part 2): text in, value or null out.

import { instant, type Instant } from '../../kernel/time.ts'

/** An xsd:duration of zero or more: months and milliseconds, because a month has no fixed length. */
export interface Duration {
  readonly months: number
  readonly ms: number
}

const DATE_TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,12}))?)?(Z|[+-]\d\d:\d\d)$/
const DURATION =
  /^P(?:(\d{1,9})Y)?(?:(\d{1,9})M)?(?:(\d{1,9})D)?(T(?:(\d{1,9})H)?(?:(\d{1,9})M)?(?:(\d{1,9})(?:\.(\d{1,12}))?S)?)?$/

const SECOND_MS = 1000
const MINUTE_MS = 60 * SECOND_MS
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

/** Longer than any contract, and short enough that adding it to an instant stays within what Date can hold. */
const YEARS_MAX = 1000

/**
 * An xsd:dateTime with a zone: without one it would mean another instant at each reader. Seconds may be missing, as in the
 * examples of ODRL and DSP; fractions beyond milliseconds are cut off.
 */
export function parseInstant(text: string): Instant | null {
  const found = DATE_TIME.exec(text)
  if (found === null) return null
  const [, year, month, day, hour, minute, second, fraction, zone] = found
  const [h, m, s, ms] = [Number(hour), Number(minute), Number(second ?? 0), milliseconds(fraction)]
  const offsetMs = zoneMs(zone)
  const endOfDay = h === 24 && m === 0 && s === 0 && ms === 0
  if ((h > 23 && !endOfDay) || m > 59 || s > 59 || offsetMs === null) return null

  // `setUTCFullYear`, because Date.UTC reads the years 0 to 99 as 1900 to 1999.
  const date = new Date(0)
  date.setUTCFullYear(Number(year), Number(month) - 1, Number(day))
  // A day that the month does not have ends up in another month.
  if (date.getUTCMonth() !== Number(month) - 1) return null
  return instant(date.getTime() + h * HOUR_MS + m * MINUTE_MS + s * SECOND_MS + ms - offsetMs)
}

function zoneMs(zone: string | undefined): number | null {
  if (zone === undefined || zone === 'Z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4, 6))]
  if (minutes > 59 || hours * 60 + minutes > 14 * 60) return null
  return (zone.startsWith('-') ? -1 : 1) * (hours * HOUR_MS + minutes * MINUTE_MS)
}

/** An xsd:duration that is not negative and at most a thousand years. `P60M` is 60 months; 60 minutes are `PT60M`. */
export function parseDuration(text: string): Duration | null {
  const found = DURATION.exec(text)
  if (found === null) return null
  const [, years, months, days, time, hours, minutes, seconds, fraction] = found
  if (time === 'T' || text === 'P') return null

  const duration = {
    months: Number(years ?? 0) * 12 + Number(months ?? 0),
    ms:
      Number(days ?? 0) * DAY_MS +
      Number(hours ?? 0) * HOUR_MS +
      Number(minutes ?? 0) * MINUTE_MS +
      Number(seconds ?? 0) * SECOND_MS +
      milliseconds(fraction),
  }
  return duration.months > YEARS_MAX * 12 || duration.ms > YEARS_MAX * 366 * DAY_MS ? null : duration
}

/** The instant when the duration that begins at `from` is over: months first, cut to the last day of the month, in UTC. */
export function addDuration(from: Instant, { months, ms }: Duration): Instant {
  const date = new Date(from)
  const day = date.getUTCDate()
  date.setUTCDate(1)
  date.setUTCMonth(date.getUTCMonth() + months)
  const daysInMonth = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate()
  date.setUTCDate(Math.min(day, daysInMonth))
  return instant(date.getTime() + ms)
}

/** A whole number, 0 or more, that a JavaScript number holds exactly (xsd:nonNegativeInteger up to 15 digits). */
export function parseCount(text: string): number | null {
  return /^\+?\d{1,15}$/.test(text) ? Number(text) : null
}

function milliseconds(fraction: string | undefined): number {
  return Number((fraction ?? '').slice(0, 3).padEnd(3, '0'))
}
