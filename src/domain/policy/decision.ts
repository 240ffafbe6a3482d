// What comes out of an evaluation: a verdict, and the tree of reasons that it follows from. Plain data, fit for evidence.

import type { RightOperand } from '../../protocol/odrl/types.ts'
import type { ScopeKey } from './compiled.ts'
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
  readonly id?: string
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
  readonly id?: string
  readonly operator: 'and' | 'or' | 'xone' | 'andSequence'
  readonly result: ConstraintResult
  readonly of: readonly ConstraintReason[]
}

export type ConstraintReason = AtomicReason | LogicalReason

/** Whether the rule is about what was asked: its action with refinement, and each scope that it has. */
export interface Match {
  readonly key: 'action' | ScopeKey
  readonly result: ConstraintResult
  readonly refinement: readonly ConstraintReason[]
}

// prettier-ignore
export type DutyState =
  | 'inactive'   // its own constraints do not hold
  | 'deferred'   // they are decided in a later phase, or it can only be fulfilled then
  | 'owed'       // nothing shows that it was fulfilled
  | 'fulfilled'  // in time, or late with all consequences
  | 'violated' // it was due and not performed, or performed late and a consequence is still owed

export interface DutyReason {
  readonly path: string
  readonly id?: string
  readonly action: string
  readonly timing: DutyTiming
  readonly state: DutyState
  readonly constraints: readonly ConstraintReason[]
  /** Only where the duty is violated. */
  readonly consequences?: readonly DutyReason[]
}

export interface RuleReason {
  readonly path: string
  readonly id?: string
  readonly kind: 'permission' | 'prohibition'
  readonly action: string
  /** `not-asked`: the rule is about another action, asset or party; its constraints were not looked at. */
  readonly state: 'active' | 'inactive' | 'not-asked'
  readonly result: ConstraintResult | null
  /** Only where the rule says more than an action. */
  readonly matches?: readonly Match[]
  readonly constraints: readonly ConstraintReason[]
  readonly duties: readonly DutyReason[]
  /** Of a prohibition that was infringed before: what has to be done for that. */
  readonly remedies?: readonly DutyReason[]
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
