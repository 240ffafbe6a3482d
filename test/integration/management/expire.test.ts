// The alarm clock of processes: armed for the next deadline and for nothing else, with a clock and a timer that are passed in.

import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Store, Write } from '../../../src/domain/ledger.ts'
import { NEGOTIATION } from '../../../src/domain/exchange/negotiation.ts'
import { TRANSFER } from '../../../src/domain/exchange/transfer.ts'
import { turnIn } from '../../../src/domain/exchange/waiting.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { problem, ProblemError } from '../../../src/kernel/problem.ts'
import { instant, later, type Instant } from '../../../src/kernel/time.ts'
import type { MessageId, Pid } from '../../../src/protocol/ids.ts'
import { createExpirer, type Expirer } from '../../../src/shell/expire-processes.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { negotiationAs, NOW, sceneAs, transferAs } from '../../fixtures/builders.ts'

const PATIENCE_MS = 60_000
const HOURS = 60 * 60 * 1000

let store: Store
let now: Instant
let timers: { readonly ms: number; readonly wake: () => void }[]
let expirer: Expirer

/** A store whose next transactions fail, as on a full disk. */
let failures = 0

beforeEach(() => {
  now = NOW
  timers = []
  failures = 0
  store = openStore({ file: ':memory:', now: NOW, origin: 'did:web:own.example', nonce: () => '0'.repeat(32) })
  expirer = expirerWith(PATIENCE_MS)
})
afterEach(async () => {
  await expirer.stop()
  store.close()
})

