// How a process moves: arrows as a table, and three functions over it. Pure: no clock, no database, no network.

import { bad, type Problem } from '../../kernel/problem.ts'
import { other, type Role } from '../../protocol/ids.ts'

/** A move that may be made by one of `by` in one of `from`, and leads to `to`. */
export interface Arrow<State extends string, Move extends string> {
  readonly move: Move
  readonly by: readonly Role[]
  readonly from: readonly State[]
  readonly to: State
}

export interface Machine<State extends string, Move extends string> {
  /** What a process is called in sentences: `contract negotiation`, `transfer process`. */
  readonly name: string
  readonly arrows: readonly Arrow<State, Move>[]
  readonly termination: Move
}

/** Where a process stands: the last acknowledged state, and the move that we sent and have no ACK for yet. */
export interface Position<State extends string, Move extends string> {
  readonly role: Role
  readonly state: State
  readonly unacknowledged: Move | null
  /** We decided to end it while the peer could not be addressed yet; the termination follows the first ACK. */
  readonly ending: boolean
}

export type Step<State extends string, Move extends string> =
  | {
      readonly ok: true
      readonly state: State
      readonly unacknowledged: Move | null
      /** Our move that this step proves to have arrived, though its ACK has not; null otherwise. */
      readonly settled: Move | null
    }
  | { readonly ok: false; readonly problem: Problem }

export type Proposal = 'sent' | 'overtakes' | 'ending'

/** Where a move leads, or null where the table has no such arrow. */
export function follow<State extends string, Move extends string>(
  machine: Machine<State, Move>,
  state: State,
  by: Role,
  move: Move,
): State | null {
  const arrow = machine.arrows.find((row) => row.move === move && row.by.includes(by) && row.from.includes(state))
  return arrow === undefined ? null : arrow.to
}

/** No arrow leaves such a state. */
export function isTerminal<State extends string, Move extends string>(
  machine: Machine<State, Move>,
  state: State,
): boolean {
  return !machine.arrows.some((row) => row.from.includes(state))
}

/** The counter-party made a move. Redeliveries never get here: the inbox answers them. */
export function receive<State extends string, Move extends string>(
  machine: Machine<State, Move>,
  { role, state, unacknowledged: ours, ending }: Position<State, Move>,
  move: Move,
): Step<State, Move> {
  const sender = other(role)

  // What we decided to end stays ended, whatever the peer sends before it has heard of it.
  if ((ending || ours === machine.termination) && move !== machine.termination)
    return refusal(machine, sender, move, state)

  const next = follow(machine, state, sender, move)
  const settled = ours === null ? null : follow(machine, state, role, ours)
  if (next !== null) {
    // A completion and a suspension that cross: if each side took the other's, they would stay apart for good. The move
    // that ends the process wins on both sides.
    if (settled !== null && isTerminal(machine, settled) && !isTerminal(machine, next))
      return bad('move.illegal', `${String(ours)} has been sent and ends the ${machine.name}; ${move} comes too late`)
    const stillOpen = ours !== null && follow(machine, next, role, ours) !== null
    return { ok: true, state: next, unacknowledged: stillOpen ? ours : null, settled: null }
  }

  // A reply that only makes sense after our last move proves that it arrived, though its ACK has not.
  const replied = settled === null ? null : follow(machine, settled, sender, move)
  if (replied === null) return refusal(machine, sender, move, state)
  return { ok: true, state: replied, unacknowledged: null, settled: ours }
}

/**
 * We want to make a move. The state stays until the ACK (rule 2); one proposal at a time, except that a termination
 * overtakes an open proposal where it is legal both before and after it, and is put off (`ending`) where the peer has
 * not told us its pid yet.
 */
export function propose<State extends string, Move extends string>(
  machine: Machine<State, Move>,
  { role, state, unacknowledged: ours, ending }: Position<State, Move>,
  move: Move,
): { readonly ok: true; readonly how: Proposal } | { readonly ok: false; readonly problem: Problem } {
  const legalNow = follow(machine, state, role, move) !== null
  if (ours === null && !ending) return legalNow ? { ok: true, how: 'sent' } : refusal(machine, role, move, state)

  const after = ours === null ? null : follow(machine, state, role, ours)
  const legalAfter = after !== null && follow(machine, after, role, move) !== null
  if (move === machine.termination && ours !== machine.termination && legalAfter && !ending) {
    return { ok: true, how: legalNow ? 'overtakes' : 'ending' }
  }
  return bad('move.pending', `${ours ?? machine.termination} is on its way and not acknowledged yet; ${move} must wait`)
}

/** The ACK of our move came. An ACK of a move that was overtaken or settled before changes nothing (null). */
export function acknowledge<State extends string, Move extends string>(
  machine: Machine<State, Move>,
  { role, state, unacknowledged }: Position<State, Move>,
  move: Move,
): State | null {
  return unacknowledged === move ? follow(machine, state, role, move) : null
}

/** Whether `to` can be reached from `from` by any moves of either side (not by none). */
export function isBeyond<State extends string, Move extends string>(
  machine: Machine<State, Move>,
  from: State,
  to: State,
): boolean {
  const reached = new Set<State>([from])
  for (const state of reached) {
    for (const arrow of machine.arrows) {
      if (!arrow.from.includes(state)) continue
      if (arrow.to === to) return true
      reached.add(arrow.to)
    }
  }
  return false
}

/** DSP 2025-1, invalid transition: 400 with the error body; says what would have been allowed. */
function refusal<State extends string, Move extends string>(
  machine: Machine<State, Move>,
  by: Role,
  move: Move,
  state: State,
): { readonly ok: false; readonly problem: Problem } {
  const allowed = machine.arrows.filter((row) => row.by.includes(by) && row.from.includes(state)).map((row) => row.move)
  const instead = allowed.length === 0 ? 'nothing more' : allowed.join(', ')
  return bad('move.illegal', `a ${by} may not send ${move} in a ${machine.name} that is ${state}; allowed: ${instead}`)
}
