// Whoever is killed, at whatever message and moment: after a restart, with nothing done by hand, both sides end as if nothing
// had happened. Every message once, one agreement, counters right, evidence verified on both sides.

import { afterAll, beforeAll, describe, test } from 'vitest'
import type { Connector } from '../fixtures/connector.ts'
import { agreeOn, bothIn, OPEN, startPair } from '../fixtures/pair.ts'
import { passOn, type Passing } from '../fixtures/proxy.ts'
import { expectBalance } from './balance.ts'
import { chosen } from './choose.ts'
import { STORIES, type By, type Story, type World } from './stories.ts'

const MOMENTS = ['before it arrives', 'before its answer arrives', 'after its answer has arrived'] as const
const VICTIMS = ['sender', 'receiver', 'both'] as const

const WHO = { sender: 'the sender', receiver: 'the receiver', both: 'sender and receiver' } as const

interface Case {
  readonly name: string
  readonly story: Story
  readonly aim: number
  readonly moment: (typeof MOMENTS)[number]
  readonly victim: (typeof VICTIMS)[number]
}

const CASES: readonly Case[] = STORIES.flatMap((story) =>
  story.aims.flatMap((aim) =>
    MOMENTS.flatMap((moment) =>
      VICTIMS.map((victim) => ({
        name: `${story.name}: ${WHO[victim]} of ${story.moves[aim]?.move ?? ''} killed ${moment}`,
        story,
        aim,
        moment,
        victim,
      })),
    ),
  ),
)

describe('both sides reach the same end', () => {
  let world: World
  beforeAll(async () => {
    const pair = await startPair()
    world = { pair, agreementId: await agreeOn(pair, OPEN), uses: 0 }
  })
  afterAll(async () => world.pair.discard())

  test.for(chosen(CASES, process.env))('$name', async (given) => {
    const { story } = given
    const known = await story.before(world)
    const struck = strike(world, given)

    await story.act(world, known).catch(() => null)
    const consumerPid = known ?? (await struck)
    await struck

    await bothIn(world.pair, story.kind, consumerPid, story.ends)
    await story.after?.(world, consumerPid)
    const ends = story.name === 'an offer that is accepted' ? 'FINALIZED' : story.ends
    await expectBalance(world, story, await bothIn(world.pair, story.kind, consumerPid, ends))
  })
})

/** Waits for the message, kills whom the case names at its moment, and starts it again; gives the consumer's pid. */
function strike({ pair }: World, { story, aim, moment, victim }: Case): Promise<string> {
  const target = story.moves[aim]
  if (target === undefined) throw new Error('a case aims at a move of its story')
  const receiver: By = target.by === 'consumer' ? 'provider' : 'consumer'
  const victims = victim === 'both' ? [receiver, target.by] : [victim === 'sender' ? target.by : receiver]
  const connectors = victims.map((by) => pair[by].connector)
  const { proxy } = pair[receiver]

  return new Promise((resolve, reject) => {
    proxy.use(async (passing) => {
      if (passing.move !== target.move) {
        await passOn(passing)
        return
      }
      proxy.use(null)
      try {
        await killAt(moment, passing, () => killAll(connectors))
        await Promise.all(connectors.map(({ start }) => start()))
        resolve((JSON.parse(passing.body.toString('utf8')) as { consumerPid: string }).consumerPid)
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
  })
}

async function killAll(connectors: readonly Connector[]): Promise<void> {
  await Promise.all(connectors.map(({ kill }) => kill()))
}

async function killAt(moment: Case['moment'], passing: Passing, kill: () => Promise<void>): Promise<void> {
  if (moment === 'before it arrives') {
    await kill()
    passing.drop()
    return
  }
  const reply = await passing.forward()
  if (moment === 'before its answer arrives') {
    await kill()
    passing.drop()
    return
  }
  await passing.answer(reply)
  await kill()
}
