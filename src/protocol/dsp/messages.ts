// The messages of DSP 2025-1 as types: what they look like once they are valid. One interface a message, in the order of the specification.

import type { AgreementId, ConsumerPid, DatasetId, MessageId, ParticipantId, ProviderPid } from '../ids.ts'
import type { Agreement, MessageOffer, Offer } from '../odrl/types.ts'
import type { NegotiationState, TransferState } from './states.ts'

export const DSP_CONTEXT = 'https://w3id.org/dspace/2025/1/context.jsonld'
export const DSP_VERSION = '2025-1'

interface Message<Type extends string> {
  readonly '@context': readonly string[]
  readonly '@type': Type
  /** Stable over all attempts to deliver the same message; not in the schemas, which allow it (decision 006). */
  readonly '@id'?: MessageId
}

interface Pids {
  readonly providerPid: ProviderPid
  readonly consumerPid: ConsumerPid
}

/** Why: a code and sentences. Peers send anything in `reason`. */
interface Coded {
  readonly code?: string
  readonly reason?: readonly unknown[]
}

// Catalog protocol

export interface CatalogRequestMessage extends Message<'CatalogRequestMessage'> {
  readonly filter?: readonly unknown[]
}

export interface DataService {
  readonly '@id': string
  readonly '@type': 'DataService'
  readonly endpointURL: string
  readonly endpointDescription?: string
}

/** Within a Catalog peers may leave the `@type` of a Distribution or a Dataset out; we write it. */
export interface Distribution {
  readonly '@type'?: 'Distribution'
  readonly format: string
  /** A DataService, or the `@id` of one in the same Catalog. */
  readonly accessService: string | DataService
  readonly hasPolicy?: readonly Offer[]
}

export interface Dataset {
  readonly '@id': DatasetId
  readonly '@type'?: 'Dataset'
  readonly hasPolicy: readonly Offer[]
  readonly distribution: readonly Distribution[]
  readonly [property: string]: unknown
}

export interface RootDataset extends Dataset {
  readonly '@context': readonly string[]
  readonly '@type': 'Dataset'
}

/** A Catalog within a Catalog. Lists are left out when empty: the schema forbids empty ones. */
export interface NestedCatalog {
  readonly '@id': string
  readonly '@type': 'Catalog'
  /** The text demands at least one; a Catalog that only holds Catalogs has none (official example). */
  readonly service?: readonly DataService[]
  readonly dataset?: readonly Dataset[]
  readonly catalog?: readonly NestedCatalog[]
  readonly distribution?: readonly Distribution[]
}

export interface Catalog extends NestedCatalog {
  readonly '@context': readonly string[]
  readonly participantId: ParticipantId
}

export interface CatalogError extends Message<'CatalogError'>, Coded {}

// Contract negotiation protocol

/** Opens a negotiation (`callbackAddress`) or answers an offer with another one (`providerPid`): exactly one of the two. */
export interface ContractRequestMessage extends Message<'ContractRequestMessage'> {
  readonly consumerPid: ConsumerPid
  readonly providerPid?: ProviderPid
  readonly callbackAddress?: string
  readonly offer: MessageOffer
}

/** Opens a negotiation from the provider's side (`callbackAddress`) or offers within one (`consumerPid`). */
export interface ContractOfferMessage extends Message<'ContractOfferMessage'> {
  readonly providerPid: ProviderPid
  readonly consumerPid?: ConsumerPid
  readonly callbackAddress?: string
  readonly offer: MessageOffer
}

export interface ContractAgreementMessage extends Message<'ContractAgreementMessage'>, Pids {
  readonly agreement: Agreement
}

export interface ContractAgreementVerificationMessage extends Message<'ContractAgreementVerificationMessage'>, Pids {}

export interface ContractNegotiationEventMessage extends Message<'ContractNegotiationEventMessage'>, Pids {
  readonly eventType: 'ACCEPTED' | 'FINALIZED'
}

export interface ContractNegotiationTerminationMessage
  extends Message<'ContractNegotiationTerminationMessage'>, Pids, Coded {}

/** The ACK: what a process looks like to the counter-party. */
export interface ContractNegotiation extends Message<'ContractNegotiation'>, Pids {
  readonly state: NegotiationState
}

export interface ContractNegotiationError extends Message<'ContractNegotiationError'>, Partial<Pids>, Coded {}

// Transfer process protocol

export interface EndpointProperty {
  readonly '@type': 'EndpointProperty'
  readonly name: string
  readonly value: string
}

export interface DataAddress {
  readonly '@type': 'DataAddress'
  readonly endpointType: string
  readonly endpoint?: string
  readonly endpointProperties?: readonly EndpointProperty[]
}

export interface TransferRequestMessage extends Message<'TransferRequestMessage'> {
  readonly consumerPid: ConsumerPid
  readonly agreementId: AgreementId
  readonly format: string
  readonly callbackAddress: string
  readonly dataAddress?: DataAddress
}

export interface TransferStartMessage extends Message<'TransferStartMessage'>, Pids {
  readonly dataAddress?: DataAddress
}

export interface TransferSuspensionMessage extends Message<'TransferSuspensionMessage'>, Pids, Coded {}
export interface TransferCompletionMessage extends Message<'TransferCompletionMessage'>, Pids {}
export interface TransferTerminationMessage extends Message<'TransferTerminationMessage'>, Pids, Coded {}

export interface TransferProcess extends Message<'TransferProcess'>, Pids {
  readonly state: TransferState
}

export interface TransferError extends Message<'TransferError'>, Partial<Pids>, Coded {}

/** A message that moves a contract negotiation. */
export type NegotiationMessage =
  | ContractRequestMessage
  | ContractOfferMessage
  | ContractAgreementMessage
  | ContractAgreementVerificationMessage
  | ContractNegotiationEventMessage
  | ContractNegotiationTerminationMessage

/** A message that moves a transfer process. */
export type TransferMessage =
  | TransferRequestMessage
  | TransferStartMessage
  | TransferSuspensionMessage
  | TransferCompletionMessage
  | TransferTerminationMessage

/** Every type that has a schema, by its `@type`. */
export interface MessageTypes {
  CatalogRequestMessage: CatalogRequestMessage
  Catalog: Catalog
  Dataset: RootDataset
  CatalogError: CatalogError
  ContractRequestMessage: ContractRequestMessage
  ContractOfferMessage: ContractOfferMessage
  ContractAgreementMessage: ContractAgreementMessage
  ContractAgreementVerificationMessage: ContractAgreementVerificationMessage
  ContractNegotiationEventMessage: ContractNegotiationEventMessage
  ContractNegotiationTerminationMessage: ContractNegotiationTerminationMessage
  ContractNegotiation: ContractNegotiation
  ContractNegotiationError: ContractNegotiationError
  TransferRequestMessage: TransferRequestMessage
  TransferStartMessage: TransferStartMessage
  TransferSuspensionMessage: TransferSuspensionMessage
  TransferCompletionMessage: TransferCompletionMessage
  TransferTerminationMessage: TransferTerminationMessage
  TransferProcess: TransferProcess
  TransferError: TransferError
}

export type MessageType = keyof MessageTypes
