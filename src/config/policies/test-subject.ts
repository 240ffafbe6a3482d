// What a file of tests is about, as it stands in the same folder: an offer, a guardrail, or a template with its values.

import { compilePolicyFully } from '../../domain/policy/compile.ts'
import type { Subject } from '../../domain/policy/testing/subject.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'
import type { Context } from './context.ts'
import { instantiate } from './made-from.ts'
import { readValues, sampleValues, type ParameterValues } from './parameters.ts'
import type { PolicySet, PolicyTests, Template, TestSubject } from './policy-set.ts'
import { isNamedHere } from './regions.ts'

export interface Found {
  readonly subject: Subject
  /** Where it stands. */
  readonly file: string
}

/** Throws `policy.invalid` for values that the template does not take; whoever read the folder has looked for them. */
export function subjectOf({ about, file }: PolicyTests, set: PolicySet): Found {
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

/** Throws `policy.invalid` where it is not there; whoever read the folder has looked for it. */
export function found(about: TestSubject, set: PolicySet): Found {
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

/** A template with values that stand for any. */
export function ofSample(template: Template, set: PolicySet): Found {
  return ofTemplate(template, sampleValues(template.parameters), set)
}

function gone(about: TestSubject): never {
  const name = about.kind === 'policy' ? about.path : about.id
  throw new ProblemError(problem('policy.invalid', `there is no ${about.kind} ${name}`))
}
