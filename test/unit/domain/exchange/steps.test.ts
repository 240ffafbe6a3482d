// What we do with a process beside receiving: open, propose, hear the ACK, be refused, give up; by hand and by ourselves.

import { describe, expect, test } from 'vitest'
import { actOnNegotiation, actOnTransfer, NEGOTIATION_ACTIONS } from '../../../../src/domain/exchange/act.ts'
import { openNegotiationAs, requestTransfer } from '../../../../src/domain/exchange/open.ts'
import { settleAttempt, type Outcome } from '../../../../src/domain/exchange/settle.ts'
import { startTransfer } from '../../../../src/domain/exchange/start-transfer.ts'
import { isOpen, type Transfer } from '../../../../src/domain/exchange/transfer.ts'
import { accessTokenHash } from '../../../../src/domain/delivery/access-token.ts'
import { readDataAddress } from '../../../../src/protocol/dsp/data-address.ts'
import type { OfferRow, OutboxRow, Write } from '../../../../src/domain/ledger.ts'
import type { Negotiation } from '../../../../src/domain/exchange/negotiation.ts'
import { orThrow, problem } from '../../../../src/kernel/problem.ts'
import { later } from '../../../../src/kernel/time.ts'
import {
  AGREEMENT_ID,
  agreementAs,
  AUTOMATIC,
  BY_MOONLIGHT,
  entriesOf,
  entryTypesOf,
  IN_VIET_NAM,
  negotiationAs,
  NOW,
  offer,
  outboxRow,
  PEER_PID,
  PROVIDER,
  PULL,
  putsOf,
  sceneAs,
  transferAs,
  USE,
} from '../../../fixtures/builders.ts'

const COUNTER = offer({ permission: [{ action: 'use', constraint: [IN_VIET_NAM] }] })
const REFUSED = problem('peer.refused', 'the counter-party answered 400')

describe('opening', () => {
  const request = {
    counterparty: PROVIDER,
    peerAddress: 'https://peer.example/dsp//',
    offer: offer(),
    automation: AUTOMATIC,
  }

  test('writes the process in INITIAL, the message and the evidence; nothing is entered before the ACK', () => {
    const { next, write } = orThrow(openNegotiationAs({ role: 'CONSUMER', ...request }, sceneAs('CONSUMER')))
    expect(next).toMatchObject({ state: 'INITIAL', unacknowledged: 'ContractRequestMessage:initial', peerPid: null })
    expect(putsOf(write, 'outbox')).toMatchObject([
      {
        url: 'https://peer.example/dsp/negotiations/request',
        dueAt: NOW,
        deadlineAt: later(NOW, 86_400_000),
        attempts: 0,
      },
    ])
    expect(entryTypesOf(write)).toEqual(['message.proposed'])
  })

  test('as a provider offers unasked', () => {
    const { write } = orThrow(openNegotiationAs({ role: 'PROVIDER', ...request }, sceneAs('PROVIDER')))
    expect(putsOf(write, 'outbox')).toMatchObject([{ url: 'https://peer.example/dsp/negotiations/offers' }])
  })

  test('is refused for rules that we do not understand ourselves', () => {
    const refused = openNegotiationAs({ role: 'CONSUMER', ...request, offer: offer(BY_MOONLIGHT) }, sceneAs('CONSUMER'))
    expect(refused).toMatchObject({ ok: false, problem: { code: 'offer.not-understood' } })
  })

  // prettier-ignore
  test.each([
    ['as its provider',       agreementAs('PROVIDER'),                             'agreement.unknown'],
    ['before FINALIZED',      agreementAs('CONSUMER', USE, { finalizedAt: null }), 'agreement.not-final'],
    ['after its end',         agreementAs('CONSUMER', USE, { endedAt: NOW }),      'agreement.ended'],
  ])('a transfer under an agreement %s is refused', (_, agreement, code) => {
    const details = { agreement, peerAddress: 'https://peer.example', format: PULL, automation: { onRequested: 'start' } } as const
    expect(requestTransfer(details, sceneAs('CONSUMER'))).toMatchObject({ ok: false, problem: { code } })
  })

  test('a transfer under an agreement of ours names it', () => {
    const details = {
      agreement: agreementAs('CONSUMER'),
      peerAddress: 'https://peer.example',
      format: PULL,
      automation: { onRequested: 'start' },
    } as const
    const { next, write } = orThrow(requestTransfer(details, sceneAs('CONSUMER')))
    expect(next).toMatchObject({ state: 'INITIAL', agreementId: AGREEMENT_ID, counterparty: PROVIDER })
    expect(JSON.parse(putsOf(write, 'outbox')[0]?.body ?? '')).toMatchObject({
      agreementId: AGREEMENT_ID,
      format: PULL,
    })
  })
})

