// Serves the table of operations: who may, what the query and the body must be, the handler, its answer. No decisions.

import { Router, type Request, type Response } from 'express'
import { digestOf } from '../../kernel/digest.ts'
import { orThrow } from '../../kernel/problem.ts'
import { parseRawJson } from '../../protocol/raw-json.ts'
import { checkOf, type Check } from '../../protocol/schema.ts'
import type { AnswerOnce, KeptAnswer } from '../../shell/answer-once.ts'
import { jsonBytes } from '../body.ts'
import type {
  CatalogBody,
  ConnectBody,
  DatasetBody,
  NegotiationBody,
  NoBody,
  OfferBody,
  PeerBody,
  ReasonBody,
  RollbackBody,
  RecordBody,
  FulfilmentBody,
  RotationBody,
  TokenBody,
  TransferBody,
  WordsBody,
} from './bodies.ts'
import type { Permit } from './guard.ts'
import { IDEMPOTENCY_KEY } from './openapi.ts'
import { isStream, type Operation } from './operation.ts'
import { OPERATIONS, type OperationId } from './operations.ts'
import { malformed, queryReader, type Query } from './query.ts'

/** What the schemas of the table make certain of each body; an operation that is not here takes none. */
interface Bodies {
  readonly requestCatalog: CatalogBody
  readonly connect: ConnectBody
  readonly openNegotiation: NegotiationBody
  readonly offer: OfferBody
  readonly counter: OfferBody
  readonly terminateNegotiation: WordsBody
  readonly endAgreement: ReasonBody
  readonly addRecord: RecordBody
  readonly fulfilObligation: FulfilmentBody
  readonly openTransfer: TransferBody
  readonly suspend: WordsBody
  readonly terminateTransfer: WordsBody
  readonly addDatasets: DatasetBody | readonly DatasetBody[]
  readonly putPeer: PeerBody
  readonly addToken: TokenBody
  readonly rotateKey: RotationBody
  readonly rollbackPolicies: RollbackBody
}

/** One call that may be made and is well-formed. */
export interface Call<Body = NoBody> {
  /** The name of the management token, for evidence. */
  readonly by: string
  readonly parameters: Readonly<Record<string, string>>
  readonly query: Query
  readonly body: Body
  readonly request: Request
  readonly response: Response
}

/** Null where the handler has written the answer itself, as streams are. */
export type Reply = { readonly status: number; readonly body?: unknown; readonly secret?: true } | null

type Handler<Body> = (call: Call<Body>) => Reply | Promise<Reply>

export type Handlers = {
  readonly [Id in OperationId]: Handler<Id extends keyof Bodies ? Bodies[Id] : NoBody>
}

export interface ServePorts {
  readonly permit: Permit
  readonly answerOnce: AnswerOnce
}

const DEPTH_MAX = 64

/** A route for each operation of the table, and no other. */
export function operationsRouter(ports: ServePorts, handlers: Handlers): Router {
  const router = Router()
  for (const [id, operation] of Object.entries<Operation>(OPERATIONS)) {
    // The table and the handlers have the same keys; what links a body to its schema is `Bodies`.
    const handler = handlers[id as OperationId] as Handler<unknown>
    router[operation.method](routeOf(operation), served(ports, operation, handler))
  }
  return router
}

/** `/transfers/{id}/data/{*rest}` → `/transfers/:id/data/*rest` */
export function routeOf({ path }: Pick<Operation, 'path'>): string {
  return path.replace(/\{(\*?)(\w+)\}/g, (_, star: string, name: string) => (star === '' ? `:${name}` : `*${name}`))
}

function served(
  { permit, answerOnce }: ServePorts,
  operation: Operation,
  handler: Handler<unknown>,
): (request: Request, response: Response) => Promise<void> {
  const readQuery = queryReader(operation.query ?? {})
  const readBody = bodyReader(operation)
  const readKey = checkOf(IDEMPOTENCY_KEY)
  const streamed = isStream(operation)

  return async (request, response) => {
    const by = permit(request, operation.work)
    // Express answers HEAD with the handler of GET, which would fetch the whole and use up a delivery for nothing.
    if (streamed && request.method === 'HEAD') throw malformed('expected GET: only fetching tells what there is', '')
    const query = readQuery(request.query)
    const body = readBody(request)
    const parameters = Object.fromEntries(
      Object.entries(request.params).map(([name, value]) => [name, [value].flat().join('/')]),
    )
    const call = { by, parameters, query, body, request, response }

    const key = operation.repeatable === true ? request.get('idempotency-key') : undefined
    if (key === undefined) {
      const reply = await handler(call)
      if (reply === null) return
      // Never through a cache: who holds it would hold the secret.
      if (reply.secret === true) response.set('Cache-Control', 'no-store')
      send(response, answerOf(reply))
      return
    }
    const fault = readKey(key)
    if (fault !== null) throw malformed(fault.message, 'Idempotency-Key')
    const wanted = digestOf(`${request.method} ${request.path}\n${digestOf(jsonBytes(request))}`)
    const { answer, replayed } = await answerOnce({ by, key, requestDigest: wanted }, async () =>
      answerOf((await handler(call)) ?? { status: 204 }),
    )
    if (replayed) response.set('Idempotency-Replayed', 'true')
    send(response, answer)
  }
}

function answerOf({ status, body }: NonNullable<Reply>): KeptAnswer {
  return { status, body: body === undefined ? '' : JSON.stringify(body) }
}

function send(response: Response, { status, body }: KeptAnswer): void {
  response.status(status)
  if (body !== '') response.set('Content-Type', 'application/json; charset=utf-8')
  response.end(body)
}

/** The JSON of a request, held against the operation's schema. An operation that documents no body reads none. */
function bodyReader({ body }: Operation): (request: Request) => unknown {
  if (body === undefined) return () => ({})
  const check: Check = checkOf(body.schema)
  return (request) => {
    const bytes = jsonBytes(request)
    if (body.mayBeEmpty && bytes.length === 0) return {}
    const value = orThrow(parseRawJson(bytes, { depthMax: DEPTH_MAX }))
    const fault = check(value)
    if (fault !== null) throw malformed(fault.message, fault.path)
    return value
  }
}
