// What is known of a use under an agreement: who, since when, how often and how much so far, of what, and what for.

import { instant, type Instant } from '../../kernel/time.ts'
import type {
  AgreementRecordRow,
  AgreementRow,
  DatasetRow,
  DeliveryRow,
  ObligationRow,
  PeerRow,
  UnderWay,
  UsageRow,
} from '../ledger.ts'
import { progressOf } from '../obligation/obligations.ts'
import { knownOnRecord } from '../obligation/record.ts'
import type { Fact, Facts } from '../policy/facts.ts'
import { knownFrom } from '../policy/known.ts'
import type { Regime } from '../policy/regime.ts'

const DAY_MS = 86_400_000

/** What is read for the facts. */
export interface FactRows {
  readonly peer: PeerRow | null
  readonly dataset: DatasetRow | null
  readonly regime: Regime
  /** Uses counted so far under the agreement, before this one. */
  readonly used: number
  /** What deliveries that have ended came to. */
  readonly usage: UsageRow | null
  readonly underWay: UnderWay
  /** The starts of the uses that were counted, as far back as the policy looks; absent where it does not. */
  readonly uses?: readonly Instant[]
  /** What is on record under the agreement, and how far its duties are; absent where nobody has looked. */
  readonly records?: readonly AgreementRecordRow[]
  readonly obligations?: readonly ObligationRow[]
}

/** What is told of the use itself. */
export interface UseFacts {
  /** What the caller states with this request; null where it states nothing. */
  readonly purpose: string | null
  /** The address that the request comes from. */
  readonly address?: string | null
  readonly format?: string
  /** Bytes of the answer; null where nobody knows yet. */
  readonly size?: number | null
  /** Whether the data have records that can be counted; absent where nobody has looked at them yet. */
  readonly hasRecords?: boolean
  /** The delivery that runs, with the bytes and the records that it has sent. */
  readonly running?: Pick<DeliveryRow, 'startedAt' | 'spent' | 'bytes' | 'records'>
}

export function factsUnder(agreement: AgreementRow, rows: FactRows, use: UseFacts, now: Instant): Facts {
  const { assignee, timestamp } = agreement.agreement
  const { peer, dataset, regime, used, uses, records = [], obligations = [] } = rows
  return {
    now,
    participant: assignee,
    country: peer?.claims.country ?? null,
    purpose: use.purpose,
    // Both sides have the same text, so both count from the same moment.
    agreedAt: instant(Date.parse(timestamp)),
    used,
    known: {
      ...knownFrom('self', regime.self),
      ...knownFrom('claim', peer?.claims),
      ...knownFrom('dataset', dataset?.properties),
      ...knownOnRecord(records, now),
      ...measured(rows, use, now),
    },
    ...(uses !== undefined && { uses }),
    ...(obligations.length > 0 && { duties: progressOf(obligations) }),
    memberships: regime.memberships,
  }
}

function measured(rows: FactRows, use: UseFacts, now: Instant): Readonly<Record<string, Fact>> {
  const { usage, underWay } = rows
  const { running, size, address, format } = use
  // Of an answer whose size nobody knows at least one byte will leave; the rest is counted as it does.
  const ahead = running === undefined ? (size ?? 1) : Math.max(0, running.bytes - running.spent)
  const runs = running === undefined ? 0 : Math.max(0, now - running.startedAt)
  return {
    'tds:dataSize': String((usage?.bytes ?? 0) + underWay.bytes + ahead),
    meteredTime: `PT${String(((usage?.milliseconds ?? 0) + runs) / 1000)}S`,
    ...recordsIn(rows, use),
    ...daysIn(rows, use, now),
    ...(typeof address === 'string' && { virtualLocation: address }),
    ...(format !== undefined && { deliveryChannel: format }),
  }
}

/** The first delivery is not on record before its end. */
function daysIn({ usage }: FactRows, { running }: UseFacts, now: Instant): Readonly<Record<string, Fact>> {
  const firstAt = usage === null ? (running?.startedAt ?? now) : usage.firstAt
  return firstAt === null
    ? {}
    : { 'tds:daysSinceFirstTransfer': String(Math.max(0, Math.floor((now - firstAt) / DAY_MS))) }
}

/**
 * With the first record of a delivery that begins. Not known after deliveries of which nobody counted them, and while another
 * one runs: nothing can be set aside for it, because nobody knows how many there will be.
 */
function recordsIn(
  { usage, underWay }: FactRows,
  { running, hasRecords = true }: UseFacts,
): Readonly<Record<string, Fact>> {
  const before = usage === null ? 0 : usage.records
  const own = running === undefined ? (hasRecords ? 1 : null) : running.records
  const isAlone = underWay.deliveries === (running === undefined ? 0 : 1)
  return before === null || own === null || !isAlone ? {} : { 'tds:recordCount': String(before + own) }
}
