// What several of the shell's actions are given by `app`: settings of the exchange, and where decisions get time and ids.

import type { OfferIndex } from '../domain/catalog/offer-index.ts'
import type { OfferDefinition } from '../domain/policy/offer-definition.ts'
import type { NegotiationAutomation, TransferAutomation } from '../domain/exchange/automation.ts'
import type { Scene } from '../domain/exchange/scene.ts'

/** The scene of one decision: the time now, and identifiers that nobody has used. */
export type NewScene = () => Scene

/** The offers that are in force, as one generation: a request sees all of an edit or nothing of it. */
export type Definitions = () => readonly OfferDefinition[]

/** The same offers, ready to be asked which of them stand on a dataset. */
export type Offers = () => OfferIndex

/** Lets everything else that waits go first. Work that may be long stops here every few milliseconds. */
export type Pause = () => Promise<void>

export interface Defaults {
  readonly negotiation: NegotiationAutomation
  readonly transfer: TransferAutomation
}

/** Keeps back what a process has to send until the answer to the message that caused it has left. Returns the release. */
export type Hold = (pid: string) => () => void
