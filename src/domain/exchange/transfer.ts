// Decides what a transfer process may do next: the arrows of DSP 2025-1, one row each, and what we keep of one.

import type { Problem } from '../../kernel/problem.ts'
import type { Instant } from '../../kernel/time.ts'
import type { DataAddress, TransferMessage } from '../../protocol/dsp/messages.ts'
import type { TransferState as WireState } from '../../protocol/dsp/states.ts'
import type { AgreementId, DatasetId, ParticipantId, Pid, Role } from '../../protocol/ids.ts'
import type { TransferAutomation } from './automation.ts'
import { follow, type Machine } from './machine.ts'

/** INITIAL is ours alone: we sent the request and no ACK has come. It never stands on the wire. */
export type TransferState = 'INITIAL' | WireState

export type TransferMove = TransferMessage['@type']

const C = 'CONSUMER'
const P = 'PROVIDER'

// prettier-ignore
export const TRANSFER: Machine<TransferState, TransferMove> = {
  name: 'transfer process',
  termination: 'TransferTerminationMessage',
  arrows: [
    { move: 'TransferRequestMessage',     by: [C],    from: ['INITIAL'],                           to: 'REQUESTED' },
    { move: 'TransferStartMessage',       by: [P],    from: ['REQUESTED'],                         to: 'STARTED' },
    { move: 'TransferStartMessage',       by: [C, P], from: ['SUSPENDED'],                         to: 'STARTED' },
    { move: 'TransferSuspensionMessage',  by: [C, P], from: ['STARTED'],                           to: 'SUSPENDED' },
    { move: 'TransferCompletionMessage',  by: [C, P], from: ['STARTED'],                           to: 'COMPLETED' },
    { move: 'TransferTerminationMessage', by: [C, P], from: ['REQUESTED', 'STARTED', 'SUSPENDED'], to: 'TERMINATED' },
  ],
}

/** A transfer process as we keep it. `pid` is our own: the providerPid where we provide, else the consumerPid. */
export interface Transfer {
  readonly pid: Pid
  readonly role: Role
  readonly peerPid: string | null
  readonly counterparty: ParticipantId
  readonly peerAddress: string
  readonly state: TransferState
  readonly unacknowledged: TransferMove | null
  readonly ending: boolean
  readonly agreementId: AgreementId
  readonly datasetId: DatasetId
  readonly format: string
  /** Where the data is, as the provider's last TransferStartMessage said (consumer), or where a push goes (provider of one). */
  readonly dataAddress: DataAddress | null
  /** When the token of that address was given to us; null where we were given none. */
  readonly addressAt: Instant | null
  readonly automation: TransferAutomation
  readonly problem: Problem | null
  readonly openingDigest: string | null
  readonly createdAt: Instant
  readonly updatedAt: Instant
  readonly peerMovedAt: Instant
  /** A move of ours that the counter-party's overtook: its message may still be under way until then. Null where none is. */
  readonly overtaken: { readonly move: TransferMove; readonly until: Instant } | null
  /** We, the consumer, resumed it last: the provider may say again where the data is (EDC does). */
  readonly resumed: boolean
}

/**
 * Whether data may flow under this transfer, as far as the transfer itself goes: started (or a start of ours on its way,
 * whose arrival the use of its token proves), and no suspension, completion or end of ours open. Access follows our
 * decision, not the peer's ACK.
 */
export function isOpen({ state, unacknowledged, ending, role }: Transfer): boolean {
  if (ending) return false
  if (state === 'STARTED') return unacknowledged === null
  return role === P && unacknowledged === 'TransferStartMessage'
}

/**
 * Whether a move of ours takes access away that the provider gives. Such a move is not taken back because the peer refuses
 * it: a consumer could keep its access by saying no.
 */
export function takesAccess(role: Role, move: string): boolean {
  return role === P && (move === 'TransferSuspensionMessage' || move === 'TransferCompletionMessage')
}

/**
 * Whether the state `next` would make a move of ours valid again that the counter-party's has overtaken, while its message may
 * still be under way: a suspension that is taken after the resumption that follows would leave the sides apart. Until it is
 * certain what became of it, neither side's resumption is made here.
 */
export function revivesOvertaken({ overtaken, role }: Transfer, next: TransferState, now: Instant): boolean {
  return overtaken !== null && now < overtaken.until && follow(TRANSFER, next, role, overtaken.move) !== null
}
