// From a request to an Inbound message: bytes, JSON, schema, policies read, sender known. Cheap checks first.

import type { Request } from 'express'
import type { Inbound } from '../../domain/exchange/inbound.ts'
import { canonicalJson } from '../../kernel/canonical-json.ts'
import { digestOf } from '../../kernel/digest.ts'
import { orThrow, type Result } from '../../kernel/problem.ts'
import type { MessageType, MessageTypes } from '../../protocol/dsp/messages.ts'
import { parseMessage } from '../../protocol/dsp/validate.ts'
import { readAgreement, readMessageOffer } from '../../protocol/odrl/normalise.ts'
import { parseRawJson } from '../../protocol/raw-json.ts'
import type { Authenticate } from '../../trust/identity.ts'
import { jsonBytes } from '../body.ts'

export interface ReadInboundOptions {
  readonly authenticate: Authenticate
  readonly jsonDepthMax: number
}

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
  const message = orThrow(readPolicies(orThrow(parseMessage(type, json))))
  const { participant, replay } = await authenticate(request.get('authorization'))
  const { '@id': messageId = '', ...content } = message as { '@id'?: string }
  return {
    message,
    messageId,
    bodyDigest: digestOf(bytes),
    openingDigest: digestOf(canonicalJson(content)),
    sender: participant,
    pid,
    replay: replay === null ? null : { iss: replay.iss, jti: replay.jti, expiresAt: replay.expiresAt },
  }
}

/** The policy inside a message, from whatever spelling to the normal form. */
function readPolicies<M>(message: M): Result<M> {
  const { offer, agreement } = message as { offer?: unknown; agreement?: unknown }
  if (offer !== undefined) {
    const read = readMessageOffer(offer, 'offer')
    return read.ok ? { ok: true, value: { ...message, offer: read.value } } : read
  }
  if (agreement !== undefined) {
    const read = readAgreement(agreement, 'agreement')
    return read.ok ? { ok: true, value: { ...message, agreement: read.value } } : read
  }
  return { ok: true, value: message }
}
