// Which broken delivery a request goes on with: the same bytes of the same state, soon enough, and not much more than once.

import { later, type Instant } from '../../kernel/time.ts'
import { isStrong } from '../delivery/conditions.ts'
import { lengthOf, type ByteRange } from '../delivery/range.ts'
import type { DeliveryRow } from '../ledger.ts'

/** What a delivery is about to send, as its source said when it was opened. */
export interface Sending {
  /** Rest path and query of the request, joined with `?`. */
  readonly path: string
  readonly etag: string | null
  /** Of the whole, in bytes. */
  readonly size: number | null
  /** Null for the whole. */
  readonly part: ByteRange | null
  /** Whether the requester named the state of which it has the beginning (If-Range). */
  readonly isContinuation: boolean
}

/** How long after its start a delivery may be continued. */
export const CONTINUED_WITHIN_MS = 60 * 60 * 1000

/** What may be sent under one use, in tenths of the size: a connection that breaks loses what was on its way. */
const SENT_TENTHS_MAX = 11

/** The earliest start of a delivery that may still be continued. */
export function continuedSince(now: Instant): Instant {
  return later(now, -CONTINUED_WITHIN_MS)
}

/** How many bytes are to be sent; null where the source does not say. */
export function bytesToSend({ part, size }: Pick<Sending, 'part' | 'size'>): number | null {
  return part === null ? size : lengthOf(part)
}

/**
 * The delivery whose use covers this part too, of those that were counted; null where it is a new use. What runs at the same
 * moment is set aside in `spent` already, so that parallel continuations together stay below the bound as well.
 */
export function continuedBy(
  { etag, size, part, path, isContinuation }: Sending,
  earlier: readonly DeliveryRow[],
  now: Instant,
): DeliveryRow | null {
  if (!isContinuation || part === null || size === null || !isStrong(etag)) return null
  const fits = (row: DeliveryRow): boolean =>
    row.counted &&
    row.path === path &&
    row.etag === etag &&
    row.size === size &&
    row.startedAt > continuedSince(now) &&
    (row.spent + lengthOf(part)) * 10 <= size * SENT_TENTHS_MAX
  return earlier.find(fits) ?? null
}
