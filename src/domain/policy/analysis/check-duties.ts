// Duties that cannot be performed: what they demand is prohibited just then, or is nothing that anybody can do.

import { covers } from '../../../protocol/odrl/actions.ts'
import { member } from '../../../protocol/odrl/path.ts'
import type { CompiledDuty } from '../compiled.ts'
import { all, ALWAYS, comesTo, listComesTo, not, type Condition, type Results } from './condition.ts'
import type { Examined } from './examined.ts'
import { finding, type PolicyFinding } from './findings.ts'
import { permissionActive, prohibitionActive } from './rule-condition.ts'
import { isImpossible } from './search.ts'

const APPLYING: Results = ['satisfied', 'contractual', 'deferred', 'unknown']

export function checkDuties(examined: Examined): readonly PolicyFinding[] {
  const { permissions, obligations } = examined.side.policy
  return [
    ...permissions.flatMap((rule) => {
      // The permission without its duties: whether they are performed is the question.
      const demanded = permissionActive({ ...rule, duties: [] }, rule.action, examined.side)
      return rule.duties.flatMap((duty) => checkDuty(duty, demanded, examined))
    }),
    ...obligations.flatMap((duty) => checkDuty(duty, ALWAYS, examined)),
  ]
}

function checkDuty(duty: CompiledDuty, demanded: Condition, examined: Examined): readonly PolicyFinding[] {
  const { side, space } = examined
  const how = all(duty.refinement.map((each) => comesTo(each, ['satisfied'], 'grant', side)))
  if (duty.refinement.length > 0 && isImpossible(how, space))
    return [finding('duty-unperformable.how', member(duty.path, 'refinement'))]
  if (side.policy.conflict === 'perm') return []
  const due = all([demanded, listComesTo(duty.constraints, APPLYING, 'ban', side)])
  if (isImpossible(due, space)) return []
  const ban = side.policy.prohibitions.find(
    (each) =>
      covers(each.action, duty.action) &&
      isImpossible(all([due, not(prohibitionActive(each, duty.action, side))]), space),
  )
  return ban === undefined ? [] : [finding('duty-unperformable', duty.path, { words: [ban.path] })]
}
