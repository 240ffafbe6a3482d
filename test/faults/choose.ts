// Which cases run: all of them, or with FAULTS=12 a random dozen. The seed is printed; FAULTS_SEED repeats it.

type Environment = Readonly<Record<string, string | undefined>>

/** Says on stderr what was left out, and with which seed. */
export function chosen<T>(cases: readonly T[], env: Environment): readonly T[] {
  const wanted = Number(env['FAULTS'] ?? cases.length)
  if (!Number.isInteger(wanted) || wanted < 1) throw new Error('FAULTS is a number of cases')
  if (wanted >= cases.length) return cases
  const seed = seedFrom(env)
  const again = `FAULTS=${String(wanted)} FAULTS_SEED=${String(seed)}`
  process.stderr.write(`${String(wanted)} of ${String(cases.length)} cases; again with ${again}\n`)
  const draw = numbersFrom(seed)
  const left = [...cases]
  return Array.from({ length: wanted }, () => left.splice(Math.floor(draw() * left.length), 1)).flat()
}

/** FAULTS_SEED, or one of now. */
export function seedFrom(env: Environment): number {
  return Number(env['FAULTS_SEED'] ?? Date.now() % 2 ** 31)
}

/** Numbers in [0, 1) that a seed determines (mulberry32). */
export function numbersFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
