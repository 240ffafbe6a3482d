import { describe, expect, it } from 'vitest'
import { DSP_CONTEXT } from '../../../../src/protocol/dsp/messages.ts'
import { normalise } from '../../../../src/protocol/dsp/normalise.ts'
import { NAMESPACES } from '../../../../src/protocol/dsp/terms.ts'

const CONTEXT = [DSP_CONTEXT]
const DSPACE = NAMESPACES.dspace

describe('a message that is compact already', () => {
  it.each([
    { '@context': CONTEXT, '@type': 'ContractNegotiation', providerPid: 'p', consumerPid: 'c', state: 'AGREED' },
    {
      '@context': CONTEXT,
      '@type': 'TransferStartMessage',
      dataAddress: { endpointProperties: [{ name: 'n', value: 'v' }] },
    },
    {
      '@context': CONTEXT,
      '@type': 'ContractRequestMessage',
      offer: { 'odrl:permission': { action: 'use' } },
      'x:extra': {},
    },
  ])('comes back as the same object: $@type', (message) => {
    const normal = normalise('ContractNegotiation', message)

    expect(normal.ok && normal.value).toBe(message)
  })

  it.each([null, 1, 'text', [], [1, 2]])('or as what it is, when it is no message: %j', (value) => {
    expect(normalise('TransferProcess', value)).toEqual({ ok: true, value })
  })
})

describe('every spelling of a message', () => {
  const compact = {
    '@context': CONTEXT,
    '@type': 'ContractNegotiation',
    providerPid: 'p',
    consumerPid: 'c',
    state: 'AGREED',
  }

  it.each([
    [
      'prefixed',
      {
        ...context(),
        '@type': 'dspace:ContractNegotiation',
        'dspace:providerPid': 'p',
        'dspace:consumerPid': 'c',
        'dspace:state': 'dspace:AGREED',
      },
    ],
    [
      'in full',
      {
        ...context(),
        '@type': `${DSPACE}ContractNegotiation`,
        [`${DSPACE}providerPid`]: 'p',
        [`${DSPACE}consumerPid`]: 'c',
        [`${DSPACE}state`]: `${DSPACE}AGREED`,
      },
    ],
    [
      'with references',
      {
        ...context(),
        '@type': 'ContractNegotiation',
        providerPid: { '@id': 'p' },
        consumerPid: { '@id': 'c' },
        state: { '@id': 'dspace:AGREED' },
      },
    ],
    [
      'expanded',
      [
        {
          ...context(),
          '@type': [`${DSPACE}ContractNegotiation`],
          [`${DSPACE}providerPid`]: [{ '@id': 'p' }],
          [`${DSPACE}consumerPid`]: [{ '@id': 'c' }],
          [`${DSPACE}state`]: [{ '@id': `${DSPACE}AGREED` }],
        },
      ],
    ],
    ['with a context that is a text', { ...compact, '@context': DSP_CONTEXT }],
  ])('%s becomes the compact one', (_, message) => {
    expect(normalise('ContractNegotiation', message)).toEqual({ ok: true, value: compact })
  })

  it('makes lists of single things where lists are meant', () => {
    const catalog = {
      '@type': 'dcat:Catalog',
      'dspace:participantId': { '@id': 'did:web:p' },
      'dcat:service': { '@type': 'dcat:DataService', 'dcat:endpointURL': { '@value': 'https://p' } },
      'dcat:dataset': {
        '@type': ['edc:Asset', 'dcat:Dataset'],
        'dct:title': 'Weather',
        'odrl:hasPolicy': { '@type': 'odrl:Offer', 'odrl:permission': [] },
        'dcat:distribution': { 'dct:format': { '@id': 'HttpData-PULL' }, 'dcat:accessService': { '@id': 's' } },
      },
    }

    expect(normalise('Catalog', catalog)).toEqual({
      ok: true,
      value: {
        '@type': 'Catalog',
        participantId: 'did:web:p',
        service: [{ '@type': 'DataService', endpointURL: 'https://p' }],
        dataset: [
          {
            '@type': 'Dataset',
            'dct:title': 'Weather',
            hasPolicy: [{ '@type': 'odrl:Offer', 'odrl:permission': [] }],
            distribution: [{ format: 'HttpData-PULL', accessService: 's' }],
          },
        ],
      },
    })
  })

  it('makes a list of a reason that is a text, as EDC wrote it', () => {
    expect(normalise('TransferError', { '@type': 'TransferError', reason: 'no' })).toMatchObject({
      value: { reason: ['no'] },
    })
  })

  it('does not touch what is inside a policy, but the key it stands under', () => {
    const offer = { 'odrl:permission': { 'odrl:action': { '@id': 'odrl:use' } } }
    const normal = normalise('ContractRequestMessage', { '@type': 'ContractRequestMessage', 'dspace:offer': offer })

    expect(normal.ok && (normal.value as { offer: unknown }).offer).toBe(offer)
  })

  it("does not touch a dataset's own properties, though they are called like terms of other objects", () => {
    const dataset = { name: { '@value': 'x', '@language': 'en' }, value: ['1'], reason: 'r', state: 'dspace:X' }
    const normal = normalise('Dataset', dataset)

    expect(normal.ok && normal.value).toBe(dataset)
  })
})

it.each([
  { providerPid: 'a', 'dspace:providerPid': 'b' },
  { 'dspace:providerPid': 'b', providerPid: 'a' },
  { 'dspace:providerPid': 'a', [`${DSPACE}providerPid`]: 'a' },
])('refuses a term that comes under two spellings: %j', (message) => {
  expect(normalise('TransferProcess', message)).toMatchObject({
    problem: { code: 'message.schema', path: 'providerPid' },
  })
})

it('keeps a __proto__ member a member when it copies', () => {
  const message = JSON.parse('{"dspace:providerPid":"p","__proto__":{"state":"STARTED"}}') as object
  const normal = normalise('TransferProcess', message)

  expect(normal.ok && Object.keys(normal.value as object)).toEqual(['providerPid', '__proto__'])
  expect((normal.ok ? normal.value : {}) as { state?: unknown }).not.toHaveProperty('state')
})

function context() {
  return { '@context': CONTEXT }
}
