// A policy that is understood in every place: known actions, typed values, operators that fit. Plain data, made by compile.ts.

import type { Conflict, Operator, RightOperand } from '../../protocol/odrl/types.ts'
import type { Recurrence } from '../../protocol/odrl/recurrences.ts'
import type { DutyTiming } from './duties.ts'
import type { Operand, OrderOperator, SetOperator } from './operands.ts'
import type { OrderedValue, SetTypeName } from './values.ts'

export interface CompiledPolicy {
  readonly conflict: Conflict
  readonly permissions: readonly CompiledPermission[]
  readonly prohibitions: readonly CompiledProhibition[]
  readonly obligations: readonly CompiledDuty[]
}

export interface CompiledRule {
  /** Where it stands in the policy, as in `permission[0]`. */
  readonly path: string
  /** Its uid, where it has one: a duty of the same uid in several permissions is fulfilled once. */
  readonly id: string | null
  /** Canonical: deprecated names are resolved. */
  readonly action: string
  /** What the request must be like for the action to be this one. */
  readonly refinement: CompiledConstraints
  /** Whom and what the rule is about beyond what the policy says; null: everything that the policy is about. */
  readonly scopes: CompiledScopes | null
  readonly constraints: CompiledConstraints
}

export const SCOPE_KEYS = ['target', 'assigner', 'assignee'] as const
export type ScopeKey = (typeof SCOPE_KEYS)[number]
export type CompiledScopes = Readonly<Partial<Record<ScopeKey, CompiledScope>>>

/** An asset or party by its id, or all that belong to a collection and fit its refinement (ODRL IM 2.2, 2.2.1 and 2.3.1). */
export interface CompiledScope {
  readonly id: string
  readonly isCollection: boolean
  readonly refinement: CompiledConstraints
}

export interface CompiledPermission extends CompiledRule {
  readonly duties: readonly CompiledDuty[]
}

export interface CompiledProhibition extends CompiledRule {
  readonly remedies: readonly CompiledDuty[]
}

export interface CompiledDuty extends CompiledRule {
  readonly timing: DutyTiming
  /** Owed beside the duty itself once it was not fulfilled in time; they have no consequences of their own. */
  readonly consequences: readonly CompiledDuty[]
}

/** All of them must hold. */
export type CompiledConstraints = readonly CompiledConstraint[]

export type CompiledConstraint = OrderedConstraint | SetConstraint | WindowConstraint | LogicalConstraint
export type CompiledAtomic = Exclude<CompiledConstraint, LogicalConstraint>

interface Atomic {
  readonly path: string
  readonly id: string | null
  readonly left: string
  readonly about: Operand
  /** The right operand as it was written, for reasons. */
  readonly written: RightOperand
  /** What a missing fact makes of it once it should be decided: promised by contract, or unknown. */
  readonly missing: 'contractual' | 'unknown'
}

/** One number against another. `elapsedTime`: its bound is an instant once the agreement's is known. */
export interface OrderedConstraint extends Atomic {
  readonly kind: 'ordered'
  readonly operator: OrderOperator
  readonly right: OrderedValue | Reference
  readonly unit: string | null
}

/** Things against a list of things. */
export interface SetConstraint extends Atomic {
  readonly kind: 'set'
  readonly type: SetTypeName
  readonly operator: SetOperator
  readonly right: readonly (string | Reference)[]
}

/** The clock against hours that come again. */
export interface WindowConstraint extends Atomic {
  readonly kind: 'window'
  readonly operator: Operator
  readonly right: readonly Recurrence[]
}

/** A right operand that is itself a fact: `ctx:now`, `annex:endDate`, `consent:lenders`, `contract:listed`. */
export interface Reference {
  readonly reference: string
}

export interface LogicalConstraint {
  readonly kind: 'logical'
  readonly path: string
  readonly id: string | null
  readonly operator: 'and' | 'or' | 'xone' | 'andSequence'
  readonly of: CompiledConstraints
}

export function isReference(value: unknown): value is Reference {
  return typeof value === 'object' && value !== null && 'reference' in value
}
