// Reads leave no row behind: their tokens are remembered in memory, and one from before the start is refused.

import { problem, ProblemError } from '../kernel/problem.ts'
import type { Clock, Instant } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import type { Authenticate, Identified } from '../trust/identity.ts'

/** Who asks. Throws kinds `unauthenticated` and `busy`. */
export type AuthenticateRead = (authorization: string | undefined) => Promise<ParticipantId>

export interface GuardReadsOptions {
  readonly authenticate: Authenticate
  readonly clock: Clock
  /** When this process started: what was used before is not in its memory. */
  readonly startedAt: Instant
  readonly entriesMax: number
}

export function createGuardReads({ authenticate, clock, startedAt, entriesMax }: GuardReadsOptions): AuthenticateRead {
  const used = new Map<string, Instant>()
  const firstSecond = Math.floor(startedAt / 1000) * 1000

  function remember({ iss, jti, issuedAt, expiresAt }: NonNullable<Identified['replay']>): void {
    if (issuedAt < firstSecond) throw refused('token.replayed', 'this token is from before the start of this connector')
    const key = `${iss} ${jti}`
    if (used.has(key)) throw refused('token.replayed', 'this token was used before')
    if (used.size >= entriesMax) forgetExpired()
    if (used.size >= entriesMax) throw refused('busy.limit', 'too many requests with tokens that are still valid')
    used.set(key, expiresAt)
  }

  function forgetExpired(): void {
    const now = clock()
    for (const [key, expiresAt] of used) if (expiresAt < now) used.delete(key)
  }

  return async (authorization) => {
    const { participant, replay } = await authenticate(authorization)
    if (replay !== null) remember(replay)
    return participant
  }
}

function refused(code: 'token.replayed' | 'busy.limit', sentence: string): ProblemError {
  return new ProblemError(problem(code, sentence))
}
