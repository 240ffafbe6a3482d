// All facts on which the policies that are looked at depend, each by a key: what is needed to draw boxes and to pick from them.

import { canonicalJson } from '../../../kernel/canonical-json.ts'
import { isReference, type CompiledAtomic, type OrderedConstraint } from '../compiled.ts'
import type { Facts, Phase } from '../facts.ts'
import { observe } from '../observe.ts'
import type { OrderOperator } from '../operands.ts'
import type { Memberships } from '../values.ts'
import type { NumberFact } from './numbers.ts'
import { belonging, universeOf, type Belonging, type NamedValues, type Universe } from './universe.ts'

/** Filled while boxes are drawn: how a key is turned into a fact again. */
export interface Space {
  readonly numbers: Map<string, NumberFact>
  /** The zone of the clock, by key. */
  readonly zones: Map<string, string>
  /** Comparisons with what is known only when the policy is asked, by key. */
  readonly references: Map<string, Reference>
  /** What may still be done before nothing more is claimed: boxes laid over each other, in all searches together. */
  readonly budget: { meetings: number }
  readonly universe: (key: string) => Universe
  readonly belonging: (key: string, value: string, memberships: Memberships | undefined, isPart: boolean) => Belonging
  /** The key under which the outcome of a comparison is one fact. */
  readonly referenceKey: (constraint: CompiledAtomic, memberships: Memberships | undefined) => string
}

export interface Reference {
  readonly constraint: CompiledAtomic
  /** What the comparison comes to: `less`, `equal` or `greater`, or the result where there is no order. */
  readonly wordIn: (facts: Facts, phase: Phase) => string
}

const MEETINGS_MAX = 1_000_000

/**
 * @param named every value of a set that any of the policies names
 * @param memberships those of each policy
 */
export function createSpace(named: NamedValues, memberships: readonly (Memberships | undefined)[]): Space {
  const universes = new Map<string, Universe>()
  const belongings = new Map<string, Belonging>()
  const references = new Map<string, Reference>()
  const numberOf = (each: Memberships | undefined) => String(memberships.indexOf(each))

  const universe = (key: string): Universe => {
    const known = universes.get(key)
    if (known !== undefined) return known
    const values = named.get(key)
    if (values === undefined) throw new TypeError(`nobody collected what is named of ${key}`)
    const made = universeOf(values, memberships)
    universes.set(key, made)
    return made
  }
  return {
    numbers: new Map(),
    zones: new Map(),
    references,
    budget: { meetings: MEETINGS_MAX },
    universe,
    belonging: (key, value, of, isPart) => {
      const name = [key, value, numberOf(of), String(isPart)].join('\n')
      const known = belongings.get(name)
      if (known !== undefined) return known
      const made = belonging(universe(key), value, of, isPart)
      belongings.set(name, made)
      return made
    },
    referenceKey: (constraint, of) => {
      const { left, operator, written } = constraint
      const unit = constraint.kind === 'ordered' ? constraint.unit : null
      const isOrder = hasOrder(constraint)
      const key = canonicalJson([left, isOrder ? 'is to' : operator, written, unit, numberOf(of)])
      const wordIn = isOrder ? orderIn(constraint) : resultIn(constraint)
      references.set(key, { constraint, wordIn })
      return key
    },
  }
}

/** Whether the comparison is of two numbers, so that `lt` says something about `gteq`. */
export function hasOrder(constraint: CompiledAtomic): constraint is OrderedConstraint {
  return constraint.kind === 'ordered' && isReference(constraint.right) && constraint.left !== 'timeInterval'
}

function resultIn(constraint: CompiledAtomic): Reference['wordIn'] {
  return (facts, phase) => observe(constraint, facts, phase, false).result
}

// prettier-ignore
const ORDERS = [['lt', 'less'], ['eq', 'equal'], ['gt', 'greater']] as const

function orderIn(constraint: OrderedConstraint): Reference['wordIn'] {
  return (facts, phase) => {
    const isSo = (operator: OrderOperator) =>
      observe({ ...constraint, operator }, facts, phase, false).result === 'satisfied'
    return ORDERS.find(([operator]) => isSo(operator))?.[1] ?? constraint.missing
  }
}
