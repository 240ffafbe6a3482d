// The vocabulary of the management API's schemas. Checking and documenting use the same objects: what the document says is
// what is checked. A description reads as what was expected, because a refusal quotes it.

import type { Schema } from '../../protocol/dsp/schemas/parts.ts'

export type { Schema }
export type Properties = Readonly<Record<string, Schema>>

const TEXT_LENGTH_MAX = 2_048
const PAGE_MAX = 1_000

export const TEXT: Schema = {
  type: 'string',
  minLength: 1,
  maxLength: TEXT_LENGTH_MAX,
  description: `a text of 1 to ${String(TEXT_LENGTH_MAX)} characters`,
}

/** A member that may be left out may also be null: programs write their absent values so. */
export const OPTIONAL_TEXT: Schema = optional(TEXT)

/** Texts by name, as claims and titles are. */
export const TEXTS: Schema = { type: 'object', additionalProperties: { type: 'string' } }

export const TIME: Schema = { type: 'string', format: 'date-time' }
export const BOOLEAN: Schema = { type: 'boolean' }
export const COUNT: Schema = { type: 'integer', minimum: 0 }
export const ROLE: Schema = { enum: ['CONSUMER', 'PROVIDER'] }
/** `sha-256:<hex>` */
export const DIGEST: Schema = { type: 'string', pattern: '^sha-256:[0-9a-f]{64}$' }
export const HASH: Schema = { type: 'string', pattern: '^[0-9a-f]{64}$' }

/** `?limit=` of every list. */
export const LIMIT: Schema = {
  type: 'integer',
  minimum: 1,
  maximum: PAGE_MAX,
  default: 100,
  description: `a number of items from 1 to ${String(PAGE_MAX)}`,
}
/** `?after=` of every list: `next` of the page before. */
export const AFTER: Schema = { ...TEXT, description: 'the `next` of the page before' }
/** `?after=` where the evidence is read. */
export const AFTER_SEQ: Schema = {
  type: 'integer',
  minimum: 0,
  maximum: Number.MAX_SAFE_INTEGER,
  description: 'the number of an entry of the evidence',
}

/** An object with no other members than these; `optional` names those that may be missing. */
export function closed(properties: Properties, ...optional: readonly string[]): Schema {
  const required = Object.keys(properties).filter((name) => !optional.includes(name))
  return { type: 'object', properties, required, additionalProperties: false }
}

/** The same value, or null. */
export function optional(schema: Schema): Schema {
  const types: unknown = schema['type']
  return { ...schema, type: [types, 'null'].flat() }
}

export function nullable(schema: Schema): Schema {
  return { anyOf: [schema, { type: 'null' }] }
}

export function listOf(items: Schema): Schema {
  return { type: 'array', items }
}

/** A page of a list, and where the next one begins; null where there is none. */
export function pageOf(items: Schema, next: Schema = { type: 'string' }): Schema {
  return closed({ items: listOf(items), next: nullable(next) })
}

export function ref(name: string): Schema {
  return { $ref: `#/components/schemas/${name}` }
}
