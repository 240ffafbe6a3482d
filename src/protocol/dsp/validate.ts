// From parsed JSON to a DSP message of the type that its path demands, or the one reason why it is none.

import type { Result } from '../../kernel/problem.ts'
import { bad, good } from '../../kernel/problem.ts'
import type { Check } from '../schema.ts'
import { checkOf, shown } from '../schema.ts'
import type { MessageType, MessageTypes } from './messages.ts'
import { normalise } from './normalise.ts'
import { SCHEMAS } from './schemas/all.ts'

const CHECKS = Object.fromEntries(Object.entries(SCHEMAS).map(([type, schema]) => [type, checkOf(schema)])) as Readonly<
  Record<MessageType, Check>
>

/**
 * Accepts every spelling of the message (see `normalise`) and gives the compact one. Policies inside (`offer`, `agreement`,
 * `hasPolicy`) come as they were spelled: read them with `protocol/odrl` before use.
 *
 * @returns `message.schema` with the place of the first fault, as in `offer.permission[0].action`
 */
export function parseMessage<T extends MessageType>(type: T, json: unknown): Result<MessageTypes[T]> {
  const normal = normalise(type, json)
  if (!normal.ok) return normal

  // First, because every other fault of a message of another type would mislead.
  const came = typeOf(normal.value)
  if (came !== type) return bad('message.schema', `expected "${type}", and ${shown(came)} came`, '@type')

  const fault = CHECKS[type](normal.value)
  if (fault === null) return good(normal.value as MessageTypes[T])
  return bad('message.schema', fault.message, fault.path === '' ? undefined : fault.path)
}

function typeOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && '@type' in value ? value['@type'] : undefined
}
