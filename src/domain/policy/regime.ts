// The rules of the site, which stand over every offer and every agreement: what they forbid no contract permits.

import type { ParticipantId } from '../../protocol/ids.ts'
import type { CompiledConstraints, CompiledPolicy } from './compiled.ts'
import { evaluateConstraints } from './evaluate.ts'
import type { Facts, Phase } from './facts.ts'
import { fitsGlob } from './glob.ts'
import type { DatasetSelector, Selectable } from './offer-definition.ts'
import type { Memberships } from './values.ts'

export interface Guardrail {
  readonly id: string
  /** By language tag. */
  readonly title: Readonly<Record<string, string>>
  /** Empty: all datasets. */
  readonly datasets: readonly DatasetSelector[]
  /** To whom it applies; empty: everybody. */
  readonly parties: CompiledConstraints
  /** Its paths begin with `guardrail[<id>]`. Without permissions it permits whatever it does not prohibit. */
  readonly policy: CompiledPolicy
  readonly file: string
}

/** What is in force at this site beside the offers, and swapped together with them. */
export interface Regime {
  readonly guardrails: readonly Guardrail[]
  /** Groups, taxonomies and regions of the vocabulary files. */
  readonly memberships: Memberships
  /** Our own claims: for what a rule says of the exporter. */
  readonly self: Readonly<Record<string, string>>
}

export const NO_REGIME: Regime = { guardrails: [], memberships: {}, self: {} }

/** The guardrails that are about this dataset and this participant; one whose parties are not known for certain is. */
export function guardrailsOn(
  { guardrails }: Regime,
  dataset: Selectable | null,
  facts: Facts,
  phase: Phase,
): readonly Guardrail[] {
  return guardrails.filter(({ datasets, parties }) => {
    const isAbout = datasets.length === 0 || dataset === null || datasets.some((each) => selects(each, dataset))
    return isAbout && evaluateConstraints(parties, facts, phase).result !== 'unsatisfied'
  })
}

/** Whether a selector of an offer or a guardrail names this dataset. */
export function selects(selector: DatasetSelector, { id, properties }: Selectable): boolean {
  if (selector.kind === 'id') return selector.id === id
  if (selector.kind === 'glob') return fitsGlob(selector.pattern, id)
  const value = properties[selector.property]
  return Array.isArray(value) ? value.includes(selector.value) : value === selector.value
}

/** What is known of a participant that has agreed to nothing yet. */
export function bareFacts(participant: ParticipantId, now: Facts['now']): Facts {
  return { now, participant, country: null, purpose: null, agreedAt: null, used: 0 }
}
