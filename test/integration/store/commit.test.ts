// A commit that fails: nobody is told that it was done, and nothing of it is there.

import Database from 'better-sqlite3'
import { afterEach, expect, test, vi } from 'vitest'
import type { PeerRow, Write } from '../../../src/domain/ledger.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { NOW, PROVIDER } from '../../fixtures/builders.ts'

const OTHERS: readonly string[] = ['did:web:one.example', 'did:web:two.example']

afterEach(() => {
  vi.restoreAllMocks()
})

test('is answered to nobody, and heard by nobody, unless the commit has succeeded', async () => {
  const store = openStore({ file: ':memory:', now: NOW, origin: PROVIDER, nonce: () => '0'.repeat(32) })
  const heard: Write[] = []
  store.onCommit((writes) => {
    heard.push(...writes)
  })
  failCommits()

  const answers = await Promise.allSettled(
    OTHERS.map((did) =>
      store.transact(
        () => null,
        () => listing(did),
      ),
    ),
  )

  expect(answers).toMatchObject(
    OTHERS.map(() => ({ status: 'rejected', reason: { problem: { code: 'store.unavailable' } } })),
  )
  expect(heard).toEqual([])
  expect(OTHERS.map((did) => store.reader.get('peer', did))).toEqual([null, null])

  vi.restoreAllMocks()
  expect(
    await store.transact(
      () => null,
      () => listing('did:web:one.example'),
    ),
  ).toBe('listed')
  store.close()
})

function listing(did: string): { write: readonly Write[]; result: string } {
  const row: PeerRow = { did: did as PeerRow['did'], name: did, claims: {}, address: null, addedAt: NOW }
  return { write: [{ put: 'peer', row }], result: 'listed' }
}

/** The disk fails in the last moment: everything until COMMIT goes well. */
function failCommits(): void {
  const { exec } = Database.prototype
  vi.spyOn(Database.prototype, 'exec').mockImplementation(function (this: Database.Database, sql: string) {
    if (sql === 'COMMIT') throw new Database.SqliteError('disk I/O error', 'SQLITE_IOERR')
    return exec.call(this, sql)
  })
}

test('a patient transaction shares the commit of the next one that is in a hurry, and runs before it', async () => {
  const store = openStore({ file: ':memory:', now: NOW, origin: PROVIDER, nonce: () => '0'.repeat(32) })
  const commits = countCommits()
  const order: string[] = []
  const asked = (name: string, patienceMs: number): Promise<unknown> =>
    store.transact(
      () => order.push(name),
      () => listing(`did:web:${name}.example`),
      patienceMs,
    )

  await Promise.all([asked('patient', 60_000), asked('hurried', 0)])

  expect(order).toEqual(['patient', 'hurried'])
  expect(commits()).toBe(1)
  store.close()
})

test('a patient transaction is committed when its time is over, and at the latest when the store closes', async () => {
  const store = openStore({ file: ':memory:', now: NOW, origin: PROVIDER, nonce: () => '0'.repeat(32) })
  const patient = (did: string, patienceMs: number): Promise<string> =>
    store.transact(
      () => null,
      () => listing(did),
      patienceMs,
    )

  expect(await patient('did:web:one.example', 1)).toBe('listed')
  const last = patient('did:web:two.example', 60_000)
  store.close()

  expect(await last).toBe('listed')
})

function countCommits(): () => number {
  const exec = vi.spyOn(Database.prototype, 'exec')
  return () => exec.mock.calls.filter(([sql]) => sql === 'COMMIT').length
}
