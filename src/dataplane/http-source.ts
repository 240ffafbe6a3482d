// A URL of the administrator as a source: one call for one delivery, passed through as it arrives.

import { Readable } from 'node:stream'
import type { HttpSource } from '../domain/delivery/source.ts'
import { URL_LENGTH_MAX } from '../domain/delivery/source.ts'
import type { HttpStreamCall, HttpStreamResponse } from '../kernel/http-call.ts'
import { kindOf, orThrow, ProblemError } from '../kernel/problem.ts'
import { contentLength, holdErrors, measuredBody } from './measured-body.ts'
import type { OpenedSource, SourceRequest } from './opened-source.ts'
import { DEFAULT_MEDIA_TYPE, sourceProblem } from './opened-source.ts'
import { readRestPath } from './rest-path.ts'

export interface HttpPorts {
  /** Calls sources: private addresses are allowed, link-local ones are not; that guard is the port's part. */
  readonly call: HttpStreamCall
  /** Until the headers are there, and between two pieces of the body, in milliseconds. */
  readonly timeoutMs: number
  readonly bodyTimeoutMs: number
}

/**
 * Calls the source. Throws `request.malformed` or `source.unknown` (a rest path or query that the source does not take, or
 * the source says 404 or 410) and `source.unavailable` (no answer, not in time, or any other status than 200).
 */
export async function openHttpSource(
  source: HttpSource,
  request: SourceRequest,
  { call, timeoutMs, bodyTimeoutMs }: HttpPorts,
): Promise<OpenedSource> {
  const url = sourceUrl(source, request)
  // A digest and a length are of the bytes that pass here, so the source must not compress them differently each time.
  const headers = { ...source.headers, 'accept-encoding': 'identity' }
  const { method } = request
  const response = await call({ method, url, headers, timeoutMs, bodyTimeoutMs }).catch(unreachable)

  holdErrors(response.body)
  try {
    mustBeUsable(response)
  } catch (error) {
    response.body.destroy()
    throw error
  }

  const size = contentLength(response.headers['content-length'])
  const whole = { announced: size, bytesMax: Number.MAX_SAFE_INTEGER }
  if (method === 'HEAD') response.body.destroy()
  return {
    mediaType: source.mediaType ?? response.headers['content-type'] ?? DEFAULT_MEDIA_TYPE,
    size,
    etag: entityTag(response.headers['etag']),
    digest: null,
    body: method === 'HEAD' ? Readable.from([]) : measuredBody(response.body, whole),
    // Nothing says that the next answer of a URL is the same.
    learn: () => undefined,
    close: async () => void response.body.destroy(),
  }
}

/** The URL to call: the source's own, with the consumer's path below it and query behind it where the source takes them. */
function sourceUrl(source: HttpSource, { rest, query }: SourceRequest): string {
  const url = new URL(source.url)
  const segments = orThrow(readRestPath(rest))
  if (segments.length > 0 && source.paths !== true)
    throw sourceProblem('source.unknown', 'this data has no paths below it')
  if (query !== '' && source.query !== true) throw sourceProblem('request.malformed', 'this data takes no query')

  if (segments.length > 0) {
    url.pathname = `${url.pathname.replace(/\/$/, '')}/${segments.map(encodeURIComponent).join('/')}`
  }
  // A parameter that the administrator fixed must not be given a second value: servers differ in which one they take.
  for (const name of new URLSearchParams(query).keys()) {
    if (url.searchParams.has(name))
      throw sourceProblem('request.malformed', 'a query parameter is fixed by the provider')
  }
  if (query !== '') url.search = url.search === '' ? query : `${url.search}&${query}`
  if (url.href.length > URL_LENGTH_MAX * 2) throw sourceProblem('request.malformed', 'path and query are too long')
  return url.href
}

function mustBeUsable({ status, headers }: HttpStreamResponse): void {
  if (status === 404 || status === 410) throw sourceProblem('source.unknown', 'the source has no such data')
  if (status !== 200) throw sourceProblem('source.unavailable', `the source answered ${status}`)
  const encoding = headers['content-encoding'] ?? 'identity'
  if (encoding !== 'identity')
    throw sourceProblem('source.unavailable', 'the source compresses what it was asked not to')
}

// A refusal of the guard is a mistake of the administrator, not of the consumer: for the consumer it is not available either.
function unreachable(error: unknown): never {
  if (error instanceof ProblemError && kindOf(error.problem) !== 'defect') {
    throw sourceProblem('source.unavailable', 'the source did not answer', error)
  }
  throw error
}

function entityTag(header: string | undefined): string | null {
  return header !== undefined && /^(?:W\/)?"[\x21\x23-\x7e]{0,256}"$/.test(header) ? header : null
}
