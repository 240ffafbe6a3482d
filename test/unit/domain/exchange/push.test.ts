// What differs where the provider sends the data: who says where it goes, what is kept of that, and what a start carries.

import { describe, expect, test } from 'vitest'
import { accessTokenHash } from '../../../../src/domain/delivery/access-token.ts'
import { requestTransfer } from '../../../../src/domain/exchange/open.ts'
import { openTransfer, type TransferOpeningRows } from '../../../../src/domain/exchange/receive-transfer-opening.ts'
import { receiveTransfer, type TransferRows } from '../../../../src/domain/exchange/receive-transfer.ts'
import { startTransfer } from '../../../../src/domain/exchange/start-transfer.ts'
import { orThrow, problem } from '../../../../src/kernel/problem.ts'
import { readDataAddress, writeDataAddress } from '../../../../src/protocol/dsp/data-address.ts'
import type {
  DataAddress,
  TransferRequestMessage,
  TransferStartMessage,
} from '../../../../src/protocol/dsp/messages.ts'
import { readPushAddress } from '../../../../src/protocol/dsp/push-address.ts'
import {
  AGREEMENT_ID,
  agreementAs,
  AUTOMATIC,
  dataset,
  inboundTo,
  negotiationAs,
  NOTHING_USED,
  NOW,
  peer,
  pidsOf,
  putsOf,
  sceneAs,
  transferAs,
} from '../../../fixtures/builders.ts'

const PUSH = 'HttpData-PUSH'
const PULL = 'HttpData-PULL'
const ADDRESS: DataAddress = { '@type': 'DataAddress', endpointType: 'HttpData', endpoint: 'https://c.example/in' }

describe('a request for a push that comes in', () => {
  const ROWS: TransferOpeningRows = {
    replayed: false,
    existing: null,
    accepted: false,
    openProcesses: 0,
    agreement: agreementAs('PROVIDER'),
    negotiation: negotiationAs('PROVIDER', { state: 'FINALIZED', agreementId: AGREEMENT_ID, automation: AUTOMATIC }),
    dataset: dataset({ formats: [PULL, PUSH] }),
    peer: peer(),
    ...NOTHING_USED,
    forbidden: null,
  }
  const message = {
    '@type': 'TransferRequestMessage',
    consumerPid: 'urn:uuid:peer',
    agreementId: AGREEMENT_ID,
    format: PUSH,
    callbackAddress: 'https://peer.example/dsp',
  }
  const ask = (more: object, rows: Partial<TransferOpeningRows> = {}) =>
    openTransfer(
      inboundTo<TransferRequestMessage>('PROVIDER', { ...message, ...more } as never, { pid: null }),
      { ...ROWS, ...rows },
      { onRequested: 'start' },
      10,
      sceneAs('PROVIDER'),
    )

  test('is owed its data, and started without an address or a token of ours', () => {
    const { write, result } = ask({ dataAddress: ADDRESS })
    expect(result).toMatchObject({ ok: true, created: true })
    const pid = sceneAs('PROVIDER').fresh.pid
    expect(putsOf(write, 'transfer')[0]).toMatchObject({ dataAddress: ADDRESS, addressAt: null })
    expect(putsOf(write, 'push')).toMatchObject([{ pid, attempts: 0, dueAt: NOW, doneAt: null, deliveryId: null }])
    expect(putsOf(write, 'accessToken')).toEqual([])
    expect(JSON.parse(putsOf(write, 'outbox')[0]?.body ?? '')).not.toHaveProperty('dataAddress')
  })

  // prettier-ignore
  test.each<[string, object, Partial<TransferOpeningRows>, string, string]>([
    ['without an address',                     {},                                                       {},                                                                'message.schema',     'dataAddress'],
    ['with one that nobody can send to',       { dataAddress: { ...ADDRESS, endpoint: 'ftp://x' } },     {},                                                                'message.schema',     'dataAddress.endpoint'],
    ['with one that may not be called',        { dataAddress: ADDRESS },                                 { forbidden: problem('address.forbidden', 'no', 'dataAddress.endpoint') }, 'address.forbidden', 'dataAddress.endpoint'],
    ['of a dataset that is not pushed',        { dataAddress: ADDRESS },                                 { dataset: dataset({ formats: [PULL] }) },                         'format.unsupported', 'format'],
    ['that is a pull, with an address',        { dataAddress: ADDRESS, format: PULL },                   {},                                                                'message.schema',     'dataAddress'],
  ])('%s is refused, and owed nothing', (_what, more, rows, code, path) => {
    const { write, result } = ask(more, rows)
    expect(result).toMatchObject({ ok: false, problem: { code, path } })
    expect(putsOf(write, 'push')).toEqual([])
    expect(putsOf(write, 'transfer')).toMatchObject([{ state: 'TERMINATED', dataAddress: null }])
  })
})

