// One template file: its parameters, and rules that are tried with values that fit, so that its mistakes show before it is used.

import type { Json } from '../../kernel/canonical-json.ts'
import { toIso } from '../../kernel/time.ts'
import { parseInstant } from '../../protocol/odrl/lexical.ts'
import { member } from '../../protocol/odrl/path.ts'
import { compilePolicyFully } from '../../domain/policy/compile.ts'
import { findingAt } from './codes.ts'
import type { Context } from './context.ts'
import { dayBound } from './days.ts'
import type { ContentOf } from './file-read.ts'
import { hasForm } from './form.ts'
import { expandRules, isMapping, type Mapping } from './house-form.ts'
import { lintRules } from './lint-rules.ts'
import { instantiate } from './made-from.ts'
import { checkLanguages } from './offer-head.ts'
import { isDate, type ParameterType } from './parameter-types.ts'
import { openSamples, readValue, sampleValues, type Parameter, type ValueComplaint } from './parameters.ts'
import type { Basis, Template } from './policy-set.ts'
import type { Texts } from './texts.ts'
import { paramsIn, putIn } from './put-in.ts'
import { isNamedHere } from './regions.ts'
import type { Report } from './report.ts'
import type { Source } from './source.ts'

/** What the schema has checked. */
interface Written {
  readonly template: string
  readonly version?: string | number
  readonly title?: Texts
  readonly description?: Texts
  readonly basis?: readonly (string | { readonly title: string; readonly url?: string })[]
  readonly lastReviewed?: string
  readonly reviewBy?: string
  readonly disclaimer?: Texts
  readonly parameters?: Readonly<Record<string, WrittenParameter>>
  readonly policy: Readonly<Record<string, Json>>
  readonly annex?: Json
  readonly settlement?: Json
}

interface WrittenParameter {
  readonly type: string
  readonly default?: Json
  readonly min?: string | number | boolean
  readonly max?: string | number | boolean
  readonly oneOf?: readonly (string | number | boolean)[]
  readonly required?: boolean
  readonly title?: Texts
}

export function readTemplate(
  source: Source,
  file: string,
  context: Context,
  report: Report,
): ContentOf<'template'> | null {
  if (!hasForm('template', source, file, report)) return null
  const written = source.value as Written
  const { annex, settlement, ...policy } = written.policy
  checkLanguages(written as unknown as Mapping, 'template', report)
  const parameters = readParameters(written.parameters ?? {}, context, report)
  const template: Template = {
    id: written.template,
    version: written.version === undefined ? null : String(written.version),
    title: written.title ?? {},
    description: written.description ?? {},
    basis: (written.basis ?? []).map(basisOf),
    lastReviewed: dayIn(written, 'lastReviewed', report),
    reviewBy: dayIn(written, 'reviewBy', report),
    disclaimer: written.disclaimer ?? {},
    parameters,
    policy,
    annex: written.annex ?? annex ?? null,
    settlement: written.settlement ?? settlement ?? null,
    file,
  }
  checkReview(template, context, report)
  checkNames(template, written, report)
  tryOut(template, context, report)
  return { kind: 'template', at: report.at('template'), template }
}

function basisOf(written: string | { readonly title: string; readonly url?: string }): Basis {
  return typeof written === 'string'
    ? { title: written, url: null }
    : { title: written.title, url: written.url ?? null }
}

function dayIn(written: Written, key: 'lastReviewed' | 'reviewBy', report: Report): string | null {
  const { [key]: day } = written
  if (day === undefined || isDate(day)) return day ?? null
  report.complain({ path: key, on: 'value', code: 'form', message: `expected a date of the calendar, came ${day}` })
  return null
}

function checkReview({ reviewBy, id }: Template, { defaults }: Context, report: Report): void {
  const end = reviewBy === null ? null : parseInstant(dayBound(reviewBy, 'end', defaults.timezone))
  if (end === null) return
  const message = `the template \`${id}\` should have been reviewed by ${toIso(end).slice(0, 10)}`
  const hint = 'look whether its basis still holds, and set `lastReviewed` and `reviewBy`'
  report.addLater({ from: end, finding: findingAt(report.at('reviewBy'), 'review-overdue', message, { hint }) })
}

