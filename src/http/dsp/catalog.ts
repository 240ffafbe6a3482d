// The paths of the catalogue (DSP 2025-1, HTTPS binding). Every error has its CatalogError.

import { Router, type Response } from 'express'
import { orThrow, problem, ProblemError } from '../../kernel/problem.ts'
import { parseMessage } from '../../protocol/dsp/validate.ts'
import type { AuthenticateRead } from '../../shell/guard-reads.ts'
import type { ServeCatalog } from '../../shell/serve-catalog.ts'
import { sendJson } from './answers.ts'
import { readJson } from './inbound.ts'

export interface CatalogPorts {
  readonly authenticateRead: AuthenticateRead
  readonly serveCatalog: ServeCatalog
  /** Our DSP base, for the links to other pages. */
  readonly base: string
  readonly jsonDepthMax: number
  readonly pageSize: number
}

export function catalogRouter({ authenticateRead, serveCatalog, base, jsonDepthMax, pageSize }: CatalogPorts): Router {
  const router = Router()

  router.post('/request', async (request, response) => {
    const message = orThrow(parseMessage('CatalogRequestMessage', readJson(request, jsonDepthMax).json))
    const asker = await authenticateRead(request.get('authorization'))
    const { filter = [] } = message
    if (filter.length > 0)
      throw new ProblemError(problem('filter.unsupported', 'this connector takes no filter', 'filter'))

    const token: unknown = request.query.continuationToken
    const { catalog, next } = serveCatalog.page(asker, typeof token === 'string' ? decodeToken(token) : null, pageSize)
    if (next !== null) link(response, `${base}/catalog/request?continuationToken=${encodeToken(next)}`)
    sendJson(response, 200, catalog)
  })

  router.get('/datasets/:id', async (request, response) => {
    const asker = await authenticateRead(request.get('authorization'))
    const dataset = serveCatalog.dataset(asker, request.params.id)
    if (dataset === null) throw new ProblemError(problem('resource.unknown', 'no such dataset'))
    sendJson(response, 200, dataset)
  })
  return router
}

function link(response: Response, url: string): void {
  response.set('Link', `<${url}>; rel="next"`)
}

function encodeToken(after: string): string {
  return Buffer.from(after, 'utf8').toString('base64url')
}

function decodeToken(token: string): string {
  if (!/^[\w-]{1,4096}$/.test(token)) {
    throw new ProblemError(
      problem('request.malformed', 'expected a continuationToken that a catalogue gave', 'continuationToken'),
    )
  }
  return Buffer.from(token, 'base64url').toString('utf8')
}
