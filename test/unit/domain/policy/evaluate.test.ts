// Verdicts: which facts permit, which deny, and what happens where nobody knows.

import { describe, expect, it } from 'vitest'
import { compileConstraints } from '../../../../src/domain/policy/compile.ts'
import { isPermitted } from '../../../../src/domain/policy/decision.ts'
import { evaluateConstraints } from '../../../../src/domain/policy/evaluate.ts'
import type { Facts, Phase } from '../../../../src/domain/policy/facts.ts'
import type { ConstraintResult } from '../../../../src/domain/policy/results.ts'
import { orThrow } from '../../../../src/kernel/problem.ts'
import type { Constraint, RightOperand, Rules } from '../../../../src/protocol/odrl/types.ts'
import { at, decide, facts, participant, permitting, permittingWith, that } from './fixture.ts'

const resultOf = (constraint: Constraint, more: Partial<Facts> = {}, phase: Phase = 'start') =>
  decide(permitting(constraint), more, phase).reasons[0]?.result

const IN_VN = that('spatial', 'eq', 'VN')
const IN_CN = that('spatial', 'eq', 'CN')
const ONCE = that('count', 'lteq', '1')

describe('a constraint', () => {
  // prettier-ignore
  it.each<[string, string, RightOperand, Partial<Facts>, ConstraintResult]>([
    // Numbers are numbers: as text, "10" would come before "9".
    ['count', 'lteq', '9',  { used: 8 },  'satisfied'],
    ['count', 'lteq', '9',  { used: 9 },  'unsatisfied'],
    ['count', 'lteq', '10', { used: 8 },  'satisfied'],
    ['count', 'lt',   '9',  { used: 7 },  'satisfied'],
    ['count', 'lt',   '9',  { used: 8 },  'unsatisfied'],
    ['count', 'eq',   '1',  { used: 0 },  'satisfied'],
    ['count', 'neq',  '1',  { used: 0 },  'unsatisfied'],
    ['count', 'gt',   '1',  { used: 1 },  'satisfied'],
    ['count', 'gt',   '1',  { used: 0 },  'unsatisfied'],
    ['count', 'gteq', '2',  { used: 1 },  'satisfied'],
    ['count', 'gteq', '2',  { used: 0 },  'unsatisfied'],
    ['count', 'lteq', '9',  { used: NaN }, 'unknown'],
    // Instants are instants, whatever their zone.
    ['dateTime', 'lt',   '2026-06-01T12:00:00Z',      {}, 'unsatisfied'],
    ['dateTime', 'lteq', '2026-06-01T12:00:00Z',      {}, 'satisfied'],
    ['dateTime', 'lteq', '2026-06-01T20:00:00+08:00', {}, 'satisfied'],
    ['dateTime', 'lt',   '2026-06-01T20:00:01+08:00', {}, 'satisfied'],
    ['dateTime', 'gt',   '2026-06-01T19:59:59+08:00', {}, 'satisfied'],
    ['dateTime', 'gteq', '2026-06-01T12:00Z',         {}, 'satisfied'],
    ['dateTime', 'eq',   '2026-06-01T12:00Z',         {}, 'satisfied'],
    ['dateTime', 'neq',  '2026-06-01T12:00Z',         {}, 'unsatisfied'],
    // 31 days have passed since the agreement: exactly a month from the first of May.
    ['elapsedTime', 'lteq', 'P31D',  {}, 'satisfied'],
    ['elapsedTime', 'lt',   'P31D',  {}, 'unsatisfied'],
    ['elapsedTime', 'lteq', 'P30D',  {}, 'unsatisfied'],
    ['elapsedTime', 'lteq', 'P1M',   {}, 'satisfied'],
    ['elapsedTime', 'eq',   'P1M',   {}, 'satisfied'],
    ['elapsedTime', 'lteq', 'PT743H59M', {}, 'unsatisfied'],
    ['elapsedTime', 'lteq', 'P90D',  { agreedAt: null }, 'unknown'],
    // Places lie in places.
    ['spatial', 'eq',       'VN',           {}, 'satisfied'],
    ['spatial', 'eq',       'CN',           {}, 'unsatisfied'],
    ['spatial', 'neq',      'CN',           {}, 'satisfied'],
    ['spatial', 'isAnyOf',  ['CN', 'VN'],   {}, 'satisfied'],
    ['spatial', 'isAnyOf',  ['CN', 'SG'],   {}, 'unsatisfied'],
    ['spatial', 'isNoneOf', ['CN', 'SG'],   {}, 'satisfied'],
    ['spatial', 'isNoneOf', ['CN', 'VN'],   {}, 'unsatisfied'],
    ['spatial', 'isAllOf',  ['VN'],         {}, 'satisfied'],
    ['spatial', 'isAllOf',  ['VN', 'CN'],   {}, 'unsatisfied'],
    ['spatial', 'isPartOf', 'CN',           { country: 'CN-45' }, 'satisfied'],
    ['spatial', 'isPartOf', ['SG', 'CN'],   { country: 'CN-45' }, 'satisfied'],
    ['spatial', 'isPartOf', 'CN-45',        { country: 'CN-45' }, 'satisfied'],
    ['spatial', 'isPartOf', 'CN-45',        { country: 'CN-31' }, 'unsatisfied'],
    ['spatial', 'isNoneOf', ['CN'],         { country: 'CN-45' }, 'unsatisfied'],
    ['spatial', 'neq',      'CN',           { country: 'CN-45' }, 'unsatisfied'],
    ['spatial', 'eq',       'CN',           { country: 'CN-45' }, 'satisfied'],
    ['spatial', 'eq',       'CN-45',        { country: 'CN' },    'unknown'],
    ['spatial', 'isPartOf', 'CN-45',        { country: 'CN' },    'unknown'],
    ['spatial', 'isNoneOf', ['CN-45'],      { country: 'CN' },    'unknown'],
    ['spatial', 'hasPart',  'CN-45',        { country: 'CN' },    'satisfied'],
    ['spatial', 'hasPart',  'CN',           { country: 'CN-45' }, 'unsatisfied'],
    ['spatial', 'isAnyOf',  ['CN', 'VN'],   { country: null },    'unknown'],
    ['spatial', 'isNoneOf', ['CN'],         { country: null },    'unknown'],
    ['spatial', 'neq',      'CN',           { country: 'Chinese' }, 'unknown'],
    ['spatial', 'eq',       'vn',           { country: 'vn' },    'satisfied'],
    // Participants are compared by their id.
    ['recipient', 'eq',       'did:web:consumer.example', {}, 'satisfied'],
    ['recipient', 'eq',       'did:web:Consumer.example', {}, 'unsatisfied'],
    ['recipient', 'neq',      'did:web:other.example',    {}, 'satisfied'],
    ['recipient', 'isAnyOf',  ['did:web:other.example', 'did:web:consumer.example'], {}, 'satisfied'],
    ['recipient', 'isNoneOf', ['did:web:other.example', 'did:web:consumer.example'], {}, 'unsatisfied'],
    // A stated purpose is checked; one that is not stated is a matter of the contract.
    ['purpose', 'eq',       'research',             { purpose: 'research' }, 'satisfied'],
    ['purpose', 'eq',       'research',             { purpose: 'resale' },   'unsatisfied'],
    ['purpose', 'neq',      'resale',               { purpose: 'research' }, 'satisfied'],
    ['purpose', 'isAnyOf',  ['research', 'audit'],  { purpose: 'audit' },    'satisfied'],
    ['purpose', 'isNoneOf', ['resale'],             { purpose: 'resale' },   'unsatisfied'],
    ['purpose', 'isAllOf',  ['research'],           { purpose: 'research' }, 'satisfied'],
    ['purpose', 'isA',      'research',             { purpose: 'research' }, 'satisfied'],
    ['purpose', 'isA',      'research',             { purpose: 'medical' },  'unknown'],
    ['purpose', 'isPartOf', 'research',             { purpose: 'medical' },  'unknown'],
    ['purpose', 'eq',       'research',             {},                      'contractual'],
    ['purpose', 'isNoneOf', ['resale'],             {},                      'contractual'],
  ])('%s %s %j with %j is %s', (left, operator, right, more, expected) => {
    const decision = decide(permitting(that(left, operator, right)), more)
    expect(decision.reasons[0]?.result).toBe(expected)
    expect(decision.verdict).toBe(expected === 'satisfied' || expected === 'contractual' ? 'permit' : 'deny')
  })

  it('on count compares the use that is asked for at the start, and the uses so far while it goes on', () => {
    expect(resultOf(ONCE, { used: 0 }, 'start')).toBe('satisfied')
    expect(resultOf(ONCE, { used: 1 }, 'start')).toBe('unsatisfied')
    expect(resultOf(ONCE, { used: 1 }, 'during')).toBe('satisfied')
    expect(resultOf(ONCE, { used: 2 }, 'during')).toBe('unsatisfied')
  })
})

