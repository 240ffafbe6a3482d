// What must hold of the shipped templates whatever the facts are: a layer, a constraint or a missing fact only ever tightens.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bothHold } from '../../../src/config/policies/combine.ts'
import { compilePolicy } from '../../../src/domain/policy/compile.ts'
import {
  isReference,
  type CompiledAtomic,
  type CompiledConstraint,
  type CompiledPolicy,
} from '../../../src/domain/policy/compiled.ts'
import { isPermitted } from '../../../src/domain/policy/decision.ts'
import { evaluatePolicy } from '../../../src/domain/policy/evaluate.ts'
import type { Fact, Facts } from '../../../src/domain/policy/facts.ts'
import { writtenConstraint } from '../../../src/domain/policy/written.ts'
import { orThrow } from '../../../src/kernel/problem.ts'
import { instant } from '../../../src/kernel/time.ts'
import type { ParticipantId } from '../../../src/protocol/ids.ts'
import type { Constraint, Rules } from '../../../src/protocol/odrl/types.ts'
import { instancesOf, shippedPolicies, type Instance } from '../../fixtures/templates.ts'

const instances = instancesOf(await shippedPolicies())
const atoms = instances.flatMap(({ policy }) => atomsIn(policy))
const constraints: readonly Constraint[] = atoms.map(writtenConstraint)
const actions = [
  ...new Set(
    instances.flatMap(({ policy }) => [...policy.permissions, ...policy.prohibitions].map(({ action }) => action)),
  ),
]

const NOW = instant(Date.parse('2026-06-01T04:00:00Z'))
const anInstance = fc.constantFrom(...instances)
const anAction = fc.constantFrom(...actions)
const pool = factsAsked()
/** What is otherwise than the templates ask: a few facts set or gone, and the state of the agreement. */
const changes = fc.record({
  set: fc.array(
    fc.constantFrom(...pool).chain(([name, values]) => aFact(values).map((value) => [name, value] as const)),
    { maxLength: 2 },
  ),
  gone: fc.option(fc.constantFrom(...pool.keys()), { nil: null }),
  used: fc.constantFrom(0, 2, 3, 4, 5),
  agedDays: fc.constantFrom(0, 30, 30.5),
  isDone: fc.boolean(),
})
type Changes = typeof changes extends fc.Arbitrary<infer C> ? C : never

/** By place they would mean other duties once rules are joined, so that it is all or none. */
const allDone = Object.fromEntries(
  Array.from({ length: 6 }, (_, rule) =>
    Array.from({ length: 12 }, (_, duty) => `permission[${String(rule)}].duty[${String(duty)}]`),
  )
    .flat()
    .map((path) => [path, 'fulfilled'] as const),
)

/** Whatever these templates ask for, then the changes. */
function factsFor(asked: readonly Instance[], { set, gone, used, agedDays, isDone }: Changes): Facts {
  const known: Record<string, Fact> = { 'annex:endDate': '2026-06-01T04:00:00Z' }
  for (const atom of asked.flatMap(({ policy }) => atomsIn(policy))) {
    const before = known[atom.left]
    const value = whatHolds(atom)
    const isList = atom.about.isMany && before !== undefined
    known[atom.left] = isList ? [...new Set([before, value].flat())] : value
    if (atom.kind === 'set') for (const name of atom.right.filter(isReference)) known[name.reference] = value
  }
  for (const [name, value] of set) known[name] = value
  const kept = Object.entries(known).filter(([name]) => name !== gone && !CLOCKED.includes(name))
  return {
    now: NOW,
    participant: 'did:web:consumer.example' as ParticipantId,
    country: null,
    purpose: null,
    agreedAt: instant(NOW - agedDays * 86_400_000),
    used,
    uses: [],
    known: Object.fromEntries(kept),
    duties: isDone ? allDone : {},
  }
}

/** These come from the clock and the meter. */
const CLOCKED = ['tds:frequency', 'elapsedTime', 'dateTime', 'count']

function whatHolds(atom: CompiledAtomic): Fact {
  const values = typeof atom.written === 'string' ? [atom.written] : atom.written
  const [first = ''] = values
  if (atom.kind === 'set') {
    if (atom.right.some(isReference)) return atom.left === 'recipient' ? 'did:web:consumer.example' : 'urn:purpose:x'
    if (atom.operator === 'isAllOf') return values
    return atom.operator === 'neq' || atom.operator === 'isNoneOf'
      ? (pool.get(atom.left)?.values().next().value ?? '')
      : first
  }
  if (atom.kind === 'ordered' && isReference(atom.right)) return '2026-06-01T04:00:01Z'
  return atom.kind === 'ordered' && atom.operator === 'lt' ? String(Number(first) - 1) : first
}

/** Runs the property, and asks for so many runs in which what it supposes is the case. */
function holds<T>(least: number, property: (suppose: (is: boolean) => boolean) => fc.IProperty<T>): void {
  let times = 0
  const suppose = (is: boolean): boolean => {
    times += Number(is)
    return is
  }
  fc.assert(property(suppose), { numRuns: 3000 })
  expect(times).toBeGreaterThan(least)
}

