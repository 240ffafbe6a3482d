// Rules as they leave: spelt so that a peer that processes JSON-LD reads the same terms as one that does not.

import type { Constraint, Duty, Rule, Rules } from './types.ts'
import { LOGICAL_OPERATORS, shortTerm, wireTerm } from './vocabulary.ts'

/**
 * The rules alone (no id, party or target) with `use` bare and every other term of ODRL as `odrl:…`, because DSP's context
 * defines no other action and no left operand; no empty lists, because its schema refuses them. Values are strings already.
 */
export function rulesToWire({ profile, permission, prohibition, obligation }: Rules): Rules {
  return {
    ...(profile === undefined || profile.length === 0 ? {} : { profile }),
    ...list('permission', permission, ruleToWire),
    ...list('prohibition', prohibition, ruleToWire),
    ...list('obligation', obligation, ruleToWire),
  }
}

function ruleToWire({ action, constraint, duty }: Rule): Rule {
  return {
    action: wireTerm(action),
    ...list('constraint', constraint, constraintToWire),
    ...list<'duty', Duty>('duty', duty, ruleToWire),
  }
}

function constraintToWire(constraint: Constraint): Constraint {
  if ('leftOperand' in constraint) {
    const { leftOperand, operator, rightOperand } = constraint
    return { leftOperand: wireTerm(leftOperand), operator: shortTerm(operator), rightOperand }
  }
  return Object.assign(
    {},
    ...LOGICAL_OPERATORS.map((key) => list(key, constraint[key], constraintToWire)),
  ) as Constraint
}

function list<K extends string, T>(
  key: K,
  values: readonly T[] | undefined,
  each: (value: T) => T,
): { readonly [P in K]?: readonly T[] } {
  if (values === undefined || values.length === 0) return {}
  const mapped: readonly T[] = values.map(each)
  return { [key]: mapped } as { readonly [P in K]: readonly T[] }
}
