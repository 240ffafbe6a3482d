// The store on SQLite: one connection, `transact` as its one verb. Transactions that wait at the same moment share a commit.

import Database from 'better-sqlite3'
import { seal, type EvidenceDraft } from '../domain/evidence/entry.ts'
import { ANSWERS_KEPT_MS, type Reader, type Store, type Write } from '../domain/ledger.ts'
import { ProblemError, problem } from '../kernel/problem.ts'
import type { Instant } from '../kernel/time.ts'
import { createFigures, type Figures } from './figures.ts'
import { openDatabase } from './open.ts'
import { createReader } from './reader.ts'
import { createStatements, steady } from './statements.ts'
import { createTryToWrite } from './try-to-write.ts'

export interface StoreOptions {
  readonly file: string
  readonly now: Instant
  /** Whose log this is: the participant's DID, in every entry. */
  readonly origin: string
  /** 128 random bits in hexadecimal, new at each call. */
  readonly nonce: () => string
  readonly pagesMax?: number
  /** Beside a connector that may be running: nothing is made or migrated. */
  readonly asItIs?: boolean
}

interface Job {
  readonly run: () => readonly Write[]
  readonly done: () => void
  readonly failed: (error: unknown) => void
}

/** How many decisions may share one commit. More would make the first of them wait. */
const BATCH_MAX = 64

/** A token identifier is kept until its token has expired for certain: no token lives longer than this. */
const REPLAY_KEPT_MS = 11 * 60 * 1000

/** What only a database on a disk can say of itself. */
export interface SqliteStore extends Store {
  readonly figures: () => Figures
  /** Throws `store.full` or `store.unavailable` where the database takes nothing now. Leaves nothing behind. */
  readonly tryToWrite: () => void
}

export function openStore({ file, now, origin, nonce, pagesMax = 0, asItIs = false }: StoreOptions): SqliteStore {
  const db = opened(() => openDatabase({ file, now, pagesMax, asItIs }))
  const statements = createStatements(db)
  const reader = createReader(db, statements)
  const appendEvidence = createAppend(db, reader, origin, nonce)
  const forgetReplay = db.prepare('DELETE FROM replay WHERE expires_at < ?')
  const forgetAnswers = db.prepare('DELETE FROM idempotency WHERE at < ?')
  const listeners: ((writes: readonly Write[]) => void)[] = []
  const queue: Job[] = []
  let scheduled = false
  let patience: NodeJS.Timeout | null = null

  function apply(write: Write): void {
    if ('append' in write) {
      appendEvidence(write.entry)
      return
    }
    if ('remove' in write) {
      statements.remove(write.remove, write.key)
      return
    }
    statements.put(write.put, write.row)
    if (write.put === 'replay') forgetReplay.run(write.row.expiresAt - REPLAY_KEPT_MS)
    if (write.put === 'idempotency') forgetAnswers.run(write.row.at - ANSWERS_KEPT_MS)
  }

  /** Runs the jobs in one transaction, each in a savepoint of its own; none is answered before the commit. */
  function commitTogether(jobs: readonly Job[]): void {
    const settled: (() => void)[] = []
    try {
      db.exec('BEGIN IMMEDIATE')
      for (const job of jobs) {
        db.exec('SAVEPOINT decision')
        try {
          const writes = job.run()
          for (const write of writes) apply(write)
          db.exec('RELEASE decision')
          settled.push(() => {
            job.done()
            for (const listener of listeners) listener(writes)
          })
        } catch (error) {
          // A full disk rolls back everything, not only this decision: then each of them is tried alone.
          if (!db.inTransaction) throw error
          db.exec('ROLLBACK TO decision')
          db.exec('RELEASE decision')
          settled.push(() => {
            job.failed(toProblem(error))
          })
        }
      }
      db.exec('COMMIT')
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK')
      if (jobs.length === 1) for (const job of jobs) job.failed(toProblem(error))
      else for (const job of jobs) commitTogether([job])
      return
    }
    for (const settle of settled) settle()
  }

  function flush(): void {
    scheduled = false
    if (patience !== null) clearTimeout(patience)
    patience = null
    commitTogether(queue.splice(0, BATCH_MAX))
    if (queue.length > 0) schedule()
  }

  function schedule(): void {
    if (scheduled) return
    scheduled = true
    setImmediate(flush)
  }

  /** Whatever comes before the time is over takes the patient ones along: each commit is a wait for the disk. */
  function scheduleLater(ms: number): void {
    if (!scheduled) patience ??= setTimeout(schedule, ms)
  }

  return {
    reader,
    transact: (load, decide, patienceMs = 0) =>
      new Promise((resolve, reject) => {
        let result: { readonly value: ReturnType<typeof decide>['result'] } | null = null
        queue.push({
          run: () => {
            const decision = decide(load(reader))
            result = { value: decision.result }
            return decision.write
          },
          done: () => {
            if (result !== null) resolve(result.value)
          },
          failed: reject,
        })
        if (patienceMs > 0) scheduleLater(patienceMs)
        else schedule()
      }),
    onCommit: (listener) => {
      listeners.push(listener)
    },
    scrub: () => {
      try {
        db.exec('VACUUM')
        // What stood in the pages before stands in the write-ahead log until that is cut.
        db.pragma('wal_checkpoint(TRUNCATE)')
      } catch (error) {
        throw toProblem(error)
      }
    },
    figures: createFigures(db, file),
    tryToWrite: createTryToWrite(db, toProblem),
    close: () => {
      if (patience !== null) clearTimeout(patience)
      while (queue.length > 0) commitTogether(queue.splice(0, BATCH_MAX))
      db.close()
    },
  }
}

function createAppend(
  db: Database.Database,
  reader: Reader,
  origin: string,
  nonce: () => string,
): (entry: EvidenceDraft) => void {
  const agreementHead = db.prepare<[string], { aseq: number; hash: string }>(
    steady('SELECT aseq, hash FROM evidence WHERE agreement = ? ORDER BY aseq DESC LIMIT 1'),
  )
  const insert = db.prepare(
    `INSERT INTO evidence (seq, at, type, pid, agreement, aseq, envelope, hash)
     VALUES (@seq, @at, @type, @pid, @agreement, @aseq, @envelope, @hash)`,
  )
  return (draft) => {
    const before = draft.agreement === undefined ? null : (agreementHead.get(draft.agreement) ?? null)
    insert.run(seal(draft, { origin, n: nonce(), head: reader.evidenceHead(), agreementHead: before }))
  }
}

function opened(open: () => Database.Database): Database.Database {
  try {
    return open()
  } catch (error) {
    throw toProblem(error)
  }
}

/** What the database says, as a Problem where the operator can do something about it; bugs stay what they are. */
function toProblem(error: unknown): unknown {
  if (!(error instanceof Database.SqliteError)) return error
  if (error.code.startsWith('SQLITE_FULL')) {
    return new ProblemError(problem('store.full', 'the disk or the database is full; nothing was written'), {
      cause: error,
    })
  }
  if (/^SQLITE_(BUSY|IOERR|READONLY|CANTOPEN|CORRUPT|NOTADB)/.test(error.code)) {
    return new ProblemError(
      problem('store.unavailable', `the database did not take it (${error.code}: ${error.message})`),
      {
        cause: error,
      },
    )
  }
  return error
}