describe('uses 1 to 20 against count lteq "9"', () => {
  it.each(Array.from({ length: 20 }, (_, n) => n + 1))('use %i', (use) => {
    expect(isPermitted(decide(permitting(that('count', 'lteq', '9')), { used: use - 1 }))).toBe(use <= 9)
  })
})

describe('before an agreement', () => {
  it.each(['catalogue', 'negotiation'] as const)('%s: count and elapsedTime are deferred and do not deny', (phase) => {
    const rules = permitting(ONCE, that('elapsedTime', 'lteq', 'P1D'), IN_VN)
    const decision = decide(rules, { agreedAt: null, used: 99 }, phase)
    expect(decision.verdict).toBe('permit')
    expect(decision.deferred).toEqual(['permission[0].constraint[0]', 'permission[0].constraint[1]'])
    expect(decision.reasons[0]?.constraints[0]).toMatchObject({ result: 'deferred', until: 'start', saw: null })
  })

  it.each(['catalogue', 'negotiation'] as const)('%s: what can be decided is', (phase) => {
    expect(decide(permitting(ONCE, IN_CN), {}, phase).verdict).toBe('deny')
    expect(decide(permitting(ONCE, IN_CN), { country: null }, phase).verdict).toBe('deny')
    expect(decide(permitting(that('purpose', 'eq', 'research')), { purpose: 'resale' }, phase).verdict).toBe('deny')
  })

  it('a purpose that is not stated is deferred', () => {
    expect(decide(permitting(that('purpose', 'eq', 'research')), {}, 'negotiation')).toMatchObject({
      verdict: 'permit',
      deferred: ['permission[0].constraint[0]'],
    })
  })

  it('a prohibition that a later phase decides does not deny yet', () => {
    const rules = { ...permitting(), prohibition: [{ action: 'use', constraint: [that('count', 'gt', '1')] }] }
    expect(decide(rules, {}, 'catalogue')).toMatchObject({
      verdict: 'permit',
      deferred: ['prohibition[0].constraint[0]'],
    })
    expect(decide(rules, { used: 0 }, 'start').verdict).toBe('permit')
    expect(decide(rules, { used: 1 }, 'start').verdict).toBe('deny')
  })
})

