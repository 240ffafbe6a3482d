// The data endpoint: `GET /data/<transferId>/…` with the token of the transfer's data address.

import { Router, type ErrorRequestHandler, type Request, type Response } from 'express'
import { kindOf, KINDS, problem, ProblemError } from '../../kernel/problem.ts'
import { PURPOSE_HEADER } from '../../protocol/dsp/data-address.ts'
import type { ServeData } from '../../shell/serve-data.ts'
import { toProblem } from '../problems.ts'
import { sendProblemDocument } from '../problem-document.ts'

export interface DataPorts {
  readonly serveData: ServeData
  readonly report: (error: unknown, request: Request) => void
}

const PURPOSE_LENGTH_MAX = 2048

export function dataRouter({ serveData, report }: DataPorts): Router {
  const router = Router()

  router.all('/:transferId{/*rest}', async (request, response) => {
    const { method } = request
    if (method !== 'GET' && method !== 'HEAD') {
      response.set('Allow', 'GET, HEAD')
      throw new ProblemError(problem('request.malformed', `expected GET or HEAD, and ${method.slice(0, 20)} came`))
    }
    const served = await serveData.serve({
      transferPid: request.params.transferId,
      ...restOf(request),
      method,
      authorization: request.get('authorization'),
      purpose: purposeOf(request),
      canTrail: method === 'GET' && request.httpVersion === '1.1',
    })
    if (response.destroyed) response.emit('close')
    response.status(200)
    // Not with express's `set`, which would add a charset that nobody knows to a media type of text.
    for (const [name, value] of Object.entries(served.headers)) response.setHeader(name, value)
    await served.send(response, (trailers) => {
      response.addTrailers(trailers)
    })
    finish(response)
  })

  const onError: ErrorRequestHandler = (error: unknown, request, response, next) => {
    report(error, request)
    if (response.headersSent) {
      next(error)
      return
    }
    const found = toProblem(error)
    if (kindOf(found) === 'unauthenticated') response.set('WWW-Authenticate', 'Bearer')
    sendProblemDocument(response, KINDS[kindOf(found)].data, found)
  }
  router.use(onError)
  return router
}

/** A body that could not be sent whole must not look whole. */
function finish(response: Response): void {
  if (!response.writableFinished && !response.destroyed) response.destroy()
}

/** What follows the transfer's id, as it was sent: express would have decoded it once already. */
function restOf(request: Request): { readonly rest: string; readonly query: string } {
  const [path = '', ...query] = request.url.split('?')
  const [, , ...rest] = path.split('/')
  return { rest: rest.join('/'), query: query.join('?') }
}

function purposeOf(request: Request): string | null {
  const purpose = request.get(PURPOSE_HEADER)
  if (purpose === undefined || purpose === '') return null
  if (purpose.length > PURPOSE_LENGTH_MAX)
    throw new ProblemError(problem('request.malformed', 'this purpose is too long', PURPOSE_HEADER))
  return purpose
}
