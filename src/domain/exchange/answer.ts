// The two answers to a message for a process that exists, of either kind: what each of them writes.

import type { Problem } from '../../kernel/problem.ts'
import type { Write } from '../ledger.ts'
import { knownPids } from './compose.ts'
import { entry, remember, traceOf, usedToken, type Decided, type Inbound } from './inbound.ts'
import type { Scene } from './scene.ts'
import type { Exchange, MoveOf, Process, StateOf } from './steps.ts'

/** What a message moved: where the process stood before, and our own move whose arrival it proves (null for none). */
export interface Moved<P extends Process> {
  readonly move: MoveOf<P>
  readonly from: StateOf<P>
  readonly settled: MoveOf<P> | null
  /** Whether something of ours may stand in the outbox: a proposal, or a provider's announcement. */
  readonly hadOutgoing: boolean
}

/** An accepted message: its token, the process, the answer that a repeat gets, and the evidence, to be committed together. */
export function acceptedWrites<P extends Process>(
  exchange: Exchange<P>,
  inbound: Inbound<unknown>,
  next: P,
  { move, from, settled, hadOutgoing }: Moved<P>,
  { self, now }: Scene,
): readonly Write[] {
  return [
    ...usedToken(inbound),
    exchange.put(next),
    // Settled or overtaken; or an announcement of ours, which what the peer does now has made stale.
    ...(hadOutgoing && next.unacknowledged === null ? [{ remove: 'outbox', key: [next.pid] } as const] : []),
    remember(inbound, next, null, now),
    ...(settled === null
      ? []
      : [entry('message.acknowledged', next, self, now, { ext: { move: settled, how: 'replied' } })]),
    entry('message.received', next, inbound.sender, now, {
      msgDigest: inbound.bodyDigest,
      ext: { move, from, state: next.state },
    }),
  ]
}

/** A refused message: nothing moves, and both the answer and the reason are on record. */
export function refusal(
  inbound: Inbound<unknown>,
  process: Process,
  move: string,
  reason: Problem,
  { now }: Scene,
): Decided {
  return {
    write: [
      ...usedToken(inbound),
      remember(inbound, process, reason, now),
      entry('message.refused', process, inbound.sender, now, {
        msgDigest: inbound.bodyDigest,
        ext: { move, state: process.state, ...traceOf(reason) },
      }),
    ],
    result: { ok: false, problem: reason, pids: knownPids(process) },
  }
}
