// Chance from a seed: the same seed gives the same cases, whatever ran before.

export interface Chance {
  /** A number in [0, 1). */
  readonly next: () => number
  /** A whole number in [0, below). */
  readonly below: (below: number) => number
  readonly pick: <T>(from: readonly T[]) => T
  readonly isOneIn: (many: number) => boolean
  readonly bytes: (count: number) => Uint8Array
}

/** Mulberry32: 32 bits of state are enough for one case. */
export function chanceOf(seed: number, index: number): Chance {
  let state = (Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35)) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const below = (limit: number): number => Math.floor(next() * limit)
  const pick = <T>(from: readonly T[]): T => {
    const picked = from[below(from.length)]
    if (picked === undefined) throw new Error('expected something to pick from')
    return picked
  }
  return {
    next,
    below,
    pick,
    isOneIn: (many) => below(many) === 0,
    bytes: (count) => Uint8Array.from({ length: count }, () => below(256)),
  }
}
