// What is removed of something that is over, and the entry that stays in its place. Pure: the shell finds what is due.

import type { Json } from '../../kernel/canonical-json.ts'
import { canonicalJson } from '../../kernel/canonical-json.ts'
import { digestOf } from '../../kernel/digest.ts'
import type { Instant } from '../../kernel/time.ts'
import { toIso } from '../../kernel/time.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import { isTerminal } from '../exchange/machine.ts'
import { NEGOTIATION, type Negotiation } from '../exchange/negotiation.ts'
import { TRANSFER, type Transfer } from '../exchange/transfer.ts'
import {
  TABLE_KEYS,
  type AccessTokenRow,
  type AgreementRow,
  type CounterRow,
  type DeliveryRow,
  type InboxRow,
  type OfferRow,
  type OutboxRow,
  type PushRow,
  type ReceptionRow,
  type Table,
  type Tables,
  type UsageRow,
  type Write,
} from '../ledger.ts'

/** Rows that are removed in one transaction at most, so that none of them holds up the exchange. */
export const SLICE_ROWS_MAX = 500

/** Who removes, when, and of what age: `before` is the end of the period that things are kept. */
export interface Cut {
  readonly self: ParticipantId
  readonly now: Instant
  readonly before: Instant
}

/** Rows of one table, each of which goes. */
type Going = { readonly [T in Table]: { readonly table: T; readonly rows: readonly Tables[T][] } }[Table]

/** What was decided: the writes, and how many rows of each table they remove. */
export interface Removal {
  readonly write: readonly Write[]
  readonly removed: readonly { readonly table: Table; readonly count: number }[]
  /** More of the same thing is left; the next transaction goes on with it. */
  readonly isPart: boolean
}

const NOTHING_REMOVED: Removal = { write: [], removed: [], isPart: false }

/** What is read of a transfer that may go. Of each list at most `SLICE_ROWS_MAX` rows. */
export interface TransferRemains {
  readonly transfer: Transfer | null
  readonly outbox: OutboxRow | null
  readonly inbox: readonly InboxRow[]
  readonly deliveries: readonly DeliveryRow[]
  readonly accessTokens: readonly AccessTokenRow[]
  readonly push: PushRow | null
  readonly reception: ReceptionRow | null
}

/**
 * A transfer that ended before the period, with its messages, deliveries and tokens. Its agreement may be in force: what that
 * needs, the uses counted and the sum of what was delivered, stands in rows of its own and stays.
 */
export function removeTransfer(remains: TransferRemains, cut: Cut): Removal {
  const { transfer, outbox, inbox, deliveries, accessTokens, push, reception } = remains
  if (transfer === null || outbox !== null || !isOver(TRANSFER, transfer, cut)) return NOTHING_REMOVED
  const parts: readonly Going[] = [
    { table: 'delivery', rows: deliveries },
    { table: 'accessToken', rows: accessTokens },
    { table: 'inbox', rows: inbox },
  ]
  const whole: readonly Going[] = [
    { table: 'push', rows: rowsOf(push) },
    { table: 'reception', rows: rowsOf(reception) },
    { table: 'transfer', rows: [transfer] },
  ]
  return removal('transfer', transfer, parts, whole, cut)
}

/** What is read of a negotiation that may go, and of the agreement that came of it. */
export interface NegotiationRemains {
  readonly negotiation: Negotiation | null
  readonly outbox: OutboxRow | null
  readonly inbox: readonly InboxRow[]
  readonly offers: readonly OfferRow[]
  readonly agreement: AgreementRow | null
  readonly counter: CounterRow | null
  readonly usage: UsageRow | null
  /** Whether transfers of the agreement are here still. */
  readonly hasTransfers: boolean
}

/**
 * A negotiation that ended before the period, with its messages and offers. One that has an agreement goes with it: after the
 * agreement was ended and the period is over, and its transfers have gone; or at once where it never came into force.
 */
