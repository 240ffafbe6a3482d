// What a constraint may come to, and how the results of several combine. Ordered tables instead of truth tables.

/**
 * `contractual`: no fact says so, the agreement obliges the consumer to it. `deferred`: decided in a later phase.
 * `unknown`: it should be decided now, and the fact is missing.
 */
export type ConstraintResult = 'satisfied' | 'contractual' | 'deferred' | 'unknown' | 'unsatisfied'

/** What hangs on the constraint: a grant, a ban or a duty (which like a ban must not escape an unknown), or one part of `xone`. */
export type Mood = 'grant' | 'ban' | 'part'

// From bad to good for the one who asks: an unknown grants nothing, what is deferred or promised does not stand in the way.
const GRANT: readonly ConstraintResult[] = ['unsatisfied', 'unknown', 'deferred', 'contractual', 'satisfied']
// The same the other way round: an unknown bans, what is deferred or promised does not.
const BAN: readonly ConstraintResult[] = ['unsatisfied', 'contractual', 'deferred', 'unknown', 'satisfied']

// `and` is the least and `or` the greatest of its parts. Within `xone` more truth may mean less, so an unknown must come
// through whichever way it would turn out.
// prettier-ignore
export const ORDER: Readonly<Record<Mood, { readonly and: readonly ConstraintResult[]; readonly or: readonly ConstraintResult[] }>> = {
  grant: { and: GRANT, or: GRANT },
  ban:   { and: BAN,   or: BAN },
  part:  { and: GRANT, or: BAN },
}

/** All must hold; no constraint at all is satisfied. */
export function allOf(results: readonly ConstraintResult[], mood: Mood): ConstraintResult {
  return ORDER[mood].and.find((result) => results.includes(result)) ?? 'satisfied'
}

/** One must hold. */
export function anyOf(results: readonly ConstraintResult[], mood: Mood): ConstraintResult {
  return ORDER[mood].or.findLast((result) => results.includes(result)) ?? 'unsatisfied'
}

/** Exactly one must hold. Two that hold decide it, whatever the others come to. */
export function exactlyOneOf(results: readonly ConstraintResult[]): ConstraintResult {
  const satisfied = results.filter((result) => result === 'satisfied').length
  if (satisfied > 1) return 'unsatisfied'
  const open = (['unknown', 'deferred', 'contractual'] as const).find((result) => results.includes(result))
  return open ?? (satisfied === 1 ? 'satisfied' : 'unsatisfied')
}

/**
 * One after the other: the first that does not hold decides, and what follows it has not begun. That all hold says that the
 * last one could only come to hold after those before it (ODRL IM 2.2, 2.4.5).
 */
export function inOrder(results: readonly ConstraintResult[]): ConstraintResult {
  return results.find((result) => result !== 'satisfied') ?? 'satisfied'
}

/** Whether a permission with this result permits, as far as the phase can say. */
export function grants(result: ConstraintResult): boolean {
  return result === 'satisfied' || result === 'contractual' || result === 'deferred'
}

/** Whether a prohibition with this result prohibits: what is not known counts as if it did (fail closed). */
export function bans(result: ConstraintResult): boolean {
  return result === 'satisfied' || result === 'unknown'
}
