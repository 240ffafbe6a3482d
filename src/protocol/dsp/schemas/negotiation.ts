// The messages of the contract negotiation protocol, DSP 2025-1.

import { NEGOTIATION_STATES } from '../states.ts'
import { CODED, eitherOr, message, PIDS, WORD } from './parts.ts'
import { AGREEMENT, MESSAGE_OFFER } from './policy.ts'

const BOTH_PIDS = ['providerPid', 'consumerPid']

const REQUEST = { ...PIDS, callbackAddress: WORD, offer: MESSAGE_OFFER }
const EVENT = { ...PIDS, eventType: { enum: ['ACCEPTED', 'FINALIZED'] } }
const STATE = { ...PIDS, state: { enum: NEGOTIATION_STATES } }

const CONTRACT_REQUEST_MESSAGE = {
  ...message('ContractRequestMessage', REQUEST, ['consumerPid', 'offer']),
  ...eitherOr('callbackAddress', 'providerPid'),
}

const CONTRACT_OFFER_MESSAGE = {
  ...message('ContractOfferMessage', REQUEST, ['providerPid', 'offer']),
  ...eitherOr('callbackAddress', 'consumerPid'),
}

// prettier-ignore
export const NEGOTIATION_SCHEMAS = {
  ContractRequestMessage:               CONTRACT_REQUEST_MESSAGE,
  ContractOfferMessage:                 CONTRACT_OFFER_MESSAGE,
  ContractAgreementMessage:             message('ContractAgreementMessage', { ...PIDS, agreement: AGREEMENT }, [...BOTH_PIDS, 'agreement']),
  ContractAgreementVerificationMessage: message('ContractAgreementVerificationMessage', PIDS, BOTH_PIDS),
  ContractNegotiationEventMessage:      message('ContractNegotiationEventMessage', EVENT, [...BOTH_PIDS, 'eventType']),
  ContractNegotiationTerminationMessage: message('ContractNegotiationTerminationMessage', { ...PIDS, ...CODED }, BOTH_PIDS),
  ContractNegotiation:                  message('ContractNegotiation', STATE, [...BOTH_PIDS, 'state']),
  // The official schema demands both pids, and EDC sends none: what a peer says when it refuses must not be lost for that.
  ContractNegotiationError:             message('ContractNegotiationError', { ...PIDS, ...CODED }, []),
}
