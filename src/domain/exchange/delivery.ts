// What the answer to a message of ours means, and when to try again. Pure: the dispatcher sends, this decides.

import { backoffMs } from '../../kernel/backoff.ts'
import type { Instant } from '../../kernel/time.ts'
import type { OutboxRow } from '../ledger.ts'
import { follow, isBeyond, type Machine, type Position } from './machine.ts'

/** What came back from one attempt. */
export type Attempt =
  /** `code`: what the peer's error says beside its status. */
  | { readonly kind: 'answered'; readonly status: number; readonly code?: string | undefined }
  /** Nothing came back, or nothing that is HTTP. */
  | { readonly kind: 'unreachable' }
  /** Our own guard will never let this message out. */
  | { readonly kind: 'forbidden' }

export type Verdict = 'acknowledged' | 'refused' | 'again' | 'hopeless'

/** An early 404 or 409: EDC answers so while it has not stored its own last step yet. */
const EARLY_MS = 10_000
const EARLY_ATTEMPTS_MAX = 5
/** A 401 may be a clock, a key that has just changed, or our DID document that the peer could not fetch at that moment. */
const UNAUTHENTICATED_ATTEMPTS_MAX = 3
/** Longer than a resolver remembers a failure: a second token that comes sooner would meet the same answer. */
const UNAUTHENTICATED_PAUSE_MS = 2_500

/** Longer than a message may be under way of which we have given up to hear: a client waits some seconds, a proxy some more. */
export const UNDER_WAY_MS = 30_000

const AGAIN = new Set([408, 425, 429])

/**
 * @param attempts how many attempts have been made, this one included
 * @param before the status that answered the attempt before this one; null where none did. One 401 after attempts that
 *               failed for another reason says no more than a first one
 * @param peerMovedAt when the peer last moved in this process
 */
export function classify(
  attempt: Attempt,
  attempts: number,
  before: number | null,
  peerMovedAt: Instant,
  now: Instant,
): Verdict {
  if (attempt.kind === 'forbidden') return 'hopeless'
  if (attempt.kind === 'unreachable') return 'again'

  const { status, code } = attempt
  if (status >= 200 && status < 300) return 'acknowledged'
  if (status >= 500 || AGAIN.has(status)) return 'again'
  // A token is new at every attempt: only a copy of this very message can have used it, and that copy may have been taken.
  if (status === 401 && code === 'token.replayed') return 'again'
  if (status === 401) return attempts < UNAUTHENTICATED_ATTEMPTS_MAX || before !== 401 ? 'again' : 'refused'
  if (status === 404 || status === 409) {
    return now - peerMovedAt < EARLY_MS && attempts < EARLY_ATTEMPTS_MAX ? 'again' : 'refused'
  }
  // Redirects are not followed and nothing else of the 3xx means anything here.
  return 'refused'
}

const BACKOFF = { firstMs: 200, maxMs: 60_000 }

/**
 * How long to wait before attempt number `attempts + 1`.
 *
 * @param status what answered this attempt; null where nothing did
 * @param retryAfterMs the peer's own wish, held to five minutes
 */
export function retryDelayMs(
  attempts: number,
  jitter: number,
  status: number | null,
  retryAfterMs: number | null,
): number {
  const backoff = backoffMs(BACKOFF, attempts, jitter)
  const own = status === 401 ? Math.max(backoff, UNAUTHENTICATED_PAUSE_MS) : backoff
  return retryAfterMs === null ? own : Math.max(own, Math.min(retryAfterMs, 300_000))
}

// A move of the counter-party follows upon these, at once where its side is automatic.
const ANSWERED_BY_MOVE: ReadonlySet<OutboxRow['move']> = new Set<OutboxRow['move']>([
  'ContractRequestMessage',
  'ContractOfferMessage',
  'ContractNegotiationEventMessage:ACCEPTED',
  'ContractAgreementMessage',
  'ContractAgreementVerificationMessage',
  'TransferRequestMessage',
])

/** Whether the counter-party's own next move is to be expected behind its ACK: nothing is waiting for the ACK alone then. */
export function isAnsweredByMove(move: OutboxRow['move']): boolean {
  return ANSWERED_BY_MOVE.has(move)
}

export type AfterRefusal = 'arrived' | 'dropped' | 'ended' | 'terminate'

/**
 * The peer refused our open move and was asked where it stands: a refusal may come after a delayed duplicate was accepted.
 *
 * @returns `arrived`: it is where our move leads, or beyond · `dropped`: it is where we are, the move counts for nothing ·
 *          `ended`: it has ended the process · `terminate`: the two sides differ, and DSP 2025-1 wants it terminated
 */
export function afterRefusal<State extends string, Move extends string>(
  machine: Machine<State, Move>,
  { role, state, unacknowledged }: Position<State, Move>,
  peerState: State,
): AfterRefusal {
  if (peerState === state) return 'dropped'
  const led = unacknowledged === null ? null : follow(machine, state, role, unacknowledged)
  if (led === peerState) return 'arrived'
  if (peerState === 'TERMINATED') return 'ended'
  return led !== null && isBeyond(machine, led, peerState) ? 'arrived' : 'terminate'
}
