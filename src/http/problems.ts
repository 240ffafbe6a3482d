// From whatever was thrown to a Problem: the one place where an exception becomes an answer.

import { kindOf, KINDS, problem, ProblemError, type Problem } from '../kernel/problem.ts'
import type { Log } from '../kernel/log.ts'

/** Problems keep what they are; express's own errors become ours; everything else is a defect, with its stack in the log only. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  const { status } = (error ?? {}) as { status?: unknown }
  if (status === 400) return problem('request.malformed', 'this request cannot be read')
  return problem('defect', 'an internal error')
}

/** Says in the log what the answer does not: the cause, and who asked for what. */
export function logProblem(
  log: Log,
  error: unknown,
  found: Problem,
  request: { method: string; path: string; id: string },
): void {
  const level = KINDS[kindOf(found)].log
  const why = error instanceof Error && error.cause !== undefined ? { cause: error.cause } : {}
  const fields = {
    problem: found,
    ...why,
    method: request.method,
    path: shownPath(request.path),
    requestId: request.id,
  }
  if (level === 'error') log.error('http.defect', { ...fields, error })
  else if (level === 'warn') log.warn('http.problem', fields)
  else log.info('http.problem', fields)
}

const SEGMENTS_SHOWN_MAX = 12
/** Words of our own paths, and identifiers that nobody would take for a password. */
const SHOWN_SEGMENT = /^(?:[a-z.-]{0,32}|v?[\d-]{1,8}|(?:urn|did)(?::|%3A)[\w:.%~-]{1,200})$/i

/** A path as it may stand in the log: people put tokens into paths, and files have names that are no affair of the log. */
function shownPath(path: string): string {
  const segments = path.split('/')
  const shown = segments.slice(0, SEGMENTS_SHOWN_MAX).map((segment) => (SHOWN_SEGMENT.test(segment) ? segment : '…'))
  return [...shown, ...(segments.length > SEGMENTS_SHOWN_MAX ? ['…'] : [])].join('/')
}
