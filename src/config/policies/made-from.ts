// A template put to use: the values are checked and put in, and what is wrong then is said where the value stands.

import { compilePolicyFully } from '../../domain/policy/compile.ts'
import type { Json } from '../../kernel/canonical-json.ts'
import { nearest } from '../../kernel/nearest.ts'
import type { Problem } from '../../kernel/problem.ts'
import { collectRules } from '../../protocol/odrl/normalise.ts'
import { member } from '../../protocol/odrl/path.ts'
import { lostOnWire } from '../../protocol/odrl/to-wire.ts'
import type { Rules } from '../../protocol/odrl/types.ts'
import { findingAt, type At } from './codes.ts'
import type { Context } from './context.ts'
import { dayBound } from './days.ts'
import { findTemplate, type FoundTemplate } from './file-read.ts'
import { didYouMean, expandRules, isMapping, type Complaint, type Mapping } from './house-form.ts'
import { lintRules } from './lint-rules.ts'
import { paramAt } from './param-at.ts'
import { readValues, type ParameterValues } from './parameters.ts'
import type { OfferMetadata, Template } from './policy-set.ts'
import { putIn } from './put-in.ts'
import { isNamedHere, resolveRegions } from './regions.ts'
import { redirected, type Report } from './report.ts'

export interface MadeFrom {
  readonly id: string
  readonly template: FoundTemplate
  /** Null after a complaint. */
  readonly rules: Rules | null
  readonly metadata: OfferMetadata
}

/** Null where the file names no template. */
export function readMadeFrom(value: Mapping, context: Context, report: Report): MadeFrom | null {
  const { template: id, with: given = {} } = value
  if (!Object.hasOwn(value, 'template')) {
    if (Object.hasOwn(value, 'with'))
      report.complain({ path: 'with', on: 'key', code: 'form', message: 'values without a `template` to take them' })
    return null
  }
  if (typeof id !== 'string') {
    report.complain({ path: 'template', on: 'value', code: 'form', message: 'expected the id of a template' })
    return { id: '', template: undefined, rules: null, metadata: {} }
  }
  const template = findTemplate(id, context)
  if (template === 'broken') return { id, template, rules: null, metadata: {} }
  if (template === undefined) {
    const meant = nearest(id, context.templates.keys())
    const message = `there is no template \`${id}\``
    report.complain({
      path: 'template',
      on: 'value',
      code: 'unknown-template',
      message,
      ...(meant !== undefined && { hint: didYouMean(meant) }),
    })
    return { id, template, rules: null, metadata: {} }
  }
  if (!isMapping(given)) {
    report.complain({ path: 'with', on: 'value', code: 'form', message: 'expected values by the names of parameters' })
    return { id, template, rules: null, metadata: {} }
  }
  const { values, complaints } = readValues(given, template.parameters, (name) => isNamedHere(name, context.vocab))
  const root = Object.hasOwn(value, 'with') ? 'with' : 'template'
  for (const { path, ...complaint } of complaints) {
    report.complain({ ...complaint, code: 'template-param', path: path === '' ? root : member('with', path) })
  }
  const rules = complaints.length > 0 ? null : instanceOf(template, values, given, context, report)
  const metadata = metadataOf(template, values, context)
  const chars = JSON.stringify(metadata).length
  if (chars > TERMS_CHARS_MAX) {
    const message = `annex, settlement and values have at most ${String(TERMS_CHARS_MAX)} characters, came ${String(chars)}`
    report.add(findingAt(report.at('template'), 'over-limit', message))
  }
  return { id, template, rules, metadata }
}

/** What every agreement carries of the template, as JSON: it is read again with each use. */
const TERMS_CHARS_MAX = 32_768

function metadataOf(template: Template, values: ParameterValues, { defaults }: Context): OfferMetadata {
  const put = (free: Json | null): Json =>
    putIn(free, values, template.parameters, (date, bound) => dayBound(date, bound, defaults.timezone)).value
  return {
    template: { id: template.id, version: template.version, with: values },
    ...(template.annex !== null && { annex: put(template.annex) }),
    ...(template.settlement !== null && { settlement: put(template.settlement) }),
  }
}

/** Null after complaints. What is wrong with any values at all is a mistake of the template, and told there. */
function instanceOf(
  template: Template,
  values: ParameterValues,
  given: Mapping,
  context: Context,
  report: Report,
): Rules | null {
  const instance = instantiate(template, values, context)
  const placeOf = (path: string): string => {
    const name = paramAt(template.policy, redirected(path, instance.aliases))
    return name !== null && Object.hasOwn(given, name) ? member('with', name) : 'template'
  }
  const wrong = [...instance.complaints, ...instance.problems]
  for (const { path = '', message } of wrong) {
    const where = path === '' ? '' : `, at ${path}`
    report.complain({
      path: placeOf(path),
      on: 'value',
      code: 'template-param',
      message: `in the template \`${template.id}\`${where}: ${message}`,
    })
  }
  const { rules } = instance
  if (rules === null || wrong.length > 0) return null
  // Only what follows from the values given here: the rest is told of the template.
  const places: Report = {
    ...report,
    at: (path): At => report.at(placeOf(path)),
    add: (finding) => {
      const { line, column } = report.at('template')
      if (finding.line !== line || finding.column !== column) report.add(finding)
    },
  }
  lintRules(rules, compilePolicyFully(rules).value, context, places)
  return rules
}

export interface Instance {
  readonly rules: Rules | null
  /** Of the form, and then of the rules. */
  readonly complaints: readonly Complaint[]
  readonly problems: readonly Problem[]
  readonly aliases: ReadonlyMap<string, string>
}

/** The rules of a template with values that are of the types of its parameters. */
export function instantiate(template: Template, values: ParameterValues, context: Context): Instance {
  const { defaults, vocab } = context
  const complaints: Complaint[] = []
  const { value } = putIn(template.policy, values, template.parameters, (date, bound) =>
    dayBound(date, bound, defaults.timezone),
  )
  const { raw, aliases } = expandRules(value as Mapping, (each) => complaints.push(each))
  const isWhole = Object.hasOwn(raw, 'permission') || Object.hasOwn(raw, 'prohibition')
  const collected = collectRules(isWhole ? raw : { ...raw, permission: [{ action: 'use' }] })
  const { value: whole, problems } = collected
  if (whole === null) return { rules: null, complaints, problems, aliases }
  const { permission: _standIn, ...others } = whole
  const rules = resolveRegions(isWhole ? whole : others, vocab)
  const ofRules = [...problems, ...compilePolicyFully(rules).problems]
  const wrong = ofRules.length > 0 ? ofRules : lostOnWire(rules)
  return { rules: complaints.length > 0 ? null : rules, complaints, problems: wrong, aliases }
}

/** A finding at the template's name: what the two together do not make. */
export function complainOfBoth(message: string, report: Report): void {
  report.add(findingAt(report.at('template'), 'conflict-void', `rules and template together: ${message}`))
}
