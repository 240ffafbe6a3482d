// What every kind of source looks like once it is open: what is known beforehand, and the bytes.

import { Readable } from 'node:stream'
import type { SourceMethod } from '../domain/delivery/data-source.ts'
import { UNCONDITIONAL, type Conditions } from '../domain/delivery/conditions.ts'
import type { ByteRange } from '../domain/delivery/range.ts'
import type { ByteStream } from '../kernel/http-call.ts'
import type { ProblemCode } from '../kernel/problem.ts'
import { problem, ProblemError } from '../kernel/problem.ts'

export interface SourceRequest {
  /** What follows /data/<transferId>/, still percent-encoded, without a slash before it; '' for none. */
  readonly rest: string
  /** What follows the question mark, still percent-encoded; '' for none. */
  readonly query: string
  readonly method: SourceMethod
  /** Looked at with GET, and with HEAD as far as it is about what the requester knows; absent for none. */
  readonly conditions?: Conditions
  /** What a POST hands to the source; absent for nothing. */
  readonly posted?: Posted
}

/** The body of a POST, and its media type as it came; null where none did. */
export interface Posted {
  readonly mediaType: string | null
  readonly bytes: Uint8Array
}

export interface OpenedSource {
  /** `data`: the body holds it · `not-modified`: the requester has it already · `no-such-range`: the whole has no such part. */
  readonly answer: 'data' | 'not-modified' | 'no-such-range'
  readonly mediaType: string
  /** Of the whole, in bytes; null when it is not known before the last byte. */
  readonly size: number | null
  /** The part of the whole that the body holds; null for all of it. */
  readonly part: ByteRange | null
  /** As it goes into the header, quotes included; null when the source has none. */
  readonly etag: string | null
  /** As it goes into the header (an HTTP-date, RFC 9110, 5.6.7); null when the source has none. */
  readonly lastModified: string | null
  /** Whether a part can be asked for: the source can give one, and has a strong ETag to tell of what. */
  readonly takesRanges: boolean
  /** `sha-256:<hex>` of the whole when it is known before the first byte. */
  readonly digest: string | null
  /** Reads nothing before somebody iterates it. Empty for HEAD, and unless the answer is `data`. */
  readonly body: ByteStream
  /** Takes a piece of the body back whose bytes nobody will look at any more, to read the next one into its memory. */
  readonly recycle?: (piece: Uint8Array) => void
  /** Tells the source the digest that a complete delivery of the whole had, so that it is known beforehand the next time. */
  readonly learn: (digest: string) => void
  /** Gives back what is open, whether or not the body was read; resolves when it is closed. May be called twice. */
  readonly close: () => Promise<void>
}

export const DEFAULT_MEDIA_TYPE = 'application/octet-stream'

/** The conditions that count for this request. */
export function conditionsOf({ method, conditions = UNCONDITIONAL }: SourceRequest): Conditions {
  if (method === 'GET') return conditions
  // A Range field means something with GET alone (RFC 9110, 14.2).
  return { ...UNCONDITIONAL, ifNoneMatch: method === 'HEAD' ? conditions.ifNoneMatch : null }
}

export function nothingToRead(): ByteStream {
  return Readable.from([])
}

/** A refusal of a source. The sentence goes to the consumer, so it names no path and no URL; `cause` keeps them for the log. */
export function sourceProblem(code: ProblemCode, sentence: string, cause?: unknown): ProblemError {
  return new ProblemError(problem(code, sentence), cause === undefined ? undefined : { cause })
}
