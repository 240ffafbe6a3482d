// What ODRL 2.2 says beyond a permission with constraints: conflicts, consequences, remedies, refinements, sets, references.

import { describe, expect, it } from 'vitest'
import { compileConstraintsFully, compilePolicyFully } from '../../../../src/domain/policy/compile.ts'
import { evaluatePolicy, type Asked } from '../../../../src/domain/policy/evaluate.ts'
import type { Facts } from '../../../../src/domain/policy/facts.ts'
import type { ConstraintResult } from '../../../../src/domain/policy/results.ts'
import type { Constraint, RightOperand, Rules } from '../../../../src/protocol/odrl/types.ts'
import { at, compiled, decide, facts, permitting, that } from './fixture.ts'

const USE = { action: 'use' }

describe('a permission and a prohibition that meet', () => {
  const both: Rules = { permission: [USE], prohibition: [USE] }

  // prettier-ignore
  it.each([
    [undefined,  'deny',   'policy-void'],
    ['invalid',  'deny',   'policy-void'],
    ['prohibit', 'deny',   'prohibited'],
    ['perm',     'permit', 'permitted'],
  ] as const)('with conflict %s: %s, %s', (conflict, verdict, cause) => {
    expect(decide({ ...both, ...(conflict && { conflict }) })).toMatchObject({ verdict, cause })
  })

  it('do not meet where the permission is not active: then the prohibition stands, whatever the strategy', () => {
    const rules: Rules = { ...permitting(that('spatial', 'eq', 'CN')), prohibition: [USE], conflict: 'perm' }
    expect(decide(rules)).toMatchObject({ verdict: 'deny', cause: 'prohibited' })
  })
})

describe('a duty with a consequence', () => {
  const pay = { '@id': 'urn:duty:pay', action: 'compensate', consequence: [{ action: 'inform' }, { action: 'delete' }] }
  const rules: Rules = { permission: [{ ...USE, duty: [pay] }] }
  const duty = 'permission[0].duty[0]'

  it('is fulfilled in time without it', () => {
    expect(decide(rules, { duties: { 'urn:duty:pay': 'fulfilled' } }).verdict).toBe('permit')
    expect(decide(rules, { duties: { [duty]: 'fulfilled' } }).verdict).toBe('permit')
  })

  it('is violated until it was performed after all, with every consequence', () => {
    const made = { [`${duty}.consequence[0]`]: 'fulfilled', [`${duty}.consequence[1]`]: 'fulfilled' } as const
    const owed = { [`${duty}.consequence[0]`]: 'fulfilled' } as const
    expect(decide(rules, { duties: { [duty]: 'violated', ...made } }).verdict).toBe('deny')
    expect(decide(rules, { duties: { [duty]: 'late', ...owed } }).verdict).toBe('deny')
    expect(decide(rules, { duties: { [duty]: 'late', ...made } }).verdict).toBe('permit')
  })

  it('must not have one whose consequence has a consequence', () => {
    const deep = { ...pay, consequence: [{ action: 'inform', consequence: [{ action: 'delete' }] }] }
    expect(compilePolicyFully({ permission: [{ ...USE, duty: [deep] }] }).problems).toMatchObject([
      { code: 'policy.invalid', path: `${duty}.consequence[0].consequence` },
    ])
  })

  it('of one uid in two permissions is fulfilled once', () => {
    const read = { action: 'read', duty: [pay] }
    const two: Rules = { permission: [{ action: 'print', duty: [pay] }, read] }
    expect(decide(two, { duties: { 'urn:duty:pay': 'fulfilled' } }, 'start', 'read').verdict).toBe('permit')
    expect(decide(two, { duties: { 'urn:duty:pay': 'fulfilled' } }, 'start', 'print').verdict).toBe('permit')
  })
})

