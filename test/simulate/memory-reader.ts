// The reads of the ledger in memory: the same answers as SQLite's, in the same order, from the same indexes.

import { EMPTY_LOG, type SealedEntry } from '../../src/domain/evidence/entry.ts'
import type { Machine } from '../../src/domain/exchange/machine.ts'
import { NEGOTIATION, type Negotiation } from '../../src/domain/exchange/negotiation.ts'
import { TRANSFER, type Transfer } from '../../src/domain/exchange/transfer.ts'
import { statesOfTurn } from '../../src/domain/exchange/waiting.ts'
import type { AgreementRow, DatasetRow, Reader, Table, Tables, Waiting } from '../../src/domain/ledger.ts'
import type { Role } from '../../src/protocol/ids.ts'
import { compare, firstWhere, joined, type Entry, type Indexes, type MemoryTable } from './memory-table.ts'

export type MemoryTables = { readonly [T in Table]: MemoryTable<Tables[T]> }

/** The evidence as it is read: all of it, and that of each process. */
export interface MemoryLog {
  readonly entries: readonly SealedEntry[]
  readonly entriesOf: ReadonlyMap<string, readonly SealedEntry[]>
}

/** The value of an index in which all its rows stand in one order. */
const ALL = ''
const AGREEMENTS_MAX = 100
const RECENT_MAX = 16

const isLiveNegotiation = ({ state }: Negotiation): boolean => state !== 'FINALIZED' && state !== 'TERMINATED'
const isLiveTransfer = ({ state }: Transfer): boolean => state !== 'COMPLETED' && state !== 'TERMINATED'
const updated = ({ updatedAt }: Waiting): number => updatedAt
const whole = (isIn: boolean): string | null => (isIn ? ALL : null)

// Those by which rows that refer to others are found by these are made by the store, from the table of references.
// prettier-ignore
export const INDEXES: { readonly [T in Table]: Indexes<Tables[T]> } = {
  negotiation: {
    peer:      { value: peerOf, alike: 'made', isUnique: true },
    live:      { value: (row) => (isLiveNegotiation(row) ? row.counterparty : null), by: ({ createdAt }) => 0 - createdAt, alike: 'key' },
    agreed:    { value: (row) => (row.peerPid === null || row.agreementId === null ? null : joined([row.counterparty, row.role])), alike: 'made' },
    idle:      { value: (row) => whole(isIdle(row)), by: updated, alike: 'key' },
    over:      { value: ({ state }) => whole(state === 'TERMINATED'), by: updated, alike: 'key' },
  },
  transfer: {
    peer:      { value: peerOf, alike: 'made', isUnique: true },
    live:      { value: (row) => (isLiveTransfer(row) ? row.counterparty : null), alike: 'made' },
    agreement: { value: ({ agreementId }) => agreementId, alike: 'made' },
    idle:      { value: (row) => whole(isIdle(row)), by: updated, alike: 'key' },
    refused:   { value: (row) => whole(isRunningAndRefused(row)), by: updated, alike: 'key' },
    over:      { value: (row) => whole(!isLiveTransfer(row)), by: updated, alike: 'key' },
  },
  agreement: {
    usable:    { value: (row) => (row.finalizedAt === null || row.endedAt !== null ? null : joined([row.counterparty, row.role, row.datasetId])), by: ({ agreedAt }) => agreedAt, alike: 'made' },
    over:      { value: ({ endedAt }) => whole(endedAt !== null), by: ({ endedAt }) => endedAt ?? 0, alike: 'key' },
  },
  inbox: {
    process:   { value: ({ pid }) => pid, alike: 'made' },
    accepted:  { value: ({ pid, sender, accepted }) => (accepted ? joined([pid, sender]) : null), by: ({ at }) => at, alike: 'made' },
  },
  outbox:      { due: { value: () => ALL, by: ({ dueAt }) => dueAt, alike: 'key' } },
  dataset:     { secrets: { value: (row) => whole(hasSecrets(row)), alike: 'key' } },
  peer:        {},
  counter:     {},
  accessToken: {},
  delivery:    { made: { value: () => ALL, alike: 'made' }, open: { value: ({ outcome }) => whole(outcome === 'open'), alike: 'made' } },
  usage:       {},
  push:        { due: { value: ({ doneAt }) => whole(doneAt === null), by: ({ dueAt }) => dueAt, alike: 'key' } },
  reception:   {},
  replay:      { expiry: { value: () => ALL, by: ({ expiresAt }) => expiresAt, alike: 'key' } },
  managementToken: {},
  offer:       { process: { value: ({ pid }) => pid, alike: 'key' } },
  idempotency: { age: { value: () => ALL, by: ({ at }) => at, alike: 'key' } },
  policyContent: {},
  agreementRecord: {},
  obligation:  { due: { value: ({ state, dueAt }) => whole(state === 'active' && dueAt !== null), by: ({ dueAt }) => dueAt ?? 0, alike: 'key' } },
  policyGeneration: { active: { value: ({ state }) => (state === 'active' ? state : null), alike: 'key', isUnique: true } },
}

