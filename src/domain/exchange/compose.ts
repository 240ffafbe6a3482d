// The messages that we send, made from the process that they move. `@id` is ours and stays the same at every attempt.

import type { DataAddress, NegotiationMessage, TransferMessage } from '../../protocol/dsp/messages.ts'
import { DSP_CONTEXT } from '../../protocol/dsp/messages.ts'
import type { ConsumerPid, MessageId, ProviderPid } from '../../protocol/ids.ts'
import { withoutRules } from '../../protocol/odrl/rules-of.ts'
import { rulesToWire } from '../../protocol/odrl/to-wire.ts'
import type { Agreement, MessageOffer } from '../../protocol/odrl/types.ts'
import { invariant } from '../../kernel/invariant.ts'
import type { Negotiation } from './negotiation.ts'
import type { Transfer } from './transfer.ts'

interface BothPids {
  readonly providerPid: ProviderPid
  readonly consumerPid: ConsumerPid
}

/** What a message needs beside the process: its `@id`, and what the move is about. */
export interface Contents {
  readonly messageId: MessageId
  /** Our own DSP base, for the messages that open a process. */
  readonly callbackAddress: string
  readonly agreement?: Agreement
  readonly dataAddress?: DataAddress
  /** Why a person or the policy ended or paused it. */
  readonly code?: string
  readonly reason?: string
}

/** The pids of a process by their names on the wire; the peer's is missing until it has answered. */
export function knownPids({ role, pid, peerPid }: Negotiation | Transfer): Partial<BothPids> {
  const [providerPid, consumerPid] = role === 'PROVIDER' ? [pid, peerPid] : [peerPid, pid]
  return {
    ...(providerPid !== null && { providerPid: providerPid as ProviderPid }),
    ...(consumerPid !== null && { consumerPid: consumerPid as ConsumerPid }),
  }
}

export function bothPids(process: Negotiation | Transfer): BothPids {
  const { providerPid, consumerPid } = knownPids(process)
  invariant(providerPid !== undefined && consumerPid !== undefined, `both pids of ${process.pid} are known`)
  return { providerPid, consumerPid }
}

export function composeNegotiation(
  negotiation: Negotiation,
  move: NonNullable<Negotiation['unacknowledged']>,
  contents: Contents,
): NegotiationMessage {
  const head = { '@context': [DSP_CONTEXT], '@id': contents.messageId } as const
  const { callbackAddress } = contents
  switch (move) {
    case 'ContractRequestMessage:initial':
      return {
        ...head,
        '@type': 'ContractRequestMessage',
        consumerPid: negotiation.pid as ConsumerPid,
        callbackAddress,
        offer: toWire(negotiation.offer),
      }
    case 'ContractRequestMessage':
      return {
        ...head,
        '@type': 'ContractRequestMessage',
        ...bothPids(negotiation),
        offer: toWire(negotiation.offer),
      }
    case 'ContractOfferMessage:initial':
      return {
        ...head,
        '@type': 'ContractOfferMessage',
        providerPid: negotiation.pid as ProviderPid,
        callbackAddress,
        offer: toWire(negotiation.offer),
      }
    case 'ContractOfferMessage':
      return {
        ...head,
        '@type': 'ContractOfferMessage',
        ...bothPids(negotiation),
        offer: toWire(negotiation.offer),
      }
    case 'ContractAgreementMessage': {
      const { agreement } = contents
      invariant(agreement !== undefined, 'a ContractAgreementMessage carries an agreement')
      return {
        ...head,
        '@type': 'ContractAgreementMessage',
        ...bothPids(negotiation),
        agreement: toWire(agreement),
      }
    }
    case 'ContractAgreementVerificationMessage':
      return { ...head, '@type': move, ...bothPids(negotiation) }
    case 'ContractNegotiationEventMessage:ACCEPTED':
      return { ...head, '@type': 'ContractNegotiationEventMessage', ...bothPids(negotiation), eventType: 'ACCEPTED' }
    case 'ContractNegotiationEventMessage:FINALIZED':
      return { ...head, '@type': 'ContractNegotiationEventMessage', ...bothPids(negotiation), eventType: 'FINALIZED' }
    case 'ContractNegotiationTerminationMessage':
      return { ...head, '@type': move, ...bothPids(negotiation), ...why(contents) }
  }
}

export function composeTransfer(
  transfer: Transfer,
  move: NonNullable<Transfer['unacknowledged']>,
  contents: Contents,
): TransferMessage {
  const head = { '@context': [DSP_CONTEXT], '@id': contents.messageId } as const
  const { callbackAddress, dataAddress } = contents
  switch (move) {
    case 'TransferRequestMessage':
      return {
        ...head,
        '@type': move,
        consumerPid: transfer.pid as ConsumerPid,
        agreementId: transfer.agreementId,
        format: transfer.format,
        callbackAddress,
        ...(dataAddress !== undefined && { dataAddress }),
      }
    case 'TransferStartMessage':
      return { ...head, '@type': move, ...bothPids(transfer), ...(dataAddress !== undefined && { dataAddress }) }
    case 'TransferCompletionMessage':
      return { ...head, '@type': move, ...bothPids(transfer) }
    case 'TransferSuspensionMessage':
    case 'TransferTerminationMessage':
      return { ...head, '@type': move, ...bothPids(transfer), ...why(contents) }
  }
}

function why({ code, reason }: Contents): { readonly code?: string; readonly reason?: readonly string[] } {
  return { ...(code !== undefined && { code }), ...(reason !== undefined && { reason: [reason] }) }
}

/** Nothing of its rules stays as it is kept: a member in two spellings would be one too many. */
function toWire<P extends MessageOffer | Agreement>(policy: P): P {
  return { ...withoutRules(policy), ...rulesToWire(policy) } as P
}
