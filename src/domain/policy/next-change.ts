// When to ask a policy again because time has passed: a timer at a known instant instead of polling.

import { instant, type Instant } from '../../kernel/time.ts'
import type { CompiledConstraint, CompiledConstraints, CompiledPolicy } from './compiled.ts'
import type { Facts } from './facts.ts'
import { boundOf } from './observe.ts'
import type { OrderOperator } from './operands.ts'

/** How many milliseconds after its bound a comparison with the clock turns: `lteq` still holds at the bound itself. */
// prettier-ignore
const TURNS_AFTER_MS: Readonly<Record<OrderOperator, readonly number[]>> = {
  lt: [0], gteq: [0], lteq: [1], gt: [1], eq: [0, 1], neq: [0, 1],
}

/** The next instant after `facts.now` at which the verdict may change by time alone, or null if none will come. */
export function nextChange({ permissions, prohibitions, obligations }: CompiledPolicy, facts: Facts): Instant | null {
  const rules = [...permissions, ...permissions.flatMap(({ duties }) => duties), ...prohibitions, ...obligations]
  const turns = turningPoints(
    rules.flatMap(({ constraints }) => constraints),
    facts.agreedAt,
  )
  const next = turns.reduce((first, turn) => (turn > facts.now ? Math.min(first, turn) : first), Infinity)
  return next === Infinity ? null : instant(next)
}

/** Every instant at which one of these constraints may change by time alone; `agreedAt`: null before there is an agreement. */
export function turningPoints(constraints: CompiledConstraints, agreedAt: Instant | null): readonly Instant[] {
  return constraints.flatMap((constraint) => turnsOf(constraint, agreedAt))
}

function turnsOf(constraint: CompiledConstraint, agreedAt: Instant | null): readonly Instant[] {
  if (constraint.kind === 'logical') return turningPoints(constraint.of, agreedAt)
  if (constraint.kind === 'set' || constraint.left === 'count') return []
  const bound = boundOf(constraint, agreedAt)
  return bound === null ? [] : TURNS_AFTER_MS[constraint.operator].map((ms) => instant(bound + ms))
}
