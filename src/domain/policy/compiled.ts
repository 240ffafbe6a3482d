// A policy that is understood in every place: known actions, typed values, operators that fit. Plain data, made by compile.ts.

import type { Instant } from '../../kernel/time.ts'
import type { Duration } from '../../protocol/odrl/lexical.ts'
import type { RightOperand } from '../../protocol/odrl/types.ts'
import type { DutyTiming } from './duties.ts'
import type { OrderedOperand, OrderOperator, SetOperand, SetOperator } from './operands.ts'

export interface CompiledPolicy {
  readonly permissions: readonly CompiledPermission[]
  readonly prohibitions: readonly CompiledRule[]
  readonly obligations: readonly CompiledDuty[]
}

export interface CompiledRule {
  /** Where it stands in the policy, as in `permission[0]`. */
  readonly path: string
  /** Canonical: deprecated names are resolved. */
  readonly action: string
  readonly constraints: CompiledConstraints
}

export interface CompiledPermission extends CompiledRule {
  readonly duties: readonly CompiledDuty[]
}

export interface CompiledDuty extends CompiledRule {
  readonly timing: DutyTiming
}

/** All of them must hold. */
export type CompiledConstraints = readonly CompiledConstraint[]

export type CompiledConstraint = OrderedConstraint | SetConstraint | LogicalConstraint

interface Atomic {
  readonly path: string
  /** The right operand as it was written, for reasons. */
  readonly written: RightOperand
}

/** `dateTime`, `count`: one number against another. `elapsedTime`: its bound is an instant once the agreement's is known. */
export interface OrderedConstraint extends Atomic {
  readonly kind: 'ordered'
  readonly left: OrderedOperand
  readonly operator: OrderOperator
  readonly right: Instant | number | Duration
}

/** `spatial`, `recipient`, `purpose`: one thing against a list of things. */
export interface SetConstraint extends Atomic {
  readonly kind: 'set'
  readonly left: SetOperand
  readonly operator: SetOperator
  readonly right: readonly string[]
}

export interface LogicalConstraint {
  readonly kind: 'logical'
  readonly path: string
  readonly operator: 'and' | 'or' | 'xone'
  readonly of: CompiledConstraints
}
