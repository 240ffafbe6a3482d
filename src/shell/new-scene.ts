// The scene of each decision: who we are, the time now, and identifiers that nobody has used.

import { accessToken, ACCESS_TOKEN_BYTES } from '../domain/delivery/access-token.ts'
import type { Clock } from '../kernel/time.ts'
import type { AgreementId, MessageId, ParticipantId, Pid } from '../protocol/ids.ts'
import type { NewScene } from './ports.ts'

export interface NewSceneOptions {
  readonly self: ParticipantId
  readonly clock: Clock
  /** A fresh `urn:uuid:…` at each call. */
  readonly newUrn: () => string
  readonly randomBytes: (bytes: number) => Uint8Array
  readonly base: string
  readonly dataBase: string
  readonly accessTokenS: number
  readonly deliveryDeadlineS: number
  readonly reactionDelayMs: number
}

export function createNewScene(options: NewSceneOptions): NewScene {
  const { self, clock, newUrn, randomBytes, base, dataBase, accessTokenS, deliveryDeadlineS, reactionDelayMs } = options
  return () => ({
    self,
    now: clock(),
    base,
    dataBase,
    accessTokenMs: accessTokenS * 1000,
    deliveryDeadlineMs: deliveryDeadlineS * 1000,
    reactionDelayMs,
    fresh: {
      pid: newUrn() as Pid,
      messageId: newUrn() as MessageId,
      agreementId: newUrn() as AgreementId,
      accessToken: accessToken(randomBytes(ACCESS_TOKEN_BYTES)),
    },
  })
}
