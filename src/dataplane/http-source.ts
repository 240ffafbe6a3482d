// A URL of the administrator as a source: one call for one delivery.

import type { HttpSource } from '../domain/delivery/data-source.ts'
import { sourceUrl } from '../domain/delivery/http-source.ts'
import { isMediaType } from '../domain/delivery/source.ts'
import type { HttpStreamCall } from '../kernel/http-call.ts'
import { orThrow } from '../kernel/problem.ts'
import type { OpenedSource, Posted, SourceRequest } from './opened-source.ts'
import { openRemote } from './remote-source.ts'
import { readRestPath } from './rest-path.ts'

export interface HttpPorts {
  /** Calls sources: private addresses are allowed, link-local ones are not; that guard is the port's part. */
  readonly call: HttpStreamCall
  /** Until the headers are there, and between two pieces of the body, in milliseconds. */
  readonly timeoutMs: number
  readonly bodyTimeoutMs: number
}

/**
 * Calls the source. Throws `source.method`, `source.path`, `source.query` (what the administrator has not opened),
 * `request.malformed` (a rest path that could climb) and what `openRemote` throws.
 */
export async function openHttpSource(
  source: HttpSource,
  request: SourceRequest,
  { call, timeoutMs, bodyTimeoutMs }: HttpPorts,
): Promise<OpenedSource> {
  const { method, query, posted } = request
  const segments = orThrow(readRestPath(request.rest))
  const url = orThrow(sourceUrl(source, { method, segments, query })).href
  const own = { ...(posted !== undefined && typeOf(posted)), ...source.headers }
  return openRemote(
    (headers) =>
      call({
        method,
        url,
        headers: { ...own, ...headers },
        timeoutMs,
        bodyTimeoutMs,
        ...(posted !== undefined && { body: posted.bytes }),
      }),
    request,
    source.mediaType,
  )
}

function typeOf({ mediaType }: Posted): Record<string, string> {
  return mediaType !== null && isMediaType(mediaType) ? { 'content-type': mediaType } : {}
}