describe('starting', () => {
  test('as the provider gives a token of which only the digest is kept, and an address that a consumer can read', () => {
    const scene = sceneAs('PROVIDER')
    const { write } = orThrow(startTransfer(transferAs('PROVIDER'), scene))
    const { dataAddress } = JSON.parse(putsOf(write, 'outbox')[0]?.body ?? '') as { dataAddress: never }
    expect(readDataAddress(dataAddress)).toMatchObject({
      ok: true,
      value: {
        endpoint: 'https://own.example/data/urn:uuid:own',
        authorization: scene.fresh.accessToken,
        refreshToken: scene.fresh.refreshToken,
        refreshEndpoint: 'https://own.example/data/token',
        expiresInS: 300,
      },
    })
    expect(putsOf(write, 'accessToken')).toEqual([
      {
        hash: accessTokenHash(scene.fresh.accessToken),
        transferPid: 'urn:uuid:own',
        messageId: 'urn:uuid:fresh-message',
        expiresAt: later(NOW, scene.accessTokenMs),
        usedAt: null,
        refreshHash: accessTokenHash(scene.fresh.refreshToken),
        startedAt: NOW,
      },
    ])
    expect(JSON.stringify(entriesOf(write))).not.toContain(scene.fresh.accessToken)
    expect(JSON.stringify(entriesOf(write))).not.toContain(scene.fresh.refreshToken)
  })

  test('as the consumer resumes without an address or a token', () => {
    const { write } = orThrow(startTransfer(transferAs('CONSUMER', { state: 'SUSPENDED' }), sceneAs('CONSUMER')))
    expect(putsOf(write, 'outbox')[0]?.body).not.toContain('dataAddress')
    expect(putsOf(write, 'accessToken')).toEqual([])
  })

  test('is refused where it is not legal, and gives no token', () => {
    expect(startTransfer(transferAs('PROVIDER', { state: 'COMPLETED' }), sceneAs('PROVIDER'))).toMatchObject({
      ok: false,
      problem: { code: 'move.illegal' },
    })
  })
})

