// `/metrics`, beside the API: text for Prometheus, to whoever has a token, or to everybody on this port where the settings say so.

import { Router } from 'express'
import type { Permit } from './guard.ts'

export interface MetricsPorts {
  readonly permit: Permit
  readonly metrics: {
    readonly mediaType: string
    readonly expose: () => Promise<string>
    /** `open`: whoever reaches this port may read them. */
    readonly access: 'token' | 'open'
  }
}

export function metricsRouter({ permit, metrics: { mediaType, expose, access } }: MetricsPorts): Router {
  const router = Router()
  router.get('/metrics', async (request, response) => {
    if (access === 'token') permit(request, 'read')
    const text = await expose()
    response.setHeader('Content-Type', mediaType)
    response.setHeader('Cache-Control', 'no-store')
    response.end(text)
  })
  return router
}
