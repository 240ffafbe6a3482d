// A store in memory for simulations: the same rules as SQLite's (it passes the same suites), in the simulation's own time, and
// with a disk that outlives the process: what was committed is there for the next life, what was not is gone.

import { seal, type AgreementHead, type EvidenceDraft, type SealedEntry } from '../../src/domain/evidence/entry.ts'
import {
  ANSWERS_KEPT_MS,
  TABLE_KEYS,
  type Reader,
  type Store,
  type Table,
  type Tables,
  type Write,
} from '../../src/domain/ledger.ts'
import { createReader, INDEXES, type MemoryTables } from './memory-reader.ts'
import { createTable, joined, type Entry, type MemoryTable } from './memory-table.ts'

/** What is kept from one life of the connector to the next. */
export interface Disk {
  /** The store of one life. Transactions of an earlier one never come back. */
  open(): Store
  /**
   * The process dies: transactions that wait are `lost`, or `kept` (committed, and nobody is told). Gives how many waited.
   * Those that wait at the same moment share a commit, so that all of them are lost, or none.
   */
  crash(waiting: 'lost' | 'kept'): number
  /** Everything that is committed, to come back to as often as one likes. */
  snapshot(): Snapshot
  /** The process dies, and the disk holds what it held then: a backup that was put back. */
  restore(snapshot: Snapshot): void
  readonly reader: Reader
}

export interface DiskOptions {
  readonly origin: string
  /** 128 random bits in hexadecimal, new at each call. */
  readonly nonce: () => string
  /** Runs the waiting transactions, soon (`patienceMs` 0) or when the time is over. */
  readonly schedule: (patienceMs: number, flush: () => void) => void
  /** Whether this commit is undone just before it would be done, and its decisions are run again, as for a disk that is full. */
  readonly runsTwice?: () => boolean
}

export interface Snapshot {
  readonly tables: ReadonlyMap<Table, readonly Entry<Tables[Table]>[]>
  readonly entries: readonly SealedEntry[]
}

/** As in SQLite's store: no token lives longer. */
const REPLAY_KEPT_MS = 11 * 60 * 1000

/** Whom a row belongs to: the table, the field that names its key, and whether the row goes when that one goes. */
type Reference = readonly [parent: Table, field: string, goesAlong?: 'goes along']

// prettier-ignore
const REFERENCES: { readonly [T in Table]?: readonly Reference[] } = {
  agreement:   [['negotiation', 'negotiationPid']],
  counter:     [['agreement', 'agreementId']],
  accessToken: [['transfer', 'transferPid']],
  delivery:    [['transfer', 'transferPid'], ['agreement', 'agreementId']],
  usage:       [['agreement', 'agreementId', 'goes along']],
  push:        [['transfer', 'pid', 'goes along']],
  reception:   [['transfer', 'pid', 'goes along']],
  offer:       [['negotiation', 'pid']],
  policyGeneration: [['policyContent', 'digest']],
  agreementRecord: [['agreement', 'agreementId', 'goes along']],
  obligation:  [['agreement', 'agreementId', 'goes along']],
}
const NAMES = Object.keys(TABLE_KEYS) as readonly Table[]

interface Job {
  readonly run: () => readonly Write[]
  readonly done: (writes: readonly Write[]) => void
  readonly failed: (error: unknown) => void
}

