// Where a push shall go, as somebody wrote it: an address of their own, or a sink that this connector fills.

import { isAdministrators, readDataSink, type DataSink } from '../../domain/delivery/sink.ts'
import { orThrow } from '../../kernel/problem.ts'
import { HTTP_ENDPOINT_TYPE } from '../../protocol/dsp/data-address.ts'
import type { DataAddress, EndpointProperty } from '../../protocol/dsp/messages.ts'
import { readPushAddress } from '../../protocol/dsp/push-address.ts'
import type { TransferBody } from './bodies.ts'
import { malformed } from './query.ts'

export type Wanted = { readonly dataAddress: DataAddress } | { readonly sink: DataSink }

/**
 * Null where the body names none. Throws `request.malformed` or `message.schema` with the place.
 *
 * @param mustAdminister throws unless the token may administer: a sink that reaches into our network is not for everyone
 */
export function destinationIn(
  { dataAddress, sink }: Pick<TransferBody, 'dataAddress' | 'sink'>,
  sinksDir: string | undefined,
  mustAdminister: () => void,
): Wanted | null {
  if (dataAddress && sink) throw malformed('expected either a dataAddress or a sink', 'sink')
  if (dataAddress) return { dataAddress: addressIn(dataAddress) }
  if (!sink) return null
  const read = orThrow(readDataSink(sink))
  if (isAdministrators(read)) mustAdminister()
  else if (sinksDir === undefined) throw malformed('a file needs the setting data.sinksDir', 'sink.type')
  return { sink: read }
}

type Members = Readonly<Record<string, unknown>>

/** In DSP's words; what has one possible value only may be left out. */
function addressIn({ endpointType = HTTP_ENDPOINT_TYPE, endpoint, endpointProperties = [] }: Members): DataAddress {
  if (typeof endpointType !== 'string') throw malformed('expected a text', 'dataAddress.endpointType')
  if (endpoint !== undefined && typeof endpoint !== 'string') throw malformed('expected a URL', 'dataAddress.endpoint')
  if (!Array.isArray(endpointProperties)) throw malformed('expected a list', 'dataAddress.endpointProperties')
  const properties = endpointProperties.map(propertyIn)
  const address: DataAddress = {
    '@type': 'DataAddress',
    endpointType,
    ...(endpoint !== undefined && { endpoint }),
    // DSP 2025-1: a list with nothing in it is not allowed.
    ...(properties.length > 0 && { endpointProperties: properties }),
  }
  orThrow(readPushAddress(address))
  return address
}

function propertyIn(raw: unknown, index: number): EndpointProperty {
  const { name, value } = (typeof raw === 'object' && raw !== null ? raw : {}) as Members
  if (typeof name !== 'string' || name === '' || typeof value !== 'string')
    throw malformed('expected a name and a value', `dataAddress.endpointProperties[${String(index)}]`)
  return { '@type': 'EndpointProperty', name, value }
}
