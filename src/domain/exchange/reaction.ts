// What we do of our own accord when a message has moved a process: one row for each thing that can come in.

import type { ConsumerAutomation, ProviderAutomation } from './automation.ts'
import type { Negotiation, NegotiationMove } from './negotiation.ts'
import type { Transfer, TransferMove } from './transfer.ts'

export type NegotiationReaction = 'offer' | 'agree' | 'finalize' | 'accept' | 'verify'
export type TransferReaction = 'start'

// prettier-ignore
const SETTINGS = {
  'ContractRequestMessage:initial':           'onRequested',
  'ContractRequestMessage':                   'onCounterRequested',
  'ContractNegotiationEventMessage:ACCEPTED': 'onAccepted',
  'ContractAgreementVerificationMessage':     'onVerified',
  'ContractOfferMessage:initial':             'onOffered',
  'ContractOfferMessage':                     'onOffered',
  'ContractAgreementMessage':                 'onAgreed',
} as const satisfies Partial<Record<NegotiationMove, keyof (ProviderAutomation & ConsumerAutomation)>>

/** The step that follows a received move, or null where a person decides (or nothing follows). */
export function negotiationReaction(
  { automation }: Negotiation,
  received: NegotiationMove,
): NegotiationReaction | null {
  if (!(received in SETTINGS)) return null
  const setting = automation[SETTINGS[received as keyof typeof SETTINGS]]
  return setting === 'manual' ? null : setting
}

export function transferReaction({ automation, role }: Transfer, received: TransferMove): TransferReaction | null {
  if (role !== 'PROVIDER' || received !== 'TransferRequestMessage') return null
  return automation.onRequested === 'manual' ? null : automation.onRequested
}
