// The words of the scenarios: each is a message, a path on either side, and the state that it leads to.

import { randomUUID } from 'node:crypto'
import { messageOf } from './counterparty.ts'
import type { Message } from './judge.ts'

export interface Word {
  readonly type: string
  /** Below the receiver's address; `:pid` is the receiver's own. */
  readonly path: string
  readonly leadsTo: string
}

// prettier-ignore
export const NEGOTIATION_WORDS: Readonly<Record<string, Word>> = {
  request:   { type: 'ContractRequestMessage',                path: '/negotiations/request',                     leadsTo: 'REQUESTED' },
  counter:   { type: 'ContractRequestMessage',                path: '/negotiations/:pid/request',                leadsTo: 'REQUESTED' },
  offer:     { type: 'ContractOfferMessage',                  path: '/negotiations/:pid/offers',                 leadsTo: 'OFFERED' },
  accept:    { type: 'ContractNegotiationEventMessage',       path: '/negotiations/:pid/events',                 leadsTo: 'ACCEPTED' },
  agree:     { type: 'ContractAgreementMessage',              path: '/negotiations/:pid/agreement',              leadsTo: 'AGREED' },
  verify:    { type: 'ContractAgreementVerificationMessage',  path: '/negotiations/:pid/agreement/verification', leadsTo: 'VERIFIED' },
  finalize:  { type: 'ContractNegotiationEventMessage',       path: '/negotiations/:pid/events',                 leadsTo: 'FINALIZED' },
  terminate: { type: 'ContractNegotiationTerminationMessage', path: '/negotiations/:pid/termination',            leadsTo: 'TERMINATED' },
}

// prettier-ignore
export const TRANSFER_WORDS: Readonly<Record<string, Word>> = {
  request:   { type: 'TransferRequestMessage',     path: '/transfers/request',          leadsTo: 'REQUESTED' },
  start:     { type: 'TransferStartMessage',       path: '/transfers/:pid/start',       leadsTo: 'STARTED' },
  resume:    { type: 'TransferStartMessage',       path: '/transfers/:pid/start',       leadsTo: 'STARTED' },
  suspend:   { type: 'TransferSuspensionMessage',  path: '/transfers/:pid/suspension',  leadsTo: 'SUSPENDED' },
  complete:  { type: 'TransferCompletionMessage',  path: '/transfers/:pid/completion',  leadsTo: 'COMPLETED' },
  terminate: { type: 'TransferTerminationMessage', path: '/transfers/:pid/termination', leadsTo: 'TERMINATED' },
}

export interface Pids {
  readonly providerPid: string
  readonly consumerPid: string
}

export const USE: Message = { permission: [{ action: 'use' }] }

/** What a message of the counter-party is about. */
export interface Subject {
  readonly pids: Pids
  readonly callbackAddress: string
  readonly offer: Message
  readonly assigner: string
  readonly assignee: string
  readonly agreementId: string
  readonly format: string
}

/** The message that the kit sends for a word: with what it writes, and without what it leaves out. */
export function kitMessage(word: string, { type }: Word, subject: Subject): Message {
  const { pids, callbackAddress, offer, assigner, assignee, agreementId, format } = subject
  switch (type) {
    case 'ContractRequestMessage': {
      const about = word === 'request' ? { consumerPid: pids.consumerPid, callbackAddress } : pids
      return messageOf(type, { ...about, offer })
    }
    case 'ContractOfferMessage':
      return messageOf(type, { ...pids, offer: { ...offer, assigner, assignee } })
    case 'ContractAgreementMessage': {
      const agreed = { ...offer, '@id': randomUUID(), '@type': 'Agreement', assigner, assignee }
      // The kit's clock has nanoseconds.
      return messageOf(type, { ...pids, agreement: { ...agreed, timestamp: '2026-01-01T00:00:00.123456789Z' } })
    }
    case 'ContractNegotiationEventMessage':
      return messageOf(type, { ...pids, eventType: word === 'accept' ? 'ACCEPTED' : 'FINALIZED' })
    case 'TransferRequestMessage':
      return messageOf(type, { consumerPid: pids.consumerPid, agreementId, format, callbackAddress })
    case 'TransferStartMessage':
      return messageOf(type, { ...pids, ...(word === 'start' && { dataAddress: DATA_ADDRESS }) })
    case 'TransferCompletionMessage':
    case 'ContractAgreementVerificationMessage':
      return messageOf(type, pids as unknown as Message)
    default:
      return messageOf(type, { ...pids, code: '1' })
  }
}

/** No token and no properties: all that the kit says of where its data is. */
const DATA_ADDRESS: Message = {
  '@type': 'DataAddress',
  endpointType: 'https://w3id.org/idsa/v4.1/HTTP',
  endpoint: 'http://example.com',
}
