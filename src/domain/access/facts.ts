// What is known of a use under an agreement: who, since when, how often so far, and what for.

import { instant, type Instant } from '../../kernel/time.ts'
import type { AgreementRow, PeerRow } from '../ledger.ts'
import type { Facts } from '../policy/facts.ts'

/**
 * @param used    uses counted so far under the agreement, before this one
 * @param purpose what the caller states with this request; null where it states nothing
 */
export function factsUnder(
  agreement: AgreementRow,
  peer: PeerRow | null,
  used: number,
  purpose: string | null,
  now: Instant,
): Facts {
  const { assignee, timestamp } = agreement.agreement
  return {
    now,
    participant: assignee,
    country: peer?.claims.country ?? null,
    purpose,
    // Both sides have the same text, so both count from the same moment.
    agreedAt: instant(Date.parse(timestamp)),
    used,
  }
}