export function removeNegotiation(remains: NegotiationRemains, cut: Cut): Removal {
  const { negotiation, outbox, inbox, offers, agreement, counter, usage, hasTransfers } = remains
  if (negotiation === null || outbox !== null || !isOver(NEGOTIATION, negotiation, cut)) return NOTHING_REMOVED
  if (hasTransfers || (agreement !== null && !isEnded(agreement, negotiation, cut))) return NOTHING_REMOVED
  const parts: readonly Going[] = [
    { table: 'inbox', rows: inbox },
    { table: 'offer', rows: offers },
  ]
  const whole: readonly Going[] = [
    { table: 'counter', rows: rowsOf(counter) },
    { table: 'usage', rows: rowsOf(usage) },
    { table: 'agreement', rows: rowsOf(agreement) },
    { table: 'negotiation', rows: [negotiation] },
  ]
  return removal('negotiation', negotiation, parts, whole, cut)
}

/** Deliveries that came to their end before the period, of transfers that may still run. */
export function removeDeliveries(found: readonly DeliveryRow[], cut: Cut): Removal {
  const rows = found.filter(({ endedAt }) => endedAt !== null && endedAt < cut.before)
  if (rows.length === 0) return NOTHING_REMOVED
  return {
    ...written([{ table: 'delivery', rows }], cut, {}, { what: 'delivery' }),
    isPart: rows.length >= SLICE_ROWS_MAX,
  }
}

/** First the parts, slice by slice; what they belong to goes with the last of them. */
function removal(
  what: 'negotiation' | 'transfer',
  process: Negotiation | Transfer,
  parts: readonly Going[],
  whole: readonly Going[],
  cut: Cut,
): Removal {
  const { pid, agreementId, state, updatedAt } = process
  const about = { pid, ...(agreementId !== null && agreementId !== '' && { agreement: agreementId }) }
  const said = { what, state, endedAt: toIso(updatedAt) }
  // A list as long as a slice may have been cut off: there may be more of it.
  const full = parts.find(({ rows }) => rows.length >= SLICE_ROWS_MAX)
  if (full !== undefined) return { ...written([full], cut, about, said), isPart: true }
  return { ...written([...parts, ...whole], cut, about, said), isPart: false }
}

function written(
  going: readonly Going[],
  { self, now }: Cut,
  about: { readonly pid?: string; readonly agreement?: string },
  said: { readonly [key: string]: Json },
): Pick<Removal, 'write' | 'removed'> {
  const present = going.filter(({ rows }) => rows.length > 0)
  const removed = present.map(({ table, rows }) => ({ table, count: rows.length }))
  // Rows are JSON in memory: what the store gives back is what was put.
  const digest = digestOf(canonicalJson(present.map(({ table, rows }) => [table, rows]) as unknown as Json))
  const ext = { ...said, removed: Object.fromEntries(removed.map(({ table, count }) => [table, count])), digest }
  return {
    removed,
    write: [
      ...present.flatMap(({ table, rows }) => rows.map((row): Write => ({ remove: table, key: keyOf(table, row) }))),
      { append: 'evidence', entry: { type: 'retention.removed', at: now, actor: self, ...about, ext } },
    ],
  }
}

function keyOf(table: Table, row: Tables[Table]): readonly string[] {
  return TABLE_KEYS[table].map((field) => String(row[field as keyof typeof row]))
}

function rowsOf<Row>(row: Row | null): readonly Row[] {
  return row === null ? [] : [row]
}

function isOver<State extends string, Move extends string>(
  machine: Parameters<typeof isTerminal<State, Move>>[0],
  { state, updatedAt, unacknowledged }: { state: State; updatedAt: Instant; unacknowledged: Move | null },
  { before }: Cut,
): boolean {
  return isTerminal(machine, state) && unacknowledged === null && updatedAt < before
}

/** An agreement that was never FINALIZED ended with its negotiation. */
function isEnded({ finalizedAt, endedAt }: AgreementRow, { state }: Negotiation, { before }: Cut): boolean {
  if (finalizedAt === null && state === 'TERMINATED') return true
  return endedAt !== null && endedAt < before
}
