// Messages and answers that overtake each other: two connectors end alike.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectBalance } from '../faults/balance.ts'
import { meddle, moveOf } from '../faults/meddle.ts'
import { actOn, STORIES, type World } from '../faults/stories.ts'
import { agreeOn, bothIn, DATA, fetchData, OPEN, openTransfer, startPair } from '../fixtures/pair.ts'
import { passOn, type Passing, type Reply } from '../fixtures/proxy.ts'

let world: World
beforeAll(async () => {
  const pair = await startPair()
  world = { pair, agreementId: await agreeOn(pair, OPEN), uses: 0 }
})
afterAll(async () => world.pair.discard())

describe('an answer that comes after the reply to the message', () => {
  // The reply proves that the message arrived (rule 3): nobody waits for the answer.
  const negotiation = STORIES.find(({ name }) => name === 'a negotiation')
  const transfer = STORIES.find(({ name }) => name === 'a transfer')
  const pairs = [
    [negotiation, 0],
    [negotiation, 1],
    [negotiation, 2],
    [transfer, 0],
  ] as const

  test.for(
    pairs.flatMap(([story, aim]) => (story === undefined ? [] : [{ story, aim, name: moveOf(story, aim).move }])),
  )('$name', async ({ story, aim }) => {
    const next = moveOf(story, aim + 1)
    let replied: () => void = () => undefined
    const reply = new Promise<void>((resolve) => {
      replied = resolve
    })
    const passed = meddle(world.pair, next, async (passing) => {
      await passOn(passing)
      replied()
    })
    const held = meddle(world.pair, moveOf(story, aim), async ({ forward, answer }) => {
      const late = await forward()
      await reply
      await answer(late)
    })

    await story.act(world, null)
    const consumerPid = await held
    await passed

    await story.after?.(world, consumerPid)
    await expectBalance(world, story, await bothIn(world.pair, story.kind, consumerPid, story.ends))
  })
})

describe('messages that cross', () => {
  // prettier-ignore
  const CROSSING = [
    ['complete',  'TransferCompletionMessage',  'suspend',   'TransferSuspensionMessage', ['COMPLETED']],
    ['suspend',   'TransferSuspensionMessage',  'complete',  'TransferCompletionMessage', ['COMPLETED']],
    ['suspend',   'TransferSuspensionMessage',  'suspend',   'TransferSuspensionMessage', ['SUSPENDED']],
    ['terminate', 'TransferTerminationMessage', 'complete',  'TransferCompletionMessage', ['TERMINATED', 'COMPLETED']],
    ['complete',  'TransferCompletionMessage',  'terminate', 'TransferTerminationMessage', ['TERMINATED', 'COMPLETED']],
    ['terminate', 'TransferTerminationMessage', 'terminate', 'TransferTerminationMessage', ['TERMINATED']],
    ['terminate', 'TransferTerminationMessage', 'suspend',   'TransferSuspensionMessage', ['TERMINATED']],
  ] as const

  test.for(CROSSING)(
    '%s by the consumer and %s by the provider end alike',
    async ([ours, ourMove, theirs, theirMove, ends]) => {
      const { pair, agreementId } = world
      const pid = await openTransfer(pair, agreementId)
      await bothIn(pair, 'transfers', pid, 'STARTED')

      // Each is on its way before the other has arrived.
      const waiting: (() => void)[] = []
      const bothOnTheWay = async (passing: Passing): Promise<void> => {
        await new Promise<void>((resolve) => {
          waiting.push(resolve)
          if (waiting.length === 2) for (const go of waiting) go()
        })
        await passOn(passing)
      }
      const met = [
        meddle(world.pair, { by: 'consumer', move: ourMove }, bothOnTheWay),
        meddle(world.pair, { by: 'provider', move: theirMove }, bothOnTheWay),
      ]
      await actOn(world, 'consumer', 'transfers', pid, ours)
      await actOn(world, 'provider', 'transfers', pid, theirs)
      await Promise.all(met)

      const end = await Promise.any(ends.map((state) => bothIn(pair, 'transfers', pid, state)))
      expect(end.provider.state).toBe(end.consumer.state)
      for (const { connector } of [pair.consumer, pair.provider]) connector.verify()
    },
  )
})

test('a late answer to an earlier start is no answer to the next one', async () => {
  const { pair, agreementId } = world
  const start = { by: 'provider', move: 'TransferStartMessage' } as const
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let arrived: (reply: Reply) => void = () => undefined
  const first = new Promise<Reply>((resolve) => {
    arrived = resolve
  })
  const held = meddle(pair, start, async ({ forward, answer }) => {
    const reply = await forward()
    arrived(reply)
    await released
    await answer(reply)
  })
  // The start arrives, its answer does not; its token is used, and the consumer suspends.
  const pid = await openTransfer(pair, agreementId)
  expect((await first).status).toBe(200)
  const { status, body } = await fetchData(pair, pid)
  expect([status, body.equals(DATA)]).toEqual([200, true])
  world.uses += 1
  await actOn(world, 'consumer', 'transfers', pid, 'suspend')
  await bothIn(pair, 'transfers', pid, 'SUSPENDED')

  // The provider starts it again; only now the answer to the first start comes.
  await actOn(world, 'provider', 'transfers', pid, 'resume')
  release()
  await held

  await bothIn(pair, 'transfers', pid, 'STARTED')
  expect((await fetchData(pair, pid)).status).toBe(200)
  world.uses += 1
})
