// What must be so for a constraint to come to a result, as a tree of alternatives: the evaluator's own rules, turned round.

import type { CompiledAtomic, CompiledConstraint, CompiledConstraints, ScopeKey } from '../compiled.ts'
import type { DutyProgress } from '../duties.ts'
import { isBefore } from '../facts.ts'
import { ORDER, type ConstraintResult, type Mood } from '../results.ts'
import type { Memberships } from '../values.ts'

export type Results = readonly ConstraintResult[]

/** `atom`: the constraint comes to one of the results. `scope`: so does the match of what is asked for. `duty`: it is so far. */
export type Condition = Group | Leaf

export interface Group {
  readonly kind: 'all' | 'any'
  readonly of: readonly Condition[]
}

export type Leaf =
  | {
      readonly kind: 'atom'
      readonly constraint: CompiledAtomic
      readonly results: Results
      readonly memberships: Memberships | undefined
    }
  | {
      readonly kind: 'scope'
      readonly key: ScopeKey
      readonly id: string
      readonly results: Results
      readonly memberships: Memberships | undefined
    }
  | { readonly kind: 'duty'; readonly name: string; readonly progress: readonly DutyProgress[] }

/** How constraints are looked at. */
export interface View {
  readonly memberships: Memberships | undefined
  /** As in a negotiation, when what is measured at delivery is deferred. */
  readonly isEarly?: boolean
}

export const RESULTS: Results = ['satisfied', 'contractual', 'deferred', 'unknown', 'unsatisfied']
/** With these a permission permits. */
export const GRANTING: Results = ['satisfied', 'contractual', 'deferred']
/** With these a prohibition prohibits. */
export const BANNING: Results = ['satisfied', 'unknown']
const PROGRESS: readonly DutyProgress[] = ['nonset', 'fulfilled', 'violated', 'late']

export const ALWAYS: Condition = { kind: 'all', of: [] }
export const NEVER: Condition = { kind: 'any', of: [] }

export function all(of: readonly Condition[]): Condition {
  return { kind: 'all', of }
}

export function any(of: readonly Condition[]): Condition {
  return { kind: 'any', of }
}

export function not(condition: Condition): Condition {
  switch (condition.kind) {
    case 'all':
      return any(condition.of.map(not))
    case 'any':
      return all(condition.of.map(not))
    case 'duty':
      return { ...condition, progress: PROGRESS.filter((each) => !condition.progress.includes(each)) }
    case 'atom':
    case 'scope':
      return { ...condition, results: without(RESULTS, condition.results) }
  }
}

/** When all constraints of a list together come to one of the results. */
export function listComesTo(list: CompiledConstraints, results: Results, mood: Mood, view: View): Condition {
  return least(list, results, mood, view)
}

/** When the constraint comes to one of the results. */
export function comesTo(constraint: CompiledConstraint, results: Results, mood: Mood, view: View): Condition {
  if (constraint.kind !== 'logical') return atom(constraint, results, view)
  const { operator, of } = constraint
  // prettier-ignore
  switch (operator) {
    case 'and':         return least(of, results, mood, view)
    case 'or':          return greatest(of, results, mood, view)
    case 'xone':        return exactlyOne(of, results, view)
    case 'andSequence': return inOrder(of, results, mood, view)
  }
}

function atom(constraint: CompiledAtomic, results: Results, { memberships, isEarly }: View): Condition {
  const isDeferred = isEarly === true && isBefore('negotiation', constraint.about.from)
  if (isDeferred) return results.includes('deferred') ? ALWAYS : NEVER
  return { kind: 'atom', constraint, results, memberships }
}

type Constraints = CompiledConstraints

/** The least result in the order of the mood decides. */
function least(of: Constraints, results: Results, mood: Mood, view: View): Condition {
  const order = ORDER[mood].and
  const each = (wanted: Results) => of.map((part) => comesTo(part, wanted, mood, view))
  if (isTopOf(order, results)) return all(each(results))
  if (isTopOf(order.toReversed(), results)) return any(each(results))
  return any(results.map((result) => all([...each(order.slice(order.indexOf(result))), any(each([result]))])))
}

/** The greatest result decides. */
function greatest(of: Constraints, results: Results, mood: Mood, view: View): Condition {
  const order = ORDER[mood].or
  const each = (wanted: Results) => of.map((part) => comesTo(part, wanted, mood, view))
  if (isTopOf(order, results)) return any(each(results))
  if (isTopOf(order.toReversed(), results)) return all(each(results))
  return any(results.map((result) => all([...each(order.slice(0, order.indexOf(result) + 1)), any(each([result]))])))
}

/** The words of `exactlyOneOf` (results.ts), one case each. */
function exactlyOne(of: Constraints, results: Results, view: View): Condition {
  const part = (index: number, wanted: Results) => {
    const constraint = of[index]
    return constraint === undefined ? ALWAYS : comesTo(constraint, wanted, 'part', view)
  }
  const indexes = of.map((_, index) => index)
  const every = (wanted: Results, but: number | null = null) =>
    all(indexes.filter((index) => index !== but).map((index) => part(index, wanted)))
  const someOf = (wanted: Results) => any(indexes.map((index) => part(index, wanted)))
  const pairs = indexes.flatMap((first) => indexes.slice(first + 1).map((second) => [first, second] as const))
  const two = any(pairs.map(([first, second]) => all([part(first, ['satisfied']), part(second, ['satisfied'])])))
  const atMostOne = any(indexes.map((index) => every(without(RESULTS, ['satisfied']), index)))
  const open = (result: ConstraintResult, before: Results) =>
    all([someOf([result]), every(without(RESULTS, before)), atMostOne])
  const cases: Readonly<Record<ConstraintResult, () => Condition>> = {
    satisfied: () => any(indexes.map((index) => all([part(index, ['satisfied']), every(['unsatisfied'], index)]))),
    unsatisfied: () => any([two, every(['unsatisfied'])]),
    unknown: () => open('unknown', []),
    deferred: () => open('deferred', ['unknown']),
    contractual: () => open('contractual', ['unknown', 'deferred']),
  }
  return any(results.map((result) => cases[result]()))
}

/** The first that is not satisfied decides. */
function inOrder(of: Constraints, results: Results, mood: Mood, view: View): Condition {
  const satisfied = (count: number) => of.slice(0, count).map((part) => comesTo(part, ['satisfied'], mood, view))
  const others = without(results, ['satisfied'])
  const stops = of.map((part, index) => all([...satisfied(index), comesTo(part, others, mood, view)]))
  return any([...(results.includes('satisfied') ? [all(satisfied(of.length))] : []), ...stops])
}

/** Whether they are the last ones of the order, however many. */
function isTopOf(order: Results, results: Results): boolean {
  return order.slice(order.length - results.length).every((each) => results.includes(each))
}

function without(results: Results, others: Results): Results {
  return results.filter((each) => !others.includes(each))
}

export function isGroup(condition: Condition): condition is Group {
  return condition.kind === 'all' || condition.kind === 'any'
}
