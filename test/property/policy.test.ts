// What holds for every policy and all facts: more conditions never permit more, and not knowing never permits more.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compilePolicy } from '../../src/domain/policy/compile.ts'
import type { Verdict } from '../../src/domain/policy/decision.ts'
import { evaluatePolicy } from '../../src/domain/policy/evaluate.ts'
import { PHASES, type Facts, type Phase } from '../../src/domain/policy/facts.ts'
import { fitsGlob } from '../../src/domain/policy/glob.ts'
import { nextChange } from '../../src/domain/policy/next-change.ts'
import { orThrow } from '../../src/kernel/problem.ts'
import { instant } from '../../src/kernel/time.ts'
import type { ParticipantId } from '../../src/protocol/ids.ts'
import { readRules } from '../../src/protocol/odrl/normalise.ts'
import { rulesDigest, sameRules } from '../../src/protocol/odrl/same-rules.ts'
import { rulesToWire } from '../../src/protocol/odrl/to-wire.ts'
import type { Constraint, Duty, Rule, Rules } from '../../src/protocol/odrl/types.ts'

const RUNS = { numRuns: 3000 }
const DAY_MS = 86_400_000
const START_MS = Date.parse('2026-01-01T00:00:00Z')

// Small domains, so that values meet their bounds often.
const countries = fc.constantFrom('CN', 'CN-45', 'CN-31', 'VN', 'SG')
const participants = fc.constantFrom('did:web:a', 'did:web:b')
const purposes = fc.constantFrom('research', 'resale')
const days = fc.integer({ min: 0, max: 5 })
const dates = days.map((day) => new Date(START_MS + day * DAY_MS).toISOString())
const ordered = fc.constantFrom('eq', 'neq', 'lt', 'lteq', 'gt', 'gteq')

const atomic = (leftOperand: string, operator: fc.Arbitrary<string>, rightOperand: fc.Arbitrary<string | string[]>) =>
  fc.record({ leftOperand: fc.constant(leftOperand), operator, rightOperand })
const some = (values: fc.Arbitrary<string>) => fc.uniqueArray(values, { minLength: 1, maxLength: 3 })

const atomics: fc.Arbitrary<Constraint> = fc.oneof(
  atomic('count', ordered, days.map(String)),
  atomic('dateTime', ordered, dates),
  atomic(
    'elapsedTime',
    fc.constantFrom('eq', 'lt', 'lteq'),
    days.map((n) => `P${String(n)}D`),
  ),
  atomic('spatial', fc.constantFrom('eq', 'neq'), countries),
  atomic('spatial', fc.constantFrom('isAnyOf', 'isNoneOf', 'isAllOf', 'isPartOf', 'hasPart'), some(countries)),
  atomic('recipient', fc.constantFrom('eq', 'neq'), participants),
  atomic('purpose', fc.constantFrom('isAnyOf', 'isNoneOf', 'isA'), some(purposes)),
)
const { constraint: constraints } = fc.letrec<{ constraint: Constraint }>((tie) => {
  const parts = fc.array(tie('constraint'), { minLength: 1, maxLength: 3 })
  return {
    constraint: fc.oneof(
      { maxDepth: 4 },
      atomics,
      parts.map((and) => ({ and })),
      parts.map((or) => ({ or })),
      parts.map((xone) => ({ xone })),
    ),
  }
})
const actions = fc.constantFrom('use', 'use', 'read', 'distribute', 'play', 'display')
const lists = fc.array(constraints, { maxLength: 3 })
const duties: fc.Arbitrary<Duty> = fc.record({
  action: fc.constantFrom('delete', 'compensate', 'inform'),
  constraint: lists,
})
const permissions: fc.Arbitrary<Rule> = fc.record({
  action: actions,
  constraint: lists,
  duty: fc.array(duties, { maxLength: 2 }),
})
const prohibitions: fc.Arbitrary<Rule> = fc.record({ action: actions, constraint: lists })
const policies: fc.Arbitrary<Rules> = fc.record({
  permission: fc.array(permissions, { minLength: 1, maxLength: 3 }),
  prohibition: fc.array(prohibitions, { maxLength: 2 }),
  obligation: fc.array(duties, { maxLength: 1 }),
})
const situations: fc.Arbitrary<Facts> = fc.record({
  now: fc.integer({ min: 0, max: 6 * 24 }).map((hour) => instant(START_MS + hour * 3_600_000)),
  participant: participants.map((id) => id as ParticipantId),
  country: fc.option(countries),
  purpose: fc.option(purposes),
  agreedAt: fc.option(fc.constant(instant(START_MS))),
  used: fc.integer({ min: 0, max: 6 }),
})
const phases = fc.constantFrom(...PHASES)

const WIDTH: Readonly<Record<Verdict, number>> = { permit: 2, conditional: 1, deny: 0, 'default-deny': 0 }
const widthOf = (rules: Rules, facts: Facts, phase: Phase): number =>
  WIDTH[evaluatePolicy(orThrow(compilePolicy(rules)), 'use', facts, phase).verdict]

