// Which step is taken of our own accord and which waits for a person: one setting for each thing that can come in.

/** What a provider does when … is received. `manual`: it waits in the inbox. */
export interface ProviderAutomation {
  readonly onRequested: 'agree' | 'offer' | 'manual'
  readonly onCounterRequested: 'agree' | 'offer' | 'manual'
  readonly onAccepted: 'agree' | 'manual'
  readonly onVerified: 'finalize' | 'manual'
}

/** What a consumer does when … is received. */
export interface ConsumerAutomation {
  readonly onOffered: 'accept' | 'manual'
  readonly onAgreed: 'verify' | 'manual'
}

/** What a provider does with a TransferRequestMessage that the policy permits. */
export interface TransferAutomation {
  readonly onRequested: 'start' | 'manual'
  /** When all of a push has arrived; `complete` where it is not given, as in rows of earlier versions. */
  readonly onPushed?: 'complete' | 'manual'
}

/** What a negotiation carries: its own steps, and how transfers under its agreement begin where the offer says so. */
export interface NegotiationAutomation extends ProviderAutomation, ConsumerAutomation {
  readonly transfer?: Partial<TransferAutomation>
}
