import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { MessageType } from '../../../../src/protocol/dsp/messages.ts'
import { DSP_CONTEXT } from '../../../../src/protocol/dsp/messages.ts'
import { parseMessage } from '../../../../src/protocol/dsp/validate.ts'

const CONTEXT = [DSP_CONTEXT]
const PIDS = { providerPid: 'urn:uuid:p', consumerPid: 'urn:uuid:c' }
const RULES = { permission: [{ action: 'use' }] }
const OFFER = { '@id': 'offer', '@type': 'Offer', target: 'dataset', ...RULES }
const AGREEMENT = {
  ...OFFER,
  '@type': 'Agreement',
  assigner: 'did:web:p',
  assignee: 'did:web:c',
  timestamp: '2026-01-01T00:00:00.123456789Z',
}
const REQUEST = {
  '@context': CONTEXT,
  '@type': 'ContractRequestMessage',
  consumerPid: 'c',
  callbackAddress: 'https://c',
}
const COUNTER_OFFER = { '@context': CONTEXT, '@type': 'ContractOfferMessage', ...PIDS }

function message(type: string, members: object) {
  return { '@context': CONTEXT, '@type': type, ...members }
}

interface Recorded {
  readonly what: string
  readonly body: { readonly '@type': MessageType }
}

const edc = JSON.parse(readFileSync(new URL('edc-recorded.json', import.meta.url), 'utf8')) as readonly Recorded[]

describe('accepts', () => {
  it.each(edc)('what EDC sent: $what ($body.@type)', ({ body }) => {
    const parsed = parseMessage(body['@type'], body)

    expect(parsed).toEqual({ ok: true, value: body })
  })

  it.each<[string, MessageType, object]>([
    ['a root @id', 'TransferCompletionMessage', message('TransferCompletionMessage', { ...PIDS, '@id': 'urn:uuid:m' })],
    ['ids that are no URIs', 'ContractRequestMessage', { ...REQUEST, consumerPid: 'ACN0101', offer: OFFER }],
    [
      'unknown members and contexts',
      'TransferProcess',
      {
        ...message('TransferProcess', { ...PIDS, state: 'STARTED', extra: {} }),
        '@context': [...CONTEXT, 'https://x'],
      },
    ],
    [
      'a prefixed policy',
      'ContractRequestMessage',
      {
        ...REQUEST,
        offer: {
          '@id': 'o',
          '@type': 'odrl:Offer',
          'odrl:target': { '@id': 'd' },
          'odrl:permission': { action: 'use' },
        },
      },
    ],
    [
      'an agreement with nanoseconds',
      'ContractAgreementMessage',
      message('ContractAgreementMessage', { ...PIDS, agreement: AGREEMENT }),
    ],
    ['an error without pids', 'ContractNegotiationError', message('ContractNegotiationError', { reason: 'no' })],
    [
      'a Catalog without datasets',
      'Catalog',
      message('Catalog', {
        '@id': 'c',
        participantId: 'p',
        service: [{ '@id': 's', '@type': 'DataService', endpointURL: 'https://p' }],
      }),
    ],
    [
      'an offer in a catalogue that it will not understand',
      'Dataset',
      message('Dataset', {
        '@id': 'd',
        distribution: [{ format: 'f', accessService: 's' }],
        hasPolicy: [
          {
            '@id': 'o',
            permission: [{ action: 'use', constraint: [{ leftOperand: 'moon', operator: 'waxes', rightOperand: 1 }] }],
          },
        ],
      }),
    ],
  ])('%s', (_, type, json) => {
    expect(parseMessage(type, json)).toMatchObject({ ok: true })
  })
})

