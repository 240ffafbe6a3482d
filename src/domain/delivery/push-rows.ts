// What is kept of data that is pushed: on our way to a consumer, and on its way to us.

import type { Instant } from '../../kernel/time.ts'
import type { ParticipantId, Pid } from '../../protocol/ids.ts'
import type { SealedSink } from './sink.ts'

/** Data that we owe the consumer of a transfer, once: due while the transfer is open, as an outbox row is until its ACK. */
export interface PushRow {
  /** Our pid of the transfer. */
  readonly pid: Pid
  readonly counterparty: ParticipantId
  /** Since the transfer was started or resumed. */
  readonly attempts: number
  readonly dueAt: Instant
  /** Null before the first attempt. */
  readonly deadlineAt: Instant | null
  /** The delivery that took the use for it, which further attempts go on with; null while none has. */
  readonly deliveryId: string | null
  /** That of the last attempt of which the consumer may have got something; null where there is none. */
  readonly lastDeliveryId: string | null
  readonly lastError: string | null
  /** What the last attempt was answered with; null where nothing came. */
  readonly lastStatus: number | null
  /** When the consumer had all of it. */
  readonly doneAt: Instant | null
}

/** Data that a provider owes us: with which token it comes, and where it is put. */
export interface ReceptionRow {
  /** Our pid of the transfer. */
  readonly pid: Pid
  readonly tokenHash: string
  readonly sink: SealedSink
  /** What came, once all of it is in the sink. */
  readonly bytes: number | null
  readonly digest: string | null
  readonly doneAt: Instant | null
}
