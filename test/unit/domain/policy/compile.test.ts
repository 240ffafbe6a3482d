// What does not compile: whatever is not understood, in any place, with its path.

import { describe, expect, it } from 'vitest'
import { compileConstraints, compilePolicy, compilePolicyFully } from '../../../../src/domain/policy/compile.ts'
import type { Constraint, RightOperand, Rules } from '../../../../src/protocol/odrl/types.ts'
import { permitting, permittingWith, that } from './fixture.ts'

const refusalOf = (rules: Rules) => {
  const result = compilePolicy(rules)
  return result.ok ? null : { code: result.problem.code, path: result.problem.path }
}
const NOT_UNDERSTOOD = 'policy.not-understood'
const UNKNOWN = that('partner', 'eq', 'gold')
const COUNT = that('count', 'lteq', '9')

describe('a policy is refused as not understood', () => {
  // prettier-ignore
  it.each<[string, Rules, string]>([
    ['an unknown left operand',              permitting(COUNT, UNKNOWN),                                  'permission[0].constraint[1].leftOperand'],
    ['one within and, or, xone',             permitting({ and: [COUNT, { or: [{ xone: [UNKNOWN] }] }] }), 'permission[0].constraint[0].and[1].or[0].xone[0].leftOperand'],
    ['one in a prohibition',                 { prohibition: [{ action: 'use', constraint: [UNKNOWN] }] }, 'prohibition[0].constraint[0].leftOperand'],
    ['one in a duty',                        permittingWith({ action: 'delete', constraint: [UNKNOWN] }), 'permission[0].duty[0].constraint[0].leftOperand'],
    ['one in an obligation',                 { ...permitting(), obligation: [{ action: 'delete', constraint: [UNKNOWN] }] }, 'obligation[0].constraint[0].leftOperand'],
    ['a left operand that ODRL has and we not', permitting(that('absoluteSize', 'eq', '5')),              'permission[0].constraint[0].leftOperand'],
    ["a stranger's operand of ODRL's name",  permitting(that('edc:count', 'lteq', '9')),                  'permission[0].constraint[0].leftOperand'],
    ["a name of JavaScript's own",           permitting(that('constructor', 'eq', 'x')),                  'permission[0].constraint[0].leftOperand'],
    ['an unknown operator',                  permitting(that('count', 'gte', '9')),                       'permission[0].constraint[0].operator'],
    ['an operator that count does not take', permitting(that('count', 'isAnyOf', ['1'])),                 'permission[0].constraint[0].operator'],
    ['an operator that spatial does not take', permitting(that('spatial', 'lt', 'CN')),                   'permission[0].constraint[0].operator'],
    ['an operator that elapsedTime does not take', permitting(that('elapsedTime', 'gteq', 'P1D')),        'permission[0].constraint[0].operator'],
    ['an unknown action',                    { permission: [{ action: 'usee' }] },                        'permission[0].action'],
    ['an unknown action of a prohibition',   { prohibition: [{ action: 'resell' }] },                     'prohibition[0].action'],
    ['an unknown action of a duty',          permittingWith({ action: 'dance' }),                         'permission[0].duty[0].action'],
    ['an unknown action of an obligation',   { ...permitting(), obligation: [{ action: 'dance' }] },      'obligation[0].action'],
    ['an unknown profile',                   { profile: 'https://test.com/profile', ...permitting() },    'profile'],
    ['one unknown profile among others',     { profile: ['http://www.w3.org/ns/odrl/2/core', 'urn:p'], ...permitting() }, 'profile'],
    ['a duty on a prohibition',              { prohibition: [{ action: 'use', duty: [{ action: 'delete' }] }] }, 'prohibition[0].duty'],
  ])('%s', (_what, rules, path) => {
    expect(refusalOf(rules)).toEqual({ code: NOT_UNDERSTOOD, path })
  })

  it('with the operators that the operand takes', () => {
    expect(compilePolicy(permitting(that('count', 'isAnyOf', ['1'])))).toMatchObject({
      problem: { message: 'count does not take isAnyOf; count takes eq, neq, lt, lteq, gt, gteq' },
    })
  })
})

