// The rows of what stands under an agreement beside its text: facts on record, and what is owed.

import type { Instant } from '../../kernel/time.ts'
import type { AgreementId } from '../../protocol/ids.ts'

/** A fact that somebody put on record; a later one of the same name takes its place, and evidence keeps both. */
export interface AgreementRecordRow {
  readonly agreementId: AgreementId
  /** The short name of a left operand or of a reference (`annex:endDate`); of payments with the currency, `payAmount CNY`. */
  readonly name: string
  readonly value: string | readonly string[]
  /** From then on it says nothing any more; a consent has expired. */
  readonly validUntil: Instant | null
  /** The id or digest of a document that shows it. */
  readonly reference: string | null
  /** The management token by which it was put there; our own id for what our offer gave. */
  readonly by: string
  readonly at: Instant
}

/** `late`: fulfilled after it had been violated. */
export type ObligationState = 'active' | 'fulfilled' | 'violated' | 'late'

/** A duty or an obligation under an agreement, from when it is owed, or from when somebody showed that it was fulfilled. */
export interface ObligationRow {
  readonly agreementId: AgreementId
  /** Its place in the agreement's policy, as in `obligation[0]`. */
  readonly path: string
  readonly uid: string | null
  readonly action: string
  readonly state: ObligationState
  /** Null: without a deadline. */
  readonly dueAt: Instant | null
  /** When it came into this state. */
  readonly at: Instant
  readonly proof: Proof | null
}

/** What is said to show that a duty was fulfilled. */
export interface Proof {
  readonly reference?: string
  readonly digest?: string
  readonly text?: string
}
