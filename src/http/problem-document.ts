// Problem documents (RFC 9457): how every surface but DSP says what went wrong.

import type { Response } from 'express'
import { kindOf, KINDS, type Problem } from '../kernel/problem.ts'

export interface ProblemDocument {
  readonly type: 'about:blank'
  readonly title: string
  readonly status: number
  readonly code: string
  readonly detail: string
  /** Where in the input, or which clause of the policy. */
  readonly path?: string
}

function problemDocument(status: number, found: Problem): ProblemDocument {
  const { code, message, path } = found
  return {
    type: 'about:blank',
    title: kindOf(found).replace('_', ' '),
    status,
    code,
    detail: kindOf(found) === 'defect' ? 'an internal error' : message,
    ...(path !== undefined && { path }),
  }
}

export function sendProblemDocument(response: Response, status: number, found: Problem): void {
  if (KINDS[kindOf(found)].retry === 'later' || status === 503) response.set('Retry-After', '1')
  response
    .status(status)
    .set('Content-Type', 'application/problem+json')
    .end(JSON.stringify(problemDocument(status, found)))
}