describe('constraints combine', () => {
  const NOWHERE = that('spatial', 'isPartOf', 'VN-HN') // unknown: the claim is VN
  // prettier-ignore
  it.each<[string, Constraint, 'catalogue' | 'start', ConstraintResult]>([
    ['and',  { and: [IN_VN, ONCE] },                   'start',     'satisfied'],
    ['and',  { and: [IN_VN, IN_CN] },                  'start',     'unsatisfied'],
    ['and',  { and: [IN_VN, NOWHERE] },                'start',     'unknown'],
    ['and',  { and: [IN_CN, NOWHERE] },                'start',     'unsatisfied'],
    ['and',  { and: [IN_VN, ONCE] },                   'catalogue', 'deferred'],
    ['and',  { and: [NOWHERE, ONCE] },                 'catalogue', 'unknown'],
    ['or',   { or: [IN_CN, ONCE] },                    'start',     'satisfied'],
    ['or',   { or: [IN_CN, NOWHERE] },                 'start',     'unknown'],
    ['or',   { or: [IN_VN, NOWHERE] },                 'start',     'satisfied'],
    ['or',   { or: [IN_CN, that('count', 'gt', '5')] }, 'start',    'unsatisfied'],
    ['or',   { or: [IN_CN, ONCE] },                    'catalogue', 'deferred'],
    ['xone', { xone: [IN_VN, IN_CN] },                 'start',     'satisfied'],
    ['xone', { xone: [IN_VN, ONCE] },                  'start',     'unsatisfied'],
    ['xone', { xone: [IN_CN, IN_CN] },                 'start',     'unsatisfied'],
    ['xone', { xone: [IN_VN, NOWHERE] },               'start',     'unknown'],
    ['xone', { xone: [IN_VN, ONCE, NOWHERE] },         'start',     'unsatisfied'],
    ['xone', { xone: [IN_VN, ONCE] },                  'catalogue', 'deferred'],
    ['xone', { xone: [IN_VN, that('purpose', 'eq', 'a')] }, 'start', 'contractual'],
    ['nested', { or: [{ and: [IN_CN, ONCE] }, { xone: [IN_VN] }] }, 'start', 'satisfied'],
  ])('%s %j in %s is %s', (_operator, constraint, phase, expected) => {
    expect(resultOf(constraint, {}, phase)).toBe(expected)
  })

  it('within xone an unknown part is not hidden by one that is deferred', () => {
    const constraint = { xone: [IN_VN, { or: [NOWHERE, ONCE] }] }
    expect(resultOf(constraint, {}, 'catalogue')).toBe('unknown')
  })
})