describe('a prohibition that was infringed', () => {
  const rules: Rules = { permission: [USE], prohibition: [{ action: 'distribute', remedy: [{ action: 'delete' }] }] }

  it('says what its remedy has come to', () => {
    const after = (duties: Facts['duties']) =>
      decide(rules, { infringed: ['prohibition[0]'], ...(duties && { duties }) }).reasons[1]?.remedies
    expect(decide(rules).reasons[1]?.remedies).toBeUndefined()
    expect(after(undefined)).toMatchObject([{ action: 'delete', state: 'owed' }])
    expect(after({ 'prohibition[0].remedy[0]': 'fulfilled' })).toMatchObject([{ state: 'fulfilled' }])
  })

  it('has no remedy with a consequence', () => {
    const remedy = [{ action: 'delete', consequence: [{ action: 'inform' }] }]
    expect(compilePolicyFully({ prohibition: [{ ...USE, remedy }] }).problems).toHaveLength(1)
  })
})

describe('a refinement', () => {
  const rules: Rules = { permission: [{ action: 'print', refinement: [that('resolution', 'lteq', '1200')] }] }

  // prettier-ignore
  it.each([
    ['1200', 'permit',       'active'],
    ['1201', 'default-deny', 'not-asked'],
    [null,   'deny',         'inactive'],
  ] as const)('of an action, when the request has %s: %s', (resolution, verdict, state) => {
    const known = resolution === null ? {} : { resolution }
    expect(decide(rules, { known }, 'start', 'print')).toMatchObject({ verdict, reasons: [{ state }] })
  })

  it('of a prohibited action prohibits what may be it', () => {
    const banned: Rules = { permission: [{ action: 'print' }], prohibition: [...(rules.permission ?? [])] }
    expect(decide(banned, {}, 'start', 'print').verdict).toBe('deny')
    expect(decide(banned, { known: { resolution: '2400' } }, 'start', 'print').verdict).toBe('permit')
  })
})

describe('a rule about an asset and a party of its own', () => {
  const rules: Rules = {
    permission: [
      {
        action: 'read',
        scopes: {
          target: { id: 'urn:x', isCollection: false },
          assignee: { id: 'urn:staff', isCollection: true, refinement: [that('tds:role', 'eq', 'doctor')] },
        },
      },
    ],
  }
  const ask = (asked: Asked, more: Partial<Facts> = {}) =>
    evaluatePolicy(
      compiled(rules),
      'read',
      facts({ memberships: { 'urn:alice': ['urn:staff'] }, ...more }),
      'start',
      asked,
    )
  const known = { 'tds:role': 'doctor' }

  it('is about them and nobody else', () => {
    expect(ask({ target: 'urn:x', assignee: 'urn:alice' }, { known }).verdict).toBe('permit')
    expect(ask({ target: 'urn:y', assignee: 'urn:alice' }, { known }).verdict).toBe('default-deny')
    expect(ask({ target: 'urn:x', assignee: 'urn:bob' }, { known }).verdict).toBe('default-deny')
    expect(ask({ target: 'urn:x', assignee: 'urn:alice' }, { known: { 'tds:role': 'nurse' } }).verdict).toBe(
      'default-deny',
    )
  })

  it('does not permit where the request does not say', () => {
    expect(ask({ assignee: 'urn:alice' }, { known }).verdict).toBe('deny')
    expect(ask({ target: 'urn:x', assignee: 'urn:alice' }).verdict).toBe('deny')
  })
})

