// The memory of what a connection brought: given back as soon as it may be, and never while somebody may still look at it.

import { createHash, randomBytes } from 'node:crypto'
import { PassThrough, Readable } from 'node:stream'
import { setImmediate as turn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { freedPieces } from '../../../src/wire/freed-pieces.ts'
import { client, httpServer } from './servers.ts'

const KIB = 1024

/** A buffer of its own, as each read from a socket is. */
function read(bytes: number, value = 1): Buffer {
  return Buffer.from(new ArrayBuffer(bytes)).fill(value)
}

async function all(body: AsyncIterable<Uint8Array>): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = []
  for await (const piece of body) pieces.push(piece)
  return pieces
}

async function piecesOf(from: readonly Buffer[]): Promise<{ pieces: Uint8Array[]; recycle: (p: Uint8Array) => void }> {
  const { body, recycle } = freedPieces(Readable.from(from, { objectMode: false }))
  return { pieces: await all(body), recycle }
}

describe('the memory of a piece', () => {
  it('is freed when it comes back, where the piece is all that was read at once', async () => {
    const whole = read(64 * KIB)
    const { pieces, recycle } = await piecesOf([whole, read(10)])

    pieces.slice(0, 1).forEach(recycle)

    expect([pieces[0]?.byteLength, pieces[1]?.byteLength]).toEqual([0, 10])
  })

  it('stays until all pieces of the same read are back, and one of a later read has come', async () => {
    const both = read(64 * KIB)
    const { pieces, recycle } = await piecesOf([both.subarray(0, 100), both.subarray(110, 200), read(10)])
    const [first, second] = pieces

    pieces.slice(0, 1).forEach(recycle)
    const between = second?.byteLength
    pieces.slice(1, 2).forEach(recycle)

    expect([between, first?.byteLength, second?.byteLength]).toEqual([90, 0, 0])
  })

  it('stays while more of the same read may follow', async () => {
    const both = read(64 * KIB)
    const body = new PassThrough()
    const freed = freedPieces(body)
    const pieces = freed.body[Symbol.asyncIterator]()
    body.write(both.subarray(0, 100))
    const { value: first } = (await pieces.next()) as { value: Uint8Array }

    freed.recycle(first)
    body.end(both.subarray(110, 200))
    const { value: second } = (await pieces.next()) as { value: Uint8Array }

    expect(second.every((byte) => byte === 1)).toBe(true)
    expect(second).toHaveLength(90)
  })

  it('is not held on to where nobody gives it back', async () => {
    setFlagsFromString('--expose-gc')
    const collectGarbage = runInNewContext('gc') as () => void
    const given: WeakRef<ArrayBufferLike>[] = []
    const source = new Readable({
      read() {
        const piece = read(64 * KIB)
        given.push(new WeakRef(piece.buffer))
        this.push(given.length > 50 ? null : piece)
      },
    })
    const { body } = freedPieces(source)
    let kept = Infinity

    for await (const piece of body) {
      if (piece.byteLength === 0 || given.length < 50) continue
      // What a WeakRef was made of lives until the turn is over.
      await turn()
      collectGarbage()
      kept = Math.min(kept, given.filter((each) => each.deref() !== undefined).length)
    }

    expect(kept).toBeLessThan(10)
  })

  it('that Node cuts from its pool is left alone', async () => {
    const pooled = Buffer.from('from the pool')
    const { pieces, recycle } = await piecesOf([pooled, read(10)])

    pieces.forEach(recycle)

    expect(pooled.toString()).toBe('from the pool')
  })
})

describe('the pieces', () => {
  it('are not joined, however many wait', async () => {
    const body = new PassThrough()
    const { body: freed } = freedPieces(body)
    const from = [read(10, 1), read(20, 2), read(30, 3)]
    for (const piece of from) body.write(piece)
    body.end()

    const pieces = await all(freed)

    expect(pieces.map((piece) => piece.buffer)).toEqual(from.map((piece) => piece.buffer))
  })

  it('that came before the connection broke come before the error', async () => {
    const { body } = freedPieces(
      Readable.from(
        (async function* () {
          yield read(10)
          await turn()
          throw new Error('broken')
        })(),
        { objectMode: false },
      ),
    )
    let bytes = 0

    const reading = (async () => {
      for await (const piece of body) bytes += piece.byteLength
    })()

    await expect(reading).rejects.toThrow('broken')
    expect(bytes).toBe(10)
  })

  it('are not read ahead without bound while nobody takes them', async () => {
    let given = 0
    const source = new Readable({
      highWaterMark: 64 * KIB,
      read() {
        given += 64 * KIB
        this.push(given > 64 * 64 * KIB ? null : read(64 * KIB))
      },
    })
    const pieces = freedPieces(source).body[Symbol.asyncIterator]()
    await pieces.next()

    for (let turns = 0; turns < 20; turns++) await turn()

    expect(given).toBeLessThanOrEqual(4 * 64 * KIB)
    source.destroy()
  })

  it('end the connection when their reader stops early', async () => {
    const source = new Readable({ read: () => undefined })
    source.push(read(10))

    for await (const piece of freedPieces(source).body) if (piece.byteLength > 0) break

    expect(source.destroyed).toBe(true)
  })
})

// prettier-ignore
it.each([
  ['with its length',          8_000_007, false],
  ['in chunks',                8_000_007, true],
  ['in chunks that are small',   300_007, true],
])('an answer %s is the same for readers that give each piece back, quick and slow', async (_how, bytes, isChunked) => {
  const whole = randomBytes(bytes)
  const pieceBytes = bytes < 1_000_000 ? 700 : 50_000
  const { origin } = await httpServer((_request, response) => {
    if (!isChunked) response.setHeader('content-length', whole.length)
    void (async () => {
      for (let at = 0; at < whole.length; at += pieceBytes) {
        if (!response.write(whole.subarray(at, at + pieceBytes))) await new Promise((done) => response.once('drain', done))
      }
      response.end()
    })()
  })
  const { stream } = client()

  const digests = await Promise.all(
    [0, 1, 3, 8].map(async (heldMax) => {
      const { body, recycle } = await stream({ method: 'GET', url: origin, timeoutMs: 5_000, bodyTimeoutMs: 5_000 })
      const hash = createHash('sha256')
      const held: Uint8Array[] = []
      const letGo = (): void => {
        const piece = held.shift()
        if (piece === undefined) return
        hash.update(piece)
        recycle?.(piece)
      }
      for await (const piece of body) {
        held.push(piece)
        for (let turns = 0; turns < heldMax; turns++) await turn()
        while (held.length > heldMax) letGo()
      }
      while (held.length > 0) letGo()
      return hash.digest('hex')
    }),
  )

  expect(digests).toEqual(Array(4).fill(createHash('sha256').update(whole).digest('hex')))
})
