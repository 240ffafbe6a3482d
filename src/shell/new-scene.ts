// The scene of each decision: who we are, the time now, and identifiers that nobody has used.

import { accessToken, ACCESS_TOKEN_BYTES } from '../domain/delivery/access-token.ts'
import type { Clock } from '../kernel/time.ts'
import type { AgreementId, MessageId, ParticipantId, Pid } from '../protocol/ids.ts'
import type { Spellings } from '../protocol/odrl/spelling.ts'
import type { NewScene } from './ports.ts'

export interface NewSceneOptions {
  readonly self: ParticipantId
  readonly clock: Clock
  /** A fresh `urn:uuid:…` at each call. */
  readonly newUrn: () => string
  readonly randomBytes: (bytes: number) => Uint8Array
  readonly base: string
  readonly dataBase: string
  /** Life of a data token that nobody renews, and of one that was renewed. */
  readonly accessTokenS: number
  readonly renewedTokenS: number
  /** Participants that are known by a static token alone. */
  readonly keyless: ReadonlySet<string>
  readonly spellings: Spellings
  readonly deliveryDeadlineS: number
  readonly reactionDelayMs: number
}

export function createNewScene(options: NewSceneOptions): NewScene {
  const { self, clock, newUrn, randomBytes, base, dataBase, accessTokenS, renewedTokenS, keyless } = options
  const { spellings, deliveryDeadlineS, reactionDelayMs } = options
  return () => ({
    self,
    now: clock(),
    base,
    dataBase,
    accessTokenMs: accessTokenS * 1000,
    renewedTokenMs: renewedTokenS * 1000,
    keyless,
    spellings,
    deliveryDeadlineMs: deliveryDeadlineS * 1000,
    reactionDelayMs,
    fresh: {
      pid: newUrn() as Pid,
      messageId: newUrn() as MessageId,
      agreementId: newUrn() as AgreementId,
      accessToken: accessToken(randomBytes(ACCESS_TOKEN_BYTES)),
      refreshToken: accessToken(randomBytes(ACCESS_TOKEN_BYTES)),
    },
  })
}
