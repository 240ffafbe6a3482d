// What can happen to a process of either kind beside a message that comes in: we propose, the peer acknowledges, refuses,
// or is never heard of again. Each step is the new row and the writes that go with it, to be committed together.

import { digestOf } from '../../kernel/digest.ts'
import { bad, problem, type Problem, type Result } from '../../kernel/problem.ts'
import { later, type Instant } from '../../kernel/time.ts'
import type { NegotiationMessage, TransferMessage } from '../../protocol/dsp/messages.ts'
import { pathOf } from '../../protocol/dsp/paths.ts'
import { other } from '../../protocol/ids.ts'
import { spelt } from '../../protocol/odrl/spelling.ts'
import type { AgreementRow, OfferRow, OutboxRow, Write } from '../ledger.ts'
import { composeNegotiation, composeTransfer, type Contents } from './compose.ts'
import { entry } from './inbound.ts'
import { acknowledge, follow, propose, type Machine } from './machine.ts'
import { NEGOTIATION, type Negotiation } from './negotiation.ts'
import { negotiationEntered } from './agreement.ts'
import { takeBackOffer } from './offers-made.ts'
import type { Scene } from './scene.ts'
import { revivesOvertaken, TRANSFER, type Transfer } from './transfer.ts'

export type Process = Negotiation | Transfer
export type StateOf<P extends Process> = P['state']
export type MoveOf<P extends Process> = NonNullable<P['unacknowledged']>

/** What the two kinds of process differ in; everything else is the same for both. */
export interface Exchange<P extends Process> {
  readonly kind: 'negotiation' | 'transfer'
  readonly machine: Machine<StateOf<P>, MoveOf<P>>
  readonly compose: (process: P, move: MoveOf<P>, contents: Contents) => NegotiationMessage | TransferMessage
  readonly put: (row: P) => Write
  /** Whether a move that leads to `next` must wait for an earlier one of ours to be over. */
  readonly mustWait: (process: P, next: StateOf<P>, now: Instant) => boolean
  /** What else changes in the row when a move of ours is acknowledged. */
  readonly acknowledged: (process: P, move: MoveOf<P>) => Partial<P>
  /** What is undone when the counter-party refused a move of ours for good. */
  readonly dropped: (process: P, offers: readonly OfferRow[]) => { changes: Partial<P>; write: readonly Write[] }
  /** What entering a state means beyond the process itself. */
  readonly entered: (
    before: P,
    after: P,
    agreement: AgreementRow | null,
    scene: Pick<Scene, 'self' | 'now'>,
  ) => readonly Write[]
}

export const NEGOTIATIONS: Exchange<Negotiation> = {
  kind: 'negotiation',
  machine: NEGOTIATION,
  compose: composeNegotiation,
  put: (row) => ({ put: 'negotiation', row }),
  mustWait: () => false,
  acknowledged: () => ({}),
  dropped: (process, offers) => {
    const undone = takeBackOffer(process, offers)
    return undone === null ? { changes: {}, write: [] } : { changes: undone.changes, write: [undone.write] }
  },
  entered: negotiationEntered,
}

export const TRANSFERS: Exchange<Transfer> = {
  kind: 'transfer',
  machine: TRANSFER,
  compose: composeTransfer,
  put: (row) => ({ put: 'transfer', row }),
  mustWait: revivesOvertaken,
  acknowledged: ({ role }, move) => ({ resumed: role === 'CONSUMER' && move === 'TransferStartMessage' }),
  dropped: () => ({ changes: {}, write: [] }),
  entered: () => [],
}

export interface Step<P extends Process> {
  readonly next: P
  readonly write: readonly Write[]
}

/** What a proposal is about beside the move, and what changes in the row with it. */
export interface About<P extends Process> extends Omit<Contents, 'messageId' | 'callbackAddress'> {
  readonly changes?: Partial<P>
}

/**
 * We send a move: the proposal, the outgoing message and the evidence of it. The state stays until the ACK (rule 2).
 * Refuses (`move.illegal`, `move.pending`) what the machine does not allow now.
 */
export function proposeMove<P extends Process>(
  exchange: Exchange<P>,
  process: P,
  move: MoveOf<P>,
  scene: Scene,
  about: About<P> = {},
): Result<Step<P>> {
  const { machine } = exchange
  const proposal = propose<StateOf<P>, MoveOf<P>>(machine, process, move)
  if (!proposal.ok) return proposal
  if (process.peerPid === null && process.state !== 'INITIAL') return withoutPid(exchange, process, move, scene, about)
  const { now, self } = scene
  const led = follow<StateOf<P>, MoveOf<P>>(machine, process.state, process.role, move)
  if (led !== null && exchange.mustWait(process, led, now))
    return bad('move.pending', `an earlier message of ours may still be under way; ${move} must wait for some seconds`)
  const by = scene.by === undefined ? {} : { by: scene.by }

  const why = about.reason === undefined ? null : problem('process.ended', about.reason)
  if (proposal.how === 'ending') {
    const next: P = { ...process, ending: true, problem: why, updatedAt: now }
    const waits = entry('message.proposed', next, self, now, { ext: { move, waitsFor: process.unacknowledged, ...by } })
    return { ok: true, value: { next, write: [exchange.put(next), waits] } }
  }

  const { changes, ...contents } = about
  const next: P = {
    ...process,
    ...changes,
    unacknowledged: move,
    problem: move === machine.termination ? why : null,
    updatedAt: now,
  }
  const row = outboxRow(exchange, next, move, contents, scene)
  const write: Write[] = [
    exchange.put(next),
    { put: 'outbox', row },
    entry('message.proposed', next, self, now, {
      msgDigest: digestOf(row.body),
      ext: {
        move,
        state: next.state,
        ...(proposal.how === 'overtakes' && { overtakes: process.unacknowledged }),
        ...by,
      },
    }),
  ]
  return { ok: true, value: { next, write } }
}

