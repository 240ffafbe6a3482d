// One guardrail file, in the house form or in plain ODRL, into a rule of the site, or into all of its mistakes.

import { compilePolicyFully } from '../../domain/policy/compile.ts'
import { shortKey } from '../../protocol/odrl/json-ld.ts'
import type { Context } from './context.ts'
import type { ContentOf } from './file-read.ts'
import { checkKeys, isMapping, type Mapping } from './house-form.ts'
import { checkLimits } from './limits.ts'
import { readMadeFrom, type MadeFrom } from './made-from.ts'
import { checkLanguages, readDatasets, readId, readTexts, readVersion } from './offer-head.ts'
import { withTemplate } from './offer-file.ts'
import type { Report } from './report.ts'
import { hasRules, readConstraintsUnder, readHouseRules, readRawRules, type ReadRules } from './rule-parts.ts'

const RULE_KEYS = ['permission', 'prohibition', 'conflict', 'profile']
const TOP_KEYS = [
  'guardrail',
  'version',
  'title',
  'description',
  'datasets',
  'parties',
  'template',
  'with',
  ...RULE_KEYS,
]

export interface GuardrailRead {
  readonly content: ContentOf<'guardrail'> | null
  readonly madeFrom: MadeFrom | null
}

export function readGuardrail(value: unknown, file: string, context: Context, report: Report): GuardrailRead {
  if (!isMapping(value)) {
    const message = `expected a guardrail with the keys ${TOP_KEYS.join(', ')}`
    report.complain({ path: '', on: 'value', code: 'form', message })
    return { content: null, madeFrom: null }
  }
  checkKeys(value, TOP_KEYS, '', report.complain)
  const id = checkedId(readId(value, 'guardrail', report.complain), 'guardrail', report)
  readTexts(value, 'description', report.complain)
  readVersion(value, report.complain)
  const title = readTexts(value, 'title', report.complain)
  checkLanguages(value, 'guardrail', report)
  const datasets = Object.hasOwn(value, 'datasets') ? readDatasets(value, report.complain) : []
  const parties = readConstraintsUnder('parties', value, context, report)
  const madeFrom = readMadeFrom(value, context, report)
  const isPart = madeFrom !== null
  // What a key nobody knows holds has been complained of; its rules would only be complained of again.
  const { obligation: _unknown, ...ofSite } = value
  const own =
    hasRules(ofSite) || !isPart
      ? readHouseRules(ofSite, { isPart, isSent: false }, context, report)
      : { rules: {}, policy: NONE }
  const together = own === null ? null : withTemplate(own, madeFrom, report)
  if (id === null || together === null) return { content: null, madeFrom }
  checkSite(together, isPart, report)
  checkLimits(together.rules, context.defaults.limits, report.at('guardrail'), report)
  return { content: contentOf(id, { title, datasets, parties, file }, together, report.at('guardrail')), madeFrom }
}

/** A Set or a Policy as ODRL writes it; its uid is the guardrail's id, its target the dataset that it is about. */
export function readJsonLdGuardrail(value: unknown, file: string, context: Context, report: Report): GuardrailRead {
  const members = isMapping(value) ? Object.entries(value).map(([key, each]) => [shortKey(key), each] as const) : []
  const { '@id': uid, '@type': _type, '@context': _context, target, ...rules }: Mapping = Object.fromEntries(members)
  const id = checkedId(typeof uid === 'string' && uid !== '' ? uid : null, '@id', report)
  if (id === null) {
    if (typeof uid !== 'string')
      report.complain({ path: '@id', on: 'value', code: 'missing', message: 'expected the uid of the guardrail' })
    return { content: null, madeFrom: null }
  }
  if (target !== undefined && typeof target !== 'string')
    report.complain({ path: 'target', on: 'value', code: 'form', message: 'expected the id of a dataset' })
  const read = readRawRules(rules, { isPart: false, isSent: false }, context, report)
  if (read === null) return { content: null, madeFrom: null }
  checkSite(read, false, report)
  const datasets = typeof target === 'string' ? ([{ kind: 'id', id: target }] as const) : []
  return { content: contentOf(id, { title: {}, datasets, parties: [], file }, read, report.at('@id')), madeFrom: null }
}

const NONE = { conflict: 'invalid', permissions: [], prohibitions: [], obligations: [] } as const

type Head = Omit<ContentOf<'guardrail'>['guardrail'], 'id' | 'policy'>

function contentOf(
  id: string,
  head: Head,
  { rules }: ReadRules,
  at: ContentOf<'guardrail'>['at'],
): ContentOf<'guardrail'> {
  const { value: policy } = compilePolicyFully(rules, `guardrail[${id}]`)
  return { kind: 'guardrail', at, guardrail: { id, ...head, policy } }
}

/** It stands in paths, as in `guardrail[no-resale].prohibition[0]`. */
function checkedId(id: string | null, path: string, report: Report): string | null {
  if (id === null || /^[^\s[\]]+$/.test(id)) return id
  report.complain({ path, on: 'value', code: 'form', message: 'the id of a guardrail has neither spaces nor brackets' })
  return null
}

function checkSite({ rules }: ReadRules, isMade: boolean, report: Report): void {
  if (rules.obligation === undefined) return
  const message = isMade
    ? 'a guardrail has no obligations, and the template has some: nobody would owe them'
    : 'a guardrail has no obligations: nobody would owe them'
  report.complain({ path: isMade ? 'template' : 'obligation', on: 'value', code: 'not-understood', message })
}
