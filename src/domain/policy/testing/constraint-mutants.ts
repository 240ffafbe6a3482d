// Small mistakes in one constraint: another operator, a bound that is one step off.

import type { CompiledConstraint, OrderedConstraint, SetConstraint, WindowConstraint } from '../compiled.ts'
import { isReference } from '../compiled.ts'
import type { OrderOperator, SetOperator } from '../operands.ts'
import type { OrderedValue } from '../values.ts'

/** What was changed, and what came of it. */
export interface Changed<T> {
  readonly change: string
  readonly value: T
}

/** The operator next to it, and the opposite one. */
// prettier-ignore
const ORDER: Readonly<Record<OrderOperator, readonly OrderOperator[]>> = {
  lt: ['lteq', 'gteq'], lteq: ['lt', 'gt'], gt: ['gteq', 'lteq'], gteq: ['gt', 'lt'], eq: ['neq'], neq: ['eq'],
}

// prettier-ignore
const OPPOSITE: Readonly<Record<SetOperator, SetOperator>> = {
  eq: 'neq', neq: 'eq', isAnyOf: 'isNoneOf', isNoneOf: 'isAnyOf', isA: 'isNoneOf', isPartOf: 'isNoneOf',
  hasPart: 'isNoneOf', isAllOf: 'isNoneOf',
}

export function constraintMutants(constraint: CompiledConstraint): readonly Changed<CompiledConstraint>[] {
  // prettier-ignore
  switch (constraint.kind) {
    case 'ordered': return [...otherOrders(constraint), ...shifted(constraint)]
    case 'set':     return otherSets(constraint)
    case 'window':  return [outside(constraint)]
    case 'logical': return otherLogic(constraint)
  }
}

function otherOrders(constraint: OrderedConstraint): readonly Changed<OrderedConstraint>[] {
  // The pause between two uses is over or not, whichever operator says so.
  if (constraint.left === 'timeInterval') return []
  return ORDER[constraint.operator].map((operator) => ({
    change: `${constraint.operator} became ${operator}`,
    value: { ...constraint, operator },
  }))
}

function shifted(constraint: OrderedConstraint): readonly Changed<OrderedConstraint>[] {
  const { right, written } = constraint
  if (isReference(right)) return []
  const text = String(written)
  const step = stepOf(constraint, text)
  return [-1, 1].map((sign) => ({
    change: `the bound ${sign > 0 ? 'grew' : 'shrank'} by ${step.said}`,
    value: { ...constraint, right: moved(right, sign * step.by) },
  }))
}

/** The smallest step in which the bound was written: a second of a time, one of a count, the last digit of a decimal. */
function stepOf({ about: { type } }: OrderedConstraint, text: string): { readonly by: number; readonly said: string } {
  if (type === 'instant' || type === 'duration') {
    return /\.\d/.test(text) ? { by: 1, said: 'a millisecond' } : { by: 1000, said: 'a second' }
  }
  const digits = type === 'decimal' ? (text.split('.')[1] ?? '').length : 0
  const by = 10 ** -digits
  return { by, said: by.toFixed(digits) }
}

function moved(right: OrderedValue, by: number): OrderedValue {
  if (typeof right === 'number') return right + by
  return 'uses' in right ? { ...right, uses: right.uses + by } : { ...right, ms: right.ms + by }
}

function otherSets(constraint: SetConstraint): readonly Changed<SetConstraint>[] {
  const { operator, right } = constraint
  // Of one value, all and any are the same.
  const weaker: readonly SetOperator[] = operator === 'isAllOf' && right.length > 1 ? ['isAnyOf'] : []
  const others = [OPPOSITE[operator], ...weaker].map((other) => ({
    change: `${operator} became ${other}`,
    value: { ...constraint, operator: other },
  }))
  const shorter =
    right.length < 2
      ? []
      : right.map((value, index) => ({
          change: `${isReference(value) ? 'a reference' : value} was left out of the values`,
          value: { ...constraint, right: right.toSpliced(index, 1) },
        }))
  return [...others, ...shorter]
}

function outside(constraint: WindowConstraint): Changed<WindowConstraint> {
  const isNegative = constraint.operator === 'neq' || constraint.operator === 'isNoneOf'
  const operator = isNegative ? 'eq' : 'neq'
  return { change: `${constraint.operator} became ${operator}`, value: { ...constraint, operator } }
}

type Logical = Extract<CompiledConstraint, { kind: 'logical' }>

/** `andSequence` decides as `and` does, unless something is not known. */
function otherLogic(constraint: Logical): readonly Changed<Logical>[] {
  const { operator, of } = constraint
  if (of.length < 2 || operator === 'andSequence') return []
  const others =
    operator === 'and' ? (['or'] as const) : operator === 'or' ? (['and'] as const) : (['or', 'and'] as const)
  return others.map((other) => ({ change: `${operator} became ${other}`, value: { ...constraint, operator: other } }))
}