/** The peer acknowledged our request without a word on its pid: no message can be addressed, but we can end it here. */
function withoutPid<P extends Process>(
  exchange: Exchange<P>,
  process: P,
  move: MoveOf<P>,
  scene: Scene,
  { reason = 'ended before the counter-party told its pid' }: About<P>,
): Result<Step<P>> {
  if (move === exchange.machine.termination) {
    return { ok: true, value: endProcess(exchange, process, problem('process.ended', reason), scene) }
  }
  return bad('move.pending', `the counter-party has not told us its pid yet; ${move} must wait`)
}

/** The message as it will go out, at every attempt the same. */
export function outboxRow<P extends Process>(
  exchange: Exchange<P>,
  process: P,
  move: MoveOf<P>,
  contents: Omit<Contents, 'messageId' | 'callbackAddress'>,
  { now, fresh, base, spellings, deliveryDeadlineMs }: Scene,
): OutboxRow {
  const message = exchange.compose(process, move, { ...contents, messageId: fresh.messageId, callbackAddress: base })
  return {
    pid: process.pid,
    kind: exchange.kind,
    counterparty: process.counterparty,
    url: process.peerAddress + pathOf(message['@type'], other(process.role), process.peerPid ?? undefined),
    move,
    messageId: fresh.messageId,
    body: JSON.stringify(spelt(message, spellings.get(process.counterparty))),
    attempts: 0,
    dueAt: now,
    deadlineAt: later(now, deliveryDeadlineMs),
    lastError: null,
    lastStatus: null,
  }
}

/** How we know that a move of ours arrived. */
export interface Acknowledgement {
  /** The pid that the peer's answer names; null where it names none. */
  readonly peerPid: string | null
  readonly how: 'answered' | 'asked' | 'used'
}

/**
 * The peer acknowledged our move, or something else proves that it arrived. An ACK of a move that is no longer open
 * changes nothing, but may still tell us the peer's pid. A process that was to end while it had no pid is ended now.
 */
export function acknowledgeMove<P extends Process>(
  exchange: Exchange<P>,
  process: P,
  move: MoveOf<P>,
  { peerPid, how }: Acknowledgement,
  agreement: AgreementRow | null,
  scene: Scene,
): Step<P> {
  const { self, now } = scene
  const bound: P = process.peerPid === null && peerPid !== null ? { ...process, peerPid } : process
  const state = acknowledge<StateOf<P>, MoveOf<P>>(exchange.machine, bound, move)
  if (state === null) return { next: bound, write: bound === process ? [] : [exchange.put(bound)] }

  const next: P = {
    ...bound,
    ...exchange.acknowledged(bound, move),
    state,
    unacknowledged: null,
    ending: false,
    updatedAt: now,
    peerMovedAt: now,
  }
  const write: readonly Write[] = [
    exchange.put(next),
    { remove: 'outbox', key: [next.pid] },
    entry('message.acknowledged', next, self, now, { ext: { move, state, how } }),
    ...exchange.entered(process, next, agreement, scene),
  ]
  if (!process.ending) return { next, write }

  const reason = process.problem?.message ?? 'ended before the first answer'
  const termination = proposeMove(exchange, next, exchange.machine.termination, scene, { reason })
  return termination.ok
    ? { next: termination.value.next, write: [...write, ...termination.value.write] }
    : { next, write }
}

/** The peer refused our move for good and stands where we stand: the proposal counts for nothing, and a person sees why. */
export function dropMove<P extends Process>(
  exchange: Exchange<P>,
  process: P,
  reason: Problem,
  offers: readonly OfferRow[],
  { self, now }: Scene,
): Step<P> {
  const undone = exchange.dropped(process, offers)
  const next: P = { ...process, ...undone.changes, unacknowledged: null, problem: reason, updatedAt: now }
  const failed = entry('message.failed', next, self, now, {
    ext: { move: process.unacknowledged, code: reason.code, message: reason.message },
  })
  return { next, write: [exchange.put(next), { remove: 'outbox', key: [next.pid] }, ...undone.write, failed] }
}

/** It ends here, without a message of the counter-party. */
export function endProcess<P extends Process>(
  exchange: Exchange<P>,
  process: P,
  reason: Problem,
  { self, now }: Scene,
): Step<P> {
  const state: StateOf<P> = 'TERMINATED'
  const next: P = { ...process, state, unacknowledged: null, ending: false, problem: reason, updatedAt: now }
  const ended = entry('process.ended', next, self, now, {
    ext: { from: process.state, move: process.unacknowledged, code: reason.code, message: reason.message },
  })
  return { next, write: [exchange.put(next), { remove: 'outbox', key: [next.pid] }, ended] }
}
