// did:web names: where the DID document of a name lies.

import { bad, good } from '../../kernel/problem.ts'
import type { Result } from '../../kernel/problem.ts'

const DID_LENGTH_MAX = 1024

/**
 * `did:web:host%3A8080:a:b` → `https://host:8080/a/b/did.json`; without a path `/.well-known/did.json` (did:web, "Read").
 * @param mayUseHttp says whether http is spoken to that host; it is given the http form of the URL
 * Refuses (`did.unresolvable`) other methods, IP addresses and whatever would not mean the same host to another reader.
 */
export function didWebUrl(did: string, mayUseHttp: (url: URL) => boolean): Result<string> {
  if (did.length > DID_LENGTH_MAX)
    return bad('did.unresolvable', `expected a DID of at most ${DID_LENGTH_MAX} characters`)
  const [, host, port = '', tail = ''] = /^did:web:([a-z0-9._-]+)(?:%3a(\d{1,5}))?((?::[^:]+)*)$/i.exec(did) ?? []
  // A dot at the end leads to the same host under a second name.
  if (host === undefined || looksLikeAddress(host) || host.endsWith('.')) {
    return bad('did.unresolvable', `expected did:web with a host name, got ${JSON.stringify(did.slice(0, 100))}`)
  }
  const segments = tail.split(':').slice(1)
  if (!segments.every(isPlainSegment)) return bad('did.unresolvable', 'a path segment of the DID is not allowed')

  const path = segments.length === 0 ? '/.well-known/did.json' : `/${segments.join('/')}/did.json`
  const authority = port === '' ? host : `${host}:${port}`
  const http = URL.parse(`http://${authority}${path}`)
  if (http === null) return bad('did.unresolvable', `${JSON.stringify(authority)} is not a host`)
  return good(mayUseHttp(http) ? http.href : `https://${authority.toLowerCase()}${path}`)
}

/** The method forbids IP addresses; a last label of digits is read as one by URL parsers. */
function looksLikeAddress(host: string): boolean {
  return /(^|\.)(\d+|0x[0-9a-f]*)\.?$/i.test(host)
}

function isPlainSegment(segment: string): boolean {
  return /^[A-Za-z0-9._~-]+$/.test(segment) && segment !== '.' && segment !== '..'
}
