// An upgrade of a database that holds rows: a copy from before stays beside it, and every row comes through.

import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { verifyEvidence } from '../../../src/cli/evidence-verify.ts'
import { EMPTY_LOG, headAfter, seal } from '../../../src/domain/evidence/entry.ts'
import { copyAside } from '../../../src/store/copy.ts'
import { migrate, readMigrations } from '../../../src/store/migrate.ts'
import { openDatabase } from '../../../src/store/open.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { AGREEMENT_ID, CONSUMER, DATASET_ID, NOW, OWN_PID, PROVIDER } from '../../fixtures/builders.ts'

const FIRST_THREE = readMigrations().filter(({ number }) => number <= 3)
const FIRST_NEW = readMigrations().find(({ number }) => number > 3)
const ENTRIES = 5

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'lingqu-upgrade-'))
  file = join(folder, 'connector.db')
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

/** What the first three migrations could hold: one row in each table that others lead to, and a log. */
function saveAtThree(): void {
  const db = new Database(file)
  db.pragma('journal_mode = WAL')
  db.pragma('foreign_keys = ON')
  migrate(db, FIRST_THREE, NOW)
  const run = (sql: string, ...values: readonly unknown[]): void => {
    db.prepare(sql).run(...values)
  }
  run(
    `INSERT INTO negotiation VALUES (?, 'PROVIDER', 'urn:p', ?, 'https://p.example', 'FINALIZED', NULL, 0, '{}', 'CONSUMER', ?, '{}', NULL, NULL, 1, 1, 1)`,
    ...[OWN_PID, CONSUMER, AGREEMENT_ID],
  )
  run(
    `INSERT INTO agreement VALUES (?, 'PROVIDER', ?, ?, ?, '{}', 'sha-256:0', 1, 1, NULL, NULL)`,
    ...[AGREEMENT_ID, OWN_PID, CONSUMER, DATASET_ID],
  )
  run(
    `INSERT INTO transfer (pid, role, counterparty, peer_address, state, ending, agreement_id, dataset_id, format, automation,
       created_at, updated_at, peer_moved_at) VALUES ('urn:t', 'PROVIDER', ?, 'https://p.example', 'STARTED', 0, ?, ?, 'HttpData-PULL', '{}', 1, 1, 1)`,
    ...[CONSUMER, AGREEMENT_ID, DATASET_ID],
  )
  run(`INSERT INTO offer VALUES (?, 1, 'CONSUMER', '{}', 1)`, OWN_PID)
  run(
    `INSERT INTO outbox VALUES (?, 'negotiation', ?, 'https://p.example/x', 'ContractAgreementMessage', 'urn:m', '{}', 2, 1, 9, NULL, 503)`,
    ...[OWN_PID, CONSUMER],
  )
  run(`INSERT INTO counter VALUES (?, 'use', 7)`, AGREEMENT_ID)
  run(`INSERT INTO replay VALUES (?, 'urn:jti', 99)`, CONSUMER)
  run(
    `INSERT INTO dataset VALUES (?, '{"title":"t"}', '["HttpData-PULL"]', '{"type":"file","path":"/d"}', 1)`,
    DATASET_ID,
  )
  run(`INSERT INTO peer VALUES (?, 'Peer', '{}', NULL, 1)`, CONSUMER)
  run(`INSERT INTO delivery VALUES ('urn:d', 'urn:t', ?, 1, 5, 100, NULL, 'complete')`, AGREEMENT_ID)
  let head = EMPTY_LOG
  for (let count = 0; count < ENTRIES; count += 1) {
    const draft = { type: 'connector.started', at: NOW, actor: PROVIDER, ext: { count } } as const
    const entry = seal(draft, { origin: PROVIDER, n: 'a'.repeat(32), head, agreementHead: null })
    db.prepare('INSERT INTO evidence VALUES (@seq, @at, @type, @pid, @agreement, @aseq, @envelope, @hash)').run(entry)
    head = headAfter(entry)
  }
  db.close()
}

function countsIn(path: string): Readonly<Record<string, number>> {
  const db = new Database(path, { readonly: true })
  const tables = [
    'negotiation',
    'agreement',
    'transfer',
    'offer',
    'outbox',
    'counter',
    'replay',
    'dataset',
    'peer',
    'delivery',
    'evidence',
  ]
  const counts = tables.map((table) => [table, db.prepare(`SELECT count(*) FROM ${table}`).pluck().get()] as const)
  db.close()
  return Object.fromEntries(counts) as Record<string, number>
}

