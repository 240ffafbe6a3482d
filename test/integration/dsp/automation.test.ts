// What happens without a person: as the offer says, as the call says, and never to rules of the other side's own making.

import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { messageOf } from '../../conformance/scenarios/counterparty.ts'
import type { Message } from '../../conformance/scenarios/judge.ts'
import { openGround, pidsIn, requestedAsConsumer, say, type Ground } from './ground.ts'
import { agreementOf, asked, CONSUMER, DATASET, offer, openTwo, PROVIDER, stand, TEN, TWENTY, type Two } from './two.ts'

// What happens without a person is settled offer by offer; where an offer says nothing, the connector waits.
// prettier-ignore
const OFFERS = [
  { offer: 'all',      automation: { onRequested: 'agree', onCounterRequested: 'agree', onAccepted: 'agree', onVerified: 'finalize' } },
  { offer: 'offering', automation: { onRequested: 'offer', onAccepted: 'agree', onVerified: 'finalize' } },
  { offer: 'halfway',  automation: { onRequested: 'agree' } },
  { offer: 'haggling', automation: { onRequested: 'offer', onCounterRequested: 'agree', onVerified: 'finalize' } },
].map((each) => ({ ...each, datasets: [DATASET], ...TEN }))

let two: Two
beforeAll(async () => {
  two = await openTwo({ offers: OFFERS })
  await two.provider.manage('/datasets', { '@id': DATASET, title: 'Weather' })
})
afterAll(async () => two.close())
afterEach(() => {
  expect([...two.provider.connector.defects, ...two.consumer.connector.defects]).toEqual([])
})

describe('what happens without a person', () => {
  test('follows the offer: agreed, verified and finalized where all of it is automatic', async () => {
    const both = await asked(two, offer('all'), { onAgreed: 'verify' })

    expect(await agreementOf(two, both)).toMatchObject(TEN)
  })

  test('follows the call: the consumer accepts and verifies where the call says so', async () => {
    const both = await asked(two, offer('offering'), { onOffered: 'accept', onAgreed: 'verify' })

    expect(await agreementOf(two, both)).toMatchObject(TEN)
  })

  test('follows the call of a provider that offers unasked too', async () => {
    const { provider, consumer } = two
    const automation = { onAccepted: 'agree', onVerified: 'finalize' }
    const body = { role: 'PROVIDER', counterPartyId: CONSUMER, offer: offer('unasked'), automation }
    const { id } = await provider.manage('/negotiations', body)
    const { consumerPid } = await provider.reaches(`/negotiations/${id}`, 'OFFERED')
    const both = { ours: `/negotiations/${id}`, theirs: `/negotiations/${String(consumerPid)}` }

    await consumer.manage(`${both.theirs}/accept`)
    await stand(two, both, 'AGREED')
    await consumer.manage(`${both.theirs}/verify`)

    expect(await agreementOf(two, both)).toMatchObject(TEN)
  })

  test('ends where the offer says nothing more', async () => {
    const both = await asked(two, offer('halfway'), { onAgreed: 'verify' })
    await stand(two, both, 'VERIFIED')

    await two.provider.manage(`${both.ours}/finalize`)
    await stand(two, both, 'FINALIZED')
  })

  test('ends where the call says nothing: the consumer has an offer before it', async () => {
    const both = await asked(two, offer('offering'))
    const [, waiting] = await stand(two, both, 'OFFERED')

    expect(waiting.automation).toMatchObject({ onOffered: 'manual', onAgreed: 'manual' })
  })

  test.each([{ onOffered: 'agree' }, { onRequested: 'agree' }, { onAgreed: 'VERIFY' }])(
    'is refused where a call asks for what there is not: %j',
    async (automation) => {
      await expect(asked(two, offer('all'), automation)).rejects.toThrow(/^400 /)
    },
  )
})

