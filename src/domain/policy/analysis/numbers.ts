// The facts that are numbers: by which name one is known here, which numbers it may be, and where the bound of a constraint lies.

import { isReference, type OrderedConstraint } from '../compiled.ts'
import type { OrderedValue, TypeName } from '../values.ts'
import { between, EVERY_NUMBER, intersection, wholeNumbers, type Intervals } from './intervals.ts'

export interface NumberFact {
  readonly key: string
  readonly left: string
  readonly type: TypeName
  /** A currency: amounts in two of them are two facts. */
  readonly unit: string | null
  /** Of the age of the agreement: months that are taken off before it is measured, because none is as long as another. */
  readonly months: number
  /** Of a rate: the window in which uses are counted. */
  readonly periodMs: number | null
  readonly isWhole: boolean
  /** The least it can be. */
  readonly least: number
  readonly canBeMissing: boolean
}

/** These are measured at every decision. */
const NEVER_MISSING: readonly string[] = ['dateTime', 'count']
/** May be below zero: clocks of two machines differ, and before the first use lies an endless pause. */
const SIGNED: readonly string[] = ['elapsedTime', 'delayPeriod', 'timeInterval']

/** Null where the constraint is never decided: a number of months is as long as no other length of time. */
export function numberFact(
  constraint: OrderedConstraint,
): { readonly fact: NumberFact; readonly bound: number } | null {
  const { left, about, unit, right } = constraint
  if (isReference(right)) return null
  const isLength = about.type === 'duration'
  const isMonths = isLength && monthsOf(right) > 0
  if (isMonths && left !== 'elapsedTime') return null
  const months = isLength ? monthsOf(right) : 0
  const periodMs = typeof right === 'object' && 'periodMs' in right ? right.periodMs : null
  const more = unit !== null && about.needsUnit ? ` ${unit}` : months > 0 ? ` after P${String(months)}M` : ''
  const isSigned = about.type === 'decimal' || about.type === 'instant' || SIGNED.includes(left)
  const fact = {
    key: `${left}${more}${periodMs === null ? '' : ` in ${String(periodMs)} ms`} (${about.type})`,
    ...{ left, type: about.type, months, periodMs },
    unit: about.needsUnit ? unit : null,
    isWhole: about.type !== 'decimal',
    least: isSigned ? -Infinity : 0,
    canBeMissing: !NEVER_MISSING.includes(left),
  }
  return { fact, bound: boundOf(right) }
}

/** Those of the numbers that the fact can be. */
export function fit({ isWhole, least }: NumberFact, values: Intervals): Intervals {
  const possible = intersection(values, least === -Infinity ? EVERY_NUMBER : between(least, Infinity))
  return isWhole ? wholeNumbers(possible) : possible
}

function monthsOf(right: OrderedValue): number {
  return typeof right === 'object' && 'months' in right ? right.months : 0
}

function boundOf(right: OrderedValue): number {
  if (typeof right === 'number') return right
  return 'periodMs' in right ? right.uses : right.ms
}
