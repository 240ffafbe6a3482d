// The management port: the API of the people and programs of this participant. Every path wants a management token.

import express, { type ErrorRequestHandler, type Express, type Request, type RequestHandler } from 'express'
import { kindOf, KINDS, problem, type Problem } from '../kernel/problem.ts'
import { rawBody } from './body.ts'
import { hardened } from './hardened.ts'
import type { InFlight } from './in-flight.ts'
import { administrationHandlers, type AdministrationPorts } from './management/administration.ts'
import { eventHandlers, type EventPorts } from './management/events.ts'
import {
  agreementHandlers,
  catalogHandlers,
  negotiationHandlers,
  transferHandlers,
  type ExchangePorts,
} from './management/exchange.ts'
import { onlyOwnHosts } from './management/host.ts'
import { metricsRouter, type MetricsPorts } from './management/metrics.ts'
import { inboxHandlers, type InboxPorts } from './management/inbox.ts'
import type { KeepRecord } from '../shell/keep-record.ts'
import { recordHandlers } from './management/record.ts'
import { operatorHandlers, type OperatorPorts } from './management/operator.ts'
import { openApiDocument } from './management/openapi.ts'
import { operationsRouter, type ServePorts } from './management/serve.ts'
import { sendProblemDocument } from './problem-document.ts'
import { toProblem } from './problems.ts'

export interface ManagementPorts
  extends AdministrationPorts, ExchangePorts, EventPorts, InboxPorts, MetricsPorts, OperatorPorts, ServePorts {
  readonly keepRecord: KeepRecord
  readonly track: InFlight['track']
  readonly refuseLate: RequestHandler
  readonly bodyBytesMax: number
  /** Host names under which this port answers, beside addresses and names without a dot. */
  readonly names: readonly string[]
  /** Of the build, for the document. */
  readonly version: string
  readonly report: (error: unknown, request: Request) => void
}

export function managementApp(ports: ManagementPorts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.use(hardened)
  app.use(ports.track)
  app.use(onlyOwnHosts(ports.names))
  app.use(metricsRouter(ports))
  app.use(ports.refuseLate)
  // Before everything else: strangers learn neither paths nor methods, and their bodies are not even read.
  app.use((request, response, next) => {
    ports.permit(request, 'read')
    response.setHeader('Cache-Control', 'no-store')
    next()
  })
  app.use(rawBody(ports.bodyBytesMax))
  const document = openApiDocument(ports.version)
  const handlers = {
    readDocument: () => ({ status: 200, body: document }),
    ...catalogHandlers(ports),
    ...negotiationHandlers(ports),
    ...agreementHandlers(ports),
    ...transferHandlers(ports),
    ...administrationHandlers(ports),
    ...inboxHandlers(ports),
    ...operatorHandlers(ports),
    ...recordHandlers(ports.keepRecord),
    ...eventHandlers(ports),
  }
  app.use('/api/v1', operationsRouter(ports, handlers))
  app.use((_request, response) => {
    sendProblemDocument(response, 404, problem('path.unknown', 'no such path, or not with this method'))
  })
  const onError: ErrorRequestHandler = (error: unknown, request, response, next) => {
    ports.report(error, request)
    if (response.headersSent) {
      next(error)
      return
    }
    const found = toProblem(error)
    const status = statusOf(found)
    if (status === 401) response.set('WWW-Authenticate', 'Bearer')
    sendProblemDocument(response, status, found)
  }
  app.use(onError)
  return app
}

/**
 * Which token may do what is no question of the policy: 403 says that another token is needed. And a peer whose DID or key
 * is not good says nothing about the caller's token: 401 would send a person to look in the wrong place.
 */
function statusOf(found: Problem): number {
  if (found.code === 'token.scope') return 403
  const isOfCaller = found.code === 'token.missing' || found.code === 'token.unknown'
  return kindOf(found) === 'unauthenticated' && !isOfCaller ? 503 : KINDS[kindOf(found)].management
}
