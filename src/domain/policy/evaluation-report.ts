// What an evaluation came to, as a report: every rule, check, constraint and duty with its state, whatever the others came to.

import type { Json } from '../../kernel/canonical-json.ts'
import { toIso, type Instant } from '../../kernel/time.ts'
import type { AnyPolicy } from '../../protocol/odrl/read-any.ts'
import type { Conflict } from '../../protocol/odrl/types.ts'
import type { ConstraintReason, Decision, DutyReason, DutyState, Match, RuleReason } from './decision.ts'
import { reasonOf } from './explain.ts'

export interface Evaluated {
  readonly policy: AnyPolicy
  readonly request: string | null
  readonly conflict: Conflict
  /** Not a number where no clock says. */
  readonly now: Instant
  readonly decision: Decision
  readonly obligations: readonly DutyReason[]
  /** Where something stands in the policy as it was written. */
  readonly placeOf: (path: string) => string
}

type State = 'satisfied' | 'unsatisfied' | 'unknown' | 'deferred'
type Report = { readonly [key: string]: Json }
type PlaceOf = Evaluated['placeOf']

export function reportOf({ policy, request, conflict, now, decision, obligations, placeOf }: Evaluated): Report {
  const { reasons: rules, phase, verdict, cause } = decision
  const reason = reasonOf(decision)
  const duties = [...rules.flatMap((rule) => [...rule.duties, ...(rule.remedies ?? [])]), ...obligations].flatMap(
    withConsequences,
  )
  const constraints = [
    ...rules.flatMap((rule) => [...rule.constraints, ...refinementsIn(rule)]),
    ...duties.flatMap((duty) => duty.constraints),
  ].flatMap(withParts)
  return {
    policy: policy.uid,
    request,
    at: Number.isFinite(now) ? toIso(now) : null,
    phase,
    conflict,
    // IM 2.2, 2.8: one that is replaced is void, whatever it says.
    ...(policy.isReplaced
      ? { verdict: 'deny', cause: 'policy-void', reason: 'another policy has taken the place of this one', path: null }
      : { verdict, cause, reason: reason?.message ?? null, path: reason === null ? null : placeOf(reason.path) }),
    rules: rules.map((rule) => ruleReport(rule, placeOf)),
    obligations: obligations.map((duty) => ({ ...dutyReport(duty, placeOf), state: OBLIGATION[duty.state] })),
    constraints: Object.fromEntries(constraints.map((each) => [each.id ?? placeOf(each.path), stateOf(each.result)])),
    duties: Object.fromEntries(duties.map(({ id, path, state }) => [id ?? placeOf(path), state])),
  }
}

// prettier-ignore
const OBLIGATION: Readonly<Record<DutyState, string>> = {
  inactive: 'inactive', deferred: 'inactive', owed: 'active', fulfilled: 'fulfilled', violated: 'violated',
}

function ruleReport(rule: RuleReason, placeOf: PlaceOf): Report {
  const { path, id, kind, action, state, matches = [], constraints, duties, remedies } = rule
  const check = (key: Match['key']): State => stateOf(matches.find((match) => match.key === key)?.result ?? 'satisfied')
  return {
    uid: id ?? null,
    path: placeOf(path),
    kind,
    action,
    state: state === 'active' ? 'active' : 'inactive',
    attempted: matches.every(({ result }) => result === 'satisfied'),
    checks: { action: check('action'), target: check('target'), party: check('assignee'), assigner: check('assigner') },
    refinements: refinementsIn(rule).map((each) => constraintReport(each, placeOf)),
    constraints: constraints.map((each) => constraintReport(each, placeOf)),
    duties: duties.map((each) => dutyReport(each, placeOf)),
    ...(remedies !== undefined && { remedies: remedies.map((each) => dutyReport(each, placeOf)) }),
  }
}

function constraintReport(reason: ConstraintReason, placeOf: PlaceOf): Report {
  const { id, path, operator, result } = reason
  const about = { uid: id ?? null, path: placeOf(path), operator, state: stateOf(result) }
  if ('of' in reason) return { ...about, of: reason.of.map((each) => constraintReport(each, placeOf)) }
  const { left, right, saw } = reason
  return { ...about, left, right: typeof right === 'string' ? right : [...right], saw }
}

function dutyReport(duty: DutyReason, placeOf: PlaceOf): Report {
  const { id, path, action, state, constraints, consequences } = duty
  const about = { uid: id ?? null, path: placeOf(path), action, state }
  return {
    ...about,
    constraints: constraints.map((each) => constraintReport(each, placeOf)),
    ...(consequences !== undefined && { consequences: consequences.map((each) => dutyReport(each, placeOf)) }),
  }
}

function stateOf(result: ConstraintReason['result']): State {
  return result === 'contractual' ? 'unknown' : result
}

function refinementsIn({ matches = [] }: RuleReason): readonly ConstraintReason[] {
  return matches.flatMap(({ refinement }) => refinement)
}

function withParts(reason: ConstraintReason): readonly ConstraintReason[] {
  return 'of' in reason ? [reason, ...reason.of.flatMap(withParts)] : [reason]
}

function withConsequences(duty: DutyReason): readonly DutyReason[] {
  return [duty, ...(duty.consequences ?? []).flatMap(withConsequences)]
}
