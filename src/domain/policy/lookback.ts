// How far back the uses of an agreement have to be known for its policy to be asked.

import type { CompiledPolicy } from './compiled.ts'
import { atomsOfPolicy } from './atoms.ts'
import type { Constraint, Duty, RightOperand, Rule, Rules } from '../../protocol/odrl/types.ts'
import { parseRate } from '../../protocol/odrl/rates.ts'
import { LOGICAL_OPERATORS, shortTerm } from '../../protocol/odrl/vocabulary.ts'

/** Longer than any agreement: for the time since the last use. */
const EVER_MS = 100 * 366 * 24 * 3_600_000

/**
 * In milliseconds before now; null where no policy asks for uses at all.
 * @param site the rules of the site, which are asked beside the agreed ones
 */
export function lookbackMs(
  { permission, prohibition, obligation }: Rules,
  site: readonly CompiledPolicy[],
): number | null {
  const periods = [
    ...[...(permission ?? []), ...(prohibition ?? []), ...(obligation ?? [])].flatMap(inRule),
    ...site.flatMap(atomsOfPolicy).flatMap(({ left, written }) => reachOf(left, written)),
  ]
  return periods.length === 0 ? null : Math.max(...periods)
}

function inRule({ constraint, refinement, duty, remedy, consequence }: Rule): readonly number[] {
  const nested: readonly Duty[] = [...(duty ?? []), ...(remedy ?? []), ...(consequence ?? [])]
  return [...[...(constraint ?? []), ...(refinement ?? [])].flatMap(inConstraint), ...nested.flatMap(inRule)]
}

function inConstraint(constraint: Constraint): readonly number[] {
  if (!('leftOperand' in constraint))
    return LOGICAL_OPERATORS.flatMap((key) => (constraint[key] ?? []).flatMap(inConstraint))
  return reachOf(shortTerm(constraint.leftOperand), constraint.rightOperand)
}

function reachOf(left: string, right: RightOperand): readonly number[] {
  if (left === 'delayPeriod' || left === 'timeInterval') return [EVER_MS]
  return left === 'tds:frequency' && typeof right === 'string' ? [parseRate(right)?.periodMs ?? EVER_MS] : []
}
