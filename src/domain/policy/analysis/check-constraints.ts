// Constraints that nothing can fulfil, that everything fulfils, and alternatives that are none.

import type { CompiledConstraint, CompiledConstraints, CompiledRule, LogicalConstraint } from '../compiled.ts'
import { evaluateConstraints } from '../evaluate.ts'
import type { Mood } from '../results.ts'
import { all, BANNING, comesTo, GRANTING, type Condition, type Results } from './condition.ts'
import { whereKnown, type Examined } from './examined.ts'
import { finding, type PolicyFinding } from './findings.ts'
import { isImpossible, search } from './search.ts'
import { factsFor, type Situation } from './situation.ts'

/** Of which kind of rule: a grant passes on what is promised, a ban on what is unknown, and a duty unless it certainly does not apply. */
export type Kind = 'permission' | 'prohibition' | 'duty'

const PASSING: Readonly<Record<Kind, Results>> = {
  permission: GRANTING,
  prohibition: BANNING,
  duty: ['satisfied', 'contractual', 'deferred', 'unknown'],
}
const SATISFIED: Results = ['satisfied']

/** What the rule's constraints and those of its action come to together, and one by one. */
export function checkConstraints(rule: CompiledRule, kind: Kind, examined: Examined): readonly PolicyFinding[] {
  const list = [...rule.refinement, ...rule.constraints]
  if (list.length === 0) return []
  const alone = list.flatMap((each) => checkOne(each, kind, examined))
  const isFlawed = list.some((each) => outcomeOf([each], kind, examined) !== 'possible')
  const together = isFlawed || list.length === 1 ? [] : checkTogether(rule, list, kind, examined)
  const dead = kind === 'prohibition' ? deadProhibition(rule, list, examined) : []
  return [...dead, ...together, ...alone, ...list.flatMap((each) => alwaysTrue(each, examined))]
}

type Outcome = 'possible' | 'never' | 'unseen'

/** `unseen`: it passes, but never because a value fulfils it. */
function outcomeOf(list: CompiledConstraints, kind: Kind, { side, space }: Examined): Outcome {
  const mood: Mood = kind === 'permission' ? 'grant' : 'ban'
  const when = (results: Results): Condition => all(list.map((each) => comesTo(each, results, mood, side)))
  if (isImpossible(when(PASSING[kind]), space)) return 'never'
  return isImpossible(when(SATISFIED), space) ? 'unseen' : 'possible'
}

function checkOne(constraint: CompiledConstraint, kind: Kind, examined: Examined): readonly PolicyFinding[] {
  const { path } = constraint
  const outcome = outcomeOf([constraint], kind, examined)
  if (outcome === 'possible') return constraint.kind === 'logical' ? checkParts(constraint, kind, examined) : []
  const isDeadlock =
    constraint.kind === 'logical' &&
    constraint.operator === 'andSequence' &&
    constraint.of.every((part) => outcomeOf([part], kind, examined) === 'possible')
  if (isDeadlock) return [finding('sequence-deadlock', path)]
  if (outcome === 'unseen') return [finding('unsat-constraint.value', path)]
  return [finding(kind === 'duty' ? 'unsat-constraint.duty' : 'unsat-constraint', path)]
}

function checkParts(constraint: LogicalConstraint, kind: Kind, examined: Examined): readonly PolicyFinding[] {
  const { of, operator } = constraint
  const isChoice = operator === 'or' || operator === 'xone'
  const found = of.flatMap((part) => {
    const isDead = isChoice && isImpossible(comesTo(part, SATISFIED, 'part', examined.side), examined.space)
    if (isDead) return [finding('unsat-constraint.part', part.path)]
    return part.kind === 'logical' ? checkParts(part, kind, examined) : []
  })
  return operator === 'xone' ? [...found, ...overlaps(constraint, examined)] : found
}

/** Two that hold at once make `xone` false: once shown, it is said of the first two. */
function overlaps({ of, path }: LogicalConstraint, { side, space }: Examined): readonly PolicyFinding[] {
  for (const [index, first] of of.entries()) {
    for (const second of of.slice(index + 1)) {
      const condition = all([first, second].map((part) => comesTo(part, SATISFIED, 'grant', side)))
      const bothHold = (situation: Situation) =>
        evaluateConstraints([first, second], factsFor(side, situation), situation.phase).result === 'satisfied'
      const found = search(condition, 'use', space, bothHold)
      if (found.kind !== 'situation') continue
      return [finding('xone-overlap', path, { words: [first.path, second.path], witness: found.situation })]
    }
  }
  return []
}

/** Each can be fulfilled, not all of them: two that cannot are named if there are two. */
function checkTogether(
  rule: CompiledRule,
  list: CompiledConstraints,
  kind: Kind,
  examined: Examined,
): readonly PolicyFinding[] {
  const outcome = outcomeOf(list, kind, examined)
  if (outcome === 'possible') return []
  for (const [index, first] of list.entries()) {
    for (const second of list.slice(index + 1)) {
      if (outcomeOf([first, second], kind, examined) !== outcome) continue
      if (outcome === 'unseen') return [finding('unsat-constraint.value', second.path)]
      if (kind === 'duty') return [finding('unsat-constraint.duty', second.path)]
      return [finding('unsat-constraint.both', second.path, { words: [first.path] })]
    }
  }
  const key =
    outcome === 'unseen' ? 'unsat-constraint.value' : kind === 'duty' ? 'unsat-constraint.duty' : 'unsat-constraint'
  return [finding(key, `${rule.path}.constraint`)]
}

function deadProhibition(rule: CompiledRule, list: CompiledConstraints, examined: Examined): readonly PolicyFinding[] {
  const outcome = outcomeOf(list, 'prohibition', examined)
  if (outcome === 'possible') return []
  return [finding(outcome === 'never' ? 'dead-prohibition' : 'dead-prohibition.unknown', rule.path)]
}

function alwaysTrue(constraint: CompiledConstraint, examined: Examined): readonly PolicyFinding[] {
  const { side, space } = examined
  const fails = comesTo(constraint, ['unsatisfied', 'unknown'], 'part', side)
  if (isImpossible(fails, space, whereKnown([constraint], examined))) return [finding('always-true', constraint.path)]
  return constraint.kind === 'logical' ? constraint.of.flatMap((part) => alwaysTrue(part, examined)) : []
}
