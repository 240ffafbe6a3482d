// Digests of files that are known before the first byte is sent: computed once in a worker thread, kept as long as the file is the same.

import type { BigIntStats } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { fileKey } from './file-key.ts'
import { readKept, writeKept } from './kept-digests.ts'

export interface FileDigests {
  /** The digest `sha-256:<hex>` of the file in exactly this state, if it is known. Never waits. */
  readonly peek: (stats: BigIntStats) => string | null
  /** Keeps a digest that somebody else computed over all bytes of the file in this state. */
  readonly keep: (stats: BigIntStats, digest: string) => void
  /** Unless it is known, reads the file in the worker thread; callers for the same path share one reading. Null when it could not be done. */
  readonly warm: (path: string) => Promise<string | null>
  /** Writes down what is known and ends the worker; what was still being computed becomes null. */
  readonly close: () => Promise<void>
}

export interface FileDigestLimits {
  /** Digests that are kept; the one that was not asked for longest goes first. */
  readonly entriesMax: number
  /** Files that may wait for the worker; more are not taken on. */
  readonly pendingMax: number
  /** Where digests are kept from one start to the next; absent: nowhere. */
  readonly file?: string
}

/** What the worker answers to a path. `key` is absent when the file could not be read or changed meanwhile. */
export interface DigestAnswer {
  readonly path: string
  readonly key?: string
  readonly digest?: string
}

interface Waiting {
  readonly promise: Promise<string | null>
  readonly resolve: (digest: string | null) => void
}

/** A cache with its worker, which is started by the first `warm` and keeps no process alive. */
export function createFileDigests({ entriesMax, pendingMax, file }: FileDigestLimits): FileDigests {
  // A Map iterates in the order of insertion, so its first key is the one that was used longest ago.
  const digests = new Map<string, string>(file === undefined ? [] : readKept(file, entriesMax))
  const pending = new Map<string, Waiting>()
  let worker: Worker | null = null
  let isClosed = false
  let hasNews = false

  const remember = (key: string, digest: string): void => {
    if (!digests.delete(key)) hasNews = true
    digests.set(key, digest)
    for (const oldest of digests.keys()) {
      if (digests.size <= entriesMax) break
      digests.delete(oldest)
    }
  }

  const answered = ({ path, key, digest }: DigestAnswer): void => {
    if (key !== undefined && digest !== undefined) remember(key, digest)
    pending.get(path)?.resolve(digest ?? null)
    pending.delete(path)
    // Once all that was asked for is there, rather than after each: the files of a catalogue come together.
    if (pending.size === 0) keepAll()
  }

  const keepAll = (): void => {
    if (file === undefined || !hasNews) return
    hasNews = false
    writeKept(file, digests)
  }

  const giveUp = (): void => {
    worker = null
    for (const { resolve } of pending.values()) resolve(null)
    pending.clear()
  }

  const started = (): Worker => {
    if (worker !== null) return worker
    const fresh = new Worker(new URL('./digest-worker.ts', import.meta.url))
    fresh.on('message', answered)
    // A worker that died is replaced by the next `warm`; the files that waited for it are hashed while they are sent.
    fresh.on('error', giveUp)
    fresh.on('exit', () => {
      if (worker === fresh) giveUp()
    })
    fresh.unref()
    worker = fresh
    return fresh
  }

  const peek = (stats: BigIntStats): string | null => {
    const key = fileKey(stats)
    const digest = digests.get(key)
    if (digest === undefined) return null
    remember(key, digest)
    return digest
  }

  const computed = (path: string, { promise, resolve }: Waiting): Promise<string | null> => {
    stat(path, { bigint: true }).then(
      (stats) => {
        const known = peek(stats)
        if (known !== null) {
          pending.delete(path)
          resolve(known)
        } else if (!isClosed) started().postMessage(path)
      },
      () => answered({ path }),
    )
    return promise
  }

  return {
    peek,

    keep: (stats, digest) => remember(fileKey(stats), digest),

    warm: (path) => {
      const already = pending.get(path)
      if (already !== undefined) return already.promise
      if (isClosed || pending.size >= pendingMax) return Promise.resolve(null)
      const waiting = Promise.withResolvers<string | null>()
      pending.set(path, waiting)
      return computed(path, waiting)
    },

    close: async () => {
      isClosed = true
      const running = worker
      giveUp()
      keepAll()
      await running?.terminate()
    },
  }
}
