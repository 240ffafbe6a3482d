// The DataAddress of a pull: where the data is and with which token, in the standard's short names and in EDC's full ones.

import type { Result } from '../../kernel/problem.ts'
import { bad, good } from '../../kernel/problem.ts'
import type { DataAddress, EndpointProperty } from './messages.ts'

export const HTTP_ENDPOINT_TYPE = 'https://w3id.org/idsa/v4.1/HTTP'
export const EDC = 'https://w3id.org/edc/v0.0.1/ns/'

/** The names for "HTTP" that are in use: DSP and EDC, then data plane signaling (2.5). */
export const HTTP_ENDPOINT_TYPES: readonly string[] = [
  HTTP_ENDPOINT_TYPE,
  'https://w3id.org/dspace-sig/profile/http-pull',
  'https://w3id.org/dspace-sig/profile/http-push',
]

/** The request header in which a consumer may state what it fetches the data for, as an IRI. Ours; others ignore it. */
export const PURPOSE_HEADER = 'lingqu-purpose'

/** Bounds of what is read from a peer, in UTF-16 code units and entries. */
const URL_LENGTH_MAX = 2_048
const TOKEN_LENGTH_MAX = 16_384
const PROPERTIES_MAX = 64

/** What a consumer needs to know to fetch. */
export interface HttpAddress {
  readonly endpoint: string
  readonly authType: 'bearer'
  /** The token without a scheme. A secret. */
  readonly authorization: string
  /** True when the address names the token in EDC's way only: its data plane takes the token alone, without `Bearer`. */
  readonly bareToken: boolean
  readonly refreshToken?: string
  /** How long the token lives from when it was issued, in seconds; present whenever `refreshToken` is. */
  readonly expiresInS?: number
  readonly refreshEndpoint?: string
}

/** The value of the `Authorization` header that this address asks for. */
export function authorizationHeader({ authorization, bareToken }: HttpAddress): string {
  return bareToken ? authorization : `Bearer ${authorization}`
}

/**
 * Reads a DataAddress that a peer sent. Unknown properties are ignored, as data plane signaling demands; a short name wins over
 * EDC's full one. Refuses `format.unsupported` (not HTTP) and `message.schema` (no endpoint, no token, a value of another
 * form, one name with two values). Says nothing about whether the endpoint may be called: that is the fetch guard's part.
 */
export function readDataAddress(address: DataAddress): Result<HttpAddress> {
  if (!HTTP_ENDPOINT_TYPES.includes(address.endpointType)) {
    return bad('format.unsupported', `expected the endpoint type ${HTTP_ENDPOINT_TYPE}`, 'dataAddress.endpointType')
  }
  const properties = propertiesOf(address)
  if (!properties.ok) return properties
  const value = valueIn(properties.value)

  const endpoint = address.endpoint ?? value('endpoint')
  if (endpoint === undefined || !isHttpUrl(endpoint)) return wrong('expected an http or https URL', 'endpoint')

  const authType = value('authType') ?? 'bearer'
  if (authType.toLowerCase() !== 'bearer') return wrong("expected the authType 'bearer'", 'authType')

  // Older EDC data planes put the name of the header into authKey and the token into authCode.
  const authKey = value('authKey') ?? 'Authorization'
  const told = value('authorization') ?? value('authCode')
  if (authKey.toLowerCase() !== 'authorization') return wrong("expected the header 'Authorization'", 'authKey')
  if (told === undefined || !isToken(told)) return wrong('expected a token', 'authorization')
  const authorization = told.replace(/^bearer +/i, '')
  const bareToken = authorization === told && !properties.value.has('authorization')

  const refresh = readRefresh(value)
  return refresh.ok ? good({ endpoint, authType: 'bearer', authorization, bareToken, ...refresh.value }) : refresh
}

type Refresh = Pick<HttpAddress, 'refreshToken' | 'expiresInS' | 'refreshEndpoint'>

