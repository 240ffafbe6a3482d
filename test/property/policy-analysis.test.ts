// What the analysis claims of a policy holds for every request: nothing is called impossible that happens.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { analysePolicy } from '../../src/domain/policy/analysis/analyse.ts'
import type { CompiledPolicy } from '../../src/domain/policy/compiled.ts'
import type { PolicyFinding } from '../../src/domain/policy/analysis/findings.ts'
import { factsFor } from '../../src/domain/policy/analysis/situation.ts'
import { isPermitted, type ConstraintReason, type Decision, type RuleReason } from '../../src/domain/policy/decision.ts'
import { evaluatePolicy } from '../../src/domain/policy/evaluate.ts'
import type { Facts, Phase } from '../../src/domain/policy/facts.ts'
import type { Rules } from '../../src/protocol/odrl/types.ts'
import { closePolicies, compiledOf, deliveries, MEMBERSHIPS, policies, side, situations } from './policy-arbitraries.ts'

const RUNS = { numRuns: 200 }
const ACTIONS = ['use', 'read', 'distribute', 'play', 'compensate', 'delete']
const anyPolicies = fc.oneof(closePolicies, closePolicies, policies)
const manyRequests = fc.array(fc.tuple(situations, deliveries), { minLength: 25, maxLength: 25 })

const analyse = (rules: Rules) => analysePolicy(compiledOf(rules), rules, { memberships: MEMBERSHIPS })
const decisions = (policy: CompiledPolicy, facts: Facts, phase: Phase): readonly Decision[] =>
  ACTIONS.map((action) => evaluatePolicy(policy, action, facts, phase))

/** The rule in which the finding lies. */
const ruleOf = ({ path }: PolicyFinding, { reasons }: Decision): RuleReason | undefined =>
  reasons.find((rule) => path === rule.path || path.startsWith(`${rule.path}.`))
const nodes = (list: readonly ConstraintReason[]): readonly ConstraintReason[] =>
  list.flatMap((each) => ('of' in each ? [each, ...nodes(each.of)] : [each]))
const nodeOf = ({ path }: PolicyFinding, rule: RuleReason | undefined): ConstraintReason | undefined =>
  nodes([...(rule?.constraints ?? []), ...(rule?.matches ?? []).flatMap(({ refinement }) => refinement)]).find(
    (each) => each.path === path,
  )
const isAllKnown = (node: ConstraintReason): boolean => nodes([node]).every((each) => 'of' in each || each.saw !== null)

/** The policy without the rule that a finding is about; rules behind it keep their places, as duties are known by them. */
const without = (rules: Rules, path: string): Rules => {
  const { permission = [], prohibition = [] } = rules
  const impossible = [{ leftOperand: 'count', operator: 'lt', rightOperand: '0' }]
  return {
    ...rules,
    permission: permission.map((rule, n) =>
      path === `permission[${String(n)}]` ? { ...rule, constraint: impossible } : rule,
    ),
    prohibition: prohibition.map((rule, n) =>
      path === `prohibition[${String(n)}]` ? { ...rule, constraint: impossible } : rule,
    ),
  }
}

describe('a finding', () => {
  it('that something is impossible is disproved by no request', () => {
    fc.assert(
      fc.property(anyPolicies, manyRequests, (rules, requests) => {
        const [policy, findings] = [compiledOf(rules), analyse(rules)]
        for (const [facts, phase] of requests) {
          for (const decision of decisions(policy, facts, phase)) {
            for (const each of findings) {
              const rule = ruleOf(each, decision)
              if (rule === undefined || each.path.includes('.duty')) continue
              if (each.code === 'unsat-constraint' && each.severity === 'error') expect(rule.state).not.toBe('active')
              const isOfPart = each.message.includes('alternative')
              if (each.code === 'unsat-constraint' && isOfPart) expect(nodeOf(each, rule)?.result).not.toBe('satisfied')
              if (each.code === 'unsat-constraint' && !isOfPart) expect(rule.result).not.toBe('satisfied')
              if (each.code === 'sequence-deadlock') expect(nodeOf(each, rule)?.result).not.toBe('satisfied')
              if (each.code === 'conflict-void' && rule.state === 'active') expect(isPermitted(decision)).toBe(false)
              if (each.code === 'dead-prohibition' && each.message.includes('not known'))
                expect(rule.result).not.toBe('satisfied')
              if (each.code === 'phase-gap') expect(isPermitted(decision)).toBe(false)
            }
          }
        }
      }),
      RUNS,
    )
  })

  it('that something holds whatever the value is, is disproved by no request', () => {
    fc.assert(
      fc.property(anyPolicies, manyRequests, (rules, requests) => {
        const policy = compiledOf(rules)
        const findings = analyse(rules).filter(({ code }) => code === 'always-true')
        for (const [facts, phase] of requests) {
          for (const each of findings) {
            const node = decisions(policy, facts, phase)
              .map((decision) => nodeOf(each, ruleOf(each, decision)))
              .find((found) => found !== undefined)
            if (node !== undefined && isAllKnown(node)) expect(node.result).toBe('satisfied')
          }
        }
      }),
      RUNS,
    )
  })

  it('that a rule is needless is disproved by no request', () => {
    const codes = ['shadowed-permission', 'redundant-rule', 'dead-prohibition']
    fc.assert(
      fc.property(anyPolicies, manyRequests, (rules, requests) => {
        const findings = analyse(rules).filter(
          ({ code, message }) => codes.includes(code) && !message.includes('not known'),
        )
        for (const { path } of findings) {
          const [whole, rest] = [compiledOf(rules), compiledOf(without(rules, path))]
          for (const [facts, phase] of requests) {
            const [before, after] = [whole, rest].map((each) => decisions(each, facts, phase).map(isPermitted))
            expect(after).toEqual(before)
          }
        }
      }),
      RUNS,
    )
  })

  it('with a request that shows it is shown by it', () => {
    fc.assert(
      fc.property(anyPolicies, (rules) => {
        for (const each of analyse(rules)) {
          if (each.witness === undefined) continue
          const { action, phase, asked } = each.witness
          const decision = evaluatePolicy(compiledOf(rules), action, factsFor(side(rules), each.witness), phase, asked)
          const active = decision.reasons.filter(({ state }) => state === 'active').map(({ kind }) => kind)
          if (each.code === 'perm-prohib-overlap')
            expect(new Set(active)).toEqual(new Set(['permission', 'prohibition']))
          if (each.code === 'phase-gap') expect([phase, isPermitted(decision)]).toEqual(['negotiation', true])
        }
      }),
      RUNS,
    )
  })

  it('of each of these codes is made of some policies', () => {
    const made = fc
      .sample(closePolicies, { numRuns: 400, seed: 11 })
      .flatMap((rules) => analyse(rules).map(({ code }) => code))
    expect([...new Set(made)]).toEqual(
      expect.arrayContaining([
        'unsat-constraint',
        'always-true',
        'xone-overlap',
        'sequence-deadlock',
        'shadowed-permission',
        'redundant-rule',
        'perm-prohib-overlap',
        'dead-prohibition',
        'conflict-void',
        'phase-gap',
      ]),
    )
  })
})
