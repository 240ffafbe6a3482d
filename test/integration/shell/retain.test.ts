// What is over goes when its time has come, from a real database, with evidence that holds; what is needed stays.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { verifyEvidence } from '../../../src/cli/evidence-verify.ts'
import type { Write } from '../../../src/domain/ledger.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { later, type Instant } from '../../../src/kernel/time.ts'
import type { AgreementId, Pid } from '../../../src/protocol/ids.ts'
import { createRetain, type Retain } from '../../../src/shell/retain.ts'
import { openStore, type SqliteStore } from '../../../src/store/sqlite.ts'
import {
  agreementAs,
  deliveryRow,
  inboxRow,
  negotiationAs,
  NOW,
  PROVIDER,
  transferAs,
} from '../../fixtures/builders.ts'

const DAY = 24 * 60 * 60 * 1000
const PERIODS = { endedDays: 10, deliveriesDays: 5 }

let store: SqliteStore
let file: string
let timers: { readonly ms: number; readonly wake: () => void }[]
let at: Instant

beforeEach(() => {
  const directory = mkdtempSync(join(tmpdir(), 'lingqu-retain-'))
  file = join(directory, 'connector.db')
  let n = 0
  store = openStore({ file, now: NOW, origin: PROVIDER, nonce: () => (n++).toString(16).padStart(32, '0') })
  timers = []
  at = NOW
  onTestFinished(() => {
    store.close()
    rmSync(directory, { recursive: true, force: true })
  })
})

function retain(periods = PERIODS): Retain {
  return createRetain({
    store,
    clock: () => at,
    self: PROVIDER,
    log: silentLog,
    setTimer: (ms, wake) => {
      timers.push({ ms, wake })
      return () => undefined
    },
    pause: () => Promise.resolve(),
    periods,
  })
}

function put(...write: readonly Write[]): Promise<null> {
  return store.transact(
    () => null,
    () => ({ write, result: null }),
  )
}

/** A negotiation with its agreement, one message, a transfer under it, and a delivery; all of it `days` old. */
async function history(name: string, days: number, ended: boolean): Promise<void> {
  const then = later(NOW, -days * DAY)
  const [pid, agreementId, transferPid] = [`n-${name}` as Pid, `a-${name}` as AgreementId, `t-${name}` as Pid]
  const unique = { peerPid: `peer-${name}`, agreementId }
  const agreement = { ...agreementAs('PROVIDER').agreement, '@id': agreementId }
  const delivery = { agreementId, transferPid, startedAt: then, endedAt: then, outcome: 'complete' } as const
  await put(
    { put: 'negotiation', row: negotiationAs('PROVIDER', { ...unique, pid, state: 'FINALIZED', updatedAt: then }) },
    {
      put: 'agreement',
      row: agreementAs('PROVIDER', {}, { agreement, negotiationPid: pid, endedAt: ended ? then : null }),
    },
    { put: 'inbox', row: inboxRow({ pid }) },
    {
      put: 'transfer',
      row: transferAs('PROVIDER', {
        ...unique,
        pid: transferPid,
        state: ended ? 'COMPLETED' : 'STARTED',
        updatedAt: then,
      }),
    },
    { put: 'counter', row: { agreementId, action: 'use', used: 1 } },
    { put: 'usage', row: { agreementId, deliveries: 1, bytes: 5, milliseconds: 1, records: null, firstAt: null } },
    { put: 'delivery', row: deliveryRow({ ...delivery, id: `d-${name}` }) },
    {
      append: 'evidence',
      entry: { type: 'agreement.finalized', at: then, actor: PROVIDER, pid, agreement: agreementId },
    },
  )
}

describe('a run', () => {
  test('removes what was over before its period, whole; leaves the rest; and the evidence holds', async () => {
    await history('over', 11, true)
    await history('young', 9, true)
    await history('in-force', 4_000, false)

    const { removed } = await retain().run()

    // prettier-ignore
    expect(removed).toEqual({ delivery: 3, transfer: 1, inbox: 1, counter: 1, usage: 1, agreement: 1, negotiation: 1 })
    const { reader } = store
    expect(reader.list('agreement', { after: null, limit: 10 }).map(({ id }) => id)).toEqual(['a-in-force', 'a-young'])
    expect(reader.get('transfer', 't-in-force')).not.toBeNull()
    expect(reader.inboxOf('n-in-force' as Pid, 10)).toHaveLength(1)
    expect(reader.get('counter', 'a-in-force', 'use')).toMatchObject({ used: 1 })
    expect(reader.get('usage', 'a-in-force')).toMatchObject({ bytes: 5 })
    expect(
      reader
        .evidence(0, 100)
        .filter(({ type }) => type === 'retention.removed')
        .map(({ pid }) => pid),
    ).toEqual([null, 't-over', 'n-over'])
    expect(verifyEvidence(file)).toMatchObject({ verified: true, entries: 6 })
  })

  test('finds nothing more when it runs again, and writes nothing', async () => {
    await history('over', 11, true)
    const again = retain()
    await again.run()
    const head = store.reader.evidenceHead()

    expect(await again.run()).toEqual({ at: NOW, removed: {} })
    expect(store.reader.evidenceHead()).toEqual(head)
  })

  test('with periods of 0 keeps everything for good', async () => {
    await history('over', 30_000, true)
    expect((await retain({ endedDays: 0, deliveriesDays: 0 }).run()).removed).toEqual({})
  })

  test('passes by what cannot go yet, however much of it comes first', async () => {
    for (let n = 0; n < 120; n++) {
      const row = transferAs('PROVIDER', {
        pid: `t-${String(n)}` as Pid,
        peerPid: `p-${String(n)}`,
        state: 'TERMINATED',
        unacknowledged: 'TransferTerminationMessage',
        updatedAt: later(NOW, -100 * DAY - 1_000 + n),
      })
      await put({ put: 'transfer', row })
    }
    await history('over', 11, true)

    expect((await retain().run()).removed).toMatchObject({ transfer: 1, agreement: 1 })
  })

  test('takes many deliveries in slices of one transaction each', async () => {
    await history('over', 11, false)
    const base = store.reader.get('delivery', 'd-over')
    if (base === null) throw new Error('there is a delivery')
    await put(
      ...Array.from({ length: 1_200 }, (_, n): Write => ({ put: 'delivery', row: { ...base, id: `d-${String(n)}` } })),
    )
    let commits = 0
    store.onCommit((writes) => {
      if (writes.length > 0) commits += 1
    })

    expect((await retain().run()).removed).toEqual({ delivery: 1_201 })
    expect(commits).toBe(3)
  })

  test('that is asked for twice at a moment is one', async () => {
    await history('over', 11, true)
    const both = retain()
    const [one, other] = await Promise.all([both.run(), both.run()])
    expect(one).toBe(other)
    expect(both.last()).toBe(one)
  })
})

test('it runs by itself, a while after the start and then once a day, and not after a stop', async () => {
  const daily = retain()
  daily.start()
  expect(timers.map(({ ms }) => ms)).toEqual([10 * 60 * 1000])

  timers[0]?.wake()
  await daily.run()
  await new Promise(setImmediate)
  expect(timers.map(({ ms }) => ms)).toEqual([10 * 60 * 1000, DAY])

  await daily.stop()
  timers[1]?.wake()
  await new Promise(setImmediate)
  expect(timers).toHaveLength(2)
})
