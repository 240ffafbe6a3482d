// What the comparison of two policies claims holds for every request, and what it cannot claim it does not.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareSides, type Comparison } from '../../src/domain/policy/analysis/compare.ts'
import { isPermittedIn } from '../../src/domain/policy/analysis/situation.ts'
import type { CompiledPolicy } from '../../src/domain/policy/compiled.ts'
import { isPermitted } from '../../src/domain/policy/decision.ts'
import { evaluatePolicy } from '../../src/domain/policy/evaluate.ts'
import type { Facts, Phase } from '../../src/domain/policy/facts.ts'
import type { Rules } from '../../src/protocol/odrl/types.ts'
import {
  atoms,
  closePolicies,
  compiledOf,
  constraints,
  deliveries,
  policies as widePolicies,
  prohibitions,
  side,
  situations,
} from './policy-arbitraries.ts'

const RUNS = { numRuns: 100 }
const policies = fc.oneof(closePolicies, widePolicies)
const ACTIONS = ['use', 'read', 'distribute', 'play']

const permitted = (policy: CompiledPolicy, facts: Facts, phase: Phase) =>
  ACTIONS.map((action) => isPermitted(evaluatePolicy(policy, action, facts, phase)))
const compare = (a: Rules, b: Rules): Comparison => compareSides(side(a), side(b))
const MIRROR = {
  equal: 'equal',
  widened: 'narrowed',
  narrowed: 'widened',
  incomparable: 'incomparable',
  unknown: 'unknown',
}

describe('a comparison of two policies', () => {
  it('claims no loss and no gain that a request disproves', () => {
    fc.assert(
      fc.property(
        policies,
        policies,
        fc.array(fc.tuple(situations, deliveries), { minLength: 30, maxLength: 30 }),
        (a, b, asked) => {
          const { relation } = compare(a, b)
          const [first, second] = [compiledOf(a), compiledOf(b)]
          for (const [facts, phase] of asked) {
            const [before, after] = [permitted(first, facts, phase), permitted(second, facts, phase)]
            if (relation === 'equal' || relation === 'widened')
              expect(before.some((is, n) => is && !after[n])).toBe(false)
            if (relation === 'equal' || relation === 'narrowed')
              expect(before.some((is, n) => !is && after[n])).toBe(false)
          }
        },
      ),
      RUNS,
    )
  })

  it('of one or two constraints each claims nothing that a request disproves either', () => {
    const few = fc
      .array(atoms, { maxLength: 2 })
      .map((constraint): Rules => ({ permission: [{ action: 'use', constraint }] }))
    const requests = fc.array(fc.tuple(situations, deliveries), { minLength: 20, maxLength: 20 })
    fc.assert(
      fc.property(few, few, requests, (a, b, asked) => {
        const { relation } = compare(a, b)
        const [first, second] = [compiledOf(a), compiledOf(b)]
        for (const [facts, phase] of asked) {
          const [before, after] = [permitted(first, facts, phase), permitted(second, facts, phase)]
          if (relation === 'equal' || relation === 'widened')
            expect(before.some((is, n) => is && !after[n])).toBe(false)
          if (relation === 'equal' || relation === 'narrowed')
            expect(before.some((is, n) => !is && after[n])).toBe(false)
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('shows requests that the one permits and the other does not', () => {
    fc.assert(
      fc.property(policies, policies, (a, b) => {
        const { gained, lost } = compare(a, b)
        if (gained !== null)
          expect([isPermittedIn(side(a), gained), isPermittedIn(side(b), gained)]).toEqual([false, true])
        if (lost !== null) expect([isPermittedIn(side(a), lost), isPermittedIn(side(b), lost)]).toEqual([true, false])
      }),
      RUNS,
    )
  })

  it('finds a policy equal to itself', () => {
    fc.assert(
      fc.property(policies, (rules) => {
        expect(['equal', 'unknown']).toContain(compare(rules, structuredClone(rules)).relation)
      }),
      RUNS,
    )
  })

  it('turns round with its policies', () => {
    fc.assert(
      fc.property(policies, policies, (a, b) => {
        expect(compare(b, a).relation).toBe(MIRROR[compare(a, b).relation])
      }),
      RUNS,
    )
  })

  it('never calls a policy wider for a further constraint on a permission, nor narrower for one that is taken away', () => {
    fc.assert(
      fc.property(policies, constraints, fc.nat(), (rules, more, n) => {
        const permission = rules.permission ?? []
        const narrowed = permission.map((rule, index) =>
          index === n % permission.length ? { ...rule, constraint: [...(rule.constraint ?? []), more] } : rule,
        )
        expect(['narrowed', 'equal', 'unknown']).toContain(compare(rules, { ...rules, permission: narrowed }).relation)
        expect(['widened', 'equal', 'unknown']).toContain(compare({ ...rules, permission: narrowed }, rules).relation)
      }),
      RUNS,
    )
  })

  it('never calls a policy wider for a further prohibition', () => {
    fc.assert(
      fc.property(policies, prohibitions, (rules, more) => {
        const prohibition = [...(rules.prohibition ?? []), more]
        expect(['narrowed', 'equal', 'unknown']).toContain(compare(rules, { ...rules, prohibition }).relation)
      }),
      RUNS,
    )
  })

  it('leaves few comparisons open', () => {
    const relations = fc
      .sample(fc.tuple(widePolicies, widePolicies), { numRuns: 100, seed: 7 })
      .map(([a, b]) => compare(a, b).relation)
    expect(relations.filter((relation) => relation === 'unknown').length).toBeLessThan(15)
  })
})
