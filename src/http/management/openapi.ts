// The OpenAPI 3.1 document of the management API, made from the table of operations. Pure.

import { COMPONENTS } from './components.ts'
import { isStream, parametersOf, type Answer, type Operation } from './operation.ts'
import { OPERATIONS } from './operations.ts'
import { ref, type Schema } from './schemas.ts'

/** Refusals that every operation can answer with. 413 belongs to any request, because any may bring a body. */
const REFUSALS = [400, 401, 403, 413, 500, 503]

// prettier-ignore
const REFUSAL_TEXTS: Readonly<Record<number, string>> = {
  400: 'The request is malformed; `path` says where.',
  401: 'No management token, or one that is not known here or was revoked.',
  403: 'The scope of the token does not cover this work.',
  404: 'No such thing.',
  409: 'Not allowed in the state in which things are.',
  413: 'The body, or the data, is larger than this connector takes.',
  422: 'A policy or a guard says no.',
  429: 'Over a limit; later again.',
  500: 'A defect of the connector.',
  503: 'The connector is stopping or its store is full, or the peer cannot be reached.',
}

// prettier-ignore
const PARAMETER_TEXTS: Readonly<Record<string, string>> = {
  id:   'our own id of it, percent-encoded',
  did:  'the DID, percent-encoded',
  name: 'the name',
  rest: 'the rest of the path; it may have several segments',
}

/** The whole document. `version` is that of the build. */
export function openApiDocument(version: string): object {
  const paths: Record<string, Record<string, object>> = {}
  for (const [id, operation] of Object.entries<Operation>(OPERATIONS)) {
    const path = documentPath(operation.path)
    paths[path] = { ...paths[path], [operation.method]: documented(id, operation) }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Lingqu 灵渠: management API', version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/api/v1' }],
    security: [{ managementToken: [] }],
    paths,
    components: {
      schemas: COMPONENTS,
      securitySchemes: { managementToken: { type: 'http', scheme: 'bearer', description: 'A management token.' } },
    },
  }
}

/** `{*rest}` is `{rest}` in the document: OpenAPI has no parameter of several segments. */
function documentPath(path: string): string {
  return path.replaceAll('{*', '{')
}

function documented(operationId: string, operation: Operation): object {
  const { tag, summary, work, body } = operation
  return {
    operationId,
    tags: [tag],
    summary,
    description: `Work: \`${work}\`.`,
    parameters: parametersIn(operation),
    ...(body !== undefined && {
      requestBody: { required: !body.mayBeEmpty, content: { 'application/json': { schema: body.schema } } },
    }),
    responses: { ...Object.fromEntries(Object.entries(operation.answers).map(answered)), ...refusalsOf(operation) },
  }
}

function answered([status, { description, content }]: [string, Answer]): [string, object] {
  const shown = content === undefined ? {} : { content: { [content.mediaType]: { schema: content.schema } } }
  return [status, { description, ...shown }]
}

function refusalsOf({ path, answers, refusals = [] }: Operation): object {
  const statuses = [...REFUSALS, ...(path.includes('{') ? [404] : []), ...refusals]
  const documents = [...new Set(statuses)]
    .filter((status) => !(status in answers))
    .map((status) => [
      status,
      {
        description: REFUSAL_TEXTS[status] ?? '',
        content: { 'application/problem+json': { schema: ref('Problem') } },
      },
    ])
  return Object.fromEntries(documents) as object
}

function parametersIn(operation: Operation): readonly object[] {
  const { path, query = {}, repeatable } = operation
  return [
    ...parametersOf(path).map((name) =>
      parameter('path', name, { type: 'string', description: PARAMETER_TEXTS[name] }),
    ),
    ...(query === 'any' ? [] : Object.entries(query).map(([name, schema]) => parameter('query', name, schema))),
    ...(repeatable === true ? [parameter('header', 'Idempotency-Key', IDEMPOTENCY_KEY)] : []),
    ...(isStream(operation) && query !== 'any' ? [parameter('header', 'Last-Event-ID', LAST_EVENT_ID)] : []),
  ]
}

export const IDEMPOTENCY_KEY: Schema = {
  type: 'string',
  pattern: '^[\\x21-\\x7e]{1,128}$',
  description: 'a key of 1 to 128 visible ASCII characters, new for each thing that is to be created',
}
const LAST_EVENT_ID: Schema = { type: 'string', pattern: '^\\d{1,15}$', description: 'the last id that was seen' }

function parameter(where: 'path' | 'query' | 'header', name: string, schema: Schema): object {
  const isList = schema['type'] === 'array'
  return {
    name,
    in: where,
    required: where === 'path',
    schema,
    ...(isList && { style: 'form', explode: false }),
  }
}
