// Under which names the management port answers: a page in a browser could bring a name of its own to our address (DNS
// rebinding), and would then be of the same origin as this API.

import { isIP } from 'node:net'
import type { RequestHandler } from 'express'
import { problem, ProblemError } from '../../kernel/problem.ts'

/**
 * Lets through requests to an address, to `localhost`, to a name without a dot (a container beside this one; nobody can
 * publish such a name) and to the names given. Throws `request.host` for all others, before any token is looked at.
 */
export function onlyOwnHosts(names: readonly string[]): RequestHandler {
  const own = new Set(names.map((name) => name.toLowerCase()))
  return (request, _response, next) => {
    const host = hostIn(request.get('host') ?? '')
    if (host === null || !(own.has(host) || isOurs(host))) {
      throw new ProblemError(
        problem('request.host', 'expected the address of this port, or a name in management.names'),
      )
    }
    next()
  }
}

function isOurs(host: string): boolean {
  return isIP(host) !== 0 || host.endsWith('.localhost') || !host.includes('.')
}

/** The host of a Host field, without its port, brackets and closing dot; null where there is none. */
function hostIn(field: string): string | null {
  const [, bracketed, plain] = /^(?:\[([0-9a-f:.]+)\]|([a-z0-9._-]+?)\.?)(?::\d{1,5})?$/i.exec(field) ?? []
  return (bracketed ?? plain)?.toLowerCase() ?? null
}