export function createReader(tables: MemoryTables, { entries, entriesOf }: MemoryLog): Reader {
  const all = <T extends Table>(name: T, index: string): readonly Entry<Tables[T]>[] => tables[name].found(index, ALL)
  const agreements = tables.agreement

  return {
    get: <T extends Table>(name: T, ...key: readonly string[]) => tables[name].get(joined(key)),
    list: <T extends Table>(name: T, { after, limit }: { after: string | null; limit: number }) =>
      tables[name].list(after ?? '', limit),
    datasetsOf: (ids) => [...new Set(ids)].flatMap((id) => tables.dataset.get(id) ?? []),
    datasetCount: () => tables.dataset.size(),
    negotiationOf: (...peer) => tables.negotiation.rows('peer', joined(peer))[0] ?? null,
    transferOf: (...peer) => tables.transfer.rows('peer', joined(peer))[0] ?? null,
    transfersOf: (agreementId) => tables.transfer.rows('agreement', agreementId),
    accessTokensOf: (transferPid) => tables.accessToken.rows('transferPid', transferPid),
    agreementsOn: (...on) => agreements.rows('usable', joined(on)).slice(-AGREEMENTS_MAX).toReversed(),
    agreementsMade: (counterparty, role, datasetId, limit) => {
      const ids = new Set(tables.negotiation.rows('agreed', joined([counterparty, role])).map((row) => row.agreementId))
      return [...ids]
        .flatMap((id) => (id === null ? [] : (agreements.get(id) ?? [])))
        .filter((row) => row.datasetId === datasetId)
        .sort((a, b) => b.agreedAt - a.agreedAt || compare(a.id, b.id))
        .slice(0, limit)
    },
    negotiationsAbout: (counterparty, role, datasetId) =>
      tables.negotiation
        .rows('live', counterparty)
        .filter((row) => row.role === role && row.offer.target === datasetId)
        .slice(0, RECENT_MAX),
    lastAccepted: (pid, sender) => tables.inbox.found('accepted', joined([pid, sender])).at(-1)?.row ?? null,
    outboxDue: (now, limit, without) => {
      const left = new Set(without)
      return taken(
        all('outbox', 'due'),
        0,
        limit,
        (row) => !left.has(row.counterparty),
        (row) => row.dueAt > now,
      )
    },
    outboxNextDueAt: (now) => {
      const due = all('outbox', 'due')
      return due[firstWhere(due, ({ row }) => row.dueAt > now)]?.row.dueAt ?? null
    },
    offersOf: (pid) => tables.offer.rows('process', pid),
    idleSince: (before, limit) => {
      const isLater = (row: Waiting): boolean => row.updatedAt > before
      return merged(limit, [
        taken(all('negotiation', 'idle'), 0, limit, isAny, isLater),
        taken(all('transfer', 'idle'), 0, limit, isAny, isLater),
      ])
    },
    waiting: (after, limit) =>
      merged(limit, [
        taken(all('negotiation', 'idle'), beyond(all('negotiation', 'idle'), after), limit, isOurs(NEGOTIATION)),
        taken(all('transfer', 'idle'), beyond(all('transfer', 'idle'), after), limit, isOurs(TRANSFER)),
        taken(all('transfer', 'refused'), beyond(all('transfer', 'refused'), after), limit),
      ]),
    negotiationsOver: (before, after, limit) =>
      taken(
        all('negotiation', 'over'),
        beyond(all('negotiation', 'over'), after),
        limit,
        isAny,
        (row) => row.updatedAt >= before,
      ),
    transfersOver: (before, after, limit) =>
      taken(
        all('transfer', 'over'),
        beyond(all('transfer', 'over'), after),
        limit,
        isAny,
        (row) => row.updatedAt >= before,
      ),
    agreementsOver: (before, after, limit) => {
      const over = all('agreement', 'over')
      const from = after === null ? 0 : firstWhere(over, ({ row }) => isBeyond(row, after))
      return taken(over, from, limit, isAny, ({ endedAt }) => endedAt === null || endedAt >= before)
    },
    inboxOf: (pid, limit) => tables.inbox.rows('process', pid).slice(0, limit),
    deliveriesOf: (transferPid, limit) => tables.delivery.rows('transferPid', transferPid).slice(0, limit),
    oldDeliveries: (before, limit) =>
      all('delivery', 'made')
        .slice(0, limit)
        .flatMap(({ row }) => (row.endedAt !== null && row.endedAt < before ? row : [])),
    pushesDue: (now, limit, without) =>
      taken(
        all('push', 'due'),
        0,
        limit,
        ({ pid, counterparty }) => {
          const transfer = tables.transfer.get(pid)
          const isOpen = transfer?.state === 'STARTED' && transfer.unacknowledged === null && !transfer.ending
          return isOpen && !without.includes(counterparty)
        },
        (row) => row.dueAt > now,
      ),
    pushNextDueAt: (now) => {
      const due = all('push', 'due')
      return due[firstWhere(due, ({ row }) => row.dueAt > now)]?.row.dueAt ?? null
    },
    openDeliveries: () => tables.delivery.rows('open', ALL),
    recordsOf: (agreementId) =>
      tables.agreementRecord.rows('agreementId', agreementId).toSorted((a, b) => compare(a.name, b.name)),
    obligationsOf: (agreementId) =>
      tables.obligation.rows('agreementId', agreementId).toSorted((a, b) => compare(a.path, b.path)),
    obligationsDue: (now, limit) => taken(all('obligation', 'due'), 0, limit, isAny, (row) => (row.dueAt ?? 0) >= now),
    obligationNextDueAt: (now) => {
      const due = all('obligation', 'due')
      return due[firstWhere(due, ({ row }) => (row.dueAt ?? 0) >= now)]?.row.dueAt ?? null
    },
    underWay: (agreementId) => {
      const open = tables.delivery.rows('agreementId', agreementId).filter(({ outcome }) => outcome === 'open')
      const bytes = open.reduce((sum, row) => sum + Math.max(row.spent, row.bytes), 0)
      return { deliveries: open.length, bytes }
    },
    usesSince: (agreementId, after) =>
      tables.delivery
        .rows('agreementId', agreementId)
        .filter(({ counted, startedAt }) => counted && startedAt > after)
        .map(({ startedAt }) => startedAt)
        .sort((a, b) => a - b)
        .slice(0, 100_000),
    deliveriesSince: (transferPid, path, since) =>
      tables.delivery
        .found('transferPid', transferPid)
        .filter(({ row }) => row.path === path && row.startedAt > since && row.counted && row.etag !== null)
        .sort((a, b) => b.row.startedAt - a.row.startedAt || b.made - a.made)
        .slice(0, RECENT_MAX)
        .map(({ row }) => row),
    datasetsWithSecrets: (after, limit) => {
      const secret = all('dataset', 'secrets')
      return taken(secret, after === null ? 0 : firstWhere(secret, ({ row }) => compare(row.id, after) > 0), limit)
    },
    openProcesses: (counterparty) =>
      tables.negotiation.found('live', counterparty).length + tables.transfer.found('live', counterparty).length,
    evidence: (afterSeq, limit) => entries.slice(afterSeq, afterSeq + limit),
    evidenceOf: (pid, limit, afterSeq = 0) => {
      const ofProcess = entriesOf.get(pid) ?? []
      const from = firstWhere(ofProcess, ({ seq }) => seq > afterSeq)
      return ofProcess.slice(from, from + limit)
    },
    evidenceHead: () => {
      const last = entries.at(-1)
      return last === undefined ? EMPTY_LOG : { seq: last.seq, hash: last.hash }
    },
    answersKept: (tokenName, since) =>
      all('idempotency', 'age').filter(({ row }) => row.at > since && row.key.startsWith(`${tokenName} `)).length,
  }
}