function expirerWith(patienceMs: number): Expirer {
  let messages = 0
  const transact: Store['transact'] = (load, decide) =>
    failures-- > 0 ? Promise.reject(new ProblemError(problem('store.full', 'full'))) : store.transact(load, decide)
  return createExpirer({
    store: { ...store, transact },
    clock: () => now,
    newScene: () => {
      const scene = sceneAs('PROVIDER', { now })
      return { ...scene, fresh: { ...scene.fresh, messageId: `urn:uuid:m${String(++messages)}` as MessageId } }
    },
    log: silentLog,
    setTimer: (ms, wake) => {
      const timer = { ms, wake }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    patienceMs,
  })
}

async function write(...writes: readonly Write[]): Promise<void> {
  await store.transact(
    () => null,
    () => ({ write: writes, result: null }),
  )
}

function waits(name: string, updatedAt: Instant): Write {
  const row = negotiationAs('PROVIDER', {
    pid: name as Pid,
    peerPid: `peer-${name}`,
    state: 'REQUESTED',
    unacknowledged: null,
    updatedAt,
  })
  return { put: 'negotiation', row }
}

/** The clock goes on by that much, the one timer rings, and what it begins comes to its end. */
async function ring(ms: number): Promise<void> {
  const [timer] = timers
  timers = []
  now = later(now, ms)
  timer?.wake()
  await new Promise((done) => setImmediate(done))
  await write()
  await new Promise((done) => setImmediate(done))
}

function openMoves(...names: readonly string[]): readonly unknown[] {
  return names.map((name) => store.reader.get('negotiation', name)?.unacknowledged)
}

test('sleeps without a timer while nothing waits, and is armed by the commit that makes something wait', async () => {
  expirer.start()
  expect(timers).toEqual([])

  await write(waits('a', NOW))

  expect(timers.map(({ ms }) => ms)).toEqual([PATIENCE_MS])
  await write(waits('b', later(NOW, 5)))
  expect(timers).toHaveLength(1)
})

test('is armed at the start for what waits since before', async () => {
  await write(waits('a', NOW))
  now = later(NOW, 20_000)

  expirer.start()

  expect(timers.map(({ ms }) => ms)).toEqual([PATIENCE_MS - 20_000])
})

test('ends what is due when it rings, leaves the rest, and is armed for the next deadline', async () => {
  await write(waits('a', NOW), waits('b', later(NOW, 5)))
  expirer.start()

  await ring(PATIENCE_MS)

  expect(openMoves('a', 'b')).toEqual(['ContractNegotiationTerminationMessage', null])
  expect(timers.map(({ ms }) => ms)).toEqual([5])
  await ring(5)
  expect(openMoves('b')).toEqual(['ContractNegotiationTerminationMessage'])
  expect(timers).toEqual([])
})

test('leaves a process that has moved since, and rings again at its new deadline', async () => {
  await write(waits('a', NOW))
  expirer.start()
  await write(waits('a', later(NOW, 30_000)))

  await ring(PATIENCE_MS)

  expect(openMoves('a')).toEqual([null])
  expect(timers.map(({ ms }) => ms)).toEqual([30_000])
})

test('ends more than one batch, one after the other, without waiting', async () => {
  await write(...Array.from({ length: 120 }, (_, index) => waits(`p${String(index)}`, NOW)))
  now = later(NOW, PATIENCE_MS)
  expirer.start()

  for (let round = 0; timers.length > 0 && round < 5; round += 1) {
    expect(timers.map(({ ms }) => ms)).toEqual([0])
    await ring(0)
  }

  expect(store.reader.idleSince(now, 10)).toEqual([])
})

test('tries again after a minute, not at once, where the store does not take it', async () => {
  await write(waits('a', NOW))
  expirer.start()
  failures = 1

  await ring(PATIENCE_MS)

  expect(openMoves('a')).toEqual([null])
  expect(timers.map(({ ms }) => ms)).toEqual([60_000])
  await ring(60_000)
  expect(openMoves('a')).toEqual(['ContractNegotiationTerminationMessage'])
})

test('trusts no timer for longer than a day', async () => {
  expirer = expirerWith(72 * HOURS)
  await write(waits('a', NOW))
  expirer.start()

  expect(timers.map(({ ms }) => ms)).toEqual([24 * HOURS])
  await ring(24 * HOURS)
  expect(openMoves('a')).toEqual([null])
  await ring(24 * HOURS)
  await ring(24 * HOURS)
  expect(openMoves('a')).toEqual(['ContractNegotiationTerminationMessage'])
})

test('calls its timer off when it is stopped', async () => {
  await write(waits('a', NOW))
  expirer.start()

  await expirer.stop()
  await write(waits('b', NOW))

  expect(timers).toEqual([])
})

test('what the store calls waiting is our turn in every role and state, and what runs though our last move was refused', async () => {
  const states = (machine: {
    readonly arrows: readonly { from: readonly string[]; to: string }[]
  }): readonly string[] => [...new Set(machine.arrows.flatMap(({ from, to }) => [...from, to]))]
  const roles = ['CONSUMER', 'PROVIDER'] as const
  const problems = [null, problem('peer.refused', 'no'), problem('process.ended', 'a pause')]
  let at = 0
  const rest = (): object => ({
    pid: `p${String(++at)}`,
    peerPid: `peer-${String(at)}`,
    updatedAt: instant(NOW + at),
    unacknowledged: null,
  })
  const negotiations = states(NEGOTIATION).flatMap((state) =>
    roles.flatMap((role) =>
      [null, 'ContractNegotiationTerminationMessage'].map((unacknowledged) =>
        negotiationAs(role, { ...rest(), state, unacknowledged } as never),
      ),
    ),
  )
  const transfers = states(TRANSFER).flatMap((state) =>
    roles.flatMap((role) => problems.map((each) => transferAs(role, { ...rest(), state, problem: each } as never))),
  )
  await write(
    ...negotiations.map((row): Write => ({ put: 'negotiation', row })),
    ...transfers.map((row): Write => ({ put: 'transfer', row })),
  )

  const refused = transfers.filter(
    ({ state, unacknowledged, problem: last }) =>
      /^(STARTED|SUSPENDED)$/.test(state) && unacknowledged === null && last?.code === 'peer.refused',
  )
  const inTurn = [...negotiations, ...transfers].filter((process) => turnIn(process) === 'ours')
  const expected = [...inTurn, ...refused].sort((a, b) => a.updatedAt - b.updatedAt)
  const found = store.reader.waiting(null, 1_000)

  expect(found.map(({ pid }) => pid)).toEqual(expected.map(({ pid }) => pid))
  const [first] = expected
  expect(store.reader.waiting(first ?? null, 2).map(({ pid }) => pid)).toEqual(
    expected.slice(1, 3).map(({ pid }) => pid),
  )
})
