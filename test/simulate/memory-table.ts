// One table in memory: rows by their key, indexes kept in order, and a way back for every change.

import { TABLE_KEYS, type Table, type Tables } from '../../src/domain/ledger.ts'
import { fieldsOf } from '../../src/store/columns.ts'

/** How rows are found other than by their key. A row whose value is null is not in the index. */
export interface Index<Row> {
  readonly value: (row: Row) => string | null
  /** In which order those of one value stand; without, and where two are alike, see `alike`. */
  readonly by?: (row: Row) => number
  /** The order of rows that are alike: that of their keys, or that in which they were made (SQLite's rowid). */
  readonly alike: 'key' | 'made'
  /** At most one row a value. */
  readonly isUnique?: true
}

export type Indexes<Row> = Readonly<Record<string, Index<Row>>>

/** A row where it stands in the indexes. */
export interface Entry<Row> {
  readonly row: Row
  readonly key: readonly (string | number)[]
  /** Grows with every row that is made; a row that is put again keeps its own. */
  readonly made: number
}

export interface MemoryTable<Row> {
  readonly size: () => number
  readonly get: (key: string) => Row | null
  /** A page in the order of the keys, those whose first field is above `after`. */
  readonly list: (after: string, limit: number) => readonly Row[]
  /** Those of one value, in the order of the index. Valid until the next change. */
  readonly found: (index: string, value: string) => readonly Entry<Row>[]
  readonly rows: (index: string, value: string) => readonly Row[]
  /** Throws where an index is unique and has its value already. Gives the way back. */
  readonly put: (row: Row) => () => void
  /** Gives the way back; null where there was no such row. */
  readonly remove: (key: string) => (() => void) | null
  /** Every row with its place, for a copy; and the copy in place of everything that was there. */
  readonly entries: () => readonly Entry<Row>[]
  readonly restore: (entries: readonly Entry<Row>[]) => void
}

type Order<Row> = (a: Entry<Row>, b: Entry<Row>) => number

const NONE: readonly never[] = []

/** The fields of a key as one text: what `get` and `remove` take. */
export function joined(parts: readonly (string | number)[]): string {
  return parts.join('\u0000')
}

export function createTable<T extends Table>(name: T, indexes: Indexes<Tables[T]>): MemoryTable<Tables[T]> {
  type Row = Tables[T]
  const fields = TABLE_KEYS[name] as readonly string[] as readonly (keyof Row)[]
  const rows = new Map<string, Entry<Row>>()
  let made = 0
  // Made when it is asked for first: most tables are never listed.
  let listed: Entry<Row>[] | null = null
  const kept = Object.entries(indexes).map(([index, { value, by, alike, isUnique = false }]) => {
    const order: Order<Row> = (a, b) =>
      (by === undefined ? 0 : by(a.row) - by(b.row)) || (alike === 'key' ? byKey(a, b) : a.made - b.made)
    return { index, value, order, isUnique, groups: new Map<string, Entry<Row>[]>() }
  })
  const groupsOf = Object.fromEntries(kept.map(({ index, groups }) => [index, groups]))

  const keyOf = (row: Row): readonly (string | number)[] => fields.map((field) => row[field] as string | number)

  function take(at: string, entry: Entry<Row>): void {
    rows.delete(at)
    if (listed !== null) takeFrom(listed, entry, byKey)
    for (const { value, order, groups } of kept) {
      const under = value(entry.row)
      const group = under === null ? undefined : groups.get(under)
      if (under === null || group === undefined) continue
      takeFrom(group, entry, order)
      if (group.length === 0) groups.delete(under)
    }
  }

  function give(at: string, entry: Entry<Row>): void {
    rows.set(at, entry)
    if (listed !== null) giveTo(listed, entry, byKey)
    for (const { value, order, groups } of kept) {
      const under = value(entry.row)
      if (under === null) continue
      const group = groups.get(under)
      if (group === undefined) groups.set(under, [entry])
      else giveTo(group, entry, order)
    }
  }

  function exchange(at: string, from: Entry<Row> | undefined, to: Entry<Row> | undefined): void {
    if (from !== undefined) take(at, from)
    if (to !== undefined) give(at, to)
  }

  const found = (index: string, value: string): readonly Entry<Row>[] => groupsOf[index]?.get(value) ?? NONE

  return {
    size: () => rows.size,
    get: (key) => rows.get(key)?.row ?? null,
    list: (after, limit) => {
      listed ??= [...rows.values()].sort(byKey)
      const from = firstWhere(listed, ({ key: [first = ''] }) => compare(first, after) > 0)
      return listed.slice(from, from + limit).map(({ row }) => row)
    },
    found,
    rows: (index, value) => found(index, value).map(({ row }) => row),
    put: (row) => {
      checkFields(name, row)
      const key = keyOf(row)
      const at = joined(key)
      const before = rows.get(at)
      for (const { index, value, isUnique, groups } of kept) {
        const other = isUnique ? groups.get(value(row) ?? '')?.[0] : undefined
        if (other !== undefined && other !== before) throw new Error(`UNIQUE constraint failed: ${name} ${index}`)
      }
      const entry = { row: frozen(row), key, made: before?.made ?? ++made }
      exchange(at, before, entry)
      return () => {
        exchange(at, entry, before)
      }
    },
    remove: (key) => {
      const before = rows.get(key)
      if (before === undefined) return null
      take(key, before)
      return () => {
        give(key, before)
      }
    },
    entries: () => [...rows.values()],
    restore: (entries) => {
      rows.clear()
      listed = null
      for (const { groups } of kept) groups.clear()
      for (const entry of entries) {
        made = Math.max(made, entry.made)
        give(joined(entry.key), entry)
      }
    },
  }
}

