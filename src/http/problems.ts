// From whatever was thrown to a Problem: the one place where an exception becomes an answer.

import { kindOf, KINDS, problem, ProblemError, type Problem } from '../kernel/problem.ts'
import type { Log } from '../kernel/log.ts'

/** Problems keep what they are; express's own errors become ours; everything else is a defect, with its stack in the log only. */
export function toProblem(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  const { type, status } = (error ?? {}) as { type?: unknown; status?: unknown }
  if (type === 'entity.too.large') return problem('body.too-large', 'the body is larger than this connector takes')
  if (type === 'encoding.unsupported') return problem('body.encoded', 'encoded bodies are not accepted')
  if (type === 'request.aborted' || type === 'request.size.invalid') {
    return problem('request.malformed', 'the body ended before its announced length')
  }
  if (status === 400) return problem('request.malformed', 'this request cannot be read')
  return problem('defect', 'an internal error')
}

/** Says in the log what the answer does not: the cause of a defect, and who asked for what. */
export function logProblem(
  log: Log,
  error: unknown,
  found: Problem,
  request: { method: string; path: string; id: string },
): void {
  const level = KINDS[kindOf(found)].log
  const fields = { problem: found, method: request.method, path: request.path, requestId: request.id }
  if (level === 'error') log.error('http.defect', { ...fields, error })
  else if (level === 'warn') log.warn('http.problem', fields)
  else log.info('http.problem', fields)
}
