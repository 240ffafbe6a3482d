// Who offers, who counters, who accepts: every step by hand, between two connectors of ours.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  agreementOf,
  asked,
  CONSUMER,
  DATASET,
  FIFTEEN,
  offer,
  openTwo,
  PROVIDER,
  stand,
  TEN,
  TWENTY,
  type Two,
} from './two.ts'

let two: Two
beforeAll(async () => {
  two = await openTwo({ offers: [{ offer: 'hand', datasets: [DATASET], ...TEN }] })
  await two.provider.manage('/datasets', { '@id': DATASET, title: 'Weather' })
})
afterAll(async () => two.close())
afterEach(() => {
  expect([...two.provider.connector.defects, ...two.consumer.connector.defects]).toEqual([])
})

describe('a provider that offers unasked', () => {
  test('waits at the consumer for a person, who accepts; then it goes like every other to FINALIZED', async () => {
    const { provider, consumer } = two
    const body = { role: 'PROVIDER', counterPartyId: CONSUMER, offer: offer('unasked', TWENTY) }
    const { id, role } = await provider.manage('/negotiations', body)
    expect(role).toBe('PROVIDER')
    const { consumerPid } = await provider.reaches(`/negotiations/${id}`, 'OFFERED')
    const both = { ours: `/negotiations/${id}`, theirs: `/negotiations/${String(consumerPid)}` }
    const [, waiting] = await stand(two, both, 'OFFERED')
    expect(waiting).toMatchObject({
      role: 'CONSUMER',
      providerPid: id,
      offeredBy: 'PROVIDER',
      offer: offer('unasked', TWENTY),
    })

    await consumer.manage(`${both.theirs}/accept`)
    await stand(two, both, 'ACCEPTED')
    await provider.manage(`${both.ours}/agree`)
    await stand(two, both, 'AGREED')
    await consumer.manage(`${both.theirs}/verify`)
    await stand(two, both, 'VERIFIED')
    await provider.manage(`${both.ours}/finalize`)

    expect(await agreementOf(two, both)).toMatchObject({
      ...TWENTY,
      target: DATASET,
      assigner: PROVIDER,
      assignee: CONSUMER,
    })
  })

  test('may be countered by the consumer, and may agree to that', async () => {
    const { provider, consumer } = two
    const { id } = await provider.manage('/negotiations', {
      role: 'PROVIDER',
      counterPartyId: CONSUMER,
      offer: offer('unasked'),
    })
    const { consumerPid } = await provider.reaches(`/negotiations/${id}`, 'OFFERED')
    const both = { ours: `/negotiations/${id}`, theirs: `/negotiations/${String(consumerPid)}` }

    await consumer.manage(`${both.theirs}/counter`, { offer: offer('unasked', FIFTEEN) })
    await stand(two, both, 'REQUESTED')
    await provider.manage(`${both.ours}/agree`)
    await stand(two, both, 'AGREED')
    await consumer.manage(`${both.theirs}/verify`)
    await stand(two, both, 'VERIFIED')
    await provider.manage(`${both.ours}/finalize`)

    expect(await agreementOf(two, both)).toMatchObject(FIFTEEN)
  })

  test('may be turned down', async () => {
    const { provider, consumer } = two
    const { id } = await provider.manage('/negotiations', {
      role: 'PROVIDER',
      counterPartyId: CONSUMER,
      offer: offer('unasked'),
    })
    const { consumerPid } = await provider.reaches(`/negotiations/${id}`, 'OFFERED')

    await consumer.manage(`/negotiations/${String(consumerPid)}/terminate`, { reason: 'no need of it' })

    const { problem } = await provider.reaches(`/negotiations/${id}`, 'TERMINATED')
    expect(problem?.['message']).toContain('no need of it')
  })
})

describe('counter-offers both ways', () => {
  test('lead to FINALIZED, and the agreement has the rules of the last offer', async () => {
    const { provider, consumer } = two
    const both = await asked(two, offer('hand'))
    await stand(two, both, 'REQUESTED')

    await provider.manage(`${both.ours}/offer`, { offer: offer('hand', TWENTY) })
    expect((await stand(two, both, 'OFFERED')).map(({ offeredBy }) => offeredBy)).toEqual(['PROVIDER', 'PROVIDER'])
    await consumer.manage(`${both.theirs}/counter`, { offer: offer('hand', FIFTEEN) })
    expect((await stand(two, both, 'REQUESTED')).map(({ offeredBy }) => offeredBy)).toEqual(['CONSUMER', 'CONSUMER'])
    await provider.manage(`${both.ours}/offer`, { offer: offer('hand', TWENTY) })
    expect((await stand(two, both, 'OFFERED')).map((shown) => shown.offer)).toMatchObject([TWENTY, TWENTY])
    await consumer.manage(`${both.theirs}/accept`)
    await stand(two, both, 'ACCEPTED')
    await provider.manage(`${both.ours}/agree`)
    await stand(two, both, 'AGREED')
    await consumer.manage(`${both.theirs}/verify`)
    await stand(two, both, 'VERIFIED')
    await provider.manage(`${both.ours}/finalize`)

    expect(await agreementOf(two, both)).toMatchObject(TWENTY)
  })

  test('stay on the dataset that the negotiation is about', async () => {
    const { provider, consumer } = two
    const both = await asked(two, offer('hand'))
    const other = { ...offer('hand'), target: 'urn:dataset:other' }
    await stand(two, both, 'REQUESTED')

    await expect(provider.manage(`${both.ours}/offer`, { offer: other })).rejects.toThrow(/^409 .*offer\.differs/)
    await provider.manage(`${both.ours}/offer`)
    await stand(two, both, 'OFFERED')
    await expect(consumer.manage(`${both.theirs}/counter`, { offer: other })).rejects.toThrow(/^409 .*offer\.differs/)
  })

  // prettier-ignore
  const NOT_NOW: readonly (readonly [state: string, side: 'provider' | 'consumer', action: string])[] = [
    ['REQUESTED', 'provider', 'finalize'],
    ['REQUESTED', 'provider', 'accept'],
    ['REQUESTED', 'provider', 'counter'],
    ['REQUESTED', 'consumer', 'accept'],
    ['REQUESTED', 'consumer', 'counter'],
    ['REQUESTED', 'consumer', 'agree'],
    ['OFFERED',   'provider', 'offer'],
    ['OFFERED',   'provider', 'agree'],
    ['OFFERED',   'consumer', 'verify'],
    ['OFFERED',   'consumer', 'offer'],
  ]

  test.each(NOT_NOW)('in %s the %s may not %s, and nothing is sent', async (state, side, action) => {
    const both = await asked(two, offer('hand'))
    await stand(two, both, 'REQUESTED')
    if (state === 'OFFERED') await two.provider.manage(`${both.ours}/offer`)
    await stand(two, both, state)

    const path = side === 'provider' ? both.ours : both.theirs
    await expect(two[side].manage(`${path}/${action}`)).rejects.toThrow(/^409 .*move\.illegal/)
    await stand(two, both, state)
  })
})
