// How much of everything there is: what an operator watches, asked for when somebody looks.

import { statSync } from 'node:fs'
import type { Database } from 'better-sqlite3'
import type { Instant } from '../kernel/time.ts'

export interface Figures {
  readonly outbox: number
  /** When the message that must be delivered first must be; null where none waits. */
  readonly outboxFirstDeadlineAt: Instant | null
  readonly openNegotiations: number
  readonly openTransfers: number
  /** Pages in use, pages that are free to be used again, and the write-ahead log: in bytes. */
  readonly bytesUsed: number
  readonly bytesFree: number
  readonly bytesOfLog: number
}

/** Open processes are counted in indexes that hold nothing else, so that their number alone says what it costs. */
export function createFigures(db: Database, file: string): () => Figures {
  const outbox = db.prepare<[], { n: number; first: number | null }>(
    'SELECT count(*) AS n, min(deadline_at) AS first FROM outbox',
  )
  const open = db.prepare<[], { negotiations: number; transfers: number }>(
    `SELECT (SELECT count(*) FROM negotiation WHERE state NOT IN ('FINALIZED', 'TERMINATED')) AS negotiations,
            (SELECT count(*) FROM transfer WHERE state NOT IN ('COMPLETED', 'TERMINATED')) AS transfers`,
  )
  const pragma = (name: string): number => Number(db.pragma(name, { simple: true }))
  const pageBytes = pragma('page_size')

  return () => {
    const { n = 0, first = null } = outbox.get() ?? {}
    const { negotiations = 0, transfers = 0 } = open.get() ?? {}
    const free = pragma('freelist_count')
    return {
      outbox: n,
      outboxFirstDeadlineAt: first as Instant | null,
      openNegotiations: negotiations,
      openTransfers: transfers,
      bytesUsed: (pragma('page_count') - free) * pageBytes,
      bytesFree: free * pageBytes,
      bytesOfLog: statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0,
    }
  }
}
