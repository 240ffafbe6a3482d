// `POST /data/token`: the token renewal profile of data plane signaling, with the answers of OAuth 2.0 (RFC 6749, 5).

import { Router, type ErrorRequestHandler, type Request, type Response } from 'express'
import { kindOf, KINDS, orThrow, problem, ProblemError, type Problem } from '../../kernel/problem.ts'
import { FORM_TYPE, oauthError, readRefresh, writeRenewed } from '../../protocol/dps/token-renewal.ts'
import type { RenewToken } from '../../shell/renew-token.ts'
import { readBody } from '../body.ts'
import { toProblem } from '../problems.ts'

export interface TokenPorts {
  readonly renewToken: RenewToken
  readonly report: (error: unknown, request: Request) => void
}

/** Two tokens and their names; ours have 43 characters. */
const FORM_BYTES_MAX = 8_192

export function tokenRouter({ renewToken, report }: TokenPorts): Router {
  const router = Router()

  router.all('/', async (request, response) => {
    if (request.method !== 'POST') {
      response.set('Allow', 'POST')
      throw new ProblemError(problem('request.malformed', 'expected POST', 'method'))
    }
    // Before the body is read: who shows no credentials learns nothing.
    if ((request.get('authorization') ?? '') === '')
      throw new ProblemError(problem('token.missing', 'expected an Authorization header'))
    const body = await readBody(request, FORM_BYTES_MAX)
    if (body.length > 0) mustBeForm(request)
    const [, query = ''] = request.url.split('?', 2)
    const asked = orThrow(readRefresh(Buffer.from(body).toString('utf8'), query))
    const renewed = await renewToken(request.get('authorization'), asked)
    if (renewed.ok) {
      send(response, 200, writeRenewed(renewed.value))
      return
    }
    report(new ProblemError(renewed.problem), request)
    refuse(response, renewed.problem, renewed.isGrant)
  })

  const onError: ErrorRequestHandler = (error: unknown, request, response, next) => {
    report(error, request)
    if (response.headersSent) {
      next(error)
      return
    }
    refuse(response, toProblem(error), false)
  }
  router.use(onError)
  return router
}

function mustBeForm(request: Request): void {
  const type = request.get('content-type')?.split(';')[0]?.trim().toLowerCase()
  if (type !== FORM_TYPE) throw new ProblemError(problem('body.media-type', `expected ${FORM_TYPE}`))
}

/** A refresh token that is refused is 400, whatever the reason is; 401 is for who sent it. */
function refuse(response: Response, found: Problem, isGrant: boolean): void {
  const kind = kindOf(found)
  const isRefused = isGrant && kind !== 'busy' && kind !== 'unavailable' && kind !== 'defect'
  const status = isRefused ? 400 : response.get('Allow') !== undefined ? 405 : KINDS[kind].data
  if (status === 401) response.set('WWW-Authenticate', 'Bearer')
  if (KINDS[kind].retry === 'later') response.set('Retry-After', '1')
  send(response, status, oauthError(found, isGrant))
}

function send(response: Response, status: number, body: object): void {
  // Not with express's `set`, which would add a charset that JSON does not have.
  response.setHeader('Content-Type', 'application/json')
  response.status(status).set({ 'Cache-Control': 'no-store', Pragma: 'no-cache' }).end(JSON.stringify(body))
}
