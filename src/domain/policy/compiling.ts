// What the compilers of one policy share: the problems so far, and how much more it may hold.

import { problem, type Problem } from '../../kernel/problem.ts'
import { ANY_POLICY_LIMITS, POLICY_LIMITS, type PolicyLimits } from '../../protocol/odrl/limits.ts'

export type Vocabulary = 'known' | 'any'

export interface Compiling {
  readonly problems: Problem[]
  readonly inAccess: boolean
  readonly vocabulary: Vocabulary
  readonly limits: PolicyLimits
  constraintsLeft: number
}

export function begin(inAccess: boolean, vocabulary: Vocabulary): Compiling {
  const limits = vocabulary === 'any' ? ANY_POLICY_LIMITS : POLICY_LIMITS
  return { problems: [], inAccess, vocabulary, limits, constraintsLeft: limits.constraintsMax }
}

export function refuse({ problems }: Compiling, message: string, path: string): void {
  problems.push(problem('policy.not-understood', message, path))
}

export function invalid({ problems }: Compiling, message: string, path: string): void {
  problems.push(problem('policy.invalid', message, path))
}

/** The list, or none of it after a complaint that it is too long. */
export function within<T>(compiling: Compiling, list: readonly T[] | undefined, path: string): readonly T[] {
  const { rulesMax } = compiling.limits
  if (list === undefined || list.length <= rulesMax) return list ?? []
  invalid(compiling, `at most ${String(rulesMax)} rules, came ${String(list.length)}`, path)
  return []
}

/** At most 100 characters of what came, for a message. */
export function quoted(raw: unknown): string {
  const text = JSON.stringify(raw)
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}
