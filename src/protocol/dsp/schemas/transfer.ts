// The messages of the transfer process protocol, DSP 2025-1.

import { TRANSFER_STATES } from '../states.ts'
import { CODED, ID, listOf, message, object, PID, PIDS, TEXT, WORD } from './parts.ts'

const ENDPOINT_PROPERTIES_MAX = 64

const BOTH_PIDS = ['providerPid', 'consumerPid']

const ENDPOINT_PROPERTY = object({ '@type': { const: 'EndpointProperty' }, name: TEXT, value: TEXT }, [
  '@type',
  'name',
  'value',
])

const DATA_ADDRESS = object(
  {
    '@type': { const: 'DataAddress' },
    endpointType: WORD,
    endpoint: TEXT,
    endpointProperties: listOf(ENDPOINT_PROPERTY, ENDPOINT_PROPERTIES_MAX),
  },
  ['@type', 'endpointType'],
)

const REQUEST = { consumerPid: PID, agreementId: ID, format: WORD, callbackAddress: WORD, dataAddress: DATA_ADDRESS }
const STATE = { ...PIDS, state: { enum: TRANSFER_STATES } }

// prettier-ignore
export const TRANSFER_SCHEMAS = {
  TransferRequestMessage:     message('TransferRequestMessage', REQUEST, ['consumerPid', 'agreementId', 'format', 'callbackAddress']),
  TransferStartMessage:       message('TransferStartMessage', { ...PIDS, dataAddress: DATA_ADDRESS }, BOTH_PIDS),
  TransferSuspensionMessage:  message('TransferSuspensionMessage', { ...PIDS, ...CODED }, BOTH_PIDS),
  TransferCompletionMessage:  message('TransferCompletionMessage', PIDS, BOTH_PIDS),
  TransferTerminationMessage: message('TransferTerminationMessage', { ...PIDS, ...CODED }, BOTH_PIDS),
  TransferProcess:            message('TransferProcess', STATE, [...BOTH_PIDS, 'state']),
  // As with a ContractNegotiationError, the pids may be missing.
  TransferError:              message('TransferError', { ...PIDS, ...CODED }, []),
}
