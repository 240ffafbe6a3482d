// What the schemas of DSP messages are made of: identifiers, texts, contexts, reasons, and the frame of a message.

import type { AnySchemaObject } from 'ajv/dist/2020.js'
import { DSP_CONTEXT } from '../messages.ts'

export type Schema = AnySchemaObject
type Properties = Readonly<Record<string, Schema>>

export const ID_LENGTH_MAX = 2_048
const TEXT_LENGTH_MAX = 16_384
const CONTEXTS_MAX = 32
export const REASONS_MAX = 100

/** Any text that is not empty: participants, datasets and offers are rarely URIs in practice, whatever the text asks for. */
export const ID: Schema = { type: 'string', minLength: 1, maxLength: ID_LENGTH_MAX }

/** An id that becomes a segment of a path: URL parsers take `.` and `..` for steps, so that they would lead elsewhere. */
export const PID: Schema = {
  type: 'string',
  minLength: 1,
  maxLength: ID_LENGTH_MAX,
  pattern: '^(?!\\.{1,2}$)',
  description: `a pid of 1 to ${String(ID_LENGTH_MAX)} characters that can stand in a path`,
}

/** A URL, a format, a type of endpoint: short, and not empty. */
export const WORD: Schema = { ...ID }

export const TEXT: Schema = { type: 'string', maxLength: TEXT_LENGTH_MAX }

/** Names the DSP context, among others perhaps; inline contexts could give our terms other meanings. */
export const CONTEXT: Schema = {
  type: 'array',
  maxItems: CONTEXTS_MAX,
  items: { type: 'string', maxLength: ID_LENGTH_MAX },
  contains: { const: DSP_CONTEXT },
}

export const PIDS: Properties = { providerPid: PID, consumerPid: PID }

/** `reason` may hold anything; an empty list is what the official schemas forbid. */
export const CODED: Properties = { code: TEXT, reason: { type: 'array', minItems: 1, maxItems: REASONS_MAX } }

/** A list of 1 to `maxItems` things: what would be empty is left out. */
export function listOf(items: Schema, maxItems: number): Schema {
  return { type: 'array', minItems: 1, maxItems, items }
}

export function object(properties: Properties, required: readonly string[]): Schema {
  return { type: 'object', properties, required }
}

/** The frame of every message: its context, its type, and an `@id` that the official schemas do not name but allow. */
export function message(type: string, properties: Properties, required: readonly string[]): Schema {
  const frame = { '@context': CONTEXT, '@type': { const: type }, '@id': ID }
  return object({ ...frame, ...properties }, ['@context', '@type', ...required])
}

/** Exactly one of two members. */
export function eitherOr(one: string, other: string): Schema {
  return {
    oneOf: [{ required: [one] }, { required: [other] }],
    description: `exactly one of ${one} and ${other}`,
  }
}
