// What holds for every request and every answer on both ports: nothing that two readers could read as two things comes in,
// and nothing that goes out is a page.

import type { RequestHandler } from 'express'
import { problem, ProblemError } from '../kernel/problem.ts'
import { lacksHost } from './host.ts'

/**
 * Stored texts come from peers and operators, and data from whoever provides it. A browser must neither guess that they are
 * pages, nor run or frame them where they are: `sandbox` takes from them the origin that they came from.
 */
const CONTENT_SECURITY_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"

/** Node keeps the first of two and hides the second; a proxy before us may have gone by that one (RFC 9112, 3.2; RFC 9110, 5.3). */
const ONCE: ReadonlySet<string> = new Set(['host', 'authorization', 'content-type'])

/** Throws `request.malformed`. A surface that serves pages replaces the policy that stands here. */
export const hardened: RequestHandler = (request, response, next) => {
  response.setHeader('Content-Security-Policy', CONTENT_SECURITY_POLICY)
  response.setHeader('X-Content-Type-Options', 'nosniff')
  if (lacksHost(request)) throw new ProblemError(problem('request.malformed', 'expected this header', 'host'))
  const twice = cameTwice(request.rawHeaders)
  if (twice !== null) throw new ProblemError(problem('request.malformed', 'expected this header once', twice))
  next()
}

/** @param raw names and values in turn, as they came */
function cameTwice(raw: readonly string[]): string | null {
  const seen = new Set<string>()
  for (let at = 0; at < raw.length; at += 2) {
    const name = (raw[at] ?? '').toLowerCase()
    if (!ONCE.has(name)) continue
    if (seen.has(name)) return name
    seen.add(name)
  }
  return null
}
