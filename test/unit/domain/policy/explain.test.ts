// The one reason: the place that failed, and a sentence a person can act on.

import { describe, expect, it } from 'vitest'
import { compileConstraints } from '../../../../src/domain/policy/compile.ts'
import { evaluateConstraints } from '../../../../src/domain/policy/evaluate.ts'
import { reasonOf } from '../../../../src/domain/policy/explain.ts'
import type { Facts, Phase } from '../../../../src/domain/policy/facts.ts'
import { orThrow } from '../../../../src/kernel/problem.ts'
import type { Rules } from '../../../../src/protocol/odrl/types.ts'
import { decide, facts, permitting, permittingWith, that } from './fixture.ts'

const IN_CN = that('spatial', 'isAnyOf', ['CN', 'SG'])

describe('the reason', () => {
  // prettier-ignore
  it.each<[string, Rules, Partial<Facts>, Phase, string, string]>([
    ['a constraint that fails',  permitting(that('count', 'lteq', '2')), { used: 2 }, 'start', 'permission[0].constraint[0]', 'count lteq 2 does not hold: this would be use 3'],
    ['a count while it goes on', permitting(that('count', 'lteq', '2')), { used: 3 }, 'during', 'permission[0].constraint[0]', 'count lteq 2 does not hold: uses so far: 3'],
    ['the first that fails',     permitting(that('spatial', 'eq', 'VN'), IN_CN), {}, 'start', 'permission[0].constraint[1]', "spatial isAnyOf CN, SG does not hold: the participant's country is VN"],
    ['a fact that is missing',   permitting(IN_CN), { country: null }, 'start', 'permission[0].constraint[0]', "spatial isAnyOf CN, SG cannot be checked: the participant's country is not known"],
    ['a fact that is too coarse', permitting(that('spatial', 'eq', 'VN-HN')), {}, 'start', 'permission[0].constraint[0]', "spatial eq VN-HN is left open: the participant's country is VN"],
    ['a date',                   permitting(that('dateTime', 'lt', '2026-01-01T00:00Z')), {}, 'start', 'permission[0].constraint[0]', 'dateTime lt 2026-01-01T00:00Z does not hold: it is 2026-06-01T12:00:00.000Z'],
    ['an age',                   permitting(that('elapsedTime', 'lteq', 'P1D')), {}, 'start', 'permission[0].constraint[0]', 'elapsedTime lteq P1D does not hold: the agreement is PT2678400S old'],
    ['a part of and',            permitting({ and: [that('spatial', 'eq', 'VN'), IN_CN] }), {}, 'start', 'permission[0].constraint[0].and[1]', "spatial isAnyOf CN, SG does not hold: the participant's country is VN"],
    ['an or as a whole',         permitting({ or: [IN_CN, that('count', 'eq', '7')] }), {}, 'start', 'permission[0].constraint[0]', "one of these must hold: [spatial isAnyOf CN, SG does not hold: the participant's country is VN] [count eq 7 does not hold: this would be use 1]"],
    ['a duty',                   permittingWith({ action: 'pay' }), {}, 'start', 'permission[0].duty[0]', 'the duty to compensate comes before use, and nothing shows that it was fulfilled'],
    ['no permission',            { permission: [{ action: 'read' }] }, {}, 'start', 'permission', 'no permission covers use'],
    ['a prohibition',            { prohibition: [{ action: 'use' }] }, {}, 'start', 'prohibition[0]', 'use is prohibited'],
    ['a prohibition that may apply', { prohibition: [{ action: 'use', constraint: [IN_CN] }] }, { country: null }, 'start', 'prohibition[0]', "use is prohibited, as far as is known (spatial isAnyOf CN, SG cannot be checked: the participant's country is not known)"],
    ['a conflict',               { ...permitting(), prohibition: [{ action: 'use' }] }, {}, 'start', 'prohibition[0]', 'policy-void: use is prohibited, and permission[0] permits it; such a conflict voids the policy'],
  ])('names %s', (_what, rules, more, phase, path, message) => {
    expect(reasonOf(decide(rules, more, phase))).toEqual({ path, message })
  })

  it('is none where the request is permitted', () => {
    expect(reasonOf(decide(permitting()))).toBeNull()
    expect(reasonOf(decide(permittingWith({ action: 'delete' })))).toBeNull()
  })

  it('of access names the constraint there', () => {
    const access = orThrow(compileConstraints([IN_CN]))
    expect(reasonOf(evaluateConstraints(access, facts(), 'catalogue'))).toMatchObject({ path: 'access[0]' })
    expect(reasonOf(evaluateConstraints(access, facts({ country: 'SG' }), 'catalogue'))).toBeNull()
  })

  it('stays short however long the policy is', () => {
    const long = that(
      'recipient',
      'isAnyOf',
      Array.from({ length: 100 }, (_, n) => `did:web:${'x'.repeat(500)}${String(n)}`),
    )
    const reason = reasonOf(decide(permitting({ or: Array.from({ length: 100 }, () => long) })))
    expect(reason?.message.length).toBeLessThanOrEqual(500)
  })
})
