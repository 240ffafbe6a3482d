// What the demo tells while it runs, and what it has measured at the end.

export interface Refusal {
  readonly step: string
  readonly status: number
  readonly code: string
  readonly reason: string
  /** The clause of the policy that said no. */
  readonly path: string
}

export interface Log {
  readonly participant: string
  readonly entries: number
  readonly head: string
}

/** The object that `--json` prints; times in milliseconds. */
export interface Report {
  /** From the consumer's call to FINALIZED on both sides. */
  readonly negotiationMs: number
  /** From the application's GET of the first download to its first byte. */
  readonly firstByteMs: number
  readonly bytes: number
  readonly digest: string
  readonly refusals: readonly Refusal[]
  readonly evidence: { readonly entries: number; readonly verified: boolean; readonly logs: readonly Log[] }
}

/** Something did not come out as told. */
export class StoryError extends Error {
  override readonly name = 'StoryError'
}

/** The story goes on only where this holds. */
export function asTold(condition: boolean, sentence: string): asserts condition {
  if (!condition) throw new StoryError(sentence)
}

/** Tells one step: its title, what it says, and how long it took. */
export type Step = <T>(zh: string, en: string, act: (say: (line: string) => void) => Promise<T>) => Promise<T>

export interface Teller {
  readonly step: Step
  /** The step that runs, for the one who must say where it failed. */
  readonly current: () => string
}

export function createTeller(print: (line: string) => void, nowMs: () => number): Teller {
  let number = 0
  let title = 'the beginning'
  return {
    current: () => title,
    step: async (zh, en, act) => {
      number += 1
      title = en
      const lines: string[] = []
      const from = nowMs()
      const result = await act((line) => lines.push(line))
      print('')
      print(`${String(number).padStart(2)} ${zh} · ${en}  (${rounded(nowMs() - from)} ms)`)
      for (const line of lines) print(`   ${line}`)
      return result
    },
  }
}

/** To a tenth. */
export function rounded(ms: number): number {
  return Math.round(ms * 10) / 10
}