function readParameters(
  written: Readonly<Record<string, WrittenParameter>>,
  context: Context,
  report: Report,
): Readonly<Record<string, Parameter>> {
  const isRegion = (name: string): boolean => isNamedHere(name, context.vocab)
  return Object.fromEntries(
    Object.entries(written).map(([name, raw]) => [
      name,
      readParameter(raw, member('parameters', name), isRegion, report),
    ]),
  )
}

function readParameter(
  { type, default: fallback, min, max, oneOf = [], required = false, title = {} }: WrittenParameter,
  path: string,
  isRegion: (name: string) => boolean,
  report: Report,
): Parameter {
  const isList = type.startsWith('list-of-')
  const parameter: Parameter = {
    type: type.replace(/^list-of-/, '') as ParameterType,
    isList,
    default: null,
    min: min === undefined ? null : String(min),
    max: max === undefined ? null : String(max),
    oneOf: oneOf.map(String),
    isRequired: required,
    title,
  }
  const complaints: ValueComplaint[] = []
  const bare = { ...parameter, isList: false, min: null, max: null, oneOf: [] }
  oneOf.forEach((value, index) => readValue(value, bare, `oneOf[${String(index)}]`, isRegion, complaints))
  // Of lists and texts the bounds are numbers; else they are values themselves.
  const ofBounds: Parameter = isList || parameter.type === 'text' ? { ...bare, type: 'integer' } : bare
  if (min !== undefined) readValue(min, ofBounds, 'min', isRegion, complaints)
  if (max !== undefined) readValue(max, ofBounds, 'max', isRegion, complaints)
  const isBounded = min !== undefined || max !== undefined
  if (isBounded && !isList && ['iri', 'place', 'participant', 'boolean'].includes(parameter.type))
    complaints.push({ path: 'type', on: 'value', message: `a ${parameter.type} has no least and no greatest value` })
  const value =
    fallback === undefined || complaints.length > 0
      ? null
      : readValue(fallback, parameter, 'default', isRegion, complaints)
  for (const complaint of complaints) {
    report.complain({ ...complaint, code: 'template-param', path: member(path, complaint.path) })
  }
  return { ...parameter, default: value }
}

/** Every parameter is used, and every one that is used is there. */
function checkNames(template: Template, { policy: whole, annex, settlement }: Written, report: Report): void {
  for (const { path, message, hint } of putIn(whole, {}, template.parameters, (date) => date).complaints) {
    report.complain({
      path: `policy.${path}`,
      on: 'value',
      code: 'template-param',
      message,
      ...(hint !== undefined && { hint }),
    })
  }
  const used = new Set([whole, annex, settlement].flatMap(paramsIn))
  for (const name of Object.keys(template.parameters)) {
    if (used.has(name)) continue
    const message = `nothing uses the parameter \`${name}\``
    report.complain({ path: member('parameters', name), on: 'key', code: 'template-param', message })
  }
}

/** With values that fit: what is wrong then is wrong with the template. */
function tryOut(template: Template, context: Context, report: Report): void {
  const { policy, parameters } = template
  if (report.findings.some(({ severity }) => severity !== 'warning')) return
  const inside = report.within('policy', expandRules(isMapping(policy) ? policy : {}, () => null).aliases)
  const { rules, complaints, problems } = instantiate(template, sampleValues(parameters), context)
  const open = openSamples(parameters)
  complaints.forEach(report.within('policy').complain)
  // Whether a text is a rate or a currency is seen once it is there.
  problems.filter(({ message }) => !open.some((sample) => message.includes(sample))).forEach(inside.problem)
  if (rules === null || report.findings.some(({ severity }) => severity !== 'warning')) return
  const written: Report = { ...inside, addLater: () => null }
  lintRules(rules, compilePolicyFully(rules).value, context, written)
}
