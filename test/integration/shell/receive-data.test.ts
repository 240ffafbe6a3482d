// Data that is pushed to us while the transfer moves: what is under way ends in the commit that forbids it.

import { Readable } from 'node:stream'
import { expect, onTestFinished, test } from 'vitest'
import type { Incoming } from '../../../src/dataplane/fill-sink.ts'
import { accessTokenHash, type AccessToken } from '../../../src/domain/delivery/access-token.ts'
import type { Transfer } from '../../../src/domain/exchange/transfer.ts'
import type { Store, Write } from '../../../src/domain/ledger.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { good } from '../../../src/kernel/problem.ts'
import { createReceiveData, type Received } from '../../../src/shell/receive-data.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import {
  agreementAs,
  CONSUMER,
  negotiationAs,
  NOW,
  OWN_PID,
  peer,
  PROVIDER,
  sceneAs,
  transferAs,
} from '../../fixtures/builders.ts'
import { eventually } from '../../fixtures/eventually.ts'

const TOKEN = `${'A'.repeat(42)}A` as AccessToken

const transfer = (state: Transfer['state'], more: Partial<Transfer> = {}): Write => ({
  put: 'transfer',
  row: transferAs('CONSUMER', { state, format: 'HttpData-PUSH', ...more }),
})

interface Receiving {
  readonly store: Store
  readonly put: (...write: readonly Write[]) => Promise<unknown>
  readonly received: Promise<Received>
  readonly entries: () => readonly string[]
}

/** A reception under way, of which nothing more comes; its sink waits for the signal. */
async function receiving(): Promise<Receiving> {
  let n = 0
  const store = openStore({
    file: ':memory:',
    now: NOW,
    origin: CONSUMER,
    nonce: () => (n++).toString(16).padStart(32, '0'),
  })
  const put = (...write: readonly Write[]): Promise<unknown> =>
    store.transact(
      () => null,
      () => ({ write, result: null }),
    )
  await put(
    { put: 'peer', row: peer({ did: PROVIDER }) },
    { put: 'negotiation', row: negotiationAs('CONSUMER') },
    { put: 'agreement', row: agreementAs('CONSUMER') },
    transfer('STARTED'),
    {
      put: 'reception',
      row: {
        pid: OWN_PID,
        tokenHash: accessTokenHash(TOKEN),
        sink: { type: 'file', path: 'a' },
        bytes: null,
        digest: null,
        doneAt: null,
      },
    },
  )
  let isFilling = false
  const receiveData = createReceiveData({
    store,
    isAdmitted: (participant) => store.reader.get('peer', participant) !== null,
    refusals: { check: () => undefined, note: () => undefined },
    newScene: () => sceneAs('CONSUMER'),
    openSecret: () => good(''),
    fillSink: (_sink, { signal }: Incoming) =>
      new Promise((_filled, cut) => {
        isFilling = true
        signal.addEventListener('abort', () => {
          cut(signal.reason as Error)
        })
      }),
    log: silentLog,
    bytesMax: 1_000,
    streamsMax: 1,
  })
  onTestFinished(async () => {
    await receiveData.stop()
    store.close()
  })
  const received = receiveData.receive({
    transferPid: OWN_PID,
    authorization: `Bearer ${TOKEN}`,
    mediaType: 'text/csv',
    size: null,
    body: new Readable({ read: () => undefined }),
    announced: () => null,
    onAdmitted: () => undefined,
  })
  received.catch(() => undefined)
  await eventually('the sink is being filled', () => isFilling)
  const entries = (): readonly string[] => store.reader.evidence(0, 100).map(({ type }) => type)
  return { store, put, received, entries }
}

// prettier-ignore
test.each<[string, readonly Write[], string]>([
  ['a suspension',                                      [transfer('SUSPENDED')],                                               'transfer.not-started'],
  ['our own wish to suspend it',                        [transfer('STARTED', { unacknowledged: 'TransferSuspensionMessage' })], 'transfer.not-started'],
  ['its end, in the commit that also proves its start', [transfer('STARTED'), transfer('TERMINATED')],                          'transfer.not-started'],
  ['the removal of the provider',                       [{ remove: 'peer', key: [PROVIDER] }],                                  'participant.not-admitted'],
])('what comes is broken off by %s, and is on record as lost', async (_what, writes, code) => {
  const { put, received, entries } = await receiving()

  await put(...writes)

  await expect(received).rejects.toMatchObject({ problem: { code } })
  expect(entries()).toEqual(['delivery.arriving', 'delivery.lost'])
})

test('what comes goes on through a commit that is about something else', async () => {
  const { put, received, entries } = await receiving()

  await put(transfer('STARTED'), { put: 'peer', row: peer({ did: CONSUMER }) })

  expect(await Promise.race([received.catch(() => 'broken off'), Promise.resolve('under way')])).toBe('under way')
  expect(entries()).toEqual(['delivery.arriving'])
})
