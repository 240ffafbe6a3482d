// What a request knows already, and under which state alone it wants a part: entity tags and conditions (RFC 9110, 8.8 and 13).

import { readRange, resolveRange, type ByteRange, type RangeSpec } from './range.ts'

export interface Conditions {
  /** The part that is wanted; null for the whole. */
  readonly range: RangeSpec | null
  /** The strong ETag of the representation of which it is to be a part; null where any will do. */
  readonly ifRange: string | null
  /** The tags that the requester has, as they came; null where it has none. */
  readonly ifNoneMatch: string | null
}

export const UNCONDITIONAL: Conditions = { range: null, ifRange: null, ifNoneMatch: null }

const FIELD_LENGTH_MAX = 4_096
const STRONG = /^"[\x21\x23-\x7e]{0,256}"$/
const TAG = /(?:W\/)?"[\x21\x23-\x7e]{0,256}"/g
const TAGS = /^[ \t]*(?:\*|(?:W\/)?"[\x21\x23-\x7e]{0,256}"(?:[ \t]*,[ \t]*(?:W\/)?"[\x21\x23-\x7e]{0,256}")*)[ \t]*$/

/**
 * The conditions in the fields of a GET. A Range whose If-Range is a date or a weak tag is left out, so that the whole is
 * sent (13.1.5): a second of the clock does not tell two states apart. If-None-Match that cannot be read is left out too.
 * If-Modified-Since is not looked at, for the same reason as the date.
 */
export function readConditions(fields: {
  readonly range: string | undefined
  readonly ifRange: string | undefined
  readonly ifNoneMatch: string | undefined
}): Conditions {
  const { ifNoneMatch } = fields
  const ifRange = fields.ifRange?.trim()
  const counts = ifRange === undefined || isStrong(ifRange)
  const isReadable = ifNoneMatch !== undefined && ifNoneMatch.length <= FIELD_LENGTH_MAX && TAGS.test(ifNoneMatch)
  return {
    range: counts ? readRange(fields.range) : null,
    ifRange: counts ? (ifRange ?? null) : null,
    ifNoneMatch: isReadable ? ifNoneMatch : null,
  }
}

/** What a source that holds this state answers: all of it, a part, nothing because it is known, or nothing there is. */
export type Selected =
  | { readonly answer: 'data'; readonly part: ByteRange | null }
  | { readonly answer: 'not-modified' | 'no-such-range'; readonly part: null }

/** If-None-Match goes before Range (13.2.2). Without a strong ETag the whole is sent: parts of two states would not fit. */
export function select(conditions: Conditions, etag: string | null, size: number): Selected {
  const { range, ifRange } = conditions
  if (isKnown(conditions, etag)) return { answer: 'not-modified', part: null }
  if (range === null || !isStrong(etag) || (ifRange !== null && ifRange !== etag)) return { answer: 'data', part: null }
  const part = resolveRange(range, size)
  return part === null ? { answer: 'no-such-range', part } : { answer: 'data', part }
}

/** Whether the requester has this state already: weak comparison (8.8.3.2), and `*` for any state. */
export function isKnown({ ifNoneMatch }: Conditions, etag: string | null): boolean {
  if (ifNoneMatch === null) return false
  if (ifNoneMatch.trim() === '*') return true
  const opaque = (tag: string): string => tag.replace(/^W\//, '')
  return etag !== null && (ifNoneMatch.match(TAG) ?? []).some((tag) => opaque(tag) === opaque(etag))
}

/** Whether the tag tells two states apart byte for byte. */
export function isStrong(etag: string | null): etag is string {
  return etag !== null && STRONG.test(etag)
}
