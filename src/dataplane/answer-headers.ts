// The head of an answer that carries data, or that says why it carries none.

import { contentRange, lengthOf } from '../domain/delivery/range.ts'
import type { OpenedSource } from './opened-source.ts'
import { reprDigest } from './repr-digest.ts'

/** What a source says of itself before the first byte. */
type Known = Omit<OpenedSource, 'body' | 'learn' | 'close'>

/** 206 for a part, 304 for what the requester has already, 416 where the whole has no such part. */
export function answerStatus({ answer, part }: Pick<Known, 'answer' | 'part'>): 200 | 206 | 304 | 416 {
  if (answer === 'not-modified') return 304
  if (answer === 'no-such-range') return 416
  return part === null ? 200 : 206
}

/**
 * With a digest known beforehand the answer has a length and the digest; without, it is chunked and the digest follows as a
 * trailer, so that no answer ends whole without one. A part has a length always, and the digest of the whole (RFC 9530, 3)
 * where that is known beforehand. `canTrail` is false for HEAD and for HTTP/1.0, where there are no trailers and Node refuses
 * to announce them.
 */
export function answerHeaders(opened: Known, canTrail: boolean): Record<string, string> {
  const { answer, mediaType, size, part, etag, lastModified, digest, takesRanges } = opened
  const always = {
    ...(etag !== null && { ETag: etag }),
    ...(lastModified !== null && { 'Last-Modified': lastModified }),
    'Accept-Ranges': takesRanges ? 'bytes' : 'none',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  }
  if (answer === 'not-modified') return always
  if (answer === 'no-such-range')
    return { ...always, ...(size !== null && { 'Content-Range': contentRange(null, size) }) }
  const length = announcedLength(opened)
  return {
    'Content-Type': mediaType,
    ...(length !== null && { 'Content-Length': String(length) }),
    ...(part !== null && size !== null && { 'Content-Range': contentRange(part, size) }),
    ...(size !== null && digest !== null && { 'Repr-Digest': reprDigest(digest) }),
    ...(trails(opened) && canTrail && { Trailer: 'Repr-Digest' }),
    ...always,
  }
}

/** The Content-Length of an answer with a body; null where it has none. */
export function announcedLength({ part, digest, size }: Pick<Known, 'size' | 'digest' | 'part'>): number | null {
  if (part !== null) return lengthOf(part)
  return digest === null ? null : size
}

/** The trailers that `answerHeaders` promised, once the digest is known; none when it stood in the headers. */
export function answerTrailers(
  opened: Pick<Known, 'size' | 'digest' | 'part'>,
  digest: string | null,
): Record<string, string> {
  return trails(opened) && digest !== null ? { 'Repr-Digest': reprDigest(digest) } : {}
}

/** Whether the digest is to be computed while the bytes pass: of a part it would be that of nothing anybody knows. */
export function trails({ size, digest, part }: Pick<Known, 'size' | 'digest' | 'part'>): boolean {
  return part === null && (size === null || digest === null)
}