describe('an action', () => {
  // prettier-ignore
  it.each<[string, Rules, string, string]>([
    ['is permitted by a permission of its parent',        { permission: [{ action: 'use' }] },        'read',       'permit'],
    ['is permitted by its own deprecated name',           { permission: [{ action: 'copy' }] },       'reproduce',  'permit'],
    ['is permitted in any spelling',                      { permission: [{ action: 'odrl:read' }] },  'odrl:read',  'permit'],
    ['is denied by default without a permission of it',   { permission: [{ action: 'read' }] },       'use',        'default-deny'],
    ['is denied by default where there is a prohibition of another', { prohibition: [{ action: 'distribute' }] }, 'use', 'default-deny'],
    ['is denied by default if nobody knows it',           { permission: [{ action: 'use' }] },        'dance',      'default-deny'],
    ['is denied by a prohibition of its parent',          { prohibition: [{ action: 'use' }] },       'extract',    'deny'],
    ['is not denied by a prohibition of its child',       { permission: [{ action: 'use' }], prohibition: [{ action: 'distribute' }] }, 'use', 'permit'],
    ['is denied by a prohibition of its deprecated name', { permission: [{ action: 'use' }], prohibition: [{ action: 'write' }] }, 'modify', 'deny'],
  ])('%s', (_rule, rules, action, verdict) => {
    expect(decide(rules, {}, 'start', action).verdict).toBe(verdict)
  })
})

describe('a permission and a prohibition', () => {
  const both = (...constraint: Constraint[]): Rules => ({
    ...permitting(),
    prohibition: [{ action: 'use', constraint }],
  })

  it('that are both active void the policy', () => {
    expect(decide(both())).toMatchObject({ verdict: 'deny', cause: 'policy-void' })
    expect(decide(both(IN_VN))).toMatchObject({ verdict: 'deny', cause: 'policy-void' })
  })

  it('deny if the prohibition cannot be ruled out', () => {
    expect(decide(both(IN_CN), { country: null })).toMatchObject({ verdict: 'deny', cause: 'policy-void' })
    expect(decide(both(that('spatial', 'eq', 'VN-HN')))).toMatchObject({ verdict: 'deny' })
  })

  it('permit if one constraint of the prohibition does not hold', () => {
    expect(decide(both(IN_VN, IN_CN)).verdict).toBe('permit')
    expect(decide(both(IN_CN)).verdict).toBe('permit')
  })

  it('permit where the prohibition is of a purpose that the contract excludes, and deny where it is stated', () => {
    const rules = both(that('purpose', 'eq', 'resale'))
    expect(decide(rules)).toMatchObject({ verdict: 'permit' })
    expect(decide(rules, { purpose: 'resale' })).toMatchObject({ verdict: 'deny' })
  })

  it('deny with the prohibition alone as the cause if the permission is not active', () => {
    const rules = { ...permitting(IN_CN), prohibition: [{ action: 'use' }] }
    expect(decide(rules)).toMatchObject({ verdict: 'deny', cause: 'prohibited' })
  })
})

