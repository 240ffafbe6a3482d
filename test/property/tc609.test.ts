// Between our rules and those of the Chinese digital contract nothing is lost without a word.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePolicy } from '../../src/domain/policy/compile.ts'
import { dutyTiming } from '../../src/domain/policy/duties.ts'
import { evaluatePolicy } from '../../src/domain/policy/evaluate.ts'
import type { Facts } from '../../src/domain/policy/facts.ts'
import { LIST_OPERATORS, operandOf } from '../../src/domain/policy/operands.ts'
import { TYPES } from '../../src/domain/policy/values.ts'
import { orThrow } from '../../src/kernel/problem.ts'
import { instant } from '../../src/kernel/time.ts'
import type { ParticipantId } from '../../src/protocol/ids.ts'
import { sameRules } from '../../src/protocol/odrl/same-rules.ts'
import type { AtomicConstraint, Constraint, Duty, Rule, Rules } from '../../src/protocol/odrl/types.ts'
import { TC609_ACTIONS, TC609_CODES, TC609_CONSTRAINTS } from '../../src/protocol/tc609/codes.ts'
import { exportTc609 } from '../../src/protocol/tc609/export.ts'
import { importTc609 } from '../../src/protocol/tc609/import.ts'

const RUNS = { numRuns: 2000 }
const isPrecondition = (action: string): boolean => dutyTiming(action) !== 'after'

// prettier-ignore
const VALUES: Readonly<Record<string, readonly string[]>> = {
  dateTime:          ['2026-12-31T23:59:59+08:00', '2027-01-01T00:00:00Z'],
  timeInterval:      ['P7D', 'PT1H'],
  'tds:dailyWindow': ['09:00-17:00 Asia/Shanghai', 'Mon-Fri 20:00-06:00 +08:00'],
  spatial:           ['CN', 'CN-45', '4501', '450102', 'VN', 'ASEAN'],
  virtualLocation:   ['10.0.0.0/24', 'api.example'],
  count:             ['1', '100'],
  'tds:frequency':   ['10000/P1D', '1/PT1S'],
  'tds:dataSize':    ['0', '1048576'],
  payAmount:         ['10.00', '500'],
  deliveryChannel:   ['HttpData-PULL'],
  'tds:recordCount': ['5'],
}

function valuesOf(left: string): readonly string[] {
  return (
    VALUES[left] ??
    (TC609_CODES[left] === undefined ? ['urn:x:one', 'urn:x:two', '字段'] : Object.keys(TC609_CODES[left]))
  )
}

const atomics: fc.Arbitrary<AtomicConstraint> = fc
  .constantFrom(...TC609_CONSTRAINTS.map(({ ours }) => ours))
  .chain((leftOperand) => {
    const about = operandOf(leftOperand)
    if (about === null) throw new Error(`${leftOperand} is no operand of ours`)
    return fc.constantFrom(...about.operators).chain((operator) => {
      const several = TYPES[about.type].kind !== 'ordered' && LIST_OPERATORS.includes(operator)
      const value = fc.constantFrom(...valuesOf(leftOperand))
      const rightOperand = several ? fc.uniqueArray(value, { minLength: 1, maxLength: 3 }) : value
      return fc
        .record({ leftOperand: fc.constant(leftOperand), operator: fc.constant(operator), rightOperand })
        .map((constraint): AtomicConstraint => (about.needsUnit ? { ...constraint, unit: 'CNY' } : constraint))
    })
  })
const lists = fc.array(atomics, { maxLength: 3 }).map((constraint) => (constraint.length === 0 ? {} : { constraint }))
const actions = fc.constantFrom(...TC609_ACTIONS.map(({ ours }) => ours))
const duties: fc.Arbitrary<Duty> = fc.tuple(actions, lists).map(([action, more]) => ({ action, ...more }))
const nested = (key: 'duty' | 'remedy' | 'consequence', of: fc.Arbitrary<Duty>): fc.Arbitrary<Rule> =>
  fc
    .tuple(actions, lists, fc.array(of, { maxLength: 2 }), fc.option(fc.constantFrom('urn:r:1', 'urn:r:2')))
    .map(([action, more, list, id]) => ({
      ...(id !== null && { '@id': id }),
      action,
      ...more,
      ...(list.length > 0 && { [key]: list }),
    }))
const policies: fc.Arbitrary<Rules> = fc
  .tuple(
    fc.array(
      nested(
        'duty',
        duties.filter(({ action }) => isPrecondition(action)),
      ),
      { minLength: 1, maxLength: 3 },
    ),
    fc.array(nested('remedy', duties), { maxLength: 2 }),
    fc.array(nested('consequence', duties), { maxLength: 2 }),
  )
  .map(([permission, prohibition, obligation]) => ({
    permission,
    ...(prohibition.length > 0 && { prohibition }),
    ...(obligation.length > 0 && { obligation }),
  }))

