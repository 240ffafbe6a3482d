// Looks at a database file without changing it: its schema, whether it is whole, whose it is. Good for any earlier schema too.

import { existsSync } from 'node:fs'
import Database from 'better-sqlite3'
import type { SealedEntry } from '../domain/evidence/entry.ts'
import { ProblemError, problem } from '../kernel/problem.ts'
import { readMigrations } from './migrate.ts'

export interface Inspection {
  /** The number of the last migration that was applied; 0 where there is none. */
  readonly schema: number
  /** Migrations that this build would apply, and those that it does not know. */
  readonly missing: readonly string[]
  readonly unknown: readonly string[]
  readonly bytes: number
  readonly mibFree: number
  /** What `quick_check` and `foreign_key_check` found, in sentences; empty where the database is whole. */
  readonly faults: readonly string[]
  /** The last entries of the evidence, oldest first. */
  readonly tail: readonly SealedEntry[]
  /** The generations of the policy files, newest first; none where the schema is older than they are. */
  readonly policies: readonly GenerationFound[]
  readonly peers: readonly { readonly did: string; readonly name: string; readonly address: string | null }[]
}

export interface GenerationFound {
  readonly number: number
  readonly digest: string
  readonly folderDigest: string
  readonly state: string
  readonly at: number
  readonly mistakes: number
}

export interface InspectOptions {
  readonly tailMax: number
  readonly peersMax: number
}

const FAULTS_SHOWN_MAX = 5

/** Throws `store.damaged` where the file is no database of a connector at all. */
export function inspectDatabase(file: string, { tailMax, peersMax }: InspectOptions): Inspection {
  return reading(file, (db) => {
    const applied = db
      .prepare<[], { number: number; name: string }>('SELECT number, name FROM migration ORDER BY number')
      .all()
    const ours = readMigrations()
    const number = (pragma: string): number => Number(db.pragma(pragma, { simple: true }))
    const pageBytes = number('page_size')
    return {
      schema: applied.at(-1)?.number ?? 0,
      missing: ours.filter((each) => !applied.some((row) => row.number === each.number)).map(({ name }) => name),
      unknown: applied.filter((row) => !ours.some((each) => each.number === row.number)).map(({ name }) => name),
      bytes: number('page_count') * pageBytes,
      mibFree: (number('freelist_count') * pageBytes) / 1_048_576,
      faults: faultsOf(db),
      tail: db
        .prepare<[number], SealedEntry>('SELECT * FROM evidence ORDER BY seq DESC LIMIT ?')
        .all(tailMax)
        .reverse(),
      policies: generationsIn(db),
      peers: db
        .prepare<[number], Inspection['peers'][number]>('SELECT did, name, address FROM peer ORDER BY did LIMIT ?')
        .all(peersMax),
    }
  })
}

function generationsIn(db: Database.Database): readonly GenerationFound[] {
  const table = db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'policy_generation'").get()
  if (table === undefined) return []
  return db
    .prepare<[], GenerationFound>(
      'SELECT number, digest, folder_digest AS folderDigest, state, at, mistakes FROM policy_generation ORDER BY number DESC',
    )
    .all()
}

/** Runs `look` on a connection that changes nothing; whatever SQLite finds wrong with the file is `store.damaged`. */
export function reading<T>(file: string, look: (db: Database.Database) => T): T {
  if (!existsSync(file)) throw new ProblemError(problem('store.unavailable', `there is no ${file}`))
  try {
    // Opened read-only it would leave the files of its write-ahead log behind: the last to close one must be able to write.
    const db = new Database(file, { fileMustExist: true, timeout: 5_000 })
    try {
      db.pragma('query_only = ON')
      return look(db)
    } finally {
      db.close()
    }
  } catch (cause) {
    if (!(cause instanceof Database.SqliteError)) throw cause
    throw new ProblemError(
      problem('store.damaged', `${file} cannot be read as a database (${cause.code}: ${cause.message})`),
      {
        cause,
      },
    )
  }
}

/** What is wrong with it, in sentences. Reads every page. */
export function faultsOf(db: Database.Database): readonly string[] {
  const pages = (db.pragma(`quick_check(${String(FAULTS_SHOWN_MAX)})`) as readonly { quick_check: string }[])
    .map(({ quick_check: line }) => line)
    .filter((line) => line !== 'ok')
  const rows = db
    .prepare<[], { child: string; parent: string; n: number }>(
      `SELECT "table" AS child, parent, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1, 2 LIMIT ${String(FAULTS_SHOWN_MAX)}`,
    )
    .all()
  return [
    ...pages,
    ...rows.map(({ child, parent, n }) => `rows of ${child} that lead to no row of ${parent}: ${String(n)}`),
  ]
}
