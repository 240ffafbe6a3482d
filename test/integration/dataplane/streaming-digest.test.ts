// Digests of bytes as they pass: right for every length, here and in a worker, and bounded in memory.

import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { streamingDigest } from '../../../src/dataplane/streaming-digest.ts'

const KIB = 1_024

function bytes(length: number): Buffer {
  const all = Buffer.alloc(length)
  for (let at = 0; at < length; at++) all[at] = (at * 31 + (at >> 8)) & 0xff
  return all
}

async function digestOf(all: Buffer, pieceBytes: number, inWorker = true): Promise<string> {
  const digest = streamingDigest(inWorker)
  for (let at = 0; at < all.length; at += pieceBytes) {
    const piece = Buffer.from(all.subarray(at, at + pieceBytes))
    const room = digest.update(piece)
    // Whoever gives a piece may use its memory for the next one.
    piece.fill(0)
    if (room !== null) await room
  }
  return digest.finish()
}

// prettier-ignore
test.each([
  [0,                1],
  [1,                1],
  [255 * KIB,        64 * KIB],
  [256 * KIB,        64 * KIB],
  [256 * KIB + 1,    64 * KIB],
  [1_024 * KIB,      256 * KIB],
  [1_500 * KIB + 7,  100_003],
  [3_000 * KIB,      3_000 * KIB],
])('of %i bytes in pieces of %i is SHA-256 of them', async (length, pieceBytes) => {
  const all = bytes(length)

  const digests = await Promise.all([true, false].map((inWorker) => digestOf(all, pieceBytes, inWorker)))

  const right = `sha-256:${createHash('sha256').update(all).digest('hex')}`
  expect(digests).toEqual([right, right])
})

test('of many streams at a time are not mixed up', async () => {
  const streams = Array.from({ length: 40 }, (_, index) => bytes(700 * KIB + index))

  const digests = await Promise.all(streams.map((all) => digestOf(all, 64 * KIB)))

  expect(digests).toEqual(streams.map((all) => `sha-256:${createHash('sha256').update(all).digest('hex')}`))
})

describe('a stream that is given up', () => {
  test('lets go whoever waits, and does no harm to those after it', async () => {
    const given = streamingDigest(true)
    const rooms = Array.from({ length: 40 }, () => given.update(bytes(256 * KIB)))
    given.drop()
    for (const room of rooms) await room

    const all = bytes(900 * KIB)
    expect(await digestOf(all, 64 * KIB)).toBe(`sha-256:${createHash('sha256').update(all).digest('hex')}`)
  })

  test('takes what still comes, and keeps none of it', () => {
    const given = streamingDigest(true)
    void given.update(bytes(200 * KIB))
    given.drop()

    const rooms = [1, 2, 3].map(() => given.update(bytes(256 * KIB)))

    expect(rooms).toEqual([null, null, null])
  })

  test('after its digest was computed does no harm either', async () => {
    const small = streamingDigest(true)
    void small.update(bytes(10))
    await small.finish()
    small.drop()

    const both = await Promise.all([digestOf(bytes(900 * KIB), KIB * 64), digestOf(bytes(800 * KIB), KIB * 64)])
    expect(both).toEqual(
      [900, 800].map(
        (kib) =>
          `sha-256:${createHash('sha256')
            .update(bytes(kib * KIB))
            .digest('hex')}`,
      ),
    )
  })
})

test('asks to wait when it is more than two slabs ahead of the worker', () => {
  const digest = streamingDigest(true)
  const rooms = [1, 2].map(() => digest.update(bytes(256 * KIB)))
  digest.drop()

  expect(rooms[0]).toBeNull()
  expect(rooms[1]).toBeInstanceOf(Promise)
})

test('never asks to wait where it is computed by whoever hands the piece over', () => {
  const digest = streamingDigest(false)
  const rooms = [1, 2, 3].map(() => digest.update(bytes(256 * KIB)))
  digest.drop()

  expect(rooms).toEqual([null, null, null])
})
