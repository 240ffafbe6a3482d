// The management port: the API of the people and programs of this participant. Every path wants a management token.

import express, { type ErrorRequestHandler, type Express, type Request } from 'express'
import { kindOf, KINDS, problem } from '../kernel/problem.ts'
import { rawBody } from './body.ts'
import { administrationRouter, type AdministrationPorts } from './management/administration.ts'
import { eventsRouter, type EventPorts } from './management/events.ts'
import { exchangeRouter, type ExchangePorts } from './management/exchange.ts'
import { sendProblemDocument } from './problem-document.ts'
import { toProblem } from './problems.ts'

export interface ManagementPorts extends AdministrationPorts, ExchangePorts, EventPorts {
  readonly bodyBytesMax: number
  readonly report: (error: unknown, request: Request) => void
}

export function managementApp(ports: ManagementPorts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.use(rawBody(ports.bodyBytesMax))
  app.use('/api/v1', exchangeRouter(ports), administrationRouter(ports), eventsRouter(ports))
  app.use((request, response) => {
    ports.permit(request, 'read')
    sendProblemDocument(response, 404, problem('path.unknown', 'no such path'))
  })
  const onError: ErrorRequestHandler = (error: unknown, request, response, next) => {
    ports.report(error, request)
    if (response.headersSent) {
      next(error)
      return
    }
    const found = toProblem(error)
    // Which token may do what is no question of the policy: 403 says that another token is needed.
    const status = found.code === 'token.scope' ? 403 : KINDS[kindOf(found)].management
    if (status === 401) response.set('WWW-Authenticate', 'Bearer')
    sendProblemDocument(response, status, found)
  }
  app.use(onError)
  return app
}