describe('a consumer that accepts offers by itself', () => {
  let ground: Ground
  beforeAll(async () => {
    ground = await openGround({ automation: { consumer: { onOffered: 'accept', onAgreed: 'verify' } } })
  })
  afterAll(async () => ground.close())
  afterEach(() => {
    expect([...ground.peer.faults, ...ground.connector.defects]).toEqual([])
  })
  const BY_MOONLIGHT = {
    permission: [{ action: 'use', constraint: [{ leftOperand: 'moonPhase', operator: 'eq', rightOperand: 'full' }] }],
  }
  const unasked = (terms: Message): Message =>
    messageOf('ContractOfferMessage', {
      providerPid: randomUUID(),
      callbackAddress: ground.peer.address,
      offer: { ...terms, '@id': 'theirs', '@type': 'Offer', target: 'urn:dataset:theirs' },
    })

  test('accepts one that it understands and asked for', async () => {
    const asking = await requestedAsConsumer(ground, { onOffered: 'accept' })
    const answer = { offer: unasked(TEN)['offer'] }
    expect((await say(ground, 'offer', 'negotiations', asking, asking.consumerPid, answer)).status).toBe(200)

    expect(await ground.peer.arrives('ContractNegotiationEventMessage', asking.consumerPid)).toMatchObject({
      ...asking,
      eventType: 'ACCEPTED',
    })
  })

  test('leaves one that comes unasked to a person, however well it understands it', async () => {
    const { consumerPid } = pidsIn(await ground.post('/negotiations/offers', unasked(TEN)))

    const path = `/negotiations/${consumerPid}`
    expect(await ground.show(path)).toMatchObject({ state: 'OFFERED', unacknowledged: null })
    expect(await ground.show(path)).toMatchObject({ automation: { onOffered: 'manual' } })
  })

  test('leaves one that it does not understand to a person, asked or unasked', async () => {
    const opened = pidsIn(await ground.post('/negotiations/offers', unasked(BY_MOONLIGHT)))
    const asking = await requestedAsConsumer(ground, { onOffered: 'accept' })
    const answer = { offer: unasked(BY_MOONLIGHT)['offer'] }
    expect((await say(ground, 'offer', 'negotiations', asking, asking.consumerPid, answer)).status).toBe(200)

    for (const { consumerPid } of [opened, asking]) {
      const path = `/negotiations/${consumerPid}`
      expect(await ground.show(path)).toMatchObject({ state: 'OFFERED', unacknowledged: null })
      await expect(ground.manage(`${path}/accept`)).rejects.toThrow(/^409 .*offer\.not-understood.*moonPhase/)
    }
  })
})

describe('a request with rules of its own', () => {
  test('is never agreed automatically: it waits for a person, and evidence says why', async () => {
    const { provider } = two
    const both = await asked(two, offer('all', TWENTY), { onOffered: 'accept', onAgreed: 'verify' })
    const [waiting] = await stand(two, both, 'REQUESTED')

    expect(waiting.automation).toMatchObject({ onRequested: 'manual' })
    const decisions = (await provider.evidence(waiting.id)).filter(({ type }) => type === 'decision')
    expect(decisions).toMatchObject([{ ext: { verdict: 'counter-offer' } }])

    await provider.manage(`${both.ours}/agree`)
    expect(await agreementOf(two, both)).toMatchObject(TWENTY)
  })

  test('is never agreed automatically as a counter-request either, and its own offer come back is', async () => {
    const { provider, consumer } = two
    const other = await asked(two, offer('haggling'))
    await stand(two, other, 'OFFERED')
    await consumer.manage(`${other.theirs}/counter`, { offer: offer('haggling', TWENTY) })
    const [waiting] = await stand(two, other, 'REQUESTED')
    expect(waiting.automation).toMatchObject({ onCounterRequested: 'manual' })
    await provider.manage(`${other.ours}/terminate`)

    const same = await asked(two, offer('haggling'), { onAgreed: 'verify' })
    await stand(two, same, 'OFFERED')
    await consumer.manage(`${same.theirs}/counter`)
    expect(await agreementOf(two, same)).toMatchObject(TEN)
  })

  // prettier-ignore
  test.each([
    ['an offer that there is not', { ...offer('nothing') }],
    ['an offer on another dataset', { ...offer('all'), target: 'urn:dataset:other' }],
  ])('on %s is refused, and both sides have ended', async (_what, terms) => {
    const { consumer } = two
    const { id } = await consumer.manage('/negotiations', { counterPartyId: PROVIDER, offer: terms })

    const { problem } = await consumer.reaches(`/negotiations/${id}`, 'TERMINATED')
    expect(problem).toMatchObject({ code: 'peer.refused' })
    expect(problem?.['message']).toContain('offer.unknown')
  })
})
