// A message to a negotiation that exists: moved, refused, repeated, or not theirs; and all that is written with it.

import { describe, expect, test } from 'vitest'
import { receiveNegotiation, type NegotiationRows } from '../../../../src/domain/exchange/receive-negotiation.ts'
import type { Negotiation } from '../../../../src/domain/exchange/negotiation.ts'
import type { Inbound } from '../../../../src/domain/exchange/inbound.ts'
import type { NegotiationMessage } from '../../../../src/protocol/dsp/messages.ts'
import type { Role } from '../../../../src/protocol/ids.ts'
import { later } from '../../../../src/kernel/time.ts'
import {
  agreementAs,
  agreementOn,
  AUTOMATIC,
  BY_MOONLIGHT,
  CONSUMER,
  entriesOf,
  entryTypesOf,
  inboundTo,
  inboxRow,
  IN_VIET_NAM,
  negotiationAs,
  NOW,
  offer,
  pidsOf,
  PROVIDER,
  putsOf,
  sceneAs,
  STRANGER,
} from '../../../fixtures/builders.ts'

type Content = { readonly '@type': NegotiationMessage['@type'] } & Readonly<Record<string, unknown>>

function received(
  role: Role,
  content: Content,
  process: Partial<Negotiation> = {},
  rows: Partial<NegotiationRows> = {},
  more: Partial<Inbound<NegotiationMessage>> = {},
) {
  const message = { '@id': 'urn:uuid:message', ...pidsOf(role), ...content } as unknown as NegotiationMessage
  return receiveNegotiation(
    inboundTo(role, message, more),
    {
      replayed: false,
      negotiation: negotiationAs(role, process),
      answered: null,
      last: null,
      agreement: null,
      taken: null,
      isPidTaken: false,
      offers: 1,
      inForce: null,
      ...rows,
    },
    sceneAs(role),
  )
}

const VERIFICATION: Content = { '@type': 'ContractAgreementVerificationMessage' }
const ACCEPTED: Content = { '@type': 'ContractNegotiationEventMessage', eventType: 'ACCEPTED' }
const AGREEMENT: Content = { '@type': 'ContractAgreementMessage', agreement: agreementOn() }
const REPLAY = { iss: CONSUMER, jti: 'j', expiresAt: NOW }

describe('a message that the machine allows', () => {
  const { write, result } = received('PROVIDER', ACCEPTED, { state: 'OFFERED' }, {}, { replay: REPLAY })

  test('moves the process and is answered with its new state', () => {
    expect(result).toMatchObject({ ok: true, created: false, state: 'ACCEPTED', pids: pidsOf('PROVIDER') })
    expect(putsOf(write, 'negotiation')).toMatchObject([{ state: 'ACCEPTED', peerMovedAt: NOW }])
  })

  test('is remembered and leaves evidence in the same write, and its token is used up', () => {
    expect(putsOf(write, 'inbox')).toMatchObject([
      { messageId: 'urn:uuid:message', accepted: true, stateAfter: 'ACCEPTED' },
    ])
    expect(entriesOf(write)).toMatchObject([
      { type: 'message.received', actor: CONSUMER, ext: { from: 'OFFERED', state: 'ACCEPTED' } },
    ])
    expect(putsOf(write, 'replay')).toEqual([REPLAY])
  })

  test('is answered by a move of our own where that is automatic, when the reaction delay has passed', () => {
    const reacted = received('PROVIDER', ACCEPTED, { state: 'OFFERED', automation: AUTOMATIC })
    expect(putsOf(reacted.write, 'outbox')).toMatchObject([
      { move: 'ContractAgreementMessage', dueAt: later(NOW, 500) },
    ])
    expect(putsOf(reacted.write, 'agreement')).toMatchObject([{ id: 'urn:uuid:fresh-agreement', finalizedAt: null }])
    expect(putsOf(reacted.write, 'negotiation').at(-1)).toMatchObject({
      state: 'ACCEPTED',
      unacknowledged: 'ContractAgreementMessage',
      agreementId: 'urn:uuid:fresh-agreement',
    })
  })
})

describe('a message that the machine does not allow', () => {
  const { write, result } = received('PROVIDER', VERIFICATION, {}, {}, { replay: REPLAY })

  test('is refused with both pids, and the process stays as it was', () => {
    expect(result).toMatchObject({ ok: false, problem: { code: 'move.illegal' }, pids: pidsOf('PROVIDER') })
    expect(putsOf(write, 'negotiation')).toEqual([])
  })

  test('is remembered as refused and is evidence', () => {
    expect(putsOf(write, 'inbox')).toMatchObject([{ accepted: false, problem: { code: 'move.illegal' } }])
    expect(entriesOf(write)).toMatchObject([
      { type: 'message.refused', ext: { code: 'move.illegal', state: 'REQUESTED' } },
    ])
    expect(putsOf(write, 'replay')).toEqual([REPLAY])
  })
})

