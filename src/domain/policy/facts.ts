// What is known when a policy is asked: the facts, and the phase of the contract's life in which they are compared.

import type { Instant } from '../../kernel/time.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import type { DutyProgress } from './duties.ts'
import type { Memberships } from './values.ts'

/** In the order in which a contract goes through them. */
export const PHASES = ['catalogue', 'negotiation', 'start', 'during', 'after'] as const
export type Phase = (typeof PHASES)[number]

/** A fact as text, or several that hold together. */
export type Fact = string | readonly string[]

export interface Facts {
  readonly now: Instant
  /** The authenticated counter-party. */
  readonly participant: ParticipantId
  /** ISO 3166 code by the register's or a credential's claim; null = unknown. */
  readonly country: string | null
  /** What the caller stated; null = not stated. */
  readonly purpose: string | null
  /** The agreement's timestamp, from which elapsedTime runs; null before there is one. */
  readonly agreedAt: Instant | null
  /** Uses counted under the agreement for this action: without this one in phase `start`, with it in `during`. */
  readonly used: number
  /** Every other fact by the short name of its left operand or reference. What is absent is not known. */
  readonly known?: Readonly<Record<string, Fact>>
  /** Facts about one rule only, by its uid or place: they go before those in `known`. */
  readonly ofRules?: Readonly<Record<string, Readonly<Record<string, Fact>>>>
  /** The starts of the uses that were counted, as far back as any rate of the policy looks. Absent: not known. */
  readonly uses?: readonly Instant[]
  /** How far duties are, by the uid of the duty or its place in the policy. Absent: nothing shows that it was fulfilled. */
  readonly duties?: Readonly<Record<string, DutyProgress>>
  /** The paths or uids of prohibitions that were infringed and not remedied since. */
  readonly infringed?: readonly string[]
  readonly memberships?: Memberships
  /** Left operands whose facts are there only when data are asked for: until then what is decided by them is left to that. */
  readonly ahead?: readonly string[]
}

export function isBefore(phase: Phase, other: Phase): boolean {
  return PHASES.indexOf(phase) < PHASES.indexOf(other)
}
