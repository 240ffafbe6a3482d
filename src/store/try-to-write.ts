// Whether the database takes anything now: asked by writing to it, because nothing else knows.

import type { Database } from 'better-sqlite3'

/** About what a message leaves behind: a database that has no room for so much refuses messages. */
const ROOM_BYTES = 16_384

/** @param toProblem what the database says, as the rest of the store tells it */
export function createTryToWrite(db: Database, toProblem: (error: unknown) => unknown): () => void {
  const take = db.prepare('INSERT INTO probe (id, room) VALUES (1, zeroblob(?))')
  const giveBack = db.prepare('DELETE FROM probe')
  // Both in one transaction: the pages are asked for, the commit reaches the disk, and the table is empty before and after.
  const both = db.transaction(() => {
    take.run(ROOM_BYTES)
    giveBack.run()
  })

  return () => {
    try {
      both.immediate()
    } catch (error) {
      throw toProblem(error)
    }
  }
}
