// A provider's judgement of a request.

import { describe, expect, test } from 'vitest'
import { indexOffers } from '../../../../src/domain/catalog/offer-index.ts'
import { judgeRequest, type Offered } from '../../../../src/domain/exchange/judge-request.ts'
import type { MessageOffer } from '../../../../src/protocol/odrl/types.ts'
import {
  AUTOMATIC,
  BY_MOONLIGHT,
  dataset,
  definition,
  factsOf,
  IN_VIET_NAM,
  offer,
} from '../../../fixtures/builders.ts'

const OFFERED: Offered = { dataset: dataset(), offers: indexOffers([definition()]), facts: factsOf() }
const judged = (about: MessageOffer, more: Partial<Offered> = {}) =>
  judgeRequest(about, { ...OFFERED, ...more }, AUTOMATIC)

describe('a request is refused as offer.unknown', () => {
  const unknown = judgeRequest(offer(), null, AUTOMATIC).refusal

  test.each<[string, MessageOffer, Partial<Offered>]>([
    ['there is no such dataset', offer(), { dataset: null }],
    ['there is no such offer', offer(undefined, { '@id': 'urn:offer:none' as never }), {}],
    ['the offer stands on another dataset', offer(), { dataset: dataset({ id: 'urn:dataset:other' as never }) }],
    [
      'the offer is hidden from this participant',
      offer(),
      { offers: indexOffers([definition(undefined, [IN_VIET_NAM])]), facts: factsOf({ country: 'CN' }) },
    ],
    [
      'nobody knows where the participant is',
      offer(),
      { offers: indexOffers([definition(undefined, [IN_VIET_NAM])]), facts: factsOf({ country: null }) },
    ],
  ])('where %s, always in the same words', (_, about, more) => {
    expect(judged(about, more).refusal).toEqual(unknown)
  })

  test('and only the record tells that it was hidden, and by which rule', () => {
    const { record } = judged(offer(), {
      offers: indexOffers([definition(undefined, [IN_VIET_NAM])]),
      facts: factsOf({ country: 'CN' }),
    })
    expect(record).toMatchObject({ code: 'policy.denied' })
    expect(record?.path).toMatch(/^access/)
    expect(judged(offer(), { dataset: null }).record).toBeNull()
  })
})

test('rules that we do not understand are refused, with the place', () => {
  const { refusal, automation } = judged(offer(BY_MOONLIGHT))
  expect(refusal).toMatchObject({ code: 'policy.not-understood' })
  expect(refusal?.path).toMatch(/^offer\.permission\[0\]\.constraint\[0\]/)
  expect(automation).toBeNull()
})

test('our own rules are judged by our policy, with the trace for evidence', () => {
  const rules = { permission: [{ action: 'use', constraint: [IN_VIET_NAM] }] }
  const offers = indexOffers([definition(rules)])
  expect(judged(offer(rules), { offers })).toMatchObject({
    refusal: null,
    trace: { verdict: 'permit' },
    automation: AUTOMATIC,
  })

  const denied = judged(offer(rules), { offers, facts: factsOf({ country: 'CN' }) })
  expect(denied).toMatchObject({ refusal: { code: 'policy.denied' }, automation: null })
  expect(denied.refusal?.path).toContain('permission[0]')
  expect(denied.trace).not.toBeNull()
})

test('rules that differ from ours are a counter-offer: never agreed to automatically', () => {
  const { refusal, automation } = judged(offer({ permission: [{ action: 'use', constraint: [IN_VIET_NAM] }] }))
  expect(refusal).toBeNull()
  expect(automation?.onRequested).toBe('manual')
})

test('an offer’s own automation overrides the connector’s', () => {
  const offers = indexOffers([
    definition(undefined, [], { automation: { onRequested: 'manual', transfer: { onRequested: 'manual' } } }),
  ])
  expect(judged(offer(), { offers }).automation).toEqual({
    ...AUTOMATIC,
    onRequested: 'manual',
    transfer: { onRequested: 'manual' },
  })
})

test('what the metadata of the dataset say decides, and stands in the trace', () => {
  const constraint = [{ leftOperand: 'tds:dataGrade', operator: 'eq', rightOperand: 'general' }]
  const rules = { permission: [{ action: 'use', constraint }] }
  const offers = indexOffers([definition(rules)])
  const general = dataset({ properties: { dataGrade: 'general' } })

  expect(judged(offer(rules), { offers, dataset: general })).toMatchObject({
    refusal: null,
    trace: { facts: { known: { 'tds:dataGrade': 'general' } } },
  })
  expect(judged(offer(rules), { offers }).refusal).toMatchObject({ code: 'policy.denied' })
})
