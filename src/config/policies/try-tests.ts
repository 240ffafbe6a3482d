// The tests of a policies folder, run against what stands in it: a finding for each case that does not come out as expected.

import { runCase } from '../../domain/policy/testing/run-case.ts'
import type { Finding } from '../finding.ts'
import { findingAt } from './codes.ts'
import type { PolicySet } from './policy-set.ts'
import { subjectOf } from './test-subject.ts'

/** `subject`: one was put together; `case`: one was run. Each takes a millisecond or less, unless it is near the limits. */
export type TestStep = 'subject' | 'case'

/** Step by step, for whoever has something else to do in between. In the order of the files. */
export function* tryTests(set: PolicySet): Generator<TestStep, readonly Finding[]> {
  const findings: Finding[] = []
  for (const tests of set.tests) {
    const { subject } = subjectOf(tests, set)
    const about = `${subject.kind} \`${subject.id}\``
    yield 'subject'
    for (const asked of tests.cases) {
      const { complaints } = runCase(subject, asked)
      if (complaints.length > 0) {
        const { line, column, name } = asked
        const wrong = complaints.join('; ')
        const message = `the case ${JSON.stringify(name)} of the ${about}: ${wrong}`
        const zh = `用例 ${JSON.stringify(name)}（\`${subject.id}\`）不符合预期：${wrong}`
        const hint = `\`lingqu policy test\` shows the reasons`
        findings.push(findingAt({ file: tests.file, line, column }, 'test-failed', message, { hint, zh }))
      }
      yield 'case'
    }
  }
  return findings
}

/** The same at once, for whoever has nothing else to do. */
export function failedTests(set: PolicySet): readonly Finding[] {
  const trying = tryTests(set)
  for (;;) {
    const step = trying.next()
    if (step.done === true) return step.value
  }
}
