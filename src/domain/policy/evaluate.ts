// Asks a compiled policy whether an action is permitted, given the facts. Pure; the same question has the same answer for ever.
// ODRL Information Model 2.2, 2.5 to 2.8; behaviour closed: what no permission allows is denied.

import { canonicalAction, covers } from '../../protocol/odrl/vocabulary.ts'
import type {
  CompiledConstraint,
  CompiledConstraints,
  CompiledDuty,
  CompiledPermission,
  CompiledPolicy,
  CompiledRule,
} from './compiled.ts'
import type {
  Cause,
  ConstraintReason,
  ConstraintsDecision,
  Decision,
  DutyReason,
  RuleReason,
  Verdict,
} from './decision.ts'
import type { Facts, Phase } from './facts.ts'
import { observe } from './observe.ts'
import { allOf, anyOf, bans, exactlyOneOf, grants, type ConstraintResult, type Mood } from './results.ts'

interface Question {
  readonly action: string
  readonly facts: Facts
  readonly phase: Phase
}

/**
 * The verdict on one action (any spelling; a child of a permitted action is permitted, a child of a prohibited one is not).
 * An active prohibition denies whatever permits; among active permissions one that nothing is owed for is preferred, else
 * the first. What is deferred to a later phase does not deny in this one, and is listed.
 */
export function evaluatePolicy(policy: CompiledPolicy, action: string, facts: Facts, phase: Phase): Decision {
  const asked = canonicalAction(action)
  const question = { action: asked ?? action, facts, phase }
  const permissions = policy.permissions.map((rule) => permissionReason(rule, question))
  const prohibitions = policy.prohibitions.map((rule) => prohibitionReason(rule, question))
  const obligations = policy.obligations.map((duty) => dutyReason(duty, question, true)).filter(isOwed)

  const active = permissions.filter(isActive)
  const grant = active.find(({ duties }) => !duties.some(isOwed)) ?? active[0]
  const owed = grant === undefined ? [] : [...grant.duties.filter(isOwed), ...obligations]
  const [verdict, cause] = judge(permissions, prohibitions, grant, owed)
  const isAllowed = verdict === 'permit' || verdict === 'conditional'
  return {
    verdict,
    cause,
    action: question.action,
    phase,
    reasons: [...permissions, ...prohibitions],
    duties: isAllowed ? owed : [],
    deferred: [...permissions, ...prohibitions].flatMap(deferredIn),
  }
}

/** Whether constraints that stand alone (the `access` of an offer) hold: all of them, and nothing unknown. */
export function evaluateConstraints(constraints: CompiledConstraints, facts: Facts, phase: Phase): ConstraintsDecision {
  const reasons = constraints.map((constraint) => constraintReason(constraint, { facts, phase }, 'grant', false))
  const result = allOf(reasons.map(resultOf), 'grant')
  return { holds: grants(result), result, phase, reasons, deferred: reasons.flatMap(deferredPaths) }
}

function judge(
  permissions: readonly RuleReason[],
  prohibitions: readonly RuleReason[],
  grant: RuleReason | undefined,
  owed: readonly DutyReason[],
): readonly [Verdict, Cause] {
  const isProhibited = prohibitions.some(isActive)
  if (isProhibited) return ['deny', grant === undefined ? 'prohibited' : 'policy-void']
  if (grant !== undefined) return owed.length > 0 ? ['conditional', 'duty-owed'] : ['permit', 'permitted']
  const isCovered = permissions.some(({ state }) => state !== 'not-asked')
  return isCovered ? ['deny', 'not-active'] : ['default-deny', 'no-permission']
}

/** Active iff all constraints hold and no precondition is owed. */
function permissionReason(rule: CompiledPermission, question: Question): RuleReason {
  const about = { path: rule.path, kind: 'permission', action: rule.action } as const
  if (!covers(rule.action, question.action))
    return { ...about, state: 'not-asked', result: null, constraints: [], duties: [] }
  const constraints = constraintReasons(rule, question, 'grant', false)
  const duties = rule.duties.map((duty) => dutyReason(duty, question, duty.timing === 'after'))
  const result = allOf(constraints.map(resultOf), 'grant')
  const isBlocked = duties.some((duty) => duty.timing === 'before' && isOwed(duty))
  return { ...about, state: grants(result) && !isBlocked ? 'active' : 'inactive', result, constraints, duties }
}

/** Active iff all constraints hold, or cannot be said not to. */
function prohibitionReason(rule: CompiledRule, question: Question): RuleReason {
  const about = { path: rule.path, kind: 'prohibition', action: rule.action, duties: [] } as const
  if (!covers(rule.action, question.action)) return { ...about, state: 'not-asked', result: null, constraints: [] }
  const constraints = constraintReasons(rule, question, 'ban', false)
  const result = allOf(constraints.map(resultOf), 'ban')
  return { ...about, state: bans(result) ? 'active' : 'inactive', result, constraints }
}

/** Owed unless its own constraints certainly do not hold: nothing yet can show that a duty was fulfilled. */
function dutyReason(duty: CompiledDuty, question: Question, later: boolean): DutyReason {
  const constraints = constraintReasons(duty, question, 'ban', later)
  const result = allOf(constraints.map(resultOf), 'ban')
  const state = result === 'unsatisfied' ? 'inactive' : result === 'deferred' && !later ? 'deferred' : 'owed'
  return { path: duty.path, action: duty.action, timing: duty.timing, state, constraints }
}

type Circumstances = Pick<Question, 'facts' | 'phase'>

function constraintReasons(
  rule: CompiledRule,
  circumstances: Circumstances,
  mood: Mood,
  later: boolean,
): readonly ConstraintReason[] {
  return rule.constraints.map((constraint) => constraintReason(constraint, circumstances, mood, later))
}

function constraintReason(
  constraint: CompiledConstraint,
  circumstances: Circumstances,
  mood: Mood,
  later: boolean,
): ConstraintReason {
  if (constraint.kind !== 'logical') return observe(constraint, circumstances.facts, circumstances.phase, later)
  const { path, operator } = constraint
  const partMood = operator === 'xone' ? 'part' : mood
  const of = constraint.of.map((part) => constraintReason(part, circumstances, partMood, later))
  const results = of.map(resultOf)
  const result =
    operator === 'and' ? allOf(results, mood) : operator === 'or' ? anyOf(results, mood) : exactlyOneOf(results)
  return { path, operator, result, of }
}

function resultOf({ result }: ConstraintReason): ConstraintResult {
  return result
}

function isActive({ state }: RuleReason): boolean {
  return state === 'active'
}

function isOwed({ state }: DutyReason): boolean {
  return state === 'owed'
}

function deferredIn({ constraints, duties }: RuleReason): readonly string[] {
  const preconditions = duties.filter(({ timing }) => timing === 'before')
  return [...constraints, ...preconditions.flatMap((duty) => duty.constraints)].flatMap(deferredPaths)
}

function deferredPaths(reason: ConstraintReason): readonly string[] {
  if ('of' in reason) return reason.of.flatMap(deferredPaths)
  return reason.result === 'deferred' ? [reason.path] : []
}