describe('a person', () => {
  const scene = sceneAs('PROVIDER', { by: 'admin' })

  test('is named in the evidence of what was done', () => {
    const { write } = orThrow(actOnNegotiation(negotiationAs('PROVIDER'), 'agree', {}, 1, null, scene))
    expect(entriesOf(write)).toMatchObject([
      { type: 'message.proposed', ext: { by: 'admin', move: 'ContractAgreementMessage' } },
    ])
    expect(putsOf(write, 'agreement')).toMatchObject([{ id: 'urn:uuid:fresh-agreement', finalizedAt: null }])
  })

  test('may offer something else on the same dataset, and it is ours from then on', () => {
    const { next } = orThrow(actOnNegotiation(negotiationAs('PROVIDER'), 'offer', { offer: COUNTER }, 1, null, scene))
    expect(next).toMatchObject({
      offer: COUNTER,
      offeredBy: 'PROVIDER',
      state: 'REQUESTED',
      unacknowledged: 'ContractOfferMessage',
    })
  })

  test('may not bring another dataset into a negotiation, nor rules that we do not understand', () => {
    const act = (about: typeof COUNTER) =>
      actOnNegotiation(negotiationAs('PROVIDER'), 'offer', { offer: about }, 1, null, scene)
    expect(act(offer(USE, { target: 'urn:dataset:other' as never }))).toMatchObject({
      ok: false,
      problem: { code: 'offer.differs' },
    })
    expect(act(offer(BY_MOONLIGHT))).toMatchObject({ ok: false, problem: { code: 'offer.not-understood' } })
  })

  test.each(['agree', 'finalize', 'accept', 'verify', 'terminate'] as const)('gives no offer with %s', (action) => {
    const acted = actOnNegotiation(negotiationAs('PROVIDER'), action, { offer: COUNTER }, 1, null, scene)
    expect(acted).toMatchObject({ ok: false, problem: { code: 'request.malformed', path: 'offer' } })
  })

  test('can bind us to nothing that we do not understand, but can always end it', () => {
    const process = negotiationAs('CONSUMER', { state: 'OFFERED', offer: offer(BY_MOONLIGHT) })
    expect(actOnNegotiation(process, 'accept', {}, 1, null, sceneAs('CONSUMER'))).toMatchObject({
      ok: false,
      problem: { code: 'offer.not-understood' },
    })
    expect(actOnNegotiation(process, 'terminate', { reason: 'no' }, 1, null, sceneAs('CONSUMER'))).toMatchObject({
      ok: true,
    })
  })

  test('does nothing that the machine does not allow', () => {
    const actions = Object.keys(NEGOTIATION_ACTIONS) as (keyof typeof NEGOTIATION_ACTIONS)[]
    const refused = actions.filter(
      (action) => !actOnNegotiation(negotiationAs('PROVIDER', { state: 'FINALIZED' }), action, {}, 1, null, scene).ok,
    )
    expect(refused).toEqual(actions)
  })

  test('resumes only what is suspended', () => {
    expect(actOnTransfer(transferAs('PROVIDER'), 'resume', {}, scene)).toMatchObject({
      ok: false,
      problem: { code: 'move.illegal' },
    })
    expect(actOnTransfer(transferAs('PROVIDER', { state: 'SUSPENDED' }), 'resume', {}, scene)).toMatchObject({
      ok: true,
    })
  })

  test('can end a process whose opening is on its way: it ends with the first ACK', () => {
    const opening = negotiationAs('CONSUMER', {
      state: 'INITIAL',
      peerPid: null,
      unacknowledged: 'ContractRequestMessage:initial',
    })
    const { next, write } = orThrow(
      actOnNegotiation(opening, 'terminate', { reason: 'changed my mind' }, 1, null, sceneAs('CONSUMER')),
    )
    expect(next).toMatchObject({ ending: true, unacknowledged: 'ContractRequestMessage:initial' })
    expect(putsOf(write, 'outbox')).toEqual([])

    const acknowledged = settled(next, outboxRow({ move: 'ContractRequestMessage:initial' }), {
      kind: 'acknowledged',
      peerPid: 'urn:uuid:p',
    })
    expect(putsOf(acknowledged, 'negotiation').at(-1)).toMatchObject({
      state: 'REQUESTED',
      peerPid: 'urn:uuid:p',
      ending: false,
      unacknowledged: 'ContractNegotiationTerminationMessage',
    })
    expect(putsOf(acknowledged, 'outbox')[0]?.body).toContain('changed my mind')
  })
})

function settled(
  process: Negotiation | Transfer,
  row: OutboxRow,
  outcome: Outcome,
  open: OutboxRow | null = row,
  offers: readonly OfferRow[] = [],
): readonly Write[] {
  const agreement = agreementAs('PROVIDER', USE, { finalizedAt: null })
  return settleAttempt({ process, open, agreement, offers }, row, outcome, sceneAs('PROVIDER'))
}

