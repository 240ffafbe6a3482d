// The requests that are not answered yet, on both ports: counted, timed, refused while the connector stops, waited for.

import type { Request, RequestHandler } from 'express'
import { problem, ProblemError } from '../kernel/problem.ts'

/** What is told of a request when its answer has left, or its connection has ended; `status` is 0 where none was sent. */
export type OnAnswered = (request: Request, status: number, seconds: number) => void

export interface InFlight {
  /** Before everything else: counts and times each request. */
  readonly track: RequestHandler
  /**
   * Throws `stopping` from the moment on at which the connector stops; and `busy.limit` where more than so many requests are in
   * flight on both ports: over one connection any number of them may come at once, one behind the other.
   */
  readonly refusing: (max?: number) => RequestHandler
  readonly count: () => number
  /** From now on connections are closed with their answer, and late requests refused. */
  readonly stop: () => void
  /** Resolves when every request is answered. */
  readonly idle: () => Promise<void>
}

/** @param seconds a clock that never goes back */
export function createInFlight(seconds: () => number, onAnswered: OnAnswered): InFlight {
  let count = 0
  let isStopping = false
  let wake: (() => void)[] = []

  return {
    track: (request, response, next) => {
      const from = seconds()
      count += 1
      response.once('close', () => {
        count -= 1
        onAnswered(request, response.headersSent ? response.statusCode : 0, seconds() - from)
        if (count > 0) return
        for (const each of wake) each()
        wake = []
      })
      if (isStopping) response.setHeader('Connection', 'close')
      next()
    },
    refusing: (max = Number.POSITIVE_INFINITY) => {
      return (_request, _response, next) => {
        if (isStopping) throw new ProblemError(problem('stopping', 'the connector is stopping'))
        if (count > max) throw new ProblemError(problem('busy.limit', `${String(max)} requests are in flight`))
        next()
      }
    },
    count: () => count,
    stop: () => {
      isStopping = true
    },
    idle: () => (count === 0 ? Promise.resolve() : new Promise((done) => wake.push(done))),
  }
}
