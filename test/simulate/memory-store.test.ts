// The memory store does what every store does; and only it: what a crash loses, and what it keeps.

import { expect, test } from 'vitest'
import { AGREEMENT_ID, PROVIDER } from '../fixtures/builders.ts'
import { orderSuite } from '../integration/store/order-suite.ts'
import { evidenceTexts, note, peerNamed, storeSuite, writing, type Opened } from '../integration/store/store-suite.ts'
import { createDisk, type Disk } from './memory-store.ts'

function disk(runsTwice = (): boolean => false): Disk {
  return createDisk({
    origin: PROVIDER,
    runsTwice,
    nonce: () => '0'.repeat(32),
    schedule: (ms, flush) => {
      if (ms === 0) setImmediate(flush)
      else setTimeout(flush, ms)
    },
  })
}

function freshStore(): Opened {
  const kept = disk()
  const store = kept.open()
  return {
    store,
    reopen: () => {
      store.close()
      return kept.open()
    },
  }
}

storeSuite('memory', freshStore)
orderSuite('memory', freshStore)

const dids = ({ reader }: Pick<Disk, 'reader'>): readonly string[] =>
  reader.list('peer', { after: null, limit: 10 }).map(({ did }) => did)

const soon = (): Promise<void> => new Promise((go) => void setImmediate(go))

test.each([
  ['lost', []],
  ['kept', ['a', 'b']],
] as const)('what waits when the process dies is %s, all of it, and nobody is told', async (waiting, names) => {
  const kept = disk()
  const store = kept.open()
  const told: unknown[] = []
  store.onCommit((writes) => told.push(writes))
  void writing(store, peerNamed('a')).then((done) => told.push(done))
  void writing(store, peerNamed('b')).then((done) => told.push(done))

  expect(kept.crash(waiting)).toBe(2)
  await soon()

  expect(dids(kept)).toEqual(names)
  expect(told).toEqual([])
})

test('what waits when the next life begins is lost, and the old one can do nothing any more', async () => {
  const kept = disk()
  const dead = kept.open()
  void writing(dead, peerNamed('lost'))
  const store = kept.open()
  void writing(dead, peerNamed('lost too'))
  dead.close()

  await writing(store, peerNamed('a'))

  expect(dids(kept)).toEqual(['a'])
})

test('a snapshot holds what was committed, whatever comes later, and can be come back to again and again', async () => {
  const kept = disk()
  const first = kept.open()
  await writing(first, peerNamed('a'), note('1', AGREEMENT_ID))
  const early = kept.snapshot()
  await writing(first, peerNamed('b'), { remove: 'peer', key: ['a'] }, note('2', AGREEMENT_ID), note('3', 'other'))
  const late = kept.snapshot()
  void writing(first, peerNamed('waits'))

  kept.restore(early)
  const again = kept.open()
  await writing(again, peerNamed('c'), note('another 2', 'other'), note('another 3', AGREEMENT_ID))
  expect([dids(kept), evidenceTexts(again)]).toEqual([
    ['a', 'c'],
    ['1', 'another 2', 'another 3'],
  ])

  kept.restore(late)
  const last = kept.open()
  await writing(last, note('4', AGREEMENT_ID), note('5', 'other'))
  expect([dids(kept), evidenceTexts(last)]).toEqual([['b'], ['1', '2', '3', '4', '5']])
})

test('a commit that runs twice does what it does once, and tells it once', async () => {
  const kept = disk(() => true)
  const store = kept.open()
  const [told, ran]: unknown[][] = [[], []]
  store.onCommit((writes) => told?.push(writes.length))
  const add = (did: string): Promise<number> =>
    store.transact(
      (read) => read.list('peer', { after: null, limit: 10 }).length,
      (found) => {
        ran?.push(found)
        return { write: [peerNamed(did), note(did, AGREEMENT_ID)], result: found }
      },
    )

  expect(await Promise.all([add('a'), add('b')])).toEqual([0, 1])

  expect([ran, told, dids(kept), evidenceTexts(store)]).toEqual([
    [0, 1, 0, 1],
    [2, 2],
    ['a', 'b'],
    ['a', 'b'],
  ])
})
