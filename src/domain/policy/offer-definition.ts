// What one offer file gives: which datasets are offered, to whom they are shown, and under which rules.

import type { Json } from '../../kernel/canonical-json.ts'
import type { OfferId } from '../../protocol/ids.ts'
import type { Rules } from '../../protocol/odrl/types.ts'
import type { ProviderAutomation, TransferAutomation } from '../exchange/automation.ts'
import type { CompiledConstraints, CompiledPolicy } from './compiled.ts'

export type DatasetSelector =
  | { readonly kind: 'id'; readonly id: string }
  | { readonly kind: 'glob'; readonly pattern: string }
  | { readonly kind: 'property'; readonly property: string; readonly value: string | number | boolean }

/** Steps of the provider for which this offer overrides the connector's setting. */
export type OfferAutomation = Partial<ProviderAutomation> & { readonly transfer?: Partial<TransferAutomation> }

/** What goes with the rules: kept with the agreement on our side, and not sent. */
export interface OfferTerms {
  readonly version?: string
  /** The template that it was made from, with the values as they count, defaults included. */
  readonly template?: {
    readonly id: string
    readonly version: string | null
    readonly with: Readonly<Record<string, Json>>
  }
  /** Its plain members are facts under the agreement, `annex:<key>`. */
  readonly annex?: Json
  readonly settlement?: Json
}

export interface OfferDefinition {
  readonly id: OfferId
  /** By language tag. */
  readonly title: Readonly<Record<string, string>>
  readonly datasets: readonly DatasetSelector[]
  /** Who may see it; empty = every admitted participant. */
  readonly access: CompiledConstraints
  readonly rules: Rules
  readonly policy: CompiledPolicy
  /** `sha-256:<hex>` of the rules in their normal form. */
  readonly digest: string
  readonly file: string
  readonly automation: OfferAutomation
  /** Absent: nothing beside the rules. */
  readonly terms?: OfferTerms
}

/** What a selector looks at. */
export interface Selectable {
  readonly id: string
  readonly properties: Readonly<Record<string, unknown>>
}
