// SHA-256 of bytes as they pass: in a worker, so that the thread that streams goes on streaming, where there is a core for one.

import { createHash } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

export interface StreamingDigest {
  /** Takes the next piece, which may be reused at once. A promise where the worker is behind: no more before it resolves. */
  readonly update: (piece: Uint8Array) => Promise<void> | null
  /** `sha-256:<hex>` of all pieces. Once only. Rejects when the worker died. */
  readonly finish: () => Promise<string>
  /** Forgets the stream; needed unless `finish` was called. */
  readonly drop: () => void
}

/** From here to the worker: `bytes` of `slab` are the next of stream `id`, or the stream is over, or given up. */
export type DigestJob =
  | { readonly id: number; readonly slab: ArrayBuffer; readonly bytes: number; readonly isLast: boolean }
  | { readonly id: number; readonly drop: true }

/** And back: the slab, to be filled again, with the digest after the last. */
export interface DigestDone {
  readonly id: number
  readonly slab: ArrayBuffer
  readonly digest?: string
}

/**
 * Pieces are copied into slabs, which go to the worker and come back without being copied again: a message for each piece
 * would cost more than the copy. Two slabs on their way are enough to keep the worker busy.
 */
const SLAB_BYTES = 262_144
const SLABS_UNDER_WAY_MAX = 2
/** Slabs that are kept for the next stream. */
const SLABS_IDLE_MAX = 16

interface Stream {
  readonly done: (answer: DigestDone) => void
  readonly failed: (error: Error) => void
}

const streams = new Map<number, Stream>()
const idle: ArrayBuffer[] = []
let worker: Worker | null = null
let ids = 0

/**
 * Both ends of a stream want a core as well. Where there are no more than two, a worker takes one from them, and copying and
 * waking it makes the same bytes cost two fifths more; a piece is hashed in less time than it takes to write it.
 */
const HAS_CORE_TO_SPARE = availableParallelism() > 2

/** @param inWorker by the number of cores where it is not said */
export function streamingDigest(inWorker = HAS_CORE_TO_SPARE): StreamingDigest {
  return inWorker ? digestInWorker() : digestHere()
}

function digestHere(): StreamingDigest {
  const hash = createHash('sha256')
  return {
    update: (piece) => {
      hash.update(piece)
      return null
    },
    finish: async () => `sha-256:${hash.digest('hex')}`,
    drop: () => undefined,
  }
}

/** One worker hashes for all streams of the process. It is started by the first slab, and keeps the process alive while it has work. */
function digestInWorker(): StreamingDigest {
  const id = ++ids
  let slab: Uint8Array<ArrayBuffer> | null = null
  let filled = 0
  let underWay = 0
  let hasSent = false
  let isDropped = false
  let failure: Error | null = null
  let room: PromiseWithResolvers<void> | null = null
  let digest: PromiseWithResolvers<string> | null = null

  const send = (isLast: boolean): void => {
    const { buffer } = slab ?? new Uint8Array(takeSlab())
    if (!hasSent) register()
    hasSent = true
    underWay++
    started().postMessage({ id, slab: buffer, bytes: filled, isLast } satisfies DigestJob, [buffer])
    slab = null
    filled = 0
  }
  const register = (): void => {
    streams.set(id, {
      done: (answer) => {
        underWay--
        room?.resolve()
        room = null
        if (answer.digest !== undefined) digest?.resolve(answer.digest)
      },
      failed: (error) => {
        failure = error
        room?.reject(error)
        digest?.reject(error)
      },
    })
  }

  // Once only: a slab that two streams fill at a time would be the digest of neither.
  const giveBack = (): void => {
    giveSlab(slab?.buffer)
    slab = null
  }

  const update = (piece: Uint8Array): Promise<void> | null => {
    // One that was asked for before the end may still come; the worker would wait for the rest of it for good.
    if (isDropped) return null
    let at = 0
    while (at < piece.byteLength) {
      slab ??= new Uint8Array(takeSlab())
      const taken = piece.subarray(at, at + SLAB_BYTES - filled)
      slab.set(taken, filled)
      filled += taken.byteLength
      at += taken.byteLength
      if (filled === SLAB_BYTES) send(false)
    }
    if (failure !== null) return Promise.reject(failure)
    if (underWay < SLABS_UNDER_WAY_MAX) return null
    if (room === null) {
      room = Promise.withResolvers()
      // Whoever stopped meanwhile does not wait any more.
      room.promise.catch(() => undefined)
    }
    return room.promise
  }

  return {
    update,
    finish: async () => {
      if (failure !== null) throw failure
      // What fits into one slab is hashed before a message would have reached the worker.
      if (!hasSent) {
        const hash = createHash('sha256').update((slab ?? new Uint8Array()).subarray(0, filled))
        giveBack()
        return `sha-256:${hash.digest('hex')}`
      }
      digest = Promise.withResolvers()
      send(true)
      return digest.promise
    },
    drop: () => {
      isDropped = true
      giveBack()
      room?.resolve()
      if (!hasSent || !streams.delete(id)) return
      worker?.postMessage({ id, drop: true } satisfies DigestJob)
      restOrWork()
    },
  }
}

function takeSlab(): ArrayBuffer {
  return idle.pop() ?? new ArrayBuffer(SLAB_BYTES)
}

function giveSlab(slab: ArrayBuffer | undefined): void {
  if (slab !== undefined && slab.byteLength > 0 && idle.length < SLABS_IDLE_MAX) idle.push(slab)
}

function started(): Worker {
  worker ??= start()
  restOrWork()
  return worker
}

function start(): Worker {
  const fresh = new Worker(new URL('./streaming-digest-worker.ts', import.meta.url))
  fresh.on('message', (answer: DigestDone) => {
    giveSlab(answer.slab)
    streams.get(answer.id)?.done(answer)
    if (answer.digest !== undefined) streams.delete(answer.id)
    restOrWork()
  })
  // The streams that it was hashing fail; the next one starts another.
  const over = (error: Error): void => {
    if (worker !== fresh) return
    worker = null
    for (const { failed } of streams.values()) failed(error)
    streams.clear()
  }
  fresh.on('error', (error) => over(error instanceof Error ? error : new Error(String(error))))
  fresh.on('exit', () => over(new Error('the worker that computes digests has ended')))
  return fresh
}

/** An idle worker must not keep a process from ending, a busy one must. */
function restOrWork(): void {
  if (streams.size === 0) worker?.unref()
  else worker?.ref()
}