describe('a verdict', () => {
  it('is never wider for a further constraint on a permission', () => {
    fc.assert(
      fc.property(policies, constraints, fc.nat(), situations, phases, (rules, more, n, facts, phase) => {
        const permission = rules.permission ?? []
        const narrowed = permission.map((rule, index) =>
          index === n % permission.length ? { ...rule, constraint: [...(rule.constraint ?? []), more] } : rule,
        )
        expect(widthOf({ ...rules, permission: narrowed }, facts, phase)).toBeLessThanOrEqual(
          widthOf(rules, facts, phase),
        )
      }),
      RUNS,
    )
  })

  it('is never wider for a further prohibition', () => {
    fc.assert(
      fc.property(policies, prohibitions, situations, phases, (rules, more, facts, phase) => {
        const narrowed = { ...rules, prohibition: [...(rules.prohibition ?? []), more] }
        expect(widthOf(narrowed, facts, phase)).toBeLessThanOrEqual(widthOf(rules, facts, phase))
      }),
      RUNS,
    )
  })

  it('is never wider with an unknown country than with any known one', () => {
    fc.assert(
      fc.property(policies, situations, countries, phases, (rules, facts, country, phase) => {
        const unknown = widthOf(rules, { ...facts, country: null }, phase)
        expect(unknown).toBeLessThanOrEqual(widthOf(rules, { ...facts, country }, phase))
      }),
      RUNS,
    )
  })

  it('is never wider with an unknown date of the agreement than with any known one', () => {
    fc.assert(
      fc.property(policies, situations, days, phases, (rules, facts, day, phase) => {
        const unknown = widthOf(rules, { ...facts, agreedAt: null }, phase)
        const agreedAt = instant(START_MS + day * DAY_MS)
        expect(unknown).toBeLessThanOrEqual(widthOf(rules, { ...facts, agreedAt }, phase))
      }),
      RUNS,
    )
  })

  it('changes by time alone at the announced instant and not before', () => {
    fc.assert(
      fc.property(
        policies,
        situations,
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        phases,
        (rules, facts, share, phase) => {
          const change = nextChange(orThrow(compilePolicy(rules)), facts) ?? instant(facts.now + 1000 * DAY_MS)
          const before = instant(facts.now + Math.floor((change - facts.now) * share))
          expect(widthOf(rules, { ...facts, now: before }, phase)).toBe(widthOf(rules, facts, phase))
        },
      ),
      RUNS,
    )
  })

  it('on count lteq n permits exactly the uses 1 to n', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(1000), (most, used) => {
        const rules = {
          permission: [
            { action: 'use', constraint: [{ leftOperand: 'count', operator: 'lteq', rightOperand: String(most) }] },
          ],
        }
        const facts = {
          now: instant(START_MS),
          participant: 'did:web:a' as ParticipantId,
          country: null,
          purpose: null,
          agreedAt: null,
          used,
        }
        expect(widthOf(rules, facts, 'start') > 0).toBe(used + 1 <= most)
      }),
    )
  })
})

describe('rules', () => {
  it('come back the same from the wire', () => {
    fc.assert(
      fc.property(policies, (rules) => {
        const back = orThrow(readRules(JSON.parse(JSON.stringify(rulesToWire(rules)))))
        expect(sameRules(back, rules)).toBe(true)
        expect(rulesDigest(back)).toBe(rulesDigest(rules))
      }),
    )
  })

  it('never throw where a reader or compiler may refuse, whatever comes in', () => {
    const keys = fc.constantFrom(
      'permission',
      'odrl:permission',
      'action',
      'constraint',
      'and',
      'leftOperand',
      'rightOperand',
      '@value',
      '@id',
      '@list',
      '__proto__',
    )
    fc.assert(
      fc.property(fc.dictionary(keys, fc.jsonValue({ maxDepth: 3 })), fc.jsonValue(), (node, leaf) => {
        for (const raw of [
          leaf,
          node,
          { permission: node },
          { permission: [{ action: 'use', constraint: [node, leaf] }] },
        ]) {
          const rules = readRules(raw)
          if (rules.ok) compilePolicy(rules.value)
        }
      }),
    )
  })
})

describe('a glob', () => {
  it('fits what a naive matcher says it fits', () => {
    const naive = (pattern: string, text: string): boolean => {
      if (pattern === '') return text === ''
      if (pattern.startsWith('*'))
        return naive(pattern.slice(1), text) || (text !== '' && naive(pattern, text.slice(1)))
      return text !== '' && pattern[0] === text[0] && naive(pattern.slice(1), text.slice(1))
    }
    const texts = (letters: readonly string[]) =>
      fc.array(fc.constantFrom(...letters), { maxLength: 8 }).map((all) => all.join(''))
    fc.assert(
      fc.property(texts(['a', 'b', '*']), texts(['a', 'b']), (pattern, text) => {
        expect(fitsGlob(pattern, text)).toBe(naive(pattern, text))
      }),
      RUNS,
    )
  })
})
