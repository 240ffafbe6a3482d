// The simulation itself: the same seed is the same run, what it once found stays found, and it does find what is wrong.

import { expect, test } from 'vitest'
import { shrink } from './shrink.ts'
import { simulate } from './simulate.ts'
import { planOf, runWorld } from './world.ts'

/** Worlds in which something was wrong once. */
const FOUND: readonly number[] = [
  // A suspension, or a resumption, that was overtaken while it was under way, and taken after what overtook it.
  2_823_798_820, 3_962_587_429, 4_203_220_907,
  // One that was given up at its deadline while it was under way: the peer had not moved yet when it was asked.
  773_389_240,
  // One that was overtaken, and came when the other side had resumed and waited for the ACK: it was no reply to that.
  3_252_543_161, 1_479_672_870,
  // An opening that was taken, but whose retries met a token that a copy had used: that is no refusal.
  3_692_975_731,
]

test('the same seed is the same run, byte for byte, and another seed another', async () => {
  const [once, again, other] = [await simulate(7, 200), await simulate(7, 200), await simulate(8, 200)]

  expect(once).toEqual(again)
  expect(once.traceDigest).not.toBe(other.traceDigest)
})

test('in a few hundred negotiations from a fresh seed nothing goes wrong', async () => {
  const seed = Math.floor(Math.random() * 2 ** 32)
  const { failed, negotiations } = await simulate(seed, 500)

  expect(failed, `npm run simulate -- --seed ${String(seed)} --seconds 0.5`).toBeNull()
  expect(negotiations).toBeGreaterThanOrEqual(500)
})

test.each(FOUND)('what went wrong once in the world %s does not go wrong again', async (world) => {
  expect((await runWorld(planOf(world))).violations).toEqual([])
})

test('a peer that lies is found where nothing excuses it, and the story told of it is a short one', async () => {
  const found = await firstLie()
  const whole = await runWorld(found.plan, { isWhole: true, excusesLies: false })

  const { outcome } = await shrink(found.plan, found.check, { excusesLies: false })

  expect(outcome.violations.map(({ check }) => check)).toContain(found.check)
  expect(outcome.story.length).toBeLessThan(whole.story.length)
  expect(outcome.story.join('')).toContain(' lies to ')
})

/** The first world after another in which a lie parts the two sides. */
async function firstLie() {
  for (let seed = 1; seed < 200; seed++) {
    const plan = planOf(seed)
    if (plan.characters.length > 4) continue
    const [first] = (await runWorld(plan, { excusesLies: false })).violations
    if (first !== undefined) return { plan, check: first.check }
  }
  throw new Error('nobody lied')
}
