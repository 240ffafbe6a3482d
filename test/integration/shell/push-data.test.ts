// The pushes that are due: which are sent, and what stays of those whose transfer has ended.

import { expect, onTestFinished, test } from 'vitest'
import type { PushRow, Store, Write } from '../../../src/domain/ledger.ts'
import type { Transfer } from '../../../src/domain/exchange/transfer.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { createPushData } from '../../../src/shell/push-data.ts'
import { setTimer } from '../../../src/shell/timer.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { agreementAs, CONSUMER, negotiationAs, NOW, OWN_PID, PROVIDER, transferAs } from '../../fixtures/builders.ts'
import { eventually } from '../../fixtures/eventually.ts'

const PUSH: PushRow = {
  pid: OWN_PID,
  counterparty: CONSUMER,
  attempts: 0,
  dueAt: NOW,
  deadlineAt: null,
  deliveryId: null,
  lastDeliveryId: null,
  lastError: null,
  lastStatus: null,
  doneAt: null,
}

const transfer = (state: Transfer['state']): Write => ({
  put: 'transfer',
  row: transferAs('PROVIDER', { state, format: 'HttpData-PUSH' }),
})

interface Pushing {
  readonly store: Store
  readonly put: (...write: readonly Write[]) => Promise<unknown>
  /** Lets the attempt that runs end; true where it did something. */
  readonly end: (isMade: boolean) => void
  readonly attempts: () => number
}

/** A store with a push that is due, and an attempt that a test holds in its hand. */
async function pushing(): Promise<Pushing> {
  let n = 0
  const store = openStore({
    file: ':memory:',
    now: NOW,
    origin: PROVIDER,
    nonce: () => (n++).toString(16).padStart(32, '0'),
  })
  let attempts = 0
  let end: (isMade: boolean) => void = () => undefined
  const pushData = createPushData({
    store,
    attemptPush: {
      attempt: () => {
        attempts += 1
        return new Promise((made) => (end = made))
      },
      recheck: () => undefined,
    },
    clock: () => NOW,
    log: silentLog,
    setTimer,
    inFlightMax: 1,
    perPeerInFlightMax: 1,
  })
  onTestFinished(async () => {
    end(true)
    await pushData.stop()
    store.close()
  })
  const put = (...write: readonly Write[]): Promise<unknown> =>
    store.transact(
      () => null,
      () => ({ write, result: null }),
    )
  await put(
    { put: 'negotiation', row: negotiationAs('PROVIDER') },
    { put: 'agreement', row: agreementAs('PROVIDER') },
    transfer('STARTED'),
    { put: 'push', row: PUSH },
  )
  pushData.start()
  await eventually('the first attempt', () => attempts === 1)
  return { store, put, end: (isMade) => end(isMade), attempts: () => attempts }
}

test('a push whose transfer ends before anything of it was sent is forgotten', async () => {
  const { store, put, end, attempts } = await pushing()

  await put(transfer('TERMINATED'))
  end(false)

  await eventually('its row is gone', () => store.reader.get('push', OWN_PID) === null)
  expect(attempts()).toBe(1)
})

test('a push that has arrived stays on record when its transfer ends', async () => {
  const { store, put, end, attempts } = await pushing()

  await put({ put: 'push', row: { ...PUSH, doneAt: NOW } }, transfer('COMPLETED'))
  end(true)
  await put({ put: 'push', row: { ...PUSH, attempts: 1, doneAt: NOW } })

  expect(store.reader.get('push', OWN_PID)).toMatchObject({ attempts: 1, doneAt: NOW })
  expect(attempts()).toBe(1)
})