describe('sets on both sides', () => {
  const result = (operator: string, left: readonly string[], right: RightOperand): ConstraintResult | undefined =>
    decide(permitting(that('tds:transferMechanism', operator, right)), { known: { 'tds:transferMechanism': left } })
      .reasons[0]?.constraints[0]?.result

  // prettier-ignore
  it.each([
    ['eq',       ['a'],      'a',             'satisfied'],
    ['eq',       ['a', 'b'], 'a',             'unsatisfied'],
    ['neq',      ['a', 'b'], 'a',             'satisfied'],
    ['isAnyOf',  ['a', 'b'], ['b', 'c'],      'satisfied'],
    ['isAnyOf',  ['a'],      ['b', 'c'],      'unsatisfied'],
    ['isNoneOf', ['a', 'b'], ['c'],           'satisfied'],
    ['isNoneOf', ['a', 'b'], ['b', 'c'],      'unsatisfied'],
    ['isAllOf',  ['a', 'b'], ['a', 'b'],      'satisfied'],
    ['isAllOf',  ['a', 'b'], ['a'],           'satisfied'],
    ['isAllOf',  ['a'],      ['a', 'b'],      'unsatisfied'],
    ['isPartOf', ['a'],      ['a', 'b'],      'satisfied'],
    ['isPartOf', ['a', 'c'], ['a', 'b'],      'unsatisfied'],
    ['hasPart',  ['a', 'b'], ['b'],           'satisfied'],
    ['hasPart',  ['a'],      ['a', 'b'],      'unsatisfied'],
  ] as const)('%s %j %j: %s', (operator, left, right, expected) => {
    expect(result(operator, left, right)).toBe(expected)
  })

  it('with no fact are unknown, and grant nothing', () => {
    expect(decide(permitting(that('tds:transferMechanism', 'isAllOf', ['a']))).verdict).toBe('deny')
  })
})

describe('one fact against another', () => {
  const results = (constraint: Constraint, more: Partial<Facts>) => {
    const [reason] = decide(permitting(constraint), more).reasons[0]?.constraints ?? []
    return reason?.result
  }

  // prettier-ignore
  it.each<[string, Constraint, Partial<Facts>, ConstraintResult]>([
    ['a mechanism that holds',            that('tds:mechanismValidUntil', 'gt', 'ctx:now'), { known: { 'tds:mechanismValidUntil': '2026-06-01T12:00:01Z' } }, 'satisfied'],
    ['one that has just ended',           that('tds:mechanismValidUntil', 'gt', 'ctx:now'), { known: { 'tds:mechanismValidUntil': '2026-06-01T12:00:00Z' } }, 'unsatisfied'],
    ['one that nobody has recorded',      that('tds:mechanismValidUntil', 'gt', 'ctx:now'), {},                                                              'unknown'],
    ['an end that the annex gives',       that('dateTime', 'lteq', 'annex:endDate'),        { known: { 'annex:endDate': '2026-07-01T00:00:00Z' } },           'satisfied'],
    ['an end that no annex gives',        that('dateTime', 'lteq', 'annex:endDate'),        {},                                                              'unknown'],
    ['a recipient of the consent',        that('recipient', 'isAnyOf', 'consent:lenders'),  { known: { 'consent:lenders': ['did:web:consumer.example'] } },   'satisfied'],
    ['a recipient that is not of it',     that('recipient', 'isAnyOf', 'consent:lenders'),  { known: { 'consent:lenders': ['did:web:other.example'] } },      'unsatisfied'],
    ['a member of a group',               that('recipient', 'isAnyOf', ['lenders']),        { memberships: { 'did:web:consumer.example': ['lenders'] } },     'satisfied'],
    ['a purpose below a broader one',     that('purpose', 'isA', 'research'),               { purpose: 'climate', memberships: { climate: ['science'], science: ['research'] } }, 'satisfied'],
    ['a purpose that the taxonomy puts elsewhere', that('purpose', 'isA', 'research'),      { purpose: 'climate', memberships: { climate: ['marketing'] } },  'unsatisfied'],
    ['a purpose that no taxonomy has',    that('purpose', 'isA', 'research'),               { purpose: 'climate' },                                           'unknown'],
    ['a country of ASEAN',                that('spatial', 'isPartOf', ['ASEAN']),           { country: 'VN' },                                                'satisfied'],
    ['a city in a province',              that('spatial', 'isPartOf', ['CN-GX']),           { country: '450100' },                                            'satisfied'],
    ['an address in a network',           that('virtualLocation', 'isAnyOf', ['10.0.0.0/24']), { known: { virtualLocation: '10.0.0.9' } },                    'satisfied'],
    ['an address that is none',           that('virtualLocation', 'isAnyOf', ['10.0.0.0/24']), { known: { virtualLocation: '10.0.0' } },                         'unknown'],
    ['an amount in its currency',         { ...that('payAmount', 'gteq', '10.00'), unit: 'CNY' }, { known: { payAmount: '10 CNY' } },                         'satisfied'],
    ['an amount in another currency',     { ...that('payAmount', 'gteq', '10.00'), unit: 'CNY' }, { known: { payAmount: '10 USD' } },                         'unknown'],
    ['hours in which it is',              that('tds:dailyWindow', 'isAnyOf', ['Mon-Fri 09:00-21:00 Asia/Shanghai']), {},                                     'satisfied'],
    ['hours in which it is not',          that('tds:dailyWindow', 'isAnyOf', ['Mon-Fri 09:00-17:00 Asia/Shanghai']), {},                                     'unsatisfied'],
    ['a last use long enough ago',        that('timeInterval', 'eq', 'PT1H'),               { uses: [at('2026-06-01T10:00:00Z')] },                           'satisfied'],
    ['the third use within an hour of two', that('tds:frequency', 'lteq', '2/PT1H'),        { uses: [at('2026-06-01T11:30:00Z'), at('2026-06-01T11:45:00Z')] }, 'unsatisfied'],
    ['the second use within an hour',     that('tds:frequency', 'lteq', '2/PT1H'),          { uses: [at('2026-06-01T10:59:00Z'), at('2026-06-01T11:45:00Z')] }, 'satisfied'],
    ['a rate that nobody has counted',    that('tds:frequency', 'lteq', '2/PT1H'),          {},                                                              'unknown'],
    ['what is promised and no more',      that('tds:minGroupSize', 'gteq', '10'),           {},                                                              'contractual'],
    ['a promise that a fact belies',      that('tds:minGroupSize', 'gteq', '10'),           { known: { 'tds:minGroupSize': '5' } },                           'unsatisfied'],
  ])('%s', (_what, constraint, more, expected) => {
    expect(results(constraint, more)).toBe(expected)
  })
})