describe('an attempt to deliver', () => {
  const process = negotiationAs('PROVIDER', {
    state: 'VERIFIED',
    unacknowledged: 'ContractNegotiationEventMessage:FINALIZED',
    agreementId: AGREEMENT_ID,
  })
  const row = outboxRow({ move: 'ContractNegotiationEventMessage:FINALIZED' })
  const gone = { remove: 'outbox', key: [process.pid] }

  test('that was acknowledged moves the process, ends the message, and brings the agreement into force', () => {
    const write = settled(process, row, { kind: 'acknowledged', peerPid: null })
    expect(putsOf(write, 'negotiation')).toMatchObject([{ state: 'FINALIZED', unacknowledged: null, peerMovedAt: NOW }])
    expect(write).toContainEqual(gone)
    expect(entryTypesOf(write)).toEqual(['message.acknowledged', 'agreement.finalized'])
  })

  test('whose message was overtaken or settled meanwhile changes nothing, but may tell us the peer’s pid', () => {
    const again = { kind: 'again', reason: REFUSED, dueAt: NOW, attempts: 1, lastStatus: 503 } as const
    expect(settled(process, row, again, null)).toEqual([])
    expect(settled(process, row, { kind: 'ended', reason: REFUSED }, null)).toEqual([])
    expect(settled(process, row, { kind: 'asked', state: 'AGREED', reason: REFUSED }, null)).toEqual([])
    expect(settled(process, row, { kind: 'acknowledged', peerPid: 'urn:uuid:other' }, null)).toEqual([])

    const unbound = negotiationAs('CONSUMER', { peerPid: null })
    const told = settled(unbound, row, { kind: 'acknowledged', peerPid: PEER_PID }, null)
    expect(told).toEqual([{ put: 'negotiation', row: { ...unbound, peerPid: PEER_PID } }])
  })

  test('that shall be repeated keeps the same message', () => {
    const write = settled(process, row, {
      kind: 'again',
      dueAt: later(NOW, 200),
      attempts: 1,
      lastStatus: 503,
      reason: REFUSED,
    })
    expect(write).toEqual([
      {
        put: 'outbox',
        row: {
          ...row,
          dueAt: later(NOW, 200),
          attempts: 1,
          lastStatus: 503,
          lastError: expect.stringContaining('peer.refused') as string,
        },
      },
    ])
  })

  test('that was refused takes our offer back: the one before it is the current one again', () => {
    const theirs = offer(USE)
    const negotiation = negotiationAs('PROVIDER', {
      state: 'REQUESTED',
      unacknowledged: 'ContractOfferMessage',
      offer: COUNTER,
      offeredBy: 'PROVIDER',
    })
    const offers: readonly OfferRow[] = [
      { pid: negotiation.pid, number: 1, offeredBy: 'CONSUMER', offer: theirs, at: NOW },
      { pid: negotiation.pid, number: 2, offeredBy: 'PROVIDER', offer: COUNTER, at: NOW },
    ]
    const sent = outboxRow({ move: 'ContractOfferMessage' })

    const write = settled(negotiation, sent, { kind: 'asked', state: 'REQUESTED', reason: REFUSED }, sent, offers)

    expect(putsOf(write, 'negotiation')).toMatchObject([
      { state: 'REQUESTED', unacknowledged: null, offer: theirs, offeredBy: 'CONSUMER', problem: REFUSED },
    ])
    expect(write).toContainEqual({ remove: 'offer', key: [negotiation.pid, '2'] })
  })

  test('that was given up ends the process here, and says so', () => {
    const reason = problem('delivery.deadline', 'not delivered before its deadline')
    const write = settled(process, row, { kind: 'ended', reason })
    expect(putsOf(write, 'negotiation')).toMatchObject([{ state: 'TERMINATED', unacknowledged: null, problem: reason }])
    expect(write).toContainEqual(gone)
    expect(entryTypesOf(write)).toEqual(['process.ended'])
  })

  // prettier-ignore
  test.each([
    ['VERIFIED',   'VERIFIED',   null,                                    ['message.failed']],
    ['FINALIZED',  'FINALIZED',  null,                                    ['message.acknowledged', 'agreement.finalized']],
    ['TERMINATED', 'TERMINATED', null,                                    ['process.ended']],
    ['AGREED',     'VERIFIED',   'ContractNegotiationTerminationMessage', ['message.failed', 'message.proposed']],
  ])('that was refused by a peer in %s leaves us in %s with %s on its way', (peerState, state, unacknowledged, entries) => {
    const write = settled(process, row, { kind: 'asked', state: peerState, reason: REFUSED })
    expect(putsOf(write, 'negotiation').at(-1)).toMatchObject({ state, unacknowledged })
    expect(entryTypesOf(write)).toEqual(entries)
    // The last word on the outbox: the message is gone, or another one has its place.
    if (unacknowledged === null) expect(write).toContainEqual(gone)
    else expect(putsOf(write, 'outbox')).toMatchObject([{ move: unacknowledged }])
  })
})

