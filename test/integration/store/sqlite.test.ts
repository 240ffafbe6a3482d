// The SQLite store: what every store does, and what only this one must: append-only evidence, a full disk, its file.

import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { openStore } from '../../../src/store/sqlite.ts'
import type { Store } from '../../../src/domain/ledger.ts'
import { NOW, PROVIDER, dataset } from '../../fixtures/builders.ts'
import { orderSuite } from './order-suite.ts'
import { evidenceTexts, note, peerNamed, put, storeSuite, writing, type Opened } from './store-suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'lingqu-store-'))
const open: Store[] = []
let files = 0

afterEach(() => {
  for (const store of open.splice(0)) store.close()
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function newFile(): string {
  return join(folder, `${String(++files)}.db`)
}

function opened(file: string, pagesMax = 0): Store {
  const store = openStore({ file, now: NOW, origin: PROVIDER, nonce: () => '0'.repeat(32), pagesMax })
  open.push(store)
  return store
}

function freshStore(): Opened {
  const file = newFile()
  const store = opened(file)
  return {
    store,
    reopen: () => {
      store.close()
      return opened(file)
    },
  }
}

storeSuite('SQLite', freshStore)
orderSuite('SQLite', freshStore)

describe('the evidence table', () => {
  test.each([
    ['UPDATE', "UPDATE evidence SET type = 'decision' WHERE seq = 1"],
    ['DELETE', 'DELETE FROM evidence WHERE seq = 2'],
    ['DELETE of all', 'DELETE FROM evidence'],
    ['INSERT OR REPLACE', "INSERT OR REPLACE INTO evidence VALUES (1, 0, 'decision', NULL, NULL, NULL, '{}', 'x')"],
    ['REPLACE of the last', "REPLACE INTO evidence VALUES (2, 0, 'decision', NULL, NULL, NULL, '{}', 'x')"],
    ['INSERT below the head', "INSERT INTO evidence VALUES (0, 0, 'decision', NULL, NULL, NULL, '{}', 'x')"],
  ])('refuses %s', async (_, sql) => {
    const file = newFile()
    const store = opened(file)
    await writing(store, note('1'), note('2'))
    const before = store.reader.evidence(0, 10)

    const other = new Database(file)
    expect(() => other.exec(sql)).toThrow('append-only')
    other.close()
    expect(store.reader.evidence(0, 10)).toEqual(before)
  })
})

describe('a full disk', () => {
  const large = (id: string) => put('dataset', dataset({ id: id as never, properties: { title: 'x'.repeat(600_000) } }))

  test('refuses with store.full, writes nothing by halves, and takes what still fits', async () => {
    const file = newFile()
    opened(file).close()
    open.pop()
    const store = opened(file, Math.ceil(statSync(file).size / 4096) + 40)
    const full = writing(store, peerNamed('lost'), note('lost'), large('large'))

    await expect(full).rejects.toMatchObject({ problem: { code: 'store.full' } })
    expect(store.reader.get('peer', 'lost')).toBeNull()
    expect(store.reader.evidenceHead().seq).toBe(0)

    await writing(store, peerNamed('small'), note('small'))
    expect(store.reader.get('peer', 'small')).not.toBeNull()
    expect(evidenceTexts(store)).toEqual(['small'])
  })

  test('costs only the decisions of a shared commit that do not fit', async () => {
    const file = newFile()
    opened(file).close()
    open.pop()
    const store = opened(file, Math.ceil(statSync(file).size / 4096) + 40)
    const all = await Promise.allSettled([
      writing(store, peerNamed('a'), note('a')),
      writing(store, large('large'), note('large')),
      writing(store, peerNamed('b'), note('b')),
    ])
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    expect(store.reader.list('peer', { after: null, limit: 10 }).map(({ did }) => did)).toEqual(['a', 'b'])
    expect(evidenceTexts(store)).toEqual(['a', 'b'])
  })
})

describe('the file', () => {
  test('is its user’s alone, and so is what SQLite lays beside it', async () => {
    const file = newFile()
    await writing(opened(file), peerNamed('a'))
    const modes = [file, `${file}-wal`, `${file}-shm`].map((each) => (statSync(each).mode & 0o777).toString(8))
    expect(modes).toEqual(['600', '600', '600'])
  })

  test('is refused when it is no database', () => {
    const file = newFile()
    writeFileSync(file, 'x'.repeat(8_192))
    expect(() => opened(file)).toThrow('not a database')
  })
})
