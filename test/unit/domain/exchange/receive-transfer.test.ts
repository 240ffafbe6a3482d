// A message to a transfer process that exists, and the request that opens one.

import { describe, expect, test } from 'vitest'
import { receiveTransfer } from '../../../../src/domain/exchange/receive-transfer.ts'
import { openTransfer, type TransferOpeningRows } from '../../../../src/domain/exchange/receive-transfer-opening.ts'
import type { Transfer } from '../../../../src/domain/exchange/transfer.ts'
import { UNDER_WAY_MS } from '../../../../src/domain/exchange/delivery.ts'
import type { AgreementRow, InboxRow } from '../../../../src/domain/ledger.ts'
import { instant, later } from '../../../../src/kernel/time.ts'
import { writeDataAddress } from '../../../../src/protocol/dsp/data-address.ts'
import type { TransferMessage, TransferRequestMessage } from '../../../../src/protocol/dsp/messages.ts'
import type { Role } from '../../../../src/protocol/ids.ts'
import {
  AGREEMENT_ID,
  agreementAs,
  BY_MOONLIGHT,
  CONSUMER,
  dataset,
  entriesOf,
  entryTypesOf,
  IN_VIET_NAM,
  inboundTo,
  negotiationAs,
  NOTHING_USED,
  NOW,
  OWN_PID,
  peer,
  pidsOf,
  PULL,
  putsOf,
  sceneAs,
  STRANGER,
  transferAs,
  USE,
} from '../../../fixtures/builders.ts'

const ADDRESS = writeDataAddress({ endpoint: 'https://peer.example/data/1', authorization: 'token' })

function received(
  role: Role,
  content: Readonly<Record<string, unknown>>,
  process: Partial<Transfer> = {},
  agreement: AgreementRow | null = agreementAs(role),
  last: InboxRow | null = null,
) {
  const message = { '@id': 'urn:uuid:message', ...pidsOf(role), ...content } as unknown as TransferMessage
  const rows = {
    replayed: false,
    transfer: transferAs(role, process),
    answered: null,
    last,
    isPidTaken: false,
    agreement,
  }
  return receiveTransfer(inboundTo(role, message), rows, sceneAs(role))
}

describe('the start of a pull', () => {
  const start = { '@type': 'TransferStartMessage', dataAddress: ADDRESS }

  test('tells the consumer where the data is', () => {
    const { write, result } = received('CONSUMER', start)
    expect(result).toMatchObject({ ok: true, state: 'STARTED' })
    expect(putsOf(write, 'transfer')).toMatchObject([{ dataAddress: ADDRESS }])
  })

  test('is refused where nobody has ever said that', () => {
    const { result } = received('CONSUMER', { '@type': 'TransferStartMessage' })
    expect(result).toMatchObject({ ok: false, problem: { code: 'message.schema', path: 'dataAddress' } })
  })

  test('keeps the address of the start before where a resume names none', () => {
    const { write, result } = received(
      'CONSUMER',
      { '@type': 'TransferStartMessage' },
      { state: 'SUSPENDED', dataAddress: ADDRESS },
    )
    expect(result).toMatchObject({ ok: true, state: 'STARTED' })
    expect(putsOf(write, 'transfer')).toMatchObject([{ dataAddress: ADDRESS }])
  })

  test('is refused under an agreement that was ended here', () => {
    const { result } = received('CONSUMER', start, {}, agreementAs('CONSUMER', USE, { endedAt: NOW }))
    expect(result).toMatchObject({ ok: false, problem: { code: 'agreement.ended' } })
  })

  test('by a consumer is refused in REQUESTED, and resumes a suspended transfer', () => {
    const resume = { '@type': 'TransferStartMessage' }
    expect(received('PROVIDER', resume).result).toMatchObject({ ok: false, problem: { code: 'move.illegal' } })
    expect(received('PROVIDER', resume, { state: 'SUSPENDED' }).result).toMatchObject({ ok: true, state: 'STARTED' })
  })
})

