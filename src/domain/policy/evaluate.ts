// Asks a compiled policy whether an action is permitted, given the facts. Pure; the same question has the same answer for ever.
// ODRL Information Model 2.2, 2.5 to 2.10; behaviour closed: what no permission allows is denied.

import { covers } from '../../protocol/odrl/actions.ts'
import { canonicalAction, shortTerm } from '../../protocol/odrl/vocabulary.ts'
import { allOf, anyOf, bans, exactlyOneOf, grants, inOrder, type ConstraintResult, type Mood } from './results.ts'
import {
  SCOPE_KEYS,
  type CompiledConstraint,
  type CompiledConstraints,
  type CompiledDuty,
  type CompiledPermission,
  type CompiledPolicy,
  type CompiledProhibition,
  type CompiledRule,
  type CompiledScope,
  type ScopeKey,
} from './compiled.ts'
import type {
  Cause,
  ConstraintReason,
  ConstraintsDecision,
  Decision,
  DutyReason,
  DutyState,
  Match,
  RuleReason,
  Verdict,
} from './decision.ts'
import { isBefore, type Facts, type Phase } from './facts.ts'
import { observe } from './observe.ts'
import { isWithin } from './values.ts'

/** What a request says beside its action: for policies whose rules name assets and parties of their own. */
export interface Asked {
  readonly target?: string
  readonly assigner?: string
  readonly assignee?: string
  /** Look at the constraints of every rule, also of those that are about something else. */
  readonly isWhole?: boolean
}

interface Question extends Asked {
  readonly action: string
  readonly facts: Facts
  readonly phase: Phase
}

/**
 * The verdict on one action (any spelling; a child of a permitted action is permitted, a child of a prohibited one is not).
 * An active prohibition denies whatever permits, unless the policy's conflict strategy is `perm`; among active permissions
 * one that nothing is owed for is preferred, else the first. What is deferred to a later phase does not deny in this one,
 * and is listed.
 */
