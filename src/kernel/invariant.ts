// What can only be false because of a bug.

/** Throws when something that the code guarantees does not hold; never used for what comes from outside. */
export function invariant(condition: unknown, sentence: string): asserts condition {
  if (condition === false || condition === null || condition === undefined) {
    throw new Error(`invariant broken: ${sentence}`)
  }
}
