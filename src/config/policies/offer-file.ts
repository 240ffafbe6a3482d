// One offer file, in the house form or in plain ODRL JSON-LD, into an offer, or into all of its mistakes.

import { compilePolicyFully } from '../../domain/policy/compile.ts'
import type { CompiledPolicy } from '../../domain/policy/compiled.ts'
import type { DatasetSelector, OfferDefinition } from '../../domain/policy/offer-definition.ts'
import type { OfferId } from '../../protocol/ids.ts'
import { shortKey } from '../../protocol/odrl/json-ld.ts'
import { collectMessageOffer } from '../../protocol/odrl/normalise.ts'
import { rulesDigest } from '../../protocol/odrl/same-rules.ts'
import type { Rules } from '../../protocol/odrl/types.ts'
import { findingAt } from './codes.ts'
import { bothHold } from './combine.ts'
import type { Context } from './context.ts'
import type { ContentOf, OfferDraft } from './file-read.ts'
import { checkKeys, isMapping, POLICY_KEYS, type Mapping } from './house-form.ts'
import { checkLimits } from './limits.ts'
import { complainOfBoth, readMadeFrom, type MadeFrom } from './made-from.ts'
import { checkLanguages, readAutomation, readDatasets, readId, readTexts, readVersion } from './offer-head.ts'
import type { OfferMetadata } from './policy-set.ts'
import type { Report } from './report.ts'
import { hasRules, judged, readConstraintsUnder, readHouseRules, type ReadRules } from './rule-parts.ts'
import { lintEndOfAccess } from './lint-rules.ts'

const HEAD_KEYS = ['offer', 'version', 'title', 'description', 'datasets', 'access', 'template', 'with', 'inheritFrom']
const TOP_KEYS = [...HEAD_KEYS, ...POLICY_KEYS, 'automation']

export interface OfferRead {
  readonly content: ContentOf<'offer'> | null
  readonly madeFrom: MadeFrom | null
}

/** The content is null where a complaint leaves nothing to go on with; with other complaints it is not to be used either. */
export function readOffer(value: unknown, file: string, context: Context, report: Report): OfferRead {
  if (!isMapping(value)) {
    const message = `expected an offer with the keys ${TOP_KEYS.join(', ')}`
    report.complain({ path: '', on: 'value', code: 'form', message })
    return { content: null, madeFrom: null }
  }
  checkKeys(value, TOP_KEYS, '', report.complain)
  const id = readId(value, 'offer', report.complain)
  const description = readTexts(value, 'description', report.complain)
  const version = readVersion(value, report.complain)
  const head = {
    title: readTexts(value, 'title', report.complain),
    datasets: readDatasets(value, report.complain),
    automation: readAutomation(value, report.complain),
  }
  checkLanguages(value, 'offer', report)
  const access = readAccess(value, context, report)
  const parents = readParents(value, report)
  const madeFrom = readMadeFrom(value, context, report)
  const isPart = madeFrom !== null || parents.length > 0
  const own = hasRules(value) || !isPart ? readHouseRules(value, { isPart, isSent: true }, context, report) : NO_RULES
  const together = own === null ? null : withTemplate(own, madeFrom, report)
  if (id === null || together === null) return { content: null, madeFrom }

  const at = report.at('offer')
  checkLimits(together.rules, context.defaults.limits, report.at('offer'), report)
  const terms = { ...(version !== null && { version }), ...madeFrom?.metadata }
  const definition = {
    ...{ id: id as OfferId, ...head, access, ...derived(together.rules, together.policy), file },
    ...(Object.keys(terms).length > 0 && { terms }),
  }
  if (!isPart) checkBreadth(value, definition, report)
  const metadata = {
    ...(Object.keys(description).length > 0 && { description }),
    ...terms,
  }
  return { content: contentOf({ definition, metadata: someOf(metadata), parents }, at), madeFrom }
}

