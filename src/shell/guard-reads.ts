// A token counts once, whatever it is used for. Those of messages are kept by the message's own transaction; reads leave no
// row behind: their tokens are remembered in memory, and one from before the start is refused.

import { problem, ProblemError } from '../kernel/problem.ts'
import type { Clock, Instant } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import type { Reader } from '../domain/ledger.ts'
import type { Authenticate, Identified } from '../trust/identity.ts'

/** Who asks. Throws kinds `unauthenticated` and `busy`. */
export type AuthenticateRead = (authorization: string | undefined) => Promise<ParticipantId>

export interface GuardReads {
  /** For messages: refuses a token that was used for a read; the transaction of the message refuses the rest. */
  readonly authenticate: Authenticate
  /** For reads: refuses a token that was used for anything. */
  readonly authenticateRead: AuthenticateRead
}

export interface GuardReadsOptions {
  readonly authenticate: Authenticate
  readonly reader: Reader
  readonly clock: Clock
  /** When this process started: what was used before is not in its memory. */
  readonly startedAt: Instant
  readonly entriesMax: number
}

export function createGuardReads(options: GuardReadsOptions): GuardReads {
  const { authenticate, reader, clock, startedAt, entriesMax } = options
  const used = new Map<string, Instant>()
  const firstSecond = Math.floor(startedAt / 1000) * 1000

  function remember({ iss, jti, issuedAt, expiresAt }: NonNullable<Identified['replay']>): void {
    if (issuedAt < firstSecond) throw refused('token.replayed', 'this token is from before the start of this connector')
    const key = keyOf({ iss, jti })
    if (used.has(key) || reader.get('replay', iss, jti) !== null) throw usedBefore()
    if (used.size >= entriesMax) forgetExpired()
    if (used.size >= entriesMax) throw refused('busy.limit', 'too many requests with tokens that are still valid')
    used.set(key, expiresAt)
  }

  function forgetExpired(): void {
    const now = clock()
    for (const [key, expiresAt] of used) if (expiresAt < now) used.delete(key)
  }

  return {
    authenticate: async (authorization) => {
      const identified = await authenticate(authorization)
      const { replay } = identified
      if (replay !== null && used.has(keyOf(replay))) throw usedBefore()
      return identified
    },
    authenticateRead: async (authorization) => {
      const { participant, replay } = await authenticate(authorization)
      if (replay !== null) remember(replay)
      return participant
    },
  }
}

function keyOf({ iss, jti }: { readonly iss: string; readonly jti: string }): string {
  return `${iss} ${jti}`
}

function usedBefore(): ProblemError {
  return refused('token.replayed', 'this token was used before')
}

function refused(code: 'token.replayed' | 'busy.limit', sentence: string): ProblemError {
  return new ProblemError(problem(code, sentence))
}
