// What is counted of a commit: each entry of the evidence says what happened, so that nothing else has to be told.

import type { EvidenceDraft } from '../domain/evidence/entry.ts'
import type { Write } from '../domain/ledger.ts'

type Count<Name extends string> = (labels: { readonly [N in Name]: string }, add?: number) => void

/** The metrics that commits feed. */
export interface CommitCounts {
  readonly messages: Count<'direction' | 'type' | 'outcome'>
  readonly attempts: Count<'outcome'>
  readonly decisions: Count<'verdict' | 'phase'>
  readonly refusals: Count<'code'>
  readonly agreements: Count<'event'>
  readonly deliveries: Count<'direction' | 'outcome'>
  readonly bytes: Count<'direction'>
  readonly pushed: Count<'direction'>
  readonly expired: Count<never>
  readonly reloads: Count<'outcome'>
  readonly removed: Count<'table'>
  readonly commits: Count<never>
  readonly negotiation: (labels: { readonly role: string }, seconds: number) => void
}

export function countCommit(writes: readonly Write[], counts: CommitCounts): void {
  counts.commits({})
  for (const write of writes) {
    if ('append' in write) countEntry(write.entry, counts, writes)
    // A message that has been tried is put back only to be tried again.
    else if ('put' in write && write.put === 'outbox' && write.row.attempts > 0) counts.attempts({ outcome: 'again' })
  }
}

// One row for each type of entry that is counted; the others are not.
const COUNTED: {
  readonly [Type in EvidenceDraft['type']]?: (ext: Ext, counts: CommitCounts, writes: readonly Write[]) => void
} = {
  'message.received': (ext, { messages }) => {
    messages({ direction: 'in', type: text(ext['move']), outcome: 'accepted' })
  },
  'message.refused': (ext, { messages, refusals }) => {
    messages({ direction: 'in', type: text(ext['move']), outcome: 'refused' })
    refusals({ code: text(ext['code']) })
  },
  'message.proposed': (ext, { messages }) => {
    messages({ direction: 'out', type: text(ext['move']), outcome: 'proposed' })
  },
  'message.acknowledged': (ext, { messages, attempts }) => {
    messages({ direction: 'out', type: text(ext['move']), outcome: 'acknowledged' })
    // What a reply or a use proves came without an answer to an attempt.
    if (ext['how'] === 'answered') attempts({ outcome: 'acknowledged' })
  },
  'message.failed': (ext, { messages, attempts }) => {
    messages({ direction: 'out', type: text(ext['move']), outcome: 'failed' })
    attempts({ outcome: 'failed' })
  },
  'process.ended': (ext, { messages, attempts, expired }) => {
    expired({})
    if (typeof ext['move'] !== 'string') return
    messages({ direction: 'out', type: ext['move'], outcome: 'failed' })
    attempts({ outcome: 'failed' })
  },
  decision: (ext, { decisions }) => {
    decisions({ verdict: text(ext['verdict']), phase: text(ext['phase']) })
  },
  'agreement.agreed': (_ext, { agreements }) => {
    agreements({ event: 'agreed' })
  },
  'agreement.finalized': (_ext, { agreements, negotiation }, writes) => {
    agreements({ event: 'finalized' })
    for (const write of writes) {
      if (!('put' in write) || write.put !== 'negotiation' || write.row.state !== 'FINALIZED') continue
      const { role, createdAt, updatedAt } = write.row
      negotiation({ role }, Math.max(0, updatedAt - createdAt) / 1000)
      return
    }
  },
  'agreement.ended': (_ext, { agreements }) => {
    agreements({ event: 'ended' })
  },
  'delivery.ended': (ext, { deliveries, refusals }) => {
    deliveries({ direction: 'out', outcome: text(ext['outcome']) })
    if (typeof ext['code'] === 'string') refusals({ code: ext['code'] })
  },
  'delivery.received': (ext, { deliveries, bytes, pushed }, writes) => {
    deliveries({ direction: 'in', outcome: 'complete' })
    bytes({ direction: 'in' }, Number(ext['bytes'] ?? 0))
    const isPushed = writes.some((write) => 'put' in write && write.put === 'reception')
    if (isPushed) pushed({ direction: 'in' }, Number(ext['bytes'] ?? 0))
  },
  'delivery.lost': (ext, { deliveries, refusals }) => {
    deliveries({ direction: 'in', outcome: 'peer-gone' })
    if (typeof ext['code'] === 'string') refusals({ code: ext['code'] })
  },
  'token.refused': (ext, { refusals }) => {
    refusals({ code: text(ext['code']) })
  },
  'push.stopped': (ext, { refusals }) => {
    refusals({ code: text(ext['code']) })
  },
  'policy.loaded': (_ext, { reloads }) => {
    reloads({ outcome: 'loaded' })
  },
  'policy.rejected': (_ext, { reloads }) => {
    reloads({ outcome: 'rejected' })
  },
  'retention.removed': (ext, { removed }) => {
    for (const [table, count] of Object.entries(ext['removed'] ?? {})) removed({ table }, Number(count))
  },
}

type Ext = NonNullable<EvidenceDraft['ext']>

function countEntry({ type, ext = {} }: EvidenceDraft, counts: CommitCounts, writes: readonly Write[]): void {
  COUNTED[type]?.(ext, counts, writes)
}

function text(value: unknown): string {
  return typeof value === 'string' ? value : ''
}
