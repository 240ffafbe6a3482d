// The prepared statements of the generic reads and writes, made from the table of columns.

import type { Database, Statement } from 'better-sqlite3'
import { TABLE_KEYS, type Table, type Tables } from '../domain/ledger.ts'
import { fieldsOf, fromSql, snake, toSql, type SqlRow, type SqlValue } from './columns.ts'

type Prepared = Statement<unknown[], SqlRow>

export interface Statements {
  readonly put: <T extends Table>(table: T, row: Tables[T]) => void
  readonly remove: (table: Table, key: readonly string[]) => void
  readonly get: <T extends Table>(table: T, key: readonly string[]) => Tables[T] | null
  /** Rows of `table` for the rest of a SELECT, as in `WHERE state = ? ORDER BY pid LIMIT ?`. Prepared once a text. */
  readonly all: <T extends Table>(table: T, rest: string, ...values: readonly SqlValue[]) => readonly Tables[T][]
}

export function createStatements(db: Database): Statements {
  const cache = new Map<string, Prepared>()

  function prepare(sql: string): Prepared {
    let statement = cache.get(sql)
    if (statement === undefined) {
      statement = db.prepare<unknown[], SqlRow>(steady(sql))
      cache.set(sql, statement)
    }
    return statement
  }

  return {
    put: (table, row) => {
      prepare(PUT[table]).run(toSql(table, row))
    },
    remove: (table, key) => {
      prepare(REMOVE[table]).run(...key)
    },
    get: (table, key) => {
      const found = prepare(GET[table]).get(...key)
      return found === undefined ? null : fromSql(table, found)
    },
    all: (table, rest, ...values) =>
      prepare(`SELECT * FROM ${snake(table)} ${rest}`)
        .all(...values)
        .map((row) => fromSql(table, row)),
  }
}

/**
 * The same statement, prepared once for good. SQLite weighs the value of a parameter when it plans (STAT4), and plans anew at
 * every call where the value could matter; behind a unary plus, which changes nothing, it cannot.
 */
export function steady(sql: string): string {
  return sql.replaceAll('?', '+?')
}

const PUT = forEachTable(upsert)
const GET = forEachTable((table) => `SELECT * FROM ${snake(table)} WHERE ${keyOf(table)}`)
const REMOVE = forEachTable((table) => `DELETE FROM ${snake(table)} WHERE ${keyOf(table)}`)

function forEachTable(sql: (table: Table) => string): Readonly<Record<Table, string>> {
  const tables = Object.keys(TABLE_KEYS) as Table[]
  return Object.fromEntries(tables.map((table) => [table, sql(table)])) as Record<Table, string>
}

function upsert(table: Table): string {
  const key: readonly string[] = TABLE_KEYS[table]
  const fields = fieldsOf(table)
  const rest = fields.filter(({ name }) => !key.includes(name))
  const update = rest.map(({ column }) => `${column} = excluded.${column}`).join(', ')
  return `INSERT INTO ${snake(table)} (${fields.map(({ column }) => column).join(', ')})
    VALUES (${fields.map(({ name }) => `@${name}`).join(', ')})
    ON CONFLICT (${key.map(snake).join(', ')}) DO UPDATE SET ${update}`
}

function keyOf(table: Table): string {
  return TABLE_KEYS[table].map((field) => `${snake(field)} = ?`).join(' AND ')
}
