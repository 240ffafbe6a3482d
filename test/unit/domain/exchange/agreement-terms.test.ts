// What our offer says beside its rules goes with the agreement: kept with it, and its annex put on record in the same commit.

import { describe, expect, test } from 'vitest'
import { indexOffers } from '../../../../src/domain/catalog/offer-index.ts'
import { actOnNegotiation } from '../../../../src/domain/exchange/act.ts'
import { negotiationEntered } from '../../../../src/domain/exchange/agreement.ts'
import {
  agreedWrites,
  annexFacts,
  digestOfTerms,
  termsOf,
  type InForce,
} from '../../../../src/domain/exchange/agreement-terms.ts'
import { openNegotiation } from '../../../../src/domain/exchange/receive-negotiation-opening.ts'
import { receiveNegotiation } from '../../../../src/domain/exchange/receive-negotiation.ts'
import type { Json } from '../../../../src/kernel/canonical-json.ts'
import { orThrow } from '../../../../src/kernel/problem.ts'
import type { ContractRequestMessage, NegotiationMessage } from '../../../../src/protocol/dsp/messages.ts'
import type { OfferId } from '../../../../src/protocol/ids.ts'
import {
  agreementAs,
  AUTOMATIC,
  BY_MOONLIGHT,
  dataset,
  definition,
  entriesOf,
  factsOf,
  inboundTo,
  negotiationAs,
  NOW,
  offer,
  PROVIDER,
  putsOf,
  sceneAs,
} from '../../../fixtures/builders.ts'

const TERMS = {
  version: '3',
  template: { id: 'asean-mcc-c2c', version: '1', with: { noticeWithin: 'PT72H' } },
  annex: { purpose: 'urn:purpose:logistics', module: 2, optional: { individualRemedies: false } },
  settlement: { splitBps: { holder: 10_000 } },
}
const RULES = {
  permission: [
    { action: 'use', constraint: [{ leftOperand: 'purpose', operator: 'eq', rightOperand: 'annex:purpose' }] },
  ],
} as const
const OURS = definition(RULES, [], { terms: TERMS })
const IN_FORCE: InForce = { dataset: dataset(), offers: indexOffers([OURS]) }
const SCENE = sceneAs('PROVIDER')
const requested = (rules: Parameters<typeof offer>[0] = RULES, more: Parameters<typeof offer>[1] = {}) =>
  negotiationAs('PROVIDER', { offer: offer(rules, more) })

describe('the terms of an agreement', () => {
  test('are those of the offer that was requested', () => {
    expect(termsOf(requested(), IN_FORCE)).toEqual(TERMS)
  })

  // prettier-ignore
  test.each([
    ['there are other rules by now',            requested(BY_MOONLIGHT),                               IN_FORCE],
    ['the offer is another one',                requested(RULES, { '@id': 'urn:offer:x' as OfferId }), IN_FORCE],
    ['the offer is not there any more',         requested(),                                           { ...IN_FORCE, offers: indexOffers([]) }],
    ['the dataset is not there any more',       requested(),                                           { ...IN_FORCE, dataset: null }],
    ['the offer says nothing beside its rules', requested(),                                           { ...IN_FORCE, offers: indexOffers([definition(RULES)]) }],
    ['nothing was looked up',                   requested(),                                           null],
    ['we are the consumer',                     { ...requested(), role: 'CONSUMER' as const },         IN_FORCE],
  ])('are none where %s', (_name, negotiation, inForce) => {
    expect(termsOf(negotiation, inForce)).toBeNull()
  })
})

describe('the facts of an annex', () => {
  // prettier-ignore
  test.each<[string, Json | undefined, object]>([
    ['are its texts, numbers and truths',      { kind: 'mcc', module: 2, signed: true, share: 0.5 }, { 'annex:kind': 'mcc', 'annex:module': '2', 'annex:signed': 'true', 'annex:share': '0.5' }],
    ['are its lists of such',                  { purposes: ['a', 'b'], years: [2026] },              { 'annex:purposes': ['a', 'b'], 'annex:years': ['2026'] }],
    ['are not what is nested deeper',          { optional: { a: 1 }, docs: [{ title: 't' }] },       {}],
    ['are not a list with one that is nested', { mixed: ['a', { b: 1 }] },                           {}],
    ['are not what is empty',                  { none: '', nil: null, list: [] },                    {}],
    ['are not what no policy can refer to',    { 'with space': 'x', '1st': 'x', [`a${'b'.repeat(100)}`]: 'x' }, {}],
    ['are not what is too long',               { long: 'x'.repeat(2_049), fits: 'x' },               { 'annex:fits': 'x' }],
    ['are none where it is a list',            ['a'],                                                {}],
    ['are none where it is a text',            'a',                                                  {}],
    ['are none where there is none',           undefined,                                            {}],
  ])('%s', (_name, annex, facts) => {
    expect(Object.fromEntries(annexFacts(annex).map(({ name, value }) => [name, value]))).toEqual(facts)
  })

  test('are no more than a record may have', () => {
    const many = Object.fromEntries(Array.from({ length: 201 }, (_none, index) => [`n${String(index)}`, index]))
    expect(annexFacts(many)).toHaveLength(200)
  })
})

