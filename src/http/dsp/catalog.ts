// The paths of the catalogue (DSP 2025-1, HTTPS binding). Every error has its CatalogError.

import { Router } from 'express'
import { readQuery } from '../../domain/catalog/query.ts'
import { orThrow, problem, ProblemError } from '../../kernel/problem.ts'
import { parseMessage } from '../../protocol/dsp/validate.ts'
import type { AuthenticateRead } from '../../shell/guard-reads.ts'
import type { ServeCatalog } from '../../shell/serve-catalog.ts'
import { sendCompressible, sendJson } from './answers.ts'
import { readJson } from './inbound.ts'
import { linkPages, readCursor } from './pages.ts'

export interface CatalogPorts {
  readonly authenticateRead: AuthenticateRead
  readonly serveCatalog: ServeCatalog
  /** Our DSP base, for the links to other pages. */
  readonly base: string
  readonly jsonDepthMax: number
}

export function catalogRouter({ authenticateRead, serveCatalog, base, jsonDepthMax }: CatalogPorts): Router {
  const router = Router()

  router.post('/request', async (request, response) => {
    const message = orThrow(parseMessage('CatalogRequestMessage', readJson(request, jsonDepthMax).json))
    const asker = await authenticateRead(request.get('authorization'))
    const query = orThrow(readQuery(message.filter))
    const token: unknown = request.query.continuationToken
    const page = await serveCatalog.page(asker, query, token === undefined ? null : readCursor(token))
    linkPages(response, `${base}/catalog/request`, page)
    await sendCompressible(request, response, page.catalog)
  })

  router.get('/datasets/:id', async (request, response) => {
    const asker = await authenticateRead(request.get('authorization'))
    const dataset = await serveCatalog.dataset(asker, request.params.id)
    if (dataset === null) throw new ProblemError(problem('resource.unknown', 'no such dataset'))
    sendJson(response, 200, dataset)
  })
  return router
}
