// Decides what a contract negotiation may do next: the arrows of DSP 2025-1, one row each, and what we keep of one.

import type { Instant } from '../../kernel/time.ts'
import type { Problem } from '../../kernel/problem.ts'
import type { NegotiationMessage } from '../../protocol/dsp/messages.ts'
import type { NegotiationState as WireState } from '../../protocol/dsp/states.ts'
import type { AgreementId, ParticipantId, Pid, Role } from '../../protocol/ids.ts'
import type { MessageOffer } from '../../protocol/odrl/types.ts'
import type { NegotiationAutomation } from './automation.ts'
import type { Machine } from './machine.ts'

/** INITIAL is ours alone: we sent the opening message and no ACK has come. It never stands on the wire. */
export type NegotiationState = 'INITIAL' | WireState

export type NegotiationMove =
  | 'ContractRequestMessage:initial'
  | 'ContractRequestMessage'
  | 'ContractOfferMessage:initial'
  | 'ContractOfferMessage'
  | 'ContractNegotiationEventMessage:ACCEPTED'
  | 'ContractAgreementMessage'
  | 'ContractAgreementVerificationMessage'
  | 'ContractNegotiationEventMessage:FINALIZED'
  | 'ContractNegotiationTerminationMessage'

const C = 'CONSUMER'
const P = 'PROVIDER'

// Who may terminate follows the text, which says "at any state", not the figure, which names one party from ACCEPTED on
// (decision 004).
// prettier-ignore
export const NEGOTIATION: Machine<NegotiationState, NegotiationMove> = {
  name: 'contract negotiation',
  termination: 'ContractNegotiationTerminationMessage',
  arrows: [
    { move: 'ContractRequestMessage:initial',            by: [C],    from: ['INITIAL'],               to: 'REQUESTED' },
    { move: 'ContractOfferMessage:initial',              by: [P],    from: ['INITIAL'],               to: 'OFFERED' },
    { move: 'ContractRequestMessage',                    by: [C],    from: ['OFFERED'],               to: 'REQUESTED' },
    { move: 'ContractOfferMessage',                      by: [P],    from: ['REQUESTED'],             to: 'OFFERED' },
    { move: 'ContractNegotiationEventMessage:ACCEPTED',  by: [C],    from: ['OFFERED'],               to: 'ACCEPTED' },
    { move: 'ContractAgreementMessage',                  by: [P],    from: ['REQUESTED', 'ACCEPTED'], to: 'AGREED' },
    { move: 'ContractAgreementVerificationMessage',      by: [C],    from: ['AGREED'],                to: 'VERIFIED' },
    { move: 'ContractNegotiationEventMessage:FINALIZED', by: [P],    from: ['VERIFIED'],              to: 'FINALIZED' },
    { move: 'ContractNegotiationTerminationMessage',     by: [C, P], to: 'TERMINATED',
      from: ['REQUESTED', 'OFFERED', 'ACCEPTED', 'AGREED', 'VERIFIED'] },
  ],
}

/** A contract negotiation as we keep it. `pid` is our own: the providerPid where we provide, else the consumerPid. */
export interface Negotiation {
  readonly pid: Pid
  readonly role: Role
  /** The counter-party's pid; null until its first answer (or an early callback) names it. */
  readonly peerPid: string | null
  readonly counterparty: ParticipantId
  /** Base URL that the counter-party's paths extend: its callbackAddress or its DSP base; no trailing slash. */
  readonly peerAddress: string
  readonly state: NegotiationState
  readonly unacknowledged: NegotiationMove | null
  readonly ending: boolean
  /** The current offer, and whose it is (an offer of the consumer's own cannot be accepted by it). */
  readonly offer: MessageOffer
  readonly offeredBy: Role
  readonly agreementId: AgreementId | null
  readonly automation: NegotiationAutomation
  /** Why it ended, or what went wrong last; the peer's own words where it gave some. */
  readonly problem: Problem | null
  /** Digest of the opening message without its `@id`: a repeat opens nothing new, another body is refused. */
  readonly openingDigest: string | null
  readonly createdAt: Instant
  readonly updatedAt: Instant
  /** When the counter-party last moved; an early 404 or 409 soon after is tried again (EDC). */
  readonly peerMovedAt: Instant
}

/** Which move a message makes: the two requests, the two offers and the two events are told apart here. */
export function negotiationMoveOf(message: NegotiationMessage): NegotiationMove {
  switch (message['@type']) {
    case 'ContractRequestMessage':
      return message.providerPid === undefined ? 'ContractRequestMessage:initial' : 'ContractRequestMessage'
    case 'ContractOfferMessage':
      return message.consumerPid === undefined ? 'ContractOfferMessage:initial' : 'ContractOfferMessage'
    case 'ContractNegotiationEventMessage':
      return `ContractNegotiationEventMessage:${message.eventType}`
    default:
      return message['@type']
  }
}
