// How far back the uses of an agreement have to be known for its policy to be asked.

import type { Constraint, Duty, Rule, Rules } from '../../protocol/odrl/types.ts'
import { parseRate } from '../../protocol/odrl/rates.ts'
import { LOGICAL_OPERATORS, shortTerm } from '../../protocol/odrl/vocabulary.ts'

/** Longer than any agreement: for the time since the last use. */
const EVER_MS = 100 * 366 * 24 * 3_600_000

/** In milliseconds before now; null where the policy does not ask for uses at all. */
export function lookbackMs({ permission, prohibition, obligation }: Rules): number | null {
  const periods = [...(permission ?? []), ...(prohibition ?? []), ...(obligation ?? [])].flatMap(inRule)
  return periods.length === 0 ? null : Math.max(...periods)
}

function inRule({ constraint, refinement, duty, remedy, consequence }: Rule): readonly number[] {
  const nested: readonly Duty[] = [...(duty ?? []), ...(remedy ?? []), ...(consequence ?? [])]
  return [...[...(constraint ?? []), ...(refinement ?? [])].flatMap(inConstraint), ...nested.flatMap(inRule)]
}

function inConstraint(constraint: Constraint): readonly number[] {
  if (!('leftOperand' in constraint))
    return LOGICAL_OPERATORS.flatMap((key) => (constraint[key] ?? []).flatMap(inConstraint))
  const { leftOperand, rightOperand } = constraint
  const left = shortTerm(leftOperand)
  if (left === 'delayPeriod' || left === 'timeInterval') return [EVER_MS]
  return left === 'tds:frequency' && typeof rightOperand === 'string'
    ? [parseRate(rightOperand)?.periodMs ?? EVER_MS]
    : []
}
