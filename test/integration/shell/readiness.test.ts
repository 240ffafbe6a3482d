// Ready or not: what is asked of the database, how often, and what the log says of it.

import { beforeEach, expect, test } from 'vitest'
import type { Log, LogFields } from '../../../src/kernel/log.ts'
import { problem, ProblemError } from '../../../src/kernel/problem.ts'
import { later, type Instant } from '../../../src/kernel/time.ts'
import { createReadiness, type Readiness } from '../../../src/shell/readiness.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { NOW, peer, PROVIDER } from '../../fixtures/builders.ts'

const FULL = new ProblemError(problem('store.full', 'no room'))

let at: Instant
let tries: number
let failure: Error | null
let said: string[]
let readiness: Readiness

beforeEach(() => {
  at = NOW
  tries = 0
  failure = null
  said = []
  const note = (event: string, { problem: why }: LogFields = {}): void => {
    said.push(why === undefined ? event : `${event} ${(why as { code: string }).code}`)
  }
  const log: Log = { debug: note, info: note, warn: note, error: note }
  readiness = createReadiness({
    clock: () => at,
    log,
    tryToWrite: () => {
      tries += 1
      if (failure !== null) throw failure
    },
  })
})

const isReady = (): boolean => readiness.why() === null

test('it is not ready before the start and from the stop on, whatever the database says', () => {
  expect(readiness.why()?.code).toBe('stopping')
  readiness.started()
  expect(isReady()).toBe(true)
  readiness.stopping()
  expect(isReady()).toBe(false)
  expect(said).toEqual(['connector.ready', 'connector.not-ready stopping'])
})

test('the database is asked at most every five seconds, however often somebody wants to know', () => {
  readiness.started()
  for (let n = 0; n < 100; n++) isReady()
  expect(tries).toBe(1)
  at = later(at, 5_000)
  isReady()
  expect(tries).toBe(2)
})

test('a database that takes nothing makes it not ready, and it recovers by itself; each change is said once', () => {
  readiness.started()
  failure = FULL
  at = later(at, 5_000)
  expect([isReady(), isReady()]).toEqual([false, false])
  at = later(at, 5_000)
  expect(isReady()).toBe(false)

  failure = null
  at = later(at, 5_000)
  expect(isReady()).toBe(true)
  expect(said).toEqual(['connector.ready', 'connector.not-ready store.full', 'connector.ready'])
})

test('a bug is not taken for a state of the disk', () => {
  failure = new Error('bug')
  expect(() => readiness.started()).toThrow('bug')
})

test('a transaction that the database did not take is noticed at once, and counted; a refusal of the domain is not', async () => {
  readiness.started()
  let fails: Error | null = FULL
  const transact = readiness.watched(() => (fails === null ? Promise.resolve(null as never) : Promise.reject(fails)))
  const run = (): Promise<unknown> =>
    transact(
      () => null,
      () => ({ write: [], result: null }),
    )

  await expect(run()).rejects.toBe(FULL)
  expect(isReady()).toBe(false)
  fails = new ProblemError(problem('resource.unknown', 'x'))
  await expect(run()).rejects.toBe(fails)
  fails = null
  await expect(run()).resolves.toBeNull()

  expect(readiness.failures()).toEqual({ 'store.full': 1 })
  expect(said).toEqual(['connector.ready', 'connector.not-ready store.full'])
})

test('a database that may not grow says so, leaves nothing of the question behind, and takes writes again once there is room', async () => {
  const store = openStore({ file: ':memory:', now: NOW, origin: PROVIDER, nonce: () => '0'.repeat(32), pagesMax: 120 })
  const put = (n: number): Promise<null> =>
    store.transact(
      () => null,
      () => ({
        write: [{ put: 'peer', row: peer({ did: `did:web:${String(n)}` as never, name: 'x'.repeat(2_000) }) }],
        result: null,
      }),
    )
  store.tryToWrite()
  const before = store.figures()
  store.tryToWrite()
  expect(store.figures()).toEqual(before)

  let n = 0
  const filled = async (): Promise<void> => {
    for (;;) await put(n++)
  }
  await expect(filled()).rejects.toMatchObject({ problem: { code: 'store.full' } })
  expect(() => {
    store.tryToWrite()
  }).toThrow('store.full')

  for (let each = 0; each < 20; each++) {
    await store.transact(
      () => null,
      () => ({ write: [{ remove: 'peer', key: [`did:web:${String(each)}`] }], result: null }),
    )
  }
  store.tryToWrite()
  store.close()
})
