// What is known when a policy is asked: the facts, and the phase of the contract's life in which they are compared.

import type { Instant } from '../../kernel/time.ts'
import type { ParticipantId } from '../../protocol/ids.ts'

/** In the order in which a contract goes through them. */
export const PHASES = ['catalogue', 'negotiation', 'start', 'during', 'after'] as const
export type Phase = (typeof PHASES)[number]

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
}

export function isBefore(phase: Phase, other: Phase): boolean {
  return PHASES.indexOf(phase) < PHASES.indexOf(other)
}
