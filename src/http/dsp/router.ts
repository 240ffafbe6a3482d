// DSP 2025-1 under its base: catalogue, negotiations, transfers, and one error object for each.

import { Router, type ErrorRequestHandler, type Request, type RequestHandler } from 'express'
import { problem, ProblemError } from '../../kernel/problem.ts'
import { rawBody } from '../body.ts'
import { toProblem } from '../problems.ts'
import { sendProblem, type Family } from './answers.ts'
import { catalogRouter, type CatalogPorts } from './catalog.ts'
import { negotiationRouter, transferRouter, type ProcessPorts } from './processes.ts'

export interface DspPorts extends ProcessPorts, CatalogPorts {
  readonly bodyBytesMax: number
  /** Throws `stopping` or `busy.limit` where this request comes at a bad moment. */
  readonly refuseLate: RequestHandler
}

export function dspRouter(ports: DspPorts): Router {
  const router = Router()
  router.use(ports.refuseLate)
  // 401 before everything else: who shows no credentials does not learn what is wrong with the body either.
  router.use((request, _response, next) => {
    if ((request.get('authorization') ?? '') === '') {
      throw new ProblemError(problem('token.missing', 'expected an Authorization header'))
    }
    next()
  })
  const unknownPath: RequestHandler = async (request) => {
    await ports.authenticateRead(request.get('authorization'))
    throw new ProblemError(problem('path.unknown', 'no such path in DSP 2025-1'))
  }
  // The framework would answer these of its own accord, and name the methods of a path to strangers.
  router.options('/{*path}', unknownPath)
  router.use(rawBody(ports.bodyBytesMax))
  router.use('/catalog', catalogRouter(ports))
  router.use('/negotiations', negotiationRouter(ports))
  router.use('/transfers', transferRouter(ports))
  router.use(unknownPath)

  const onError: ErrorRequestHandler = (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error)
      return
    }
    ports.report(error, request)
    sendProblem(response, familyOf(request), toProblem(error))
  }
  router.use(onError)
  return router
}

function familyOf({ path }: Request): Family {
  if (path.startsWith('/catalog')) return 'catalog'
  return path.startsWith('/transfers') ? 'transfers' : 'negotiations'
}
