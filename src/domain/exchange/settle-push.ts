// What the end of one attempt to push means for the transfer: the writes of each outcome. Pure; the shell commits them.

import { problem, type Problem } from '../../kernel/problem.ts'
import { backoffMs } from '../../kernel/backoff.ts'
import { later, type Instant } from '../../kernel/time.ts'
import type { PushRow, Write } from '../ledger.ts'
import { classify, type Attempt } from './delivery.ts'
import { entry, traceOf } from './inbound.ts'
import type { Scene } from './scene.ts'
import { proposeMove, TRANSFERS } from './steps.ts'
import { isOpen, type Transfer } from './transfer.ts'

/** How one attempt ended. */
export type PushOutcome =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly dueAt: Instant; readonly lastStatus: number | null; readonly reason: Problem }
  /** Trying again would not help: the consumer is told, and a person sees it in the inbox. */
  | { readonly kind: 'stopped'; readonly reason: Problem }
  /** The transfer is not open any more, or we are stopping: it is due again as soon as it may be. */
  | { readonly kind: 'held' }

/** Longer pauses than between messages: each attempt may carry gigabytes. */
const BACKOFF = { firstMs: 1_000, maxMs: 600_000 }
const RETRY_AFTER_MAX_MS = 300_000
const LAST_ERROR_LENGTH_MAX = 500

export interface AttemptMade {
  readonly attempt: Attempt
  /** Why it failed; what the answer said, where one came. */
  readonly reason: Problem
  readonly retryAfterMs: number | null
}

/** What is to be done about an attempt that did not deliver the data: by the same table as with messages. */
export function afterFailure(
  { attempt, reason, retryAfterMs }: AttemptMade,
  push: Pick<PushRow, 'attempts' | 'lastStatus' | 'deadlineAt'>,
  transfer: Pick<Transfer, 'peerMovedAt'>,
  jitter: number,
  now: Instant,
): PushOutcome {
  const attempts = push.attempts + 1
  const verdict = classify(attempt, attempts, push.lastStatus, transfer.peerMovedAt, now)
  if (verdict !== 'again') return { kind: 'stopped', reason }
  const own = backoffMs(BACKOFF, attempts, jitter)
  const wait = retryAfterMs === null ? own : Math.max(own, Math.min(retryAfterMs, RETRY_AFTER_MAX_MS))
  const dueAt = later(now, wait)
  const lastStatus = attempt.kind === 'answered' ? attempt.status : null
  if (push.deadlineAt === null || dueAt < push.deadlineAt) return { kind: 'again', dueAt, lastStatus, reason }
  // This sentence is told to the consumer; what is not for it is called by its code alone.
  const last = TOLD.has(reason.code) ? reason.message : reason.code
  const sentence = `the data was not taken before the deadline; last: ${last}`
  return { kind: 'stopped', reason: problem('delivery.deadline', sentence) }
}

/** @param push the row as it stands now, after the writes of the delivery's own end */
export function settlePush(push: PushRow, transfer: Transfer, outcome: PushOutcome, scene: Scene): readonly Write[] {
  const { now, self } = scene
  const fresh: PushRow = { ...push, attempts: 0, dueAt: now, deadlineAt: null, lastStatus: null }
  switch (outcome.kind) {
    case 'done':
      return [
        { put: 'push', row: { ...push, attempts: push.attempts + 1, lastError: null, doneAt: now } },
        ...completion(transfer, scene),
      ]
    case 'again': {
      const { dueAt, lastStatus, reason } = outcome
      const deadlineAt = push.deadlineAt ?? later(now, scene.deliveryDeadlineMs)
      const row = { ...push, attempts: push.attempts + 1, dueAt, deadlineAt, lastStatus, lastError: textOf(reason) }
      return [{ put: 'push', row }]
    }
    case 'stopped':
      return [
        { put: 'push', row: { ...fresh, lastError: textOf(outcome.reason) } },
        entry('push.stopped', transfer, self, now, { ext: traceOf(outcome.reason) }),
        ...suspension(transfer, outcome.reason, scene),
      ]
    case 'held':
      return [{ put: 'push', row: fresh }]
  }
}

/** DSP leaves open who completes; after a push it is the provider who knows that all of it has arrived. */
function completion(transfer: Transfer, scene: Scene): readonly Write[] {
  if (!isOpen(transfer) || transfer.automation.onPushed === 'manual') return []
  const proposed = proposeMove(TRANSFERS, transfer, 'TransferCompletionMessage', scene)
  return proposed.ok ? proposed.value.write : []
}

/** What is about the consumer's own endpoint or agreement. Other sentences may name what is inside our network. */
const TOLD: ReadonlySet<Problem['code']> = new Set([
  ...(['peer.refused', 'peer.unreachable', 'delivery.deadline', 'data.digest'] as const),
  ...(['policy.denied', 'agreement.ended', 'participant.not-admitted'] as const),
])

/** The consumer learns why, can put it right, and resumes; a termination would take that from it. */
function suspension(transfer: Transfer, reason: Problem, scene: Scene): readonly Write[] {
  const words = {
    code: reason.code,
    reason: `the push was stopped${TOLD.has(reason.code) ? `: ${reason.message}` : ''}`,
  }
  const proposed = proposeMove(TRANSFERS, transfer, 'TransferSuspensionMessage', scene, words)
  if (!proposed.ok) return []
  const { next, write } = proposed.value
  const row = { ...next, problem: problem('push.stopped', textOf(reason)) }
  return [...write, { put: 'transfer', row }]
}

function textOf({ code, message }: Problem): string {
  return `${code}: ${message}`.slice(0, LAST_ERROR_LENGTH_MAX)
}
