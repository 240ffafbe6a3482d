// When to ask a policy again because time has passed: a timer at a known instant instead of polling.

import { instant, type Instant } from '../../kernel/time.ts'
import { nextBound } from '../../protocol/odrl/recurrences.ts'
import { atomsOfPolicy } from './atoms.ts'
import {
  isReference,
  type CompiledAtomic,
  type CompiledConstraints,
  type CompiledPolicy,
  type OrderedConstraint,
} from './compiled.ts'
import type { Facts } from './facts.ts'
import { boundOf, numberOf } from './observe.ts'
import type { OrderOperator } from './operands.ts'

/** How many milliseconds (bytes, records) after its bound a comparison turns: `lteq` still holds at the bound itself. */
// prettier-ignore
const TURNS_AFTER_MS: Readonly<Record<OrderOperator, readonly number[]>> = {
  lt: [0], gteq: [0], lteq: [1], gt: [1], eq: [0, 1], neq: [0, 1],
}

/** What the clock, or a meter that runs while data flow, moves by itself. */
const MOVED_BY_TIME: ReadonlySet<string> = new Set([
  'dateTime',
  'elapsedTime',
  'meteredTime',
  'delayPeriod',
  'timeInterval',
])

/** The next instant after `facts.now` at which the verdict may change by time alone, or null if none will come. */
export function nextChange(policy: CompiledPolicy, facts: Facts): Instant | null {
  const turns = turningPoints(atomsOfPolicy(policy), facts)
  const next = turns.reduce((first, turn) => (turn > facts.now ? Math.min(first, turn) : first), Infinity)
  return next === Infinity ? null : instant(next)
}

/** What is metered while data flow, beside time. */
export type Metered = 'tds:dataSize' | 'tds:recordCount'

/** How many more of them may leave before the verdict may change by that, or null if no number of them changes it. */
export function amountUntilChange(policy: CompiledPolicy, left: Metered, facts: Facts): number | null {
  const turns = atomsOfPolicy(policy)
    .flatMap((constraint) => {
      if (constraint.kind !== 'ordered' || constraint.left !== left) return []
      const sent = numberOf(constraint, facts, 'during')
      if (typeof constraint.right !== 'number' || sent === null) return []
      const { right } = constraint
      return TURNS_AFTER_MS[constraint.operator].map((more) => right + more - sent)
    })
    .filter((amount) => amount > 0)
  return turns.length === 0 ? null : Math.min(...turns)
}

/** Every instant that is known now at which one of these constraints may change by time alone. */
export function turningPoints(constraints: CompiledConstraints, facts: Facts): readonly Instant[] {
  return constraints.flatMap((constraint) =>
    constraint.kind === 'logical' ? turningPoints(constraint.of, facts) : turnsOf(constraint, facts),
  )
}

function turnsOf(constraint: CompiledAtomic, facts: Facts): readonly Instant[] {
  if (constraint.kind === 'window') {
    return constraint.right.flatMap((window) => nextBound(window, facts.now) ?? [])
  }
  if (constraint.kind === 'set') return []
  if (isReference(constraint.right))
    return constraint.right.reference === 'ctx:now' ? turnsOfNow(constraint, facts) : []
  const bound = boundOf(constraint, constraint.right, facts.agreedAt)
  if (bound === null || !MOVED_BY_TIME.has(constraint.left)) return []
  // A meter and a pause grow with the clock: the bound is as far away as it is not used up.
  const reached =
    constraint.about.type === 'duration' && constraint.left !== 'elapsedTime'
      ? numberOf(constraint, facts, 'during')
      : null
  const at = reached === null ? (isClock(constraint) ? bound : null) : facts.now + bound - reached
  return at === null ? [] : TURNS_AFTER_MS[constraint.operator].map((ms) => instant(at + ms))
}

function isClock({ left }: CompiledAtomic): boolean {
  return left === 'dateTime' || left === 'elapsedTime'
}

/** `mechanismValidUntil gt ctx:now` turns when now reaches the fact. */
function turnsOfNow(constraint: OrderedConstraint, facts: Facts): readonly Instant[] {
  const until = numberOf(constraint, facts, 'during')
  return until === null ? [] : [instant(until), instant(until + 1)]
}
