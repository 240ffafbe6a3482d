import { createHash } from 'node:crypto'
import { setImmediate as turn } from 'node:timers/promises'
import { PassThrough, Readable, Writable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { pump } from '../../../src/dataplane/pump.ts'
import { gate, PIECE, sink, source } from './streams.ts'

const MIB = 1_048_576

const never = (): AbortSignal => new AbortController().signal

describe('a complete delivery', () => {
  test('hands over every byte, tells the total as it grows, and computes the digest', async () => {
    const { body } = source(3)
    const received: Buffer[] = []
    const totals: number[] = []

    const result = await pump(
      body,
      sink((piece) => received.push(piece)),
      {
        signal: never(),
        hash: true,
        onBytes: (total) => totals.push(total),
      },
    )

    const all = Buffer.concat([PIECE, PIECE, PIECE])
    expect(Buffer.concat(received).equals(all)).toBe(true)
    expect(totals).toEqual([65_536, 131_072, 196_608])
    expect(result).toEqual({
      bytes: 196_608,
      digest: `sha-256:${createHash('sha256').update(all).digest('hex')}`,
      outcome: 'complete',
    })
  })

  test('computes no digest unless asked, and an empty source is complete too', async () => {
    const result = await pump(Readable.from([]), sink(), { signal: never(), hash: false })

    expect(result).toEqual({ bytes: 0, digest: null, outcome: 'complete' })
  })

  test('gives the digest to the caller before the destination ends, so that it can become a trailer', async () => {
    const destination = sink()
    const seen: unknown[] = []

    const { digest } = await pump(source(1).body, destination, {
      signal: never(),
      hash: true,
      beforeEnd: (computed) => seen.push(computed, destination.writableEnded),
    })

    expect(seen).toEqual([digest, false])
  })

  test('of an announced length is complete though the receiver leaves as soon as it has all of it', async () => {
    let bytes = 0
    const body = Readable.from(
      (async function* () {
        yield* [PIECE, PIECE]
        await turn()
        await turn()
      })(),
    )
    const destination: Writable = sink((piece) => {
      bytes += piece.byteLength
      // The answer has come to its end for whoever counts its bytes; the source has not yet.
      if (bytes === 2 * PIECE.byteLength) setImmediate(() => destination.destroy())
    })

    const result = await pump(body, destination, {
      signal: never(),
      hash: false,
      length: 2 * PIECE.byteLength,
    })

    expect(result).toEqual({ bytes: 2 * PIECE.byteLength, digest: null, outcome: 'complete' })
  })

  test.each([
    ['fails', source(2, new Error('the file changed')).body],
    ['has more than was announced', source(3).body],
  ])('never reaches the last byte where the source %s at its end', async (_what, body) => {
    let bytes = 0
    const destination = sink((piece) => (bytes += piece.byteLength))

    const { outcome } = await pump(body, destination, { signal: never(), hash: false, length: 2 * PIECE.byteLength })

    expect([outcome, bytes]).toEqual(['source-failed', PIECE.byteLength])
  })

  test('is complete only when the destination has taken the last byte', async () => {
    const { body } = source(1)
    const { destination, take } = gate()
    let isSettled = false

    const delivery = pump(body, destination, { signal: never(), hash: false }).finally(() => (isSettled = true))
    for (let turns = 0; turns < 20; turns++) await turn()
    const settledEarly = isSettled
    take()

    expect(settledEarly).toBe(false)
    expect(await delivery).toMatchObject({ outcome: 'complete' })
  })
})

describe('back-pressure', () => {
  test('reads no more than a few pieces ahead of a destination that does not drain, and goes on when it does', async () => {
    const { body, asked } = source(256)
    const { destination, taken, takeAll } = gate()

    const delivery = pump(body, destination, { signal: never(), hash: true })
    for (let turns = 0; turns < 200; turns++) await turn()

    expect(taken()).toBe(0)
    expect(asked()).toBeLessThanOrEqual(4)

    takeAll()
    expect(await delivery).toMatchObject({ outcome: 'complete', bytes: 256 * PIECE.byteLength })
  })

  test('256 MiB pass through without being held', async () => {
    const before = process.memoryUsage().rss
    let peak = before

    const result = await pump(source(4_096).body, sink(), {
      signal: never(),
      hash: true,
      onBytes: (total) => {
        if (total % (8 * MIB) === 0) peak = Math.max(peak, process.memoryUsage().rss)
      },
    })

    expect(result).toMatchObject({ outcome: 'complete', bytes: 256 * MIB })
    expect(peak - before).toBeLessThan(96 * MIB)
  })
})

describe('a piece is given back', () => {
  test('once the destination has called back for it, and not before', async () => {
    const { body } = source(3)
    const { destination, take, takeAll } = gate()
    const given: Uint8Array[] = []
    const delivery = pump(body, destination, { signal: never(), hash: false, onTaken: (piece) => given.push(piece) })
    for (let turns = 0; turns < 20; turns++) await turn()
    const before = given.length
    take()
    for (let turns = 0; turns < 20; turns++) await turn()
    const after = given.length
    takeAll()
    await delivery

    expect([before, after]).toEqual([0, 1])
    expect(given.length).toBeGreaterThan(1)
  })

  test('not by a destination that broke: nobody knows when it lets go', async () => {
    const given: Uint8Array[] = []
    const destination = new Writable({ write: (_piece, _encoding, done) => done(new Error('broken')) })

    const result = await pump(source(3).body, destination, {
      signal: never(),
      hash: false,
      onTaken: (piece) => given.push(piece),
    })

    expect(result.outcome).toBe('peer-gone')
    expect(given).toEqual([])
  })
})

describe('a stop', () => {
  test('lets not one more byte pass from the tick of the abort on, and destroys both ends', async () => {
    const abort = new AbortController()
    const { body } = source(100)
    const destination = new PassThrough({ highWaterMark: 64 * MIB })
    let bytesAtAbort = -1

    const result = await pump(body, destination, {
      signal: abort.signal,
      hash: true,
      onBytes: (total) => {
        if (total < 5 * PIECE.byteLength) return
        abort.abort('revoked')
        bytesAtAbort = destination.writableLength + destination.readableLength
        expect([body.destroyed, destination.destroyed]).toEqual([true, true])
      },
    })
    for (let turns = 0; turns < 20; turns++) await turn()

    expect(bytesAtAbort).toBe(5 * PIECE.byteLength)
    expect(result).toEqual({ bytes: bytesAtAbort, digest: null, outcome: 'cut', cause: 'revoked' })
    expect(destination.writableLength + destination.readableLength).toBe(bytesAtAbort)
  })

  test('wakes a delivery that waits for the destination', async () => {
    const abort = new AbortController()
    const { body } = source(100)
    const { destination } = gate()
    const delivery = pump(body, destination, { signal: abort.signal, hash: false })
    for (let turns = 0; turns < 20; turns++) await turn()

    abort.abort('revoked')

    expect(await delivery).toMatchObject({ outcome: 'cut', cause: 'revoked' })
    expect([body.destroyed, destination.destroyed]).toEqual([true, true])
  })

  test('wakes a delivery that waits for the source', async () => {
    const abort = new AbortController()
    const body = new Readable({ read: () => undefined })
    const delivery = pump(body, sink(), { signal: abort.signal, hash: false })
    await turn()

    abort.abort('revoked')

    expect(await delivery).toMatchObject({ outcome: 'cut', bytes: 0 })
    expect(body.destroyed).toBe(true)
  })

  test('holds though the source goes on after it was destroyed', async () => {
    const abort = new AbortController()
    const goOn = Promise.withResolvers<undefined>()
    const isWaiting = Promise.withResolvers<undefined>()
    const stubborn = {
      async *[Symbol.asyncIterator]() {
        yield PIECE
        isWaiting.resolve(undefined)
        await goOn.promise
        yield PIECE
      },
      destroy: () => undefined,
    }
    const totals: number[] = []
    const options = { signal: abort.signal, hash: false, onBytes: (total: number) => totals.push(total) }
    const delivery = pump(stubborn, sink(), options)
    await isWaiting.promise

    abort.abort('revoked')
    const result = await delivery
    goOn.resolve(undefined)
    for (let turns = 0; turns < 20; turns++) await turn()

    expect(result).toMatchObject({ outcome: 'cut', bytes: PIECE.byteLength })
    expect(totals).toEqual([PIECE.byteLength])
  })

  test('that came before the start lets nothing pass and leaves the destination for an answer', async () => {
    const { body, asked } = source(1)
    const destination = sink()

    const result = await pump(body, destination, { signal: AbortSignal.abort('revoked'), hash: true })

    expect(result).toEqual({ bytes: 0, digest: null, outcome: 'cut', cause: 'revoked' })
    expect([asked(), body.destroyed, destination.destroyed]).toEqual([0, true, false])
  })
})

describe('a source that fails', () => {
  const broken = new Error('broken')

  test('before the first byte leaves the destination whole, so that the caller can still answer', async () => {
    const { body } = source(0, broken)
    const destination = sink()

    const result = await pump(body, destination, { signal: never(), hash: true })

    expect(result).toEqual({ bytes: 0, digest: null, outcome: 'source-failed', cause: broken })
    expect([body.destroyed, destination.destroyed, destination.writableEnded]).toEqual([true, false, false])
  })

  test('in the middle destroys the destination, so that a part is never taken for the whole', async () => {
    const { body } = source(2, broken)
    const destination = sink()

    const result = await pump(body, destination, { signal: never(), hash: true })

    expect(result).toEqual({ bytes: 131_072, digest: null, outcome: 'source-failed', cause: broken })
    expect([body.destroyed, destination.destroyed, destination.writableFinished]).toEqual([true, true, false])
  })

  test.each(['onBytes', 'beforeEnd'])('counts as failed when the callback %s throws', async (callback) => {
    const destination = sink()
    const throwing = {
      [callback]: () => {
        throw broken
      },
    }

    const result = await pump(source(2).body, destination, { signal: never(), hash: true, ...throwing })

    expect(result).toMatchObject({ outcome: 'source-failed', cause: broken })
    expect(destination.destroyed).toBe(true)
  })
})

describe('a destination that goes away', () => {
  test('while it is written to ends the delivery and destroys the source', async () => {
    const { body } = source(100)
    const gone = new Error('gone')
    const destination = new Writable({ write: (_piece, _encoding, done) => done(gone) })

    const result = await pump(body, destination, { signal: never(), hash: true })

    expect(result).toMatchObject({ digest: null, outcome: 'peer-gone', cause: gone })
    expect(body.destroyed).toBe(true)
  })

  test('while nothing drains ends the delivery too', async () => {
    const { body } = source(100)
    const { destination } = gate()
    const delivery = pump(body, destination, { signal: never(), hash: false })
    for (let turns = 0; turns < 20; turns++) await turn()

    destination.destroy()

    expect(await delivery).toMatchObject({ outcome: 'peer-gone' })
    expect(body.destroyed).toBe(true)
  })

  test('because somebody else ended it is no complete delivery', async () => {
    const destination = sink()

    const onBytes = (): void => void destination.end()
    const result = await pump(source(100).body, destination, { signal: never(), hash: true, onBytes })

    expect(result).toMatchObject({ outcome: 'peer-gone', digest: null })
  })

  test('before the start is noticed', async () => {
    const { body } = source(100)
    const destination = sink()
    destination.destroy()

    expect(await pump(body, destination, { signal: never(), hash: false })).toMatchObject({ outcome: 'peer-gone' })
    expect(body.destroyed).toBe(true)
  })
})
