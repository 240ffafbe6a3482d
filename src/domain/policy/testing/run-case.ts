// One case of a file of tests: whether it came out as expected, and if not, in what.

import { judge, type Judged } from './judge.ts'
import { deferredPaths, namedPaths, withoutGuardrail } from './named-paths.ts'
import type { Case, Subject } from './subject.ts'

export interface CaseResult {
  /** Empty: as expected. */
  readonly complaints: readonly string[]
  readonly judged: Judged
}

export function runCase(subject: Subject, asked: Case): CaseResult {
  const judged = judge(subject, asked)
  return { judged, complaints: complaintsOf(judged, asked) }
}

/** Whether all cases come out as expected; stops at the first that does not. */
export function allPass(subject: Subject, cases: readonly Case[]): boolean {
  return cases.every((each) => complaintsOf(judge(subject, each), each).length === 0)
}

function complaintsOf(judged: Judged, { expect, reasons, deferred }: Case): readonly string[] {
  const wrong = judged.verdict === expect ? [] : [`expected ${expect}, came ${judged.verdict}`]
  return [
    ...wrong,
    ...missing('the reason', 'names', reasons, () => namedPaths(judged)),
    ...missing('a later phase', 'decides', deferred, () => deferredPaths(judged)),
  ]
}

function missing(
  what: string,
  does: string,
  expected: readonly string[],
  found: () => readonly string[],
): readonly string[] {
  if (expected.length === 0) return []
  const came = found()
  const absent = expected.filter((path) => !came.includes(withoutGuardrail(path)))
  const all = came.length === 0 ? 'nothing' : came.join(', ')
  return absent.map((path) => `expected ${path} in what ${what} ${does}, came ${all}`)
}
