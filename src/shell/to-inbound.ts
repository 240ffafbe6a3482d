// From the JSON of a request to an Inbound message: schema, policies in their normal form, digests, and who sent it.

import type { Inbound } from '../domain/exchange/inbound.ts'
import { canonicalJson } from '../kernel/canonical-json.ts'
import { digestOf } from '../kernel/digest.ts'
import type { Result } from '../kernel/problem.ts'
import type { MessageType, MessageTypes } from '../protocol/dsp/messages.ts'
import { parseMessage } from '../protocol/dsp/validate.ts'
import { readAgreement, readMessageOffer } from '../protocol/odrl/normalise.ts'
import type { Identified } from '../trust/identity.ts'

/** The message that this JSON is, its policy read. Refuses what the schema of that type or the reader of policies refuses. */
export function readMessage<T extends MessageType>(type: T, json: unknown): Result<MessageTypes[T]> {
  const parsed = parseMessage(type, json)
  return parsed.ok ? readPolicies(parsed.value) : parsed
}

/** @param pid our own pid as the path names it; null where the message opens a process */
export function toInbound<Message>(
  message: Message,
  bytes: Uint8Array,
  { participant, replay }: Identified,
  pid: string | null,
): Inbound<Message> {
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