test('a suspension keeps the peer’s words; a completion that crosses it wins on both sides', () => {
  const suspension = { '@type': 'TransferSuspensionMessage', reason: ['maintenance'] }
  const { write } = received('CONSUMER', suspension, { state: 'STARTED' })
  expect(putsOf(write, 'transfer')[0]?.problem?.message).toContain('maintenance')

  const completing = { state: 'STARTED', unacknowledged: 'TransferCompletionMessage' } as const
  const suspending = { state: 'STARTED', unacknowledged: 'TransferSuspensionMessage' } as const
  expect(received('CONSUMER', suspension, completing).result).toMatchObject({
    ok: false,
    problem: { code: 'move.illegal' },
  })
  const completed = received('PROVIDER', { '@type': 'TransferCompletionMessage' }, suspending)
  expect(completed.result).toMatchObject({ ok: true, state: 'COMPLETED' })
  expect(completed.write).toContainEqual({ remove: 'outbox', key: ['urn:uuid:own'] })
})

// Both sides suspended at once, or resumed at once: the message of one of them is overtaken, and comes late.
describe('where moves have crossed,', () => {
  const MOVES = [
    ['TransferSuspensionMessage', 'SUSPENDED', 'TransferStartMessage'],
    ['TransferStartMessage', 'STARTED', 'TransferSuspensionMessage'],
  ] as const
  const JUST_IN_TIME = instant(NOW - UNDER_WAY_MS + 1)
  const LONG_AGO = instant(NOW - UNDER_WAY_MS)
  const lastAt = (at: typeof NOW): InboxRow => ({
    pid: OWN_PID,
    sender: CONSUMER,
    messageId: 'urn:uuid:before',
    bodyDigest: 'sha-256:00',
    accepted: true,
    stateAfter: 'SUSPENDED',
    problem: null,
    at,
  })

  test.each(MOVES)(
    'a %s that comes while our next move is open after our own move to %s may be older',
    (type, state, ours) => {
      for (const role of ['CONSUMER', 'PROVIDER'] as const) {
        const process = { state, unacknowledged: ours, dataAddress: ADDRESS }
        const of = (peerMovedAt: typeof NOW, last: InboxRow | null) =>
          received(role, { '@type': type }, { ...process, peerMovedAt }, agreementAs(role), last)

        const doubtful = of(JUST_IN_TIME, lastAt(LONG_AGO))
        expect(doubtful.result).toMatchObject({ ok: false, problem: { code: 'busy.overtaken' } })
        expect([putsOf(doubtful.write, 'transfer'), putsOf(doubtful.write, 'inbox')]).toEqual([[], []])
        expect(entriesOf(doubtful.write)).toEqual([])

        // Too late to be older, or the counter-party moved last: then it is the reply that it looks like.
        for (const reply of [of(LONG_AGO, lastAt(JUST_IN_TIME)), of(JUST_IN_TIME, lastAt(JUST_IN_TIME))]) {
          expect(reply.result).toMatchObject({ ok: true, state })
          expect(putsOf(reply.write, 'transfer')).toMatchObject([{ unacknowledged: null }])
        }
      }
    },
  )

  test('a completion or a termination is no crossing: our suspension would not have been acknowledged', () => {
    const process = { state: 'SUSPENDED', unacknowledged: 'TransferStartMessage', peerMovedAt: NOW } as const
    const ofType = (type: string) =>
      received('PROVIDER', { '@type': type }, process, agreementAs('PROVIDER'), lastAt(LONG_AGO))
    expect(ofType('TransferCompletionMessage').result).toMatchObject({ ok: true, state: 'COMPLETED' })
    expect(ofType('TransferTerminationMessage').result).toMatchObject({ ok: true, state: 'TERMINATED' })
  })

  test.each(MOVES)(
    'after a %s of ours that was overtaken in %s, a %s waits until it can no longer arrive',
    (move, state, theirs) => {
      const of = (until: typeof NOW) =>
        received('PROVIDER', { '@type': theirs }, { state, overtaken: { move, until } }).result
      expect(of(later(NOW, 1))).toMatchObject({ ok: false, problem: { code: 'busy.overtaken' } })
      expect(of(NOW)).toMatchObject({ ok: true })
    },
  )
})