describe('a right operand that the record of an agreement holds', () => {
  const until = permitting(that('dateTime', 'lteq', 'annex:endDate'))

  it('is asked for once there is an agreement, and not before', () => {
    const negotiated = decide(until, { agreedAt: null }, 'negotiation')
    expect(negotiated.verdict).toBe('permit')
    expect(negotiated.deferred).toEqual(['permission[0].constraint[0]'])
    expect(decide(until).verdict).toBe('deny')
  })

  it('must be there, also where the left side is promised by contract and no more', () => {
    const purpose = permitting(that('purpose', 'eq', 'annex:purpose'))
    expect(decide(purpose, { purpose: 'research' }).verdict).toBe('deny')
    expect(decide(purpose, { known: { 'annex:purpose': 'research' } }).verdict).toBe('permit')
  })

  it('is refused where an offer says who may see it', () => {
    const { problems } = compileConstraintsFully([that('recipient', 'isAnyOf', ['consent:lenders'])])
    expect(problems).toMatchObject([{ code: 'policy.not-understood', path: 'access[0].rightOperand[0]' }])
  })
})

describe('one after the other', () => {
  const rules = permitting({
    andSequence: [that('dateTime', 'gteq', '2026-05-01T00:00:00Z'), that('spatial', 'eq', 'VN')],
  })

  it('holds when the last holds', () => {
    expect(decide(rules).verdict).toBe('permit')
  })

  it('fails at the first that does not', () => {
    expect(decide(rules, { country: 'TH' }).verdict).toBe('deny')
    expect(decide(rules, { now: at('2026-04-01T00:00:00Z'), country: null }).reasons[0]?.constraints[0]?.result).toBe(
      'unsatisfied',
    )
  })
})
