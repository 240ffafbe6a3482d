// What the management API shows of a row: the words of DSP, times as RFC 3339, no secrets.

import { knownPids } from '../../domain/exchange/compose.ts'
import type { Negotiation } from '../../domain/exchange/negotiation.ts'
import type { Transfer } from '../../domain/exchange/transfer.ts'
import { shownSource } from '../../domain/delivery/sealed-source.ts'
import { shownSink } from '../../domain/delivery/sink.ts'
import { deadlineOf, isNegotiation, openActions } from '../../domain/exchange/waiting.ts'
import type {
  AgreementRow,
  DatasetRow,
  ManagementTokenRow,
  OfferRow,
  PeerRow,
  PushRow,
  ReceptionRow,
  UsageRow,
} from '../../domain/ledger.ts'
import type { SealedEntry } from '../../domain/evidence/entry.ts'
import type { OfferDefinition } from '../../domain/policy/offer-definition.ts'
import { toIso, type Instant } from '../../kernel/time.ts'

export function negotiationView(row: Negotiation): object {
  const { offer, offeredBy, agreementId, automation } = row
  return { '@type': 'ContractNegotiation', ...processView(row), agreementId, offer, offeredBy, automation }
}

/** Without the data address: it holds the token, and has an endpoint of its own. */
export function transferView(row: Transfer): object {
  const { agreementId, datasetId, format, automation } = row
  return { '@type': 'TransferProcess', ...processView(row), agreementId, datasetId, format, automation }
}

/** How far the data is that we owe; nothing where we owe none. */
export function pushView(row: PushRow | null): object {
  if (row === null) return {}
  const { attempts, dueAt, lastError, doneAt } = row
  const nextAttemptAt = doneAt === null ? toIso(dueAt) : null
  return { push: { attempts, nextAttemptAt, lastError, doneAt: timeOrNull(doneAt) } }
}

/** What has come of the data that is owed to us, and where it goes, with a word in place of each credential. */
export function receptionView(row: ReceptionRow | null): object {
  if (row === null) return {}
  const { sink, bytes, digest, doneAt } = row
  return { reception: { sink: shownSink(sink), bytes, digest, doneAt: timeOrNull(doneAt) } }
}

function processView(row: Negotiation | Transfer): object {
  return {
    id: row.pid,
    role: row.role,
    ...knownPids(row),
    counterPartyId: row.counterparty,
    counterPartyAddress: row.peerAddress,
    state: row.state,
    unacknowledged: row.unacknowledged,
    ending: row.ending,
    problem: row.problem,
    createdAt: toIso(row.createdAt),
    updatedAt: toIso(row.updatedAt),
  }
}

/** What waits for a person: the process, what may be done with it, and until when. */
export function waitingView(row: Negotiation | Transfer, patienceMs: number): object {
  const view = isNegotiation(row) ? negotiationView(row) : transferView(row)
  return { ...view, actions: openActions(row), deadline: timeOrNull(deadlineOf(row, patienceMs)) }
}

export function numberedOfferView({ number, offeredBy, offer, at }: OfferRow): object {
  return { number, offeredBy, offer, at: toIso(at) }
}

const NO_USAGE = { deliveries: 0, bytes: 0, milliseconds: 0, records: 0 }

/** @param usage what was delivered under it; null where nothing was yet */
export function agreementView(row: AgreementRow, usage: UsageRow | null): object {
  const { deliveries, bytes, milliseconds, records } = usage ?? NO_USAGE
  return {
    id: row.id,
    role: row.role,
    counterPartyId: row.counterparty,
    negotiationId: row.negotiationPid,
    datasetId: row.datasetId,
    agreement: row.agreement,
    policyDigest: row.policyDigest,
    agreedAt: toIso(row.agreedAt),
    finalizedAt: timeOrNull(row.finalizedAt),
    endedAt: timeOrNull(row.endedAt),
    endReason: row.endReason,
    terms: row.terms,
    usage: { deliveries, bytes, milliseconds, records },
  }
}

/** The source with a word in place of each credential. */
export function datasetView({ id, properties, formats, source, createdAt }: DatasetRow): object {
  const shown = source === null ? null : shownSource(source)
  return { ...properties, '@id': id, '@type': 'Dataset', formats, source: shown, createdAt: toIso(createdAt) }
}

export function peerView({ did, name, claims, address, addedAt }: PeerRow): object {
  return { did, name, claims, address, addedAt: toIso(addedAt) }
}

/** Without its digest, which is of no use to anyone. */
export function tokenView({ name, scope, createdAt, revokedAt }: ManagementTokenRow): object {
  return { name, scope, createdAt: toIso(createdAt), revokedAt: timeOrNull(revokedAt) }
}

export function offerView({ id, title, datasets, rules, digest, file, automation }: OfferDefinition): object {
  return { id, title, datasets, rules, digest, file, automation }
}

export function entryView({ seq, hash, envelope }: SealedEntry): object {
  return { seq, hash, envelope: JSON.parse(envelope) as unknown }
}

/** A page of a list: where it is full, its last row says where the next page begins. */
export function listView<Row, Cursor extends string | number>(
  rows: readonly Row[],
  limit: number,
  view: (row: Row) => object,
  cursorOf: (row: Row) => Cursor,
): { readonly items: readonly object[]; readonly next: Cursor | null } {
  const last = rows.length === limit ? rows.at(-1) : undefined
  return { items: rows.map(view), next: last === undefined ? null : cursorOf(last) }
}

function timeOrNull(at: Instant | null): string | null {
  return at === null ? null : toIso(at)
}