/** The first place at which it is so, in a list that has all those where it is not so in front. */
export function firstWhere<T>(list: readonly T[], isSo: (each: T) => boolean): number {
  let [low, high] = [0, list.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    const each = list[middle]
    if (each === undefined || isSo(each)) high = middle
    else low = middle + 1
  }
  return low
}

/** As SQLite compares: numbers by size, texts by their bytes in UTF-8, which is by code points and not by code units. */
export function compare(a: string | number, b: string | number): number {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b)
  const length = Math.min(a.length, b.length)
  for (let index = 0; index < length; index++) {
    const [ofA, ofB] = [a.charCodeAt(index), b.charCodeAt(index)]
    if (ofA !== ofB) return inCodePoints(ofA) - inCodePoints(ofB)
  }
  return a.length - b.length
}

/** Surrogates stand for what lies above U+FFFF, though their numbers lie below U+E000. */
function inCodePoints(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit
}

function byKey(a: Entry<unknown>, b: Entry<unknown>): number {
  for (const [index, part] of a.key.entries()) {
    const order = compare(part, b.key[index] ?? '')
    if (order !== 0) return order
  }
  return 0
}

function giveTo<Row>(list: Entry<Row>[], entry: Entry<Row>, order: Order<Row>): void {
  const last = list.at(-1)
  if (last === undefined || order(last, entry) < 0) list.push(entry)
  else {
    const at = firstWhere(list, (each) => order(each, entry) > 0)
    list.splice(at, 0, entry)
  }
}

function takeFrom<Row>(list: Entry<Row>[], entry: Entry<Row>, order: Order<Row>): void {
  const at = firstWhere(list, (each) => order(each, entry) >= 0)
  if (list[at] !== entry) throw new Error('an index has lost its order: a row was changed after it was put')
  list.splice(at, 1)
}

/** What the columns of SQLite's STRICT tables take. */
function checkFields(name: Table, row: object): void {
  for (const { name: field, kind } of fieldsOf(name)) {
    const value = (row as Readonly<Record<string, unknown>>)[field]
    const fits =
      value === null ||
      (kind === 'json' && value !== undefined) ||
      (kind === 'text' && typeof value === 'string') ||
      (kind === 'int' && Number.isSafeInteger(value)) ||
      (kind === 'bool' && typeof value === 'boolean')
    if (!fits) throw new TypeError(`cannot store ${typeof value} in ${kind} column ${name}.${field}`)
  }
}

/** A row that is read is the one that was put: nobody may change it by mistake. */
function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  for (const part of Object.values(value)) frozen(part)
  return Object.freeze(value)
}