describe('nothing at all is written', () => {
  test.each([
    ['for a process that is not there', {}, { negotiation: null }, {}],
    ['for a process of somebody else', {}, {}, { sender: STRANGER }],
  ])('%s, and the answer does not tell the two apart', (_, process, rows, more) => {
    expect(received('PROVIDER', VERIFICATION, process, rows, more)).toEqual({
      write: [],
      result: { ok: false, problem: { code: 'process.unknown', message: 'no such process' }, pids: {} },
    })
  })

  test('for a token that was used before, whatever the message says', () => {
    const { write, result } = received('PROVIDER', ACCEPTED, { state: 'OFFERED' }, { replayed: true })
    expect(write).toEqual([])
    expect(result).toMatchObject({ ok: false, problem: { code: 'token.replayed' } })
  })
})

describe('a redelivery', () => {
  test('gets the first answer, in whatever state the process is now, and moves nothing', () => {
    const answered = inboxRow({ stateAfter: 'VERIFIED' })
    const { write, result } = received(
      'PROVIDER',
      VERIFICATION,
      { state: 'FINALIZED' },
      { answered },
      { replay: REPLAY },
    )
    expect(result).toMatchObject({ ok: true, created: false, state: 'VERIFIED' })
    expect(write).toEqual([{ put: 'replay', row: REPLAY }])
  })

  test('of a refused message is refused for the same reason, although it would be allowed now', () => {
    const first = { code: 'move.illegal', message: 'the first answer' } as const
    const answered = inboxRow({ accepted: false, problem: first })
    const { write, result } = received('PROVIDER', VERIFICATION, { state: 'AGREED' }, { answered })
    expect(result).toMatchObject({ ok: false, problem: first })
    expect(write).toEqual([])
  })
})

describe('the pids', () => {
  test.each([
    ['our own is another', { providerPid: 'urn:uuid:else' }, 'providerPid'],
    ['the peer’s is another', { consumerPid: 'urn:uuid:else' }, 'consumerPid'],
  ])('are refused where %s', (_, pids, path) => {
    const { result } = received('PROVIDER', { ...ACCEPTED, ...pids }, { state: 'OFFERED' })
    expect(result).toMatchObject({ ok: false, problem: { code: 'message.pids', path } })
  })

  test('of an early callback bind the peer’s, and prove that our opening arrived', () => {
    const initial = { state: 'INITIAL', peerPid: null, unacknowledged: 'ContractRequestMessage:initial' } as const
    const { write, result } = received('CONSUMER', AGREEMENT, initial)
    expect(result).toMatchObject({ ok: true, state: 'AGREED' })
    expect(putsOf(write, 'negotiation')).toMatchObject([{ peerPid: 'urn:uuid:peer', unacknowledged: null }])
    expect(write).toContainEqual({ remove: 'outbox', key: ['urn:uuid:own'] })
  })
})

describe('a reply that settles our own move', () => {
  test('is evidence of its arrival, of the agreement that it made, and of the reply, in this order', () => {
    const { write, result } = received(
      'PROVIDER',
      VERIFICATION,
      { unacknowledged: 'ContractAgreementMessage', agreementId: agreementOn()['@id'] },
      { agreement: agreementAs('PROVIDER', undefined, { finalizedAt: null }) },
    )
    expect(result).toMatchObject({ ok: true, state: 'VERIFIED' })
    expect(entryTypesOf(write)).toEqual(['message.acknowledged', 'message.received', 'agreement.agreed'])
    expect(write).toContainEqual({ remove: 'outbox', key: ['urn:uuid:own'] })
  })

  test('does not count as a move of ours that is still open', () => {
    const { write } = received('PROVIDER', VERIFICATION, { state: 'AGREED', agreementId: agreementOn()['@id'] })
    expect(write).not.toContainEqual({ remove: 'outbox', key: ['urn:uuid:own'] })
    expect(entryTypesOf(write)).toEqual(['message.received'])
  })
})

describe('a ContractAgreementMessage', () => {
  test('that follows from the offer is on record from AGREED, and verified where that is automatic', () => {
    const { write } = received('CONSUMER', AGREEMENT, { automation: AUTOMATIC })
    expect(putsOf(write, 'agreement')).toMatchObject([
      { id: agreementOn()['@id'], role: 'CONSUMER', finalizedAt: null },
    ])
    expect(entryTypesOf(write)).toEqual(['message.received', 'agreement.agreed', 'message.proposed'])
    expect(putsOf(write, 'outbox')).toMatchObject([{ move: 'ContractAgreementVerificationMessage' }])
  })

  test.each([
    ['other rules', agreementOn({ permission: [{ action: 'use', constraint: [IN_VIET_NAM] }] }), null],
    ['another assignee', agreementOn(undefined, { assignee: STRANGER }), null],
    ['the id of another agreement', agreementOn(), agreementAs('CONSUMER')],
  ])('with %s is refused and leaves the process where it was', (_, agreement, taken) => {
    const { write, result } = received(
      'CONSUMER',
      { '@type': 'ContractAgreementMessage', agreement },
      { automation: AUTOMATIC },
      { taken },
    )
    expect(result).toMatchObject({ ok: false, problem: { code: 'agreement.differs' } })
    expect(entryTypesOf(write)).toEqual(['message.refused'])
    expect(putsOf(write, 'negotiation')).toEqual([])
  })
})

