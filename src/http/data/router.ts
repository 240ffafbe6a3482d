// The data endpoint: `/data/<transferId>/…` with the token of the transfer's data address.

import { Router, type ErrorRequestHandler, type Request, type Response } from 'express'
import { readConditions } from '../../domain/delivery/conditions.ts'
import type { Posted } from '../../dataplane/opened-source.ts'
import { kindOf, KINDS, problem, ProblemError } from '../../kernel/problem.ts'
import { PURPOSE_HEADER } from '../../protocol/dsp/data-address.ts'
import type { ReceiveData } from '../../shell/receive-data.ts'
import type { ServeData } from '../../shell/serve-data.ts'
import { readBody } from '../body.ts'
import { toProblem } from '../problems.ts'
import { sendProblemDocument } from '../problem-document.ts'
import { receivePushed } from './receive.ts'

export interface DataPorts {
  readonly serveData: ServeData
  readonly receiveData: ReceiveData
  readonly report: (error: unknown, request: Request) => void
  /** The largest body of a POST that is handed to a source. */
  readonly bodyBytesMax: number
  /** A request for data begins; the answer is told all bytes that have left so far, piece by piece. */
  readonly measureData: () => (total: number) => void
}

const PURPOSE_LENGTH_MAX = 2048

export function dataRouter({ serveData, receiveData, report, bodyBytesMax, measureData }: DataPorts): Router {
  const router = Router()

  // Data that is pushed to us. A POST to what is no reception of ours is one to a source that takes them.
  router.all('/:transferId', async (request, response, next) => {
    const { method, params } = request
    if (method === 'PUT' || (method === 'POST' && receiveData.expects(params.transferId)))
      await receivePushed(receiveData, request, response)
    else next()
  })

  router.all('/:transferId{/*rest}', async (request, response) => {
    const { method } = request
    if (method !== 'GET' && method !== 'HEAD' && method !== 'POST') {
      response.set('Allow', 'GET, HEAD, POST')
      throw new ProblemError(problem('source.method', `no data takes ${method.slice(0, 20)}`, 'method'))
    }
    const onBytes = measureData()
    const served = await serveData.serve({
      transferPid: request.params.transferId,
      ...restOf(request),
      method,
      conditions: readConditions({
        range: request.get('range'),
        ifRange: request.get('if-range'),
        ifNoneMatch: request.get('if-none-match'),
      }),
      readBody: () => readPosted(request, bodyBytesMax),
      authorization: request.get('authorization'),
      purpose: purposeOf(request),
      // Behind a reverse proxy this is the proxy's: a header that anybody can set shows nobody's address.
      address: request.socket.remoteAddress ?? null,
      onBytes,
      canTrail: method !== 'HEAD' && request.httpVersion === '1.1',
    })
    if (response.destroyed) response.emit('close')
    // Not with express's `set`, which would add a charset that nobody knows to a media type of text.
    for (const [name, value] of Object.entries(served.headers)) response.setHeader(name, value)
    if (served.status === 416) {
      sendProblemDocument(response, 416, problem('range.unsatisfiable', 'the data has no such part', 'Range'))
      return
    }
    response.status(served.status)
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
  // A target in absolute form has scheme and host before its path.
  const [path = '', ...query] = request.url.replace(/^https?:\/\/[^/?]*/i, '').split('?')
  const [, , ...rest] = path.split('/')
  return { rest: rest.join('/'), query: query.join('?') }
}

/** The whole body of a POST, read only after it is certain that somebody wants it. */
async function readPosted(request: Request, bytesMax: number): Promise<Posted> {
  return { mediaType: request.get('content-type') ?? null, bytes: await readBody(request, bytesMax) }
}

function purposeOf(request: Request): string | null {
  const purpose = request.get(PURPOSE_HEADER)
  if (purpose === undefined || purpose === '') return null
  if (purpose.length > PURPOSE_LENGTH_MAX)
    throw new ProblemError(problem('request.malformed', 'this purpose is too long', PURPOSE_HEADER))
  return purpose
}
