// How the fields of a row stand in the columns of its table: one line a field, in the order of the SQL file.

import type { Table, Tables } from '../domain/ledger.ts'

/** `text` and `int` stand as they are; `bool` as 0 or 1; `json` as text. */
type ColumnKind = 'text' | 'int' | 'bool' | 'json'

// prettier-ignore
const COLUMNS: { readonly [T in Table]: { readonly [F in keyof Tables[T]]: ColumnKind } } = {
  negotiation: {
    pid: 'text', role: 'text', peerPid: 'text', counterparty: 'text', peerAddress: 'text', state: 'text',
    unacknowledged: 'text', ending: 'bool', offer: 'json', offeredBy: 'text', agreementId: 'text', automation: 'json',
    problem: 'json', openingDigest: 'text', createdAt: 'int', updatedAt: 'int', peerMovedAt: 'int',
  },
  transfer: {
    pid: 'text', role: 'text', peerPid: 'text', counterparty: 'text', peerAddress: 'text', state: 'text',
    unacknowledged: 'text', ending: 'bool', agreementId: 'text', datasetId: 'text', format: 'text', dataAddress: 'json',
    automation: 'json', problem: 'json', openingDigest: 'text', createdAt: 'int', updatedAt: 'int', peerMovedAt: 'int',
    resumed: 'bool', overtaken: 'json', addressAt: 'int',
  },
  agreement: {
    id: 'text', role: 'text', negotiationPid: 'text', counterparty: 'text', datasetId: 'text', agreement: 'json',
    policyDigest: 'text', agreedAt: 'int', finalizedAt: 'int', endedAt: 'int', endReason: 'text',
    terms: 'json',
  },
  inbox: {
    pid: 'text', sender: 'text', messageId: 'text', bodyDigest: 'text', accepted: 'bool', stateAfter: 'text',
    problem: 'json', at: 'int',
  },
  outbox: {
    pid: 'text', kind: 'text', counterparty: 'text', url: 'text', move: 'text', messageId: 'text', body: 'text',
    attempts: 'int', dueAt: 'int', deadlineAt: 'int', lastError: 'text', lastStatus: 'int',
  },
  dataset:         { id: 'text', properties: 'json', formats: 'json', source: 'json', createdAt: 'int' },
  peer:            { did: 'text', name: 'text', claims: 'json', address: 'text', addedAt: 'int' },
  counter:         { agreementId: 'text', action: 'text', used: 'int' },
  accessToken: {
    hash: 'text', transferPid: 'text', messageId: 'text', expiresAt: 'int', usedAt: 'int', refreshHash: 'text',
    startedAt: 'int',
  },
  delivery: {
    id: 'text', transferPid: 'text', agreementId: 'text', startedAt: 'int', endedAt: 'int', bytes: 'int',
    digest: 'text', outcome: 'text', path: 'text', etag: 'text', size: 'int', part: 'json', continues: 'text',
    counted: 'bool', spent: 'int', notedAt: 'int', records: 'int',
  },
  usage:           { agreementId: 'text', deliveries: 'int', bytes: 'int', milliseconds: 'int', records: 'int', firstAt: 'int' },
  push: {
    pid: 'text', counterparty: 'text', attempts: 'int', dueAt: 'int', deadlineAt: 'int', deliveryId: 'text',
    lastDeliveryId: 'text', lastError: 'text', lastStatus: 'int', doneAt: 'int',
  },
  reception:       { pid: 'text', tokenHash: 'text', sink: 'json', bytes: 'int', digest: 'text', doneAt: 'int' },
  replay:          { iss: 'text', jti: 'text', expiresAt: 'int' },
  offer:           { pid: 'text', number: 'int', offeredBy: 'text', offer: 'json', at: 'int' },
  idempotency:     { key: 'text', requestDigest: 'text', status: 'int', body: 'text', at: 'int' },
  managementToken: { hash: 'text', name: 'text', scope: 'text', createdAt: 'int', revokedAt: 'int' },
  policyContent:   { digest: 'text', packed: 'text' },
  policyGeneration: {
    number: 'int', digest: 'text', folderDigest: 'text', state: 'text', backTo: 'int', at: 'int', by: 'text', files: 'int',
    bytes: 'int', mistakes: 'int', findings: 'json',
  },
  agreementRecord: {
    agreementId: 'text', name: 'text', value: 'json', validUntil: 'int', reference: 'text', by: 'text', at: 'int',
  },
  obligation: {
    agreementId: 'text', path: 'text', uid: 'text', action: 'text', state: 'text', dueAt: 'int', at: 'int', proof: 'json',
  },
}

export type SqlValue = string | number | null
export type SqlRow = Readonly<Record<string, SqlValue>>

/** `peerPid` → `peer_pid`: SQL has the same names in snake case. */
export function snake(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

/** The fields of a row as named SQL parameters. */
export function toSql<T extends Table>(table: T, row: Tables[T]): SqlRow {
  const values: Record<string, SqlValue> = {}
  for (const { name, kind } of FIELDS[table]) {
    const value = row[name as keyof Tables[T]]
    values[name] = value === null ? null : encode(kind, value)
  }
  return values
}

/** A row as it was put; the store trusts what it wrote. */
export function fromSql<T extends Table>(table: T, sql: SqlRow): Tables[T] {
  const row: Record<string, unknown> = {}
  for (const { name, column, kind } of FIELDS[table]) {
    const value = sql[column]
    row[name] = value === null || value === undefined ? null : decode(kind, value)
  }
  return row as unknown as Tables[T]
}

interface Field {
  readonly name: string
  readonly column: string
  readonly kind: ColumnKind
}

// Made once: every row that is read or written goes through them.
const FIELDS = Object.fromEntries(
  Object.entries(COLUMNS).map(([table, kinds]) => [
    table,
    Object.entries(kinds).map(([name, kind]) => ({ name, column: snake(name), kind })),
  ]),
) as unknown as Readonly<Record<Table, readonly Field[]>>

export function fieldsOf(table: Table): readonly Field[] {
  return FIELDS[table]
}

function encode(kind: ColumnKind, value: unknown): SqlValue {
  if (kind === 'json') return JSON.stringify(value)
  if (kind === 'bool') return value === true ? 1 : 0
  return value as string | number
}

function decode(kind: ColumnKind, value: string | number): unknown {
  if (kind === 'json') return JSON.parse(String(value))
  if (kind === 'bool') return value === 1
  return value
}
