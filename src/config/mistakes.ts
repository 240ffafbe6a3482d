// What the schema refused, said to the person who wrote the file: what was expected, what came, what was probably meant.

import type { ErrorObject } from 'ajv/dist/2020.js'
import { nearest } from '../kernel/nearest.ts'
import { boundOf } from './bound-of.ts'
import type { SettingSchema } from './connector.schema.ts'

/** One mistake before its place in a text is known. */
export interface Mistake {
  readonly path: readonly string[]
  /** Whether the name of the setting is wrong, or what it is set to. */
  readonly at: 'key' | 'value'
  readonly code: string
  readonly message: string
  readonly hint?: string
}

const SHOWN_CHARACTERS_MAX = 100

// prettier-ignore
const TYPES = {
  object:  'keys with values',
  array:   'a list',
  string:  'a text',
  integer: 'a whole number',
} as const satisfies Record<SettingSchema['type'], string>

/** @param errors of a validator with `verbose`, which hands over the schema and the value beside each error */
export function schemaMistakes(errors: readonly ErrorObject[]): readonly Mistake[] {
  return errors.map((error) => {
    const path = pathOf(error.instancePath)
    const schema = error.parentSchema as SettingSchema
    const params = error.params as Readonly<Record<string, unknown>>
    const came = shown(path, error.data)
    // Where what is asked is named by another key, the mistake is one level further down.
    switch (error.keyword) {
      case 'additionalProperties':
        return unknownKey([...path, String(params['additionalProperty'])], Object.keys(schema.properties ?? {}))
      case 'required':
        return { path, at: 'value', code: 'config.missing', message: `${String(params['missingProperty'])} is missing` }
      case 'type':
        return expected(path, 'config.type', TYPES[schema.type], came, hintOfType(schema, error.data))
      case 'enum':
        return expected(
          path,
          'config.value',
          `one of ${(schema.enum ?? []).join(', ')}`,
          came,
          hintOfEnum(schema, error.data),
        )
      case 'false schema':
        return { path, at: 'key', code: 'config.secret', message: 'a private or secret key does not belong here' }
      default:
        return expected(path, 'config.value', ruleOf(error, schema), came, hintOfExample(schema))
    }
  })
}

/** The value as far as it may be shown: short, without what is or may be secret. */
export function shown(path: readonly string[], value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${value.length}`
  if (typeof value === 'object') return 'keys with values'
  if (path[1] === 'staticTokens') return 'another'
  const text = JSON.stringify(value).replace(/\/\/[^/]*@/g, '//…@')
  return text.length <= SHOWN_CHARACTERS_MAX ? text : `${text.slice(0, SHOWN_CHARACTERS_MAX)}…`
}

function pathOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function unknownKey(path: readonly string[], known: readonly string[]): Mistake {
  const key = path.at(-1) ?? ''
  const meant = nearest(key, known)
  const hint = meant === undefined ? `known here: ${known.join(', ')}` : `did you mean ${meant}?`
  return { path, at: 'key', code: 'config.unknown-key', message: 'unknown setting', hint }
}

function expected(path: readonly string[], code: string, what: string, came: string, hint?: string): Mistake {
  return { path, at: 'value', code, message: `expected ${what}, got ${came}`, ...(hint === undefined ? {} : { hint }) }
}

function ruleOf(error: ErrorObject, schema: SettingSchema): string {
  if (error.keyword === 'pattern') return `another form (${schema.description})`
  return boundOf(error) ?? error.message ?? error.keyword
}

function hintOfType(schema: SettingSchema, data: unknown): string | undefined {
  if (data === null) return 'give it a value, or take the line out'
  if (typeof data === 'string' && (schema.type === 'array' || schema.type === 'object'))
    return 'a variable takes JSON here'
  return hintOfExample(schema)
}

function hintOfEnum(schema: SettingSchema, data: unknown): string | undefined {
  const meant = typeof data === 'string' ? nearest(data, schema.enum ?? []) : undefined
  return meant === undefined ? undefined : `did you mean ${meant}?`
}

function hintOfExample({ examples }: SettingSchema): string | undefined {
  return examples?.[0] === undefined ? undefined : `for example ${examples[0]}`
}
