// When a rule is active, and when a policy permits, as conditions: evaluate.ts in phase `start`, where nothing is deferred.

import { covers } from '../../../protocol/odrl/actions.ts'
import {
  SCOPE_KEYS,
  type CompiledDuty,
  type CompiledPermission,
  type CompiledProhibition,
  type CompiledRule,
} from '../compiled.ts'
import type { Mood } from '../results.ts'
import { all, any, BANNING, GRANTING, listComesTo, NEVER, not, type Condition, type Results } from './condition.ts'
import type { Side } from './side.ts'

/** When the policy permits the action. */
export function permits(side: Side, action: string): Condition {
  const { permissions, prohibitions, conflict } = side.policy
  const granted = any(permissions.map((rule) => permissionActive(rule, action, side)))
  if (conflict === 'perm') return granted
  return all([granted, ...prohibitions.map((rule) => not(prohibitionActive(rule, action, side)))])
}

/** When the permission is active for the action. */
export function permissionActive(rule: CompiledPermission, action: string, side: Side): Condition {
  // Nobody pays or consents under an agreement that is not there yet.
  const preconditions = side.isEarly === true ? [] : rule.duties.filter(({ timing }) => timing !== 'after')
  const blocked = preconditions.map((duty) => isDue(duty, side))
  return all([applies(rule, action, side, 'grant', GRANTING), ...blocked.map(not)])
}

/** When the prohibition is active for the action. */
export function prohibitionActive(rule: CompiledProhibition, action: string, side: Side): Condition {
  return applies(rule, action, side, 'ban', BANNING)
}

/** When its action, its scopes and its constraints together come to one of the results. */
function applies(rule: CompiledRule, action: string, side: Side, mood: Mood, results: Results): Condition {
  if (!covers(rule.action, action)) return NEVER
  const list = (constraints: CompiledRule['constraints']) => listComesTo(constraints, results, mood, side)
  const scopes = SCOPE_KEYS.flatMap((key) => {
    const scope = rule.scopes?.[key]
    if (scope === undefined) return []
    const own: Condition = { kind: 'scope', key, id: scope.id, results, memberships: side.memberships }
    return scope.isCollection ? [own, list(scope.refinement)] : [own]
  })
  return all([list(rule.refinement), ...scopes, list(rule.constraints)])
}

/** When the duty stands in the way: it applies, and was not fulfilled, or not in time and with a consequence still owed. */
function isDue(duty: CompiledDuty, side: Side): Condition {
  const name = side.dutyNames.get(duty.path) ?? duty.path
  const progress = (...words: readonly ('nonset' | 'violated' | 'late')[]): Condition => ({
    kind: 'duty',
    name,
    progress: words,
  })
  const owed = not(listComesTo(duty.constraints, ['unsatisfied'], 'ban', side))
  const late = duty.consequences.length === 0 ? NEVER : any(duty.consequences.map((each) => isDue(each, side)))
  return any([all([progress('nonset'), owed]), all([progress('late'), late]), progress('violated')])
}
