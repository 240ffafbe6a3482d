// The worker thread of streaming-digest.ts: slabs of many streams in, each slab back when it is hashed, digests out.

import { createHash, type Hash } from 'node:crypto'
import { parentPort } from 'node:worker_threads'
import type { DigestDone, DigestJob } from './streaming-digest.ts'

const hashes = new Map<number, Hash>()

parentPort?.on('message', (job: DigestJob) => {
  if ('drop' in job) {
    hashes.delete(job.id)
    return
  }
  const { id, slab, bytes, isLast } = job
  const hash = hashes.get(id) ?? createHash('sha256')
  hash.update(new Uint8Array(slab, 0, bytes))
  if (isLast) hashes.delete(id)
  else hashes.set(id, hash)
  const done: DigestDone = isLast ? { id, slab, digest: `sha-256:${hash.digest('hex')}` } : { id, slab }
  parentPort?.postMessage(done, [slab])
})
