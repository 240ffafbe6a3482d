// What a refusal leaves behind: its code in the log, and nothing in the database.

import { createHash } from 'node:crypto'
import { DatabaseSync } from 'node:sqlite'
import { expect } from 'vitest'
import type { Connector } from '../fixtures/connector.ts'
import { eventually } from '../fixtures/eventually.ts'

/** A digest of every table; those in `but` are left out, the evidence among them where it is expected to grow. */
export function tablesOf(database: string, but: readonly string[] = []): Readonly<Record<string, string>> {
  const db = new DatabaseSync(database, { readOnly: true })
  try {
    const names = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").all()
    return Object.fromEntries(
      names
        .map((row) => String(row['name']))
        .filter((name) => !but.includes(name))
        .map((name) => [name, digestOf(db.prepare(`SELECT * FROM "${name}"`).all())]),
    )
  } finally {
    db.close()
  }
}

function digestOf(rows: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(rows)).digest('hex')
}

/** Does it, and sees that no table has changed. */
export async function changesNothing<T>(connector: Connector, work: () => Promise<T>): Promise<T> {
  const before = tablesOf(connector.database)
  const result = await work()
  expect(tablesOf(connector.database)).toEqual(before)
  return result
}

/** Does it, and waits until the log names that code for it. */
export async function logs<T>(connector: Connector, code: string, work: () => Promise<T>): Promise<T> {
  const mark = connector.log().length
  const result = await work()
  const said = (): string => connector.log().slice(mark)
  await eventually(`the log says ${code}`, () => said().includes(`"code":"${code}"`), 5_000).catch((error: unknown) => {
    throw new Error(`expected ${code} in the log, and it says ${said()}`, { cause: error })
  })
  return result
}
