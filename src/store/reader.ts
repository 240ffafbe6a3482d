// The reads of the ledger on SQLite. Every query that a decision needs has a name, and an index under it.

import type { Database } from 'better-sqlite3'
import { TABLE_KEYS, type Reader, type UnderWay, type Waiting } from '../domain/ledger.ts'
import { EMPTY_LOG, type SealedEntry } from '../domain/evidence/entry.ts'
import type { Machine } from '../domain/exchange/machine.ts'
import { NEGOTIATION } from '../domain/exchange/negotiation.ts'
import { TRANSFER } from '../domain/exchange/transfer.ts'
import { statesOfTurn } from '../domain/exchange/waiting.ts'
import type { Instant } from '../kernel/time.ts'
import type { Role } from '../protocol/ids.ts'
import { snake } from './columns.ts'
import { steady, type Statements } from './statements.ts'

const IN_ORDER = '(updated_at, pid) > (?, ?) ORDER BY updated_at, pid LIMIT ?'

// Whose turn it is stands in the arrows of the machines; the rest of each condition is that of its index.
const OUR_TURN = {
  negotiation: `WHERE state NOT IN ('FINALIZED', 'TERMINATED') AND unacknowledged IS NULL
    AND (${turnsOf(NEGOTIATION)}) AND ${IN_ORDER}`,
  transfer: `WHERE state IN ('INITIAL', 'REQUESTED') AND unacknowledged IS NULL
    AND (${turnsOf(TRANSFER)}) AND ${IN_ORDER}`,
}
const RUNNING_AND_REFUSED = `WHERE state IN ('STARTED', 'SUSPENDED') AND unacknowledged IS NULL AND problem IS NOT NULL
    AND problem ->> 'code' IN ('peer.refused', 'push.stopped') AND ${IN_ORDER}`

/** Starts of uses that one question may be about. */
const USES_MAX = 100_000

// The condition is that of the index, to the letter.
const OWED = "state = 'active' AND due_at IS NOT NULL"

const OVER = `updated_at < ? AND ${IN_ORDER}`

function turnsOf<State extends string, Move extends string>(machine: Machine<State, Move>): string {
  const of = (role: Role): string => {
    const states = statesOfTurn(machine, role).map((state) => `'${state}'`)
    return `role = '${role}' AND state IN (${states.join(', ')})`
  }
  return `${of('CONSUMER')} OR ${of('PROVIDER')}`
}

function byAge(a: Waiting, b: Waiting): number {
  return a.updatedAt - b.updatedAt || (a.pid < b.pid ? -1 : 1)
}

