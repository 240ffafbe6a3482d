import { describe, expect, test } from 'vitest'
import { orThrow } from '../../../../src/kernel/problem.ts'
import {
  authorizationHeader,
  HTTP_ENDPOINT_TYPE,
  readDataAddress,
  writeDataAddress,
} from '../../../../src/protocol/dsp/data-address.ts'
import type { DataAddress } from '../../../../src/protocol/dsp/messages.ts'

const EDC = 'https://w3id.org/edc/v0.0.1/ns/'
const endpoint = 'https://provider.example/data/7'

/** An address with these properties; a list gives a name twice. */
function address(
  properties: Record<string, string> | [string, string][],
  rest: Partial<DataAddress> = {},
): DataAddress {
  const entries = Array.isArray(properties) ? properties : Object.entries(properties)
  return {
    '@type': 'DataAddress',
    endpointType: HTTP_ENDPOINT_TYPE,
    endpointProperties: entries.map(([name, value]) => ({ '@type': 'EndpointProperty', name, value })),
    ...rest,
  }
}

describe('a data address', () => {
  test('reads back as it was written, renewal included', () => {
    const ours = {
      endpoint,
      authorization: 'abc',
      refreshToken: 'def',
      expiresInS: 300,
      refreshEndpoint: 'https://p.example/t',
    }

    expect(readDataAddress(writeDataAddress(ours))).toEqual({
      ok: true,
      value: { ...ours, authType: 'bearer', bareToken: false },
    })
  })

  test('is written with the short names of the standard and the full names of EDC, all values strings', () => {
    const written = writeDataAddress({ endpoint, authorization: 'abc', expiresInS: 300, refreshToken: 'def' })

    expect(written).toMatchObject({ '@type': 'DataAddress', endpointType: HTTP_ENDPOINT_TYPE, endpoint })
    expect(new Set(written.endpointProperties?.map((property) => property['@type']))).toEqual(
      new Set(['EndpointProperty']),
    )
    expect(Object.fromEntries((written.endpointProperties ?? []).map(({ name, value }) => [name, value]))).toEqual({
      authorization: 'abc',
      authType: 'bearer',
      refreshToken: 'def',
      expiresIn: '300',
      [`${EDC}endpoint`]: endpoint,
      [`${EDC}endpointType`]: HTTP_ENDPOINT_TYPE,
      [`${EDC}authType`]: 'bearer',
      [`${EDC}authorization`]: 'abc',
    })
  })

  test("reads EDC's address, which has no endpoint of its own, and sends its token without a scheme", () => {
    const read = orThrow(
      readDataAddress(
        address({
          [`${EDC}endpoint`]: 'http://127.0.0.1:19291/public',
          [`${EDC}authType`]: 'bearer',
          [`${EDC}endpointType`]: HTTP_ENDPOINT_TYPE,
          [`${EDC}authorization`]: 'e30.e30.x',
        }),
      ),
    )

    expect(read).toMatchObject({ endpoint: 'http://127.0.0.1:19291/public', authorization: 'e30.e30.x' })
    expect(authorizationHeader(read)).toBe('e30.e30.x')
  })

  // prettier-ignore
  test.each<[string, DataAddress, string]>([
    ['the short name',             address({ authorization: 't', authType: 'bearer' }, { endpoint }),             'Bearer t'],
    ['both names: the short wins', address({ authorization: 't', [`${EDC}authorization`]: 'u' }, { endpoint }),   'Bearer t'],
    ['a scheme of its own',        address({ [`${EDC}authorization`]: 'Bearer t' }, { endpoint }),                'Bearer t'],
    ["EDC's older names",          address({ authKey: 'Authorization', authCode: 't' }, { endpoint }),            't'],
    ['an unknown property beside', address({ authorization: 't', contentType: 'text/csv' }, { endpoint }),        'Bearer t'],
    ['the data plane profile',     address({ authorization: 't' }, { endpoint, endpointType: 'https://w3id.org/dspace-sig/profile/http-pull' }), 'Bearer t'],
  ])('takes the token from %s', (_, given, header) => {
    expect(authorizationHeader(orThrow(readDataAddress(given)))).toBe(header)
  })

  // prettier-ignore
  test.each<[string, DataAddress, string]>([
    ['no endpoint',                 address({ authorization: 't' }),                                                    'endpoint'],
    ['an endpoint that is no URL',  address({ authorization: 't' }, { endpoint: '/data/7' }),                           'endpoint'],
    ['another scheme',              address({ authorization: 't' }, { endpoint: 'ftp://p.example/7' }),                 'endpoint'],
    ['a user name in the URL',      address({ authorization: 't' }, { endpoint: 'https://u@p.example/7' }),             'endpoint'],
    ['no token',                    address({ authType: 'bearer' }, { endpoint }),                                      'authorization'],
    ['no properties',               { '@type': 'DataAddress', endpointType: HTTP_ENDPOINT_TYPE, endpoint },             'authorization'],
    ['a token that splits headers', address({ authorization: 't\r\nx: y' }, { endpoint }),                              'authorization'],
    ['another kind of token',       address({ authorization: 't', authType: 'basic' }, { endpoint }),                   'authType'],
    ['another header',              address({ authCode: 't', authKey: 'X-Api-Key' }, { endpoint }),                     'authKey'],
    ['two values of one name',      address([['authorization', 't'], ['authorization', 'u']], { endpoint }),            'authorization'],
    ['renewal without a life time', address({ authorization: 't', refreshToken: 'r' }, { endpoint }),                   'expiresIn'],
    ['a life time in words',        address({ authorization: 't', expiresIn: '5 min' }, { endpoint }),                  'expiresIn'],
    ['a renewal that is no URL',    address({ authorization: 't', refreshEndpoint: 'x' }, { endpoint }),                'refreshEndpoint'],
    ['too many properties',         address(Object.fromEntries(Array.from({ length: 65 }, (_, n) => [`n${n}`, ''])), { endpoint }),         'endpointProperties'],
  ])('is refused with %s, and the place is named', (_, given, name) => {
    expect(readDataAddress(given)).toMatchObject({
      ok: false,
      problem: { code: 'message.schema', path: `dataAddress.${name}` },
    })
  })

  test('is refused when it is not HTTP', () => {
    const s3 = address({ authorization: 't' }, { endpoint, endpointType: 'AmazonS3' })

    expect(readDataAddress(s3)).toMatchObject({ ok: false, problem: { code: 'format.unsupported' } })
  })
})
