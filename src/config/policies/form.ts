// Whether a file has the form of its kind, by the schema of the kind: every mistake, with its place and the word that was meant.

import { Ajv2020 } from 'ajv/dist/2020.js'
import type { ErrorObject, ValidateFunction } from 'ajv/dist/2020.js'
import { nearest } from '../../kernel/nearest.ts'
import { boundOf } from '../bound-of.ts'
import { findingAt, type FindingCode } from './codes.ts'
import { didYouMean } from './house-form.ts'
import type { Report } from './report.ts'
import { headOf, type FormKind } from './schemas/kinds.ts'
import type { FormSchema } from './schemas/schema.ts'
import type { Source } from './source.ts'

/** Compiled when the first file of the kind is there. */
const VALIDATORS = new Map<FormKind, ValidateFunction>()
let ajv: Ajv2020 | null = null

/** Whether it has; what is wrong is reported. */
export function hasForm(kind: FormKind, source: Source, file: string, report: Report): boolean {
  const validate = validatorOf(kind)
  if (validate(source.value)) return true
  for (const error of validate.errors ?? []) {
    // Alternatives report each branch that failed, and then themselves: the last says what the whole expected.
    if (error.schemaPath.includes('/anyOf/')) continue
    const { steps, on, code, message, hint } = mistakeOf(error)
    const { line, column } = source.spotAt(steps, on)
    report.add(findingAt({ file, line, column }, code, message, hint === undefined ? {} : { hint }))
  }
  return false
}

function validatorOf(kind: FormKind): ValidateFunction {
  ajv ??= new Ajv2020({
    allErrors: true,
    verbose: true,
    strict: true,
    strictRequired: false,
    allowUnionTypes: true,
    strictTypes: false,
    // They are constants; a test holds them against the meta-schema.
    validateSchema: false,
  })
  const known = VALIDATORS.get(kind)
  if (known !== undefined) return known
  const validate = ajv.compile(headOf(kind))
  VALIDATORS.set(kind, validate)
  return validate
}

interface Mistake {
  readonly steps: readonly string[]
  readonly on: 'key' | 'value'
  readonly code: FindingCode
  readonly message: string
  readonly hint?: string
}

function mistakeOf(error: ErrorObject): Mistake {
  const steps = stepsOf(error.instancePath)
  const { description = '', properties = {} } = error.parentSchema as FormSchema
  const params = error.params as Readonly<Record<string, unknown>>
  switch (error.keyword) {
    case 'additionalProperties': {
      const key = String(params['additionalProperty'])
      return unknownKey([...steps, key], key, Object.keys(properties))
    }
    case 'required':
      return { steps, on: 'value', code: 'missing', message: `\`${String(params['missingProperty'])}\` is missing` }
    case 'propertyNames': {
      const key = String(params['propertyName'])
      return { steps: [...steps, key], on: 'key', code: 'form', message: `${shown(key)} cannot be a key here` }
    }
    case 'enum':
      return { steps, on: 'value', code: 'form', ...ofEnum(error.data, (error.parentSchema as FormSchema).enum ?? []) }
    default:
      return {
        steps,
        on: 'value',
        code: 'form',
        message: `expected ${boundOf(error) ?? description}, came ${shown(error.data)}`,
      }
  }
}

function unknownKey(steps: readonly string[], key: string, known: readonly string[]): Mistake {
  const meant = nearest(key, known)
  const message = `unknown key \`${key}\`; known here: ${known.length > 12 ? `${known.slice(0, 12).join(', ')} …` : known.join(', ')}`
  const mistake = { steps, on: 'key', code: 'unknown-key', message } as const
  return meant === undefined ? mistake : { ...mistake, hint: didYouMean(meant) }
}

function ofEnum(data: unknown, known: readonly string[]): Pick<Mistake, 'message' | 'hint'> {
  const meant = typeof data === 'string' ? nearest(data, known) : undefined
  const message = `expected one of ${known.join(', ')}, came ${shown(data)}`
  return meant === undefined ? { message } : { message, hint: didYouMean(meant) }
}

function stepsOf(pointer: string): readonly string[] {
  return pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}

function shown(raw: unknown): string {
  if (raw === null || raw === undefined) return 'nothing'
  const text = JSON.stringify(raw)
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}
