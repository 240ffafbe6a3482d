// The table of operations, the routes and the document: three views of the same thing.

import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Router } from 'express'
import { describe, expect, test } from 'vitest'
import { openApiDocument } from '../../../src/http/management/openapi.ts'
import { parametersOf, type Operation } from '../../../src/http/management/operation.ts'
import { OPERATIONS } from '../../../src/http/management/operations.ts'
import { operationsRouter, routeOf, type Handlers } from '../../../src/http/management/serve.ts'
import { checkOf } from '../../../src/protocol/schema.ts'
import { closed } from '../../../src/http/management/schemas.ts'

interface Documented {
  readonly operationId: string
  readonly summary: string
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly required: boolean }[]
  readonly requestBody?: { readonly required: boolean }
  readonly responses: Readonly<Record<string, { readonly description: string }>>
}
interface Document {
  readonly openapi: string
  readonly info: { readonly version: string }
  readonly paths: Readonly<Record<string, Readonly<Record<string, Documented>>>>
  readonly components: { readonly schemas: Readonly<Record<string, object>> }
}

const document = openApiDocument('1.2.3') as Document
const operations: readonly (readonly [string, Operation])[] = Object.entries(OPERATIONS)
const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, ...operation })),
)

/** Every route of a router as `get /datasets/:id`. */
function routesOf(router: Router): readonly string[] {
  return router.stack.flatMap(({ route }) => {
    if (route === undefined) throw new Error('a layer without a route would answer outside the table')
    return route.stack.map(({ method }) => `${method} ${route.path}`)
  })
}

test('the router has a route for each operation, and no other', () => {
  const handlers = Object.fromEntries(operations.map(([id]) => [id, () => null])) as unknown as Handlers
  const ports = { permit: () => 'admin', answerOnce: () => Promise.reject(new Error('not called')) }

  const routes = routesOf(operationsRouter(ports, handlers))

  expect(routes.toSorted()).toEqual(operations.map(([, each]) => `${each.method} ${routeOf(each)}`).toSorted())
  expect(new Set(routes).size).toBe(routes.length)
})

test('the document has each operation, and no other', () => {
  expect(documented.map(({ operationId }) => operationId).toSorted()).toEqual(operations.map(([id]) => id).toSorted())
  expect(document).toMatchObject({ openapi: '3.1.0', info: { version: '1.2.3' } })
})

describe.each(documented.map((each) => [`${each.method} ${each.path}`, each] as const))('%s', (_name, each) => {
  const operation = (OPERATIONS as Readonly<Record<string, Operation>>)[each.operationId]

  test('says what it is in a sentence, and each answer likewise', () => {
    expect(each.summary).toMatch(/^[A-Z].*\.$/)
    for (const { description } of Object.values(each.responses)) expect(description).toMatch(/\S/)
  })

  test('declares each parameter of its path', () => {
    const names = parametersOf(each.path)

    expect(each.parameters.filter((one) => one.in === 'path')).toMatchObject(
      names.map((name) => ({ name, required: true })),
    )
  })

  test('can be refused for its token, and answers one success, of data also a part', () => {
    expect(Object.keys(each.responses)).toEqual(expect.arrayContaining(['400', '401', '403', '500', '503']))
    const successes = Object.keys(each.responses).filter((status) => status.startsWith('2'))
    if (successes.includes('206')) expect(successes).toEqual(['200', '206'])
    else expect(successes).toHaveLength(1)
  })

  test('takes a body where the table says so', () => {
    expect(each.requestBody?.required).toBe(operation?.body === undefined ? undefined : !operation.body.mayBeEmpty)
  })
})

test('an Idempotency-Key goes with what creates, and never with what answers with a secret', () => {
  const keyed = documented.filter(({ parameters }) => parameters.some(({ name }) => name === 'Idempotency-Key'))

  expect(keyed.map(({ operationId }) => operationId).toSorted()).toEqual([
    'addDatasets',
    'addRecord',
    'connect',
    'openNegotiation',
    'openTransfer',
    'putPeer',
  ])
})

describe('schemas', () => {
  const text = JSON.stringify(document)

  test('refer to components that are there, and each component is referred to', () => {
    const referred = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map(([, name]) => name))

    expect([...referred].toSorted()).toEqual(Object.keys(document.components.schemas).toSorted())
  })

  test('of components are valid JSON Schemas', () => {
    const ajv = new Ajv2020({ strict: false })

    for (const [name, schema] of Object.entries(document.components.schemas))
      expect(ajv.validateSchema(schema), name).toBe(true)
  })

  test.each(operations.filter(([, { body }]) => body !== undefined))(
    'of the body of %s compiles in strict mode',
    (_id, { body }) => {
      // A value of the wrong kind: what counts is that the compiler takes the schema.
      expect(checkOf(body?.schema ?? {})(7)).not.toBeNull()
    },
  )

  test.each(operations.filter(([, { query }]) => query !== undefined && query !== 'any'))(
    'of the query of %s compile in strict mode',
    (_id, { query }) => {
      expect(checkOf(closed(query as never, ...Object.keys(query ?? {})))({})).toBeNull()
    },
  )
})
