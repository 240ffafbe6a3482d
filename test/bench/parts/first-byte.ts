// The first byte of a pull under a live transfer, against a plain server with the same file, in turns, over kept connections.

import { randomBytes } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { pull } from '../http.ts'
import { addressOf, startPair } from '../pair.ts'
import { newFolder, startProgram } from '../scratch.ts'
import { percentile, rounded } from '../statistics.ts'
import { connect } from './transfer.ts'

export interface FirstByteFigures {
  readonly p50Ms: number
  readonly directP50Ms: number
  readonly p99Ms: number
  readonly fileBytes: number
  readonly samples: number
}

const DATASET = 'urn:dataset:small'

export async function measureFirstByte({ sizes: { firstByte }, say }: Bench): Promise<FirstByteFigures> {
  const { warmUp, samples, fileBytes } = firstByte
  const file = join(newFolder('small'), 'small.bin')
  writeFileSync(file, randomBytes(fileBytes))
  const direct = await startProgram<{ url: string }>('floor/files.ts', 'direct', file)
  const pair = await startPair({
    name: 'first-byte',
    datasets: [{ '@id': DATASET, source: { type: 'file', path: file } }],
  })
  const { transferId } = await connect(pair, DATASET)
  const { endpoint, authorization } = await addressOf(pair.consumer, transferId)

  say(`${String(samples)} pulls of ${String(fileBytes)} bytes after a warm-up of ${String(warmUp)}`)
  const ours: number[] = []
  const theirs: number[] = []
  for (let sample = -warmUp; sample < samples; sample++) {
    const [a, b] = [await pull(endpoint, { authorization: bearer(authorization) }), await pull(direct.ready.url)]
    if (sample < 0) continue
    ours.push(a.firstByteMs)
    theirs.push(b.firstByteMs)
  }
  await Promise.all([pair.discard(), direct.stop()])
  return {
    p50Ms: rounded(percentile(ours, 50)),
    directP50Ms: rounded(percentile(theirs, 50)),
    p99Ms: rounded(percentile(ours, 99)),
    fileBytes,
    samples,
  }
}

/** The management API gives the token as it stands in the address, with or without its scheme. */
export function bearer(authorization: string): string {
  return /^bearer /i.test(authorization) ? authorization : `Bearer ${authorization}`
}
