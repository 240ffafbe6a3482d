// A delivery came to its end: what is given back, what was used, and what may still be sent under its use.

import type { Problem } from '../../kernel/problem.ts'
import type { Instant } from '../../kernel/time.ts'
import { entry } from '../exchange/inbound.ts'
import type { Scene } from '../exchange/scene.ts'
import type { Transfer } from '../exchange/transfer.ts'
import type { DeliveryRow, UsageRow, Write } from '../ledger.ts'
import { bytesToSend } from './continue.ts'

/** The action that a delivery is, in ODRL's words. */
export const DELIVERY_ACTION = 'use'

/** What is read for the end of a delivery, all of it as it stands now. */
export interface EndRows {
  readonly delivery: DeliveryRow
  readonly transfer: Transfer
  /** The delivery that this one continues. */
  readonly continued: DeliveryRow | null
  /** What was used under the agreement so far. */
  readonly usage: UsageRow | null
  /** Uses counted so far. */
  readonly used: number
}

export interface Ended extends Pick<DeliveryRow, 'bytes' | 'records' | 'digest' | 'outcome'> {
  readonly reason?: Problem | null
}

/** A use is given back only if no byte of the body was written; a continuation has none to give back. */
export function endDelivery(rows: EndRows, ended: Ended, { self, now }: Scene): readonly Write[] {
  const { delivery, transfer, continued } = rows
  const { bytes, records, digest, outcome, reason } = ended
  const { id, continues } = delivery
  const returned = delivery.counted && bytes === 0 && RETURNS.includes(outcome)
  const unsent = Math.max(0, (bytesToSend(delivery) ?? bytes) - bytes)
  const spent = continues === null ? Math.max(0, delivery.spent - unsent) : delivery.spent
  const row: DeliveryRow = {
    ...delivery,
    endedAt: now,
    bytes,
    records,
    digest,
    outcome,
    counted: delivery.counted && !returned,
    spent,
  }
  return [
    { put: 'delivery', row },
    ...(continued === null
      ? []
      : [{ put: 'delivery', row: { ...continued, spent: Math.max(0, continued.spent - unsent) } } as const]),
    entry('delivery.ended', transfer, self, now, {
      ext: {
        delivery: id,
        ...(continues !== null && { continues }),
        bytes,
        ...(records !== null && { records }),
        digest,
        outcome,
        ...(reason !== undefined && reason !== null && { code: reason.code, path: reason.path ?? null }),
      },
    }),
    ...(returned ? giveBack(rows, self, now) : [{ put: 'usage', row: usageAfter(rows, ended, now) } as const]),
  ]
}

/** A note of how far a delivery has come, so that a crash does not forget all of it. */
export function noteProgress(
  delivery: DeliveryRow,
  { bytes, records }: Pick<DeliveryRow, 'bytes' | 'records'>,
  now: Instant,
): readonly Write[] {
  return delivery.outcome === 'open' ? [{ put: 'delivery', row: { ...delivery, bytes, records, notedAt: now } }] : []
}

const RETURNS: readonly DeliveryRow['outcome'][] = ['source-failed', 'cut', 'peer-gone']

function giveBack({ delivery, transfer, used }: EndRows, self: Scene['self'], now: Instant): readonly Write[] {
  const left = Math.max(0, used - 1)
  return [
    { put: 'counter', row: { agreementId: delivery.agreementId, action: DELIVERY_ACTION, used: left } },
    entry('usage.returned', transfer, self, now, { ext: { action: DELIVERY_ACTION, used: left } }),
  ]
}

/** Of one that a crash interrupted only what was noted is known; the time until the next start was no delivery. */
function usageAfter({ delivery, usage }: EndRows, { bytes, records, outcome }: Ended, now: Instant): UsageRow {
  const { agreementId, continues, startedAt, notedAt } = delivery
  const before = usage === null ? 0 : usage.records
  const until = outcome === 'interrupted' ? (notedAt ?? startedAt) : now
  return {
    agreementId,
    deliveries: (usage?.deliveries ?? 0) + (continues === null ? 1 : 0),
    bytes: (usage?.bytes ?? 0) + bytes,
    milliseconds: (usage?.milliseconds ?? 0) + Math.max(0, until - startedAt),
    records: before === null || records === null ? null : before + records,
    firstAt: usage === null ? startedAt : usage.firstAt,
  }
}
