// What is told of the connector: metrics, the status, and each problem that an answer carried.

import type { Request } from 'express'
import { createInFlight } from '../http/in-flight.ts'
import { logProblem, toProblem } from '../http/problems.ts'
import { isTimed, surfaceOf } from '../http/surface.ts'
import { createMeasure } from '../shell/measure.ts'
import { createRetain } from '../shell/retain.ts'
import { setTimer } from '../shell/timer.ts'
import type { MeasureOptions } from '../shell/measure.ts'
import type { Base } from './base.ts'
import type { Data } from './data.ts'

export type Measured = ReturnType<typeof openMeasured>

/** @param certificateEndsAt asked when somebody looks */
export function openMeasured(
  base: Base,
  { serveData }: Pick<Data, 'serveData'>,
  certificateEndsAt: MeasureOptions['certificateEndsAt'],
) {
  const { settings, runtime, self, startedAt, store, readiness, policies, pause } = base
  const { config } = settings
  const { clock, newUuid, log, version } = runtime
  const { name, claims } = config.participant
  const { retention: periods } = config

  const retain = createRetain({ store, clock, self, log, setTimer, pause, periods })
  const seconds = (): number => performance.now() / 1000
  const inFlight = createInFlight(seconds, (request, status, took) => {
    if (isTimed(request)) metrics.onAnswered(surfaceOf(request), status, took)
  })
  const { metrics, status } = createMeasure({
    ...{ participant: { did: self, name, claims }, version, startedAt, clock, store, periods, readiness },
    seconds,
    deliveryDeadlineMs: config.protocol.deliveryDeadlineS * 1000,
    policies: policies.state,
    streamsRunning: () => serveData.running(),
    requestsInFlight: inFlight.count,
    lastRetention: () => retain.last(),
    certificateEndsAt,
  })

  return {
    ...{ retain, seconds, inFlight, metrics, status },
    report: (error: unknown, request: Request): void => {
      const found = toProblem(error)
      metrics.onProblem(surfaceOf(request), found.code)
      const path = request.originalUrl.split('?')[0] ?? ''
      logProblem(log, error, found, { method: request.method, path, id: newUuid() })
    },
  }
}
