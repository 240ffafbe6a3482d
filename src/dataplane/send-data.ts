// Sends what a source holds to the endpoint of a consumer, with one PUT or POST, and says how that ended.

import type { Attempt } from '../domain/exchange/delivery.ts'
import type { DeliveryOutcome } from '../domain/delivery/rows.ts'
import type { HttpResponse, HttpUploadCall } from '../kernel/http-call.ts'
import { withoutSecrets } from '../kernel/plain-text.ts'
import { problem, ProblemError, type Problem } from '../kernel/problem.ts'
import type { PushAddress } from '../protocol/dsp/push-address.ts'
import type { OpenedSource } from './opened-source.ts'
import { peerProblem } from './peer-answer.ts'
import { readReprDigest, reprDigest } from './repr-digest.ts'
import { streamingDigest } from './streaming-digest.ts'

export interface SendOptions {
  /** Tells the receiver that two calls are the same delivery. */
  readonly idempotencyKey: string
  /** Aborting it ends the call; the receiver has no whole body then. */
  readonly signal: AbortSignal
  readonly onBytes: (total: number) => void
  /** Until there is a connection, between two pieces that are taken, and from the last one to the answer. */
  readonly timeoutMs: number
  /** The most that is read of the answer. */
  readonly answerBytesMax: number
}

export interface Sent {
  /** Handed to the connection. */
  readonly bytes: number
  /** `sha-256:<hex>` of all of it; null unless the receiver has taken it. */
  readonly digest: string | null
  readonly outcome: Exclude<DeliveryOutcome, 'open' | 'interrupted'>
  /** What came back; null where our own source or the signal ended it. */
  readonly attempt: Attempt | null
  /** Why it is not complete. */
  readonly reason: Problem | null
  readonly retryAfterMs: number | null
}

/**
 * Never rejects. A receiver that says which bytes it has (Repr-Digest, RFC 9530) is held to it: others than those that were sent
 * count as not delivered.
 */
export async function sendData(
  upload: HttpUploadCall,
  { endpoint, method, authorization }: PushAddress,
  source: OpenedSource,
  options: SendOptions,
): Promise<Sent> {
  const { idempotencyKey, signal, onBytes, timeoutMs, answerBytesMax: bodyBytesMax } = options
  const computed = source.digest === null ? streamingDigest() : null
  const { mediaType, size, digest } = source
  let bytes = 0
  let whole = size === 0 ? digest : null
  let isWhole = size === 0
  let ofSource: unknown = null

  const handing = (piece: Uint8Array): Uint8Array => {
    bytes += piece.byteLength
    onBytes(bytes)
    return piece
  }
  // The last piece is held back until the source has ended well: with it the receiver has all of it, and may answer at once.
  async function* body(): AsyncGenerator<Uint8Array> {
    let held: Uint8Array | null = null
    try {
      for await (const piece of source.body) {
        signal.throwIfAborted()
        const room = computed?.update(piece) ?? null
        if (held !== null) yield handing(held)
        held = piece
        if (room !== null) await room
      }
      whole = digest ?? (await computed?.finish()) ?? null
      isWhole = true
    } catch (error) {
      ofSource = error
      throw error
    }
    if (held !== null) yield handing(held)
  }

  const field = digest === null ? null : reprDigest(digest)
  const headers = {
    ...(authorization !== null && { authorization }),
    'content-type': mediaType,
    ...(size !== null && { 'content-length': String(size) }),
    // The whole, without an encoding: its representation and its content are the same bytes.
    ...(field !== null && { 'repr-digest': field, 'content-digest': field }),
    'idempotency-key': idempotencyKey,
  }
  try {
    const answer = await upload({ method, url: endpoint, headers, body: body(), timeoutMs, signal, bodyBytesMax })
    if (!isWhole) computed?.drop()
    const said = { ...answer, body: withoutToken(answer.body, authorization) }
    return afterAnswer(said, bytes, isWhole, whole)
  } catch (error) {
    if (!isWhole) computed?.drop()
    const failed = { bytes, digest: null, retryAfterMs: null }
    if (signal.aborted) return { ...failed, outcome: 'cut', attempt: null, reason: problemIn(signal.reason) }
    if (ofSource !== null) return { ...failed, outcome: 'source-failed', attempt: null, reason: problemIn(ofSource) }
    const reason = problemIn(error)
    const kind = reason.code === 'address.forbidden' ? 'forbidden' : 'unreachable'
    return { ...failed, outcome: 'peer-gone', attempt: { kind }, reason }
  }
}

function afterAnswer(
  { status, headers, body }: HttpResponse,
  bytes: number,
  isWhole: boolean,
  digest: string | null,
): Sent {
  const retryAfter = /^\d{1,6}$/.exec(headers['retry-after'] ?? '')?.[0]
  const answered = { bytes, attempt: { kind: 'answered', status } as const }
  const isTaken = status >= 200 && status < 300
  if (isTaken && isWhole) {
    const theirs = readReprDigest(headers['repr-digest'])
    if (theirs === null || theirs === digest)
      return { ...answered, digest, outcome: 'complete', reason: null, retryAfterMs: null }
    const reason = problem('data.digest', `sent ${String(digest)}, and the receiver has ${theirs}`)
    return {
      ...answered,
      digest: null,
      outcome: 'peer-gone',
      attempt: { kind: 'unreachable' },
      reason,
      retryAfterMs: null,
    }
  }
  const reason = isTaken
    ? problem('peer.malformed', 'the receiver answered before it had all of the data')
    : peerProblem({ status, headers, body })
  // A 2xx for a part of the data is no ACK.
  const attempt = isTaken ? ({ kind: 'unreachable' } as const) : answered.attempt
  const retryAfterMs = retryAfter === undefined ? null : Number(retryAfter) * 1000
  return { ...answered, attempt, digest: null, outcome: 'peer-gone', reason, retryAfterMs }
}

/** A page of an error likes to show the request; what is said there goes on record, and is never taken off it again. */
function withoutToken(body: Uint8Array, authorization: string | null): Uint8Array {
  return authorization === null ? body : Buffer.from(withoutSecrets(Buffer.from(body).toString(), [authorization]))
}

function problemIn(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem
  return problem('defect', error instanceof Error ? error.message : 'an internal error')
}
