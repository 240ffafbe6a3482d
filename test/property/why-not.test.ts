// What is offered as the smallest change is one: it permits, no part of it does, and where one fact is enough, one is named.

import fc from 'fast-check'
import { describe, it } from 'vitest'
import { compilePolicy } from '../../src/domain/policy/compile.ts'
import type { Facts } from '../../src/domain/policy/facts.ts'
import { askLayers, type LayeredQuestion } from '../../src/domain/policy/layers.ts'
import { NO_REGIME } from '../../src/domain/policy/regime.ts'
import { whyNot, type Repair } from '../../src/domain/policy/why-not.ts'
import { edited, type Axis, type AxisValue } from '../../src/domain/policy/why-not-values.ts'
import { orThrow } from '../../src/kernel/problem.ts'
import { instant } from '../../src/kernel/time.ts'
import type { ParticipantId } from '../../src/protocol/ids.ts'
import type { Constraint, Rules } from '../../src/protocol/odrl/types.ts'

const RUNS = { numRuns: 1000 }
const DAY_MS = 86_400_000
const START_MS = Date.parse('2026-01-01T00:00:00Z')

const countries = ['CN', 'VN', 'SG', 'DE']
const roles = ['a', 'b', 'c']
const days = [0, 1, 2, 3, 4]
const counts = ['0', '1', '2', '3', '4']
const dayOf = (day: number): number => START_MS + day * DAY_MS

const some = (values: readonly string[]) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: 3 })
const ordered = fc.constantFrom('eq', 'neq', 'lt', 'lteq', 'gt', 'gteq')
const atomic = (leftOperand: string, operator: fc.Arbitrary<string>, rightOperand: fc.Arbitrary<string | string[]>) =>
  fc.record({ leftOperand: fc.constant(leftOperand), operator, rightOperand })

const atomics: fc.Arbitrary<Constraint> = fc.oneof(
  atomic('count', ordered, fc.constantFrom('1', '2', '3')),
  atomic(
    'dateTime',
    ordered,
    fc.constantFrom(1, 2, 3).map((day) => new Date(dayOf(day)).toISOString()),
  ),
  atomic('spatial', fc.constantFrom('isAnyOf', 'isNoneOf'), some(countries)),
  atomic('tds:assetState', fc.constantFrom('isAnyOf', 'isNoneOf'), some(roles)),
)
const constraints = fc.oneof(
  { weight: 3, arbitrary: atomics },
  { weight: 1, arbitrary: fc.array(atomics, { minLength: 1, maxLength: 3 }).map((or) => ({ or })) },
  { weight: 1, arbitrary: fc.array(atomics, { minLength: 1, maxLength: 3 }).map((and) => ({ and })) },
  { weight: 1, arbitrary: fc.array(atomics, { minLength: 1, maxLength: 2 }).map((xone) => ({ xone })) },
)
const rule = fc.record({
  action: fc.constant('use'),
  constraint: fc.array(constraints, { minLength: 1, maxLength: 3 }),
})
const policies: fc.Arbitrary<Rules> = fc.record({
  conflict: fc.constantFrom('prohibit' as const, 'perm' as const, 'invalid' as const),
  permission: fc.array(rule, { minLength: 1, maxLength: 2 }),
  prohibition: fc.array(rule, { maxLength: 1 }),
})
const states: fc.Arbitrary<Facts> = fc.record({
  now: fc.constantFrom(...days).map((day) => instant(dayOf(day))),
  participant: fc.constant('did:web:a' as ParticipantId),
  country: fc.constantFrom(null, ...countries),
  purpose: fc.constant(null),
  agreedAt: fc.constant(null),
  used: fc.constant(0),
  known: fc.record({ count: fc.constantFrom(...counts), 'tds:assetState': fc.constantFrom(...roles) }),
})

const questions = fc.record({ rules: policies, facts: states }).map(({ rules, facts }): LayeredQuestion => {
  const policy = orThrow(compilePolicy(rules))
  return { access: [], policy, regime: NO_REGIME, dataset: null, facts, phase: 'start', action: null }
})

// Everything that one fact can be in this world, and what lies between the bounds that policies name.
const WORLD: readonly (readonly [Axis, readonly AxisValue[]])[] = [
  ['country', [...countries, 'AQ']],
  ['known:count', counts],
  ['known:tds:assetState', [...roles, 'none-of-these']],
  ['now', days.flatMap((day) => [dayOf(day) - 1, dayOf(day), dayOf(day) + 1])],
]

function permitsWith(question: LayeredQuestion, changes: readonly (readonly [Axis, AxisValue])[]): boolean {
  return askLayers(edited(question, new Map(changes))).verdict === 'permit'
}

function pairs(repair: Repair): readonly (readonly [Axis, AxisValue])[] {
  return repair.map(({ axis, value }) => [axis, value] as const)
}

describe('for every policy and all facts', () => {
  it('each repair permits, and none of its parts alone does', () => {
    fc.assert(
      fc.property(questions, (question) => {
        const found = whyNot(question)
        if (found === null) return permitsWith(question, [])
        return found.repairs.every((repair) => {
          const changes = pairs(repair)
          const parts = changes.map((left) => changes.filter((change) => change !== left))
          return permitsWith(question, changes) && parts.every((part) => !permitsWith(question, part))
        })
      }),
      RUNS,
    )
  })

  it('where one or two facts are enough, no more are named; where nothing is found, nothing was there', () => {
    fc.assert(
      fc.property(questions, (question) => {
        const found = whyNot(question)
        if (found === null || found.isCut) return true
        const single = WORLD.flatMap(([axis, values]) => values.map((value) => [[axis, value] as const]))
        const double = single.flatMap((one) =>
          single.flatMap((other) => (one[0]?.[0] === other[0]?.[0] ? [] : [[...one, ...other]])),
        )
        const least = single.some((each) => permitsWith(question, each))
          ? 1
          : double.some((each) => permitsWith(question, each))
            ? 2
            : null
        const size = found.repairs[0]?.length
        return least === null ? size === undefined || size > 2 : size === least
      }),
      { numRuns: 250 },
    )
  })
})
