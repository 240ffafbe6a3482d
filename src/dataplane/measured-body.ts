// A body that must be as long as it was announced and no longer than allowed.

import { Readable } from 'node:stream'
import type { ByteStream } from '../kernel/http-call.ts'
import { problem, ProblemError } from '../kernel/problem.ts'

/**
 * Keeps a connection that breaks before somebody reads from becoming an unhandled 'error' event, which would end the process;
 * the reader meets the error all the same. To be called in the tick in which the body arrives.
 */
export function holdErrors(body: ByteStream): void {
  if (body instanceof Readable) body.on('error', () => undefined)
}

export interface BodyMeasure {
  /** What Content-Length said, in bytes; null when nothing did. */
  readonly announced: number | null
  /** The most that is let through, in bytes. */
  readonly bytesMax: number
}

/**
 * The same bytes; fails before it passes a piece that goes over a bound (`body.too-large`, or `data.cut` when more comes than
 * was announced), and at the end when bytes are missing (`data.cut`).
 */
export function measuredBody(body: ByteStream, { announced, bytesMax }: BodyMeasure): ByteStream {
  return {
    async *[Symbol.asyncIterator]() {
      let bytes = 0
      for await (const piece of body) {
        bytes += piece.byteLength
        if (bytes > bytesMax) throw new ProblemError(problem('body.too-large', `expected at most ${bytesMax} bytes`))
        if (announced !== null && bytes > announced) throw cut(announced, `at least ${bytes}`)
        yield piece
      }
      if (announced !== null && bytes < announced) throw cut(announced, String(bytes))
    },
    destroy: (error) => body.destroy(error),
  }
}

function cut(announced: number, got: string): ProblemError {
  return new ProblemError(problem('data.cut', `expected ${announced} bytes, got ${got}`))
}

/** The number in a Content-Length header (RFC 9110, 8.6), or null when there is none that is one plain number. */
export function contentLength(header: string | undefined): number | null {
  return header !== undefined && /^\d{1,15}$/.test(header) ? Number(header) : null
}