describe('refuses, and says where and why', () => {
  it.each<[string, MessageType, unknown, string | undefined, string]>([
    ['no object', 'TransferProcess', 'text', '@type', 'expected "TransferProcess", and nothing came'],
    [
      'another type',
      'TransferProcess',
      message('TransferError', PIDS),
      '@type',
      'expected "TransferProcess", and "TransferError" came',
    ],
    [
      'no context',
      'TransferCompletionMessage',
      { '@type': 'TransferCompletionMessage', ...PIDS },
      '@context',
      'expected the member "@context", and it is missing',
    ],
    [
      'another context',
      'TransferCompletionMessage',
      { '@context': 'https://w3id.org/dspace/2024/1/context.json', '@type': 'TransferCompletionMessage', ...PIDS },
      '@context',
      `expected a list with "${DSP_CONTEXT}" in it, and a list of 1 came`,
    ],
    [
      'an inline context',
      'TransferCompletionMessage',
      { ...message('TransferCompletionMessage', PIDS), '@context': [DSP_CONTEXT, { providerPid: 'x:y' }] },
      '@context[1]',
      'expected a text, and an object came',
    ],
    [
      'both of two',
      'ContractRequestMessage',
      { ...REQUEST, ...PIDS, offer: OFFER },
      undefined,
      'expected exactly one of callbackAddress and providerPid, and an object came',
    ],
    [
      'neither of two',
      'ContractOfferMessage',
      message('ContractOfferMessage', { providerPid: 'p', offer: OFFER }),
      undefined,
      'expected exactly one of callbackAddress and consumerPid, and an object came',
    ],
    [
      'an offer without target',
      'ContractRequestMessage',
      { ...REQUEST, offer: { ...OFFER, target: undefined } },
      'offer.target',
      'expected the member "target", and it is missing',
    ],
    [
      'an offer without rules',
      'ContractOfferMessage',
      { ...COUNTER_OFFER, offer: { ...OFFER, permission: undefined } },
      'offer',
      'expected a policy with a permission or a prohibition, and an object came',
    ],
    [
      'an empty list of rules',
      'ContractOfferMessage',
      { ...COUNTER_OFFER, offer: { ...OFFER, permission: [] } },
      'offer.permission',
      'expected a list of at least 1, and a list of 0 came',
    ],
    [
      'an agreement without timestamp',
      'ContractAgreementMessage',
      message('ContractAgreementMessage', { ...PIDS, agreement: { ...AGREEMENT, timestamp: undefined } }),
      'agreement.timestamp',
      'expected the member "timestamp", and it is missing',
    ],
    [
      'a timestamp that only contains one',
      'ContractAgreementMessage',
      message('ContractAgreementMessage', {
        ...PIDS,
        agreement: { ...AGREEMENT, timestamp: 'on 2026-01-01T00:00:00Z' },
      }),
      'agreement.timestamp',
      'expected a date and time such as 2026-01-31T08:00:00Z, and "on 2026-01-01T00:00:00Z" came',
    ],
    [
      'an agreement for an offer',
      'ContractRequestMessage',
      { ...REQUEST, offer: AGREEMENT },
      'offer.@type',
      'expected "Offer", and "Agreement" came',
    ],
    [
      'a target in a catalogue',
      'Dataset',
      message('Dataset', { '@id': 'd', distribution: [{ format: 'f', accessService: 's' }], hasPolicy: [OFFER] }),
      'hasPolicy[0]',
      'expected an offer without the member "target", and an object came',
    ],
    [
      'a prefixed target in a catalogue',
      'Dataset',
      message('Dataset', {
        '@id': 'd',
        distribution: [{ format: 'f', accessService: 's' }],
        hasPolicy: [{ '@id': 'o', ...RULES, 'odrl:target': 'd' }],
      }),
      'hasPolicy[0]',
      'expected an offer without the member "target", and an object came',
    ],
    [
      'a policy on a Catalog',
      'Catalog',
      message('Catalog', { '@id': 'c', participantId: 'p', hasPolicy: [] }),
      undefined,
      'expected a Catalog without hasPolicy, and an object came',
    ],
    [
      'another event',
      'ContractNegotiationEventMessage',
      message('ContractNegotiationEventMessage', { ...PIDS, eventType: 'accepted' }),
      'eventType',
      'expected one of ACCEPTED, FINALIZED, and "accepted" came',
    ],
    [
      'a state of the other protocol',
      'TransferProcess',
      message('TransferProcess', { ...PIDS, state: 'AGREED' }),
      'state',
      'expected one of REQUESTED, STARTED, SUSPENDED, COMPLETED, TERMINATED, and "AGREED" came',
    ],
    [
      'a pid that leads elsewhere',
      'TransferCompletionMessage',
      message('TransferCompletionMessage', { ...PIDS, providerPid: '..' }),
      'providerPid',
      'expected a pid of 1 to 2048 characters that can stand in a path, and ".." came',
    ],
    [
      'an endpoint property without value',
      'TransferStartMessage',
      message('TransferStartMessage', {
        ...PIDS,
        dataAddress: {
          '@type': 'DataAddress',
          endpointType: 't',
          endpointProperties: [{ '@type': 'EndpointProperty', name: 'n' }],
        },
      }),
      'dataAddress.endpointProperties[0].value',
      'expected the member "value", and it is missing',
    ],
    [
      'too many reasons',
      'TransferTerminationMessage',
      message('TransferTerminationMessage', { ...PIDS, reason: Array.from({ length: 101 }, () => 'r') }),
      'reason',
      'expected a list of at most 100, and a list of 101 came',
    ],
  ])('%s', (_, type, json, path, sentence) => {
    const plain: unknown = JSON.parse(JSON.stringify(json)) // leaves members out that are undefined

    const parsed = parseMessage(type, plain)

    expect(parsed).toEqual({
      ok: false,
      problem: { code: 'message.schema', message: sentence, ...(path !== undefined && { path }) },
    })
  })

  it('without repeating more than 100 characters of what came', () => {
    const secret = 's'.repeat(10_000)

    for (const members of [
      { ...PIDS, state: secret },
      { providerPid: secret, consumerPid: 'c', state: 'STARTED' },
    ]) {
      const parsed = parseMessage('TransferProcess', message('TransferProcess', members))
      const said = parsed.ok ? '' : JSON.stringify(parsed.problem)

      expect(said).toContain('message.schema')
      expect(said.match(/s{100}/)).toBeNull()
    }
  })
})
