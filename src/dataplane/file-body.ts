// The bytes of an open file as a stream that reads only when asked, and that notices when the file changes under it.

import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { sourceProblem } from './opened-source.ts'

/** How much is read at a time, in bytes: large enough to be quick, small enough that a thousand readers are 64 MiB. */
const CHUNK_BYTES = 65_536

/**
 * Exactly the bytes that `opened` promises, then closes the handle; closes it on destroy too. Fails when the file is shorter
 * or longer than it was, or was written to meanwhile: half of the old and half of the new content is no content.
 */
export function fileBody(handle: FileHandle, opened: BigIntStats): Readable {
  const size = Number(opened.size)
  let position = 0

  const next = async (): Promise<Buffer | null> => {
    if (position < size) {
      const length = Math.min(CHUNK_BYTES, size - position)
      const { bytesRead, buffer } = await handle.read(Buffer.allocUnsafe(length), 0, length, position)
      if (bytesRead === 0)
        throw sourceProblem('source.unavailable', `the file ended after ${position} of ${size} bytes`)
      position += bytesRead
      return buffer.subarray(0, bytesRead)
    }
    const now = await handle.stat({ bigint: true })
    if (now.size !== opened.size || now.mtimeNs !== opened.mtimeNs) {
      throw sourceProblem('source.unavailable', 'the file changed while it was read')
    }
    return null
  }

  return new Readable({
    highWaterMark: CHUNK_BYTES,
    read() {
      next().then(
        (chunk) => this.push(chunk),
        (error: unknown) => this.destroy(error instanceof Error ? error : new Error(String(error))),
      )
    },
    destroy(error, done) {
      handle.close().then(
        () => done(error),
        (closing: unknown) => done(error ?? (closing instanceof Error ? closing : new Error(String(closing)))),
      )
    },
  })
}
