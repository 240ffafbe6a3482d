// Why somebody cannot see or use a dataset: the clause and the fact that decide, for every offer and agreement.

import { NO_REGIME } from '../../../../src/domain/policy/regime.ts'
import { describe, expect, test } from 'vitest'
import {
  explainAccess,
  type AccessExplained,
  type AccessQuestion,
} from '../../../../src/domain/access/explain-access.ts'
import type { DatasetOffer } from '../../../../src/domain/catalog/offers.ts'
import type { Constraint, Rules } from '../../../../src/protocol/odrl/types.ts'
import {
  agreementAs,
  CONSUMER,
  dataset,
  definition,
  IN_VIET_NAM,
  NOTHING_USED,
  NOW,
  peer,
  USE,
} from '../../../fixtures/builders.ts'

const TWICE: Rules = {
  permission: [{ action: 'use', constraint: [{ leftOperand: 'count', operator: 'lteq', rightOperand: '2' }] }],
}
const FROM_CHINA: Constraint = { leftOperand: 'spatial', operator: 'eq', rightOperand: 'CN' }

function offered(id: string, rules: Rules, access: readonly Constraint[] = []): DatasetOffer {
  return { id: id as never, place: 0, definition: definition(rules, access, { file: `offers/${id}.yaml` }) }
}

const IN_FORCE = { row: agreementAs('PROVIDER', TWICE), ...NOTHING_USED, openTransfers: 1 }

function explained(more: Partial<AccessQuestion> = {}): AccessExplained {
  return explainAccess({
    participant: CONSUMER,
    peer: peer(),
    isAdmitted: true,
    dataset: dataset(),
    regime: NO_REGIME,
    offers: [offered('open', USE)],
    agreements: [],
    phase: null,
    now: NOW,
    ...more,
  })
}

describe('whether it is seen', () => {
  test('an offer without access rules is seen by everyone who is admitted', () => {
    expect(explained().see).toMatchObject({ allowed: true, message: 'it sees open' })
  })

  // prettier-ignore
  test.each([
    ['a peer that is not admitted',  { isAdmitted: false },               'participant.not-admitted', /not in the register of peers/],
    ['a dataset that is not there',  { dataset: null, offers: [] },  'resource.unknown',         /no such dataset/],
    ['a dataset without an offer',   { offers: [] },                      'offer.unknown',            /none of the policy files selects this dataset/],
  ])('%s is named', (_what, more, code, sentence) => {
    const { see, use } = explained(more)
    expect(see).toMatchObject({ allowed: false, code, message: expect.stringMatching(sentence) as unknown })
    expect(use).toEqual(see)
  })

  test('of several offers that are hidden each has its own clause and fact', () => {
    const offers = [offered('vn', USE, [FROM_CHINA]), offered('both', USE, [IN_VIET_NAM, FROM_CHINA])]

    const { see, offers: found } = explained({ offers })

    expect(found.map(({ offerId, file, catalogue }) => [offerId, file, catalogue?.path, catalogue?.message])).toEqual([
      ['vn', 'offers/vn.yaml', 'access[0]', "spatial eq CN does not hold: the participant's country is VN"],
      ['both', 'offers/both.yaml', 'access[1]', "spatial eq CN does not hold: the participant's country is VN"],
    ])
    expect(see).toMatchObject({ allowed: false, code: 'policy.denied', path: 'access[0]' })
  })

  test('a claim that nobody knows hides an offer, and is said to be unknown', () => {
    const { see } = explained({ peer: peer({ claims: {} }), offers: [offered('vn', USE, [IN_VIET_NAM])] })
    expect(see.message).toContain("the participant's country is not known")
  })
})

describe('whether it can be used', () => {
  test('without an agreement: what may be requested, or the clause that would refuse it', () => {
    expect(explained().use).toMatchObject({ allowed: false, code: 'agreement.unknown' })
    const offers = [offered('late', { permission: [{ action: 'use', constraint: [FROM_CHINA] }] })]
    expect(explained({ offers }).use).toMatchObject({
      ...{ allowed: false, code: 'policy.denied', path: 'permission[0].constraint[0]' },
      message: "late: spatial eq CN does not hold: the participant's country is VN",
    })
  })

  test('what only a later phase decides is listed and denies nothing now', () => {
    const [offer] = explained({ offers: [offered('twice', TWICE)] }).offers
    expect(offer?.negotiation).toMatchObject({ allowed: true, deferred: ['permission[0].constraint[0]'] })
  })

  // prettier-ignore
  test.each([
    ['in force',            IN_FORCE,                                                               true,  null,                  /data may leave/],
    ['with its count used up', { ...IN_FORCE, used: 2 },                                            false, 'policy.denied',       /count lteq 2 does not hold: this would be use 3/],
    ['that was ended',      { ...IN_FORCE, row: agreementAs('PROVIDER', TWICE, { endedAt: NOW, endReason: 'moved away' }) }, false, 'agreement.ended', /it was ended: moved away/],
    ['that is not final',   { ...IN_FORCE, row: agreementAs('PROVIDER', TWICE, { finalizedAt: null }) }, false, 'agreement.not-final', /not finalized/],
  ])('under an agreement %s', (_what, agreement, allowed, code, sentence) => {
    const { use, agreements } = explained({ agreements: [agreement] })
    expect(use).toMatchObject({ allowed, code, message: expect.stringMatching(sentence) as unknown })
    expect(agreements).toHaveLength(1)
  })

  test('an agreement in force outweighs ended ones, and a used-up one says more than an ended one', () => {
    const ended = { ...IN_FORCE, row: agreementAs('PROVIDER', TWICE, { endedAt: NOW, endReason: null }) }
    expect(explained({ agreements: [ended, IN_FORCE] }).use.allowed).toBe(true)
    expect(explained({ agreements: [ended, { ...IN_FORCE, used: 2 }] }).use.code).toBe('policy.denied')
  })

  test('a peer that was struck off gets no data under an agreement in force', () => {
    expect(explained({ isAdmitted: false, agreements: [IN_FORCE] }).use.code).toBe('participant.not-admitted')
  })
})

test('a phase asks about that phase alone', () => {
  const agreements = [{ ...IN_FORCE, used: 2 }]
  expect(explained({ phase: 'catalogue', agreements })).toMatchObject({
    offers: [{ negotiation: null }],
    agreements: [],
  })
  expect(explained({ phase: 'negotiation', agreements })).toMatchObject({
    offers: [{ catalogue: null }],
    agreements: [],
  })
  // While a delivery runs, its own use is counted already.
  expect(explained({ phase: 'during', agreements }).agreements).toMatchObject([{ use: { allowed: true } }])
  expect(explained({ phase: 'start', agreements }).agreements).toMatchObject([{ use: { allowed: false } }])
})
