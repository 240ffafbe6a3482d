// What happens, as it happens: the evidence log as a stream of server-sent events, resumable by Last-Event-ID.

import { Router } from 'express'
import type { SealedEntry } from '../../domain/evidence/entry.ts'
import type { Store } from '../../domain/ledger.ts'
import { problem, ProblemError } from '../../kernel/problem.ts'
import type { Permit } from './guard.ts'

export interface EventPorts {
  readonly permit: Permit
  readonly store: Store
  readonly listenersMax: number
}

const BATCH = 200

export function eventsRouter({ permit, store, listenersMax }: EventPorts): Router {
  const router = Router()
  const listeners = new Set<() => void>()
  store.onCommit(() => {
    for (const listener of listeners) listener()
  })

  router.get('/events', (request, response) => {
    permit(request, 'read')
    if (listeners.size >= listenersMax) {
      throw new ProblemError(problem('busy.limit', `${String(listenersMax)} listeners are connected already`))
    }
    const last = Number(request.get('last-event-id') ?? store.reader.evidenceHead().seq)
    let seq = Number.isInteger(last) && last >= 0 ? last : 0
    let blocked = false
    response.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    response.flushHeaders()

    // A listener that does not read is not written to: it catches up from the log when it does.
    const send = (): void => {
      while (!blocked) {
        const entries = store.reader.evidence(seq, BATCH)
        if (entries.length === 0) return
        for (const entry of entries) blocked = !response.write(eventOf(entry)) || blocked
        seq = entries.at(-1)?.seq ?? seq
      }
    }
    response.on('drain', () => {
      blocked = false
      send()
    })
    response.once('close', () => listeners.delete(send))
    listeners.add(send)
    send()
  })
  return router
}

function eventOf({ seq, type, envelope }: SealedEntry): string {
  return `id: ${String(seq)}\nevent: ${type}\ndata: ${envelope}\n\n`
}
