// The data of a transfer for an application beside the connector: it needs no token of the provider's.

import type { Request, Response } from 'express'
import { reprDigest } from '../../dataplane/repr-digest.ts'
import { readConditions } from '../../domain/delivery/conditions.ts'
import { contentRange, lengthOf } from '../../domain/delivery/range.ts'
import { PURPOSE_HEADER } from '../../protocol/dsp/data-address.ts'
import type { FetchData } from '../../shell/fetch-data.ts'

/**
 * Streams the provider's answer through, its digest as a trailer; the rest of data that is there already (`Range: bytes=N-` with
 * `If-Range`) where the provider offers it. Throws what fetching throws, before the first byte.
 */
export async function proxyData(
  fetchData: FetchData,
  transferPid: string,
  request: Request,
  response: Response,
): Promise<void> {
  const gone = new AbortController()
  response.once('close', () => {
    gone.abort()
  })
  const [, rest = ''] = /^\/transfers\/[^/]+\/data(?:\/(.*))?$/s.exec(request.url) ?? []
  const purpose = request.get(PURPOSE_HEADER)
  const canTrail = request.httpVersion === '1.1'
  let isPart = false
  await fetchData.fetch(
    { transferPid, rest, signal: gone.signal, ...(purpose !== undefined && { purpose }), ...restWanted(request) },
    {
      writable: response,
      head: (mediaType, { from, size, resumable, announcedDigest }) => {
        // Sent at once: an answer that has begun can only be cut, so that no problem document announces a trailer.
        // Not with express's `set`, which would add a charset that nobody knows to a media type of text.
        response.setHeader('Content-Type', mediaType)
        response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
        if (resumable !== null) response.set({ ETag: resumable, 'Accept-Ranges': 'bytes' })
        isPart = from > 0
        if (isPart && size !== null && announcedDigest !== null) {
          const part = { first: from, last: size - 1 }
          response.status(206)
          response.set({ 'Content-Range': contentRange(part, size), 'Repr-Digest': reprDigest(announcedDigest) })
          response.set('Content-Length', String(lengthOf(part)))
        }
        if (canTrail && !isPart) response.set('Trailer', 'Repr-Digest')
        response.flushHeaders()
      },
      trail: (digest) => {
        if (canTrail && !isPart) response.addTrailers({ 'Repr-Digest': reprDigest(digest) })
      },
    },
  )
}

/** Only the form in which a download goes on; any other Range may be ignored (RFC 9110, 14.2), and the whole is sent. */
function restWanted(request: Request): { readonly from?: { readonly bytes: number; readonly etag: string } } {
  const { range, ifRange } = readConditions({
    range: request.get('range'),
    ifRange: request.get('if-range'),
    ifNoneMatch: undefined,
  })
  const isRest = range !== null && 'first' in range && range.last === null && range.first > 0
  return isRest && ifRange !== null ? { from: { bytes: range.first, etag: ifRange } } : {}
}
