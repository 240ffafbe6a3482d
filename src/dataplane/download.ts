// The consumer's half: fetches the data of a transfer and vouches that all of it came, unchanged.

import type { Writable } from 'node:stream'
import type { HttpStreamCall, HttpStreamResponse } from '../kernel/http-call.ts'
import { rangeField } from '../domain/delivery/range.ts'
import { isMediaType } from '../domain/delivery/source.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import { PURPOSE_HEADER } from '../protocol/dsp/data-address.ts'
import { contentLength, holdErrors, measuredBody } from './measured-body.ts'
import { DEFAULT_MEDIA_TYPE } from './opened-source.ts'
import { peerProblem } from './peer-answer.ts'
import type { PumpResult } from './pump.ts'
import { pump } from './pump.ts'
import { readReprDigest } from './repr-digest.ts'
import { goesOnFrom, resumableTag, resumingBody, type Pause } from './resuming-body.ts'
import { writeFileWhole } from './whole-file.ts'

/** How much of a refusal's body is read, in bytes. */
const REFUSAL_BYTES_MAX = 16_384
/** The rest, the whole because it has changed, or no such part: anything else is a refusal. */
const PART_ANSWERS: ReadonlySet<number> = new Set([200, 206, 416])

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
  readonly head?: (mediaType: string, start: DownloadStart) => void
  /** Called when all bytes are there and the digest is the announced one, before the stream is ended. */
  readonly trail?: (digest: string) => void
}

/** What is known before the first byte. */
export interface DownloadStart {
  /** Where the bytes begin in the whole: 0, or where the download was to go on. */
  readonly from: number
  /** Of the whole, in bytes; null where nobody said. */
  readonly size: number | null
  /** The strong ETag under which the sender offers to continue; null where it does not. */
  readonly resumable: string | null
  /** Where a header announced it. */
  readonly announcedDigest: string | null
}

export interface DownloadOptions {
  /** What is there already, of the data with that strong ETag: only the rest is asked for. */
  readonly from?: { readonly bytes: number; readonly etag: string }
  /** The IRI of what the data is fetched for. */
  readonly purpose?: string
  readonly signal: AbortSignal
  /** The most that is accepted, in bytes. */
  readonly bytesMax: number
  /** Until the headers are there, and between two pieces of the body, in milliseconds. */
  readonly timeoutMs: number
  readonly bodyTimeoutMs: number
  /** How the time passes before a broken connection is made again; by the clock where it is not given. */
  readonly pause?: Pause
}

export interface Download {
  /** How many came, and where in the whole they begin. */
  readonly bytes: number
  readonly from: number
  /** `sha-256:<hex>` of what came. */
  readonly digest: string
  /** What the provider said it would be, in a header or in a trailer (RFC 9530); null when it did not say. */
  readonly announcedDigest: string | null
  /** Null when nothing was announced, or only the rest came; a mismatch is not a result but a Problem. */
  readonly digestMatches: true | null
  readonly mediaType: string
  readonly etag: string | null
}

/**
 * Fetches with one GET, and goes on with further ones where a connection breaks and the sender offers parts. Throws a
 * ProblemError: the peer's refusal (`peerProblem`), `peer.unreachable` and what else the call throws, `peer.malformed` (an
 * encoded answer), `body.too-large`, `data.cut` (less or more than announced, a connection that broke, an abort), `data.digest`
 * (other bytes than announced), `store.full` or `store.unavailable` (the file).
 */
export async function download(
  call: HttpStreamCall,
  { endpoint, authorization }: DataEndpoint,
  destination: DownloadDestination,
  options: DownloadOptions,
): Promise<Download> {
  const { purpose, signal, bytesMax, timeoutMs, bodyTimeoutMs, pause } = options
  const headers = {
    authorization,
    'accept-encoding': 'identity',
    ...(purpose !== undefined && { [PURPOSE_HEADER]: purpose }),
  }
  const ask = async (part: Readonly<Record<string, string>>): Promise<HttpStreamResponse> => {
    const request = {
      method: 'GET',
      url: endpoint,
      headers: { ...headers, ...part },
      timeoutMs,
      bodyTimeoutMs,
      signal,
    } as const
    const response = await call(request).catch((error: unknown) => {
      throw signal.aborted ? stopped(signal.reason) : error
    })
    holdErrors(response.body)
    return response
  }
  const askFrom = async (offset: number, etag: string): Promise<HttpStreamResponse> => {
    const response = await ask({ range: rangeField({ first: offset, last: null }), 'if-range': etag })
    if (PART_ANSWERS.has(response.status)) return response
    const { status, headers: fields, body } = response
    const refusal = peerProblem({ status, headers: fields, body: await readSome(response) })
    body.destroy()
    throw new ProblemError(refusal)
  }

  const { response, from } = await begin(options.from, ask, askFrom)
  const announcedBytes = await usableLength(response, from === 0 ? 200 : 206, bytesMax - from)
  const resuming = resumingBody(response, { from, signal, pause, askFrom })

  const announced = (): string | null => {
    const last = resuming.latest()
    const field = response.headers['repr-digest'] ?? last.headers['repr-digest'] ?? last.trailers()['repr-digest']
    return readReprDigest(field)
  }
  const body = measuredBody(resuming.body, { announced: announcedBytes, bytesMax: bytesMax - from })
  const told = response.headers['content-type'] ?? ''
  const mediaType = isMediaType(told) ? told : DEFAULT_MEDIA_TYPE
  const fill = async ({ writable, head, trail }: StreamDestination): Promise<PumpResult & { digest: string }> => {
    const beforeEnd = (digest: string | null): void => {
      // A digest is that of the whole (RFC 9530, 3): it says nothing of the rest alone.
      const expected = from === 0 ? announced() : null
      if (expected !== null && expected !== digest) throw mismatch(expected, digest)
      if (digest !== null) trail?.(digest)
    }
    const size = announcedBytes === null ? null : announcedBytes + from
    head?.(mediaType, { from, size, resumable: resumableTag(response), announcedDigest: announced() })
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
  const digestMatches = announcedDigest === null || from > 0 ? null : true
  return { bytes, from, digest, announcedDigest, digestMatches, mediaType, etag }
}

/**
 * The first answer. A rest that is not the rest of what is there, or of whose whole no digest is announced so that nobody could
 * check what the two give together, is given back, and the whole is asked for.
 */
async function begin(
  left: DownloadOptions['from'],
  ask: (part: Readonly<Record<string, string>>) => Promise<HttpStreamResponse>,
  askFrom: (offset: number, etag: string) => Promise<HttpStreamResponse>,
): Promise<{ readonly response: HttpStreamResponse; readonly from: number }> {
  if (left === undefined) return { response: await ask({}), from: 0 }
  const response = await askFrom(left.bytes, left.etag)
  const isAnnounced = readReprDigest(response.headers['repr-digest']) !== null
  if (goesOnFrom(response, left.bytes, left.etag) && isAnnounced) return { response, from: left.bytes }
  if (response.status === 200) return { response, from: 0 }
  response.body.destroy()
  return { response: await ask({}), from: 0 }
}

/** The length that was announced, if any; otherwise throws what is wrong with the answer, its body given back. */
async function usableLength(
  response: HttpStreamResponse,
  expected: 200 | 206,
  bytesMax: number,
): Promise<number | null> {
  const { status, headers, body } = response
  try {
    if (status !== expected) throw new ProblemError(peerProblem({ status, headers, body: await readSome(response) }))

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
