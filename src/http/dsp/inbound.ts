// From a request to an Inbound message: bytes, JSON, schema, policies read, sender known. Cheap checks first.

import type { Request } from 'express'
import type { Inbound } from '../../domain/exchange/inbound.ts'
import { orThrow } from '../../kernel/problem.ts'
import type { MessageType, MessageTypes } from '../../protocol/dsp/messages.ts'
import { parseRawJson } from '../../protocol/raw-json.ts'
import { readMessage, toInbound } from '../../shell/to-inbound.ts'
import type { Authenticate } from '../../trust/identity.ts'
import { jsonBytes } from '../body.ts'

/** The JSON of a request; kept apart so that its pids can stand in the answer when the rest is wrong. */
export function readJson(
  request: Request,
  jsonDepthMax: number,
): { readonly json: unknown; readonly bytes: Uint8Array } {
  const bytes = jsonBytes(request)
  return { json: orThrow(parseRawJson(bytes, { depthMax: jsonDepthMax })), bytes }
}

/** Throws the Problem of the first check that fails. Authentication comes last: it may have to fetch a DID document. */
export async function readInbound<T extends MessageType>(
  type: T,
  { json, bytes }: ReturnType<typeof readJson>,
  request: Request,
  pid: string | null,
  authenticate: Authenticate,
): Promise<Inbound<MessageTypes[T]>> {
  const message = orThrow(readMessage(type, json))
  return toInbound(message, bytes, await authenticate(request.get('authorization')), pid)
}
