// Many negotiations at once, and both connectors killed again and again in the middle of them, at moments that a seed draws.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../fixtures/eventually.ts'
import { OPEN, startPair, type Pair, type ProcessView } from '../fixtures/pair.ts'
import { passOn } from '../fixtures/proxy.ts'
import { numbersFrom, seedFrom } from './choose.ts'

const NEGOTIATIONS = 60
const KILLS = 8

let pair: Pair
beforeAll(async () => {
  pair = await startPair()
})
afterAll(async () => pair.discard())

async function all({ connector }: Pair['provider']): Promise<readonly ProcessView[]> {
  return (await connector.ask<{ items: readonly ProcessView[] }>('/negotiations?limit=1000')).items
}

test('every negotiation that was begun is finalized on both sides, with one agreement, and nothing is left over', async () => {
  const seed = seedFrom(process.env)
  const draw = numbersFrom(seed)
  const { provider, consumer } = pair
  const counterPartyId = provider.connector.did
  const { datasets } = await consumer.connector.ask<{ datasets: { id: string; offers: { offer: object }[] }[] }>(
    '/catalog/request',
    { counterPartyId },
  )
  const offer = datasets.find(({ id }) => id === OPEN)?.offers[0]?.offer

  // After every few messages that pass, one of the two is killed, before or after the message is handed on.
  let restarts: Promise<unknown> = Promise.resolve()
  let kills = 0
  let countdown = 5
  for (const { proxy } of [provider, consumer]) {
    proxy.use(async (passing) => {
      if (kills >= KILLS || --countdown > 0) {
        await passOn(passing)
        return
      }
      kills += 1
      countdown = 5 + Math.floor(draw() * 40)
      const victim = draw() < 0.5 ? provider : consumer
      const reply = draw() < 0.5 ? await passing.forward() : null
      await victim.connector.kill()
      restarts = restarts.then(() => victim.connector.start())
      if (reply === null) passing.drop()
      else await passing.answer(reply)
    })
  }

  for (let begun = 0; begun < NEGOTIATIONS;) {
    const { status } = await consumer.connector
      .call('/negotiations', { counterPartyId, offer })
      .catch(() => ({ status: 0 }))
    if (status === 201) begun += 1
    else await restarts
  }
  await eventually('all kills have happened', () => kills >= KILLS, 60_000).catch(() => null)
  await restarts

  const [ours, theirs] = await eventually(
    `all are finalized (FAULTS_SEED=${String(seed)})`,
    async () => {
      const both = [await all(consumer), await all(provider)] as const
      const isDone = both.every((views) =>
        views.every(({ state, unacknowledged }) => state === 'FINALIZED' && unacknowledged === null),
      )
      return isDone && both[0].length === both[1].length ? both : null
    },
    120_000,
  )
  expect(ours.length).toBeGreaterThanOrEqual(NEGOTIATIONS)
  expect(
    theirs.map(({ consumerPid, agreementId }) => `${String(consumerPid)} ${String(agreementId)}`).toSorted(),
  ).toEqual(ours.map(({ consumerPid, agreementId }) => `${String(consumerPid)} ${String(agreementId)}`).toSorted())
  expect(new Set(ours.map(({ agreementId }) => agreementId)).size).toBe(ours.length)
  for (const { connector } of [provider, consumer]) {
    expect(connector.rows('SELECT 1 FROM outbox')).toEqual([])
    expect(connector.rows('SELECT 1 FROM agreement')).toHaveLength(ours.length)
    const against = connector
      .entries()
      .filter(({ type }) => ['message.refused', 'message.failed', 'process.ended'].includes(type))
    expect(against).toEqual([])
    connector.verify()
  }
})
