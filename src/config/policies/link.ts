// All files of a folder together: no id twice, parents found, tests of something that is there.

import { compilePolicyFully } from '../../domain/policy/compile.ts'
import type { OfferDefinition } from '../../domain/policy/offer-definition.ts'
import { nearest } from '../../kernel/nearest.ts'
import { lostOnWire } from '../../protocol/odrl/to-wire.ts'
import type { Rules } from '../../protocol/odrl/types.ts'
import type { Finding } from '../finding.ts'
import { findingAt, type At, type FindingCode } from './codes.ts'
import { inherited } from './combine.ts'
import type { ContentOf, FileRead } from './file-read.ts'
import { didYouMean } from './house-form.ts'
import { derived } from './offer-file.ts'
import { kindOf } from './read-file.ts'

type OfferContent = ContentOf<'offer'>
type Tell = (at: At, code: FindingCode, message: string, hint?: string) => void

/** The contents of one kind, in the order of their files. */
export function contentsOf<K extends 'offer' | 'guardrail' | 'template' | 'test'>(
  kind: K,
  reads: readonly FileRead[],
): readonly ContentOf<K>[] {
  return reads.flatMap(({ content }) => (content?.kind === kind ? [content as ContentOf<K>] : []))
}

/** Told where the second one stands. */
export function findDuplicates(
  kind: string,
  entries: readonly { readonly id: string; readonly at: At }[],
): readonly Finding[] {
  const first = new Map<string, At>()
  return entries.flatMap(({ id, at }) => {
    const before = first.get(id)
    first.set(id, before ?? at)
    if (before === undefined) return []
    const message = `the ${kind} \`${id}\` stands in ${before.file}:${String(before.line)} already`
    return [
      findingAt(at, 'duplicate-id', message, {
        zh: `标识 \`${id}\` 已在 ${before.file}:${String(before.line)} 中使用`,
      }),
    ]
  })
}

/** Offers with the rules that they inherit, at any depth. */
export function withParents(
  offers: readonly OfferContent[],
  broken: ReadonlySet<string>,
): {
  readonly definitions: readonly OfferDefinition[]
  readonly findings: readonly Finding[]
} {
  const findings: Finding[] = []
  const tell: Tell = (at, code, message, hint) =>
    findings.push(findingAt(at, code, message, hint === undefined ? {} : { hint }))
  const byId = new Map(offers.map((offer) => [offer.draft.definition.id as string, offer]))
  const done = new Map<OfferContent, Rules | null>()
  const definitions = offers.map((offer) => {
    const { definition, parents } = offer.draft
    if (parents.length === 0) return definition
    const rules = rulesOf(offer, { byId, broken, done, tell }, [])
    // What is wrong with the parents is told; of what they leave missing nothing can be said.
    if (rules === null) return definition
    const { value: policy, problems } = compilePolicyFully(rules)
    const at = parents[0]?.at ?? offer.at
    for (const { message } of [...problems, ...lostOnWire(rules)]) tell(at, 'form', `with what it inherits: ${message}`)
    if (rules.permission === undefined && rules.prohibition === undefined)
      tell(offer.at, 'form', 'a policy needs at least one permission or prohibition')
    return { ...definition, ...derived(rules, policy) }
  })
  return { definitions, findings }
}

interface Family {
  readonly byId: ReadonlyMap<string, OfferContent>
  /** The ids of offers with mistakes. */
  readonly broken: ReadonlySet<string>
  readonly done: Map<OfferContent, Rules | null>
  readonly tell: Tell
}

/** Null after a complaint. @param path the offers that led here */
function rulesOf(offer: OfferContent, family: Family, path: readonly OfferContent[]): Rules | null {
  const { byId, broken, done, tell } = family
  const known = done.get(offer)
  if (known !== undefined) return known
  const { definition, parents } = offer.draft
  let rules: Rules | null = definition.rules
  for (const { id, at } of parents) {
    const parent = byId.get(id)
    if (parent === undefined) {
      const meant = nearest(id, byId.keys())
      if (!broken.has(id))
        tell(at, 'unknown-parent', `there is no offer \`${id}\``, meant === undefined ? undefined : didYouMean(meant))
      rules = null
      continue
    }
    if (parent === offer || path.includes(parent)) {
      const way = [...path, offer, parent].map(({ draft }) => draft.definition.id).join(' → ')
      tell(at, 'inherit-cycle', `it inherits from itself: ${way}`)
      rules = null
      continue
    }
    const ofParent = rulesOf(parent, family, [...path, offer])
    if (ofParent === null || rules === null) {
      rules = null
      continue
    }
    const both = inherited(rules, ofParent)
    if (!both.ok) tell(at, 'conflict-void', both.message)
    rules = both.ok ? both.rules : null
  }
  done.set(offer, rules)
  return rules
}

/**
 * What tests are about must be there; and whatever is there should be tested.
 * @param all also those with mistakes
 */
export function findUntested(reads: readonly FileRead[], all: readonly FileRead[]): readonly Finding[] {
  const named = new Set(all.flatMap(({ id, file }) => [id ?? '', file]))
  const ids = {
    offer: new Map(contentsOf('offer', reads).map(({ draft, at }) => [draft.definition.id as string, at])),
    guardrail: new Map(contentsOf('guardrail', reads).map(({ guardrail, at }) => [guardrail.id, at])),
    template: new Map(contentsOf('template', reads).map(({ template, at }) => [template.id, at])),
  }
  const files = new Set([...ids.offer.values(), ...ids.guardrail.values()].map(({ file }) => file))
  const tested = new Set<string>()
  const isTest = ({ file }: FileRead): boolean => kindOf({ path: file }) === 'test'
  const findings: Finding[] = []
  for (const { tests, at } of contentsOf('test', reads)) {
    const { about } = tests
    const [name, known] = about.kind === 'policy' ? [about.path, [...files]] : [about.id, [...ids[about.kind].keys()]]
    tested.add(`${about.kind} ${name}`)
    // What has mistakes is there all the same.
    if (known.includes(name) || named.has(name)) continue
    const meant = nearest(name, known)
    const what = about.kind === 'policy' ? 'file of an offer or a guardrail' : about.kind
    const message = `there is no ${what} \`${name}\``
    findings.push(findingAt(at, 'unknown-subject', message, meant === undefined ? {} : { hint: didYouMean(meant) }))
  }
  // What tests that cannot be read are about is not known.
  if (all.filter(isTest).length > reads.filter(isTest).length) return findings
  for (const [kind, known] of Object.entries(ids)) {
    for (const [id, at] of known) {
      if (tested.has(`${kind} ${id}`) || tested.has(`policy ${at.file}`)) continue
      findings.push(findingAt(at, 'missing-test', `no test below tests/ looks at the ${kind} \`${id}\``))
    }
  }
  return findings
}
