// Time as a number that is passed in: milliseconds since the epoch, and the RFC 3339 text of it.

import type { Brand } from './brand.ts'

/** Milliseconds since 1970-01-01T00:00:00Z. Read from a clock in `main` only, and handed down. */
export type Instant = Brand<number, 'Instant'>

/** Says what time it is. The only way anything below `app` learns it. */
export type Clock = () => Instant

export function instant(epochMs: number): Instant {
  return epochMs as Instant
}

export function later(at: Instant, ms: number): Instant {
  return (at + ms) as Instant
}

/** `2026-01-31T08:00:00.123Z`: RFC 3339 in UTC, with milliseconds. */
export function toIso(at: Instant): string {
  return new Date(at).toISOString()
}

/** `2026-01-31T08:00:00Z`: without fractions, as EDC parses an Agreement's timestamp. */
export function toIsoSeconds(at: Instant): string {
  return toIso(at).replace(/\.\d{3}Z$/, 'Z')
}
