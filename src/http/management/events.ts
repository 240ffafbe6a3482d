// What happens, as it happens: the evidence log as a stream of server-sent events, resumable by Last-Event-ID.

import type { Request, Response } from 'express'
import type { SealedEntry } from '../../domain/evidence/entry.ts'
import type { Store } from '../../domain/ledger.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'
import type { Permit } from './guard.ts'
import { malformed, type Query } from './query.ts'
import type { Handlers } from './serve.ts'

export interface EventPorts {
  readonly permit: Permit
  readonly store: Pick<Store, 'reader' | 'onCommit'>
  readonly listenersMax: number
  /** How often a quiet stream says that it lives, so that nothing on the way takes it for dead. */
  readonly heartbeatMs: number
  /** Aborted when the connector stops: the streams end. */
  readonly stopping: AbortSignal
}

/** Entries read at a time: whoever catches up from far behind must not hold up everybody else. */
const BATCH = 50
/** A listener that took nothing for so many heartbeats is cut off; it can go on where it was. */
const STALLED_BEATS = 4

export function eventHandlers({
  permit,
  store,
  listenersMax,
  heartbeatMs,
  stopping,
}: EventPorts): Pick<Handlers, 'followEvents'> {
  const listeners = new Set<() => void>()
  store.onCommit(() => {
    for (const wake of listeners) wake()
  })

  function follow(request: Request, response: Response, after: number | null, types: Query['type']): void {
    const head = store.reader.evidenceHead().seq
    // A number from before a backup was restored lies beyond the log: nothing would ever come after it.
    let seq = Math.min(after ?? head, head)
    let blocked = false
    let beatsBlocked = 0
    let scheduled = false

    function wake(): void {
      if (scheduled || blocked) return
      scheduled = true
      setImmediate(() => {
        scheduled = false
        if (!response.closed && mayStay()) sendBatch()
      })
    }

    /** A listener that does not read is not written to: it catches up from the log when it does. */
    function sendBatch(): void {
      const entries = store.reader.evidence(seq, BATCH)
      for (const entry of entries) {
        seq = entry.seq
        if (types?.includes(entry.type) === false) continue
        write(eventOf(entry))
        if (blocked) return
      }
      if (entries.length === BATCH) wake()
    }

    function write(text: string): void {
      blocked = !response.write(text)
    }

    /** The comment keeps the connection alive; the number lets a listener to few types go on from here. */
    function beat(): void {
      if (!mayStay()) return
      if (!blocked) write(`: alive\nid: ${String(seq)}\n\n`)
      else if (++beatsBlocked >= STALLED_BEATS) response.destroy()
    }

    /** A token that was revoked meanwhile ends the stream. */
    function mayStay(): boolean {
      try {
        permit(request, 'read')
        return true
      } catch {
        response.end()
        return false
      }
    }

    response.setHeader('Content-Type', 'text/event-stream')
    // A proxy that collects an answer, or compresses it, would keep the events back.
    response.set({ 'Cache-Control': 'no-store, no-transform', 'X-Accel-Buffering': 'no' })
    response.flushHeaders()
    const timer = setInterval(beat, heartbeatMs).unref()
    response.on('drain', () => {
      blocked = false
      beatsBlocked = 0
      wake()
    })
    const end = (): void => {
      response.end()
    }
    stopping.addEventListener('abort', end, { once: true })
    response.once('close', () => {
      stopping.removeEventListener('abort', end)
      clearInterval(timer)
      listeners.delete(wake)
    })
    listeners.add(wake)
    wake()
  }

  return {
    followEvents: ({ request, response, query }) => {
      if (listeners.size >= listenersMax) {
        throw new ProblemError(problem('busy.limit', `${String(listenersMax)} listeners are connected already`))
      }
      const after = typeof query.after === 'number' ? query.after : null
      follow(request, response, lastSeen(request) ?? after, query.type)
      return null
    },
  }
}

/** The browser sends it when it connects again: it is newer than what stands in the URL. */
function lastSeen(request: Request): number | null {
  const header = request.get('last-event-id')
  if (header === undefined || header === '') return null
  if (!/^\d{1,15}$/.test(header)) throw malformed('expected the number of an entry of the evidence', 'Last-Event-ID')
  return Number(header)
}

function eventOf({ seq, type, envelope }: SealedEntry): string {
  return `id: ${String(seq)}\nevent: ${type}\ndata: ${envelope}\n\n`
}
