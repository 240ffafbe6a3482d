// How far the token of a data address is in its life, for the consumer that holds it.

import { later, type Instant } from '../../kernel/time.ts'
import type { HttpAddress } from '../../protocol/dsp/data-address.ts'

/** `due`: it still works, and it is time for another · `over`: it has lived as long as was announced. */
export type TokenLife = 'fresh' | 'due' | 'over'

/** After this part of its life a token is renewed: the rest is for what may go wrong with that. */
const DUE_PERCENT = 80

/**
 * @param givenAt when the token came to us; null where that is not known, and nothing can be said
 * @returns `due` only where it can be renewed; a token whose life nobody announced is fresh for good
 */
export function tokenLife(address: HttpAddress, givenAt: Instant | null, now: Instant): TokenLife {
  const end = endOfLife(address, givenAt)
  if (end !== null && now >= end) return 'over'
  const due = dueAt(address, givenAt)
  return due !== null && now >= due ? 'due' : 'fresh'
}

/** When it is to be renewed; null where it cannot be. */
export function dueAt({ refreshToken, expiresInS }: HttpAddress, givenAt: Instant | null): Instant | null {
  if (refreshToken === undefined || expiresInS === undefined || givenAt === null) return null
  return later(givenAt, expiresInS * 10 * DUE_PERCENT)
}

/** When it stops being what was announced; null where nothing was. */
export function endOfLife({ expiresInS }: HttpAddress, givenAt: Instant | null): Instant | null {
  return expiresInS === undefined || givenAt === null ? null : later(givenAt, expiresInS * 1000)
}