function migrationsIn(path: string): readonly unknown[] {
  const db = new Database(path, { readonly: true })
  const numbers = db.prepare('SELECT number FROM migration ORDER BY number').pluck().all()
  db.close()
  return numbers
}

const asides = (): readonly string[] => readdirSync(folder).filter((name) => /\.before-/.test(name))

test('every row of a database saved at 0003 comes through, its references and its evidence hold', () => {
  saveAtThree()
  const before = countsIn(file)

  const store = openStore({ file, now: NOW, origin: PROVIDER, nonce: () => 'b'.repeat(32) })

  expect(store.reader.get('counter', AGREEMENT_ID, 'use')?.used).toBe(7)
  expect(store.reader.get('outbox', OWN_PID)).toMatchObject({ attempts: 2, lastStatus: 503 })
  expect(store.reader.get('replay', CONSUMER, 'urn:jti')).toMatchObject({ expiresAt: 99 })
  expect(store.reader.get('dataset', DATASET_ID)?.source).toEqual({ type: 'file', path: '/d' })
  store.close()
  expect(countsIn(file)).toEqual(before)
  const db = new Database(file)
  expect(db.pragma('foreign_key_check')).toEqual([])
  db.close()
  expect(verifyEvidence(file)).toMatchObject({ verified: true, entries: ENTRIES })
})

test('the database as it was stays beside it: private, whole, named for the first migration that it lacks', () => {
  saveAtThree()
  const before = countsIn(file)

  openDatabase({ file, now: NOW }).close()

  expect(asides()).toEqual([`connector.db.before-${String(FIRST_NEW?.number).padStart(4, '0')}`])
  const aside = join(folder, asides()[0] ?? '')
  expect(statSync(aside).mode & 0o777).toBe(0o600)
  expect(migrationsIn(aside)).toEqual([1, 2, 3])
  expect(countsIn(aside)).toEqual(before)
  expect(verifyEvidence(aside).verified).toBe(true)
})

test('the copy can be put back, and upgraded again', () => {
  saveAtThree()
  openDatabase({ file, now: NOW }).close()
  const aside = join(folder, asides()[0] ?? '')

  openDatabase({ file: aside, now: NOW }).close()

  expect(migrationsIn(aside)).toEqual(migrationsIn(file))
})

test('a migration that fails leaves the database as it was, and the copy there', () => {
  saveAtThree()
  const db = new Database(file)
  const broken = { number: 4, name: '0004-broken.sql', sql: 'CREATE TABLE peer (x TEXT) STRICT', digest: 'x' }
  expect(() => {
    migrate(db, [...FIRST_THREE, broken], NOW, ({ number }) => {
      copyAside(db, file, number)
    })
  }).toThrow('already exists')
  db.close()
  expect(migrationsIn(file)).toEqual([1, 2, 3])
  expect(asides()).toEqual(['connector.db.before-0004'])
})

test('a new database, and one that lacks nothing, is not copied', () => {
  openDatabase({ file, now: NOW }).close()
  openDatabase({ file, now: NOW }).close()
  expect(asides()).toEqual([])
})

test('of many upgrades the newest three copies stay, and what else lies there is left alone', () => {
  saveAtThree()
  const db = new Database(file)
  writeFileSync(`${file}.before-mine`, 'kept by a person')
  for (const number of [4, 5, 6, 7]) copyAside(db, file, number)
  db.close()
  expect(asides().toSorted()).toEqual(
    ['5', '6', '7'].map((n) => `connector.db.before-000${n}`).concat('connector.db.before-mine'),
  )
  expect(existsSync(`${file}.before-0007.new`)).toBe(false)
})

test('opened as it is, a database that waits for a migration is refused and not touched', () => {
  saveAtThree()
  expect(() => openDatabase({ file, now: NOW, asItIs: true })).toThrow(/start the connector with this build once/)
  expect(migrationsIn(file)).toEqual([1, 2, 3])
  expect(() => openDatabase({ file: join(folder, 'none.db'), now: NOW, asItIs: true })).toThrow(/never started here/)
  expect(existsSync(join(folder, 'none.db'))).toBe(false)
})
