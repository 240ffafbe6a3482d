// Watches the evidence of a connector as it is written, so that the demo waits for what happens and never for a while.

import { problem, ProblemError } from '../../kernel/problem.ts'
import { messageOf, type Management } from '../management.ts'

/** The members of an evidence entry that the story looks at. */
export interface Entry {
  readonly type: string
  readonly actor: string
  readonly pid?: string
  readonly agreement?: string
  readonly ext?: Readonly<Record<string, unknown>>
}

export interface Watch {
  /** Resolves with what `look` finds among the entries so far, now or after a later one. Throws `peer.unreachable` after 30 s. */
  readonly until: <T>(look: (seen: readonly Entry[]) => Promise<T | null> | T | null, what: string) => Promise<T>
  readonly close: () => void
}

const TIMEOUT_MS = 30_000

/** Begins to watch; entries written before are not seen. */
export async function watchEvidence(api: Management, stopped: AbortSignal): Promise<Watch> {
  const closed = new AbortController()
  const seen: Entry[] = []
  let next = Promise.withResolvers<undefined>()
  const wake = (): void => {
    next.resolve(undefined)
    next = Promise.withResolvers()
  }
  stopped.addEventListener('abort', wake, { once: true })
  const stream = await api.events(AbortSignal.any([stopped, closed.signal]))
  void read(stream, (entry) => {
    seen.push(entry)
    wake()
  })

  return {
    until: async (look, what) => {
      const late = AbortSignal.timeout(TIMEOUT_MS)
      late.addEventListener('abort', wake, { once: true })
      for (;;) {
        // Taken before looking: what is written meanwhile must wake us.
        const { promise } = next
        const found = await look(seen)
        if (found !== null) return found
        if (stopped.aborted) throw new ProblemError(problem('stopping', messageOf(stopped.reason)))
        if (late.aborted) throw new ProblemError(problem('peer.unreachable', `${what}: not in ${TIMEOUT_MS / 1000} s`))
        await promise
      }
    },
    close: () => closed.abort(),
  }
}

/** Ends quietly with the stream: who still waits is told by the deadline, or by the connector's death. */
async function read(stream: AsyncIterable<string>, onEntry: (entry: Entry) => void): Promise<void> {
  let rest = ''
  try {
    for await (const piece of stream) {
      const events = (rest + piece).split('\n\n')
      rest = events.pop() ?? ''
      for (const event of events) {
        const data = event.split('\n').find((line) => line.startsWith('data: '))
        if (data !== undefined) onEntry(JSON.parse(data.slice('data: '.length)) as Entry)
      }
    }
  } catch {
    // Closed by us, or by a connector that went away.
  }
}
