// What all files of the policies folder say together: the offers, what stands over them, and everything that is wrong.

import type { Json } from '../../kernel/canonical-json.ts'
import type { Instant } from '../../kernel/time.ts'
import type { Phase } from '../../domain/policy/facts.ts'
import type { OfferDefinition, OfferTerms } from '../../domain/policy/offer-definition.ts'
import type { Guardrail } from '../../domain/policy/regime.ts'
import type { Memberships } from '../../domain/policy/values.ts'
import type { Finding } from '../finding.ts'
import type { Parameter } from './parameters.ts'
import type { Texts } from './texts.ts'

/**
 * In force as one, or not at all: with any finding that is an error everything is empty but the findings, because half of the
 * offers, or all of them without a guardrail that was meant, is not what was meant.
 */
export interface PolicySet {
  /** In the order of the paths of their files; templates are expanded and parents resolved. */
  readonly offers: readonly OfferDefinition[]
  /** What an offer says beside what is evaluated, by the id of the offer. Only those that say something. */
  readonly metadata: ReadonlyMap<string, OfferMetadata>
  readonly guardrails: readonly Guardrail[]
  readonly templates: readonly Template[]
  readonly vocab: Vocab
  readonly tests: readonly PolicyTests[]
  readonly defaults: Defaults
  /** In reading order. */
  readonly findings: readonly Finding[]
  /** What becomes true of these files as time passes, in reading order: they were right when they were written. */
  readonly later: readonly LaterFinding[]
}

/** True from an instant on. */
export interface LaterFinding {
  readonly from: Instant
  readonly finding: Finding
}

/** Annex and settlement are the template's. */
export interface OfferMetadata extends OfferTerms {
  readonly description?: Texts
}

export interface Template {
  readonly id: string
  readonly version: string | null
  readonly title: Texts
  readonly description: Texts
  readonly basis: readonly Basis[]
  /** Dates, `YYYY-MM-DD`. */
  readonly lastReviewed: string | null
  readonly reviewBy: string | null
  readonly disclaimer: Texts
  readonly parameters: Readonly<Record<string, Parameter>>
  /** In the house form, with `{ param: NAME }` where a parameter stands. */
  readonly policy: Readonly<Record<string, Json>>
  readonly annex: Json | null
  readonly settlement: Json | null
  readonly file: string
}

export interface Basis {
  readonly title: string
  readonly url: string | null
}

export interface Vocab {
  readonly purposes: Readonly<Record<string, { readonly title: Texts; readonly broader: readonly string[] }>>
  readonly regions: Readonly<Record<string, Region>>
  readonly groups: Readonly<Record<string, { readonly title: Texts; readonly members: readonly string[] }>>
  readonly credentials: Readonly<
    Record<string, { readonly title: Texts; readonly type: string; readonly claim: string | null }>
  >
  readonly events: Readonly<Record<string, { readonly title: Texts; readonly at: Instant | null }>>
  /** Groups, purposes and regions, each with what it belongs to by one step. */
  readonly memberships: Memberships
}

export interface Region {
  readonly title: Texts
  readonly within: string | null
  readonly members: readonly string[]
  /** Its code by GB/T 2260. */
  readonly gbt2260: string | null
}

export interface Defaults {
  /** An IANA name: in it days begin and end. */
  readonly timezone: string
  readonly language: 'en' | 'zh'
  /** Bounds for the files of this folder, within those of the connector. */
  readonly limits: Limits
}

export interface Limits {
  readonly offersMax: number
  readonly rulesMax: number
  readonly constraintsMax: number
  readonly valuesMax: number
}

/** One file of tests: what it is about, and its cases. */
export interface PolicyTests {
  readonly about: TestSubject
  readonly cases: readonly PolicyCase[]
  readonly file: string
}

export type TestSubject =
  | { readonly kind: 'offer' | 'guardrail'; readonly id: string }
  | { readonly kind: 'template'; readonly id: string; readonly with: Readonly<Record<string, Json>> }
  /** The file of an offer or a guardrail, below the policies folder. */
  | { readonly kind: 'policy'; readonly path: string }

export const VERDICTS = ['permit', 'conditional', 'deny', 'default-deny'] as const

export interface PolicyCase {
  readonly name: string
  /** Absent: start. */
  readonly phase: Phase
  /** Null: the runner's own, fixed instant. */
  readonly at: Instant | null
  readonly action: string
  readonly given: GivenFacts
  readonly expect: (typeof VERDICTS)[number]
  /** Paths that the reason must name, as in `permission[0].constraint[1]`. */
  readonly reasons: readonly string[]
  readonly deferred: readonly string[]
  readonly line: number
  readonly column: number
}

export interface GivenFacts {
  readonly participant: string | null
  readonly agreedAt: Instant | null
  readonly used: number | null
  readonly duties: Readonly<Record<string, 'fulfilled' | 'violated' | 'nonset'>>
  /** Every other fact by the short name of its left operand. */
  readonly known: Readonly<Record<string, string | readonly string[]>>
}

export const NO_VOCAB: Vocab = { purposes: {}, regions: {}, groups: {}, credentials: {}, events: {}, memberships: {} }
