// From a leaf of a condition to boxes: which facts must lie in which domains. Never too small, so that nothing is called
// impossible that is possible; where one fact depends on another in a way that is not followed, larger than it is.

import { isReference, type CompiledAtomic, type OrderedConstraint, type WindowConstraint } from '../compiled.ts'
import type { OrderOperator } from '../operands.ts'
import type { Leaf, Results } from './condition.ts'
import type { Box } from './domains.ts'
import { between, complement, from, union, upTo, type Intervals } from './intervals.ts'
import { fit, numberFact } from './numbers.ts'
import { hasOrder, type Space } from './space.ts'
import { thingBoxes } from './thing-boxes.ts'
import { minutesOf, otherMinutes } from './week.ts'

const ANYTHING: readonly Box[] = [new Map()]
const NOTHING: readonly Box[] = []

/** The boxes together hold every situation in which the leaf is true. */
export function boxesOf(leaf: Leaf, space: Space): readonly Box[] {
  if (leaf.kind === 'duty') {
    return leaf.progress.length === 0
      ? NOTHING
      : [new Map([[leaf.name, { kind: 'choice', words: new Set(leaf.progress) }]])]
  }
  if (leaf.kind === 'scope') return thingBoxes(leaf, space)
  const { constraint, results } = leaf
  if (hasReference(constraint)) return referenceBoxes(leaf, space)
  // prettier-ignore
  switch (constraint.kind) {
    case 'ordered': return orderedBoxes(constraint, results, space)
    case 'window':  return windowBoxes(constraint, results, space)
    case 'set':     return isOpaque(constraint) ? referenceBoxes(leaf, space) : thingBoxes({ ...leaf, constraint }, space)
  }
}

type Atom = Extract<Leaf, { kind: 'atom' }>

function hasReference({ right }: CompiledAtomic): boolean {
  return Array.isArray(right) ? right.some(isReference) : isReference(right)
}

/** Which networks are parts of an address is nothing that anybody writes on purpose: it is not followed. */
function isOpaque({ about, operator }: CompiledAtomic): boolean {
  return about.type === 'network' && operator === 'hasPart'
}

// prettier-ignore
const ORDER_WORDS: Readonly<Record<OrderOperator, readonly string[]>> = {
  eq: ['equal'],         neq:  ['less', 'greater'],
  lt: ['less'],          lteq: ['less', 'equal'],
  gt: ['greater'],       gteq: ['greater', 'equal'],
}

/** What is not followed is a fact of its own: the same comparison comes to the same wherever it stands. */
function referenceBoxes({ constraint, results, memberships }: Atom, space: Space): readonly Box[] {
  const possible: Results = ['satisfied', 'unsatisfied', 'unknown', constraint.missing]
  const wanted = possible.filter((each) => results.includes(each))
  const satisfied = hasOrder(constraint) ? ORDER_WORDS[constraint.operator] : null
  const unsatisfied = ['less', 'equal', 'greater'].filter((word) => satisfied?.includes(word) === false)
  const words = wanted.flatMap((result) =>
    satisfied === null ? result : result === 'satisfied' ? satisfied : result === 'unsatisfied' ? unsatisfied : result,
  )
  if (words.length === 0) return NOTHING
  return [new Map([[space.referenceKey(constraint, memberships), { kind: 'choice', words: new Set(words) }]])]
}

function orderedBoxes(constraint: OrderedConstraint, results: Results, space: Space): readonly Box[] {
  const number = numberFact(constraint)
  // It is never compared, whatever the fact is.
  if (number === null) return results.includes(constraint.missing) ? ANYTHING : NOTHING
  const { fact, bound } = number
  space.numbers.set(fact.key, fact)
  const satisfied = satisfying(constraint, bound)
  const parts = [
    ...(results.includes('satisfied') ? [satisfied] : []),
    ...(results.includes('unsatisfied') ? [complement(satisfied)] : []),
  ]
  const values = fit(fact, parts.reduce(union, []))
  const orMissing = fact.canBeMissing && results.includes(constraint.missing)
  return values.length === 0 && !orMissing ? NOTHING : [new Map([[fact.key, { kind: 'numbers', values, orMissing }]])]
}

// prettier-ignore
const SATISFYING: Readonly<Record<OrderedConstraint['operator'], (bound: number) => Intervals>> = {
  eq:   (bound) => between(bound, bound),
  neq:  (bound) => complement(between(bound, bound)),
  lt:   (bound) => upTo(bound, false),
  lteq: (bound) => upTo(bound, true),
  gt:   (bound) => from(bound, false),
  gteq: (bound) => from(bound, true),
}

/** The pause between two uses is over from its length on, though the vocabulary has only `eq` for it (observe.ts). */
function satisfying({ left, operator }: OrderedConstraint, bound: number): Intervals {
  return SATISFYING[left === 'timeInterval' ? 'gteq' : operator](bound)
}

/** By zone, because the clocks of two zones are two facts here. */
function windowBoxes({ right, operator }: WindowConstraint, results: Results, space: Space): readonly Box[] {
  const isNegative = operator === 'neq' || operator === 'isNoneOf'
  const [inside, outside] = isNegative
    ? (['unsatisfied', 'satisfied'] as const)
    : (['satisfied', 'unsatisfied'] as const)
  if (results.includes(inside) && results.includes(outside)) return ANYTHING
  const zones = new Map<string, Intervals>()
  for (const window of right) zones.set(window.zone, union(zones.get(window.zone) ?? [], minutesOf(window)))
  zones.forEach((_, zone) => space.zones.set(zoneKey(zone), zone))
  const box = (...minutes: readonly (readonly [zone: string, values: Intervals])[]): readonly Box[] =>
    minutes.some(([, values]) => values.length === 0)
      ? NOTHING
      : [new Map(minutes.map(([zone, values]) => [zoneKey(zone), { kind: 'numbers', values, orMissing: false }]))]
  if (results.includes(inside)) return [...zones].flatMap((each) => box(each))
  if (!results.includes(outside)) return NOTHING
  return box(...[...zones].map(([zone, minutes]) => [zone, otherMinutes(minutes)] as const))
}

function zoneKey(zone: string): string {
  return `tds:dailyWindow ${zone}`
}