describe('a right operand of the wrong type is refused', () => {
  // prettier-ignore
  it.each<[string, string, RightOperand, string]>([
    ['count',       'lteq',    'nine',                 'rightOperand'],
    ['count',       'lteq',    '-1',                   'rightOperand'],
    ['count',       'lteq',    '1.5',                  'rightOperand'],
    ['count',       'lteq',    ['1', '2'],             'rightOperand'],
    ['count',       'lteq',    [],                     'rightOperand'],
    ['dateTime',    'lt',      '2026-12-31T00:00:00',  'rightOperand'],
    ['dateTime',    'lt',      'tomorrow',             'rightOperand'],
    ['elapsedTime', 'lteq',    '90',                   'rightOperand'],
    ['elapsedTime', 'lteq',    '-P1D',                 'rightOperand'],
    ['spatial',     'eq',      'Vietnam',              'rightOperand'],
    ['spatial',     'eq',      ['CN', 'VN'],           'rightOperand'],
    ['spatial',     'isAnyOf', ['CN', 'UK'],           'rightOperand[1]'],
    ['spatial',     'isAnyOf', [],                     'rightOperand'],
    ['recipient',   'eq',      '',                     'rightOperand'],
  ])('%s %s %j', (left, operator, right, where) => {
    const path = `permission[0].constraint[0].${where}`
    expect(refusalOf(permitting(that(left, operator, right)))).toEqual({ code: 'policy.invalid', path })
  })
})

describe('a policy compiles', () => {
  // prettier-ignore
  it.each<[string, string, RightOperand]>([
    ['count', 'lteq', '9'], ['count', 'gt', ['9']], ['odrl:count', 'odrl:lteq', '9'], ['count', 'term-lteq', '9'],
    ['dateTime', 'lt', '2023-12-31T06:00Z'], ['elapsedTime', 'lteq', 'P90D'], ['spatial', 'isPartOf', 'CN'],
    ['spatial', 'isPartOf', ['CN-31', 'SG']], ['recipient', 'isAnyOf', ['did:web:a', 'did:web:b']], ['purpose', 'isA', 'https://w3id.org/dpv#Research'],
  ])('with %s %s %j', (left, operator, right) => {
    expect(refusalOf(permitting(that(left, operator, right)))).toBeNull()
  })

  it("with ODRL's core profile", () => {
    expect(refusalOf({ profile: 'http://www.w3.org/ns/odrl/2/core', ...permitting() })).toBeNull()
  })
})

describe('a policy has limits', () => {
  const many = <T>(n: number, value: T): T[] => Array.from({ length: n }, () => value)
  let deep: Constraint = COUNT
  for (let depth = 0; depth < 9; depth++) deep = { and: [deep] }

  // prettier-ignore
  it.each<[string, Rules, string]>([
    ['rules',       { permission: many(101, { action: 'use' }) },                          'permission'],
    ['duties',      permittingWith(...many(101, { action: 'delete' })),                    'permission[0].duty'],
    ['constraints', permitting(...many(2001, COUNT)),                                       'permission[0].constraint[2000]'],
    ['values',      permitting(that('recipient', 'isAnyOf', many(1001, 'did:web:a'))),     'permission[0].constraint[0].rightOperand'],
    ['depth',       permitting(deep),                                                      `permission[0].constraint[0]${'.and[0]'.repeat(8)}.and`],
  ])('of %s', (_what, rules, path) => {
    expect(refusalOf(rules)).toEqual({ code: 'policy.invalid', path })
  })
})

describe('access', () => {
  it('takes what is known of a participant before an agreement', () => {
    const list = [
      that('spatial', 'isAnyOf', ['CN', 'VN']),
      { or: [that('recipient', 'eq', 'did:web:a'), that('dateTime', 'lt', '2027-01-01T00:00Z')] },
    ]
    expect(compileConstraints(list).ok).toBe(true)
  })

  it.each([COUNT, that('elapsedTime', 'lteq', 'P1D'), that('purpose', 'eq', 'research'), UNKNOWN])(
    'refuses $leftOperand',
    (constraint) => {
      expect(compileConstraints([constraint])).toMatchObject({
        problem: { code: NOT_UNDERSTOOD, path: 'access[0].leftOperand' },
      })
    },
  )
})

it('all problems are given where all are asked for', () => {
  const rules = {
    profile: 'urn:p',
    permission: [{ action: 'usee', constraint: [UNKNOWN, that('count', 'lteq', 'x')] }],
  }
  expect(compilePolicyFully(rules).problems.map(({ path }) => path)).toEqual([
    'profile',
    'permission[0].action',
    'permission[0].constraint[0].leftOperand',
    'permission[0].constraint[1].rightOperand',
  ])
})
