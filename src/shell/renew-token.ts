// A consumer renews a data token of ours: who it is, read the rows, decide, commit.

import { renewToken, type Renewed } from '../domain/access/renew.ts'
import { accessTokenHash, type AccessToken } from '../domain/delivery/access-token.ts'
import type { Store } from '../domain/ledger.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import type { RefreshRequest } from '../protocol/dps/token-renewal.ts'
import type { Authenticate } from '../trust/identity.ts'
import { streamRows, type Standing } from './access-rows.ts'
import type { RefusalBound } from './bound-refusals.ts'
import type { NewScene } from './ports.ts'

export interface RenewTokenOptions {
  readonly store: Store
  readonly authenticate: Authenticate
  readonly standing: Standing
  readonly newScene: NewScene
  readonly refusals: RefusalBound
}

/** Throws what authenticating throws, and `busy.limit` to whoever was refused too often; what is refused of the refresh token itself is a result. */
export type RenewToken = (authorization: string | undefined, request: RefreshRequest) => Promise<Renewed>

export function createRenewToken(options: RenewTokenOptions): RenewToken {
  const { store, authenticate, standing, newScene, refusals } = options
  return async (authorization, { refreshToken }) => {
    const { participant, replay, token } = await authenticate(authorization)
    if (replay === null || token === undefined) {
      const sentence = 'expected a JWT signed with a key of yours, with the access token in its claim `token`'
      throw new ProblemError(problem('token.malformed', sentence, 'token'))
    }
    refusals.check(participant)
    // What is no token of ours has a digest too: it is found nowhere.
    const hash = accessTokenHash(token as AccessToken)
    const { iss, jti, expiresAt } = replay
    const request = {
      sender: participant,
      replay: { iss, jti, expiresAt },
      refreshHash: accessTokenHash(refreshToken as AccessToken),
    }
    const scene = newScene()
    const renewed = await store.transact(
      (read) => {
        const found = read.get('accessToken', hash)
        const transfer = found === null ? null : read.get('transfer', found.transferPid)
        return {
          ...streamRows(read, found?.transferPid ?? '', transfer?.agreementId ?? '', standing, scene.now),
          replayed: read.get('replay', iss, jti) !== null,
          token: found,
          tokens: found === null ? [] : read.accessTokensOf(found.transferPid),
          outbox: found === null ? null : read.get('outbox', found.transferPid),
        }
      },
      (rows) => renewToken(rows, request, scene),
    )
    if (!renewed.ok && renewed.isGrant) refusals.note(participant)
    return renewed
  }
}
