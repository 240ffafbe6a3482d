// The HTTPS binding of DSP 2025-1 as one table: which message goes to which path of which side, and what answers it.

import { problem, ProblemError } from '../../kernel/problem.ts'
import type { Role } from '../ids.ts'
import type { MessageType } from './messages.ts'

/** One path below a participant's base (provider) or callback address (consumer). */
export interface Binding {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** What is sent, or with GET what is asked for. */
  readonly message: MessageType
  readonly receiver: Role
  /** Whether the message begins a process, so that the receiver has no pid of it yet. */
  readonly opens: boolean
}

const P = 'PROVIDER'
const C = 'CONSUMER'

// The consumer's GET of a transfer is missing from the specification's table, and every test kit asks for it.
// prettier-ignore
export const BINDINGS = [
  { method: 'POST', path: '/catalog/request',                                 message: 'CatalogRequestMessage',                receiver: P, opens: true },
  { method: 'GET',  path: '/catalog/datasets/:id',                            message: 'Dataset',                              receiver: P, opens: false },

  { method: 'GET',  path: '/negotiations/:providerPid',                       message: 'ContractNegotiation',                  receiver: P, opens: false },
  { method: 'POST', path: '/negotiations/request',                            message: 'ContractRequestMessage',               receiver: P, opens: true },
  { method: 'POST', path: '/negotiations/:providerPid/request',               message: 'ContractRequestMessage',               receiver: P, opens: false },
  { method: 'POST', path: '/negotiations/:providerPid/events',                message: 'ContractNegotiationEventMessage',      receiver: P, opens: false },
  { method: 'POST', path: '/negotiations/:providerPid/agreement/verification', message: 'ContractAgreementVerificationMessage', receiver: P, opens: false },
  { method: 'POST', path: '/negotiations/:providerPid/termination',           message: 'ContractNegotiationTerminationMessage', receiver: P, opens: false },

  { method: 'GET',  path: '/negotiations/:consumerPid',                       message: 'ContractNegotiation',                  receiver: C, opens: false },
  { method: 'POST', path: '/negotiations/offers',                             message: 'ContractOfferMessage',                 receiver: C, opens: true },
  { method: 'POST', path: '/negotiations/:consumerPid/offers',                message: 'ContractOfferMessage',                 receiver: C, opens: false },
  { method: 'POST', path: '/negotiations/:consumerPid/agreement',             message: 'ContractAgreementMessage',             receiver: C, opens: false },
  { method: 'POST', path: '/negotiations/:consumerPid/events',                message: 'ContractNegotiationEventMessage',      receiver: C, opens: false },
  { method: 'POST', path: '/negotiations/:consumerPid/termination',           message: 'ContractNegotiationTerminationMessage', receiver: C, opens: false },

  { method: 'GET',  path: '/transfers/:providerPid',                          message: 'TransferProcess',                      receiver: P, opens: false },
  { method: 'POST', path: '/transfers/request',                               message: 'TransferRequestMessage',               receiver: P, opens: true },
  { method: 'POST', path: '/transfers/:providerPid/start',                    message: 'TransferStartMessage',                 receiver: P, opens: false },
  { method: 'POST', path: '/transfers/:providerPid/suspension',               message: 'TransferSuspensionMessage',            receiver: P, opens: false },
  { method: 'POST', path: '/transfers/:providerPid/completion',               message: 'TransferCompletionMessage',            receiver: P, opens: false },
  { method: 'POST', path: '/transfers/:providerPid/termination',              message: 'TransferTerminationMessage',           receiver: P, opens: false },

  { method: 'GET',  path: '/transfers/:consumerPid',                          message: 'TransferProcess',                      receiver: C, opens: false },
  { method: 'POST', path: '/transfers/:consumerPid/start',                    message: 'TransferStartMessage',                 receiver: C, opens: false },
  { method: 'POST', path: '/transfers/:consumerPid/suspension',               message: 'TransferSuspensionMessage',            receiver: C, opens: false },
  { method: 'POST', path: '/transfers/:consumerPid/completion',               message: 'TransferCompletionMessage',            receiver: C, opens: false },
  { method: 'POST', path: '/transfers/:consumerPid/termination',              message: 'TransferTerminationMessage',           receiver: C, opens: false },
] as const satisfies readonly Binding[]

/** What has a path: the messages that are sent, and the objects that are asked for. */
export type BoundMessage = (typeof BINDINGS)[number]['message']

/**
 * The path of a message, to be put behind the receiver's base or callback address.
 *
 * @param receiver who serves the path
 * @param id       the receiver's own pid of the process (or the Dataset's id); left out for a message that begins a process
 * @returns a path that begins with `/`; throws a Problem for an id that no path can carry
 */
export function pathOf(message: BoundMessage, receiver: Role, id?: string): string {
  const opens = id === undefined
  const binding = BINDINGS.find((row) => row.message === message && row.receiver === receiver && row.opens === opens)
  if (binding === undefined) {
    throw new Error(`the ${receiver} has no path for a ${message} ${opens ? 'without' : 'with'} a pid`)
  }
  return id === undefined ? binding.path : binding.path.replace(/:[a-zA-Z]+/, () => segment(id))
}

/**
 * A text as one segment of a path (RFC 3986, 3.3). What a segment may hold stays as it is, because peers compare
 * `urn:uuid:…` without decoding it.
 */
export function segment(text: string): string {
  // URL parsers take `.` and `..` for steps, percent-encoded or not: such an id would lead to another path.
  if (text === '' || text === '.' || text === '..') {
    throw new ProblemError(problem('request.malformed', `expected an id that can stand in a path, and "${text}" came`))
  }
  return encodeURIComponent(text).replace(/%(3A|40|24|26|2B|2C|3B|3D)/g, decodeURIComponent)
}
