// The agreement: drafted from the offer, accepted only if it is the one that the offer leads to, in force from FINALIZED.

import { describe, expect, test } from 'vitest'
import { acceptAgreement, draftAgreement, negotiationEntered } from '../../../../src/domain/exchange/agreement.ts'
import type { Agreement } from '../../../../src/protocol/odrl/types.ts'
import type { Rules } from '../../../../src/protocol/odrl/types.ts'
import {
  agreementAs,
  agreementOn,
  CONSUMER,
  entriesOf,
  entryTypesOf,
  IN_VIET_NAM,
  negotiationAs,
  NOW,
  offer,
  PROVIDER,
  putsOf,
  sceneAs,
  STRANGER,
  USE,
} from '../../../fixtures/builders.ts'

const RULES: Required<Rules> = {
  profile: 'urn:lingqu:tds#',
  conflict: 'prohibit',
  permission: [{ action: 'use', constraint: [IN_VIET_NAM] }],
  prohibition: [{ action: 'distribute' }],
  obligation: [{ action: 'delete' }],
}

describe('the draft', () => {
  const drafted = draftAgreement(negotiationAs('PROVIDER', { offer: offer(RULES) }), null, sceneAs('PROVIDER'))

  test('has the rules of the offer verbatim, its dataset, both parties, and a time without fractions', () => {
    expect(drafted.agreement).toEqual({
      '@id': 'urn:uuid:fresh-agreement',
      '@type': 'Agreement',
      target: offer().target,
      assigner: PROVIDER,
      assignee: CONSUMER,
      timestamp: '2026-06-01T12:00:00Z',
      ...RULES,
    })
  })

  test('is on record but not in force', () => {
    expect(drafted).toMatchObject({
      role: 'PROVIDER',
      counterparty: CONSUMER,
      agreedAt: NOW,
      finalizedAt: null,
      endedAt: null,
    })
  })

  test('is accepted by the consumer that made the request', () => {
    const theirs = negotiationAs('CONSUMER', { offer: offer(RULES) })
    expect(acceptAgreement(theirs, drafted.agreement, null, sceneAs('CONSUMER'))).toMatchObject({ ok: true })
  })
})

describe('an agreement that comes in', () => {
  const negotiation = negotiationAs('CONSUMER', { offer: offer(RULES) })
  const accept = (more: Partial<Agreement>, taken = false) =>
    acceptAgreement(negotiation, agreementOn(RULES, more), taken ? agreementAs('CONSUMER') : null, sceneAs('CONSUMER'))

  test('is accepted with the same rules in another order', () => {
    expect(accept({ prohibition: [...RULES.prohibition] })).toMatchObject({
      ok: true,
      value: { role: 'CONSUMER', finalizedAt: null },
    })
  })

  test.each<[string, Partial<Agreement>, string]>([
    ['another dataset', { target: 'urn:dataset:other' as never }, 'agreement.target'],
    ['an assigner that is not talking', { assigner: STRANGER }, 'agreement.assigner'],
    ['an assignee that is not us', { assignee: STRANGER }, 'agreement.assignee'],
    ['the parties swapped', { assigner: CONSUMER, assignee: PROVIDER }, 'agreement.assigner'],
    ['one rule less', { prohibition: [] }, 'agreement'],
    ['one rule more', { obligation: [...RULES.obligation, { action: 'inform' }] }, 'agreement'],
    ['another constraint', { permission: USE.permission ?? [] }, 'agreement'],
    ['a profile', { profile: 'https://example.org/profile' }, 'agreement'],
  ])('is refused with %s, and with the place', (_, more, path) => {
    expect(accept(more)).toMatchObject({ ok: false, problem: { code: 'agreement.differs', path } })
  })

  test('is refused with the id of another agreement', () => {
    expect(accept({}, true)).toMatchObject({ ok: false, problem: { code: 'agreement.differs', path: 'agreement.@id' } })
  })
})

describe('entering a state', () => {
  const agreement = agreementAs('PROVIDER', USE, { finalizedAt: null })
  const scene = sceneAs('PROVIDER', { now: NOW })
  const enter = (
    from: 'ACCEPTED' | 'VERIFIED' | 'AGREED' | 'FINALIZED',
    to: 'AGREED' | 'VERIFIED' | 'FINALIZED' | 'TERMINATED',
  ) =>
    negotiationEntered(
      negotiationAs('PROVIDER', { state: from }),
      negotiationAs('PROVIDER', { state: to, agreementId: agreement.id }),
      agreement,
      scene,
    )

  test('AGREED is evidence of the agreement, with the digest of its policy and its parties', () => {
    const write = enter('ACCEPTED', 'AGREED')
    expect(entriesOf(write)).toMatchObject([
      {
        type: 'agreement.agreed',
        agreement: agreement.id,
        policyDigest: agreement.policyDigest,
        ext: { assigner: PROVIDER, assignee: CONSUMER },
      },
    ])
    expect(putsOf(write, 'agreement')).toEqual([])
  })

  test('FINALIZED brings it into force', () => {
    const write = enter('VERIFIED', 'FINALIZED')
    expect(putsOf(write, 'agreement')).toEqual([{ ...agreement, finalizedAt: NOW }])
    expect(entryTypesOf(write)).toEqual(['agreement.finalized'])
  })

  test('any other, or the same again, means nothing for it', () => {
    expect(enter('AGREED', 'VERIFIED')).toEqual([])
    expect(enter('VERIFIED', 'TERMINATED')).toEqual([])
    expect(enter('FINALIZED', 'FINALIZED')).toEqual([])
  })
})
