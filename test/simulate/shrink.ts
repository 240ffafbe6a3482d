// Makes a failing world smaller: fewer things done, fewer rounds, finer weather, as long as the same check fails.

import type { Check } from './checks.ts'
import type { Deed } from './users.ts'
import { CALM, FAULTS, type Fault } from './weather.ts'
import { runWorld, type Outcome, type Plan, type Telling } from './world.ts'

const RUNS_MAX = 400

/** The smallest plan found that still fails the check, and its outcome with the whole story. */
export async function shrink(
  plan: Plan,
  check: Check,
  telling: Telling = {},
): Promise<{ readonly plan: Plan; readonly outcome: Outcome }> {
  let smallest = plan
  let runs = 0

  async function tries(candidate: Plan): Promise<boolean> {
    if (++runs > RUNS_MAX) return false
    const { violations } = await runWorld(candidate, telling)
    if (!violations.some((violation) => violation.check === check)) return false
    smallest = candidate
    return true
  }

  for (const fault of Object.keys(FAULTS) as Fault[]) {
    const calmer = smallest.rounds.map((round) => ({ ...round, weather: { ...round.weather, [fault]: CALM[fault] } }))
    await tries({ ...smallest, rounds: calmer })
  }
  for (let round = smallest.rounds.length - 1; round >= 0; round--) {
    await tries({ ...smallest, rounds: smallest.rounds.filter((_, at) => at !== round) })
  }
  for (let round = 0; round < smallest.rounds.length; round++) await fewerDeeds(round)
  return { plan: smallest, outcome: await runWorld(smallest, { ...telling, isWhole: true }) }

  /** Takes away runs of deeds, long ones first. */
  async function fewerDeeds(round: number): Promise<void> {
    const deedsOf = (): readonly Deed[] => smallest.rounds[round]?.deeds ?? []
    for (let length = Math.ceil(deedsOf().length / 2); length >= 1; length = length === 1 ? 0 : Math.ceil(length / 2)) {
      for (let from = 0; from < deedsOf().length;) {
        const deeds = deedsOf().toSpliced(from, length)
        const rounds = smallest.rounds.map((each, at) => (at === round ? { ...each, deeds } : each))
        if (!(await tries({ ...smallest, rounds }))) from += length
      }
    }
  }
}
