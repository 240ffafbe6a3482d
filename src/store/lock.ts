// One process to a data directory: a lock that the operating system takes back when its holder dies, however it dies.

import { closeSync, existsSync, openSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { ProblemError, problem } from '../kernel/problem.ts'

export interface DirectoryLock {
  /** May be called twice. */
  readonly release: () => void
}

const LOCK = 'connector.lock'
/** Whoever only asks holds the file for a moment; a connector that starts waits for that. */
const PATIENCE_MS = 1_000

/**
 * Takes the lock of the directory, which must exist. Throws `store.in-use` where another process has it.
 *
 * Node has no flock, and a file with a process id in it outlives kill -9. SQLite locks byte ranges of an empty database, and
 * the kernel drops those with the process.
 */
export function lockDirectory(dir: string): DirectoryLock {
  const file = join(dir, LOCK)
  closeSync(openSync(file, 'a', 0o600))
  const db = new Database(file, { timeout: PATIENCE_MS })
  try {
    db.exec('BEGIN EXCLUSIVE')
  } catch (error) {
    db.close()
    if (!isBusy(error)) throw error
    const sentence = `a connector, or another command, has ${dir} in use: stop it first`
    throw new ProblemError(problem('store.in-use', sentence), { cause: error })
  }
  return {
    release: () => {
      db.close()
    },
  }
}

/** Whether another process has the lock, which mostly means that the connector runs. Takes and changes nothing. */
export function isDirectoryLocked(dir: string): boolean {
  const file = join(dir, LOCK)
  if (!existsSync(file)) return false
  const db = new Database(file, { readonly: true, fileMustExist: true, timeout: 0 })
  try {
    db.prepare('SELECT count(*) FROM sqlite_schema').get()
    return false
  } catch (error) {
    if (isBusy(error)) return true
    throw error
  } finally {
    db.close()
  }
}

function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')
}
