// Whose turn it is in a process where nothing is on its way, what we may do in it, and until when it waits. Pure.

import { later, type Instant } from '../../kernel/time.ts'
import { other, type Role } from '../../protocol/ids.ts'
import { compilePolicy } from '../policy/compile.ts'
import { NEGOTIATION_ACTIONS, TRANSFER_ACTIONS, type NegotiationAction, type TransferAction } from './act.ts'
import { follow, type Machine } from './machine.ts'
import { NEGOTIATION, type Negotiation } from './negotiation.ts'
import type { Process } from './steps.ts'
import { TRANSFER, type Transfer } from './transfer.ts'

export type Turn = 'ours' | 'theirs' | 'nobody'

/**
 * The states in which only `role` can take the process further: it has a move other than the termination, and the other
 * side has none. Where both could move, or none, the process runs or is over, and waits for nobody.
 */
export function statesOfTurn<State extends string, Move extends string>(
  { arrows, termination }: Machine<State, Move>,
  role: Role,
): readonly State[] {
  const onward = arrows.filter(({ move }) => move !== termination)
  const movedBy = (by: Role): Set<State> =>
    new Set(onward.filter((arrow) => arrow.by.includes(by)).flatMap(({ from }) => from))
  const theirs = movedBy(other(role))
  return [...movedBy(role)].filter((state) => !theirs.has(state))
}

/** Who must make the next move. Nobody, while a message of ours is under way or the process runs or is over. */
export function turnIn(process: Process): Turn {
  if (process.unacknowledged !== null || process.ending) return 'nobody'
  const { role, state } = process
  const states: (of: Role) => readonly string[] = isNegotiation(process)
    ? (of) => statesOfTurn(NEGOTIATION, of)
    : (of) => statesOfTurn(TRANSFER, of)
  if (states(role).includes(state)) return 'ours'
  return states(other(role)).includes(state) ? 'theirs' : 'nobody'
}

/**
 * What a person may do now, by the names of the actions. Empty while a move of ours is under way. In a negotiation whose
 * offer we do not understand, nothing that would bind us: only another offer, or the end.
 */
export function openActions(process: Process): readonly (NegotiationAction | TransferAction)[] {
  const { unacknowledged, ending, state } = process
  if (unacknowledged !== null || ending || state === 'INITIAL') return []
  return isNegotiation(process) ? negotiationActions(process) : transferActions(process)
}

/** When a process is ended because nobody moved; null where it waits for nobody. */
export function deadlineOf(process: Process, patienceMs: number): Instant | null {
  return turnIn(process) === 'nobody' ? null : later(process.updatedAt, patienceMs)
}

export function isNegotiation(process: Process): process is Negotiation {
  return 'offeredBy' in process
}

const WITHOUT_UNDERSTANDING: readonly NegotiationAction[] = ['offer', 'counter', 'terminate']

function negotiationActions({ role, state, offer }: Negotiation): readonly NegotiationAction[] {
  const isUnderstood = compilePolicy(offer).ok
  return keysOf(NEGOTIATION_ACTIONS).filter(
    (action) =>
      follow(NEGOTIATION, state, role, NEGOTIATION_ACTIONS[action]) !== null &&
      (isUnderstood || WITHOUT_UNDERSTANDING.includes(action)),
  )
}

/** Start and resume are the same message: it starts what was requested, and resumes what is suspended. */
function transferActions({ role, state }: Transfer): readonly TransferAction[] {
  const other: TransferAction = state === 'SUSPENDED' ? 'start' : 'resume'
  return keysOf(TRANSFER_ACTIONS).filter(
    (action) => action !== other && follow(TRANSFER, state, role, TRANSFER_ACTIONS[action]) !== null,
  )
}

function keysOf<Key extends string>(record: Readonly<Record<Key, unknown>>): readonly Key[] {
  return Object.keys(record) as Key[]
}
