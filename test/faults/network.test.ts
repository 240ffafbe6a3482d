// A network that loses, repeats and delays any one message: two connectors end as if it had not.

import { afterAll, beforeAll, describe, test } from 'vitest'
import { agreeOn, bothIn, OPEN, startPair } from '../fixtures/pair.ts'
import type { Passing } from '../fixtures/proxy.ts'
import { expectBalance } from './balance.ts'
import { chosen } from './choose.ts'
import { meddle, moveOf } from './meddle.ts'
import { STORIES, type World } from './stories.ts'

/** What becomes of one message; `later` is done when both sides have reached the end. */
type Mishap = (passing: Passing, later: (work: () => Promise<unknown>) => void) => Promise<void>

const MISHAPS: Readonly<Record<string, Mishap>> = {
  'is lost': async ({ drop }) => {
    drop()
  },
  'loses its answer': async ({ forward, drop }) => {
    await forward()
    drop()
  },
  'comes twice': async ({ forward, answer }) => {
    const first = await forward()
    await forward()
    await answer(first)
  },
  'comes twice at once': async ({ forward, answer }) => {
    const [first, second] = await Promise.all([forward(), forward()])
    await answer(first.status < 300 ? first : second)
  },
  'comes again after the end': async ({ forward, drop }, later) => {
    later(forward)
    drop()
  },
}

const CASES = STORIES.flatMap((story) =>
  story.aims.flatMap((aim) =>
    Object.entries(MISHAPS).map(([what, mishap]) => ({
      name: `${story.name}: ${story.moves[aim]?.move ?? ''} ${what}`,
      story,
      aim,
      mishap,
    })),
  ),
)

let world: World
beforeAll(async () => {
  const pair = await startPair()
  world = { pair, agreementId: await agreeOn(pair, OPEN), uses: 0 }
})
afterAll(async () => world.pair.discard())

describe('both sides reach the same end, with every move once', () => {
  test.for(chosen(CASES, process.env))('$name', async ({ story, aim, mishap }) => {
    const afterwards: (() => Promise<unknown>)[] = []
    const known = await story.before(world)
    const struck = meddle(world.pair, moveOf(story, aim), (passing) => mishap(passing, (work) => afterwards.push(work)))

    await story.act(world, known)
    const consumerPid = known ?? (await struck)
    await struck

    await bothIn(world.pair, story.kind, consumerPid, story.ends)
    await story.after?.(world, consumerPid)
    for (const work of afterwards) await work()
    const ends = story.name === 'an offer that is accepted' ? 'FINALIZED' : story.ends
    await expectBalance(world, story, await bothIn(world.pair, story.kind, consumerPid, ends))
  })
})