export function createDisk({ origin, nonce, schedule, runsTwice = () => false }: DiskOptions): Disk {
  const tables = Object.fromEntries(NAMES.map((name) => [name, tableOf(name)])) as unknown as MemoryTables
  const entries: SealedEntry[] = []
  const entriesOf = new Map<string, SealedEntry[]>()
  const agreementHeads = new Map<string, AgreementHead>()
  const reader = createReader(tables, { entries, entriesOf })
  const undo: (() => void)[] = []
  let life = 0
  let queue: Job[] = []

  function apply(write: Write): void {
    if ('append' in write) append(write.entry)
    else if ('remove' in write) remove(write.remove, joined(write.key))
    else put(write)
  }

  function put({ put: name, row }: Extract<Write, { put: Table }>): void {
    for (const [parent, field] of REFERENCES[name] ?? []) {
      if (tables[parent].get(fieldOf(row, field)) === null)
        throw new Error(`FOREIGN KEY constraint failed: ${name}.${field}`)
    }
    undo.push((tables[name] as MemoryTable<typeof row>).put(row))
    if (name === 'replay') forget('replay', 'expiry', ({ expiresAt }) => expiresAt < row.expiresAt - REPLAY_KEPT_MS)
    if (name === 'idempotency') forget('idempotency', 'age', ({ at }) => at < row.at - ANSWERS_KEPT_MS)
  }

  function remove(name: Table, key: string): void {
    const back = tables[name].remove(key)
    if (back === null) return
    undo.push(back)
    for (const child of NAMES) {
      for (const [parent, field, goesAlong] of REFERENCES[child] ?? []) {
        if (parent !== name) continue
        const rows = [...tables[child].found(field, key)]
        if (rows.length > 0 && goesAlong === undefined)
          throw new Error(`FOREIGN KEY constraint failed: ${child}.${field}`)
        for (const entry of rows) remove(child, joined(entry.key))
      }
    }
  }

  /** Removes the rows at the front of an index, as far as they are old. */
  function forget<T extends Table>(name: T, index: string, isOld: (row: Tables[T]) => boolean): void {
    for (;;) {
      const [oldest] = tables[name].found(index, '')
      if (oldest === undefined || !isOld(oldest.row)) return
      remove(name, joined(oldest.key))
    }
  }

  function append(draft: EvidenceDraft): void {
    const { agreement } = draft
    const agreementHead = agreement === undefined ? null : (agreementHeads.get(agreement) ?? null)
    keep(Object.freeze(seal(draft, { origin, n: nonce(), head: reader.evidenceHead(), agreementHead })))
    undo.push(() => {
      const { pid } = entries.pop() ?? { pid: null }
      if (pid !== null) entriesOf.get(pid)?.pop()
      if (agreement === undefined) return
      if (agreementHead === null) agreementHeads.delete(agreement)
      else agreementHeads.set(agreement, agreementHead)
    })
  }

  function keep(entry: SealedEntry): void {
    const { pid, agreement, aseq, hash } = entry
    entries.push(entry)
    if (pid !== null) {
      const ofProcess = entriesOf.get(pid)
      if (ofProcess === undefined) entriesOf.set(pid, [entry])
      else ofProcess.push(entry)
    }
    if (agreement !== null && aseq !== null) agreementHeads.set(agreement, { aseq, hash })
  }

  function rollBack(length: number): void {
    for (const step of undo.splice(length).reverse()) step()
  }

  /** Runs each in a savepoint of its own: one that fails leaves the others as they are. Gives what is to be told to whom. */
  function run(jobs: readonly Job[]): readonly (() => void)[] {
    return jobs.map((job) => {
      const before = undo.length
      try {
        const writes = job.run()
        for (const write of writes) apply(write)
        return () => {
          job.done(writes)
        }
      } catch (error) {
        rollBack(before)
        return () => {
          job.failed(error)
        }
      }
    })
  }

  function commit(): readonly (() => void)[] {
    const jobs = queue
    queue = []
    if (jobs.length > 0 && runsTwice()) {
      run(jobs)
      rollBack(0)
    }
    const settled = run(jobs)
    undo.length = 0
    return settled
  }

  return {
    reader,
    crash: (waiting) => {
      life += 1
      const waited = queue.length
      if (waiting === 'kept') commit()
      queue = []
      return waited
    },
    snapshot: () => ({
      tables: new Map(NAMES.map((name) => [name, tables[name].entries()])),
      entries: [...entries],
    }),
    restore: (snapshot) => {
      life += 1
      queue = []
      for (const name of NAMES) (tables[name] as MemoryTable<Tables[Table]>).restore(snapshot.tables.get(name) ?? [])
      entries.length = 0
      entriesOf.clear()
      agreementHeads.clear()
      for (const entry of snapshot.entries) keep(entry)
    },
    open: () => {
      const born = ++life
      let isClosed = false
      // What an earlier life left waiting was lost with it.
      queue = []
      const listeners: ((writes: readonly Write[]) => void)[] = []
      const flush = (): void => {
        if (born !== life) return
        for (const settle of commit()) settle()
      }
      return {
        reader,
        transact: (load, decide, patienceMs = 0) =>
          new Promise((resolve, reject) => {
            if (isClosed) reject(new Error('the store is closed'))
            if (born !== life) return
            let result: { readonly value: ReturnType<typeof decide>['result'] } | null = null
            queue.push({
              run: () => {
                const decision = decide(load(reader))
                result = { value: decision.result }
                return decision.write
              },
              done: (writes) => {
                if (result !== null) resolve(result.value)
                for (const listener of listeners) listener(writes)
              },
              failed: reject,
            })
            schedule(patienceMs, flush)
          }),
        onCommit: (listener) => {
          listeners.push(listener)
        },
        scrub: () => undefined,
        close: () => {
          flush()
          isClosed = true
          if (born === life) life += 1
        },
      }
    },
  }
}

/** With an index for each reference, so that a row that goes is not looked for in every other. */
function tableOf<T extends Table>(name: T): MemoryTable<Tables[T]> {
  const references = (REFERENCES[name] ?? []).map(
    ([, field]) => [field, { value: (row: Tables[T]) => fieldOf(row, field), alike: 'made' }] as const,
  )
  return createTable(name, { ...INDEXES[name], ...Object.fromEntries(references) })
}

function fieldOf(row: object, field: string): string {
  return String((row as Readonly<Record<string, unknown>>)[field])
}
