// The bytes of an open file as a stream that reads only when asked, and that notices when the file changes under it.

import type { BigIntStats } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { Readable } from 'node:stream'
import type { ByteRange } from '../domain/delivery/range.ts'
import { sourceProblem } from './opened-source.ts'

/** How much is read at a time, in bytes: large enough to be quick, small enough that a thousand readers are 64 MiB. */
const CHUNK_BYTES = 65_536

/** The bytes of a file, and the way back for a piece that nobody looks at any more: its memory is used for the next one. */
export interface FileBody {
  readonly body: Readable
  readonly recycle: (piece: Uint8Array) => void
}

/**
 * Exactly the bytes that `opened` promises, or that part of them, then closes the handle; closes it on destroy too. Fails when
 * the file is shorter or longer than it was, or was written to meanwhile: half of the old and half of the new content is no
 * content.
 */
export function fileBody(handle: FileHandle, opened: BigIntStats, part: ByteRange | null = null): FileBody {
  const end = part === null ? Number(opened.size) : part.last + 1
  let position = part?.first ?? 0

  const free: Buffer[] = []

  const next = async (): Promise<Buffer | null> => {
    if (position < end) {
      const length = Math.min(CHUNK_BYTES, end - position)
      const { bytesRead, buffer } = await handle.read(
        free.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES),
        0,
        length,
        position,
      )
      if (bytesRead === 0)
        throw sourceProblem('source.unavailable', `the file ended after ${position} of ${String(opened.size)} bytes`)
      position += bytesRead
      return buffer.subarray(0, bytesRead)
    }
    const now = await handle.stat({ bigint: true })
    if (now.size !== opened.size || now.mtimeNs !== opened.mtimeNs) {
      throw sourceProblem('source.unavailable', 'the file changed while it was read')
    }
    return null
  }

  const body = new Readable({
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

  return {
    body,
    recycle: ({ buffer }) => {
      if (buffer instanceof ArrayBuffer && buffer.byteLength === CHUNK_BYTES) free.push(Buffer.from(buffer))
    },
  }
}
