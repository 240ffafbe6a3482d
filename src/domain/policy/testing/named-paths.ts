// The places that the reason of a verdict names: what permits and what is owed for it, or everything that stands in the way.

import { isPermitted, type ConstraintReason, type Decision, type DutyReason, type RuleReason } from '../decision.ts'
import { bans, grants } from '../results.ts'
import type { Judged } from './judge.ts'

/** Without the name of the guardrail in front, so that a test reads the same beside an offer and beside a guardrail. */
export function namedPaths({ gate, decision }: Judged): readonly string[] {
  const ofGate = gate === null || gate.holds ? [] : gate.reasons.flatMap(failing)
  return [...new Set([...ofGate, ...(decision === null ? [] : namedIn(decision))].map(withoutGuardrail))]
}

/** The places that a later phase decides. */
export function deferredPaths({ gate, decision }: Judged): readonly string[] {
  return [...(gate?.deferred ?? []), ...(decision?.deferred ?? [])].map(withoutGuardrail)
}

export function withoutGuardrail(path: string): string {
  return path.replace(/^guardrail\[[^\]]*\]\.?/, '')
}

function namedIn(decision: Decision): readonly string[] {
  const { reasons, duties, cause } = decision
  const active = reasons.filter(({ state }) => state === 'active')
  if (isPermitted(decision)) {
    return [...active.map(({ path }) => path), ...duties.flatMap(dutyPaths)]
  }
  const banning = active.filter(({ kind }) => kind === 'prohibition')
  const blocked = reasons.filter(({ kind, state }) => kind === 'permission' && state === 'inactive')
  const isUncovered = cause === 'no-permission'
  return [...(isUncovered ? ['permission'] : []), ...banning.flatMap(inForce), ...blocked.flatMap(inTheWay)]
}

function dutyPaths({ path, consequences = [] }: DutyReason): readonly string[] {
  return [path, ...consequences.filter(isOwed).flatMap(dutyPaths)]
}

function inForce({ path, constraints }: RuleReason): readonly string[] {
  return [path, ...constraints.flatMap((each) => branch(each, ({ result }) => bans(result)))]
}

function inTheWay({ path, constraints, duties, matches = [] }: RuleReason): readonly string[] {
  const refinements = matches.flatMap(({ refinement }) => refinement)
  const owed = duties.filter((duty) => duty.timing !== 'after' && isOwed(duty))
  return [path, ...[...refinements, ...constraints].flatMap(failing), ...owed.flatMap(dutyPaths)]
}

function failing(reason: ConstraintReason): readonly string[] {
  return branch(reason, ({ result }) => !grants(result))
}

/** The constraint and what is so below it, if it is so itself. */
function branch(reason: ConstraintReason, isSo: (reason: ConstraintReason) => boolean): readonly string[] {
  if (!isSo(reason)) return []
  return [reason.path, ...('of' in reason ? reason.of.flatMap((part) => branch(part, isSo)) : [])]
}

function isOwed({ state }: DutyReason): boolean {
  return state === 'owed' || state === 'violated'
}
