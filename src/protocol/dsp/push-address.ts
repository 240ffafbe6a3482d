// The DataAddress of a push: where the provider shall send the data, and with which token.

import type { Result } from '../../kernel/problem.ts'
import { bad, good } from '../../kernel/problem.ts'
import {
  EDC,
  HTTP_ENDPOINT_TYPE,
  HTTP_ENDPOINT_TYPES,
  isHttpUrl,
  isToken,
  propertiesOf,
  property,
  valueIn,
  wrong,
} from './data-address.ts'
import type { DataAddress } from './messages.ts'

/** EDC's name for an HTTP address of its own making, in which `baseUrl` is the endpoint. */
const EDC_HTTP = 'HttpData'

export type PushMethod = 'PUT' | 'POST'

/** What a provider needs to know to send. */
export interface PushAddress {
  readonly endpoint: string
  /** POST where the address says nothing: what EDC's data plane does, and data plane signaling leaves open. */
  readonly method: PushMethod
  /** The whole value of the Authorization header; null where the endpoint wants none. A secret. */
  readonly authorization: string | null
}

/**
 * Reads the DataAddress of a TransferRequestMessage. Unknown properties are ignored. Refuses `format.unsupported` (not HTTP) and
 * `message.schema` (no endpoint, a value of another form). Whether the endpoint may be called is for the fetch guard to say.
 */
export function readPushAddress(address: DataAddress): Result<PushAddress> {
  if (![...HTTP_ENDPOINT_TYPES, EDC_HTTP].includes(address.endpointType)) {
    return bad('format.unsupported', `expected the endpoint type ${HTTP_ENDPOINT_TYPE}`, 'dataAddress.endpointType')
  }
  const properties = propertiesOf(address)
  if (!properties.ok) return properties
  const value = valueIn(properties.value)

  const endpoint = address.endpoint ?? value('endpoint') ?? value('baseUrl')
  if (endpoint === undefined || !isHttpUrl(endpoint)) return wrong('expected an http or https URL', 'endpoint')
  const method = (value('method') ?? 'POST').toUpperCase()
  if (method !== 'PUT' && method !== 'POST') return wrong('expected PUT or POST', 'method')

  const authType = value('authType') ?? 'bearer'
  if (authType.toLowerCase() !== 'bearer') return wrong("expected the authType 'bearer'", 'authType')
  const authKey = value('authKey') ?? 'Authorization'
  if (authKey.toLowerCase() !== 'authorization') return wrong("expected the header 'Authorization'", 'authKey')
  const named = properties.value.get('authorization')
  const told = named ?? value('authorization') ?? value('authCode')
  if (told === undefined) return good({ endpoint, method, authorization: null })
  if (!isToken(told)) return wrong('expected a token', 'authorization')
  // EDC gives the whole value of the header; the standard's own name holds the token alone.
  const token = told.replace(/^bearer +/i, '')
  return good({ endpoint, method, authorization: named === undefined ? told : `Bearer ${token}` })
}

/** Writes the address of an endpoint of ours, for a provider of any make. */
export function writePushAddress({
  endpoint,
  authorization,
}: {
  endpoint: string
  authorization: string
}): DataAddress {
  return {
    '@type': 'DataAddress',
    endpointType: HTTP_ENDPOINT_TYPE,
    endpoint,
    endpointProperties: [
      property('authorization', authorization),
      property('authType', 'bearer'),
      property('method', 'PUT'),
      property(`${EDC}type`, EDC_HTTP),
      property(`${EDC}baseUrl`, endpoint),
      property(`${EDC}method`, 'PUT'),
      property(`${EDC}authKey`, 'Authorization'),
      property(`${EDC}authCode`, `Bearer ${authorization}`),
    ],
  }
}