describe('a duty', () => {
  it.each(['delete', 'inform', 'nextPolicy', 'uninstall', 'ensureExclusivity'])(
    'to %s afterwards makes the verdict conditional',
    (action) => {
      const decision = decide(permittingWith({ action }))
      expect(decision).toMatchObject({ verdict: 'conditional', cause: 'duty-owed' })
      expect(decision.duties).toMatchObject([{ path: 'permission[0].duty[0]', action, state: 'owed' }])
    },
  )

  it.each([
    'compensate',
    'pay',
    'obtainConsent',
    'acceptTracking',
    'reviewPolicy',
    'watermark',
    'anonymize',
    'attribute',
  ])('to %s first denies, because nothing shows that it was fulfilled', (action) => {
    for (const phase of ['start', 'during', 'after'] as const)
      expect(decide(permittingWith({ action }), {}, phase).verdict).toBe('deny')
    // Before there is an agreement nobody can have fulfilled what it will demand.
    for (const phase of ['catalogue', 'negotiation'] as const) {
      expect(decide(permittingWith({ action }), {}, phase)).toMatchObject({
        verdict: 'conditional',
        duties: [{ state: 'deferred' }],
      })
    }
  })

  it('is not owed if its own constraints do not hold, and is if nobody knows', () => {
    const rules = permittingWith({ action: 'compensate', constraint: [IN_CN] })
    expect(decide(rules).verdict).toBe('permit')
    expect(decide(rules, { country: 'CN' }).verdict).toBe('deny')
    expect(decide(rules, { country: null }).verdict).toBe('deny')
  })

  it('that a later phase decides does not deny yet', () => {
    const rules = permittingWith({ action: 'compensate', constraint: [that('count', 'gt', '1')] })
    expect(decide(rules, {}, 'catalogue')).toMatchObject({
      verdict: 'conditional',
      deferred: ['permission[0].duty[0].constraint[0]'],
    })
    expect(decide(rules, { used: 0 }).verdict).toBe('permit')
    expect(decide(rules, { used: 1 }).verdict).toBe('deny')
  })

  it('that follows delivery is owed whatever the clock says now: its constraint says when', () => {
    const rules = permittingWith({ action: 'delete', constraint: [that('dateTime', 'gteq', '2027-01-01T00:00Z')] })
    const decision = decide(rules)
    expect(decision.verdict).toBe('conditional')
    expect(decision.duties[0]?.constraints).toMatchObject([{ result: 'deferred', until: 'after' }])
    expect(decision.deferred).toEqual([])
  })

  it('that follows delivery is not owed by those it does not concern', () => {
    expect(decide(permittingWith({ action: 'delete', constraint: [IN_CN] })).verdict).toBe('permit')
  })

  it('of one permission does not bind where another permits without', () => {
    const rules = {
      permission: [
        { action: 'use', duty: [{ action: 'delete' }] },
        { action: 'use', constraint: [IN_VN] },
      ],
    }
    expect(decide(rules)).toMatchObject({ verdict: 'permit', duties: [] })
    expect(decide(rules, { country: 'CN' })).toMatchObject({ verdict: 'conditional' })
  })

  it('of the whole policy (obligation) is owed beside the permission, whatever its action', () => {
    const decision = decide({ ...permitting(), obligation: [{ action: 'compensate' }] })
    expect(decision).toMatchObject({
      verdict: 'conditional',
      duties: [{ path: 'obligation[0]', action: 'compensate' }],
    })
  })

  it('is not listed with a denial', () => {
    expect(decide({ ...permitting(IN_CN), obligation: [{ action: 'delete' }] })).toMatchObject({
      verdict: 'deny',
      duties: [],
    })
  })
})

describe('reasons', () => {
  it('are a tree that says for each constraint where it stands, what it wants, what was seen and what came of it', () => {
    const rules = permitting({ and: [that('count', 'lteq', '2'), that('spatial', 'isAnyOf', ['CN', 'SG'])] })
    expect(decide(rules, { used: 1 }).reasons).toEqual([
      {
        path: 'permission[0]',
        kind: 'permission',
        action: 'use',
        state: 'inactive',
        result: 'unsatisfied',
        duties: [],
        constraints: [
          {
            path: 'permission[0].constraint[0]',
            operator: 'and',
            result: 'unsatisfied',
            of: [
              {
                path: 'permission[0].constraint[0].and[0]',
                left: 'count',
                operator: 'lteq',
                right: '2',
                saw: '2',
                result: 'satisfied',
              },
              {
                path: 'permission[0].constraint[0].and[1]',
                left: 'spatial',
                operator: 'isAnyOf',
                right: ['CN', 'SG'],
                saw: 'VN',
                result: 'unsatisfied',
              },
            ],
          },
        ],
      },
    ])
  })
})

describe('access', () => {
  const holds = (list: readonly Constraint[], more: Partial<Facts>) =>
    evaluateConstraints(orThrow(compileConstraints(list)), facts(more), 'catalogue').holds

  it('holds for everyone where there is no constraint', () => {
    expect(holds([], { country: null })).toBe(true)
  })

  it('holds if all constraints do, and nothing is unknown', () => {
    const list = [that('spatial', 'isAnyOf', ['CN', 'VN']), that('recipient', 'neq', 'did:web:other.example')]
    expect(holds(list, {})).toBe(true)
    expect(holds(list, { country: 'SG' })).toBe(false)
    expect(holds(list, { country: null })).toBe(false)
    expect(holds(list, { participant: participant('did:web:other.example') })).toBe(false)
    expect(holds([that('dateTime', 'lt', '2026-06-01T12:00Z')], { now: at('2026-06-01T12:00:00Z') })).toBe(false)
  })
})