describe('a template of those that are shipped', () => {
  it('never permits more with another constraint', () => {
    holds(200, (suppose) =>
      fc.property(
        anInstance,
        fc.constantFrom(...constraints),
        anAction,
        changes,
        (one, constraint, action, changed) => {
          const { rules, policy } = one
          const permission = (rules.permission ?? []).map((rule) => ({
            ...rule,
            constraint: [...(rule.constraint ?? []), constraint],
          }))
          const facts = factsFor([one], changed)
          return !suppose(permits(compiled({ ...rules, permission }), action, facts)) || permits(policy, action, facts)
        },
      ),
    )
  })

  it('never permits more with another one beside it', () => {
    holds(200, (suppose) =>
      fc.property(anInstance, anInstance, anAction, changes, (one, other, action, changed) => {
        const both = bothHold(one.rules, other.rules)
        if (!both.ok) return true
        const facts = factsFor([one, other], changed)
        const isBoth = permits(one.policy, action, facts) && permits(other.policy, action, facts)
        return !suppose(permits(compiled(both.rules), action, facts)) || isBoth
      }),
    )
  })

  it('never permits less with another one beside it than both of them do', () => {
    holds(200, (suppose) =>
      fc.property(anInstance, anInstance, anAction, changes, (one, other, action, changed) => {
        const both = bothHold(one.rules, other.rules)
        if (!both.ok) return true
        const facts = factsFor([one, other], { ...changed, isDone: true })
        const isBoth = suppose(permits(one.policy, action, facts) && permits(other.policy, action, facts))
        return !isBoth || permits(compiled(both.rules), action, facts)
      }),
    )
  })

  // What a contract promises may be missing: the consumer is bound to it all the same.
  it('never permits more for a fact that is missing and must be shown', () => {
    const promised = new Set(atoms.flatMap(({ left, missing }) => (missing === 'contractual' ? [left] : [])))
    holds(200, (suppose) =>
      fc.property(anInstance, anAction, changes, (one, action, changed) => {
        const { gone } = changed
        if (gone === null || promised.has(gone) || gone === 'recipient') return true
        const less = permits(one.policy, action, factsFor([one], changed))
        return !suppose(less) || permits(one.policy, action, factsFor([one], { ...changed, gone: null }))
      }),
    )
  })
})

function compiled(rules: Rules): CompiledPolicy {
  return orThrow(compilePolicy(rules))
}

function permits(policy: CompiledPolicy, action: string, facts: Facts): boolean {
  return isPermitted(evaluatePolicy(policy, action, facts, 'start'))
}

function atomsIn({ permissions, prohibitions }: CompiledPolicy): readonly CompiledAtomic[] {
  return [...permissions, ...prohibitions].flatMap((rule) => rule.constraints.flatMap(leaves))
}

function leaves(constraint: CompiledConstraint): readonly CompiledAtomic[] {
  return constraint.kind === 'logical' ? constraint.of.flatMap(leaves) : [constraint]
}

/** By left operand every value that a template compares it with, and by reference those of the operand that it is compared with. */
function factsAsked(): ReadonlyMap<string, ReadonlySet<string>> {
  const asked = new Map<string, Set<string>>()
  const add = (name: string, values: readonly string[]): void => {
    asked.set(name, new Set([...(asked.get(name) ?? []), ...values]))
  }
  for (const { left, kind, right, written } of atoms) {
    if (kind === 'window' || left === 'tds:frequency' || left === 'elapsedTime' || left === 'dateTime') continue
    const values = typeof written === 'string' ? [written] : written
    const isOpen = kind === 'ordered' ? isReference(right) : right.some(isReference)
    if (isOpen && kind === 'ordered') add(left, ['2026-06-01T04:00:01Z', '2026-06-01T04:00:00Z'])
    else if (isOpen) for (const reference of values) add(reference, ['did:web:consumer.example', 'urn:purpose:x'])
    else if (kind === 'ordered')
      add(
        left,
        values.flatMap((text) => [text, String(Math.max(0, Number(text) - 1)), String(Number(text) + 1)]),
      )
    else add(left, [...values, left === 'virtualLocation' ? '192.0.2.1' : /Jurisdiction$/.test(left) ? 'US' : 'true'])
  }
  add('annex:endDate', ['2026-06-01T04:00:00Z', '2026-06-01T03:59:59Z'])
  add('purpose', ['urn:purpose:x', 'urn:purpose:y'])
  add('event', ['delivery', 'breach', 'contract-start'])
  return asked
}

function aFact(values: ReadonlySet<string>): fc.Arbitrary<Fact> {
  const one = fc.constantFrom(...values)
  return fc.oneof(
    { weight: 4, arbitrary: one },
    { weight: 1, arbitrary: fc.uniqueArray(one, { minLength: 1, maxLength: 2 }) },
  )
}
