// The dispatcher at its edges: what it does when an answer cannot be recorded, and when a peer answers nonsense.

import { afterEach, expect, test, vi } from 'vitest'
import type { Store, Write } from '../../../src/domain/ledger.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { problem, ProblemError } from '../../../src/kernel/problem.ts'
import { UNDER_WAY_MS } from '../../../src/domain/exchange/delivery.ts'
import { instant, later } from '../../../src/kernel/time.ts'
import type { Pid } from '../../../src/protocol/ids.ts'
import { createDispatcher, type Dispatcher } from '../../../src/shell/dispatch-outbox.ts'
import { setTimer } from '../../../src/shell/timer.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import type { DspClient } from '../../../src/wire/dsp-client.ts'
import {
  agreementAs,
  CONSUMER,
  negotiationAs,
  NOW,
  outboxRow,
  PROVIDER,
  sceneAs,
  transferAs,
} from '../../fixtures/builders.ts'

const closing: (() => void)[] = []
afterEach(() => {
  for (const close of closing.splice(0)) close()
  vi.useRealTimers()
})

function freshStore(): Store {
  const store = openStore({ file: ':memory:', now: NOW, origin: CONSUMER, nonce: () => '0'.repeat(32) })
  closing.push(() => {
    store.close()
  })
  return store
}

const nothingAsked: DspClient['get'] = () => Promise.reject(new Error('nothing is asked here'))

function dispatcherOn(store: Store, post: DspClient['post'], get = nothingAsked): Dispatcher {
  return createDispatcher({
    store,
    client: {
      post,
      get,
      getOpen: () => Promise.reject(new Error('nor here')),
    },
    clock: () => instant(Date.now()),
    newScene: () => sceneAs('CONSUMER', { now: instant(Date.now()) }),
    random: () => 0.5,
    log: silentLog,
    setTimer,
    inFlightMax: 8,
    perPeerInFlightMax: 8,
  })
}

/** A request of ours that nobody has answered yet. */
function opening(pid: string): readonly Write[] {
  const row = outboxRow({
    pid: pid as Pid,
    counterparty: PROVIDER,
    move: 'ContractRequestMessage:initial',
    messageId: `m-${pid}` as never,
  })
  const process = negotiationAs('CONSUMER', {
    pid: pid as Pid,
    peerPid: null,
    state: 'INITIAL',
    unacknowledged: 'ContractRequestMessage:initial',
  })
  return [
    { put: 'negotiation', row: process },
    { put: 'outbox', row },
  ]
}

function acknowledged(providerPid: string): Awaited<ReturnType<DspClient['post']>> {
  return {
    status: 201,
    headers: {},
    bytes: new Uint8Array(),
    json: { providerPid, state: 'REQUESTED' },
    retryAfterMs: null,
  }
}

test('an answer that cannot be recorded is asked for again after a pause, not without one', async () => {
  vi.useFakeTimers({ now: NOW })
  const store = freshStore()
  await Promise.all([
    store.transact(
      () => null,
      () => ({ write: opening('a'), result: null }),
    ),
    vi.advanceTimersByTimeAsync(1),
  ])
  const full: Store = {
    ...store,
    transact: () => Promise.reject(new ProblemError(problem('store.full', 'the disk is full'))),
  }
  let posts = 0
  const dispatcher = dispatcherOn(full, () => {
    posts += 1
    return Promise.resolve(acknowledged('urn:uuid:p'))
  })

  dispatcher.start()
  await vi.advanceTimersByTimeAsync(900)
  expect(posts).toBe(1)
  await vi.advanceTimersByTimeAsync(2_200)
  expect(posts).toBeGreaterThanOrEqual(3)
  expect(posts).toBeLessThanOrEqual(4)
  await dispatcher.stop()
})

test('a peer that answers with the pid of another process has said nothing we can use: that process ends, the other stays', async () => {
  const store = freshStore()
  const dispatcher = dispatcherOn(store, () => Promise.resolve(acknowledged('urn:uuid:same')))
  await store.transact(
    () => null,
    () => ({ write: [...opening('a'), ...opening('b')], result: null }),
  )
  dispatcher.start()
  await vi.waitUntil(() => store.reader.outboxDue(instant(Number.MAX_SAFE_INTEGER), 10, []).length === 0, {
    timeout: 5_000,
  })
  await dispatcher.stop()

  const states = ['a', 'b'].map((pid) => store.reader.get('negotiation', pid))
  expect(states.map((row) => row?.state).toSorted()).toEqual(['REQUESTED', 'TERMINATED'])
  expect(states.find((row) => row?.state === 'TERMINATED')).toMatchObject({
    peerPid: null,
    problem: { code: 'peer.malformed' },
  })
})

function answered(status: number, json: unknown): Awaited<ReturnType<DspClient['post']>> {
  return { status, headers: {}, bytes: Buffer.from(JSON.stringify(json)), json, retryAfterMs: null }
}

test('an opening whose token a copy of it has used is sent again with another, however often', async () => {
  vi.useFakeTimers({ now: NOW })
  const store = freshStore()
  const replayed = answered(401, { '@type': 'ContractNegotiationError', code: 'token.replayed' })
  let posts = 0
  const dispatcher = dispatcherOn(store, () => Promise.resolve(++posts <= 5 ? replayed : acknowledged('urn:uuid:p')))
  await Promise.all([
    store.transact(
      () => null,
      () => ({ write: opening('a'), result: null }),
    ),
    vi.advanceTimersByTimeAsync(1),
  ])

  dispatcher.start()
  await vi.advanceTimersByTimeAsync(60_000)
  await dispatcher.stop()

  expect(store.reader.get('negotiation', 'a')).toMatchObject({ state: 'REQUESTED', peerPid: 'urn:uuid:p' })
})

test('what is given up is asked for only when it can no longer arrive, and is not sent meanwhile', async () => {
  vi.useFakeTimers({ now: NOW })
  const store = freshStore()
  const transfer = transferAs('CONSUMER', { state: 'STARTED', unacknowledged: 'TransferSuspensionMessage' })
  const deadlineAt = later(NOW, 1)
  const row = outboxRow({ kind: 'transfer', counterparty: PROVIDER, move: 'TransferSuspensionMessage', deadlineAt })
  await Promise.all([
    store.transact(
      () => null,
      () => ({
        write: [
          { put: 'negotiation', row: negotiationAs('CONSUMER', { state: 'FINALIZED' }) },
          { put: 'agreement', row: agreementAs('CONSUMER') },
          { put: 'transfer', row: transfer },
          { put: 'outbox', row },
        ],
        result: null,
      }),
    ),
    vi.advanceTimersByTimeAsync(1),
  ])
  const happened: string[] = []
  const dispatcher = dispatcherOn(
    store,
    () => {
      happened.push('sent')
      return Promise.reject(new ProblemError(problem('peer.unreachable', 'no answer in time')))
    },
    () => {
      happened.push('asked')
      return Promise.resolve(answered(200, { '@type': 'TransferProcess', state: 'SUSPENDED' }))
    },
  )

  dispatcher.start()
  await vi.advanceTimersByTimeAsync(UNDER_WAY_MS - 1_000)
  expect(happened).toEqual(['sent'])
  await vi.advanceTimersByTimeAsync(2_000)
  await dispatcher.stop()

  expect(happened).toEqual(['sent', 'asked'])
  expect(store.reader.get('transfer', transfer.pid)).toMatchObject({ state: 'SUSPENDED', unacknowledged: null })
})
