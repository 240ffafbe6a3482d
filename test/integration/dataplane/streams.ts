// Sources and destinations whose pace a test decides.

import { Readable, Writable } from 'node:stream'

export const PIECE = Buffer.alloc(65_536, 7)

/** A source of so many pieces of 64 KiB that says how many were asked of it. */
export function source(pieces: number, atEnd?: Error): { body: Readable; asked: () => number } {
  let asked = 0
  const body = new Readable({
    highWaterMark: PIECE.byteLength,
    read() {
      if (asked < pieces) {
        asked += 1
        this.push(PIECE)
      } else if (atEnd === undefined) this.push(null)
      else this.destroy(atEnd)
    },
  })
  return { body, asked: () => asked }
}

/** A destination that takes a piece only when it is told to. */
export function gate(): { destination: Writable; taken: () => number; take: () => void; takeAll: () => void } {
  let taken = 0
  let isOpen = false
  let release: (() => void) | null = null
  const destination = new Writable({
    highWaterMark: PIECE.byteLength,
    write(piece: Buffer, _encoding, done) {
      const accept = (): void => {
        taken += piece.byteLength
        done()
      }
      if (isOpen) accept()
      else release = accept
    },
  })
  const take = (): void => release?.()
  return {
    destination,
    taken: () => taken,
    take,
    takeAll: () => {
      isOpen = true
      take()
    },
  }
}

/** Takes everything at once. */
export function sink(onPiece: (piece: Buffer) => void = () => undefined): Writable {
  return new Writable({
    write(piece: Buffer, _encoding, done) {
      onPiece(piece)
      done()
    },
  })
}
