// JSON Schema 2020-12 as far as policy files need it, and the few words in which the schemas are written.

export interface FormSchema {
  readonly $ref?: string
  readonly type?: 'object' | 'array' | 'string' | 'integer' | 'number' | 'boolean' | readonly string[]
  /** What is expected: stands in the message where the value has another form. */
  readonly description?: string
  readonly properties?: Readonly<Record<string, FormSchema | true>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | FormSchema
  readonly patternProperties?: Readonly<Record<string, FormSchema>>
  readonly propertyNames?: FormSchema
  readonly items?: FormSchema
  readonly anyOf?: readonly FormSchema[]
  readonly enum?: readonly string[]
  readonly pattern?: string
  readonly default?: unknown
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly minItems?: number
  readonly maxItems?: number
  readonly minProperties?: number
  readonly maxProperties?: number
}

const CHARS_MAX = 2048

/** A mapping of known keys. */
export function keys(
  description: string,
  properties: NonNullable<FormSchema['properties']>,
  required: readonly string[] = [],
): FormSchema {
  return {
    type: 'object',
    description,
    additionalProperties: false,
    properties,
    ...(required.length > 0 && { required }),
  }
}

/** A mapping whose keys are names that somebody gives. */
export function names(description: string, each: FormSchema, propertiesMax = 10_000): FormSchema {
  return {
    type: 'object',
    description,
    additionalProperties: each,
    propertyNames: { minLength: 1, maxLength: CHARS_MAX },
    maxProperties: propertiesMax,
  }
}

export function text(description: string, more: Partial<FormSchema> = {}): FormSchema {
  return { type: 'string', description, minLength: 1, maxLength: CHARS_MAX, ...more }
}

export function oneOf(description: string, values: readonly string[]): FormSchema {
  return { type: 'string', description, enum: values }
}

export function list(description: string, items: FormSchema, more: Partial<FormSchema> = {}): FormSchema {
  return { type: 'array', description, items, ...more }
}

/** An object whose content is nobody's business here. */
export function free(description: string): FormSchema {
  return { type: 'object', description, additionalProperties: true }
}

export const TEXTS: FormSchema = {
  type: 'object',
  description: 'texts by language, as in { en: Hourly weather, zh: 每小时气象数据 }',
  additionalProperties: text('a text', { maxLength: 20_000 }),
  propertyNames: { pattern: '^[a-z]{2,3}(-[A-Za-z0-9]{1,8})*$', description: 'a language tag (BCP 47)' },
}

/** A version is no number: 1.10 is not 1.1. Numbers that say the same are taken all the same. */
export const VERSION: FormSchema = { type: ['string', 'integer'], description: 'a version, such as "1.2"' }
