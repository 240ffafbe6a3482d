// What the shell keeps: the rows, the writes as data, and the three things it may ask of a store. Stores implement this
// (SQLite, memory); decisions are made on the rows and never see a store.

import type { Instant } from '../kernel/time.ts'
import type { Json } from '../kernel/canonical-json.ts'
import type { Problem } from '../kernel/problem.ts'
import type { AgreementId, DatasetId, MessageId, ParticipantId, Pid, Role } from '../protocol/ids.ts'
import type { Agreement, MessageOffer } from '../protocol/odrl/types.ts'
import type { PushRow, ReceptionRow } from './delivery/push-rows.ts'
import type { AccessTokenRow, CounterRow, DeliveryRow, UnderWay, UsageRow } from './delivery/rows.ts'
import type { SealedSource } from './delivery/sealed-source.ts'
import type { EvidenceDraft, LogHead, SealedEntry } from './evidence/entry.ts'
import type { PolicyContentRow, PolicyGenerationRow } from './generations/rows.ts'
import type { AgreementRecordRow, ObligationRow } from './obligation/rows.ts'
import type { Negotiation, NegotiationMove } from './exchange/negotiation.ts'
import type { Transfer, TransferMove } from './exchange/transfer.ts'
import type { OfferTerms } from './policy/offer-definition.ts'

export type { PushRow, ReceptionRow } from './delivery/push-rows.ts'
export type { PolicyContentRow, PolicyGenerationRow } from './generations/rows.ts'
export type { AccessTokenRow, CounterRow, DeliveryOutcome, DeliveryRow, UnderWay, UsageRow } from './delivery/rows.ts'

export type { AgreementRecordRow, ObligationRow } from './obligation/rows.ts'

export type Kind = 'negotiation' | 'transfer'

/** An agreement as it was agreed: its text never changes; what happens to it stands beside it. */
export interface AgreementRow {
  readonly id: AgreementId
  readonly role: Role
  readonly negotiationPid: Pid
  readonly counterparty: ParticipantId
  readonly datasetId: DatasetId
  readonly agreement: Agreement
  readonly policyDigest: string
  readonly agreedAt: Instant
  /** Set when FINALIZED is certain on our side; only then may data flow. */
  readonly finalizedAt: Instant | null
  readonly endedAt: Instant | null
  readonly endReason: string | null
  /** As the provider: what our offer said beside its rules when we wrote the agreement. */
  readonly terms: OfferTerms | null
}

/** A message that was answered: a redelivery of it gets the same answer (rule 4). Refusals are kept too. */
export interface InboxRow {
  readonly pid: Pid
  readonly sender: ParticipantId
  /** The root `@id`; empty where the message had none. */
  readonly messageId: string
  readonly bodyDigest: string
  readonly accepted: boolean
  readonly stateAfter: string
  readonly problem: Problem | null
  readonly at: Instant
}

/** A message that must be sent. One a process: it is the process's open proposal. */
export interface OutboxRow {
  readonly pid: Pid
  readonly kind: Kind
  readonly counterparty: ParticipantId
  readonly url: string
  readonly move: NegotiationMove | TransferMove
  readonly messageId: MessageId
  /** The message as it goes out, byte for byte the same at every attempt. */
  readonly body: string
  readonly attempts: number
  readonly dueAt: Instant
  readonly deadlineAt: Instant
  readonly lastError: string | null
  /** What the last attempt was answered with; null where nothing came. */
  readonly lastStatus: number | null
}

export interface DatasetRow {
  readonly id: DatasetId
  /** What the catalogue says of it beside its id, offers and distributions: DCAT properties such as title. */
  readonly properties: { readonly [property: string]: Json }
  readonly formats: readonly string[]
  /** Null where another data plane serves it. Its credentials are sealed. */
  readonly source: SealedSource | null
  readonly createdAt: Instant
}

/** The register of peers: who is admitted, and what we hold to be true of them. */
export interface PeerRow {
  readonly did: ParticipantId
  readonly name: string
  readonly claims: { readonly [claim: string]: string }
  /** Where its DSP base is, when the operator says so; else it is found through the DID document. */
  readonly address: string | null
  readonly addedAt: Instant
}

/** A token identifier that was used: it cannot be used again (DCP 4.3.3, `jti`). */
export interface ReplayRow {
  readonly iss: string
  readonly jti: string
  readonly expiresAt: Instant
}

export interface ManagementTokenRow {
  readonly hash: string
  readonly name: string
  readonly scope: string
  readonly createdAt: Instant
  readonly revokedAt: Instant | null
}

/** One offer of a negotiation, in the order in which they were made. */
export interface OfferRow {
  readonly pid: Pid
  readonly number: number
  readonly offeredBy: Role
  readonly offer: MessageOffer
  readonly at: Instant
}

