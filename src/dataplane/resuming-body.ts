// A body that goes on where its connection broke, as long as it is still the same data: asked for again with Range and If-Range.

import { setTimeout as wait } from 'node:timers/promises'
import { isStrong } from '../domain/delivery/conditions.ts'
import { readContentRange } from '../domain/delivery/range.ts'
import { backoffMs } from '../kernel/backoff.ts'
import type { ByteStream, HttpStreamResponse } from '../kernel/http-call.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import { holdErrors } from './measured-body.ts'

/** Attempts without a single byte between them. */
const ATTEMPTS_MAX = 5
/** The first pause also lets the provider notice that the connection is gone: what runs is set aside under the same use. */
const BACKOFF = { firstMs: 1_000, maxMs: 10_000 }

/** Rejects when the signal is aborted meanwhile. */
export type Pause = (ms: number, signal: AbortSignal) => Promise<unknown>

const asTimePasses: Pause = (ms, signal) => wait(ms, undefined, { signal })

export interface ResumingOptions {
  /** How many bytes came before `first`, which begins there. */
  readonly from: number
  readonly signal: AbortSignal
  /** Lets that time pass before it is tried again. */
  readonly pause?: Pause | undefined
  /** Asks for everything from `offset` on, if the data is still that of `etag`. */
  readonly askFrom: (offset: number, etag: string) => Promise<HttpStreamResponse>
}

export interface Resuming {
  readonly body: ByteStream
  /** The answer whose body is read now. */
  readonly latest: () => HttpStreamResponse
}

/** The strong ETag under which parts of an answer can be asked for; null where the sender offers none. */
export function resumableTag({ headers }: Pick<HttpStreamResponse, 'headers'>): string | null {
  const etag = headers['etag'] ?? null
  return isStrong(etag) && headers['accept-ranges'] === 'bytes' ? etag : null
}

/** Whether this is everything from `offset` on, of the data that `etag` names. */
export function goesOnFrom({ status, headers }: HttpStreamResponse, offset: number, etag: string): boolean {
  const range = readContentRange(headers['content-range'])
  const isRest = range !== null && range.part?.first === offset && range.part.last === range.size - 1
  return status === 206 && isRest && headers['etag'] === etag
}

/** The bytes of `first`, and what is missing of them. Where parts are not offered, a connection that breaks is the end. */
export function resumingBody(
  first: HttpStreamResponse,
  { from, signal, pause = asTimePasses, askFrom }: ResumingOptions,
): Resuming {
  const etag = resumableTag(first)
  let latest = first
  let offset = from

  async function askAgain(tag: string): Promise<HttpStreamResponse> {
    const answer = await askFrom(offset, tag)
    holdErrors(answer.body)
    if (goesOnFrom(answer, offset, tag)) return answer
    answer.body.destroy()
    const sentence = `the connection broke after ${String(offset)} bytes, and the data cannot be continued (${String(answer.status)})`
    throw new ProblemError(problem('data.cut', sentence))
  }

  async function* pieces(): AsyncGenerator<Uint8Array> {
    for (let failures = 0; ;) {
      try {
        for await (const piece of latest.body) {
          offset += piece.byteLength
          failures = 0
          yield piece
        }
        return
      } catch (error) {
        if (etag === null || signal.aborted || !isBroken(error)) throw error
        for (let answer: HttpStreamResponse | null = null; answer === null;) {
          failures += 1
          if (failures > ATTEMPTS_MAX) throw error
          await pause(backoffMs(BACKOFF, failures, 0), signal)
          answer = await askAgain(etag).catch((again: unknown) => {
            if (isBroken(again) && !signal.aborted) return null
            throw again
          })
          if (answer !== null) latest = answer
        }
      }
    }
  }

  return {
    body: {
      [Symbol.asyncIterator]: pieces,
      destroy: (error) => latest.body.destroy(error),
    },
    latest: () => latest,
  }
}

/** A connection that ended early, or could not be had: anything else is said by somebody, and asking again changes nothing. */
function isBroken(error: unknown): boolean {
  return !(error instanceof ProblemError) || error.problem.code === 'peer.unreachable'
}
