// What a decision on the exchange needs from outside: who we are, what time it is, fresh identifiers, and the delays.

import type { Instant } from '../../kernel/time.ts'
import type { AccessToken } from '../delivery/access-token.ts'
import type { AgreementId, MessageId, ParticipantId, Pid } from '../../protocol/ids.ts'
import type { Spellings } from '../../protocol/odrl/spelling.ts'

export interface Fresh {
  readonly pid: Pid
  readonly messageId: MessageId
  readonly agreementId: AgreementId
  /** For the data address of a transfer that we start. Secrets until they are sent. */
  readonly accessToken: AccessToken
  readonly refreshToken: AccessToken
}

export interface Scene {
  readonly self: ParticipantId
  readonly now: Instant
  /** Our own DSP base, without a trailing slash: what peers get as callbackAddress. */
  readonly base: string
  /** Our own data endpoint, without a trailing slash: `<public.url>/data`. */
  readonly dataBase: string
  /** How long a data access token lives that its holder does not renew. */
  readonly accessTokenMs: number
  /** How long one lives that was renewed: what the first one is announced with, too. */
  readonly renewedTokenMs: number
  /** Participants that we know by a static token alone: without a key they could not prove that a renewal is theirs. */
  readonly keyless: ReadonlySet<string>
  readonly spellings: Spellings
  /** How long a message may stay undelivered. */
  readonly deliveryDeadlineMs: number
  /** The pause before we react to a message. */
  readonly reactionDelayMs: number
  /** Drawn before the decision, one of each; a decision that runs twice uses the same ones. */
  readonly fresh: Fresh
  /** The management token by whose order this happens; absent for what the connector does of its own accord. */
  readonly by?: string
}