test('a foreign transfer and an unknown one are answered alike, and nothing is written', () => {
  const message = { '@type': 'TransferCompletionMessage', ...pidsOf('PROVIDER') } as unknown as TransferMessage
  const rows = {
    replayed: false,
    transfer: transferAs('PROVIDER'),
    answered: null,
    last: null,
    isPidTaken: false,
    agreement: null,
  }
  const foreign = receiveTransfer(inboundTo('PROVIDER', message, { sender: STRANGER }), rows, sceneAs('PROVIDER'))
  const unknown = receiveTransfer(inboundTo('PROVIDER', message), { ...rows, transfer: null }, sceneAs('PROVIDER'))
  expect(foreign).toEqual(unknown)
  expect(foreign.write).toEqual([])
})

describe('a TransferRequestMessage', () => {
  const ROWS: TransferOpeningRows = {
    replayed: false,
    existing: null,
    accepted: false,
    openProcesses: 0,
    agreement: agreementAs('PROVIDER'),
    negotiation: negotiationAs('PROVIDER', { state: 'FINALIZED', agreementId: AGREEMENT_ID }),
    dataset: dataset(),
    peer: peer(),
    ...NOTHING_USED,
    forbidden: null,
  }
  const request = (more: Readonly<Record<string, unknown>> = {}) =>
    inboundTo<TransferRequestMessage>(
      'PROVIDER',
      {
        '@type': 'TransferRequestMessage',
        '@id': 'urn:uuid:m',
        consumerPid: 'urn:uuid:peer',
        agreementId: AGREEMENT_ID,
        format: PULL,
        callbackAddress: 'https://peer.example/dsp/',
        ...more,
      } as never,
      { pid: null },
    )
  const opened = (rows: Partial<TransferOpeningRows> = {}, inbound = request()) =>
    openTransfer(inbound, { ...ROWS, ...rows }, { onRequested: 'start' }, 3, sceneAs('PROVIDER'))

  test('under an agreement in force opens a transfer and starts it, with the decision as evidence', () => {
    const { write, result } = opened()
    expect(result).toMatchObject({
      ok: true,
      created: true,
      state: 'REQUESTED',
      pids: { consumerPid: 'urn:uuid:peer' },
    })
    expect(entryTypesOf(write)).toEqual(['decision', 'message.received', 'message.proposed'])
    expect(putsOf(write, 'outbox')).toMatchObject([{ move: 'TransferStartMessage' }])
    expect(putsOf(write, 'accessToken')).toMatchObject([{ messageId: 'urn:uuid:fresh-message', usedAt: null }])
  })

  // prettier-ignore
  test.each<[string, Partial<TransferOpeningRows>, Readonly<Record<string, unknown>>, string]>([
    ['an agreement that does not exist',      { agreement: null },                                                        {},                        'agreement.unknown'],
    ['an agreement of somebody else',         { agreement: agreementAs('PROVIDER', USE, { counterparty: STRANGER }) },    {},                        'agreement.unknown'],
    ['an agreement in which we consume',      { agreement: agreementAs('CONSUMER', USE, { counterparty: CONSUMER }) },    {},                        'agreement.unknown'],
    ['an agreement that is not final',        { agreement: agreementAs('PROVIDER', USE, { finalizedAt: null }) },         {},                        'agreement.not-final'],
    ['an agreement that was ended',           { agreement: agreementAs('PROVIDER', USE, { endedAt: NOW }) },              {},                        'agreement.ended'],
    ['a format that the dataset has not',     {},                                                                         { format: 'S3-PUSH' },     'format.unsupported'],
    ['a dataset that is gone',                { dataset: null },                                                          {},                        'format.unsupported'],
    ['a data address for a pull',             {},                                                                         { dataAddress: ADDRESS },  'message.schema'],
    ['a policy that says no',                 { agreement: agreementAs('PROVIDER', { permission: [{ action: 'use', constraint: [IN_VIET_NAM] }] }), peer: peer({ claims: { country: 'CN' } }) }, {}, 'policy.denied'],
    ['a country that nobody knows',           { agreement: agreementAs('PROVIDER', { permission: [{ action: 'use', constraint: [IN_VIET_NAM] }] }), peer: null }, {},           'policy.denied'],
    ['a policy that we do not understand',    { agreement: agreementAs('PROVIDER', BY_MOONLIGHT) },                       {},                        'policy.not-understood'],
  ])('with %s is refused, remembered and evidence; nothing is started', (_, rows, content, code) => {
    const { write, result } = opened(rows, request(content))
    expect(result).toMatchObject({ ok: false, problem: { code }, pids: { consumerPid: 'urn:uuid:peer', providerPid: 'urn:uuid:fresh-pid' } })
    expect(putsOf(write, 'transfer')).toMatchObject([{ state: 'TERMINATED' }])
    expect(putsOf(write, 'inbox')).toMatchObject([{ accepted: false }])
    expect(putsOf(write, 'outbox')).toEqual([])
    expect(putsOf(write, 'accessToken')).toEqual([])
    expect(entryTypesOf(write)).toContain('message.refused')
  })

  test('under somebody else’s agreement leaves no trace in that agreement’s chain', () => {
    const { write } = opened({ agreement: agreementAs('PROVIDER', USE, { counterparty: STRANGER }) })
    expect(entriesOf(write).filter((entry) => entry.agreement !== undefined)).toEqual([])
  })

  test('proves that our FINALIZED arrived: the agreement is in force, and the transfer starts', () => {
    const negotiation = negotiationAs('PROVIDER', {
      state: 'VERIFIED',
      unacknowledged: 'ContractNegotiationEventMessage:FINALIZED',
      agreementId: AGREEMENT_ID,
    })
    const { write, result } = opened({ negotiation, agreement: agreementAs('PROVIDER', USE, { finalizedAt: null }) })
    expect(result).toMatchObject({ ok: true })
    expect(putsOf(write, 'negotiation')).toMatchObject([{ state: 'FINALIZED', unacknowledged: null }])
    expect(putsOf(write, 'agreement')).toMatchObject([{ finalizedAt: NOW }])
    expect(entryTypesOf(write)).toContain('agreement.finalized')
  })

  test('of somebody else proves nothing', () => {
    const negotiation = negotiationAs('PROVIDER', {
      state: 'VERIFIED',
      unacknowledged: 'ContractNegotiationEventMessage:FINALIZED',
      agreementId: AGREEMENT_ID,
    })
    const foreign = agreementAs('PROVIDER', USE, { finalizedAt: null, counterparty: STRANGER })
    expect(putsOf(opened({ negotiation, agreement: foreign }).write, 'negotiation')).toEqual([])
  })

  test('again opens nothing new; with another body it is a mistake', () => {
    const existing = transferAs('PROVIDER', { state: 'STARTED', openingDigest: request().openingDigest })
    expect(opened({ existing, accepted: true })).toMatchObject({
      write: [],
      result: { ok: true, created: true, state: 'REQUESTED', pid: existing.pid },
    })
    expect(opened({ existing, accepted: true }, request({ format: 'other' })).result).toMatchObject({
      ok: false,
      problem: { code: 'message.repeat-differs' },
    })
  })

  test('with too many processes open, or with a used token, writes nothing', () => {
    expect(opened({ openProcesses: 3 })).toMatchObject({
      write: [],
      result: { ok: false, problem: { code: 'busy.limit' } },
    })
    expect(opened({ replayed: true })).toMatchObject({
      write: [],
      result: { ok: false, problem: { code: 'token.replayed' } },
    })
  })
})
