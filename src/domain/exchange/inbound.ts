// A message that came in, and the answer to it: what both kinds of process share.

import { plainLine } from '../../kernel/plain-text.ts'
import { problem, type Problem } from '../../kernel/problem.ts'
import { later, type Instant } from '../../kernel/time.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import type { EvidenceDraft } from '../evidence/entry.ts'
import type { InboxRow, ReplayRow, Write } from '../ledger.ts'
import { knownPids } from './compose.ts'
import { earlierAnswer } from './redelivery.ts'
import type { Negotiation } from './negotiation.ts'
import type { Scene } from './scene.ts'
import type { Transfer } from './transfer.ts'

/** An authenticated, schema-valid message, before anything is known of its process. */
export interface Inbound<Message> {
  readonly message: Message
  /** The root `@id`, or empty. */
  readonly messageId: string
  /** `sha-256:…` of the bytes as they came. */
  readonly bodyDigest: string
  /** The same over the canonical message without its `@id`: how a repeated opening is recognised. */
  readonly openingDigest: string
  readonly sender: ParticipantId
  /** Our own pid as the path names it; null where the message opens a process. */
  readonly pid: string | null
  /** The identifier of the token that came with it; null for a static token. */
  readonly replay: ReplayRow | null
}

type Pids = ReturnType<typeof knownPids>

export type Answer =
  | { readonly ok: true; readonly created: boolean; readonly pids: Pids; readonly state: string; readonly pid: string }
  | { readonly ok: false; readonly problem: Problem; readonly pids: Pids }

export interface Decided {
  readonly write: readonly Write[]
  readonly result: Answer
}

/** Nothing is written, and nothing is said that would tell an unknown process from a foreign one. */
export const UNKNOWN_PROCESS: Decided = {
  write: [],
  result: { ok: false, problem: problem('process.unknown', 'no such process'), pids: {} },
}

/** The token was used before: nothing else of the message counts (DCP 4.3.3). */
export const REPLAYED: Decided = {
  write: [],
  result: { ok: false, problem: problem('token.replayed', 'this token was used before'), pids: {} },
}

/** Refuses without a trace in the process: the request was wrong in itself. Only its token is used up. */
export function malformed(inbound: Inbound<unknown>, reason: Problem, pids: Pids = {}): Decided {
  return { write: usedToken(inbound), result: { ok: false, problem: reason, pids } }
}

export function usedToken({ replay }: Inbound<unknown>): readonly Write[] {
  return replay === null ? [] : [{ put: 'replay', row: replay }]
}

/** The answer that this message got before, or null if it is new (rule 4). */
export function repeated(
  inbound: Inbound<unknown>,
  process: Negotiation | Transfer,
  answered: InboxRow | null,
  last: InboxRow | null,
): Decided | null {
  const earlier = earlierAnswer(inbound, process.state, answered, last)
  if (earlier === null) return null
  const pids = knownPids(process)
  return {
    write: usedToken(inbound),
    result:
      earlier.problem === null
        ? { ok: true, created: false, pids, state: earlier.stateAfter, pid: process.pid }
        : { ok: false, problem: earlier.problem, pids },
  }
}

/**
 * The pids of a message against those of the process that its path names: both must fit. A callback may come before we
 * have read the answer that names the peer's pid; then it binds that pid.
 *
 * @returns the process with the peer's pid bound, or a Problem (`message.pids`)
 */
export function bindPids<P extends Negotiation | Transfer>(
  process: P,
  { providerPid, consumerPid }: { readonly providerPid?: string; readonly consumerPid?: string },
  isPidTaken: boolean,
): { readonly ok: true; readonly process: P } | { readonly ok: false; readonly problem: Problem } {
  const [own, peer] = process.role === 'PROVIDER' ? [providerPid, consumerPid] : [consumerPid, providerPid]
  if (own !== undefined && own !== process.pid)
    return wrongPid(process.role === 'PROVIDER' ? 'providerPid' : 'consumerPid')
  if (peer === undefined || peer === process.peerPid) return { ok: true, process }
  // One pid of the peer's is one process: that of another cannot be bound.
  if (process.peerPid === null && !isPidTaken) return { ok: true, process: { ...process, peerPid: peer } }
  return wrongPid(process.role === 'PROVIDER' ? 'consumerPid' : 'providerPid')
}

function wrongPid(member: string): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem: problem('message.pids', `${member} is not that of the process in the path`, member) }
}

/** Remembers the answer, so that a redelivery gets it again. */
export function remember(
  inbound: Inbound<unknown>,
  process: Negotiation | Transfer,
  refusal: Problem | null,
  now: Instant,
): Write {
  return {
    put: 'inbox',
    row: {
      pid: process.pid,
      sender: inbound.sender,
      messageId: inbound.messageId,
      bodyDigest: inbound.bodyDigest,
      accepted: refusal === null,
      stateAfter: process.state,
      problem: refusal,
      at: now,
    },
  }
}

/** An evidence entry about a process; `agreement` ties it to the chain of that agreement. */
export function entry(
  type: EvidenceDraft['type'],
  process: Negotiation | Transfer,
  actor: ParticipantId,
  at: Instant,
  rest: Pick<EvidenceDraft, 'msgDigest' | 'policyDigest' | 'ext'> = {},
): Write {
  const { pid, agreementId } = process
  return {
    append: 'evidence',
    entry: {
      type,
      at,
      actor,
      pid,
      ...(agreementId !== null && agreementId !== '' && { agreement: agreementId }),
      ...rest,
    },
  }
}

/** A refusal as evidence has it. */
export function traceOf({ code, message, path }: Problem): { code: string; message: string; path: string | null } {
  return { code, message, path: path ?? null }
}

/** The counter-party's own words of an end or a pause: one line, bounded. */
export function wordsOf({ code, reason }: { readonly code?: string; readonly reason?: readonly unknown[] }): string {
  const sentences = (reason ?? []).filter((item) => typeof item === 'string').join('; ')
  const coded = code === undefined ? '' : ` (${plainLine(code, 100)})`
  return `by the counter-party${coded}${sentences === '' ? '' : `: ${plainLine(sentences, 500)}`}`
}

/** What we send of our own accord waits for the reaction delay. */
export function delayed(writes: readonly Write[], { now, reactionDelayMs }: Scene): readonly Write[] {
  return writes.map((write) =>
    'put' in write && write.put === 'outbox'
      ? { ...write, row: { ...write.row, dueAt: later(now, reactionDelayMs) } }
      : write,
  )
}
