// What went wrong in a call, said in our words: the peer could not be reached, or did not speak HTTP.

import { problem, ProblemError } from '../kernel/problem.ts'

/** The message that we gave undici was not one: a bug here, not a failure there. */
const OURS = new Set(['UND_ERR_INVALID_ARG', 'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'UND_ERR_NOT_SUPPORTED'])

const NOT_HTTP = new Set(['UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH'])

/** The Problem that a failed call is thrown as; a bug is given back as it came. */
export function callProblem(error: unknown, host: string, timeoutMs: number): unknown {
  if (error instanceof ProblemError) return error
  const { name, code } = nameAndCode(error)
  if (OURS.has(code)) return error
  if (name === 'TimeoutError')
    return asProblem('peer.unreachable', `${host} did not answer within ${timeoutMs} ms`, error)
  if (name === 'AbortError') return asProblem('peer.unreachable', `the call to ${host} was given up`, error)
  if (NOT_HTTP.has(code) || name === 'HTTPParserError')
    return asProblem('peer.malformed', `${host} did not answer in HTTP/1.1 (${code === '' ? name : code})`, error)
  return asProblem('peer.unreachable', `${host} could not be reached (${code === '' ? name : code})`, error)
}

function asProblem(code: 'peer.unreachable' | 'peer.malformed', message: string, cause: unknown): ProblemError {
  return new ProblemError(problem(code, message), { cause })
}

function nameAndCode(error: unknown): { name: string; code: string } {
  if (!(error instanceof Error)) return { name: 'error', code: '' }
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  return { name: error.name, code }
}
