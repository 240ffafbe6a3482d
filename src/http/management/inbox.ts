// What waits for a person: processes in which the next move is ours, and those whose last move the counter-party refused.

import type { Reader, Waiting } from '../../domain/ledger.ts'
import type { Instant } from '../../kernel/time.ts'
import type { Pid } from '../../protocol/ids.ts'
import { malformed, pageIn } from './query.ts'
import type { Handlers } from './serve.ts'
import { listView, waitingView } from './views.ts'

export interface InboxPorts {
  readonly reader: Reader
  /** How long a process waits before it is ended. */
  readonly patienceMs: number
}

export function inboxHandlers({ reader, patienceMs }: InboxPorts): Pick<Handlers, 'readInbox'> {
  return {
    readInbox: ({ query }) => {
      const { after, limit } = pageIn(query)
      const rows = reader.waiting(after === null ? null : placeIn(after), limit)
      return { status: 200, body: listView(rows, limit, (row) => waitingView(row, patienceMs), cursorOf) }
    },
  }
}

function cursorOf({ updatedAt, pid }: Waiting): string {
  return `${String(updatedAt)}.${pid}`
}

function placeIn(after: string): Waiting {
  const [, updatedAt, pid] = /^(\d{1,15})\.(.+)$/s.exec(after) ?? []
  if (updatedAt === undefined || pid === undefined) throw malformed('expected the `next` of the page before', 'after')
  return { updatedAt: Number(updatedAt) as Instant, pid: pid as Pid }
}
