// What a peer's data plane means when it does not send data: its refusal as a Problem of ours.

import type { Problem, ProblemCode } from '../kernel/problem.ts'
import { problem, PROBLEMS } from '../kernel/problem.ts'
import { readPeerError } from '../protocol/dsp/error.ts'

interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The body, or as much of it as was read. */
  readonly body: Uint8Array
}

/**
 * A problem document (RFC 9457) whose `code` is one of ours keeps code, sentence and path; anything else is `peer.refused` (4xx),
 * `peer.unreachable` (5xx, 408, 425, 429: later may help) or `peer.malformed`. Of what the peer says, at most 2,048 characters
 * are kept, none of them control characters.
 */
export function peerProblem({ status, headers, body }: Answer): Problem {
  const { code, reasons } = readPeerError(body)
  const said = reasons.join(' ')
  if (isProblemDocument(headers) && code !== undefined && isOurs(code)) {
    return problem(code, said === '' ? `the peer answered ${status}` : said, pathIn(body))
  }
  return problem(codeOf(status), said === '' ? `the peer answered ${status}` : `the peer answered ${status}: ${said}`)
}

function isProblemDocument(headers: Answer['headers']): boolean {
  return /^application\/problem\+json *(?:;|$)/i.test(headers['content-type'] ?? '')
}

// A defect over there is none of ours, and must not be logged as one.
function isOurs(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code) && code !== 'defect'
}

function codeOf(status: number): ProblemCode {
  if (status >= 500 || status === 408 || status === 425 || status === 429) return 'peer.unreachable'
  return status >= 400 ? 'peer.refused' : 'peer.malformed'
}

/** The member `path` of a body that was parsed once already; left out unless it is one short line. */
function pathIn(body: Uint8Array): string | undefined {
  const { path } = JSON.parse(new TextDecoder().decode(body).trim()) as { readonly path?: unknown }
  return typeof path === 'string' && /^[^\p{Cc}\p{Cf}]{1,256}$/u.test(path) ? path : undefined
}
