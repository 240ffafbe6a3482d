// What a decision on the exchange needs from outside: who we are, what time it is, fresh identifiers, and the delays.

import type { Instant } from '../../kernel/time.ts'
import type { AccessToken } from '../delivery/access-token.ts'
import type { AgreementId, MessageId, ParticipantId, Pid } from '../../protocol/ids.ts'

export interface Fresh {
  readonly pid: Pid
  readonly messageId: MessageId
  readonly agreementId: AgreementId
  /** For the data address of a transfer that we start. A secret until it is sent. */
  readonly accessToken: AccessToken
}

export interface Scene {
  readonly self: ParticipantId
  readonly now: Instant
  /** Our own DSP base, without a trailing slash: what peers get as callbackAddress. */
  readonly base: string
  /** Our own data endpoint, without a trailing slash: `<public.url>/data`. */
  readonly dataBase: string
  /** How long a data access token lives that its holder cannot renew. */
  readonly accessTokenMs: number
  /** How long a message may stay undelivered. */
  readonly deliveryDeadlineMs: number
  /** The pause before we react to a message. */
  readonly reactionDelayMs: number
  /** Drawn before the decision, one of each; a decision that runs twice uses the same ones. */
  readonly fresh: Fresh
  /** The management token by whose order this happens; absent for what the connector does of its own accord. */
  readonly by?: string
}
