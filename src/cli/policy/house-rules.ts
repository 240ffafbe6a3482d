// Rules in the house form of policy files: `{ count: { lteq: '2' } }` for a constraint.

import type { Constraint, Duty, Rule, Rules } from '../../protocol/odrl/types.ts'
import { LOGICAL_OPERATORS } from '../../protocol/odrl/vocabulary.ts'

/** For rules without scopes and functions of parties. */
export function houseRules({ conflict, permission, prohibition, obligation }: Rules): object {
  return {
    ...(conflict !== undefined && { conflict }),
    ...list('permission', permission, houseRule),
    ...list('prohibition', prohibition, houseRule),
    ...list('obligation', obligation, houseRule),
  }
}

function houseRule(rule: Rule): object {
  const { action, refinement, constraint, duty, remedy, consequence } = rule
  return {
    ...(rule['@id'] !== undefined && { uid: rule['@id'] }),
    action,
    ...list('refinement', refinement, houseConstraint),
    ...list('constraint', constraint, houseConstraint),
    ...list<Duty>('duty', duty, houseRule),
    ...list<Duty>('remedy', remedy, houseRule),
    ...list<Duty>('consequence', consequence, houseRule),
  }
}

function houseConstraint(constraint: Constraint): object {
  const { '@id': uid } = constraint
  if (!('leftOperand' in constraint)) {
    return Object.assign({}, ...LOGICAL_OPERATORS.map((key) => list(key, constraint[key], houseConstraint))) as object
  }
  const { leftOperand, operator, rightOperand, unit } = constraint
  // The short form has no place for a uid.
  if (uid !== undefined) return { uid, leftOperand, operator, rightOperand, ...(unit !== undefined && { unit }) }
  return { [leftOperand]: { [operator]: rightOperand, ...(unit !== undefined && { unit }) } }
}

function list<T>(key: string, values: readonly T[] | undefined, each: (value: T) => object): object {
  return values === undefined || values.length === 0 ? {} : { [key]: values.map(each) }
}