export function createReader(db: Database, { get, all }: Statements): Reader {
  const nextDue = db.prepare<[number], { due: number | null }>(
    steady('SELECT min(due_at) AS due FROM outbox WHERE due_at > ?'),
  )
  const nextPush = db.prepare<[number], { due: number | null }>(
    steady('SELECT min(due_at) AS due FROM push WHERE done_at IS NULL AND due_at > ?'),
  )
  const nextObligation = db.prepare<[number], { due: number | null }>(
    steady(`SELECT min(due_at) AS due FROM obligation WHERE ${OWED} AND due_at >= ?`),
  )
  const open = db.prepare<[string, string], { n: number }>(
    `SELECT (SELECT count(*) FROM negotiation WHERE counterparty = ? AND state NOT IN ('FINALIZED', 'TERMINATED'))
          + (SELECT count(*) FROM transfer WHERE counterparty = ? AND state NOT IN ('COMPLETED', 'TERMINATED')) AS n`,
  )
  const entriesAfter = db.prepare<[number, number], SealedEntry>(
    steady('SELECT * FROM evidence WHERE seq > ? ORDER BY seq LIMIT ?'),
  )
  const entriesOf = db.prepare<[string, number, number], SealedEntry>(
    steady('SELECT * FROM evidence WHERE pid = ? AND seq > ? ORDER BY seq LIMIT ?'),
  )
  const head = db.prepare<[], { seq: number; hash: string }>('SELECT seq, hash FROM evidence ORDER BY seq DESC LIMIT 1')
  const datasets = db.prepare<[], { n: number }>('SELECT count(*) AS n FROM dataset')
  // The conditions are those of the indexes, to the letter.
  const underWay = db.prepare<[string], UnderWay>(
    "SELECT count(*) AS deliveries, total(max(spent, bytes)) AS bytes FROM delivery WHERE agreement_id = ? AND outcome = 'open'",
  )
  const uses = db.prepare<[string, number, number], { started_at: number }>(
    steady(
      'SELECT started_at FROM delivery WHERE agreement_id = ? AND counted = 1 AND started_at > ? ORDER BY started_at LIMIT ?',
    ),
  )
  // What follows the space in ASCII ends the range of the keys that begin with the name and a space.
  const answers = db.prepare<[string, string, number], { n: number }>(
    'SELECT count(*) AS n FROM idempotency WHERE key >= ? AND key < ? AND at > ?',
  )

  return {
    get: (table, ...key) => get(table, key),
    list: (table, { after, limit }) => {
      const [first, ...rest] = TABLE_KEYS[table].map(snake)
      const inOrder = `ORDER BY ${[first, ...rest].join(', ')} LIMIT ?`
      // A key that is a number is below every text, so that there is no text to begin behind.
      if (after === null) return all(table, inOrder, limit)
      return all(table, `WHERE ${first} > ? ${inOrder}`, after, limit)
    },
    datasetsOf: (ids) => all('dataset', 'WHERE id IN (SELECT value FROM json_each(?))', JSON.stringify(ids)),
    datasetCount: () => datasets.get()?.n ?? 0,
    negotiationOf: (counterparty, role, peerPid) =>
      all('negotiation', 'WHERE counterparty = ? AND role = ? AND peer_pid = ?', counterparty, role, peerPid)[0] ??
      null,
    transferOf: (counterparty, role, peerPid) =>
      all('transfer', 'WHERE counterparty = ? AND role = ? AND peer_pid = ?', counterparty, role, peerPid)[0] ?? null,
    transfersOf: (agreementId) => all('transfer', 'WHERE agreement_id = ? ORDER BY rowid', agreementId),
    accessTokensOf: (transferPid) => all('accessToken', 'WHERE transfer_pid = ? ORDER BY rowid', transferPid),
    agreementsOn: (counterparty, role, datasetId) =>
      all(
        'agreement',
        `WHERE counterparty = ? AND role = ? AND dataset_id = ? AND finalized_at IS NOT NULL AND ended_at IS NULL
         ORDER BY agreed_at DESC, rowid DESC LIMIT 100`,
        counterparty,
        role,
        datasetId,
      ),
    agreementsMade: (counterparty, role, datasetId, limit) =>
      all(
        'agreement',
        `WHERE dataset_id = ? AND id IN (SELECT agreement_id FROM negotiation
           WHERE counterparty = ? AND role = ? AND peer_pid IS NOT NULL AND agreement_id IS NOT NULL)
         ORDER BY agreed_at DESC, id LIMIT ?`,
        datasetId,
        counterparty,
        role,
        limit,
      ),
    negotiationsAbout: (counterparty, role, datasetId) =>
      all(
        'negotiation',
        `WHERE counterparty = ? AND state NOT IN ('FINALIZED', 'TERMINATED') AND role = ? AND offer ->> 'target' = ?
         ORDER BY created_at DESC, pid LIMIT 16`,
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
        'WHERE due_at <= ? AND counterparty NOT IN (SELECT value FROM json_each(?)) ORDER BY due_at, pid LIMIT ?',
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
           ORDER BY updated_at, pid LIMIT ?`,
          before,
          limit,
        ),
        ...all(
          'transfer',
          `WHERE state IN ('INITIAL', 'REQUESTED') AND unacknowledged IS NULL AND updated_at <= ?
           ORDER BY updated_at, pid LIMIT ?`,
          before,
          limit,
        ),
      ]
        .sort(byAge)
        .slice(0, limit),
    waiting: (after, limit) => {
      const place = [after?.updatedAt ?? 0, after?.pid ?? '', limit]
      return [
        ...all('negotiation', OUR_TURN.negotiation, ...place),
        ...all('transfer', OUR_TURN.transfer, ...place),
        ...all('transfer', RUNNING_AND_REFUSED, ...place),
      ]
        .sort(byAge)
        .slice(0, limit)
    },
    // The conditions are those of the indexes, to the letter.
    negotiationsOver: (before, after, limit) =>
      all(
        'negotiation',
        `WHERE state = 'TERMINATED' AND ${OVER}`,
        before,
        after?.updatedAt ?? 0,
        after?.pid ?? '',
        limit,
      ),
    transfersOver: (before, after, limit) =>
      all(
        'transfer',
        `WHERE state IN ('COMPLETED', 'TERMINATED') AND ${OVER}`,
        ...[before, after?.updatedAt ?? 0, after?.pid ?? '', limit],
      ),
    agreementsOver: (before, after, limit) =>
      all(
        'agreement',
        `WHERE ended_at IS NOT NULL AND ended_at < ? AND (ended_at, id) > (?, ?) ORDER BY ended_at, id LIMIT ?`,
        ...[before, after?.endedAt ?? 0, after?.id ?? '', limit],
      ),
    inboxOf: (pid, limit) => all('inbox', 'WHERE pid = ? LIMIT ?', pid, limit),
    deliveriesOf: (transferPid, limit) => all('delivery', 'WHERE transfer_pid = ? LIMIT ?', transferPid, limit),
    // Rows come in the order in which they are made, so that no index has to be kept for this.
    oldDeliveries: (before, limit) =>
      all(
        'delivery',
        'WHERE rowid IN (SELECT rowid FROM delivery ORDER BY rowid LIMIT ?) AND ended_at < ? ORDER BY rowid',
        ...[limit, before],
      ),
    // Whether a transfer is open is for the domain to say (isOpen of transfer.ts); a push waits for the ACK of its start.
    pushesDue: (now, limit, without) =>
      all(
        'push',
        `WHERE done_at IS NULL AND due_at <= ? AND EXISTS (SELECT 1 FROM transfer WHERE transfer.pid = push.pid
           AND state = 'STARTED' AND unacknowledged IS NULL AND ending = 0)
         AND counterparty NOT IN (SELECT value FROM json_each(?)) ORDER BY due_at, pid LIMIT ?`,
        now,
        JSON.stringify(without),
        limit,
      ),
    pushNextDueAt: (now) => (nextPush.get(now)?.due ?? null) as Instant | null,
    openDeliveries: () => all('delivery', "WHERE outcome = 'open'"),
    recordsOf: (agreementId) => all('agreementRecord', 'WHERE agreement_id = ? ORDER BY name', agreementId),
    obligationsOf: (agreementId) => all('obligation', 'WHERE agreement_id = ? ORDER BY path', agreementId),
    obligationsDue: (now, limit) =>
      all('obligation', `WHERE ${OWED} AND due_at < ? ORDER BY due_at, agreement_id, path LIMIT ?`, now, limit),
    obligationNextDueAt: (now) => (nextObligation.get(now)?.due ?? null) as Instant | null,
    underWay: (agreementId) => underWay.get(agreementId) ?? { deliveries: 0, bytes: 0 },
    usesSince: (agreementId, after) =>
      uses.all(agreementId, after, USES_MAX).map(({ started_at: at }) => at as Instant),
    deliveriesSince: (transferPid, path, since) =>
      all(
        'delivery',
        `WHERE transfer_pid = ? AND path = ? AND started_at > ? AND counted = 1 AND etag IS NOT NULL
         ORDER BY started_at DESC, rowid DESC LIMIT 16`,
        transferPid,
        path,
        since,
      ),
    // The condition is that of the index, to the letter.
    datasetsWithSecrets: (after, limit) =>
      all(
        'dataset',
        `WHERE (json_extract(source, '$.headers') IS NOT NULL OR json_extract(source, '$.secretAccessKey') IS NOT NULL)
         AND id > ? ORDER BY id LIMIT ?`,
        after ?? '',
        limit,
      ),
    openProcesses: (counterparty) => open.get(counterparty, counterparty)?.n ?? 0,
    evidence: (afterSeq, limit) => entriesAfter.all(afterSeq, limit),
    evidenceOf: (pid, limit, afterSeq = 0) => entriesOf.all(pid, afterSeq, limit),
    evidenceHead: () => head.get() ?? EMPTY_LOG,
    answersKept: (tokenName, since) => answers.get(`${tokenName} `, `${tokenName}!`, since)?.n ?? 0,
  }
}
