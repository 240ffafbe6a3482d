// What becomes of a policy that is changed in one place: by each kind of fact, with a request that shows it.

import { describe, expect, it } from 'vitest'
import { compareSides, type Comparison, type Relation } from '../../../../../src/domain/policy/analysis/compare.ts'
import { sideOf } from '../../../../../src/domain/policy/analysis/side.ts'
import type { Memberships } from '../../../../../src/domain/policy/values.ts'
import type { Constraint, RightOperand, Rules } from '../../../../../src/protocol/odrl/types.ts'
import { compiled, permitting, permittingWith, that } from '../fixture.ts'

const MEMBERSHIPS: Memberships = { clinical: ['research'], research: [], 'did:web:a': ['lenders'], lenders: [] }
const side = (rules: Rules) => sideOf(compiled(rules), rules, MEMBERSHIPS)
const compare = (before: Rules, after: Rules): Comparison => compareSides(side(before), side(after))
type Written = readonly [operator: string, right: RightOperand]
const relation = (left: string, [operator, right]: Written, [other, value]: Written): Relation =>
  compare(permitting(that(left, operator, right)), permitting(that(left, other, value))).relation

describe('a constraint that is changed', () => {
  // prettier-ignore
  it.each<readonly [string, Written, Written, Relation]>([
    ['count',             ['lteq', '5'],                 ['lteq', '10'],                   'widened'],
    ['count',             ['lt', '6'],                   ['lteq', '5'],                    'equal'],
    ['count',             ['neq', '3'],                  ['lteq', '2'],                    'narrowed'],
    ['percentage',        ['lt', '6'],                   ['lteq', '5'],                    'narrowed'],
    ['dateTime',          ['lt', '2026-01-01T00:00:00Z'], ['lteq', '2025-12-31T23:59:59.999Z'], 'equal'],
    ['dateTime',          ['lt', '2026-01-01T08:00:00+08:00'], ['lt', '2026-01-01T00:00:00Z'], 'equal'],
    ['elapsedTime',       ['lteq', 'P7D'],               ['lteq', 'PT168H'],               'equal'],
    ['elapsedTime',       ['lteq', 'P1M'],               ['lteq', 'P1M'],                  'equal'],
    ['elapsedTime',       ['lteq', 'P1M'],               ['lteq', 'P10D'],                 'narrowed'],
    ['elapsedTime',       ['lteq', 'P1M'],               ['lteq', 'P30D'],                 'incomparable'],
    ['tds:frequency',     ['lteq', '100/P1D'],           ['lteq', '10/P1D'],               'narrowed'],
    ['tds:frequency',     ['lteq', '100/P1D'],           ['lteq', '100/PT1H'],             'widened'],
    ['tds:frequency',     ['lteq', '100/P1D'],           ['lteq', '50/PT1H'],              'incomparable'],
    ['tds:dailyWindow',   ['isPartOf', 'Mon-Fri 09:00-17:00 Asia/Shanghai'], ['isPartOf', ['Mon-Wed 09:00-17:00 Asia/Shanghai', 'Thu-Fri 09:00-17:00 Asia/Shanghai']], 'equal'],
    ['tds:dailyWindow',   ['isPartOf', 'Sun 22:00-02:00 Asia/Shanghai'], ['isPartOf', ['Sun 22:00-24:00 Asia/Shanghai', 'Mon 00:00-02:00 Asia/Shanghai']], 'equal'],
    ['tds:dailyWindow',   ['isPartOf', 'Mon 09:00-17:00 Asia/Shanghai'], ['isNoneOf', 'Mon 09:00-17:00 Asia/Shanghai'], 'incomparable'],
    ['spatial',           ['isAnyOf', ['CN', 'VN']],     ['isAnyOf', ['VN', 'CN']],        'equal'],
    ['spatial',           ['isPartOf', 'CN'],            ['isPartOf', 'CN-45'],            'narrowed'],
    ['spatial',           ['isPartOf', 'ASEAN'],         ['isPartOf', ['VN', 'SG']],       'narrowed'],
    ['spatial',           ['isPartOf', 'CN-45'],         ['isPartOf', ['CN-45', '4501']],  'equal'],
    ['virtualLocation',   ['isPartOf', '10.0.0.0/8'],    ['isPartOf', '10.1.0.0/16'],      'narrowed'],
    ['virtualLocation',   ['isNoneOf', '10.0.0.0/8'],    ['isNoneOf', '2001:db8::/32'],    'incomparable'],
    ['virtualLocation',   ['isPartOf', '*.example'],     ['isPartOf', 'host.example'],     'narrowed'],
    ['purpose',           ['isA', 'research'],           ['isA', 'clinical'],              'narrowed'],
    ['recipient',         ['isPartOf', 'lenders'],       ['eq', 'did:web:a'],              'narrowed'],
    ['tds:role',          ['isAllOf', ['a', 'b']],       ['isAnyOf', ['a', 'b']],          'widened'],
    ['tds:role',          ['isPartOf', ['a', 'b']],      ['isAnyOf', ['a', 'b']],          'widened'],
    ['tds:role',          ['isAnyOf', ['a', 'b']],       ['isPartOf', ['a', 'b', 'c']],    'incomparable'],
    ['tds:ciio',          ['eq', 'true'],                ['neq', 'false'],                 'equal'],
    ['tds:mechanismValidUntil', ['gt', 'ctx:now'],       ['gteq', 'ctx:now'],              'widened'],
    ['tds:mechanismValidUntil', ['gt', 'annex:end'],     ['gt', 'annex:end'],              'equal'],
    ['meteredTime',       ['lteq', 'P1M'],               ['lteq', 'P2M'],                  'equal'],
  ])('%s from %j to %j: %s', (left, before, after, expected) => {
    expect(relation(left, before, after)).toBe(expected)
    const mirrored = { equal: 'equal', widened: 'narrowed', narrowed: 'widened', incomparable: 'incomparable', unknown: 'unknown' }
    expect(relation(left, after, before)).toBe(mirrored[expected])
  })

  it('and leaves nothing out narrows all the same where the fact may be missing', () => {
    expect(compare(permitting(), permitting(that('tds:dataSize', 'gteq', '0'))).relation).toBe('narrowed')
    expect(compare(permitting(), permitting(that('count', 'gteq', '0'))).relation).toBe('equal')
    const age = { or: [that('elapsedTime', 'lteq', 'P1D'), { xone: [that('elapsedTime', 'lteq', 'P1D')] }] }
    expect(compare(permitting(), permitting(age)).relation).toBe('narrowed')
  })

  it('of networks is shown by an address, as a request comes from one', () => {
    const { lost } = compare(
      permitting(that('virtualLocation', 'isPartOf', '10.0.0.0/8')),
      permitting(that('virtualLocation', 'isPartOf', '10.0.0.0/9')),
    )
    expect(lost?.facts.known).toEqual({ virtualLocation: '10.128.0.0/32' })
  })

  it('of a taxonomy knows a term that is certainly another from one that nobody has heard of', () => {
    const noResearch: Constraint = { xone: [that('industry', 'isA', 'research'), that('count', 'gteq', '0')] }
    const { relation: found, lost } = compare(permitting(noResearch), permitting(that('count', 'lt', '0')))
    expect([found, lost?.facts.known]).toEqual(['narrowed', { industry: 'did:web:a' }])
  })

  it('to another currency permits something else', () => {
    const paid = (unit: string) => permitting({ ...that('payAmount', 'gteq', '10'), unit })
    expect(compare(paid('CNY'), paid('USD')).relation).toBe('incomparable')
  })

  it('is not compared where clocks of two zones would have to be', () => {
    const [before, after]: readonly Written[] = [
      ['isPartOf', 'Mon 09:00-10:00 Asia/Shanghai'],
      ['isPartOf', 'Mon 01:00-02:00 Z'],
    ]
    expect(relation('tds:dailyWindow', before ?? ['', ''], after ?? ['', ''])).toBe('unknown')
  })
})

