// `npm run simulate -- --seed N --seconds S`: a dataspace in one process, from a seed. The last line is a JSON object.
//
// Cryptography is replaced: nothing is signed, and every call says truly who sends it. Digests and evidence are real. `--seconds`
// is a measure of work, so that the same seed and seconds are the same run everywhere: what a machine that makes
// 1,000 negotiations a second does in that time.

import { parseArgs } from 'node:util'
import { CHECKS } from './checks.ts'
import { shrink } from './shrink.ts'
import { simulate, type Simulated } from './simulate.ts'
import { planOf } from './world.ts'

const NEGOTIATIONS_A_SECOND = 1_000
const STORY_LINES_MAX = 400

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    'no-story': { type: 'boolean', default: false },
  },
})
const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed)
const seconds = Number(values.seconds)
if (!Number.isSafeInteger(seed) || seed < 0 || !(seconds > 0)) {
  process.stderr.write('usage: npm run simulate -- [--seed N] [--seconds S]\n')
  process.exit(2)
}
process.stderr.write(`seed ${String(seed)}\n`)

const began = performance.now()
const result = await simulate(seed, seconds * NEGOTIATIONS_A_SECOND)
const tookS = (performance.now() - began) / 1000
if (result.failed !== null) await tell(result.failed)
process.stdout.write(`${JSON.stringify(summary(result, tookS))}\n`)
process.exit(result.failed === null ? 0 : 1)

async function tell({ world, outcome }: NonNullable<Simulated['failed']>): Promise<void> {
  process.stdout.write(`world ${String(world)} failed:\n`)
  for (const { check, text } of outcome.violations.slice(0, 10))
    process.stdout.write(`  ${check} (${CHECKS[check]}): ${text}\n`)
  const [first] = outcome.violations
  if (first === undefined || values['no-story']) return
  const smallest = await shrink(planOf(world), first.check)
  process.stdout.write(`\nthe same check fails in this story:\n`)
  process.stdout.write(smallest.outcome.story.slice(-STORY_LINES_MAX).join(''))
  for (const { check, text } of smallest.outcome.violations)
    process.stdout.write(`  ${check} (${CHECKS[check]}): ${text}\n`)
}

function summary({ failed, faults, traceDigest, ...totals }: Simulated, tookS: number): object {
  return {
    ...totals,
    perSecond: Math.round(totals.negotiations / tookS),
    faults: Object.values(faults).reduce((sum, count) => sum + count, 0),
    faultsByKind: faults,
    violations: failed?.outcome.violations.length ?? 0,
    traceDigest,
  }
}
