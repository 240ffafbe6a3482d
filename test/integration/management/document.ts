// The OpenAPI document as a judge: whether an answer is one of those that it promises.

import { Ajv2020 } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { openApiDocument } from '../../../src/http/management/openapi.ts'
import { OPERATIONS, type OperationId } from '../../../src/http/management/operations.ts'
import type { Answer } from './ground.ts'

interface MediaType {
  readonly schema: object
}

interface Documented {
  readonly operationId: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: object }[]
  readonly requestBody?: { readonly required: boolean; readonly content: Readonly<Record<string, MediaType>> }
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, MediaType>> }>>
}

interface Document {
  readonly openapi: string
  readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

const DOCUMENT = openApiDocument('0.0.0') as Document

export const IDS = Object.keys(OPERATIONS) as readonly OperationId[]

export function documented(id: OperationId): Documented {
  const found = Object.values(DOCUMENT.paths)
    .flatMap((methods) => Object.values(methods))
    .find(({ operationId }) => operationId === id)
  if (found === undefined) throw new Error(`${id} is not in the document`)
  return found
}

const ajv = new Ajv2020({ strict: false, allErrors: true })
// CommonJS: the function itself is the default export of the module that Node makes of it.
;(addFormats as unknown as (ajv: Ajv2020) => void)(ajv)

/** What is wrong with a value by a schema of the document; null where nothing is. */
export function faultsBy(schema: object, value: unknown): unknown {
  const validate = ajv.compile({ ...schema, components: DOCUMENT.components })
  return validate(value) ? null : validate.errors
}

/** What the document does not promise of this answer; null where it keeps to it. */
export function brokenPromise(id: OperationId, { status, headers, text, json }: Answer): unknown {
  const promised = documented(id).responses[String(status)]
  if (promised === undefined) return `status ${String(status)} is not documented: ${text.slice(0, 500)}`
  const came = headers.get('content-type')?.split(';')[0] ?? null
  if (promised.content === undefined) return text === '' && came === null ? null : `a body came: ${text}`

  const [[mediaType, { schema }] = ['', { schema: {} }]] = Object.entries(promised.content)
  if (mediaType === '*/*') return came === null ? 'no media type' : null
  if (came !== mediaType) return `expected ${mediaType}, and ${String(came)} came`
  return faultsBy(schema, json ?? text)
}
