// Whether what a connector says is DSP 2025-1: our own reading of it, the official schemas where they are there, the paths.

import type { Problem } from '../../../src/kernel/problem.ts'
import { parseMessage } from '../../../src/protocol/dsp/validate.ts'
import type { MessageType } from '../../../src/protocol/dsp/messages.ts'
import { BINDINGS } from '../../../src/protocol/dsp/paths.ts'
import { SCHEMAS } from '../../../src/protocol/dsp/schemas/all.ts'
import { readAgreement, readMessageOffer } from '../../../src/protocol/odrl/normalise.ts'
import { isThere, officialCheck } from '../official.ts'

export type Message = Readonly<Record<string, unknown>>

const official = isThere ? officialCheck() : () => true

/** What is wrong with a message or an answer; null where nothing is. */
export function faultOf(message: Message): string | null {
  const type = message['@type']
  if (typeof type !== 'string' || !(type in SCHEMAS)) return `${String(type)} is no type of DSP 2025-1`
  const parsed = parseMessage(type as MessageType, message)
  if (!parsed.ok) return `${type}: ${parsed.problem.message} at ${parsed.problem.path ?? 'the root'}`
  if (parsed.value !== message) return `${type} is not in compact form`
  if (!official(type, message)) return `${type} does not fit the official schema`
  const policy = faultOfPolicy(message)
  return policy === null ? null : `${type}: ${policy.message}`
}

function faultOfPolicy({ offer, agreement }: Message): Problem | null {
  const read = offer === undefined ? null : readMessageOffer(offer, 'offer')
  if (read?.ok === false) return read.problem
  const agreed = agreement === undefined ? null : readAgreement(agreement, 'agreement')
  return agreed?.ok === false ? agreed.problem : null
}

/** What is wrong with where and how a message was sent; `path` is that below the receiver's address. */
export function faultOfDelivery(path: string, message: Message): string | null {
  const { '@type': type, '@id': id, callbackAddress } = message
  const isSlashed = typeof callbackAddress === 'string' && callbackAddress.endsWith('/')
  if (isSlashed)
    return `${String(type)}: peers put a path behind its callbackAddress, so that it must not end in a slash`
  if (typeof id !== 'string' || !/^urn:uuid:[0-9a-f-]{36}$/.test(id)) return `${String(type)} has no @id of its own`
  const fits = BINDINGS.some(({ method, path: pattern, message: bound }) => {
    if (method !== 'POST' || bound !== type) return false
    // The links between the pages of a catalogue have a query; nothing else has.
    const isPage = type === 'CatalogRequestMessage' && path.startsWith(`${pattern}?`)
    const found = isPage ? { groups: {} } : new RegExp(`^${pattern.replace(/:(\w+)/, '(?<$1>[^/]+)')}$`).exec(path)
    const named: Readonly<Record<string, string>> = found?.groups ?? {}
    return found !== null && Object.entries(named).every(([pid, value]) => message[pid] === decodeURIComponent(value))
  })
  return fits ? null : `${String(type)} was sent to ${path}`
}
