// The states of DSP 2025-1, as they stand on the wire.

// prettier-ignore
export const NEGOTIATION_STATES = ['REQUESTED', 'OFFERED', 'ACCEPTED', 'AGREED', 'VERIFIED', 'FINALIZED', 'TERMINATED'] as const
export const TRANSFER_STATES = ['REQUESTED', 'STARTED', 'SUSPENDED', 'COMPLETED', 'TERMINATED'] as const

export type NegotiationState = (typeof NEGOTIATION_STATES)[number]
export type TransferState = (typeof TRANSFER_STATES)[number]
