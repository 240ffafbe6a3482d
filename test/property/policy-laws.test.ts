// What holds for every policy of any kind: rules written together mean what they mean apart, another layer never permits more,
// what goes out comes back, and a decision that is made again comes out the same.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decideUse, type UseQuestion } from '../../src/domain/policy/decide.ts'
import { isPermitted, type Verdict } from '../../src/domain/policy/decision.ts'
import { askLayers } from '../../src/domain/policy/layers.ts'
import { NO_REGIME, type Guardrail } from '../../src/domain/policy/regime.ts'
import { replay } from '../../src/domain/policy/replay.ts'
import { snapshotOf } from '../../src/domain/policy/snapshot.ts'
import { canonicalJson, type Json } from '../../src/kernel/canonical-json.ts'
import { orThrow } from '../../src/kernel/problem.ts'
import { readRules } from '../../src/protocol/odrl/normalise.ts'
import { readAnyPolicy } from '../../src/protocol/odrl/read-any.ts'
import { rulesDigest } from '../../src/protocol/odrl/same-rules.ts'
import { lostOnWire, rulesToWire } from '../../src/protocol/odrl/to-wire.ts'
import type { Rules } from '../../src/protocol/odrl/types.ts'
import {
  compiledOf,
  constraints,
  deliveries,
  MEMBERSHIPS,
  policies,
  prohibitions,
  situations,
} from './policy-arbitraries.ts'

const RUNS = { numRuns: 2000 }

describe('rules that share what they say', () => {
  const KINDS = ['permission', 'prohibition', 'obligation'] as const
  const KEYS = ['action', 'target', 'assigner', 'assignee'] as const
  interface Together {
    readonly kind: (typeof KINDS)[number]
    readonly constraint: readonly object[]
    readonly said: Readonly<Record<(typeof KEYS)[number], readonly string[]>>
  }
  /** At least one action, and one or none of the rest. */
  const things = (key: string, minLength: number) =>
    fc.uniqueArray(fc.constantFrom(...['a', 'b', 'c'].map((name) => `urn:${key}:${name}`)), { minLength, maxLength: 3 })
  const together: fc.Arbitrary<Together> = fc.record({
    kind: fc.constantFrom(...KINDS),
    constraint: fc.array(constraints, { maxLength: 2 }),
    said: fc.record({
      action: things('action', 1),
      target: things('target', 0),
      assigner: things('assigner', 0),
      assignee: things('assignee', 0),
    }),
  })

  /** One rule for each combination, written by hand. */
  function apart({ constraint, said }: Together): readonly object[] {
    return KEYS.reduce<readonly object[]>(
      (rules, key) =>
        said[key].length === 0 ? rules : said[key].flatMap((value) => rules.map((rule) => ({ ...rule, [key]: value }))),
      [{ constraint }],
    )
  }

  function policyOf(rules: readonly (readonly [string, object])[], shared: object = {}): object {
    const byKind = KINDS.map((kind) => [kind, rules.flatMap(([of, rule]) => (of === kind ? [rule] : []))] as const)
    return {
      '@type': 'Set',
      uid: 'urn:policy',
      ...shared,
      ...Object.fromEntries(byKind.filter(([, { length }]) => length > 0)),
    }
  }

  /** The atomic rules in no order, each once: nothing is permitted twice. */
  function atomsOf(policy: object): readonly string[] {
    const { rules } = orThrow(readAnyPolicy(JSON.parse(JSON.stringify(policy)), { policies: [], references: {} }))
    const all = KINDS.flatMap((kind) =>
      (rules[kind] ?? []).map((rule) => canonicalJson({ kind, rule } as unknown as Json)),
    )
    return [...new Set(all)].toSorted()
  }

  it('are, one by one, the rules that would have been written alone', () => {
    fc.assert(
      fc.property(fc.array(together, { minLength: 1, maxLength: 3 }), (groups) => {
        const compact = policyOf(groups.map(({ kind, constraint, said }) => [kind, { constraint, ...said }] as const))
        const atomic = policyOf(groups.flatMap((group) => apart(group).map((rule) => [group.kind, rule] as const)))
        expect(atomsOf(compact)).toEqual(atomsOf(atomic))
      }),
      RUNS,
    )
  })

  it('may leave it to their policy', () => {
    fc.assert(
      fc.property(
        fc.array(together, { minLength: 1, maxLength: 3 }),
        things('target', 1),
        things('assignee', 0),
        (groups, target, assignee) => {
          const bare = groups.map(({ said, ...group }) => ({ ...group, said: { ...said, target: [], assignee: [] } }))
          const compact = policyOf(
            bare.map(
              ({ kind, constraint, said }) =>
                [kind, { constraint, action: said.action, assigner: said.assigner }] as const,
            ),
            { target, assignee },
          )
          const atomic = policyOf(
            bare.flatMap((group) =>
              apart({ ...group, said: { ...group.said, target, assignee } }).map((rule) => [group.kind, rule] as const),
            ),
          )
          expect(atomsOf(compact)).toEqual(atomsOf(atomic))
        },
      ),
      RUNS,
    )
  })
})

