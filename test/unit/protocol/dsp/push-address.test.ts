// The DataAddress of a push, as consumers of every make write it, and as we write it.

import { describe, expect, test } from 'vitest'
import type { DataAddress } from '../../../../src/protocol/dsp/messages.ts'
import { withToken, readDataAddress, writeDataAddress } from '../../../../src/protocol/dsp/data-address.ts'
import { readPushAddress, writePushAddress } from '../../../../src/protocol/dsp/push-address.ts'

const EDC = 'https://w3id.org/edc/v0.0.1/ns/'
const HTTP = 'https://w3id.org/idsa/v4.1/HTTP'

function address(properties: Readonly<Record<string, string>>, more: Partial<DataAddress> = {}): DataAddress {
  const endpointProperties = Object.entries(properties).map(([name, value]) => ({
    '@type': 'EndpointProperty' as const,
    name,
    value,
  }))
  return { '@type': 'DataAddress', endpointType: HTTP, endpoint: 'https://c.example/in', endpointProperties, ...more }
}

describe('an address', () => {
  test('that we write is read as it was meant', () => {
    const written = writePushAddress({ endpoint: 'https://c.example/in', authorization: 't' })
    expect(readPushAddress(written)).toEqual({
      ok: true,
      value: { endpoint: 'https://c.example/in', method: 'PUT', authorization: 'Bearer t' },
    })
  })

  // prettier-ignore
  test.each<[string, DataAddress, object]>([
    ['of data plane signaling',            address({ authorization: 't', authType: 'bearer' }, { endpointType: 'https://w3id.org/dspace-sig/profile/http-push' }), { method: 'POST', authorization: 'Bearer t' }],
    ['with its scheme in the token',       address({ authorization: 'Bearer t' }),                                     { authorization: 'Bearer t' }],
    ['without credentials',                { '@type': 'DataAddress', endpointType: HTTP, endpoint: 'https://c.example/in' }, { authorization: null, method: 'POST' }],
    ['with a method',                      address({ method: 'put' }),                                                  { method: 'PUT' }],
    ['of EDC',                             { '@type': 'DataAddress', endpointType: 'HttpData', endpointProperties: address({ [`${EDC}baseUrl`]: 'https://c.example/in', [`${EDC}authKey`]: 'Authorization', [`${EDC}authCode`]: 'Basic x', [`${EDC}method`]: 'PUT' }).endpointProperties ?? [] }, { endpoint: 'https://c.example/in', method: 'PUT', authorization: 'Basic x' }],
    ['with properties that we do not know', address({ contentType: 'x', 'https://x.example/y': 'z' }),                  { authorization: null }],
  ])('%s is read', (_what, given, value) => {
    expect(readPushAddress(given)).toMatchObject({ ok: true, value })
  })

  // prettier-ignore
  test.each<[string, DataAddress, string, string]>([
    ['that is not HTTP',             address({}, { endpointType: 'AmazonS3' }),                                   'format.unsupported', 'dataAddress.endpointType'],
    ['without an endpoint',          { '@type': 'DataAddress', endpointType: HTTP },                              'message.schema',     'dataAddress.endpoint'],
    ['to a file',                    address({}, { endpoint: 'file:///x' }),                                      'message.schema',     'dataAddress.endpoint'],
    ['with a user name',             address({}, { endpoint: 'https://a:b@c.example' }),                          'message.schema',     'dataAddress.endpoint'],
    ['with another method',          address({ method: 'DELETE' }),                                               'message.schema',     'dataAddress.method'],
    ['with another scheme',          address({ authType: 'basic', authorization: 'x' }),                          'message.schema',     'dataAddress.authType'],
    ['with another header',          address({ authKey: 'X-Api-Key', authCode: 'x' }),                            'message.schema',     'dataAddress.authKey'],
    ['with a token of two lines',    address({ authorization: 'a\nb' }),                                          'message.schema',     'dataAddress.authorization'],
  ])('%s is refused', (_what, given, code, path) => {
    expect(readPushAddress(given)).toMatchObject({ ok: false, problem: { code, path } })
  })
})

describe('an address with another token', () => {
  const first = {
    endpoint: 'https://p.example/data',
    authorization: 'a1',
    refreshToken: 'r1',
    expiresInS: 10,
    refreshEndpoint: 'https://p.example/token',
  }

  test('has it wherever the old one stood, and everything else as it was', () => {
    const renewed = withToken(writeDataAddress(first), { authorization: 'a2', refreshToken: 'r2', expiresInS: 20 })
    expect(readDataAddress(renewed)).toMatchObject({
      ok: true,
      value: { ...first, authorization: 'a2', refreshToken: 'r2', expiresInS: 20 },
    })
    expect(JSON.stringify(renewed)).not.toMatch(/"(a1|r1)"/)
  })

  test('keeps the refresh token where no other came', () => {
    const renewed = withToken(writeDataAddress(first), { authorization: 'a2', expiresInS: 20 })
    expect(readDataAddress(renewed)).toMatchObject({ ok: true, value: { authorization: 'a2', refreshToken: 'r1' } })
  })

  test('in the names of EDC’s older data planes is the same', () => {
    const given = address({
      [`${EDC}authKey`]: 'Authorization',
      [`${EDC}authCode`]: 'a1',
      refreshToken: 'r1',
      expiresIn: '10',
    })
    expect(readDataAddress(withToken(given, { authorization: 'a2', expiresInS: 20 }))).toMatchObject({
      ok: true,
      value: { authorization: 'a2', bareToken: true, expiresInS: 20 },
    })
  })
})
