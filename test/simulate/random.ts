// Chance from a seed: the same seed draws the same numbers, on every machine.

export interface Random {
  /** A number in [0, 1). */
  next(): number
  /** A whole number in [0, below). */
  int(below: number): number
  chance(probability: number): boolean
  /** One of them. */
  pick<T>(list: readonly [T, ...T[]] | readonly T[]): T
  /** One name, as often as its weight says. */
  weighted<K extends string>(weights: Readonly<Record<K, number>>): K
}

/** Small and fast (mulberry32): good enough to choose what goes wrong, not for anything secret. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (below: number): number => Math.floor(next() * below)

  return {
    next,
    int,
    chance: (probability) => next() < probability,
    pick: <T>(list: readonly T[]): T => {
      const picked = list[int(list.length)]
      if (picked === undefined) throw new Error('nothing to pick from')
      return picked
    },
    weighted: <K extends string>(weights: Readonly<Record<K, number>>): K => {
      const names = Object.entries<number>(weights) as [K, number][]
      let left = next() * names.reduce((sum, [, weight]) => sum + weight, 0)
      for (const [name, weight] of names) {
        left -= weight
        if (left < 0) return name
      }
      throw new Error('weights are positive')
    },
  }
}

/** A seed of its own for the part of that number: parts can be run alone, and one that draws more disturbs no other. */
export function seedOf(seed: number, part: number): number {
  return Math.floor(
    createRandom(Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(part + 1, 0xc2b2ae35)).next() * 2 ** 32,
  )
}
