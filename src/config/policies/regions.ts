// Regions that only this site has a name for, as the places that they are made of: peers do not know the name.

import { operandOf } from '../../domain/policy/operands.ts'
import { isPlace } from './parameter-types.ts'
import type { AtomicConstraint, Constraint, Duty, Rule, Rules } from '../../protocol/odrl/types.ts'
import { LOGICAL_OPERATORS } from '../../protocol/odrl/vocabulary.ts'
import type { Vocab } from './policy-set.ts'

/** Every constraint of the rules on a place names places that are known everywhere. Others stay, and do not compile. */
export function resolveRegions(rules: Rules, vocab: Vocab): Rules {
  if (!hasOwnNames(vocab)) return rules
  return {
    ...rules,
    ...(rules.permission && { permission: rules.permission.map((rule) => inRule<Rule>(rule, vocab)) }),
    ...(rules.prohibition && { prohibition: rules.prohibition.map((rule) => inRule<Rule>(rule, vocab)) }),
    ...(rules.obligation && { obligation: rules.obligation.map((duty) => inRule<Duty>(duty, vocab)) }),
  }
}

export function namedRegions(constraints: readonly Constraint[], vocab: Vocab): readonly Constraint[] {
  return hasOwnNames(vocab) ? constraints.map((constraint) => inConstraint(constraint, vocab)) : constraints
}

/** Asked for every rule, and the same for one vocabulary. */
const OWN_NAMES = new WeakMap<Vocab, boolean>()

function hasOwnNames(vocab: Vocab): boolean {
  const known = OWN_NAMES.get(vocab)
  if (known !== undefined) return known
  const found = !Object.keys(vocab.regions).every(isPlace)
  OWN_NAMES.set(vocab, found)
  return found
}

function inRule<R extends Rule>(rule: R, vocab: Vocab): R {
  const duties = (list: readonly Duty[]) => list.map((duty) => inRule(duty, vocab))
  return {
    ...rule,
    ...(rule.refinement && { refinement: namedRegions(rule.refinement, vocab) }),
    ...(rule.constraint && { constraint: namedRegions(rule.constraint, vocab) }),
    ...(rule.duty && { duty: duties(rule.duty) }),
    ...(rule.remedy && { remedy: duties(rule.remedy) }),
    ...(rule.consequence && { consequence: duties(rule.consequence) }),
  }
}

function inConstraint(constraint: Constraint, vocab: Vocab): Constraint {
  if ('leftOperand' in constraint) return inAtomic(constraint, vocab)
  const [operator] = LOGICAL_OPERATORS.filter((key) => constraint[key] !== undefined)
  const of = operator === undefined ? undefined : constraint[operator]
  return operator === undefined || of === undefined
    ? constraint
    : { ...constraint, [operator]: namedRegions(of, vocab) }
}

/** Only where a list may stand: `eq` compares with one place. */
function inAtomic(constraint: AtomicConstraint, vocab: Vocab): Constraint {
  const { leftOperand, operator, rightOperand } = constraint
  const isOfList = operator === 'isPartOf' || operator === 'isAnyOf' || operator === 'isNoneOf'
  if (!isOfList || operandOf(leftOperand)?.type !== 'place') return constraint
  const written = typeof rightOperand === 'string' ? [rightOperand] : rightOperand
  if (!written.some((place) => isNamedHere(place, vocab))) return constraint
  return { ...constraint, rightOperand: [...new Set(written.flatMap((place) => placesOf(place, vocab, new Set())))] }
}

/** Whether it is a region of the vocabulary files that nobody else knows. */
export function isNamedHere(place: string, { regions }: Vocab): boolean {
  return !isPlace(place) && Object.hasOwn(regions, place)
}

/** @param seen a region that contains itself has no further members the second time */
function placesOf(place: string, vocab: Vocab, seen: Set<string>): readonly string[] {
  if (!isNamedHere(place, vocab) || seen.has(place)) return [place]
  seen.add(place)
  const { members = [] } = vocab.regions[place] ?? {}
  return members.flatMap((each) => placesOf(each, vocab, seen))
}
