// A message that opens a negotiation: judged once, remembered either way, and never opened twice.

import { describe, expect, test } from 'vitest'
import { indexOffers } from '../../../../src/domain/catalog/offer-index.ts'
import { openNegotiation, type OpeningRows } from '../../../../src/domain/exchange/receive-negotiation-opening.ts'
import type { Inbound } from '../../../../src/domain/exchange/inbound.ts'
import type { ContractOfferMessage, ContractRequestMessage } from '../../../../src/protocol/dsp/messages.ts'
import type { MessageOffer } from '../../../../src/protocol/odrl/types.ts'
import {
  AUTOMATIC,
  BY_MOONLIGHT,
  CONSUMER,
  dataset,
  definition,
  entriesOf,
  entryTypesOf,
  factsOf,
  inboundTo,
  IN_VIET_NAM,
  negotiationAs,
  offer,
  putsOf,
  sceneAs,
} from '../../../fixtures/builders.ts'

const OFFERED = { dataset: dataset(), offers: indexOffers([definition()]), facts: factsOf() }
const ROWS: OpeningRows = { replayed: false, existing: null, accepted: false, openProcesses: 0, offered: OFFERED }

function request(about: MessageOffer = offer()): Inbound<ContractRequestMessage> {
  const content = {
    '@type': 'ContractRequestMessage',
    '@id': 'urn:uuid:m',
    consumerPid: 'urn:uuid:peer',
    callbackAddress: 'https://peer.example/dsp/',
    offer: about,
  }
  return inboundTo<ContractRequestMessage>('PROVIDER', content as never, { pid: null })
}

function unasked(about: MessageOffer): Inbound<ContractOfferMessage> {
  const content = {
    '@type': 'ContractOfferMessage',
    '@id': 'urn:uuid:m',
    providerPid: 'urn:uuid:peer',
    callbackAddress: 'https://peer.example/dsp',
    offer: about,
  }
  return inboundTo<ContractOfferMessage>('CONSUMER', content as never, { pid: null })
}

const opened = (inbound = request(), rows: Partial<OpeningRows> = {}) =>
  openNegotiation(inbound, { ...ROWS, ...rows }, AUTOMATIC, 3, sceneAs('PROVIDER'))

test('a request for an offer of ours opens a negotiation, with evidence of the message and of the decision', () => {
  const { write, result } = opened()
  expect(result).toMatchObject({
    ok: true,
    created: true,
    state: 'REQUESTED',
    pid: 'urn:uuid:fresh-pid',
    pids: { consumerPid: 'urn:uuid:peer' },
  })
  expect(putsOf(write, 'negotiation').at(0)).toMatchObject({
    role: 'PROVIDER',
    counterparty: CONSUMER,
    offeredBy: 'CONSUMER',
    peerAddress: 'https://peer.example/dsp',
  })
  expect(entryTypesOf(write).slice(0, 2)).toEqual(['message.received', 'decision'])
  expect(putsOf(write, 'outbox')).toMatchObject([{ move: 'ContractAgreementMessage' }])
})

test('a request that is refused is remembered as a negotiation that ended at once, and is evidence', () => {
  const { write, result } = opened(request(offer(undefined, { '@id': 'urn:offer:none' as never })))
  expect(result).toMatchObject({
    ok: false,
    problem: { code: 'offer.unknown' },
    pids: { providerPid: 'urn:uuid:fresh-pid', consumerPid: 'urn:uuid:peer' },
  })
  expect(putsOf(write, 'negotiation')).toMatchObject([{ state: 'TERMINATED' }])
  expect(putsOf(write, 'inbox')).toMatchObject([{ accepted: false }])
  expect(putsOf(write, 'outbox')).toEqual([])
  expect(entryTypesOf(write)).toEqual(['message.refused'])
})

test('what is hidden from the asker is refused like what does not exist; only the evidence says why', () => {
  const hidden = opened(request(), {
    offered: {
      ...OFFERED,
      offers: indexOffers([definition(undefined, [IN_VIET_NAM])]),
      facts: factsOf({ country: 'CN' }),
    },
  })
  const none = opened(request(), { offered: { ...OFFERED, offers: indexOffers([]) } })
  expect(hidden.result).toEqual(none.result)
  expect(entriesOf(hidden.write)).toMatchObject([{ ext: { code: 'policy.denied' } }])
  expect(entriesOf(none.write)).toMatchObject([{ ext: { code: 'offer.unknown' } }])
})

test('rules of the consumer’s own making open a negotiation that waits for a person', () => {
  const { write, result } = opened(request(offer({ permission: [{ action: 'use', constraint: [IN_VIET_NAM] }] })))
  expect(result).toMatchObject({ ok: true, state: 'REQUESTED' })
  expect(putsOf(write, 'outbox')).toEqual([])
})

describe('the same opening again', () => {
  const existing = negotiationAs('PROVIDER', { state: 'FINALIZED', openingDigest: request().openingDigest })

  test('gets the first answer and opens nothing, whatever has become of it', () => {
    const { write, result } = opened(request(), { existing, accepted: true })
    expect(result).toMatchObject({ ok: true, created: true, state: 'REQUESTED', pid: existing.pid })
    expect(write).toEqual([])
  })

  test('is refused again where it was refused', () => {
    const problem = { code: 'offer.unknown', message: 'no such offer' } as const
    const { result } = opened(request(), { existing: { ...existing, state: 'TERMINATED', problem }, accepted: false })
    expect(result).toMatchObject({ ok: false, problem })
  })

  test('with another body is a mistake of the sender’s', () => {
    const { write, result } = opened(request(offer({ prohibition: [{ action: 'distribute' }] })), {
      existing,
      accepted: true,
    })
    expect(result).toMatchObject({ ok: false, problem: { code: 'message.repeat-differs' } })
    expect(write).toEqual([])
  })
})

test('a participant with too many open processes is asked to finish some first, and nothing is written', () => {
  const { write, result } = opened(request(), { openProcesses: 3 })
  expect(result).toMatchObject({ ok: false, problem: { code: 'busy.limit' } })
  expect(write).toEqual([])
})

test('a token that was used before opens nothing', () => {
  expect(opened(request(), { replayed: true })).toMatchObject({
    write: [],
    result: { ok: false, problem: { code: 'token.replayed' } },
  })
})

describe('an offer that we did not ask for', () => {
  const asked = (about: MessageOffer) =>
    openNegotiation(unasked(about), { ...ROWS, offered: null }, AUTOMATIC, 3, sceneAs('CONSUMER'))

  test('waits for a person, whatever is automatic otherwise', () => {
    const { write, result } = asked(offer())
    expect(result).toMatchObject({ ok: true, created: true, state: 'OFFERED' })
    expect(putsOf(write, 'outbox')).toEqual([])
    expect(putsOf(write, 'negotiation')).toMatchObject([{ automation: { onOffered: 'manual' } }])
  })

  test('is kept for a person where we do not understand it, and never accepted automatically', () => {
    const { write, result } = asked(offer(BY_MOONLIGHT))
    expect(result).toMatchObject({ ok: true, state: 'OFFERED' })
    expect(putsOf(write, 'outbox')).toEqual([])
    expect(entriesOf(write)).toContainEqual(expect.objectContaining({ type: 'decision' }))
  })
})