function there(rules: Rules) {
  return exportTc609(rules, { id: 'p', isPrecondition })
}

describe('a policy of which everything has a counterpart', () => {
  it('goes there and comes back the same', () => {
    fc.assert(
      fc.property(policies, (rules) => {
        orThrow(compilePolicy(rules))
        const { converted, refused, changed } = there(rules)
        const back = importTc609(JSON.parse(JSON.stringify(converted)), { isPrecondition })

        expect({ refused, changed, back: back.refused }).toEqual({ refused: [], changed: [], back: [] })
        expect(back.converted.rules).toEqual(rules)
        expect(sameRules(back.converted.rules, rules)).toBe(true)
      }),
      RUNS,
    )
  })

  it('comes here and goes back the same', () => {
    fc.assert(
      fc.property(policies, (rules) => {
        const { converted } = there(rules)
        const { rules: ours } = importTc609(converted, { isPrecondition }).converted

        expect(there(ours).converted).toEqual(converted)
      }),
      RUNS,
    )
  })
})

const small: fc.Arbitrary<Constraint> = fc.oneof(
  fc.constantFrom('CN', 'VN').map((rightOperand) => ({ leftOperand: 'spatial', operator: 'eq', rightOperand })),
  fc.constantFrom('1', '2', '3').map((rightOperand) => ({ leftOperand: 'count', operator: 'lteq', rightOperand })),
)
const { logic } = fc.letrec<{ logic: Constraint }>((tie) => {
  const parts = fc.array(tie('logic'), { minLength: 1, maxLength: 2 })
  return {
    logic: fc.oneof(
      { maxDepth: 3 },
      small,
      parts.map((and) => ({ and })),
      parts.map((or) => ({ or })),
    ),
  }
})

describe('alternatives', () => {
  it('become several rules that permit and prohibit the same', () => {
    const rules = fc.array(logic, { minLength: 1, maxLength: 2 }).map((constraint) => [{ action: 'read', constraint }])
    const worlds = fc.record({ country: fc.constantFrom(null, 'CN', 'VN', 'SG'), used: fc.constantFrom(0, 1, 2, 3) })
    fc.assert(
      fc.property(rules, rules, worlds, (permission, prohibition, { country, used }) => {
        const before: Rules = { conflict: 'prohibit', permission, prohibition }
        const { converted, refused } = there({ permission, prohibition })
        fc.pre(refused.length === 0)
        const after: Rules = { conflict: 'prohibit', ...importTc609(converted, { isPrecondition }).converted.rules }
        const facts: Facts = {
          now: instant(0),
          participant: 'did:web:a' as ParticipantId,
          ...{ country, purpose: null, agreedAt: null, used },
        }
        const [was, is] = [before, after].map(
          (each) => evaluatePolicy(orThrow(compilePolicy(each)), 'read', facts, 'start').verdict,
        )
        expect(is).toBe(was)
      }),
      RUNS,
    )
  })
})

describe('anything else', () => {
  it('is refused by name, and no rule of it goes through by half', () => {
    const odd = fc.oneof(
      atomics,
      fc.constantFrom<Constraint>(
        { leftOperand: 'purpose', operator: 'eq', rightOperand: 'x' },
        { xone: [{ leftOperand: 'count', operator: 'eq', rightOperand: '1' }] },
        { leftOperand: 'recipient', operator: 'eq', rightOperand: 'consent:lenders' },
      ),
    )
    fc.assert(
      fc.property(fc.array(odd, { maxLength: 4 }), (constraint) => {
        const { converted, refused } = there({ permission: [{ action: 'read', constraint }] })
        const [rule] = converted.permissions ?? []
        return refused.length > 0 ? rule === undefined : rule?.constraints?.length === (constraint.length || undefined)
      }),
      RUNS,
    )
  })

  it('is never more than refused, whatever was sent', () => {
    const nodes = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('read', 'time', '11', '2026', '', null, true, 7, 'CN'),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom(
            'permissions',
            'prohibitions',
            'action',
            'constraints',
            'name',
            'operator',
            'value',
            'unit',
            'preDuties',
            '__proto__',
            'x',
          ),
          tie('node'),
          { maxKeys: 5 },
        ),
      ),
    })).node
    fc.assert(
      fc.property(nodes, (raw) => {
        const { converted, refused } = importTc609(raw, { isPrecondition })
        const isEmpty = converted.rules.permission === undefined && converted.rules.prohibition === undefined
        return !isEmpty || refused.length > 0
      }),
      RUNS,
    )
  })
})
