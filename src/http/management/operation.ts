// What one operation of the management API is: the row of the table that is served, checked and documented.

import type { Work } from '../../domain/access/scopes.ts'
import { ref, type Properties, type Schema } from './schemas.ts'

export interface Answer {
  readonly description: string
  /** Absent where the answer has no body. */
  readonly content?: { readonly mediaType: string; readonly schema: Schema }
}

export interface Operation {
  readonly method: 'get' | 'post' | 'delete'
  /** Below `/api/v1`. `{name}` takes one segment, `{*name}` the rest of the path. */
  readonly path: string
  /** What the scope of the token must cover. */
  readonly work: Work
  readonly tag: string
  readonly summary: string
  /** `any`: it is not ours to judge, and goes to the provider with the rest of the path. */
  readonly query?: Properties | 'any'
  readonly body?: { readonly schema: Schema; readonly mayBeEmpty: boolean }
  /** A repeat with the same Idempotency-Key gets the first answer again. */
  readonly repeatable?: true
  readonly answers: Readonly<Record<number, Answer>>
  /** Statuses of refusals beyond those that every operation of its form can answer with. */
  readonly refusals?: readonly number[]
}

const JSON_TYPE = 'application/json'
export const EVENT_STREAM = 'text/event-stream'
export const ANY_TYPE = '*/*'

export function shows(schema: string | Schema, description = 'As asked.'): Answer {
  return { description, content: { mediaType: JSON_TYPE, schema: typeof schema === 'string' ? ref(schema) : schema } }
}

export function streams(mediaType: string, description: string): Answer {
  return { description, content: { mediaType, schema: { type: 'string' } } }
}

export const NOTHING: Answer = { description: 'Done; there is nothing to show.' }

export function takes(schema: Schema): { readonly body: NonNullable<Operation['body']> } {
  return { body: { schema, mayBeEmpty: false } }
}

export function mayTake(schema: Schema): { readonly body: NonNullable<Operation['body']> } {
  return { body: { schema, mayBeEmpty: true } }
}

/** Whether the answer is written as it comes, instead of as one JSON text. */
export function isStream({ answers }: Operation): boolean {
  return Object.values(answers).some(({ content }) => content !== undefined && content.mediaType !== JSON_TYPE)
}

/** The names of the parameters in the path. */
export function parametersOf(path: string): readonly string[] {
  return [...path.matchAll(/\{\*?(\w+)\}/g)].map(([, name = '']) => name)
}
