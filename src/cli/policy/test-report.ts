// What `policy test` found, for people: failures with their place and the tree of reasons, what no case looks at, and which
// mistakes nobody would notice.

import { reasonOf } from '../../domain/policy/explain.ts'
import { percentOf, type Aspect } from '../../domain/policy/testing/coverage.ts'
import type { Judged } from '../../domain/policy/testing/judge.ts'
import type { Vocab } from '../../config/policies/policy-set.ts'
import { speechOf } from './chosen.ts'
import { constraintLines, ruleLines } from './explain-text.ts'
import type { Gap, RanCase, TestRun } from './test-run.ts'

/** A place in a file, as editors know how to open it. */
function placeOf({
  file,
  line,
  column,
}: {
  readonly file: string
  readonly line: number
  readonly column: number
}): string {
  return `${file}:${String(line)}:${String(column)}`
}

/** @param shown which parts were asked for beside the cases */
export function reportLines(
  runs: readonly TestRun[],
  shown: { readonly coverage: boolean; readonly mutants: boolean },
): readonly string[] {
  const ran = runs.flatMap(({ cases }) => cases)
  const failed = ran.filter(({ complaints }) => complaints.length > 0)
  return [
    ...runs.flatMap(({ cases, vocab }) => cases.flatMap((each) => failureLines(each, vocab))),
    `cases: ${String(ran.length)}; failed: ${String(failed.length)}`,
    ...(shown.coverage ? coverageLines(runs) : []),
    ...(shown.mutants ? mutantLines(runs) : []),
  ]
}

function failureLines(ran: RanCase, vocab: Vocab): readonly string[] {
  const { complaints, judged, name, phase } = ran
  if (complaints.length === 0) return []
  return [
    `✘ ${placeOf(ran)} ${name}`,
    ...complaints.map((complaint) => `  ${complaint}`),
    ...treeLines(judged, phase, vocab).map((line) => `  ${line}`),
    '',
  ]
}

function treeLines({ gate, decision }: Judged, phase: RanCase['phase'], vocab: Vocab): readonly string[] {
  const speech = speechOf('en', vocab)
  const reason = decision === null ? null : reasonOf(decision)
  return [
    ...(reason === null ? [] : [`because ${reason.message}  (${reason.path})`]),
    ...(gate?.reasons ?? []).flatMap((each) => constraintLines(each, 0, { phase, speech })),
    ...(decision?.reasons ?? []).flatMap((rule) => ruleLines(rule, { phase, speech })),
  ]
}

function coverageLines(runs: readonly TestRun[]): readonly string[] {
  const coverages = runs.map(({ coverage }) => coverage)
  const [covered, total] = [sumOf(coverages, 'covered'), sumOf(coverages, 'total')]
  return [
    ...runs.flatMap(({ gaps, subject }) => gaps.map((gap) => gapLine(gap, `${subject.kind} ${subject.id}`))),
    `coverage: ${String(percentOf(coverages))} % (${String(covered)} of ${String(total)})`,
  ]
}

function gapLine(gap: Gap, what: string): string {
  return `○ ${placeOf(gap)} ${what}: ${gap.path} ${missingIn(gap)}`
}

// prettier-ignore
const SIDES: Readonly<Record<Aspect['what'], readonly [both: string, notTrue: string, notFalse: string]>> = {
  constraint:  ['is never decided',       'never holds',        'never fails'],
  permission:  ['is never asked',         'never permits',      'never refuses'],
  prohibition: ['is never asked',         'never prohibits',    'never lets pass'],
  duty:        ['is never looked at',     'is never owed',      'is never fulfilled, or without effect'],
}

/** What no case shows of it. */
export function missingIn({ what, seenTrue, seenFalse }: Aspect): string {
  const [both, notTrue, notFalse] = SIDES[what]
  return seenTrue ? notFalse : seenFalse ? notTrue : both
}

function mutantLines(runs: readonly TestRun[]): readonly string[] {
  const survived = runs.flatMap(({ survivors = [], subject }) =>
    survivors.map(
      (each) => `● ${placeOf(each)} ${subject.kind} ${subject.id}: nobody notices at ${each.path} that ${each.change}`,
    ),
  )
  const tried = runs.reduce((sum, { mutants = 0 }) => sum + mutants, 0)
  const untried = runs.filter(({ mutants }) => mutants === undefined).length
  const but = untried === 0 ? '' : `; not tried where a case fails: ${String(untried)}`
  return [...survived, `mutants: ${String(tried)}; survived: ${String(survived.length)}${but}`]
}

function sumOf<K extends string>(all: readonly Readonly<Record<K, number>>[], key: K): number {
  return all.reduce((sum, each) => sum + each[key], 0)
}