describe('a request of ours', () => {
  const scene = sceneAs('CONSUMER')
  const request = {
    agreement: agreementAs('CONSUMER'),
    peerAddress: 'https://peer.example/dsp',
    automation: { onRequested: 'start' } as const,
  }
  const sink = { type: 'file', path: 'a' } as const

  test('for a sink of ours names our own endpoint, with a token of which only the digest is kept', () => {
    const { next, write } = orThrow(requestTransfer({ ...request, format: PUSH, destination: { sink } }, scene))
    const { dataAddress } = JSON.parse(putsOf(write, 'outbox')[0]?.body ?? '') as { dataAddress: DataAddress }
    expect(readPushAddress(dataAddress)).toMatchObject({
      ok: true,
      value: {
        endpoint: `https://own.example/data/${next.pid}`,
        method: 'PUT',
        authorization: `Bearer ${scene.fresh.accessToken}`,
      },
    })
    expect(putsOf(write, 'reception')).toEqual([
      {
        pid: next.pid,
        tokenHash: accessTokenHash(scene.fresh.accessToken),
        sink,
        bytes: null,
        digest: null,
        doneAt: null,
      },
    ])
    expect(JSON.stringify(next)).not.toContain(scene.fresh.accessToken)
  })

  test('for an address of somebody else’s hands that on, and expects nothing', () => {
    const { write } = orThrow(
      requestTransfer({ ...request, format: PUSH, destination: { dataAddress: ADDRESS } }, scene),
    )
    expect(JSON.parse(putsOf(write, 'outbox')[0]?.body ?? '')).toMatchObject({ dataAddress: ADDRESS })
    expect(putsOf(write, 'reception')).toEqual([])
  })

  test('for a push to nowhere, or for a pull to somewhere, is refused', () => {
    expect(requestTransfer({ ...request, format: PUSH }, scene)).toMatchObject({
      ok: false,
      problem: { path: 'dataAddress' },
    })
    expect(requestTransfer({ ...request, format: PULL, destination: { sink } }, scene)).toMatchObject({
      ok: false,
      problem: { path: 'format' },
    })
  })
})

describe('a start', () => {
  const start = (more: Partial<TransferStartMessage> = {}) =>
    inboundTo<TransferStartMessage>('CONSUMER', { '@type': 'TransferStartMessage', ...pidsOf('CONSUMER'), ...more })
  const rows = (transfer: TransferRows['transfer']): TransferRows => ({
    replayed: false,
    transfer,
    answered: null,
    last: null,
    isPidTaken: false,
    agreement: agreementAs('CONSUMER'),
  })

  test('of a push needs no address, and one that comes all the same is not kept', () => {
    for (const more of [{}, { dataAddress: writeDataAddress({ endpoint: 'https://p.example', authorization: 'x' }) }]) {
      const { write, result } = receiveTransfer(
        start(more),
        rows(transferAs('CONSUMER', { format: PUSH })),
        sceneAs('CONSUMER'),
      )
      expect(result.ok).toBe(true)
      expect(putsOf(write, 'transfer')).toMatchObject([{ state: 'STARTED', dataAddress: null, addressAt: null }])
    }
  })

  test('of a pull says from when the life of its token is counted', () => {
    const dataAddress = writeDataAddress({ endpoint: 'https://p.example', authorization: 'x', expiresInS: 5 })
    const { write } = receiveTransfer(start({ dataAddress }), rows(transferAs('CONSUMER')), sceneAs('CONSUMER'))
    expect(putsOf(write, 'transfer')).toMatchObject([{ dataAddress, addressAt: NOW }])
  })

  test('by a consumer of ours that resumes takes away what stopped the push', () => {
    const transfer = transferAs('PROVIDER', {
      format: PUSH,
      state: 'SUSPENDED',
      problem: problem('push.stopped', '413'),
    })
    const resume = inboundTo<TransferStartMessage>('PROVIDER', {
      '@type': 'TransferStartMessage',
      ...pidsOf('PROVIDER'),
    })
    const { write } = receiveTransfer(
      resume,
      { ...rows(transfer), agreement: agreementAs('PROVIDER') },
      sceneAs('PROVIDER'),
    )
    expect(putsOf(write, 'transfer')).toMatchObject([{ state: 'STARTED', problem: null }])
  })

  test('of a pull for a participant without a key offers no renewal, and announces no end that nothing could be done about', () => {
    const scene = sceneAs('PROVIDER', { keyless: new Set([transferAs('PROVIDER').counterparty]) })
    const { write } = orThrow(startTransfer(transferAs('PROVIDER'), scene))
    const { dataAddress } = JSON.parse(putsOf(write, 'outbox')[0]?.body ?? '') as { dataAddress: DataAddress }
    const read = orThrow(readDataAddress(dataAddress))
    expect(read).not.toHaveProperty('expiresInS')
    expect(read).not.toHaveProperty('refreshToken')
    expect(putsOf(write, 'accessToken')).toMatchObject([{ refreshHash: null }])
  })

  test('of a pull announces no longer life than its token has', () => {
    const { write } = orThrow(startTransfer(transferAs('PROVIDER'), sceneAs('PROVIDER', { accessTokenMs: 60_000 })))
    const { dataAddress } = JSON.parse(putsOf(write, 'outbox')[0]?.body ?? '') as { dataAddress: DataAddress }
    expect(readDataAddress(dataAddress)).toMatchObject({ value: { expiresInS: 60 } })
  })
})