describe('an agreement that we write', () => {
  const recorded = { name: 'annex:purpose', value: 'urn:purpose:logistics', validUntil: null, by: PROVIDER, at: NOW }

  test('is written before the facts that belong to it, each with its entry', () => {
    const row = agreementAs('PROVIDER', RULES, { terms: TERMS })
    const write = agreedWrites(row, SCENE)

    expect(write[0]).toEqual({ put: 'agreement', row })
    expect(putsOf(write, 'agreementRecord')).toEqual([
      { agreementId: row.id, ...recorded, reference: digestOfTerms(TERMS) },
      { agreementId: row.id, ...recorded, name: 'annex:module', value: '2', reference: digestOfTerms(TERMS) },
    ])
    expect(entriesOf(write)).toMatchObject([
      {
        type: 'fact.recorded',
        actor: PROVIDER,
        agreement: row.id,
        ext: { name: 'annex:purpose', value: 'urn:purpose:logistics' },
      },
      { type: 'fact.recorded', actor: PROVIDER, agreement: row.id, ext: { name: 'annex:module', value: '2' } },
    ])
  })

  test('without terms leaves no record', () => {
    expect(agreedWrites(agreementAs('PROVIDER', RULES), SCENE)).toHaveLength(1)
  })

  // prettier-ignore
  test.each([
    ['by order of a person', () => orThrow(actOnNegotiation(requested(), 'agree', {}, 1, IN_FORCE, SCENE)).write],
    ['with the request',     () => openNegotiation(REQUEST, { replayed: false, existing: null, accepted: false, openProcesses: 0, offered: { ...IN_FORCE, facts: factsOf() } }, AUTOMATIC, 3, SCENE).write],
    ['when our offer was accepted', () => receiveNegotiation(ACCEPTED, { ...ROWS, negotiation: { ...requested(), state: 'OFFERED', automation: AUTOMATIC } }, SCENE).write],
  ])('%s carries them', (_name, act) => {
    const write = act()
    expect(putsOf(write, 'agreement')).toMatchObject([{ terms: TERMS }])
    expect(putsOf(write, 'agreementRecord')).toMatchObject([recorded, { name: 'annex:module' }])
  })

  test('is evidence with the digest of its terms, and without terms as before', () => {
    const proposed = { ...requested(), state: 'REQUESTED' as const }
    const entered = (row: ReturnType<typeof agreementAs>) =>
      entriesOf(negotiationEntered(proposed, { ...proposed, state: 'AGREED' }, row, SCENE))[0]?.ext

    expect(entered(agreementAs('PROVIDER', RULES, { terms: TERMS }))).toMatchObject({
      termsDigest: digestOfTerms(TERMS),
    })
    expect(entered(agreementAs('PROVIDER', RULES))).not.toHaveProperty('termsDigest')
  })

  test('has other terms when any of them is another', () => {
    const digests = [
      TERMS,
      { ...TERMS, version: '4' },
      { ...TERMS, annex: {} },
      { ...TERMS, settlement: 1 },
      { version: '3' },
    ].map(digestOfTerms)
    expect(new Set(digests).size).toBe(5)
  })
})

const REQUEST = inboundTo<ContractRequestMessage>(
  'PROVIDER',
  {
    '@type': 'ContractRequestMessage',
    '@id': 'urn:uuid:m',
    consumerPid: 'urn:uuid:peer',
    callbackAddress: 'https://peer.example/dsp/',
    offer: offer(RULES),
  } as never,
  { pid: null },
)
const { pid: PID, peerPid: PEER_PID } = negotiationAs('PROVIDER')
const ACCEPTED = inboundTo<NegotiationMessage>('PROVIDER', {
  '@id': 'urn:uuid:n',
  '@type': 'ContractNegotiationEventMessage',
  eventType: 'ACCEPTED',
  providerPid: PID,
  consumerPid: PEER_PID,
} as never)
const ROWS = {
  replayed: false,
  answered: null,
  last: null,
  isPidTaken: false,
  agreement: null,
  taken: null,
  offers: 1,
  inForce: IN_FORCE,
}
