// The consumer's half: fetches the data of a transfer and vouches that all of it came, unchanged.

import type { Writable } from 'node:stream'
import type { HttpStreamCall, HttpStreamResponse } from '../kernel/http-call.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import { PURPOSE_HEADER } from '../protocol/dsp/data-address.ts'
import { contentLength, holdErrors, measuredBody } from './measured-body.ts'
import { DEFAULT_MEDIA_TYPE } from './opened-source.ts'
import { peerProblem } from './peer-answer.ts'
import type { PumpResult } from './pump.ts'
import { pump } from './pump.ts'
import { readReprDigest } from './repr-digest.ts'
import { writeFileWhole } from './whole-file.ts'

/** How much of a refusal's body is read, in bytes. */
const REFUSAL_BYTES_MAX = 16_384

export interface DataEndpoint {
  readonly endpoint: string
  /** The whole value of the `Authorization` header (`authorizationHeader` of the data address). */
  readonly authorization: string
}

/** A file that appears only when it is complete, or a stream, which is destroyed when the data turns out to be wrong. */
export type DownloadDestination = { readonly file: string } | StreamDestination

export interface StreamDestination {
  readonly writable: Writable
  /** Called once it is certain that data follows, before the first byte: the moment to write headers. */
  readonly head?: (mediaType: string) => void
  /** Called when all bytes are there and the digest is the announced one, before the stream is ended. */
  readonly trail?: (digest: string) => void
}

export interface DownloadOptions {
  /** The IRI of what the data is fetched for. */
  readonly purpose?: string
  readonly signal: AbortSignal
  /** The most that is accepted, in bytes. */
  readonly bytesMax: number
  /** Until the headers are there, and between two pieces of the body, in milliseconds. */
  readonly timeoutMs: number
  readonly bodyTimeoutMs: number
}

export interface Download {
  readonly bytes: number
  /** `sha-256:<hex>` of what came. */
  readonly digest: string
  /** What the provider said it would be, in a header or in a trailer (RFC 9530); null when it did not say. */
  readonly announcedDigest: string | null
  /** Null when nothing was announced; a mismatch is not a result but a Problem. */
  readonly digestMatches: true | null
  readonly mediaType: string
  readonly etag: string | null
}

/**
 * Fetches with one GET. Throws a ProblemError: the peer's refusal (`peerProblem`), `peer.unreachable` and what else the call
 * throws, `peer.malformed` (an encoded answer), `body.too-large`, `data.cut` (less or more than announced, a connection that
 * broke, an abort), `data.digest` (other bytes than announced), `store.full` or `store.unavailable` (the file).
 */
export async function download(
  call: HttpStreamCall,
  { endpoint, authorization }: DataEndpoint,
  destination: DownloadDestination,
  { purpose, signal, bytesMax, timeoutMs, bodyTimeoutMs }: DownloadOptions,
): Promise<Download> {
  const headers = {
    authorization,
    'accept-encoding': 'identity',
    ...(purpose !== undefined && { [PURPOSE_HEADER]: purpose }),
  }
  const request = { method: 'GET', url: endpoint, headers, timeoutMs, bodyTimeoutMs, signal } as const
  const response = await call(request).catch((error: unknown) => {
    throw signal.aborted ? stopped(signal.reason) : error
  })
  holdErrors(response.body)
  const announcedBytes = await usableLength(response, bytesMax)

  const announced = (): string | null =>
    readReprDigest(response.headers['repr-digest'] ?? response.trailers()['repr-digest'])
  const body = measuredBody(response.body, { announced: announcedBytes, bytesMax })
  const mediaType = response.headers['content-type'] ?? DEFAULT_MEDIA_TYPE
  const fill = async ({ writable, head, trail }: StreamDestination): Promise<PumpResult & { digest: string }> => {
    const beforeEnd = (digest: string | null): void => {
      const expected = announced()
      if (expected !== null && expected !== digest) throw mismatch(expected, digest)
      if (digest !== null) trail?.(digest)
    }
    head?.(mediaType)
    const result = await pump(body, writable, { signal, hash: true, beforeEnd })
    const { digest } = result
    if (result.outcome !== 'complete' || digest === null) throw failure(result)
    return { ...result, digest }
  }

  const { bytes, digest } =
    'file' in destination
      ? await writeFileWhole(destination.file, (writable) => fill({ writable }))
      : await fill(destination)
  const announcedDigest = announced()
  const etag = response.headers['etag'] ?? null
  return { bytes, digest, announcedDigest, digestMatches: announcedDigest === null ? null : true, mediaType, etag }
}

/** The length that was announced, if any; otherwise throws what is wrong with the answer, its body given back. */
async function usableLength(response: HttpStreamResponse, bytesMax: number): Promise<number | null> {
  const { status, headers, body } = response
  try {
    if (status !== 200) throw new ProblemError(peerProblem({ status, headers, body: await readSome(response) }))

    const encoding = headers['content-encoding'] ?? 'identity'
    if (encoding !== 'identity')
      throw new ProblemError(problem('peer.malformed', `expected no encoding, got ${encoding}`))

    const announced = contentLength(headers['content-length'])
    if (announced === null || announced <= bytesMax) return announced
    throw new ProblemError(problem('body.too-large', `expected at most ${bytesMax} bytes, ${announced} are announced`))
  } catch (error) {
    body.destroy()
    throw error
  }
}

/** The beginning of a refusal's body; what breaks off is as good as its beginning. */
async function readSome({ body }: HttpStreamResponse): Promise<Uint8Array> {
  const pieces: Uint8Array[] = []
  let bytes = 0
  try {
    for await (const piece of body) {
      pieces.push(piece)
      bytes += piece.byteLength
      if (bytes >= REFUSAL_BYTES_MAX) break
    }
  } catch {
    // The status alone says enough, and is what the caller must learn rather than how the connection ended.
  }
  return Buffer.concat(pieces).subarray(0, REFUSAL_BYTES_MAX)
}

function failure({ outcome, cause, bytes }: PumpResult): ProblemError {
  if (cause instanceof ProblemError && cause.problem.code !== 'peer.unreachable') return cause
  if (outcome === 'cut') return stopped(cause)
  const who = outcome === 'peer-gone' ? 'the receiver of the data went away' : 'the connection broke'
  return new ProblemError(problem('data.cut', `${who} after ${bytes} bytes`), { cause })
}

function stopped(reason: unknown): ProblemError {
  return reason instanceof ProblemError
    ? reason
    : new ProblemError(problem('data.cut', 'stopped before the end'), { cause: reason })
}

function mismatch(announced: string, computed: string | null): ProblemError {
  return new ProblemError(problem('data.digest', `expected ${announced}, got ${String(computed)}`))
}
