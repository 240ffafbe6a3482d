// How long `lingqu policy check` takes for many files: `node test/bench/check-policies.ts [files]`. A process of its own each time.

import { spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const RUNS = 5
const files = Number(process.argv[2] ?? 1000)
const main = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))

/** A page of rules, as people write them. */
function offer(index: number): string {
  const id = String(index)
  return `offer: offer-${id}
version: '1'
title: { en: Offer ${id}, zh: 要约 ${id} }
datasets: ['urn:dataset:${id}:*', { theme: weather }]
access:
  - spatial: { isAnyOf: [CN, VN] }
permission:
  - action: use
    constraint:
      - count: { lteq: ${String((index % 900) + 1)} }
      - elapsedTime: { lteq: P90D }
      - dateTime: { lt: 2031-12-31T23:59:59+08:00 }
      - or:
          - spatial: { isPartOf: [CN-45, ASEAN] }
          - recipient: { isAnyOf: [did:web:a.example, did:web:b.example] }
    duty:
      - action: delete
        within: P97D
  - action: read
    constraint: [{ purpose: { isAnyOf: ['dpv:AcademicResearch'] } }]
prohibition:
  - action: distribute
    remedy: [{ action: delete }]
obligation:
  - action: inform
    within: P7D
`
}

const folder = await mkdtemp(join(tmpdir(), 'lingqu-check-'))
try {
  await mkdir(join(folder, 'offers'))
  for (let index = 0; index < files; index += 1) {
    await writeFile(join(folder, 'offers', `offer-${String(index)}.yaml`), offer(index))
  }
  const times: number[] = []
  for (let run = 0; run < RUNS; run += 1) {
    const begin = performance.now()
    const { status, stderr } = spawnSync(process.execPath, [main, 'policy', 'check', folder, '--json'], {
      encoding: 'utf8',
      maxBuffer: 2 ** 28,
    })
    times.push(performance.now() - begin)
    if (status !== 0) throw new Error(`expected exit code 0, got ${String(status)}: ${stderr}`)
  }
  const sorted = times.toSorted((a, b) => a - b).map(Math.round)
  console.log(
    JSON.stringify({ files, runs: RUNS, fastestMs: sorted[0], medianMs: sorted[RUNS >> 1], slowestMs: sorted.at(-1) }),
  )
} finally {
  await rm(folder, { recursive: true })
}