function readRefresh(value: (name: string) => string | undefined): Result<Refresh> {
  const refreshToken = value('refreshToken')
  const expiresIn = value('expiresIn')
  const refreshEndpoint = value('refreshEndpoint')
  if (expiresIn !== undefined && !/^\d{1,10}$/.test(expiresIn)) return wrong('expected seconds', 'expiresIn')
  if (refreshToken !== undefined && !isToken(refreshToken)) return wrong('expected a token', 'refreshToken')
  if (refreshToken !== undefined && expiresIn === undefined) return wrong('refreshToken comes with it', 'expiresIn')
  if (refreshEndpoint !== undefined && !isHttpUrl(refreshEndpoint)) {
    return wrong('expected an http or https URL', 'refreshEndpoint')
  }
  return good({
    ...(refreshToken !== undefined && { refreshToken }),
    ...(expiresIn !== undefined && { expiresInS: Number(expiresIn) }),
    ...(refreshEndpoint !== undefined && { refreshEndpoint }),
  })
}

/**
 * Writes a DataAddress for a peer of any make: the standard's names first, EDC's full names beside them, because an EDC
 * consumer drops the top-level `endpoint` and does not map the short ones.
 */
export function writeDataAddress(address: Omit<HttpAddress, 'bareToken' | 'authType'>): DataAddress {
  const { endpoint, authorization, refreshToken, expiresInS, refreshEndpoint } = address
  return {
    '@type': 'DataAddress',
    endpointType: HTTP_ENDPOINT_TYPE,
    endpoint,
    endpointProperties: [
      property('authorization', authorization),
      property('authType', 'bearer'),
      ...(refreshToken === undefined ? [] : [property('refreshToken', refreshToken)]),
      ...(expiresInS === undefined ? [] : [property('expiresIn', String(expiresInS))]),
      ...(refreshEndpoint === undefined ? [] : [property('refreshEndpoint', refreshEndpoint)]),
      property(`${EDC}endpoint`, endpoint),
      property(`${EDC}endpointType`, HTTP_ENDPOINT_TYPE),
      property(`${EDC}authType`, 'bearer'),
      property(`${EDC}authorization`, authorization),
    ],
  }
}

/** A token that took the place of another: what a renewal gives. */
export type RenewedToken = Pick<HttpAddress, 'authorization'> &
  Required<Pick<HttpAddress, 'expiresInS'>> &
  Pick<HttpAddress, 'refreshToken'>

// prettier-ignore
const OF_TOKEN = {
  authorization: ({ authorization }: RenewedToken) => authorization,
  authCode:      ({ authorization }: RenewedToken) => authorization,
  refreshToken:  ({ refreshToken }: RenewedToken) => refreshToken,
  expiresIn:     ({ expiresInS }: RenewedToken) => String(expiresInS),
} as const

/** The same address with the other token in every property that holds one; without a new refresh token the old one stays. */
export function withToken(address: DataAddress, token: RenewedToken): DataAddress {
  const endpointProperties = (address.endpointProperties ?? []).map(({ name, value }) => {
    const short = name.startsWith(EDC) ? name.slice(EDC.length) : name
    return property(name, short in OF_TOKEN ? (OF_TOKEN[short as keyof typeof OF_TOKEN](token) ?? value) : value)
  })
  return { ...address, endpointProperties }
}

export function property(name: string, value: string): EndpointProperty {
  return { '@type': 'EndpointProperty', name, value }
}

/** A property by its short name, or by EDC's full one. */
export function valueIn(properties: ReadonlyMap<string, string>): (name: string) => string | undefined {
  return (name) => properties.get(name) ?? properties.get(EDC + name)
}

export function propertiesOf(address: DataAddress): Result<ReadonlyMap<string, string>> {
  const listed = address.endpointProperties ?? []
  if (listed.length > PROPERTIES_MAX) return wrong(`more than ${PROPERTIES_MAX} properties`, 'endpointProperties')

  const values = new Map<string, string>()
  for (const { name, value } of listed) {
    if (values.has(name) && values.get(name) !== value) return wrong('one name with two values', name)
    values.set(name, value)
  }
  return good(values)
}

export function isHttpUrl(value: string): boolean {
  if (value.length > URL_LENGTH_MAX || !URL.canParse(value)) return false
  const { protocol, username, password } = new URL(value)
  return (protocol === 'http:' || protocol === 'https:') && username === '' && password === ''
}

// Visible ASCII and single spaces: it becomes a header, and must not be able to become two.
export function isToken(value: string): boolean {
  return value.length <= TOKEN_LENGTH_MAX && /^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(value)
}

export function wrong(message: string, name: string): ReturnType<typeof bad> {
  return bad('message.schema', message, `dataAddress.${name}`)
}