export function evaluatePolicy(
  policy: CompiledPolicy,
  action: string,
  facts: Facts,
  phase: Phase,
  asked: Asked = {},
): Decision {
  const question = { ...asked, action: canonicalAction(action) ?? shortTerm(action), facts, phase }
  const permissions = policy.permissions.map((rule) => permissionReason(rule, question))
  const prohibitions = policy.prohibitions.map((rule) => prohibitionReason(rule, question))
  const obligations = policy.obligations.map((duty) => dutyReason(duty, question, true)).filter(isDue)

  const active = permissions.filter(isActive)
  const grant = active.find(({ duties }) => !duties.some(isToCome)) ?? active[0]
  const owed = grant === undefined ? [] : [...grant.duties.filter(isToCome), ...obligations]
  const [verdict, cause] = judge(policy, permissions, prohibitions, grant, owed)
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

/** The policy's obligations that are due, violated or fulfilled now: an obligation lives apart from any request. */
export function evaluateObligations(
  { obligations }: CompiledPolicy,
  facts: Facts,
  phase: Phase,
): readonly DutyReason[] {
  return obligations.map((duty) => dutyReason(duty, { action: duty.action, facts, phase }, true))
}

function judge(
  { conflict }: CompiledPolicy,
  permissions: readonly RuleReason[],
  prohibitions: readonly RuleReason[],
  grant: RuleReason | undefined,
  owed: readonly DutyReason[],
): readonly [Verdict, Cause] {
  const isProhibited = prohibitions.some(isActive)
  if (isProhibited && (grant === undefined || conflict !== 'perm')) {
    return ['deny', grant !== undefined && conflict === 'invalid' ? 'policy-void' : 'prohibited']
  }
  if (grant !== undefined) return owed.length > 0 ? ['conditional', 'duty-owed'] : ['permit', 'permitted']
  const isCovered = permissions.some(({ state }) => state !== 'not-asked')
  return isCovered ? ['deny', 'not-active'] : ['default-deny', 'no-permission']
}

/** Active iff it is about what was asked, all constraints hold and no precondition is owed. */
function permissionReason(rule: CompiledPermission, asked: Question): RuleReason {
  const question = aboutRule(rule, asked)
  const about = aboutOf(rule, 'permission', question, 'grant')
  if (about.isOther && question.isWhole !== true)
    return { ...about.reason, state: 'not-asked', result: null, constraints: [], duties: [] }
  const constraints = constraintReasons(rule, question, 'grant', false)
  const duties = rule.duties.map((duty) => dutyReason(duty, question, duty.timing === 'after'))
  const result = allOf([...about.results, ...constraints.map(resultOf)], 'grant')
  const isBlocked = duties.some((duty) => duty.timing !== 'after' && isDue(duty))
  const state = about.isOther ? 'not-asked' : grants(result) && !isBlocked ? 'active' : 'inactive'
  return { ...about.reason, state, result, constraints, duties }
}

/** Active iff it is about what was asked and all constraints hold, or neither can be said not to. */
function prohibitionReason(rule: CompiledProhibition, asked: Question): RuleReason {
  const question = aboutRule(rule, asked)
  const about = aboutOf(rule, 'prohibition', question, 'ban')
  const reason = { ...about.reason, duties: [], ...remediesOf(rule, question) }
  if (about.isOther && question.isWhole !== true)
    return { ...reason, state: 'not-asked', result: null, constraints: [] }
  const constraints = constraintReasons(rule, question, 'ban', false)
  const result = allOf([...about.results, ...constraints.map(resultOf)], 'ban')
  return { ...reason, state: about.isOther ? 'not-asked' : bans(result) ? 'active' : 'inactive', result, constraints }
}

/** With the facts that are about this rule only. */
function aboutRule({ id, path }: CompiledRule, question: Question): Question {
  const { ofRules, known } = question.facts
  const own = (id === null ? undefined : ofRules?.[id]) ?? ofRules?.[path]
  return own === undefined ? question : { ...question, facts: { ...question.facts, known: { ...known, ...own } } }
}

function remediesOf(rule: CompiledProhibition, question: Question): Pick<RuleReason, 'remedies'> {
  const isInfringed = question.facts.infringed?.some((name) => name === rule.path || name === rule.id) === true
  return isInfringed ? { remedies: rule.remedies.map((remedy) => dutyReason(remedy, question, true)) } : {}
}

interface About {
  readonly reason: Pick<RuleReason, 'path' | 'id' | 'kind' | 'action' | 'matches'>
  readonly results: readonly ConstraintResult[]
  /** Certainly about something else. */
  readonly isOther: boolean
}

function aboutOf(rule: CompiledRule, kind: RuleReason['kind'], question: Question, mood: Mood): About {
  const reason = { path: rule.path, ...(rule.id !== null && { id: rule.id }), kind, action: rule.action }
  const isCovered = covers(rule.action, question.action)
  const isPlain = rule.refinement.length === 0 && rule.scopes === null && question.isWhole !== true
  if (isPlain) return { reason, results: [], isOther: !isCovered }
  const refined = rule.refinement.map((each) => constraintReason(each, question, mood, false))
  const action: Match = {
    key: 'action',
    result: isCovered ? allOf(refined.map(resultOf), mood) : 'unsatisfied',
    refinement: refined,
  }
  const matches = [action, ...SCOPE_KEYS.flatMap((key) => scopeMatch(key, rule.scopes?.[key], question, mood) ?? [])]
  const results = matches.map(({ result }) => result)
  return { reason: { ...reason, matches }, results, isOther: results.includes('unsatisfied') }
}

function scopeMatch(key: ScopeKey, scope: CompiledScope | undefined, question: Question, mood: Mood): Match | null {
  if (scope === undefined) return null
  const { id, isCollection } = scope
  const asked = question[key]
  const isIn = asked !== undefined && isWithin(asked, id, question.facts.memberships)
  const refinement = scope.refinement.map((each) => constraintReason(each, question, mood, false))
  const own: ConstraintResult = asked === undefined ? 'unknown' : isIn ? 'satisfied' : 'unsatisfied'
  const result = isCollection ? allOf([own, ...refinement.map(resultOf)], mood) : own
  return { key, result, refinement }
}

/** Owed unless its own constraints certainly do not hold, or the facts show that it was fulfilled. */
function dutyReason(duty: CompiledDuty, asked: Question, later: boolean): DutyReason {
  const question = aboutRule(duty, asked)
  const constraints = constraintReasons(duty, question, 'ban', later)
  const about = { path: duty.path, ...(duty.id !== null && { id: duty.id }), action: duty.action, timing: duty.timing }
  const { duties } = question.facts
  const progress = (duty.id === null ? undefined : duties?.[duty.id]) ?? duties?.[duty.path] ?? 'nonset'
  if (progress === 'nonset' || progress === 'fulfilled') {
    return {
      ...about,
      state: progress === 'fulfilled' ? progress : openState(duty, constraints, question, later),
      constraints,
    }
  }
  // IM 2.2, 2.6.5: then all consequences are required beside the duty itself.
  const consequences = duty.consequences.map((each) => dutyReason(each, question, later))
  const isMadeGood =
    progress === 'late' && consequences.every(({ state }) => state === 'fulfilled' || state === 'inactive')
  return { ...about, state: isMadeGood ? 'fulfilled' : 'violated', constraints, consequences }
}

function openState(
  duty: CompiledDuty,
  constraints: readonly ConstraintReason[],
  { phase }: Question,
  later: boolean,
): DutyState {
  const result = allOf(constraints.map(resultOf), 'ban')
  if (result === 'unsatisfied') return 'inactive'
  // Nobody pays or consents under an agreement that is not there yet.
  if (duty.timing !== 'after' && !later && isBefore(phase, 'start')) return 'deferred'
  return result === 'deferred' && !later ? 'deferred' : 'owed'
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
  const { path, operator, id } = constraint
  const partMood = operator === 'xone' ? 'part' : mood
  const of = constraint.of.map((part) => constraintReason(part, circumstances, partMood, later))
  return { path, ...(id !== null && { id }), operator, result: COMBINE[operator](of.map(resultOf), mood), of }
}

// prettier-ignore
const COMBINE = {
  and:         allOf,
  or:          anyOf,
  xone:        exactlyOneOf,
  andSequence: inOrder,
} as const

function resultOf({ result }: ConstraintReason): ConstraintResult {
  return result
}

function isActive({ state }: RuleReason): boolean {
  return state === 'active'
}

function isDue({ state }: DutyReason): boolean {
  return state === 'owed' || state === 'violated'
}

/** Due now, or once there is an agreement: what is permitted is permitted on that condition. */
function isToCome(duty: DutyReason): boolean {
  return isDue(duty) || duty.state === 'deferred'
}

function deferredIn({ constraints, duties, matches = [] }: RuleReason): readonly string[] {
  const preconditions = duties.filter(({ timing }) => timing !== 'after')
  const refinements = matches.flatMap(({ refinement }) => refinement)
  return [...refinements, ...constraints, ...preconditions.flatMap((duty) => duty.constraints)].flatMap(deferredPaths)
}

function deferredPaths(reason: ConstraintReason): readonly string[] {
  if ('of' in reason) return reason.of.flatMap(deferredPaths)
  return reason.result === 'deferred' ? [reason.path] : []
}