describe('another offer', () => {
  const counter = (role: Role, rules = offer()): Content =>
    role === 'PROVIDER'
      ? { '@type': 'ContractRequestMessage', offer: rules }
      : { '@type': 'ContractOfferMessage', offer: rules }

  test('takes the place of the last one, and is kept with its author', () => {
    const rules = offer({ permission: [{ action: 'use', constraint: [IN_VIET_NAM] }] })
    const { write } = received('CONSUMER', counter('CONSUMER', rules))
    expect(putsOf(write, 'negotiation')).toMatchObject([{ state: 'OFFERED', offer: rules, offeredBy: 'PROVIDER' }])
    expect(putsOf(write, 'offer')).toMatchObject([{ number: 2, offeredBy: 'PROVIDER', offer: rules }])
  })

  test('on another dataset is refused', () => {
    const { result } = received(
      'CONSUMER',
      counter('CONSUMER', offer(undefined, { target: 'urn:dataset:other' as never })),
    )
    expect(result).toMatchObject({ ok: false, problem: { code: 'offer.differs', path: 'offer.target' } })
  })

  test('of a consumer that we do not understand is refused, with the place', () => {
    const { result } = received('PROVIDER', counter('PROVIDER', offer(BY_MOONLIGHT)), { state: 'OFFERED' })
    expect(result).toMatchObject({ ok: false, problem: { code: 'policy.not-understood' } })
    if (!result.ok) expect(result.problem.path).toMatch(/^offer\.permission\[0\]\.constraint\[0\]/)
  })

  test('of a provider that we do not understand is kept for a person and never accepted automatically', () => {
    const { write, result } = received('CONSUMER', counter('CONSUMER', offer(BY_MOONLIGHT)), { automation: AUTOMATIC })
    expect(result).toMatchObject({ ok: true, state: 'OFFERED' })
    expect(putsOf(write, 'outbox')).toEqual([])
    expect(putsOf(write, 'negotiation')).toMatchObject([
      { problem: { code: 'policy.not-understood' }, automation: { onOffered: 'manual' } },
    ])
  })

  test('of a consumer with rules of its own is never agreed to automatically; with ours it is', () => {
    const own = offer({ permission: [{ action: 'use', constraint: [IN_VIET_NAM] }] })
    const process = { state: 'OFFERED', automation: AUTOMATIC } as const
    expect(putsOf(received('PROVIDER', counter('PROVIDER', own), process).write, 'outbox')).toEqual([])
    expect(putsOf(received('PROVIDER', counter('PROVIDER'), process).write, 'outbox')).toMatchObject([
      { move: 'ContractAgreementMessage' },
    ])
  })
})

describe('a termination', () => {
  test('ends the process with the peer’s words, bounded, and takes back what we had not delivered', () => {
    const { write, result } = received(
      'PROVIDER',
      {
        '@type': 'ContractNegotiationTerminationMessage',
        code: 'c'.repeat(500),
        reason: ['too dear', 7, 'x'.repeat(5_000)],
      },
      { unacknowledged: 'ContractAgreementMessage', automation: AUTOMATIC },
    )
    expect(result).toMatchObject({ ok: true, state: 'TERMINATED' })
    const [row] = putsOf(write, 'negotiation')
    expect(row).toMatchObject({ state: 'TERMINATED', unacknowledged: null, problem: { code: 'process.ended' } })
    expect(row?.problem?.message).toContain('too dear; x')
    expect(row?.problem?.message.length).toBeLessThan(700)
    expect(write).toContainEqual({ remove: 'outbox', key: ['urn:uuid:own'] })
  })

  test('is the only thing that a process hears which we have decided to end', () => {
    const ending = { state: 'VERIFIED', unacknowledged: 'ContractNegotiationTerminationMessage' } as const
    const finalized: Content = { '@type': 'ContractNegotiationEventMessage', eventType: 'FINALIZED' }
    expect(received('CONSUMER', finalized, ending).result).toMatchObject({
      ok: false,
      problem: { code: 'move.illegal' },
    })
    expect(received('CONSUMER', { '@type': 'ContractNegotiationTerminationMessage' }, ending).result).toMatchObject({
      ok: true,
    })
  })
})

test('FINALIZED brings the agreement into force', () => {
  const agreement = agreementAs('CONSUMER', undefined, { finalizedAt: null })
  const { write } = received(
    'CONSUMER',
    { '@type': 'ContractNegotiationEventMessage', eventType: 'FINALIZED' },
    { state: 'VERIFIED', agreementId: agreement.id, counterparty: PROVIDER },
    { agreement },
  )
  expect(putsOf(write, 'agreement')).toEqual([{ ...agreement, finalizedAt: NOW }])
  expect(entryTypesOf(write)).toEqual(['message.received', 'agreement.finalized'])
})
