// The identifiers that travel in messages. Any non-empty string is accepted from a peer; ours are `urn:uuid:…`.

import type { Brand } from '../kernel/brand.ts'

/** Who a participant is: its DID, or the plain string that a static token stands for. */
export type ParticipantId = Brand<string, 'ParticipantId'>
export type ProviderPid = Brand<string, 'ProviderPid'>
export type ConsumerPid = Brand<string, 'ConsumerPid'>
/** Our own pid of a process: its providerPid where we provide, its consumerPid where we consume. */
export type Pid = ProviderPid | ConsumerPid
/** The root `@id` of a message. */
export type MessageId = Brand<string, 'MessageId'>
export type AgreementId = Brand<string, 'AgreementId'>
export type DatasetId = Brand<string, 'DatasetId'>
export type OfferId = Brand<string, 'OfferId'>

export type Role = 'CONSUMER' | 'PROVIDER'

export function other(role: Role): Role {
  return role === 'CONSUMER' ? 'PROVIDER' : 'CONSUMER'
}
