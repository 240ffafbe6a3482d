// `PUT` and `POST /data/<transferId>` where we are the consumer: a provider sends the data. HTTP in, one answer out.

import type { Request, Response } from 'express'
import { isMediaType } from '../../domain/delivery/source.ts'
import { contentLength } from '../../dataplane/measured-body.ts'
import { DEFAULT_MEDIA_TYPE } from '../../dataplane/opened-source.ts'
import { readReprDigest, reprDigest } from '../../dataplane/repr-digest.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'
import type { ReceiveData } from '../../shell/receive-data.ts'
import { mayTakeLong } from '../arrival.ts'

/** A refused sender may go on sending so long: enough for one that is about to read the answer. */
const LINGER_MS = 10_000

const DIGEST_FIELDS = ['repr-digest', 'content-digest'] as const

/** Answers with the digest of what is there now, so that the sender can compare. Throws what receiving throws. */
export async function receivePushed(receiveData: ReceiveData, request: Request, response: Response): Promise<void> {
  const { 'content-encoding': encoding = 'identity', 'content-range': range } = request.headers
  if (encoding.toLowerCase() !== 'identity')
    throw new ProblemError(problem('body.encoded', 'encoded bodies are not accepted'))
  // A part that is taken for the whole would be wrong data (RFC 9110, 14.5).
  if (range !== undefined) throw new ProblemError(problem('request.malformed', 'expected the whole', 'Content-Range'))
  const told = request.get('content-type') ?? ''
  try {
    const { bytes, digest } = await receiveData.receive({
      transferPid: String(request.params['transferId']),
      authorization: request.get('authorization'),
      mediaType: isMediaType(told) ? told : DEFAULT_MEDIA_TYPE,
      size: contentLength(request.headers['content-length']),
      body: request,
      announced: () => announcedIn(request),
      onAdmitted: () => {
        mayTakeLong(request)
      },
    })
    response.setHeader('Content-Type', 'application/json')
    response
      .status(200)
      .set({ 'Repr-Digest': reprDigest(digest), 'Cache-Control': 'no-store' })
      .end(JSON.stringify({ bytes, digest }))
  } finally {
    // What still comes is thrown away as it comes, so that a sender who reads only at its end finds the answer.
    request.resume()
    if (!request.complete) setTimeout(() => request.complete || request.destroy(), LINGER_MS).unref()
  }
}

/** Of the whole, without an encoding: both fields speak of the same bytes (RFC 9530). */
function announcedIn({ headers, trailers }: Request): string | null {
  const fields = DIGEST_FIELDS.flatMap((name) => [headers[name], trailers[name]])
  return fields.map((field) => readReprDigest([field].flat()[0])).find((digest) => digest !== null) ?? null
}
