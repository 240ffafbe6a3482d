// One run of the cases about one offer, guardrail or template: what came out, what was not looked at, what would go unnoticed.

import type { PolicySet, Vocab } from '../../config/policies/policy-set.ts'
import { parseSource, type PolicyFile } from '../../config/policies/source.ts'
import { coverageOf, type Aspect, type Coverage } from '../../domain/policy/testing/coverage.ts'
import type { Judged } from '../../domain/policy/testing/judge.ts'
import { survivorsOf } from '../../domain/policy/testing/mutants.ts'
import { withoutGuardrail } from '../../domain/policy/testing/named-paths.ts'
import { runCase } from '../../domain/policy/testing/run-case.ts'
import type { Case, Subject } from '../../domain/policy/testing/subject.ts'
import type { TestGroup } from './test-groups.ts'

interface Place {
  readonly file: string
  readonly line: number
  readonly column: number
}

export interface RanCase extends Place {
  readonly name: string
  readonly phase: Case['phase']
  readonly expect: Case['expect']
  readonly complaints: readonly string[]
  readonly judged: Judged
}

/** Something that no case sees both ways. */
export type Gap = Aspect & Place

export interface Survivor extends Place {
  readonly path: string
  readonly change: string
}

export interface TestRun {
  readonly subject: Subject
  readonly vocab: Vocab
  readonly cases: readonly RanCase[]
  readonly coverage: Coverage
  readonly gaps: readonly Gap[]
  /** Only where mutants were asked for and every case came out as expected: of others nothing can be said. */
  readonly mutants?: number
  readonly survivors?: readonly Survivor[]
}

export interface Running {
  readonly set: PolicySet
  readonly files: readonly PolicyFile[]
  /** The name of a file of the folder as the person knows it. */
  readonly shown: (file: string) => string
  readonly withMutants: boolean
}

export function runGroup({ file, variants }: TestGroup, { set, files, shown, withMutants }: Running): TestRun | null {
  const [first] = variants
  if (first === undefined) return null
  const { subject } = first
  const ran = variants.flatMap((variant) =>
    variant.cases.map(({ file: of, asked }): RanCase => {
      const { name, phase, expect, line, column } = asked
      return { file: shown(of), line, column, name, phase, expect, ...runCase(variant.subject, asked) }
    }),
  )
  const coverage = coverageOf(
    subject,
    ran.map(({ judged }) => judged),
  )
  const place = placesIn(files.find(({ path }) => path === file) ?? null, subject, shown(file))
  const gaps = coverage.aspects
    .filter(({ seenTrue, seenFalse }) => !seenTrue || !seenFalse)
    .map((gap) => ({ ...gap, ...place(gap.path) }))
  const run = { subject, vocab: set.vocab, cases: ran, coverage, gaps }
  if (!withMutants || ran.some(({ complaints }) => complaints.length > 0)) return run
  const asked = variants.map((variant) => ({ ...variant, cases: variant.cases.map((each) => each.asked) }))
  const { tried, survivors } = survivorsOf(asked)
  return { ...run, mutants: tried, survivors: survivors.map(({ path, change }) => ({ path, change, ...place(path) })) }
}

/** Where a path of the policy stands in its file; what came from elsewhere stands where the file names it. */
function placesIn(file: PolicyFile | null, { kind }: Subject, name: string): (path: string) => Place {
  if (file === null) return () => ({ file: name, line: 1, column: 1 })
  const source = parseSource(file)
  return (path) => {
    const bare = withoutGuardrail(path)
    const { line, column } = source.spotOf(kind === 'template' ? `policy.${bare}` : bare)
    return { file: name, line, column }
  }
}
