// The files of tests of a policies folder, each with what it is about as it stands in the same folder.

import type { PolicyCase, PolicySet } from '../../config/policies/policy-set.ts'
import { found, ofSample, subjectOf } from '../../config/policies/test-subject.ts'
import type { Subject } from '../../domain/policy/testing/subject.ts'

/** All cases about one offer, guardrail or template, from however many files. */
export interface TestGroup {
  /** Where it stands. */
  readonly file: string
  /** Of a template one for each set of values; at least one. */
  readonly variants: readonly TestVariant[]
}

export interface TestVariant {
  readonly subject: Subject
  readonly cases: readonly GroupedCase[]
}

export interface GroupedCase {
  /** The file of tests. */
  readonly file: string
  readonly asked: PolicyCase
}

/**
 * In the order of the files; with `isWhole` also, without cases, what no file is about. Throws `policy.invalid` for values that
 * the template does not take.
 *
 * @param isAsked whether somebody asked about this file, be it of tests or what they are about
 */
export function groupTests(set: PolicySet, isAsked: (file: string) => boolean, isWhole: boolean): readonly TestGroup[] {
  const groups = new Map<string, TestGroup>()
  for (const tests of set.tests) {
    const { subject, file } = subjectOf(tests, set)
    if (!isAsked(tests.file) && !isAsked(file)) continue
    const key = `${subject.kind} ${subject.id}`
    const cases = tests.cases.map((asked) => ({ file: tests.file, asked }))
    groups.set(key, { file, variants: [...(groups.get(key)?.variants ?? []), { subject, cases }] })
  }
  return [...groups.values(), ...(isWhole ? untested(set, new Set(groups.keys())) : [])]
}

function untested(set: PolicySet, tested: ReadonlySet<string>): readonly TestGroup[] {
  const all = [
    ...set.offers.map(({ id }) => found({ kind: 'offer', id }, set)),
    ...set.guardrails.map(({ id }) => found({ kind: 'guardrail', id }, set)),
    ...set.templates.map((template) => ofSample(template, set)),
  ]
  return all.flatMap(({ subject, file }) =>
    tested.has(`${subject.kind} ${subject.id}`) ? [] : [{ file, variants: [{ subject, cases: [] }] }],
  )
}
