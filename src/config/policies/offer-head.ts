// What a file says beside its rules: what this is, for which datasets, and which steps wait for a person.

import { nearest } from '../../kernel/nearest.ts'
import type { DatasetSelector, OfferAutomation } from '../../domain/policy/offer-definition.ts'
import { POLICY_LIMITS } from '../../protocol/odrl/limits.ts'
import { item, member } from '../../protocol/odrl/path.ts'
import { findingAt } from './codes.ts'
import { checkKeys, didYouMean, isMapping, type Complain, type Mapping } from './house-form.ts'
import type { Texts } from './texts.ts'
import type { Report } from './report.ts'

const LANGUAGE = /^[a-z]{2,3}(?:-[A-Za-z0-9]{1,8})*$/

// prettier-ignore
const STEPS: Readonly<Record<string, readonly string[]>> = {
  onRequested:        ['agree', 'offer', 'manual'],
  onCounterRequested: ['agree', 'offer', 'manual'],
  onAccepted:         ['agree', 'manual'],
  onVerified:         ['finalize', 'manual'],
}
// prettier-ignore
const TRANSFER_STEPS: Readonly<Record<string, readonly string[]>> = {
  onRequested:        ['start', 'manual'],
  onPushed:           ['complete', 'manual'],
}

export function readId(head: Mapping, key: 'offer' | 'guardrail', complain: Complain): string | null {
  const { [key]: id } = head
  if (typeof id === 'string' && id !== '' && id.length <= POLICY_LIMITS.charsMax) return id
  const message = `expected the id of the ${key}, a string that is not empty`
  complain({ path: key, on: 'value', code: id === undefined ? 'missing' : 'form', message })
  return null
}

/** Texts by language tag; none is allowed. */
export function readTexts(head: Mapping, key: 'title' | 'description', complain: Complain): Texts {
  const { [key]: texts } = head
  if (texts === undefined) return {}
  if (!isMapping(texts)) {
    const message = `expected a ${key} by language, as in { en: Hourly weather }`
    complain({ path: key, on: 'value', code: 'form', message })
    return {}
  }
  for (const [language, text] of Object.entries(texts)) {
    const at = { path: member(key, language), on: 'value', code: 'form' } as const
    if (!LANGUAGE.test(language))
      complain({ ...at, on: 'key', message: `\`${language}\` is not a language tag (BCP 47)` })
    if (typeof text !== 'string') complain({ ...at, message: 'expected a text' })
  }
  return texts as Texts
}

/** As a text, however it is written; null if there is none. */
export function readVersion({ version }: Mapping, complain: Complain): string | null {
  if (version === undefined) return null
  if (typeof version === 'number' || (typeof version === 'string' && version !== '')) return String(version)
  complain({ path: 'version', on: 'value', code: 'form', message: 'expected a version, such as "1.2"' })
  return null
}

const LANGUAGES = ['en', 'zh'] as const

/** Whether a title is there in both languages, and so are other texts that are there in one. */
export function checkLanguages(head: Mapping, key: string, report: Report): void {
  for (const name of ['title', 'description', 'disclaimer']) {
    const texts = head[name]
    if (texts === undefined && name !== 'title') continue
    const written = isMapping(texts) ? Object.keys(texts).map((tag) => tag.split('-')[0] ?? tag) : []
    const missing = LANGUAGES.filter((language) => !written.includes(language))
    if (missing.length === 0) continue
    const message = `the ${name} is missing in ${missing.join(' and ')}`
    report.add(findingAt(report.at(texts === undefined ? key : name), 'i18n-missing', message))
  }
}

/** Ids, globs (`*`), or `{ property: value }`. At least one: an offer of nothing is a mistake. */
export function readDatasets({ datasets }: Mapping, complain: Complain): readonly DatasetSelector[] {
  if (!Array.isArray(datasets) || datasets.length === 0) {
    complain({
      path: 'datasets',
      on: 'value',
      code: datasets === undefined ? 'missing' : 'form',
      message: 'an offer needs at least one dataset, as in [ "urn:dataset:weather:*" ]',
    })
    return []
  }
  return datasets.flatMap((raw: unknown, index) => readSelector(raw, item('datasets', index), complain) ?? [])
}

function readSelector(raw: unknown, path: string, complain: Complain): DatasetSelector | null {
  if (typeof raw === 'string' && raw !== '') {
    return raw.includes('*') ? { kind: 'glob', pattern: raw } : { kind: 'id', id: raw }
  }
  const [entry, another] = isMapping(raw) ? Object.entries(raw) : []
  const [property, value] = entry ?? []
  const isPlain = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
  if (property !== undefined && another === undefined && isPlain) return { kind: 'property', property, value }
  complain({
    path,
    on: 'value',
    code: 'form',
    message: 'expected the id of a dataset, a glob with *, or one { property: value }',
  })
  return null
}

/** Steps that this offer overrides; those it does not name are the connector's. */
export function readAutomation({ automation }: Mapping, complain: Complain): OfferAutomation {
  if (automation === undefined) return {}
  const { transfer, ...steps } = isMapping(automation) ? automation : {}
  checkSteps(isMapping(automation) ? steps : automation, STEPS, ['transfer'], 'automation', complain)
  if (transfer !== undefined) checkSteps(transfer, TRANSFER_STEPS, [], 'automation.transfer', complain)
  // Every step was checked against its values; with a complaint the file is refused.
  return automation as OfferAutomation
}

function checkSteps(
  raw: unknown,
  steps: Readonly<Record<string, readonly string[]>>,
  others: readonly string[],
  path: string,
  complain: Complain,
): void {
  if (!isMapping(raw)) {
    complain({
      path,
      on: 'value',
      code: 'form',
      message: `expected steps, as in { ${Object.keys(steps)[0] ?? ''}: manual }`,
    })
    return
  }
  checkKeys(raw, [...Object.keys(steps), ...others], path, complain)
  for (const [step, value] of Object.entries(raw)) {
    const known = Object.hasOwn(steps, step) ? steps[step] : undefined
    if (known === undefined || known.some((each) => each === value)) continue
    const meant = typeof value === 'string' ? nearest(value, known) : undefined
    const complaint = {
      path: member(path, step),
      on: 'value',
      code: 'form',
      message: `expected one of ${known.join(', ')}, came ${JSON.stringify(value)}`,
    } as const
    complain(meant === undefined ? complaint : { ...complaint, hint: didYouMean(meant) })
  }
}
