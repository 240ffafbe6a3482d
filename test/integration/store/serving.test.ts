// What the migration for serving makes of older rows, and what its indexes are for.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, onTestFinished, test } from 'vitest'
import { openStore } from '../../../src/store/sqlite.ts'
import { migrate, readMigrations } from '../../../src/store/migrate.ts'
import { createReader } from '../../../src/store/reader.ts'
import { createStatements } from '../../../src/store/statements.ts'
import { later } from '../../../src/kernel/time.ts'
import {
  AGREEMENT_ID,
  agreementAs,
  dataset,
  deliveryRow,
  negotiationAs,
  NOW,
  OWN_PID,
  PROVIDER,
  transferAs,
} from '../../fixtures/builders.ts'

const OLD = readMigrations().filter(({ number }) => number < 4)

function databaseFile(): string {
  const directory = mkdtempSync(join(tmpdir(), 'lingqu-serving-'))
  onTestFinished(() => {
    rmSync(directory, { recursive: true, force: true })
  })
  return join(directory, 'connector.db')
}

test('deliveries of before count into what was used, and cannot be continued', () => {
  const db = new Database(databaseFile())
  onTestFinished(() => {
    db.close()
  })
  migrate(db, OLD, NOW)
  db.pragma('foreign_keys = OFF')
  const insert = db.prepare(
    'INSERT INTO delivery (id, transfer_pid, agreement_id, started_at, ended_at, bytes, outcome) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  insert.run('a', OWN_PID, AGREEMENT_ID, NOW, NOW + 40, 1_000, 'complete')
  insert.run('b', OWN_PID, AGREEMENT_ID, NOW, NOW + 2, 500, 'cut')
  insert.run('c', OWN_PID, AGREEMENT_ID, NOW, NOW + 90_000, 7, 'interrupted')
  insert.run('d', OWN_PID, AGREEMENT_ID, NOW, NOW + 1, 0, 'source-failed')
  insert.run('e', OWN_PID, AGREEMENT_ID, NOW, null, 0, 'open')

  migrate(db, readMigrations(), NOW)

  const reader = createReader(db, createStatements(db))
  expect(reader.get('usage', AGREEMENT_ID)).toEqual({
    ...{ agreementId: AGREEMENT_ID, deliveries: 3, bytes: 1_507, milliseconds: 42, records: null, firstAt: NOW },
  })
  expect(reader.get('delivery', 'a')).toMatchObject({ path: null, etag: null, size: null, counted: true, spent: 0 })
  expect(reader.deliveriesSince(OWN_PID, '', later(NOW, -1))).toEqual([])
})

test('deliveries that may be continued are those of the path that were counted since then, newest first', async () => {
  let n = 0
  const store = openStore({
    file: ':memory:',
    now: NOW,
    origin: PROVIDER,
    nonce: () => (n++).toString(16).padStart(32, '0'),
  })
  onTestFinished(() => {
    store.close()
  })
  const rows = [
    deliveryRow({ id: 'first', startedAt: later(NOW, 1) }),
    deliveryRow({ id: 'second', startedAt: later(NOW, 2) }),
    deliveryRow({ id: 'too-early' }),
    deliveryRow({ id: 'other-path', startedAt: later(NOW, 1), path: 'b.csv' }),
    deliveryRow({ id: 'not-counted', startedAt: later(NOW, 1), counted: false }),
    deliveryRow({ id: 'no-etag', startedAt: later(NOW, 1), etag: null }),
  ]
  await store.transact(
    () => null,
    () => ({
      write: [
        { put: 'negotiation', row: negotiationAs('PROVIDER') },
        { put: 'agreement', row: agreementAs('PROVIDER') },
        { put: 'transfer', row: transferAs('PROVIDER') },
        ...rows.map((row) => ({ put: 'delivery', row }) as const),
      ],
      result: null,
    }),
  )

  expect(store.reader.deliveriesSince(OWN_PID, '', NOW).map(({ id }) => id)).toEqual(['second', 'first'])
})

test('datasets with secrets are found page by page, whatever else is published', async () => {
  let n = 0
  const store = openStore({
    file: ':memory:',
    now: NOW,
    origin: PROVIDER,
    nonce: () => (n++).toString(16).padStart(32, '0'),
  })
  onTestFinished(() => {
    store.close()
  })
  const sealed = { sealed: 'v1.x.y' }
  const s3 = {
    type: 's3',
    endpoint: 'https://s3.example',
    region: 'r',
    bucket: 'bbb',
    key: 'k',
    pathStyle: true,
  } as const
  const sources = {
    a: { type: 'file', path: '/srv/a' },
    b: { type: 'http', url: 'https://b.example', headers: { k: sealed } },
    c: { type: 'http', url: 'https://c.example' },
    d: { ...s3, accessKeyId: 'A', secretAccessKey: sealed },
    e: null,
  } as const
  await store.transact(
    () => null,
    () => ({
      write: Object.entries(sources).map(
        ([id, source]) => ({ put: 'dataset', row: dataset({ id: id as never, source }) }) as const,
      ),
      result: null,
    }),
  )

  expect(store.reader.datasetsWithSecrets(null, 1).map(({ id }) => id)).toEqual(['b'])
  expect(store.reader.datasetsWithSecrets('b', 10).map(({ id }) => id)).toEqual(['d'])
})

test('both are found by their indexes, in a store of any size', () => {
  const db = new Database(':memory:')
  onTestFinished(() => {
    db.close()
  })
  migrate(db, readMigrations(), NOW)
  const asked: string[] = []
  const statements = createStatements(db)
  const reader = createReader(db, {
    ...statements,
    all: (table, rest, ...values) => {
      asked.push(`SELECT * FROM ${table} ${rest}`)
      return statements.all(table, rest, ...values)
    },
  })
  reader.deliveriesSince(OWN_PID, '', NOW)
  reader.datasetsWithSecrets(null, 1)

  const plans = asked.map((sql) =>
    JSON.stringify(db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...Array<number>(sql.split('?').length - 1).fill(1))),
  )
  expect(plans[0]).toContain('USING INDEX delivery_resumable')
  expect(plans[1]).toContain('USING INDEX dataset_with_secrets')
  expect(plans.join()).not.toContain('TEMP B-TREE')
})
