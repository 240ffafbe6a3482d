// A backup: one SQLite file with everything that the database holds at one moment, what the backup says of itself, and with
// it, if wanted, the files of keys. Made beside a running connector, which goes on.

import { existsSync, linkSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import Database from 'better-sqlite3'
import { ProblemError, problem } from '../kernel/problem.ts'
import { copyDatabaseFile, syncFile } from './copy.ts'

export interface BackupOptions {
  readonly database: string
  /** Where the backup goes. Nothing is overwritten. */
  readonly file: string
  readonly madeAt: string
  /** Of the build that makes it. */
  readonly version: string
  /** Files that go with it, by their path below the data directory; empty for a backup without keys. */
  readonly files: readonly { readonly name: string; readonly content: Uint8Array }[]
}

export interface LogEnd {
  readonly seq: number
  readonly hash: string
}

/** The tables that a backup has and a database has not. */
export const BACKUP_TABLES = ['backup', 'backup_file'] as const

/**
 * Makes the backup, of mode 0600. Throws `store.unavailable` where there is no database, `resource.exists` where `file` is there
 * already, and `store.full`.
 */
export function makeBackup({ database, file, madeAt, version, files }: BackupOptions): LogEnd {
  if (!existsSync(database)) {
    throw new ProblemError(
      problem('store.unavailable', `there is no ${database}: the connector was never started here`),
    )
  }
  refuseExisting(file)
  const unfinished = `${file}.unfinished`
  rmSync(unfinished, { force: true })
  try {
    copyDatabaseFile(database, unfinished)
    const end = describe(unfinished, madeAt, version, files)
    syncFile(unfinished)
    // A link, unlike a rename, refuses to take the place of a file that has appeared meanwhile.
    linkSync(unfinished, file)
    syncFile(dirname(file))
    return end
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') refuseExisting(file)
    throw error
  } finally {
    rmSync(unfinished, { force: true })
  }
}

function describe(file: string, madeAt: string, version: string, files: BackupOptions['files']): LogEnd {
  const db = new Database(file, { fileMustExist: true })
  try {
    db.exec('CREATE TABLE backup (made_at TEXT NOT NULL, version TEXT NOT NULL) STRICT')
    db.exec('CREATE TABLE backup_file (name TEXT PRIMARY KEY, content BLOB NOT NULL) STRICT')
    db.prepare('INSERT INTO backup (made_at, version) VALUES (?, ?)').run(madeAt, version)
    const insert = db.prepare('INSERT INTO backup_file (name, content) VALUES (?, ?)')
    for (const { name, content } of files) insert.run(name, Buffer.from(content))
    return logEnd(db)
  } finally {
    db.close()
  }
}

/** The newest entry of the evidence; number 0 where there is none. */
export function logEnd(db: Database.Database): LogEnd {
  const newest = db.prepare<[], LogEnd>('SELECT seq, hash FROM evidence ORDER BY seq DESC LIMIT 1').get()
  return newest ?? { seq: 0, hash: '0'.repeat(64) }
}

function refuseExisting(file: string): void {
  if (existsSync(file)) {
    throw new ProblemError(problem('resource.exists', `${file} is there already: a backup overwrites nothing`))
  }
}
