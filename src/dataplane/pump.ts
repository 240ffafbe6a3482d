// Moves bytes from a source to a destination: as fast as the destination takes them, and not one more after a stop.

import type { Writable } from 'node:stream'
import { finished } from 'node:stream'
import type { ByteStream } from '../kernel/http-call.ts'
import { streamingDigest } from './streaming-digest.ts'

export interface PumpOptions {
  /** Aborting it ends the delivery in that very tick. */
  readonly signal: AbortSignal
  /** Called after each piece with all bytes handed over so far; may abort the signal. */
  readonly onBytes?: (total: number) => void
  /**
   * Called with each piece once the destination has called back for it. Only for a destination that has given the bytes to the
   * system by then, as an HTTP response has: one that passes them on, or keeps them, would see them change.
   */
  readonly onTaken?: (piece: Uint8Array) => void
  /**
   * The bytes that were announced, where they were. The last piece of them is held back until the source has ended well: with
   * it the destination has all, and may close the connection at once; and what the source finds at its end still counts.
   */
  readonly length?: number | null
  /** Whether to compute the SHA-256 of what passes. */
  readonly hash: boolean
  /** Called when the source has ended well, before the destination is ended: the moment to add trailers. */
  readonly beforeEnd?: (digest: string | null) => void
}

/**
 * complete: the source ended well and the destination has taken everything · cut: the signal was aborted ·
 * source-failed: the source threw, or a callback did · peer-gone: the destination closed or failed before the end.
 */
export type PumpOutcome = 'complete' | 'cut' | 'source-failed' | 'peer-gone'

export interface PumpResult {
  /** Handed to the destination; what a peer that went away has really read is not known. */
  readonly bytes: number
  /** `sha-256:<hex>` when it was asked for and the outcome is complete. */
  readonly digest: string | null
  readonly outcome: PumpOutcome
  /** Why, unless complete: the reason of the abort or the error. */
  readonly cause?: unknown
}

/**
 * Pumps `body` into `destination` and ends it. Never rejects. Holds one piece at a time and what the destination buffers.
 * The source is destroyed whatever happens; the destination is destroyed unless all went well, so that a peer never takes a
 * part for the whole. One exception: as long as no byte was written it is left alone, so that the caller can still answer.
 */
export function pump(body: ByteStream, destination: Writable, options: PumpOptions): Promise<PumpResult> {
  const { signal, onBytes, onTaken, hash, beforeEnd, length = null } = options
  const { promise, resolve } = Promise.withResolvers<PumpResult>()
  const digest = hash ? streamingDigest() : null
  let computed: string | null = null
  let bytes = 0
  let isEnding = false
  let isStopped = false
  let proceed: (() => void) | null = null

  const stop = (outcome: PumpOutcome, cause?: unknown): void => {
    if (isStopped) return
    isStopped = true
    signal.removeEventListener('abort', cut)
    destination.off('drain', wake)
    body.destroy()
    if (outcome !== 'complete') digest?.drop()
    if (outcome !== 'complete' && bytes > 0) destination.destroy()
    wake()
    resolve(outcome === 'complete' ? { bytes, digest: computed, outcome } : { bytes, digest: null, outcome, cause })
  }
  const cut = (): void => stop('cut', signal.reason)
  // Asked through a function, because a stop can come between any two steps.
  const hasStopped = (): boolean => isStopped
  const wake = (): void => {
    proceed?.()
    proceed = null
  }

  // What a connection that broke still holds is not given back: nobody knows when it lets go.
  const taken = (piece: Uint8Array, error: Error | null | undefined): void => {
    if ((error === null || error === undefined) && !isStopped) onTaken?.(piece)
  }

  const handOver = (piece: Uint8Array): { readonly hasRoom: boolean; readonly digestRoom: Promise<void> | null } => {
    // Before it is written: whoever takes it back after that takes its bytes with it.
    const digestRoom = digest?.update(piece) ?? null
    bytes += piece.byteLength
    const hasRoom = destination.write(piece, onTaken === undefined ? undefined : (error) => taken(piece, error))
    onBytes?.(bytes)
    return { hasRoom, digestRoom }
  }

  const run = async (): Promise<void> => {
    let last: Uint8Array | null = null
    for await (const piece of body) {
      if (hasStopped()) return
      if (last !== null) throw new Error(`the source has more than the ${String(length)} bytes that were announced`)
      if (length !== null && bytes + piece.byteLength >= length) {
        last = piece
        continue
      }
      const { hasRoom, digestRoom } = handOver(piece)
      if (!hasRoom && !hasStopped()) await new Promise<void>((ready) => (proceed = ready))
      if (digestRoom !== null) await digestRoom
      if (hasStopped()) return
    }
    if (hasStopped()) return
    if (last !== null) handOver(last)
    if (hasStopped()) return
    if (digest !== null) computed = await digest.finish()
    if (hasStopped()) return
    beforeEnd?.(computed)
    isEnding = true
    destination.end()
  }

  // Its listeners stay after the first report: an error that a closing destination emits later must not become unhandled.
  finished(destination, { readable: false }, (error) => {
    if ((error === undefined || error === null) && isEnding) stop('complete')
    else stop('peer-gone', error ?? new Error('the destination was ended by somebody else'))
  })
  destination.on('drain', wake)
  if (signal.aborted) cut()
  else {
    signal.addEventListener('abort', cut, { once: true })
    run().catch((error: unknown) => stop('source-failed', error))
  }
  return promise
}
