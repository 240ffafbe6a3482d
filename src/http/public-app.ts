// Everything on the public port: DID document, version document, DSP, data, probes.

import express, { type ErrorRequestHandler, type Express } from 'express'
import type { DidDocument } from '../domain/trust/did-document.ts'
import { DSP_PATH, VERSION_PATH, versionDocument } from '../protocol/dsp/version.ts'
import { sendJson } from './dsp/answers.ts'
import { dspRouter, type DspPorts } from './dsp/router.ts'
import { dataRouter, type DataPorts } from './data/router.ts'
import { tokenRouter, type TokenPorts } from './data/token.ts'
import { hardened } from './hardened.ts'
import type { InFlight } from './in-flight.ts'
import { sendProblemDocument } from './problem-document.ts'
import { toProblem } from './problems.ts'
import { kindOf, KINDS, problem } from '../kernel/problem.ts'

export interface PublicPorts extends DspPorts, DataPorts, TokenPorts {
  readonly didDocument: () => DidDocument
  readonly serviceId: string
  /** Whether requests can be served; the reason why not goes to the log, not to strangers. */
  readonly isReady: () => boolean
  readonly track: InFlight['track']
}

export function publicApp(ports: PublicPorts): Express {
  const app = express()
  app.disable('x-powered-by')
  app.disable('etag')
  app.set('query parser', 'simple')
  app.use(hardened)
  app.use(ports.track)

  // Peers that join a base with a slash at its end and a path write `//`. What stands before the path of a target in absolute
  // form (RFC 9112, 3.2.2) is left to express, which has measured it by now.
  app.use((request, _response, next) => {
    const [host = ''] = /^https?:\/\/[^/?]*/i.exec(request.url) ?? []
    const [path = '', ...query] = request.url.slice(host.length).split('?')
    if (path.includes('//')) request.url = host + [path.replace(/\/{2,}/g, '/'), ...query].join('?')
    next()
  })
  app.get('/.well-known/did.json', (_request, response) => {
    const body = JSON.stringify(ports.didDocument())
    response.set('Content-Type', 'application/did+json').set('Cache-Control', 'max-age=60').end(body)
  })
  // Unversioned and open, at the root and at the root of the protocol (DSP 2025-1, version discovery).
  app.get(VERSION_PATH, (_request, response) => {
    sendJson(response, 200, versionDocument(ports.serviceId))
  })
  app.get(`/dsp${VERSION_PATH}`, (_request, response) => {
    sendJson(response, 200, versionDocument(ports.serviceId, DSP_PATH.replace(/^\/dsp/, '')))
  })
  app.get('/healthz', (_request, response) => {
    response.status(200).end()
  })
  app.get('/readyz', (_request, response) => {
    response.status(ports.isReady() ? 200 : 503).end()
  })
  app.use(DSP_PATH, dspRouter(ports))
  app.use('/data/token', ports.refuseLate, tokenRouter(ports))
  app.use('/data', ports.refuseLate, dataRouter(ports))
  app.use((_request, response) => {
    sendProblemDocument(response, 404, problem('path.unknown', 'no such path'))
  })
  const onError: ErrorRequestHandler = (error: unknown, request, response, next) => {
    if (response.headersSent) {
      next(error)
      return
    }
    ports.report(error, request)
    const found = toProblem(error)
    sendProblemDocument(response, KINDS[kindOf(found)].data, found)
  }
  app.use(onError)
  return app
}