/** The answer to a management call that carried an Idempotency-Key: the same key gets the same answer for a day. */
export interface IdempotencyRow {
  /** The token's name, a space, and the key that it chose. */
  readonly key: string
  readonly requestDigest: string
  readonly status: number
  readonly body: string
  readonly at: Instant
}

/** How long such an answer is kept: older ones count for nothing, and go when the next one comes. */
export const ANSWERS_KEPT_MS = 24 * 60 * 60 * 1000

/** Every table by its name. `TABLE_KEYS` says which fields make a row the same row. */
export interface Tables {
  readonly negotiation: Negotiation
  readonly transfer: Transfer
  readonly agreement: AgreementRow
  readonly inbox: InboxRow
  readonly outbox: OutboxRow
  readonly dataset: DatasetRow
  readonly peer: PeerRow
  readonly counter: CounterRow
  readonly accessToken: AccessTokenRow
  readonly delivery: DeliveryRow
  readonly usage: UsageRow
  readonly push: PushRow
  readonly reception: ReceptionRow
  readonly replay: ReplayRow
  readonly managementToken: ManagementTokenRow
  readonly offer: OfferRow
  readonly idempotency: IdempotencyRow
  readonly policyContent: PolicyContentRow
  readonly policyGeneration: PolicyGenerationRow
  readonly agreementRecord: AgreementRecordRow
  readonly obligation: ObligationRow
}

export type Table = keyof Tables

// prettier-ignore
export const TABLE_KEYS = {
  negotiation:     ['pid'],
  transfer:        ['pid'],
  agreement:       ['id'],
  inbox:           ['pid', 'sender', 'messageId', 'bodyDigest'],
  outbox:          ['pid'],
  dataset:         ['id'],
  peer:            ['did'],
  counter:         ['agreementId', 'action'],
  accessToken:     ['hash'],
  delivery:        ['id'],
  usage:           ['agreementId'],
  push:            ['pid'],
  reception:       ['pid'],
  replay:          ['iss', 'jti'],
  managementToken: ['hash'],
  offer:           ['pid', 'number'],
  idempotency:     ['key'],
  policyContent:   ['digest'],
  policyGeneration: ['number'],
  agreementRecord: ['agreementId', 'name'],
  obligation:      ['agreementId', 'path'],
} as const satisfies { [T in Table]: readonly (keyof Tables[T])[] }

/** A change of the store, as data: the row as it shall be, a row that goes, or an entry in the evidence log. */
export type Write =
  | { readonly [T in Table]: { readonly put: T; readonly row: Tables[T] } }[Table]
  | { readonly remove: Table; readonly key: readonly string[] }
  | { readonly append: 'evidence'; readonly entry: EvidenceDraft }

/** A page of rows in the order of their keys. */
export interface Page {
  /** The key (first key field) after which the page begins; null for the first page. */
  readonly after: string | null
  readonly limit: number
}

/** A place in the order of what waits. */
export type Waiting = Pick<Negotiation | Transfer, 'updatedAt' | 'pid'>

