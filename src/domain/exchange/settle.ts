// What the end of one delivery attempt means for a process: the writes of each outcome. Pure; the dispatcher commits them.

import type { Problem } from '../../kernel/problem.ts'
import type { AgreementRow, OfferRow, OutboxRow, Write } from '../ledger.ts'
import { afterRefusal } from './delivery.ts'
import { entry } from './inbound.ts'
import type { Scene } from './scene.ts'
import {
  acknowledgeMove,
  dropMove,
  endProcess,
  NEGOTIATIONS,
  proposeMove,
  TRANSFERS,
  type Exchange,
  type MoveOf,
  type Process,
  type StateOf,
} from './steps.ts'
import { takesAccess } from './transfer.ts'

/** How one attempt ended. `asked`: the peer refused, and this is where it says that it stands. */
export type Outcome =
  | { readonly kind: 'acknowledged'; readonly peerPid: string | null }
  | { readonly kind: 'asked'; readonly state: string; readonly reason: Problem }
  | ({ readonly kind: 'again'; readonly reason: Problem } & Pick<OutboxRow, 'dueAt' | 'attempts' | 'lastStatus'>)
  | { readonly kind: 'ended'; readonly reason: Problem }

/** What is read when an attempt has ended. */
export interface AttemptRows {
  readonly process: Process
  /** The outbox row if it is still the message that was sent; null where that was overtaken or settled. */
  readonly open: OutboxRow | null
  readonly agreement: AgreementRow | null
  readonly offers: readonly OfferRow[]
}

/** @param row the message that was sent */
export function settleAttempt(rows: AttemptRows, row: OutboxRow, outcome: Outcome, scene: Scene): readonly Write[] {
  const { process, open, agreement } = rows
  const exchange = exchangeOf(row)
  if (open === null) {
    // Overtaken or settled meanwhile: the answer says nothing of a move any more, though both may make the same one. But it
    // may be the first to name the peer's pid.
    const isFirst = outcome.kind === 'acknowledged' && process.peerPid === null && outcome.peerPid !== null
    const isOver = 'overtaken' in process && process.overtaken?.move === row.move && outcome.kind !== 'again'
    if (!isFirst && !isOver) return []
    // An answer came: what was overtaken is no longer under way.
    const known = { ...process, ...(isFirst && { peerPid: outcome.peerPid }), ...(isOver && { overtaken: null }) }
    return [exchange.put(known)]
  }
  if (outcome.kind === 'again') {
    const { dueAt, attempts, lastStatus, reason } = outcome
    const lastError = `${reason.code}: ${reason.message}`.slice(0, LAST_ERROR_LENGTH_MAX)
    return [{ put: 'outbox', row: { ...open, dueAt, attempts, lastStatus, lastError } }]
  }
  const { unacknowledged: move } = process
  if (move === null) return announced(process, row, outcome, scene)

  switch (outcome.kind) {
    case 'acknowledged':
      return acknowledgeMove(exchange, process, move, { peerPid: outcome.peerPid, how: 'answered' }, agreement, scene)
        .write
    case 'ended':
      return endProcess(exchange, process, outcome.reason, scene).write
    case 'asked':
      return afterAsking(exchange, rows, move, outcome, scene)
  }
}

const LAST_ERROR_LENGTH_MAX = 500

/** A message that moves nothing came to its end, one way or the other. */
function announced(process: Process, { move }: OutboxRow, outcome: Outcome, { self, now }: Scene): readonly Write[] {
  const ext = { move, state: process.state, announces: 'dataAddress' }
  const failed = 'reason' in outcome ? { code: outcome.reason.code, message: outcome.reason.message } : null
  return [
    { remove: 'outbox', key: [process.pid] },
    entry(failed === null ? 'message.acknowledged' : 'message.failed', process, self, now, {
      ext: { ...ext, ...failed },
    }),
  ]
}

function afterAsking(
  exchange: Exchange<Process>,
  rows: AttemptRows,
  move: MoveOf<Process>,
  { state, reason }: { readonly state: string; readonly reason: Problem },
  scene: Scene,
): readonly Write[] {
  const { process, agreement, offers } = rows
  switch (afterRefusal(exchange.machine, process, state as StateOf<Process>)) {
    case 'arrived':
      return acknowledgeMove(exchange, process, move, { peerPid: null, how: 'asked' }, agreement, scene).write
    case 'dropped':
      return takesAccess(process.role, move)
        ? terminate(exchange, rows, reason, `the counter-party refused ${move}`, scene)
        : dropMove(exchange, process, reason, offers, scene).write
    case 'ended':
      return endProcess(exchange, process, reason, scene).write
    case 'terminate':
      return terminate(exchange, rows, reason, `the counter-party is ${state} where we are ${process.state}`, scene)
  }
}

/** The move counts for nothing, and the process ends. */
function terminate(
  exchange: Exchange<Process>,
  { process, offers }: AttemptRows,
  refusal: Problem,
  sentence: string,
  scene: Scene,
): readonly Write[] {
  const dropped = dropMove(exchange, process, refusal, offers, scene)
  const ended = proposeMove(exchange, dropped.next, exchange.machine.termination, scene, { reason: sentence })
  return ended.ok ? [...dropped.write, ...ended.value.write] : dropped.write
}

export function exchangeOf({ kind }: OutboxRow): Exchange<Process> {
  // The row's kind and its process come from the same table: the union is narrowed by the row, not by the compiler.
  return (kind === 'negotiation' ? NEGOTIATIONS : TRANSFERS) as unknown as Exchange<Process>
}
