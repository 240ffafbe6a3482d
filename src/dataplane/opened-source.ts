// What every kind of source looks like once it is open: what is known beforehand, and the bytes.

import type { ByteStream } from '../kernel/http-call.ts'
import type { ProblemCode } from '../kernel/problem.ts'
import { problem, ProblemError } from '../kernel/problem.ts'

export interface SourceRequest {
  /** What follows /data/<transferId>/, still percent-encoded, without a slash before it; '' for none. */
  readonly rest: string
  /** What follows the question mark, still percent-encoded; '' for none. */
  readonly query: string
  readonly method: 'GET' | 'HEAD'
}

export interface OpenedSource {
  readonly mediaType: string
  /** In bytes; null when it is not known before the last byte. */
  readonly size: number | null
  /** As it goes into the header, quotes included; null when the source has none. */
  readonly etag: string | null
  /** `sha-256:<hex>` when it is known before the first byte. */
  readonly digest: string | null
  /** Reads nothing before somebody iterates it. Empty for HEAD. */
  readonly body: ByteStream
  /** Tells the source the digest that a complete delivery of this body had, so that it is known beforehand the next time. */
  readonly learn: (digest: string) => void
  /** Gives back what is open, whether or not the body was read; resolves when it is closed. May be called twice. */
  readonly close: () => Promise<void>
}

export const DEFAULT_MEDIA_TYPE = 'application/octet-stream'

/** A refusal of a source. The sentence goes to the consumer, so it names no path and no URL; `cause` keeps them for the log. */
export function sourceProblem(code: ProblemCode, sentence: string, cause?: unknown): ProblemError {
  return new ProblemError(problem(code, sentence), cause === undefined ? undefined : { cause })
}
