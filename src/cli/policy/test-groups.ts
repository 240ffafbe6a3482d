// The files of tests of a policies folder, each with what it is about as it stands in the same folder.

import { instantiate } from '../../config/policies/made-from.ts'
import type { Context } from '../../config/policies/context.ts'
import { readValues, sampleValues, type ParameterValues } from '../../config/policies/parameters.ts'
import type { PolicyCase, PolicySet, PolicyTests, Template, TestSubject } from '../../config/policies/policy-set.ts'
import { isNamedHere } from '../../config/policies/regions.ts'
import { compilePolicyFully } from '../../domain/policy/compile.ts'
import type { Subject } from '../../domain/policy/testing/subject.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'

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
    ...set.templates.map((template) => ofTemplate(template, sampleValues(template.parameters), set)),
  ]
  return all.flatMap(({ subject, file }) =>
    tested.has(`${subject.kind} ${subject.id}`) ? [] : [{ file, variants: [{ subject, cases: [] }] }],
  )
}

interface Found {
  readonly subject: Subject
  readonly file: string
}

function subjectOf({ about, file }: PolicyTests, set: PolicySet): Found {
  if (about.kind !== 'template') return found(about, set)
  const template = set.templates.find(({ id }) => id === about.id) ?? gone(about)
  const { values, complaints } = readValues(about.with, template.parameters, (name) => isNamedHere(name, set.vocab))
  const [first] = complaints
  if (first !== undefined) {
    const path = first.path === '' ? 'with' : `with.${first.path}`
    throw new ProblemError(problem('policy.invalid', `${file}: ${first.message}`, path))
  }
  return ofTemplate(template, values, set)
}

function found(about: TestSubject, set: PolicySet): Found {
  const isMeant = ({ id, file }: { readonly id: string; readonly file: string }): boolean =>
    about.kind === 'policy' ? file === about.path : id === about.id
  const { memberships } = set.vocab
  const offer = about.kind === 'guardrail' ? undefined : set.offers.find(isMeant)
  if (offer !== undefined) {
    const { id, access, policy, file } = offer
    return { subject: { kind: 'offer', id, gate: access, policy, memberships }, file }
  }
  const { id, parties, policy, file } = set.guardrails.find(isMeant) ?? gone(about)
  return { subject: { kind: 'guardrail', id, gate: parties, policy, memberships }, file }
}

function ofTemplate(template: Template, values: ParameterValues, { vocab, defaults }: PolicySet): Found {
  const { id, file } = template
  const context: Context = { vocab, defaults, templates: new Map([[id, template]]), broken: new Set(), print: '' }
  const { rules, problems } = instantiate(template, values, context)
  const [first] = problems
  if (rules === null || first !== undefined)
    throw new ProblemError(
      problem('policy.invalid', `${file}: ${first?.message ?? 'it makes no policy'}`, first?.path ?? ''),
    )
  const { value: policy } = compilePolicyFully(rules)
  return { subject: { kind: 'template', id, gate: [], policy, memberships: vocab.memberships }, file }
}

/** Whoever read the folder has looked that everything is there that tests are about. */
function gone(about: TestSubject): never {
  const name = about.kind === 'policy' ? about.path : about.id
  throw new ProblemError(problem('policy.invalid', `there is no ${about.kind} ${name}`))
}
