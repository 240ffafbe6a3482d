// The bounds that a folder sets for its own policies, so that peers with smaller ones can read them.

import { POLICY_LIMITS } from '../../protocol/odrl/limits.ts'
import type { Constraint, Duty, Rule, Rules } from '../../protocol/odrl/types.ts'
import { LOGICAL_OPERATORS } from '../../protocol/odrl/vocabulary.ts'
import { findingAt, type At } from './codes.ts'
import type { Limits } from './policy-set.ts'
import type { Report } from './report.ts'

export function checkLimits(rules: Rules, limits: Limits, at: At, report: Report): void {
  // The connector's own bounds were kept when the rules were read.
  const { rulesMax, constraintsMax, valuesMax } = POLICY_LIMITS
  if (limits.rulesMax >= rulesMax && limits.constraintsMax >= constraintsMax && limits.valuesMax >= valuesMax) return
  const lists = [rules.permission ?? [], rules.prohibition ?? [], rules.obligation ?? []]
  const constraints = lists.flat().flatMap(constraintsOf)
  // prettier-ignore
  const measured = [
    { of: 'rules in one list',         came: Math.max(...lists.map(({ length }) => length)),    most: limits.rulesMax },
    { of: 'constraints',               came: constraints.length,                                most: limits.constraintsMax },
    { of: 'values of a right operand', came: Math.max(0, ...constraints.map(valuesIn)),         most: limits.valuesMax },
  ]
  for (const { of, came, most } of measured) {
    if (came > most) report.add(findingAt(at, 'over-limit', `at most ${String(most)} ${of}, came ${String(came)}`))
  }
}

function constraintsOf(rule: Rule): readonly Constraint[] {
  const duties: readonly Duty[] = [...(rule.duty ?? []), ...(rule.remedy ?? []), ...(rule.consequence ?? [])]
  return [...[...(rule.constraint ?? []), ...(rule.refinement ?? [])].flatMap(nested), ...duties.flatMap(constraintsOf)]
}

function nested(constraint: Constraint): readonly Constraint[] {
  if ('leftOperand' in constraint) return [constraint]
  return [constraint, ...LOGICAL_OPERATORS.flatMap((key) => (constraint[key] ?? []).flatMap(nested))]
}

function valuesIn(constraint: Constraint): number {
  return 'leftOperand' in constraint && typeof constraint.rightOperand !== 'string' ? constraint.rightOperand.length : 1
}
