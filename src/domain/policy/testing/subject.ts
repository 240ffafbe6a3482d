// What a file of tests is about, and one of its cases: what is known, and what must come of it.

import type { Instant } from '../../../kernel/time.ts'
import type { CompiledConstraints, CompiledPolicy } from '../compiled.ts'
import type { Verdict } from '../decision.ts'
import type { Phase } from '../facts.ts'
import type { Memberships } from '../values.ts'

export interface Subject {
  readonly kind: 'offer' | 'guardrail' | 'template'
  readonly id: string
  /** The `access` of an offer, or the `parties` of a guardrail; of a template: none. */
  readonly gate: CompiledConstraints
  readonly policy: CompiledPolicy
  readonly memberships: Memberships
}

export interface Case {
  readonly name: string
  readonly phase: Phase
  /** Null: `TEST_TIME`. */
  readonly at: Instant | null
  readonly action: string
  readonly given: Given
  readonly expect: Verdict
  /** Paths that the reason must name. */
  readonly reasons: readonly string[]
  /** Paths that must be left to a later phase. */
  readonly deferred: readonly string[]
}

export interface Given {
  readonly participant: string | null
  readonly agreedAt: Instant | null
  readonly used: number | null
  readonly duties: Readonly<Record<string, 'fulfilled' | 'violated' | 'nonset'>>
  /** Every other fact by the short name of its left operand or reference. */
  readonly known: Readonly<Record<string, string | readonly string[]>>
}