/** An Offer as DSP sends one, with its target. Its keys are JSON-LD's, in whichever spelling. */
export function readJsonLdOffer(value: unknown, file: string, context: Context, report: Report): OfferRead {
  const members = isMapping(value) ? Object.entries(value) : []
  const inherited = members.filter(([key]) => shortKey(key) === 'inheritFrom')
  const parents = readParents(Object.fromEntries(inherited.map(([, of]) => ['inheritFrom', of])), report)
  const without = Object.fromEntries(members.filter(([key]) => shortKey(key) !== 'inheritFrom'))
  const { value: offer, problems } = collectMessageOffer(isMapping(value) ? without : value)
  problems.forEach(report.problem)
  if (offer === null) return { content: null, madeFrom: null }
  const { '@id': id, '@type': _type, target, assigner: _assigner, assignee: _assignee, ...written } = offer
  const { rules, policy } = judged(written, { isPart: false, isSent: true }, context, report)
  const at = report.at('@id')
  checkLimits(rules, context.defaults.limits, at, report)
  const datasets: readonly DatasetSelector[] = [{ kind: 'id', id: target }]
  const definition = { id, title: {}, datasets, automation: {}, access: [], ...derived(rules, policy), file }
  return { content: contentOf({ definition, metadata: null, parents }, at), madeFrom: null }
}

/** What follows from the rules of an offer. */
export function derived(rules: Rules, policy: CompiledPolicy): Pick<OfferDefinition, 'rules' | 'policy' | 'digest'> {
  return { rules, policy, digest: rulesDigest(rules) }
}

function contentOf(draft: OfferDraft, at: ContentOf<'offer'>['at']): ContentOf<'offer'> {
  return { kind: 'offer', at, draft }
}

function someOf(metadata: OfferMetadata): OfferMetadata | null {
  return Object.keys(metadata).length === 0 ? null : metadata
}

const NO_RULES: ReadRules = {
  rules: {},
  policy: { conflict: 'invalid', permissions: [], prohibitions: [], obligations: [] },
}

/** Null after a complaint. */
export function withTemplate(own: ReadRules, madeFrom: MadeFrom | null, report: Report): ReadRules | null {
  if (madeFrom === null) return own
  if (madeFrom.rules === null) return null
  const both = bothHold(own.rules, madeFrom.rules)
  if (!both.ok) {
    complainOfBoth(both.message, report)
    return null
  }
  const { value: policy, problems } = compilePolicyFully(both.rules)
  // Each alone is told with its own places; what is left is that both together are too much.
  for (const { message } of problems.filter((each) => each.message.startsWith('at most '))) {
    report.add(findingAt(report.at('template'), 'over-limit', `rules and template together: ${message}`))
  }
  return { rules: both.rules, policy }
}

function readAccess(value: Mapping, context: Context, report: Report): OfferDefinition['access'] {
  const access = readConstraintsUnder('access', value, context, report)
  lintEndOfAccess(access, report)
  return access
}

/** Null entries after a complaint are left out. */
function readParents(value: Mapping, report: Report): OfferDraft['parents'] {
  const { inheritFrom } = value
  if (inheritFrom === undefined) return []
  const written: readonly unknown[] = Array.isArray(inheritFrom) ? inheritFrom : [inheritFrom]
  return written.flatMap((raw, index) => {
    const path = `inheritFrom[${String(index)}]`
    const id = isMapping(raw) ? raw['@id'] : raw
    if (typeof id === 'string' && id !== '') return [{ id, at: report.at(path) }]
    report.complain({ path, on: 'value', code: 'form', message: 'expected the id of an offer' })
    return []
  })
}

/** `access: []` says that everybody is meant. */
function checkBreadth(value: Mapping, { policy }: OfferDefinition, report: Report): void {
  if (Object.hasOwn(value, 'access')) return
  const names = policy.permissions.some(({ constraints }) =>
    constraints.some((each) => each.kind === 'logical' || ['network', 'claim'].includes(each.about.source)),
  )
  if (names || policy.permissions.length === 0) return
  const hint = 'say who may see it under `access`, or write `access: []`'
  const message = 'neither `access` nor a permission says who: every admitted participant may agree to it'
  report.add(findingAt(report.at('offer'), 'broad-party', message, { hint }))
}
