// Opens the one database file, the same way every time: private to the user, WAL, synchronous FULL.

import { closeSync, existsSync, openSync } from 'node:fs'
import Database from 'better-sqlite3'
import { ProblemError, problem } from '../kernel/problem.ts'
import type { Instant } from '../kernel/time.ts'
import { copyAside } from './copy.ts'
import { migrate, readMigrations } from './migrate.ts'

export interface OpenOptions {
  /** A file, or `:memory:` for tests. */
  readonly file: string
  readonly now: Instant
  /** The size that the database may not outgrow, in pages of 4 KiB; 0 for SQLite's own limit. */
  readonly pagesMax?: number
  /** Beside a connector that may be running: nothing is made or migrated. */
  readonly asItIs?: boolean
}

/**
 * Opens, checks and migrates; keeps a copy from before a migration beside the file. As it is, a database that is not there or
 * is not of this build's schema is refused (`store.unavailable`).
 */
export function openDatabase({ file, now, pagesMax = 0, asItIs = false }: OpenOptions): Database.Database {
  if (asItIs && !existsSync(file)) throw unavailable(`there is no ${file}: the connector was never started here`)
  // SQLite gives -wal and -shm the permissions of the main file.
  if (file !== ':memory:') closeSync(openSync(file, 'a', 0o600))

  const db = new Database(file)
  try {
    db.pragma('journal_mode = WAL')
    // FULL: a commit that was answered survives a power failure. The measure of it stands in architecture decision 008.
    db.pragma('synchronous = FULL')
    db.pragma('foreign_keys = ON')
    db.pragma('trusted_schema = OFF')
    db.pragma('busy_timeout = 5000')
    if (pagesMax > 0) db.pragma(`max_page_count = ${String(pagesMax)}`)
    migrate(db, readMigrations(), now, ({ name, number }, applied) => {
      if (asItIs) throw unavailable(`the database lacks ${name}: start the connector with this build once`)
      if (applied > 0 && file !== ':memory:') copyAside(db, file, number)
    })
    return db
  } catch (error) {
    db.close()
    throw error
  }
}

function unavailable(sentence: string): ProblemError {
  return new ProblemError(problem('store.unavailable', sentence))
}
