// The rest of a data path, /data/<transferId>/<rest>, as segments that can only lead downwards.

import type { Result } from '../kernel/problem.ts'
import { bad, good } from '../kernel/problem.ts'

/** The longest rest path in characters as they came, and the longest segment in bytes (the limit of common file systems). */
const REST_LENGTH_MAX = 1_024
const SEGMENT_BYTES_MAX = 255

// What a segment may still hold after decoding once and a careless server behind us would decode again: . / \ and NUL.
const ENCODED_TWICE = /%(?:2e|2f|5c|00)/i

/**
 * The segments of the path as it came, percent-encoded and without a slash before it; none for ''. Decoded once. Refuses with
 * `request.malformed` whatever could climb or mean another path to someone else: empty segments (so absolute paths too),
 * `.` and `..` in any encoding, encoded slashes, backslashes, control characters, bad or double encoding.
 */
export function readRestPath(rest: string): Result<readonly string[]> {
  if (rest === '') return good([])
  if (rest.length > REST_LENGTH_MAX) return refused(`longer than ${REST_LENGTH_MAX} characters`)

  const segments: string[] = []
  for (const encoded of rest.split('/')) {
    const segment = decoded(encoded)
    if (segment === null) return refused('not percent-encoded UTF-8')
    if (segment === '' || segment === '.' || segment === '..') return refused("empty, '.' or '..' segment")
    if (/[/\\\p{Cc}]/u.test(segment)) return refused('slash, backslash or control character in a segment')
    if (ENCODED_TWICE.test(segment)) return refused('encoded twice')
    if (Buffer.byteLength(segment) > SEGMENT_BYTES_MAX) return refused(`segment over ${SEGMENT_BYTES_MAX} bytes`)
    segments.push(segment)
  }
  return good(segments)
}

function decoded(segment: string): string | null {
  try {
    const text = decodeURIComponent(segment)
    return text.isWellFormed() ? text : null
  } catch {
    return null
  }
}

function refused(what: string): ReturnType<typeof bad> {
  return bad('request.malformed', `expected a plain path below the data: ${what}`, 'path')
}
