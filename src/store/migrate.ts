// Brings a database to the schema of this build: numbered SQL files, forward only, each in one transaction.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Database } from 'better-sqlite3'
import { sha256Hex } from '../kernel/digest.ts'
import { ProblemError, problem } from '../kernel/problem.ts'
import { toIso, type Instant } from '../kernel/time.ts'

export interface Migration {
  readonly number: number
  readonly name: string
  readonly sql: string
  readonly digest: string
}

const FOLDER = fileURLToPath(new URL('./migrations', import.meta.url))

/** The files of this build in their order. */
export function readMigrations(folder: string = FOLDER): readonly Migration[] {
  return readdirSync(folder)
    .filter((name) => /^\d{4}-.+\.sql$/.test(name))
    .sort()
    .map((name) => {
      const sql = readFileSync(join(folder, name), 'utf8')
      return { number: Number(name.slice(0, 4)), name, sql, digest: sha256Hex(sql) }
    })
}

/**
 * Applies what is missing. Refuses (`store.newer`) a database that a newer build has written, and one whose applied
 * files are not those of this build.
 *
 * @param before called with the first of them before it is applied, and with how many are applied already
 */
export function migrate(
  db: Database,
  migrations: readonly Migration[],
  now: Instant,
  before: (first: Migration, applied: number) => void = () => undefined,
): void {
  db.exec(
    'CREATE TABLE IF NOT EXISTS migration (number INTEGER PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, applied_at TEXT NOT NULL) STRICT',
  )
  const applied = db
    .prepare<[], { number: number; name: string; digest: string }>('SELECT * FROM migration ORDER BY number')
    .all()
  for (const { number, name, digest } of applied) {
    const ours = migrations.find((migration) => migration.number === number)
    if (ours === undefined)
      throw refused(`the database has migration ${name}, which this build does not know: it is from a newer build`)
    if (ours.digest !== digest) throw refused(`migration ${name} was applied with another text than this build's`)
  }

  const done = new Set(applied.map(({ number }) => number))
  const missing = migrations.filter(({ number }) => !done.has(number))
  const [first] = missing
  if (first !== undefined) before(first, applied.length)
  for (const migration of missing) {
    db.transaction(() => {
      db.exec(migration.sql)
      db.prepare('INSERT INTO migration (number, name, digest, applied_at) VALUES (?, ?, ?, ?)').run(
        migration.number,
        migration.name,
        migration.digest,
        toIso(now),
      )
    }).immediate()
  }
}

function refused(sentence: string): ProblemError {
  return new ProblemError(problem('store.newer', sentence))
}
