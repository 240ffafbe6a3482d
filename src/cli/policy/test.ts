// `lingqu policy test`: runs the cases below tests/ against the policies of the same folder. Nothing needs to run.

import { join } from 'node:path'
import { findingLine, isMistake } from '../../config/finding.ts'
import { readPolicyFolder } from '../../config/policies/read-policy-folder.ts'
import { percentOf } from '../../domain/policy/testing/coverage.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'
import { parseDecimal } from '../../domain/policy/values.ts'
import { EXIT, UsageError, type Command, type Invocation } from '../outcome.ts'
import { selectPolicies, type Selection } from './folder.ts'
import { groupTests } from './test-groups.ts'
import { missingIn, reportLines } from './test-report.ts'
import { runGroup, type TestRun } from './test-run.ts'

export const test: Command = async (invocation, { env }) => {
  const { positionals, flag } = invocation
  const min = minimumOf(invocation)
  const shown = { coverage: flag('coverage') || min !== null, mutants: flag('mutate') }
  const selections = await selectPolicies(positionals, env)
  const runs = selections.flatMap((selection) => runIn(selection, shown))
  const percent = percentOf(runs.map(({ coverage }) => coverage))
  const isShort = min !== null && percent < min
  const isBad =
    runs.some(({ cases }) => cases.some(({ complaints }) => complaints.length > 0)) ||
    isShort ||
    (flag('strict') && runs.some(({ survivors = [] }) => survivors.length > 0))
  const short = isShort ? [`at least ${String(min)} % was asked for`] : []
  return {
    exit: isBad ? EXIT.bad : EXIT.good,
    json: jsonOf(runs, percent, shown),
    text: [...reportLines(runs, shown), ...short].join('\n'),
  }
}

/** In per cent; null where none was given. */
function minimumOf({ text }: Invocation): number | null {
  const written = text('min')
  if (written === undefined) return null
  const min = parseDecimal(written)
  if (min === null || min < 0 || min > 100) throw new UsageError(`--min ${written}: expected per cent, 0 to 100`)
  return min
}

/** Throws `policy.invalid` with every mistake of the files: of half a folder nothing can be said. */
function runIn(
  { root, files, isAsked }: Selection,
  shown: { readonly coverage: boolean; readonly mutants: boolean },
): readonly TestRun[] {
  const set = readPolicyFolder(files)
  const named = (file: string): string => join(root, file)
  const mistakes = set.findings.filter(isMistake).map((each) => findingLine({ ...each, file: named(each.file) }))
  if (mistakes.length > 0) throw new ProblemError(problem('policy.invalid', mistakes.join('\n')))
  const isWhole = shown.coverage && files.every(({ path }) => isAsked(path))
  const running = { set, files, shown: named, withMutants: shown.mutants }
  return groupTests(set, isAsked, isWhole).flatMap((group) => runGroup(group, running) ?? [])
}

function jsonOf(
  runs: readonly TestRun[],
  percent: number,
  shown: { readonly coverage: boolean; readonly mutants: boolean },
): object {
  const cases = runs.flatMap(({ cases: ran, subject: { kind, id } }) =>
    ran.map(({ file, line, column, name, expect, complaints, judged: { verdict } }) => {
      return {
        about: { kind, id },
        file,
        line,
        column,
        name,
        passed: complaints.length === 0,
        expect,
        verdict,
        complaints,
      }
    }),
  )
  const missing = runs.flatMap(({ gaps, subject: { kind, id } }) =>
    gaps.map(({ file, line, column, path, ...gap }) => {
      return { about: { kind, id }, file, line, column, path, message: missingIn({ path, ...gap }) }
    }),
  )
  const survivors = runs.flatMap(({ survivors: found = [], subject: { kind, id } }) =>
    found.map((each) => ({ about: { kind, id }, ...each })),
  )
  const sum = (of: (run: TestRun) => number): number => runs.reduce((total, run) => total + of(run), 0)
  const coverage = {
    percent,
    covered: sum((run) => run.coverage.covered),
    total: sum((run) => run.coverage.total),
    missing,
  }
  return {
    passed: cases.filter(({ passed }) => passed).length,
    failed: cases.filter(({ passed }) => !passed).length,
    cases,
    ...(shown.coverage && { coverage }),
    ...(shown.mutants && { mutants: { tried: sum(({ mutants = 0 }) => mutants), survivors } }),
  }
}
