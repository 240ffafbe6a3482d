// The tests of the policy files before they come into force: in slices, so that nobody waits for them, and not for ever.

import { tryTests } from '../config/policies/try-tests.ts'
import type { Finding } from '../config/finding.ts'
import type { Pause } from './ports.ts'
import type { RunPolicyTests } from './stage-policies.ts'

export interface RunTestsOptions {
  readonly pause: Pause
  /** Milliseconds of a clock that never goes back. */
  readonly nowMs: () => number
  /** Milliseconds of work, without the pauses; at its end the files are refused. */
  readonly workMsMax?: number
}

const TESTS_WORK_MS_MAX = 20_000

/** What is done without a pause; the case that comes last may take it a little further. */
const SLICE_MS = 8

export function createRunTests({ pause, nowMs, workMsMax = TESTS_WORK_MS_MAX }: RunTestsOptions): RunPolicyTests {
  return async ({ whole }) => {
    if (whole === undefined) return []
    const trying = tryTests(whole)
    let worked = 0
    let since = nowMs()
    for (let ran = 0; ;) {
      const step = trying.next()
      if (step.done === true) return step.value
      if (step.value === 'case') ran += 1
      const slice = nowMs() - since
      if (worked + slice > workMsMax) return [tooLong(ran, workMsMax)]
      if (slice < SLICE_MS) continue
      worked += slice
      await pause()
      since = nowMs()
    }
  }
}

/** What was not tried to its end is not in force: the case that would fail may come last. */
function tooLong(ran: number, workMsMax: number): Finding {
  const message = `after ${String(workMsMax)} ms of work only ${String(ran)} cases were run`
  return { file: 'tests', line: 1, column: 1, code: 'over-limit', message, hint: 'have fewer cases, or smaller ones' }
}