describe('a rule that is changed', () => {
  it('gains a use that is shown as a request for it', () => {
    const { gained, lost } = compare(permitting(that('count', 'lteq', '5')), permitting(that('count', 'lteq', '10')))
    expect(gained).toMatchObject({ action: 'use', phase: 'start', facts: { used: 5 } })
    expect(lost).toBe(null)
  })

  it('narrows by a prohibition of a part, shown by that part', () => {
    const { relation: found, lost } = compare(permitting(), {
      ...permitting(),
      prohibition: [{ action: 'distribute' }],
    })
    expect([found, lost?.action]).toEqual(['narrowed', 'distribute'])
  })

  it('widens by a duty that is no longer a precondition, and not by one that follows delivery', () => {
    expect(compare(permittingWith({ action: 'compensate' }), permitting()).relation).toBe('widened')
    expect(compare(permittingWith({ action: 'delete' }), permitting()).relation).toBe('equal')
  })

  it('stays the same where a duty of the same words stands at another place', () => {
    const duty = [{ action: 'compensate' }]
    const before: Rules = { permission: [{ action: 'read' }, { action: 'print', duty }] }
    const after: Rules = { permission: [{ action: 'print', duty }, { action: 'read' }] }
    expect(compare(before, after).relation).toBe('equal')
  })

  it('is compared with the assets that it names', () => {
    const on = (id: string): Rules => ({
      permission: [{ action: 'use', scopes: { target: { id, isCollection: false } } }],
    })
    expect(compare(on('urn:a'), on('urn:a')).relation).toBe('equal')
    expect(compare(on('urn:a'), on('urn:b')).relation).toBe('incomparable')
    expect(compare(on('urn:a'), permitting()).relation).toBe('widened')
  })

  it('of more alternatives than are looked at is not called equal or otherwise', () => {
    const names = [
      'count',
      'tds:dataSize',
      'tds:recordCount',
      'tds:minGroupSize',
      'tds:minParties',
      'tds:roundLimit',
      'percentage',
      'resolution',
    ]
    const odd = (n: number): Constraint => ({
      xone: names.flatMap((name) => [that(name, 'neq', String(n)), that(name, 'neq', String(n + 1))]),
    })
    const rules = permitting(odd(1), odd(3), odd(5))
    expect(compare(rules, permitting(odd(5), odd(3), odd(1))).relation).toBe('unknown')
  })
})
