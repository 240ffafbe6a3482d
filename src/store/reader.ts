// The reads of the ledger on SQLite. Every query that a decision needs has a name, and an index under it.

import type { Database } from 'better-sqlite3'
import { TABLE_KEYS, type Reader } from '../domain/ledger.ts'
import { EMPTY_LOG, type SealedEntry } from '../domain/evidence/entry.ts'
import type { Machine } from '../domain/exchange/machine.ts'
import { NEGOTIATION } from '../domain/exchange/negotiation.ts'
import { TRANSFER } from '../domain/exchange/transfer.ts'
import { statesOfTurn } from '../domain/exchange/waiting.ts'
import type { Instant } from '../kernel/time.ts'
import type { Role } from '../protocol/ids.ts'
import { snake } from './columns.ts'
import type { Statements } from './statements.ts'

const IN_ORDER = '(updated_at, pid) > (?, ?) ORDER BY updated_at, pid LIMIT ?'

// Whose turn it is stands in the arrows of the machines; the rest of each condition is that of its index.
const OUR_TURN = {
  negotiation: `WHERE state NOT IN ('FINALIZED', 'TERMINATED') AND unacknowledged IS NULL
    AND (${turnsOf(NEGOTIATION)}) AND ${IN_ORDER}`,
  transfer: `WHERE state IN ('INITIAL', 'REQUESTED') AND unacknowledged IS NULL
    AND (${turnsOf(TRANSFER)}) AND ${IN_ORDER}`,
}
const RUNNING_AND_REFUSED = `WHERE state IN ('STARTED', 'SUSPENDED') AND unacknowledged IS NULL AND problem IS NOT NULL
    AND problem ->> 'code' = 'peer.refused' AND ${IN_ORDER}`

function turnsOf<State extends string, Move extends string>(machine: Machine<State, Move>): string {
  const of = (role: Role): string => {
    const states = statesOfTurn(machine, role).map((state) => `'${state}'`)
    return `role = '${role}' AND state IN (${states.join(', ')})`
  }
  return `${of('CONSUMER')} OR ${of('PROVIDER')}`
}

export function createReader(db: Database, { get, all }: Statements): Reader {
  const nextDue = db.prepare<[number], { due: number | null }>('SELECT min(due_at) AS due FROM outbox WHERE due_at > ?')
  const open = db.prepare<[string, string], { n: number }>(
    `SELECT (SELECT count(*) FROM negotiation WHERE counterparty = ? AND state NOT IN ('FINALIZED', 'TERMINATED'))
          + (SELECT count(*) FROM transfer WHERE counterparty = ? AND state NOT IN ('COMPLETED', 'TERMINATED')) AS n`,
  )
  const entriesAfter = db.prepare<[number, number], SealedEntry>(
    'SELECT * FROM evidence WHERE seq > ? ORDER BY seq LIMIT ?',
  )
  const entriesOf = db.prepare<[string, number, number], SealedEntry>(
    'SELECT * FROM evidence WHERE pid = ? AND seq > ? ORDER BY seq LIMIT ?',
  )
  const head = db.prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM evidence ORDER BY seq DESC LIMIT 1')
  // What follows the space in ASCII ends the range of the keys that begin with the name and a space.
  const answers = db.prepare<[string, string, number], { n: number }>(
    'SELECT count(*) AS n FROM idempotency WHERE key >= ? AND key < ? AND at > ?',
  )

  return {
    get: (table, ...key) => get(table, key),
    list: (table, { after, limit }) => {
      const key = snake(TABLE_KEYS[table][0])
      return all(table, `WHERE ${key} > ? ORDER BY ${key} LIMIT ?`, after ?? '', limit)
    },
    datasetsBefore: (id, limit) => all('dataset', 'WHERE id < ? ORDER BY id DESC LIMIT ?', id, limit),
    negotiationOf: (counterparty, role, peerPid) =>
      all('negotiation', 'WHERE counterparty = ? AND role = ? AND peer_pid = ?', counterparty, role, peerPid)[0] ??
      null,
    transferOf: (counterparty, role, peerPid) =>
      all('transfer', 'WHERE counterparty = ? AND role = ? AND peer_pid = ?', counterparty, role, peerPid)[0] ?? null,
    transfersOf: (agreementId) => all('transfer', 'WHERE agreement_id = ?', agreementId),
    accessTokensOf: (transferPid) => all('accessToken', 'WHERE transfer_pid = ? ORDER BY rowid', transferPid),
    agreementsOn: (counterparty, role, datasetId) =>
      all(
        'agreement',
        `WHERE counterparty = ? AND role = ? AND dataset_id = ? AND finalized_at IS NOT NULL AND ended_at IS NULL
         ORDER BY agreed_at DESC LIMIT 100`,
        counterparty,
        role,
        datasetId,
      ),
    lastAccepted: (pid, sender) =>
      all(
        'inbox',
        'WHERE pid = ? AND sender = ? AND accepted = 1 ORDER BY at DESC, rowid DESC LIMIT 1',
        pid,
        sender,
      )[0] ?? null,
    outboxDue: (now, limit, without) =>
      all(
        'outbox',
        'WHERE due_at <= ? AND counterparty NOT IN (SELECT value FROM json_each(?)) ORDER BY due_at LIMIT ?',
        now,
        JSON.stringify(without),
        limit,
      ),
    outboxNextDueAt: (now) => (nextDue.get(now)?.due ?? null) as Instant | null,
    offersOf: (pid) => all('offer', 'WHERE pid = ? ORDER BY number', pid),
    idleSince: (before, limit) =>
      [
        ...all(
          'negotiation',
          `WHERE state NOT IN ('FINALIZED', 'TERMINATED') AND unacknowledged IS NULL AND updated_at <= ?
           ORDER BY updated_at LIMIT ?`,
          before,
          limit,
        ),
        ...all(
          'transfer',
          `WHERE state IN ('INITIAL', 'REQUESTED') AND unacknowledged IS NULL AND updated_at <= ?
           ORDER BY updated_at LIMIT ?`,
          before,
          limit,
        ),
      ]
        .sort((a, b) => a.updatedAt - b.updatedAt)
        .slice(0, limit),
    waiting: (after, limit) => {
      const place = [after?.updatedAt ?? 0, after?.pid ?? '', limit]
      return [
        ...all('negotiation', OUR_TURN.negotiation, ...place),
        ...all('transfer', OUR_TURN.transfer, ...place),
        ...all('transfer', RUNNING_AND_REFUSED, ...place),
      ]
        .sort((a, b) => a.updatedAt - b.updatedAt || (a.pid < b.pid ? -1 : 1))
        .slice(0, limit)
    },
    openDeliveries: () => all('delivery', "WHERE outcome = 'open'"),
    openProcesses: (counterparty) => open.get(counterparty, counterparty)?.n ?? 0,
    evidence: (afterSeq, limit) => entriesAfter.all(afterSeq, limit),
    evidenceOf: (pid, limit, afterSeq = 0) => entriesOf.all(pid, afterSeq, limit),
    evidenceHead: () => head.get() ?? EMPTY_LOG,
    answersKept: (tokenName, since) => answers.get(`${tokenName} `, `${tokenName}!`, since)?.n ?? 0,
  }
}
