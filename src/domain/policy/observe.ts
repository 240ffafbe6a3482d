// One atomic constraint against the facts: what is seen on the left, and how it compares with the right.

import { toIso, type Instant } from '../../kernel/time.ts'
import { addDuration } from '../../protocol/odrl/lexical.ts'
import { liesIn, parsePlace } from '../../protocol/odrl/places.ts'
import type { OrderedConstraint, SetConstraint } from './compiled.ts'
import type { AtomicReason } from './decision.ts'
import { isBefore, type Facts, type Phase } from './facts.ts'
import {
  ORDERED,
  SETS,
  type OrderedOperand,
  type OrderOperator,
  type SetOperand,
  type SetOperator,
} from './operands.ts'
import type { ConstraintResult } from './results.ts'

/** The number on the left. `count` in phase `start` is about this use too, so that `lteq 9` lets uses 1 to 9 pass. */
// prettier-ignore
const NUMBER: Readonly<Record<OrderedOperand, (facts: Facts, phase: Phase) => number>> = {
  dateTime:    ({ now }) => now,
  elapsedTime: ({ now }) => now,
  count:       ({ used }, phase) => (phase === 'start' ? used + 1 : used),
}

/** The thing on the left, if it is known. */
// prettier-ignore
const THING: Readonly<Record<SetOperand, (facts: Facts) => string | null>> = {
  spatial:   ({ country }) => (country === null ? null : parsePlace(country)),
  recipient: ({ participant }) => participant,
  purpose:   ({ purpose }) => purpose,
}

// prettier-ignore
const COMPARE: Readonly<Record<OrderOperator, (left: number, right: number) => boolean>> = {
  eq:   (left, right) => left === right,
  neq:  (left, right) => left !== right,
  lt:   (left, right) => left < right,
  lteq: (left, right) => left <= right,
  gt:   (left, right) => left > right,
  gteq: (left, right) => left >= right,
}

/** Whether the thing is, or belongs to, one value of the right: for certain, certainly not, or nobody can say. */
type Belongs = 'yes' | 'no' | 'unclear'

// A claim of CN-45 is a claim of CN too. A claim of CN leaves open whether it is CN-45.
// prettier-ignore
const BELONGS: Readonly<Record<SetOperand, (left: string, right: string, operator: SetOperator) => Belongs>> = {
  spatial:   (left, right) => (liesIn(left, right) ? 'yes' : liesIn(right, left) ? 'unclear' : 'no'),
  recipient: (left, right) => (left === right ? 'yes' : 'no'),
  // No taxonomy of purposes is known here, so another purpose may or may not be a kind of this one.
  purpose:   (left, right, operator) => (left === right ? 'yes' : operator === 'isA' || operator === 'isPartOf' ? 'unclear' : 'no'),
}

// prettier-ignore
const DECIDE: Readonly<Record<SetOperator, (each: readonly Belongs[]) => ConstraintResult>> = {
  eq:       (each) => certain(each.includes('yes'), each),
  isA:      (each) => certain(each.includes('yes'), each),
  isPartOf: (each) => certain(each.includes('yes'), each),
  isAnyOf:  (each) => certain(each.includes('yes'), each),
  hasPart:  (each) => (each.includes('no') ? 'unsatisfied' : certain(!each.includes('unclear'), each)),
  isAllOf:  (each) => (each.includes('no') ? 'unsatisfied' : certain(!each.includes('unclear'), each)),
  neq:      (each) => (each.includes('yes') ? 'unsatisfied' : certain(!each.includes('unclear'), each)),
  isNoneOf: (each) => (each.includes('yes') ? 'unsatisfied' : certain(!each.includes('unclear'), each)),
}

function certain(holds: boolean, each: readonly Belongs[]): ConstraintResult {
  return holds ? 'satisfied' : each.includes('unclear') ? 'unknown' : 'unsatisfied'
}

/**
 * @param later the constraint stands on a duty that follows delivery: what changes with time is decided then
 */
export function observe(
  constraint: OrderedConstraint | SetConstraint,
  facts: Facts,
  phase: Phase,
  later: boolean,
): AtomicReason {
  const { path, left, operator, written } = constraint
  const about = { path, left, operator, right: written }
  const { from, moves } = constraint.kind === 'ordered' ? ORDERED[constraint.left] : SETS[constraint.left]
  const until = later && moves ? 'after' : from
  if (isBefore(phase, until)) return { ...about, saw: null, result: 'deferred', until }
  return constraint.kind === 'ordered'
    ? { ...about, ...observeNumber(constraint, facts, phase) }
    : { ...about, ...observeThing(constraint, facts, phase) }
}

/** The instant or number on the right; null where it depends on an agreement whose date is not known. */
export function boundOf({ right }: OrderedConstraint, agreedAt: Instant | null): number | null {
  if (typeof right === 'number') return right
  return agreedAt === null ? null : addDuration(agreedAt, right)
}

type Observation = Pick<AtomicReason, 'saw' | 'result' | 'until'>

function observeNumber(constraint: OrderedConstraint, facts: Facts, phase: Phase): Observation {
  const left = NUMBER[constraint.left](facts, phase)
  const right = boundOf(constraint, facts.agreedAt)
  if (right === null || !Number.isFinite(left)) return { saw: null, result: 'unknown' }
  const result = COMPARE[constraint.operator](left, right) ? 'satisfied' : 'unsatisfied'
  return { saw: shownNumber(constraint, left, facts), result }
}

function shownNumber({ left }: OrderedConstraint, value: number, { now, agreedAt }: Facts): string {
  if (left === 'count') return String(value)
  return left === 'elapsedTime' && agreedAt !== null ? `PT${String((now - agreedAt) / 1000)}S` : toIso(now)
}

function observeThing({ left, operator, right }: SetConstraint, facts: Facts, phase: Phase): Observation {
  const thing = THING[left](facts)
  if (thing !== null) {
    const belongs = BELONGS[left]
    const each = right.map((value) =>
      operator === 'hasPart' ? hasPart(thing, value) : belongs(thing, value, operator),
    )
    return { saw: thing, result: DECIDE[operator](each) }
  }
  if (left !== 'purpose') return { saw: null, result: 'unknown' }
  // DSP carries no purpose: whoever agrees to the policy is bound by it, so nothing can be found false here.
  return isBefore(phase, 'start')
    ? { saw: null, result: 'deferred', until: 'start' }
    : { saw: null, result: 'contractual' }
}

function hasPart(area: string, place: string): Belongs {
  return liesIn(place, area) ? 'yes' : 'no'
}
