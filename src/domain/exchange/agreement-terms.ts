// What our offer says beside its rules, on its way to the agreement: kept with it, and its annex as facts on record. Pure.

import { canonicalJson, type Json } from '../../kernel/canonical-json.ts'
import { digestOf } from '../../kernel/digest.ts'
import { sameRules } from '../../protocol/odrl/same-rules.ts'
import type { OfferIndex } from '../catalog/offer-index.ts'
import { offersOn } from '../catalog/offers.ts'
import type { AgreementRow, DatasetRow, Write } from '../ledger.ts'
import { RECORD_LIMITS, readRecorded } from '../obligation/record.ts'
import type { AgreementRecordRow } from '../obligation/rows.ts'
import { putRecord } from '../obligation/write.ts'
import type { OfferTerms } from '../policy/offer-definition.ts'
import type { Negotiation } from './negotiation.ts'
import type { Scene } from './scene.ts'

/** Our offers as they are in force, and the dataset that a negotiation is about; null where it is not there any more. */
export interface InForce {
  readonly dataset: DatasetRow | null
  readonly offers: OfferIndex
}

/**
 * Null unless the last offer of the negotiation has the id and the rules of one of ours: what goes with our rules does not
 * go with rules that the two of us came to in between.
 */
export function termsOf({ role, offer }: Negotiation, inForce: InForce | null): OfferTerms | null {
  if (role !== 'PROVIDER' || inForce === null || inForce.dataset === null) return null
  const found = offersOn(inForce.dataset, inForce.offers).find(({ id }) => id === offer['@id'])
  const terms = found?.definition.terms
  return found === undefined || terms === undefined || !sameRules(offer, found.definition.rules) ? null : terms
}

/** The agreement that we write, and a row for each fact of its annex: in this order, because each belongs to the agreement. */
export function agreedWrites(agreement: AgreementRow, { self, now }: Pick<Scene, 'self' | 'now'>): readonly Write[] {
  const reference = agreement.terms === null ? null : digestOfTerms(agreement.terms)
  const records = annexFacts(agreement.terms?.annex).map(({ name, value }): AgreementRecordRow => {
    return { agreementId: agreement.id, name, value, validUntil: null, reference, by: self, at: now }
  })
  return [{ put: 'agreement', row: agreement }, ...records.flatMap((row) => putRecord(row, agreement, row.value))]
}

/** `sha-256:…` of their canonical JSON. */
export function digestOfTerms({ version, template, annex, settlement }: OfferTerms): string {
  const all = {
    ...(version !== undefined && { version }),
    ...(template !== undefined && { template: { ...template, with: { ...template.with } } }),
    ...(annex !== undefined && { annex }),
    ...(settlement !== undefined && { settlement }),
  }
  return digestOf(canonicalJson(all))
}

/**
 * Each member of the annex that is a text, a number, true or false, or a list of such, as the fact `annex:<its key>`.
 * What is inside of another object, is empty, or has a key that no policy could refer to, is no fact.
 */
export function annexFacts(annex: Json | undefined): readonly Pick<AgreementRecordRow, 'name' | 'value'>[] {
  if (typeof annex !== 'object' || annex === null || Array.isArray(annex)) return []
  return Object.entries(annex)
    .flatMap(([key, written]) => {
      const texts = Array.isArray(written) ? written.map(textOf) : [textOf(written)]
      const known = texts.flatMap((text) => text ?? [])
      if (known.length < texts.length) return []
      const value = Array.isArray(written) ? known : (known[0] ?? '')
      const read = readRecorded({ name: `annex:${key}`, value, unit: null })
      return read.ok ? [read.value] : []
    })
    .slice(0, RECORD_LIMITS.namesMax)
}

function textOf(value: Json | undefined): string | null {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : null
}