const isAny = (): boolean => true
const isNever = (): boolean => false

/** The first rows that fit, from a place on, until the one that is too far. */
function taken<Row>(
  from: readonly Entry<Row>[],
  start: number,
  limit: number,
  fits: (row: Row) => boolean = isAny,
  isTooFar: (row: Row) => boolean = isNever,
): readonly Row[] {
  const found: Row[] = []
  for (let at = start; at < from.length && found.length < limit; at++) {
    const entry = from[at]
    if (entry === undefined || isTooFar(entry.row)) break
    if (fits(entry.row)) found.push(entry.row)
  }
  return found
}

/** Where those begin that wait less long than that one. */
function beyond(list: readonly Entry<Waiting>[], after: Waiting | null): number {
  return after === null ? 0 : firstWhere(list, ({ row }) => byAge(row, after) > 0)
}

function isBeyond(row: AgreementRow, after: Pick<AgreementRow, 'endedAt' | 'id'>): boolean {
  return ((row.endedAt ?? 0) - (after.endedAt ?? 0) || compare(row.id, after.id)) > 0
}

function merged(
  limit: number,
  lists: readonly (readonly (Negotiation | Transfer)[])[],
): readonly (Negotiation | Transfer)[] {
  return lists.flat().sort(byAge).slice(0, limit)
}

