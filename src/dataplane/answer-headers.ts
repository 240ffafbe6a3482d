// The headers of an answer that carries data.

import type { OpenedSource } from './opened-source.ts'
import { reprDigest } from './repr-digest.ts'

/** What a source says of itself before the first byte. */
type Known = Pick<OpenedSource, 'mediaType' | 'size' | 'etag' | 'digest'>

/**
 * With a digest known beforehand the answer has a length and the digest; without, it is chunked and the digest follows as a
 * trailer, so that no answer ends whole without one. `canTrail` is false for HEAD and for HTTP/1.0, where there are no trailers
 * and Node refuses to announce them.
 */
export function answerHeaders(opened: Known, canTrail: boolean): Record<string, string> {
  const { mediaType, size, etag, digest } = opened
  return {
    'Content-Type': mediaType,
    ...(size !== null && digest !== null && { 'Content-Length': String(size), 'Repr-Digest': reprDigest(digest) }),
    ...(trails(opened) && canTrail && { Trailer: 'Repr-Digest' }),
    ...(etag !== null && { ETag: etag }),
    'Accept-Ranges': 'none',
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  }
}

/** The trailers that `answerHeaders` promised, once the digest is known; none when it stood in the headers. */
export function answerTrailers(opened: Known, digest: string | null): Record<string, string> {
  return trails(opened) && digest !== null ? { 'Repr-Digest': reprDigest(digest) } : {}
}

function trails({ size, digest }: Known): boolean {
  return size === null || digest === null
}
