// The worker thread of file-digests.ts: a path in, the digest of that file and the key of its state out.

import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { parentPort } from 'node:worker_threads'
import type { DigestAnswer } from './file-digests.ts'
import { fileKey } from './file-key.ts'

// Nothing else runs in this thread, so it may read synchronously, and larger pieces than a stream would.
const PIECE_BYTES = 1_048_576
const piece = Buffer.allocUnsafe(PIECE_BYTES)

parentPort?.on('message', (path: string) => parentPort?.postMessage(answer(path)))

function answer(path: string): DigestAnswer {
  try {
    return { path, ...digestOfFile(path) }
  } catch {
    // Not lost: whoever opens the file to send it meets the same error and reports it.
    return { path }
  }
}

function digestOfFile(path: string): { key: string; digest: string } | Record<string, never> {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const before = fstatSync(descriptor, { bigint: true })
    if (!before.isFile()) return {}

    const hash = createHash('sha256')
    for (let read = -1, position = 0; read !== 0; position += read) {
      read = readSync(descriptor, piece, 0, PIECE_BYTES, position)
      hash.update(piece.subarray(0, read))
    }
    const key = fileKey(before)
    const isSame = key === fileKey(fstatSync(descriptor, { bigint: true }))
    return isSame ? { key, digest: `sha-256:${hash.digest('hex')}` } : {}
  } finally {
    closeSync(descriptor)
  }
}
