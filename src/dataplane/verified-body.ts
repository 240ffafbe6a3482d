// The bytes of a body that was announced with a digest: the last piece is held back until the digest is right, so that whoever
// gets them never takes wrong data for whole.

import type { ByteStream } from '../kernel/http-call.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import { streamingDigest } from './streaming-digest.ts'

export interface VerifiedBody {
  /** Throws `data.digest` in place of the last piece. To be read once. */
  readonly body: AsyncIterable<Uint8Array>
  readonly bytes: () => number
  /** `sha-256:<hex>` of what came; null before the end. */
  readonly digest: () => string | null
}

/** @param announced asked at the end, when a trailer would be there; null where nothing was announced */
export function verifiedBody(source: ByteStream, announced: () => string | null): VerifiedBody {
  let bytes = 0
  let digest: string | null = null

  async function* pieces(): AsyncGenerator<Uint8Array> {
    const computing = streamingDigest()
    let isFinished = false
    let held: Uint8Array | null = null
    try {
      for await (const piece of source) {
        const room = computing.update(piece)
        if (held !== null) yield held
        held = piece
        bytes += piece.byteLength
        if (room !== null) await room
      }
      isFinished = true
      digest = await computing.finish()
    } finally {
      if (!isFinished) computing.drop()
    }
    const expected = announced()
    if (expected !== null && expected !== digest)
      throw new ProblemError(problem('data.digest', `expected ${expected}, got ${digest}`))
    if (held !== null) yield held
  }

  return { body: pieces(), bytes: () => bytes, digest: () => digest }
}