/** What can be read, inside a transaction or beside one. All of it synchronous. */
export interface Reader {
  get<T extends Table>(table: T, ...key: readonly string[]): Tables[T] | null
  list<T extends Table>(table: T, page: Page): readonly Tables[T][]
  /** The datasets with these ids, as far as there are any; in no order. */
  datasetsOf(ids: readonly string[]): readonly DatasetRow[]
  datasetCount(): number
  negotiationOf(counterparty: ParticipantId, role: Role, peerPid: string): Negotiation | null
  transferOf(counterparty: ParticipantId, role: Role, peerPid: string): Transfer | null
  /** In the order in which they were made. */
  transfersOf(agreementId: AgreementId): readonly Transfer[]
  /** In the order in which they were given out. */
  accessTokensOf(transferPid: Pid): readonly AccessTokenRow[]
  /** The agreements that we hold as `role` with this counter-party on this dataset and may still use, newest first; at most 100. */
  agreementsOn(counterparty: ParticipantId, role: Role, datasetId: DatasetId): readonly AgreementRow[]
  /** Every agreement that came of a negotiation as `role` with this counter-party on this dataset, newest first; ended ones too. */
  agreementsMade(counterparty: ParticipantId, role: Role, datasetId: string, limit: number): readonly AgreementRow[]
  /** Negotiations as `role` with this counter-party about this dataset that have not ended, newest first; at most 16. */
  negotiationsAbout(counterparty: ParticipantId, role: Role, datasetId: string): readonly Negotiation[]
  /** The last message of this sender that the process accepted. */
  lastAccepted(pid: Pid, sender: ParticipantId): InboxRow | null
  /** Rows due at `now`, oldest first (those of the same time by their pid), leaving out those of the counter-parties named. */
  outboxDue(now: Instant, limit: number, without: readonly ParticipantId[]): readonly OutboxRow[]
  /** When the next row after `now` falls due; null where there is none. */
  outboxNextDueAt(now: Instant): Instant | null
  /** Every offer of a negotiation, oldest first. */
  offersOf(pid: Pid): readonly OfferRow[]
  /** Processes in which nothing is on its way and nothing has happened since `before`, longest first, then by pid. */
  idleSince(before: Instant, limit: number): readonly (Negotiation | Transfer)[]
  /** Processes in which the next move is ours, or the counter-party refused our last one: longest first, after that one. */
  waiting(after: Waiting | null, limit: number): readonly (Negotiation | Transfer)[]
  /** Negotiations that were terminated before then, longest ago first, after that one. One that was FINALIZED lives in its agreement. */
  negotiationsOver(before: Instant, after: Waiting | null, limit: number): readonly Negotiation[]
  /** Transfers that ended before then, longest ago first, after that one. */
  transfersOver(before: Instant, after: Waiting | null, limit: number): readonly Transfer[]
  /** Agreements that were ended before then, longest ago first, after that one. */
  agreementsOver(
    before: Instant,
    after: Pick<AgreementRow, 'endedAt' | 'id'> | null,
    limit: number,
  ): readonly AgreementRow[]
  /** What is remembered of the messages to a process, in no order. */
  inboxOf(pid: Pid, limit: number): readonly InboxRow[]
  deliveriesOf(transferPid: Pid, limit: number): readonly DeliveryRow[]
  /** Of so many rows that were made first, those that came to their end before then. */
  oldDeliveries(before: Instant, limit: number): readonly DeliveryRow[]
  openDeliveries(): readonly DeliveryRow[]
  /** The deliveries under an agreement that run: how many, and the bytes set aside for them or noted as sent. */
  underWay(agreementId: AgreementId): UnderWay
  /** The starts of the deliveries under an agreement that took a use after then, oldest first; at most 100,000. */
  usesSince(agreementId: AgreementId, after: Instant): readonly Instant[]
  /** What is on record under an agreement, by name. */
  recordsOf(agreementId: AgreementId): readonly AgreementRecordRow[]
  /** What is owed, or was, under an agreement, by its place in the policy. */
  obligationsOf(agreementId: AgreementId): readonly ObligationRow[]
  /** Obligations that are active and whose deadline has passed, the longest ago first. */
  obligationsDue(now: Instant, limit: number): readonly ObligationRow[]
  /** The next deadline of an active obligation after `now`; null where there is none. */
  obligationNextDueAt(now: Instant): Instant | null
  /** Pushes due at `now` whose transfer is open, oldest first, leaving out those of the counter-parties named. */
  pushesDue(now: Instant, limit: number, without: readonly ParticipantId[]): readonly PushRow[]
  /** When the next push after `now` falls due, whether its transfer is open or not; null where there is none. */
  pushNextDueAt(now: Instant): Instant | null
  /** Deliveries of that path that took a use since then and have an ETag, newest first; at most 16. */
  deliveriesSince(transferPid: Pid, path: string, since: Instant): readonly DeliveryRow[]
  /** Datasets whose sources hold credentials, by id, after that one. */
  datasetsWithSecrets(after: string | null, limit: number): readonly DatasetRow[]
  /** Processes of this counter-party that have not ended: what a limit per peer is held against. */
  openProcesses(counterparty: ParticipantId): number
  evidence(afterSeq: number, limit: number): readonly SealedEntry[]
  /** The entries of one process, in order, after the number `afterSeq` (0: from the first). */
  evidenceOf(pid: string, limit: number, afterSeq?: number): readonly SealedEntry[]
  evidenceHead(): LogHead
  /** How many answers are kept for the repeated calls of this management token since then. */
  answersKept(tokenName: string, since: Instant): number
}

/**
 * Reads what the decision needs, lets a pure synchronous function decide, writes all of it or nothing; resolves after the
 * commit. `decide` may run more than once and must be pure. Rejects with `store.full` or `store.unavailable` when the
 * database could not take it: then nothing was written.
 *
 * @param patienceMs how long it may wait for other transactions to share its commit; 0 where somebody waits for the result.
 *                   Transactions run in the order in which they were asked for, patient or not
 */
export type Transact = <In, Out>(
  load: (reader: Reader) => In,
  decide: (rows: In) => { readonly write: readonly Write[]; readonly result: Out },
  patienceMs?: number,
) => Promise<Out>

export interface Store {
  readonly transact: Transact
  readonly reader: Reader
  /** Called after every commit with what was committed. Listeners must not throw. */
  onCommit(listener: (writes: readonly Write[]) => void): void
  /** Removes from the file what was overwritten or deleted before. Slow: the whole file is written anew. */
  scrub(): void
  close(): void
}
