// Worlds one after the other from one seed, until as many negotiations were made as a run shall have.

import { createHash } from 'node:crypto'
import { seedOf } from './random.ts'
import { planOf, runWorld, type Outcome } from './world.ts'
import { FAULTS, type Fault } from './weather.ts'

export interface Simulated {
  readonly seed: number
  readonly worlds: number
  readonly negotiations: number
  readonly agreements: number
  readonly transfers: number
  readonly messages: number
  readonly faults: Readonly<Record<Fault, number>>
  /** The seed of the first world in which something was wrong, and what. */
  readonly failed: { readonly world: number; readonly outcome: Outcome } | null
  readonly traceDigest: string
}

/** The seed of the world of that number. */
function worldSeed(seed: number, number: number): number {
  return seedOf(seed, number)
}

/** Stops at the first world in which something is wrong. */
export async function simulate(
  seed: number,
  negotiationsWanted: number,
  onWorld: (done: number) => void = () => undefined,
): Promise<Simulated> {
  const digest = createHash('sha256')
  const faults = Object.fromEntries(Object.keys(FAULTS).map((fault) => [fault, 0])) as Record<Fault, number>
  const totals = { worlds: 0, negotiations: 0, agreements: 0, transfers: 0, messages: 0 }
  let failed: Simulated['failed'] = null

  while (totals.negotiations < negotiationsWanted && failed === null) {
    const world = worldSeed(seed, totals.worlds)
    const outcome = await runWorld(planOf(world))
    digest.update(outcome.digest)
    totals.worlds += 1
    totals.negotiations += outcome.negotiations
    totals.agreements += outcome.agreements
    totals.transfers += outcome.transfers
    totals.messages += outcome.messages
    for (const fault of Object.keys(FAULTS) as Fault[]) faults[fault] += outcome.faults[fault]
    if (outcome.violations.length > 0) failed = { world, outcome }
    onWorld(totals.negotiations)
  }
  return { seed, ...totals, faults, failed, traceDigest: digest.digest('hex') }
}
