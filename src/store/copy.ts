// Copies of a database that may be in use: consistent, private to the user, and there whole or not at all.

import { closeSync, fsyncSync, openSync, readdirSync, renameSync, rmSync, statfsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { ProblemError, problem } from '../kernel/problem.ts'

/** Copies from before an upgrade that are kept, the newest. */
const KEPT_MAX = 3
/** What must stay free on the disk beside the copy, so that the connector itself goes on. */
const SPARE_BYTES = 16 * 1024 * 1024

/**
 * Writes what the database holds at this moment into a file of its own; writers go on meanwhile. `target` is made, and must
 * not exist. Throws `store.full` where the disk has no room for it: then nothing is left of it.
 */
function copyDatabase(db: Database.Database, target: string): void {
  mustFit(db, dirname(target))
  closeSync(openSync(target, 'wx', 0o600))
  try {
    db.prepare('VACUUM INTO ?').run(target)
    syncFile(target)
  } catch (error) {
    rmSync(target, { force: true })
    throw error
  }
}

/** The same of a database in a file, which must be there. */
export function copyDatabaseFile(file: string, target: string): void {
  const db = new Database(file, { fileMustExist: true, timeout: 5_000 })
  try {
    copyDatabase(db, target)
  } finally {
    db.close()
  }
}

/**
 * Keeps a copy beside the database as it is before migration `number`: `connector.db.before-0005`. A copy of that name from an
 * earlier attempt gives way; of all such copies the newest few stay.
 */
export function copyAside(db: Database.Database, file: string, number: number): void {
  const aside = `${file}.before-${String(number).padStart(4, '0')}`
  const unfinished = `${aside}.new`
  rmSync(unfinished, { force: true })
  copyDatabase(db, unfinished)
  renameSync(unfinished, aside)
  syncFile(dirname(file))
  const prefix = `${basename(file)}.before-`
  const copies = readdirSync(dirname(file)).filter((name) => name.startsWith(prefix) && /-\d{4}$/.test(name))
  for (const old of copies.sort().slice(0, -KEPT_MAX)) rmSync(join(dirname(file), old))
}

/** Forces a file, or the names in a folder, to the disk. */
export function syncFile(path: string): void {
  const handle = openSync(path, 'r')
  try {
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
}

function mustFit(db: Database.Database, folder: string): void {
  const size = db.prepare<[], { bytes: number }>(
    'SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size',
  )
  const bytes = size.get()?.bytes ?? 0
  const { bavail, bsize } = statfsSync(folder)
  if (bavail * bsize >= bytes + SPARE_BYTES) return
  const sentence = `a copy of the database needs ${mib(bytes + SPARE_BYTES)} MiB in ${folder}, and ${mib(bavail * bsize)} MiB are free: make room and start again`
  throw new ProblemError(problem('store.full', sentence))
}

function mib(bytes: number): string {
  return String(Math.ceil(bytes / 1_048_576))
}
