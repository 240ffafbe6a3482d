// Opens the one database file, the same way every time: private to the user, WAL, synchronous FULL.

import { closeSync, openSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { Instant } from '../kernel/time.ts'
import { migrate, readMigrations } from './migrate.ts'

export interface OpenOptions {
  /** A file, or `:memory:` for tests. */
  readonly file: string
  readonly now: Instant
  /** The size that the database may not outgrow, in pages of 4 KiB; 0 for SQLite's own limit. */
  readonly pagesMax?: number
}

/** Opens, checks and migrates. The only place that opens a connection. */
export function openDatabase({ file, now, pagesMax = 0 }: OpenOptions): Database.Database {
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
    migrate(db, readMigrations(), now)
    return db
  } catch (error) {
    db.close()
    throw error
  }
}
