// What comes out of an evaluation: a verdict, and the tree of reasons that it follows from. Plain data, fit for evidence.

import type { RightOperand } from '../../protocol/odrl/types.ts'
import type { DutyTiming } from './duties.ts'
import type { Phase } from './facts.ts'
import type { ConstraintResult } from './results.ts'

/** `default-deny`: no permission speaks of the action at all. `conditional`: permitted, and something is owed for it. */
export type Verdict = 'permit' | 'conditional' | 'deny' | 'default-deny'

// prettier-ignore
export type Cause =
  | 'permitted'       // a permission is active
  | 'duty-owed'       // a permission is active, and a duty follows
  | 'no-permission'   // no permission covers the action
  | 'not-active'      // permissions cover it, none is active
  | 'prohibited'      // a prohibition is active
  | 'policy-void' // a permission and a prohibition are: ODRL's default conflict strategy, `invalid`, voids the policy

export interface AtomicReason {
  readonly path: string
  readonly left: string
  readonly operator: string
  readonly right: RightOperand
  /** The fact that was compared; null where none is known. */
  readonly saw: string | null
  readonly result: ConstraintResult
  /** With `deferred`: the phase that decides. */
  readonly until?: Phase
}

export interface LogicalReason {
  readonly path: string
  readonly operator: 'and' | 'or' | 'xone'
  readonly result: ConstraintResult
  readonly of: readonly ConstraintReason[]
}

export type ConstraintReason = AtomicReason | LogicalReason

export interface DutyReason {
  readonly path: string
  readonly action: string
  readonly timing: DutyTiming
  /** `owed`: nothing shows that it was fulfilled. `inactive`: its own constraints do not hold. */
  readonly state: 'owed' | 'deferred' | 'inactive'
  readonly constraints: readonly ConstraintReason[]
}

export interface RuleReason {
  readonly path: string
  readonly kind: 'permission' | 'prohibition'
  readonly action: string
  /** `not-asked`: the rule is about another action; its constraints were not looked at. */
  readonly state: 'active' | 'inactive' | 'not-asked'
  readonly result: ConstraintResult | null
  readonly constraints: readonly ConstraintReason[]
  readonly duties: readonly DutyReason[]
}

export interface Decision {
  readonly verdict: Verdict
  readonly cause: Cause
  readonly action: string
  readonly phase: Phase
  readonly reasons: readonly RuleReason[]
  /** What is owed with a conditional verdict: the duties of the permission that permits, and the policy's obligations. */
  readonly duties: readonly DutyReason[]
  /** The paths of the constraints that a later phase decides. */
  readonly deferred: readonly string[]
}

export interface ConstraintsDecision {
  readonly holds: boolean
  readonly result: ConstraintResult
  readonly phase: Phase
  readonly reasons: readonly ConstraintReason[]
  readonly deferred: readonly string[]
}

/** Whether the request may go ahead. */
export function isPermitted({ verdict }: Decision): boolean {
  return verdict === 'permit' || verdict === 'conditional'
}