function byAge(a: Waiting, b: Waiting): number {
  return a.updatedAt - b.updatedAt || compare(a.pid, b.pid)
}

/** Whether the next move of a process is ours, by the arrows of its machine. */
function isOurs<State extends string, Move extends string>(
  machine: Machine<State, Move>,
): (process: { readonly role: Role; readonly state: State }) => boolean {
  const states = {
    CONSUMER: new Set(statesOfTurn(machine, 'CONSUMER')),
    PROVIDER: new Set(statesOfTurn(machine, 'PROVIDER')),
  }
  return ({ role, state }) => states[role].has(state)
}

function peerOf({ counterparty, role, peerPid }: Negotiation | Transfer): string | null {
  return peerPid === null ? null : joined([counterparty, role, peerPid])
}

/** Nothing is on its way, and it has not ended; of transfers those that run wait for nobody. */
function isIdle(process: Negotiation | Transfer): boolean {
  if (process.unacknowledged !== null) return false
  return 'offeredBy' in process
    ? isLiveNegotiation(process)
    : process.state === 'INITIAL' || process.state === 'REQUESTED'
}

function isRunningAndRefused({ state, unacknowledged, problem }: Transfer): boolean {
  const isRunning = (state === 'STARTED' || state === 'SUSPENDED') && unacknowledged === null
  return isRunning && (problem?.code === 'peer.refused' || problem?.code === 'push.stopped')
}

function hasSecrets({ source }: DatasetRow): boolean {
  return source !== null && ('headers' in source || 'secretAccessKey' in source)
}
