// The body of an answer piece by piece as it was read from the connection, and the way back for the memory of a piece: with a
// new buffer for each 64 KiB, finding those that nobody looks at any more is a third of what it costs to pass a body on.

import { finished, type Readable } from 'node:stream'
import type { ByteStream } from '../kernel/http-call.ts'

export interface FreedPieces {
  readonly body: ByteStream
  /** Takes a piece back: nobody may look at it any more. */
  readonly recycle: (piece: Uint8Array) => void
}

/** Nothing more is read from the connection while so many bytes of it wait. */
const WAITING_BYTES_MAX = 65_536

/** One buffer that was read: all of it is one piece, or its pieces lie between the marks of chunks. */
interface Read {
  /** Pieces that are out. */
  out: number
  /** Nothing of it will come any more. */
  isPast: boolean
}

/**
 * `body` must own the memory of its pieces. A buffer is freed when all its pieces are back and nothing of it can follow: when it
 * was one piece, or pieces of a later one have come. The last one of a body may still hold what follows the body, and is left to
 * the collector of garbage.
 */
export function freedPieces(body: Readable): FreedPieces {
  // Weak, because whoever copies what it gets gives nothing back.
  const reads = new WeakMap<ArrayBufferLike, Read>()
  let latest: ArrayBufferLike | null = null

  const handOut = ({ buffer, byteLength }: Uint8Array): void => {
    const before = latest === null || latest === buffer ? undefined : reads.get(latest)
    if (before !== undefined && latest !== null) {
      before.isPast = true
      free(latest, before)
    }
    latest = buffer
    const read = reads.get(buffer)
    if (read === undefined) reads.set(buffer, { out: 1, isPast: byteLength === buffer.byteLength })
    else read.out++
  }
  const free = (buffer: ArrayBufferLike, { out, isPast }: Read): void => {
    if (out > 0 || !isPast) return
    reads.delete(buffer)
    if (!(buffer instanceof ArrayBuffer)) return
    try {
      // What is transferred leaves its old place at once.
      buffer.transfer(0)
    } catch {
      // Node lets nobody take the pool away from which it cuts small pieces.
    }
  }

  return {
    body: {
      async *[Symbol.asyncIterator]() {
        for await (const piece of piecesOf(body)) {
          handOut(piece)
          yield piece
        }
      },
      destroy: (error) => body.destroy(error),
    },
    recycle: ({ buffer }) => {
      const read = reads.get(buffer)
      if (read === undefined) return
      read.out--
      free(buffer, read)
    },
  }
}

/** As they came: a stream that is iterated would copy those that wait into one. */
async function* piecesOf(body: Readable): AsyncGenerator<Uint8Array> {
  const waiting: Uint8Array[] = []
  let bytes = 0
  let end: { readonly error: Error | null } | null = null
  let wake: (() => void) | null = null
  const isOver = (): { readonly error: Error | null } | null => end

  body.on('data', (piece: Uint8Array) => {
    waiting.push(piece)
    bytes += piece.byteLength
    if (bytes >= WAITING_BYTES_MAX) body.pause()
    wake?.()
  })
  finished(body, { writable: false }, (error) => {
    end = { error: error ?? null }
    wake?.()
  })
  try {
    for (;;) {
      for (let piece = waiting.shift(); piece !== undefined; piece = waiting.shift()) {
        bytes -= piece.byteLength
        yield piece
      }
      const over = isOver()
      if (over !== null) {
        if (over.error !== null) throw over.error
        return
      }
      await new Promise<void>((ready) => {
        wake = ready
        body.resume()
      })
    }
  } finally {
    if (isOver() === null) body.destroy()
  }
}
