// The schema and its migrations: what they add up to, and which databases are refused.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { ProblemError } from '../../../src/kernel/problem.ts'
import { migrate, readMigrations, type Migration } from '../../../src/store/migrate.ts'
import { openDatabase } from '../../../src/store/open.ts'
import { NOW } from '../../fixtures/builders.ts'

const folder = mkdtempSync(join(tmpdir(), 'lingqu-migrate-'))
let file = ''
let files = 0
beforeEach(() => {
  file = join(folder, `${String(++files)}.db`)
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function schemaOf(db: Database.Database): string {
  const parts = db
    .prepare<[], { sql: string }>(
      'SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY tbl_name, type DESC, name',
    )
    .all()
  return `${parts.map(({ sql }) => `${sql};`).join('\n\n')}\n`
}

function problemOf(act: () => unknown): unknown {
  try {
    act()
  } catch (error) {
    return error instanceof ProblemError ? error.problem : error
  }
  return null
}

function withMigrations(use: (db: Database.Database) => void): void {
  const db = new Database(file)
  try {
    use(db)
  } finally {
    db.close()
  }
}

const EXTRA: Migration = {
  number: 9_999,
  name: '9999-extra.sql',
  sql: 'CREATE TABLE extra (x TEXT) STRICT',
  digest: 'x',
}

test('the migrations add up to the schema in test/fixtures/schema.sql (after a change: vitest -u, and read the diff)', async () => {
  const db = openDatabase({ file, now: NOW })
  const schema = schemaOf(db)
  db.close()
  await expect(schema).toMatchFileSnapshot('../../fixtures/schema.sql')
})

test('migrations are numbered from 1 without gaps, and every table is STRICT', () => {
  expect(readMigrations().map(({ number }) => number)).toEqual(readMigrations().map((_, at) => at + 1))
  const db = openDatabase({ file, now: NOW })
  const tables = db
    .prepare<[], { name: string; strict: number }>(
      "SELECT name, strict FROM pragma_table_list WHERE type = 'table' AND name NOT LIKE 'sqlite%'",
    )
    .all()
  db.close()
  expect(tables.filter(({ strict }) => strict === 0)).toEqual([])
  expect(tables.length).toBeGreaterThan(10)
})

test('a database of this build opens again and again', () => {
  openDatabase({ file, now: NOW }).close()
  openDatabase({ file, now: NOW }).close()
  withMigrations((db) => {
    expect(db.prepare('SELECT count(*) AS n FROM migration').get()).toEqual({ n: readMigrations().length })
  })
})

test('a migration is applied once, in its turn, to a database that lacks it', () => {
  withMigrations((db) => {
    const [first, ...rest] = readMigrations()
    if (first === undefined) throw new Error('there is a first migration')
    migrate(db, [first], NOW)
    migrate(db, [first, ...rest, EXTRA], NOW)
    migrate(db, [first, ...rest, EXTRA], NOW)
    expect(db.prepare('SELECT name FROM migration ORDER BY number').pluck().all().at(-1)).toBe(EXTRA.name)
  })
})

test('a migration that fails leaves nothing of itself', () => {
  withMigrations((db) => {
    const broken = { ...EXTRA, sql: 'CREATE TABLE half (x TEXT) STRICT; CREATE TABLE half (x TEXT) STRICT' }
    expect(
      problemOf(() => {
        migrate(db, [broken], NOW)
      }),
    ).not.toBeNull()
    expect(schemaOf(db)).not.toContain('half')
    expect(db.prepare('SELECT count(*) AS n FROM migration').get()).toEqual({ n: 0 })
  })
})

describe('is refused with store.newer', () => {
  test('a database that a newer build has written', () => {
    openDatabase({ file, now: NOW }).close()
    withMigrations((db) => {
      migrate(db, [...readMigrations(), EXTRA], NOW)
    })
    expect(problemOf(() => openDatabase({ file, now: NOW }))).toMatchObject({
      code: 'store.newer',
      message: expect.stringContaining(EXTRA.name) as string,
    })
  })

  test('a database whose migration had another text, and it is left as it is', () => {
    openDatabase({ file, now: NOW }).close()
    withMigrations((db) => {
      db.exec("UPDATE migration SET digest = 'another' WHERE number = 1")
    })
    expect(problemOf(() => openDatabase({ file, now: NOW }))).toMatchObject({ code: 'store.newer' })
    withMigrations((db) => {
      expect(db.prepare('SELECT digest FROM migration WHERE number = 1').pluck().get()).toBe('another')
    })
  })
})
