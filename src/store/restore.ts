// Puts a backup in the place of a database: looked at first, the replaced one kept aside, and at no moment neither of the two.

import {
  closeSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { ProblemError, problem } from '../kernel/problem.ts'
import { BACKUP_TABLES, logEnd, type LogEnd } from './backup.ts'
import { copyDatabaseFile, syncFile } from './copy.ts'
import { faultsOf, reading } from './inspect.ts'
import { readMigrations } from './migrate.ts'
import type { WentBack } from './restore-note.ts'

export interface ReadBackup {
  /** Null for a plain copy of a database, which says nothing of itself. */
  readonly madeAt: string | null
  /** Whose evidence it holds; null where there is none. */
  readonly origin: string | null
  readonly end: LogEnd
  readonly files: readonly { readonly name: string; readonly content: Uint8Array }[]
}

/** Only what a backup puts there: nothing else may be written through it. */
const FILE_NAME = /^(?:master\.key|keys\/key-[1-9]\d{0,5}(?:\.retired)?\.json)$/

/** Throws `store.damaged` where it is not whole, `store.newer` where this build is older than it. */
export function readBackup(file: string): ReadBackup {
  return reading(file, (db) => {
    const [fault] = faultsOf(db)
    if (fault !== undefined) throw damaged(`${file}: ${fault}`)
    const applied = db.prepare<[], { number: number; name: string }>('SELECT number, name FROM migration').all()
    const known = new Set(readMigrations().map(({ number }) => number))
    const newer = applied.find(({ number }) => !known.has(number))
    if (newer !== undefined) {
      throw new ProblemError(problem('store.newer', `${file} has migration ${newer.name}: it is from a newer build`))
    }
    const isBackup = hasTable(db, BACKUP_TABLES[0])
    const files = isBackup ? db.prepare<[], ReadBackup['files'][number]>('SELECT * FROM backup_file').all() : []
    const odd = files.find(({ name }) => !FILE_NAME.test(name))
    if (odd !== undefined)
      throw damaged(`${file} holds a file that no backup has: ${JSON.stringify(odd.name.slice(0, 100))}`)
    return {
      madeAt: isBackup ? (db.prepare<[], string>('SELECT made_at FROM backup').pluck().get() ?? null) : null,
      origin:
        db.prepare<[], string>("SELECT envelope ->> 'origin' FROM evidence ORDER BY seq LIMIT 1").pluck().get() ?? null,
      end: logEnd(db),
      files,
    }
  })
}

/** A database beside the one in `dir`, ready to take its place. */
export interface Standby {
  /** What the present database knows and this one does not; null where there is none that can be read. */
  readonly replaced: { readonly end: LogEnd; readonly wentBack: WentBack } | null
  /** Takes the place. Gives the name under which the replaced one is kept; null where there was none. */
  readonly takeOver: (suffix: string) => string | null
  readonly discard: () => void
}

/** Copies the backup beside the database of `dir`, which nobody may have in use, and compares the two. */
export function standBy(backup: string, database: string): Standby {
  mkdirSync(dirname(database), { recursive: true, mode: 0o700 })
  const standby = `${database}.restoring`
  rmSync(standby, { force: true })
  copyDatabaseFile(backup, standby)
  const db = new Database(standby, { fileMustExist: true })
  try {
    // What a backup carries beside the database are keys: not even deleted they may stand in its pages.
    db.pragma('secure_delete = ON')
    for (const table of BACKUP_TABLES) db.exec(`DROP TABLE IF EXISTS ${table}`)
  } finally {
    db.close()
  }
  return {
    replaced: existsSync(database) ? compared(database, standby) : null,
    takeOver: (suffix) => {
      const kept = existsSync(database) ? keepAside(database, suffix) : null
      syncFile(standby)
      renameSync(standby, database)
      syncFile(dirname(database))
      return kept
    },
    discard: () => {
      rmSync(standby, { force: true })
    },
  }
}

/**
 * Writes a file of a backup below `dir`. One of the same name with other content is kept aside.
 * @returns whether it was written: not where it is there already, nor for a key that was destroyed since
 */
export function restoreFile(dir: string, { name, content }: ReadBackup['files'][number], suffix: string): boolean {
  const file = join(dir, name)
  if (existsSync(file) && readFileSync(file).equals(content)) return false
  if (existsSync(file.replace(/\.json$/, '.retired.json'))) return false
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
  if (existsSync(file)) renameSync(file, `${file}.${suffix}`)
  const handle = openSync(file, 'wx', 0o600)
  writeSync(handle, content)
  closeSync(handle)
  syncFile(file)
  syncFile(dirname(file))
  return true
}

/** A write-ahead log belongs to one database: left behind, it would be applied to the next one. */
function keepAside(database: string, suffix: string): string {
  const kept = `${database}.${suffix}`
  try {
    const db = new Database(database, { fileMustExist: true })
    try {
      db.pragma('wal_checkpoint(TRUNCATE)')
    } finally {
      db.close()
    }
  } catch {
    // It may be the reason for the restore that it cannot be opened: then it is kept as it is, with what lies beside it.
  }
  for (const beside of ['-wal', '-shm']) {
    if (existsSync(`${database}${beside}`)) renameSync(`${database}${beside}`, `${kept}${beside}`)
  }
  linkSync(database, kept)
  return kept
}

function compared(database: string, standby: string): Standby['replaced'] {
  try {
    const db = new Database(database, { fileMustExist: true })
    try {
      const end = logEnd(db)
      db.prepare('ATTACH ? AS restored').run(standby)
      const count = (sql: string): number => db.prepare<[], number>(sql).pluck().get() ?? 0
      return {
        end,
        wentBack: {
          evidenceEntries: Math.max(0, end.seq - count('SELECT max(seq) FROM restored.evidence')),
          uses: count(`SELECT sum(max(0, now.used - coalesce(
            (SELECT used FROM restored.counter AS then_ WHERE then_.agreement_id = now.agreement_id AND then_.action = now.action), 0)))
            FROM main.counter AS now`),
          agreementsLost: count(
            'SELECT count(*) FROM main.agreement WHERE id NOT IN (SELECT id FROM restored.agreement)',
          ),
          agreementsRevived: count(`SELECT count(*) FROM main.agreement WHERE ended_at IS NOT NULL
            AND id IN (SELECT id FROM restored.agreement WHERE ended_at IS NULL)`),
          peersRevived: count('SELECT count(*) FROM restored.peer WHERE did NOT IN (SELECT did FROM main.peer)'),
          tokensRevived: count(`SELECT count(*) FROM restored.management_token WHERE revoked_at IS NULL
            AND hash NOT IN (SELECT hash FROM main.management_token WHERE revoked_at IS NULL)`),
          replayForgotten: count(`SELECT count(*) FROM main.replay AS now WHERE NOT EXISTS
            (SELECT 1 FROM restored.replay AS then_ WHERE then_.iss = now.iss AND then_.jti = now.jti)`),
        },
      }
    } finally {
      db.close()
    }
  } catch (error) {
    if (error instanceof Database.SqliteError) return null
    throw error
  }
}

function hasTable(db: Database.Database, name: string): boolean {
  return db.prepare("SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?").get(name) !== undefined
}

function damaged(sentence: string): ProblemError {
  return new ProblemError(problem('store.damaged', sentence))
}
