// The data of a transfer for an application beside the connector: it needs no token of the provider's.

import type { Request, Response } from 'express'
import { reprDigest } from '../../dataplane/repr-digest.ts'
import { PURPOSE_HEADER } from '../../protocol/dsp/data-address.ts'
import type { FetchData } from '../../shell/fetch-data.ts'

/** Streams the provider's answer through, its digest as a trailer. Throws what fetching throws, before the first byte. */
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
  await fetchData.fetch(
    { transferPid, rest, signal: gone.signal, ...(purpose !== undefined && { purpose }) },
    {
      writable: response,
      head: (mediaType) => {
        // Sent at once: an answer that has begun can only be cut, so that no problem document announces a trailer.
        // Not with express's `set`, which would add a charset that nobody knows to a media type of text.
        response.setHeader('Content-Type', mediaType)
        response.set({ 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff' })
        if (canTrail) response.set('Trailer', 'Repr-Digest')
        response.flushHeaders()
      },
      trail: (digest) => {
        if (canTrail) response.addTrailers({ 'Repr-Digest': reprDigest(digest) })
      },
    },
  )
}