const WIDTH: Readonly<Record<Verdict, number>> = { permit: 2, conditional: 1, deny: 0, 'default-deny': 0 }
const rails: fc.Arbitrary<Guardrail> = fc
  .oneof(
    policies,
    fc.array(prohibitions, { minLength: 1, maxLength: 2 }).map((prohibition) => ({ prohibition })),
  )
  .map((rules) => ({ id: 'site', title: {}, datasets: [], parties: [], policy: compiledOf(rules), file: 'site.yaml' }))
const questions: fc.Arbitrary<UseQuestion> = fc.record({
  policy: policies.map(compiledOf),
  regime: fc
    .array(rails, { maxLength: 2 })
    .map((guardrails) => ({ ...NO_REGIME, guardrails, memberships: MEMBERSHIPS })),
  dataset: fc.constant(null),
  facts: situations,
  phase: deliveries,
})

describe('a layer beneath', () => {
  it('never permits what the contract alone does not, nor does another rule of the site', () => {
    let permitted = 0
    fc.assert(
      fc.property(questions, rails, (question, rail) => {
        const { regime } = question
        const width = ({ guardrails }: { readonly guardrails: readonly Guardrail[] }): number =>
          WIDTH[decideUse({ ...question, regime: { ...regime, guardrails } }).verdict]
        const [alone, before] = [width({ guardrails: [] }), width(regime)]
        const after = width({ guardrails: [...regime.guardrails, rail] })
        permitted += Number(after > 0)
        expect(before).toBeLessThanOrEqual(alone)
        expect(after).toBeLessThanOrEqual(before)
      }),
      RUNS,
    )
    expect(permitted).toBeGreaterThan(20)
  })

  it('comes to the same whether it is asked until one denies, or whole', () => {
    fc.assert(
      fc.property(questions, (question) => {
        const whole = askLayers({ ...question, access: [], action: null })
        expect(WIDTH[whole.verdict]).toBe(WIDTH[decideUse(question).verdict])
      }),
      RUNS,
    )
  })
})

describe('a decision on record', () => {
  it('comes out the same when it is made again, as often as it is', () => {
    fc.assert(
      fc.property(questions, (question) => {
        const { policy, regime, dataset, phase, facts } = question
        const decision = decideUse(question)
        const { verdict } = decision
        const trace = JSON.parse(JSON.stringify({ verdict, phase, facts: snapshotOf(facts) })) as Parameters<
          typeof replay
        >[0]
        const again = replay(trace, policy, regime, dataset)
        expect(again?.after).toBe(isPermitted(decision) ? 'permit' : 'deny')
        expect(again?.before).toBe(again?.after)
        expect(replay(trace, policy, regime, dataset)).toEqual(again)
      }),
      RUNS,
    )
  })
})

describe('rules of every kind', () => {
  it('come back from the wire as they went, or are not sent', () => {
    let sent = 0
    fc.assert(
      fc.property(policies, (rules: Rules) => {
        if (lostOnWire(rules).length > 0) return
        sent++
        const back = orThrow(readRules(JSON.parse(JSON.stringify(rulesToWire(rules)))))
        expect(rulesDigest(back)).toBe(rulesDigest(rules))
      }),
      RUNS,
    )
    expect(sent).toBeGreaterThan(200)
  })
})
