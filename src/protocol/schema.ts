// JSON Schemas at work: compiled when first used, and a failure said as a sentence and a place.

import { Ajv2020 } from 'ajv/dist/2020.js'
import type { AnySchemaObject, ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'

/** The first thing that is wrong with a value, and where: `offer.permission[0].action`; the path of the whole is empty. */
export interface SchemaFault {
  readonly path: string
  readonly message: string
}

export type Check = (value: unknown) => SchemaFault | null

/**
 * A check that costs nothing until it is first called. A node of the schema that has alternatives (`anyOf`, `oneOf`, `not`)
 * or a `pattern` says in its `description` what it expects: that text stands in the fault.
 */
export function checkOf(schema: AnySchemaObject): Check {
  let validate: ValidateFunction | null = null
  return (value) => {
    validate ??= compiler().compile(schema)
    if (validate(value)) return null
    // Alternatives report each branch that failed, and then themselves: the last says what the whole expected.
    // Only `if` adds nothing to what its branch said.
    const error = validate.errors?.findLast(({ keyword }) => keyword !== 'if')
    return error === undefined ? { path: '', message: 'expected another value' } : faultOf(error)
  }
}

let shared: Ajv2020 | null = null

/** One compiler for all. It stops at the first failure: to list them all is work that the sender could choose the size of. */
function compiler(): Ajv2020 {
  shared ??= new Ajv2020({
    allErrors: false,
    verbose: true,
    strict: true,
    strictRequired: false,
    inlineRefs: false,
    allowUnionTypes: true,
    // Our schemas are constants; a test holds them against the meta-schema, so that start-up need not.
    validateSchema: false,
  })
  return shared
}

function faultOf(error: ErrorObject): SchemaFault {
  const place = placeOf(error.instancePath)
  const missing: unknown = error.keyword === 'required' ? error.params['missingProperty'] : undefined
  if (typeof missing === 'string') {
    return { path: joined(place, missing), message: `expected the member "${missing}", and it is missing` }
  }
  const unknown: unknown = error.keyword === 'additionalProperties' ? error.params['additionalProperty'] : undefined
  if (typeof unknown === 'string') {
    return { path: joined(place, shortened(unknown)), message: `unknown member; ${knownMembers(error)}` }
  }
  return { path: place, message: `expected ${expectation(error)}, and ${shown(error.data)} came` }
}

function knownMembers({ parentSchema }: ErrorObject): string {
  const known = Object.keys((parentSchema?.['properties'] ?? {}) as object)
  return known.length === 0 ? 'none is expected here' : `expected ${known.join(', ')}`
}

function expectation({ keyword, params, schema, parentSchema }: ErrorObject): string {
  const description: unknown = parentSchema?.['description']
  if (typeof description === 'string') return description
  switch (keyword) {
    case 'type':
      return [params['type']].flat().map(typeName).join(' or ')
    case 'const':
      return JSON.stringify(schema)
    case 'enum':
      return `one of ${(schema as readonly unknown[]).join(', ')}`
    case 'minLength':
      return 'a text that is not empty'
    case 'maxLength':
      return `a text of at most ${String(schema)} characters`
    case 'minimum':
      return `a number of at least ${String(schema)}`
    case 'maximum':
      return `a number of at most ${String(schema)}`
    case 'minItems':
      return `a list of at least ${String(schema)}`
    case 'maxItems':
      return `a list of at most ${String(schema)}`
    case 'contains':
      return `a list with ${JSON.stringify((schema as { const?: unknown }).const)} in it`
    default:
      return `what "${keyword}" asks for`
  }
}

// prettier-ignore
const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text', object: 'an object', array: 'a list', number: 'a number', integer: 'a whole number',
  boolean: 'true or false', null: 'null',
}

function typeName(type: unknown): string {
  return TYPE_NAMES[String(type)] ?? 'another type'
}

const SHOWN_LENGTH_MAX = 60

/** What came, for a message: never more of the input than a few words. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shortened(value))
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return `a list of ${String(value.length)}`
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? String(value) : 'an object'
}

function shortened(text: string): string {
  return text.length <= SHOWN_LENGTH_MAX ? text : `${text.slice(0, SHOWN_LENGTH_MAX - 1).toWellFormed()}…`
}

/** A JSON Pointer (RFC 6901) in the form that people read. */
function placeOf(pointer: string): string {
  return pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(joined, '')
}

function joined(place: string, step: string): string {
  if (/^\d+$/.test(step)) return `${place}[${step}]`
  return place === '' ? step : `${place}.${step}`
}
