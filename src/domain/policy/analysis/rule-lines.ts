// A rule as short lines of text, one for each thing that it says: for telling what was written differently.

import { shortTerm } from '../../../protocol/odrl/vocabulary.ts'
import { LOGICAL_OPERATORS } from '../../../protocol/odrl/vocabulary.ts'
import type { Constraint, Rule, Scope } from '../../../protocol/odrl/types.ts'

/** What changed in a rule: a line that is new has no `before`, one that is gone no `after`. */
export interface Change {
  readonly before: string | null
  readonly after: string | null
}

export function linesOf({
  action,
  refinement,
  constraint,
  scopes,
  parties,
  duty,
  remedy,
  consequence,
}: Rule): readonly string[] {
  const nested = (key: string, list: readonly Rule[] | undefined): readonly string[] =>
    list?.map((each) => `${key} ${linesOf(each).join(', ')}`) ?? []
  return [
    `action ${shortTerm(action)}`,
    ...(refinement?.map((each) => `refinement ${constraintLine(each)}`) ?? []),
    ...(constraint?.map(constraintLine) ?? []),
    ...(['target', 'assigner', 'assignee'] as const).flatMap((key) => scopeLine(key, scopes?.[key]) ?? []),
    ...Object.entries(parties ?? {}).map(([key, party]) => `${key} ${party}`),
    ...nested('duty', duty),
    ...nested('remedy', remedy),
    ...nested('consequence', consequence),
  ]
}

/** `count lteq 10`, `or (spatial eq CN; spatial eq VN)`. */
function constraintLine(constraint: Constraint): string {
  if ('leftOperand' in constraint) {
    const { leftOperand, operator, rightOperand, unit } = constraint
    const right = typeof rightOperand === 'string' ? rightOperand : `[${rightOperand.join(', ')}]`
    return [shortTerm(leftOperand), shortTerm(operator), right, ...(unit === undefined ? [] : [unit])].join(' ')
  }
  return LOGICAL_OPERATORS.flatMap((key) => {
    const of = constraint[key]
    return of === undefined ? [] : [`${key} (${of.map(constraintLine).join('; ')})`]
  }).join(' ')
}

function scopeLine(key: string, scope: Scope | undefined): string | null {
  if (scope === undefined) return null
  const refined = scope.refinement?.map(constraintLine).join('; ')
  return `${key} ${scope.id}${refined === undefined ? '' : ` (${refined})`}`
}

/** Lines that only one of the two has; two that begin with the same word, as with the same left operand, are one that changed. */
export function changesBetween(before: readonly string[], after: readonly string[]): readonly Change[] {
  const gone = before.filter((line) => !after.includes(line))
  const added = after.filter((line) => !before.includes(line))
  const changes = gone.map((line): Change => {
    const index = added.findIndex((each) => firstWord(each) === firstWord(line))
    const [other = null] = index < 0 ? [] : added.splice(index, 1)
    return { before: line, after: other }
  })
  return [...changes, ...added.map((line) => ({ before: null, after: line }))]
}

function firstWord(line: string): string {
  return line.slice(0, line.indexOf(' '))
}
