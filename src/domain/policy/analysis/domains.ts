// What is left open of one fact: the values it may have, and whether it may be missing.

import { intersection, isSame, type Intervals } from './intervals.ts'

/** A number, an instant or a length of time in milliseconds, a minute of the week. */
export interface Numbers {
  readonly kind: 'numbers'
  readonly values: Intervals
  readonly orMissing: boolean
}

/**
 * Several things together, of a universe in which each has its bit: each of them is in `all`, and of each set in `some` there is
 * one. That is closed under everything that set operators can say, and empty exactly when one of `some` misses `all`.
 */
export interface Things {
  readonly kind: 'things'
  readonly all: bigint
  readonly some: readonly bigint[]
  readonly orMissing: boolean
}

/** One of some words: what a reference comes to, how far a duty is. */
export interface Choice {
  readonly kind: 'choice'
  readonly words: ReadonlySet<string>
}

export type Domain = Numbers | Things | Choice

/** By the key of the fact; a fact that is not there may be anything. */
export type Box = ReadonlyMap<string, Domain>

/**
 * What both leave open; null where that is nothing, and `a` itself where that is all of it. Both are of the same fact, and so of
 * the same kind.
 */
export function meet(a: Domain, b: Domain): Domain | null {
  if (a.kind === 'numbers' && b.kind === 'numbers') {
    const values = intersection(a.values, b.values)
    const orMissing = a.orMissing && b.orMissing
    return orMissing === a.orMissing && isSame(values, a.values) ? a : some({ kind: 'numbers', values, orMissing })
  }
  if (a.kind === 'things' && b.kind === 'things') {
    const all = a.all & b.all
    const orMissing = a.orMissing && b.orMissing
    // A set that holds all that is left, or one that is asked for anyway, asks for nothing.
    const more = b.some.filter((set) => (set & all) !== all && !a.some.some((each) => (each & all & ~set) === 0n))
    if (all === a.all && orMissing === a.orMissing && more.length === 0) return a
    return some({ kind: 'things', all, some: [...a.some, ...more], orMissing })
  }
  if (a.kind === 'choice' && b.kind === 'choice') {
    const words = [...a.words].filter((word) => b.words.has(word))
    return words.length === a.words.size ? a : some({ kind: 'choice', words: new Set(words) })
  }
  throw new TypeError(`one fact cannot be ${a.kind} and ${b.kind}`)
}

/** The domain, or null if nothing is in it. */
export function some(domain: Domain): Domain | null {
  return isEmpty(domain) ? null : domain
}

function isEmpty(domain: Domain): boolean {
  switch (domain.kind) {
    case 'numbers':
      return domain.values.length === 0 && !domain.orMissing
    case 'things':
      return !hasThings(domain) && !domain.orMissing
    case 'choice':
      return domain.words.size === 0
  }
}

/** Whether it may be anything but missing. */
export function hasThings({ all, some }: Things): boolean {
  return all !== 0n && some.every((each) => (each & all) !== 0n)
}
