// What is kept of deliveries: each of them while it runs and after, what they add up to, and the tokens that open them.

import type { Instant } from '../../kernel/time.ts'
import type { AgreementId, MessageId, Pid } from '../../protocol/ids.ts'
import type { ByteRange } from './range.ts'

export type DeliveryOutcome = 'open' | 'complete' | 'cut' | 'source-failed' | 'peer-gone' | 'interrupted'

/** One delivery of data: one use, where it was counted. */
export interface DeliveryRow {
  readonly id: string
  readonly transferPid: Pid
  readonly agreementId: AgreementId
  readonly startedAt: Instant
  readonly endedAt: Instant | null
  readonly bytes: number
  readonly digest: string | null
  readonly outcome: DeliveryOutcome
  /** What was asked for: rest path and query as they came, joined with `?`. Null in rows of earlier versions. */
  readonly path: string | null
  /** The strong ETag and the size in bytes of the whole; without either it cannot be continued. */
  readonly etag: string | null
  readonly size: number | null
  /** The bytes of the whole that were to be sent; null for all of them. */
  readonly part: ByteRange | null
  /** The delivery whose use this one goes on with; null where it took a use of its own. */
  readonly continues: string | null
  /** Whether a use was taken for it and not given back. */
  readonly counted: boolean
  /** Bytes that were sent under its use in all, continuations included; while one runs, what is set aside for it. */
  readonly spent: number
  /** When `bytes` was last written down while it ran; null where it ended before. */
  readonly notedAt: Instant | null
  /** Records that have left; null where they are not counted, because no policy asked or the data have none that can be told apart. */
  readonly records: number | null
}

/** What was delivered under an agreement so far, counted when a delivery ends. A continuation is no delivery of its own. */
export interface UsageRow {
  readonly agreementId: AgreementId
  readonly deliveries: number
  readonly bytes: number
  /** Time in which streams ran; that of parallel ones adds up. */
  readonly milliseconds: number
  /** Of all deliveries; null as soon as one of them was not counted. */
  readonly records: number | null
  /** When the first of them began; null where an earlier version did not keep it. */
  readonly firstAt: Instant | null
}

/** What runs under an agreement. */
export interface UnderWay {
  readonly deliveries: number
  readonly bytes: number
}

/** Uses counted under an agreement for an action. */
export interface CounterRow {
  readonly agreementId: AgreementId
  readonly action: string
  readonly used: number
}

/** A data access token that we gave out; only its digest is kept. */
export interface AccessTokenRow {
  readonly hash: string
  readonly transferPid: Pid
  /** The TransferStartMessage that carried it: its use proves that this message arrived. */
  readonly messageId: MessageId
  readonly expiresAt: Instant
  readonly usedAt: Instant | null
  /** The digest of the refresh token that was given out beside it; null where it cannot be renewed. */
  readonly refreshHash: string | null
  /** When the start was made that it goes back to; one that took its place by renewal keeps that. */
  readonly startedAt: Instant
}
