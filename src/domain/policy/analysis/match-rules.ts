// Which rule of one policy has become which of another: the same action, or one that includes it, and the most in common.

import { covers } from '../../../protocol/odrl/actions.ts'

export interface Candidate {
  readonly action: string
  readonly lines: readonly string[]
}

/** The indexes of two that belong together; one of them is null where there is no partner. */
export type Pair = readonly [before: number | null, after: number | null]

/** The likeliest pairs first come first served; then what is gone, then what is new. In the order of the first list. */
export function matchRules(before: readonly Candidate[], after: readonly Candidate[]): readonly Pair[] {
  const scores = before.flatMap((a, first) =>
    after.flatMap((b, second) => {
      const score = likeness(a, b)
      return score === null ? [] : [{ first, second, score }]
    }),
  )
  const partners = new Map<number, number>()
  const taken = new Set<number>()
  // A sort keeps the order of what is equally likely, so rules that say the same stay in their places.
  for (const { first, second } of scores.toSorted((a, b) => b.score - a.score)) {
    if (partners.has(first) || taken.has(second)) continue
    partners.set(first, second)
    taken.add(second)
  }
  return [
    ...before.map((_, index): Pair => [index, partners.get(index) ?? null]),
    ...after.flatMap((_, index): readonly Pair[] => (taken.has(index) ? [] : [[null, index]])),
  ]
}

/** Null where they are about different things. */
function likeness(a: Candidate, b: Candidate): number | null {
  const isSame = a.action === b.action
  if (!isSame && !covers(a.action, b.action) && !covers(b.action, a.action)) return null
  const common = a.lines.filter((line) => b.lines.includes(line)).length
  const share = (2 * common) / Math.max(1, a.lines.length + b.lines.length)
  return (isSame ? 1 : 0) + share
}