describe('access that a provider has taken away', () => {
  test.each(['TransferSuspensionMessage', 'TransferCompletionMessage'] as const)(
    'by %s is not given back because the consumer refuses it',
    (move) => {
      const transfer = transferAs('PROVIDER', { state: 'STARTED', unacknowledged: move })
      const write = settled(transfer, outboxRow({ kind: 'transfer', move }), {
        kind: 'asked',
        state: 'STARTED',
        reason: REFUSED,
      })
      const next = putsOf(write, 'transfer').at(-1)
      expect(next).toMatchObject({ unacknowledged: 'TransferTerminationMessage' })
      expect(next !== undefined && isOpen(next)).toBe(false)
    },
  )

  test('is none of a consumer’s: its refused suspension is dropped', () => {
    const transfer = transferAs('CONSUMER', { state: 'STARTED', unacknowledged: 'TransferSuspensionMessage' })
    const write = settled(transfer, outboxRow({ kind: 'transfer', move: 'TransferSuspensionMessage' }), {
      kind: 'asked',
      state: 'STARTED',
      reason: REFUSED,
    })
    expect(putsOf(write, 'transfer')).toMatchObject([{ state: 'STARTED', unacknowledged: null, problem: REFUSED }])
  })
})

test('data may flow under a started transfer, or one whose start is on its way; and under no other', () => {
  // prettier-ignore
  const rows = [
    ['PROVIDER', 'REQUESTED',  null,                         false, false],
    ['PROVIDER', 'REQUESTED',  'TransferStartMessage',       false, true],
    ['PROVIDER', 'SUSPENDED',  null,                         false, false],
    ['PROVIDER', 'SUSPENDED',  'TransferStartMessage',       false, true],
    ['PROVIDER', 'STARTED',    null,                         false, true],
    ['PROVIDER', 'STARTED',    'TransferSuspensionMessage',  false, false],
    ['PROVIDER', 'STARTED',    'TransferCompletionMessage',  false, false],
    ['PROVIDER', 'STARTED',    'TransferTerminationMessage', false, false],
    ['PROVIDER', 'STARTED',    null,                         true,  false],
    ['PROVIDER', 'COMPLETED',  null,                         false, false],
    ['PROVIDER', 'TERMINATED', null,                         false, false],
    ['CONSUMER', 'SUSPENDED',  'TransferStartMessage',       false, false],
    ['CONSUMER', 'STARTED',    null,                         false, true],
  ] as const
  const found = rows.map(([role, state, unacknowledged, ending]) =>
    isOpen(transferAs(role, { state, unacknowledged, ending })),
  )
  expect(found).toEqual(rows.map((row) => row[4]))
})
