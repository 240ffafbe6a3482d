// What the end of one delivery attempt means for a process: the writes of each outcome. Pure; the dispatcher commits them.

import type { Problem } from '../../kernel/problem.ts'
import type { AgreementRow, OutboxRow, Write } from '../ledger.ts'
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
  | { readonly kind: 'again'; readonly dueAt: OutboxRow['dueAt']; readonly attempts: number; readonly reason: Problem }
  | { readonly kind: 'ended'; readonly reason: Problem }

/**
 * @param row  the message that was sent
 * @param open the process's outbox row as it stands now, if it is still this message; null where that was overtaken or settled
 */
export function settleAttempt(
  process: Process,
  row: OutboxRow,
  open: OutboxRow | null,
  outcome: Outcome,
  agreement: AgreementRow | null,
  scene: Scene,
): readonly Write[] {
  const exchange = exchangeOf(row)
  const move = row.move as MoveOf<Process>
  if (outcome.kind === 'acknowledged' && (open === null || process.unacknowledged !== null)) {
    const { peerPid } = outcome
    // A late ACK of an earlier message is none of the one that is open now, though both may make the same move.
    if (open === null)
      return process.peerPid === null && peerPid !== null ? [exchange.put({ ...process, peerPid })] : []
    return acknowledgeMove(exchange, process, move, { peerPid, how: 'answered' }, agreement, scene).write
  }
  // Overtaken or settled while the attempt was under way: its result says nothing any more.
  if (open === null) return []
  if (process.unacknowledged === null && outcome.kind !== 'again') return announced(process, row, outcome, scene)

  switch (outcome.kind) {
    case 'acknowledged':
      return []
    case 'again': {
      const { dueAt, attempts, reason } = outcome
      return [
        {
          put: 'outbox',
          row: { ...open, dueAt, attempts, lastError: `${reason.code}: ${reason.message}`.slice(0, 500) },
        },
      ]
    }
    case 'ended':
      return endProcess(exchange, process, outcome.reason, scene).write
    case 'asked':
      return afterAsking(exchange, process, outcome, agreement, scene)
  }
}

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
  process: Process,
  { state, reason }: { readonly state: string; readonly reason: Problem },
  agreement: AgreementRow | null,
  scene: Scene,
): readonly Write[] {
  const { unacknowledged } = process
  if (unacknowledged === null) return []
  switch (afterRefusal(exchange.machine, process, state as StateOf<Process>)) {
    case 'arrived':
      return acknowledgeMove(exchange, process, unacknowledged, { peerPid: null, how: 'asked' }, agreement, scene).write
    case 'dropped':
      return takesAccess(process.role, unacknowledged)
        ? terminate(exchange, process, reason, `the counter-party refused ${unacknowledged}`, scene)
        : dropMove(exchange, process, reason, scene).write
    case 'ended':
      return endProcess(exchange, process, reason, scene).write
    case 'terminate':
      return terminate(exchange, process, reason, `the counter-party is ${state} where we are ${process.state}`, scene)
  }
}

/** The move counts for nothing, and the process ends. */
function terminate(
  exchange: Exchange<Process>,
  process: Process,
  refusal: Problem,
  sentence: string,
  scene: Scene,
): readonly Write[] {
  const dropped = dropMove(exchange, process, refusal, scene)
  const ended = proposeMove(exchange, dropped.next, exchange.machine.termination, scene, { reason: sentence })
  return ended.ok ? [...dropped.write, ...ended.value.write] : dropped.write
}

export function exchangeOf({ kind }: OutboxRow): Exchange<Process> {
  // The row's kind and its process come from the same table: the union is narrowed by the row, not by the compiler.
  return (kind === 'negotiation' ? NEGOTIATIONS : TRANSFERS) as unknown as Exchange<Process>
}
