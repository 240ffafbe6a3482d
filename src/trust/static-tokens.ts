// Static tokens: whole Authorization values that stand for a participant, for closed set-ups and test kits.

import { createHash, timingSafeEqual } from 'node:crypto'
import type { ParticipantId } from '../protocol/ids.ts'

export interface StaticToken {
  readonly participant: string
  /** The whole Authorization value by which we know the participant. */
  readonly inbound: string
  /** The whole Authorization value that we send to the participant. */
  readonly outbound: string
}

export interface StaticTokens {
  readonly isEmpty: boolean
  /** Who sends this value; null for nobody. Takes the same time whichever entry matches, and if none does. */
  readonly holderOf: (authorization: string) => ParticipantId | null
  /** What we send to that participant; null when it has no static token. */
  readonly valueFor: (participant: ParticipantId) => string | null
}

export function createStaticTokens(entries: readonly StaticToken[]): StaticTokens {
  // Digests are compared, so that not even the length of a value shows in the time that the answer takes.
  const inbound = entries.map(({ participant, inbound }) => ({
    participant: participant as ParticipantId,
    digest: digest(inbound),
  }))
  const outbound = new Map(entries.map(({ participant, outbound }) => [participant, outbound]))
  return {
    isEmpty: entries.length === 0,
    holderOf: (authorization) => {
      const came = digest(authorization)
      const matching = inbound.filter((entry) => timingSafeEqual(entry.digest, came))
      return matching[0]?.participant ?? null
    },
    valueFor: (participant) => outbound.get(participant) ?? null,
  }
}

/** Participants that are known by such a value alone: no key of theirs is, so that they can sign nothing. */
export function keylessOf(
  entries: readonly Pick<StaticToken, 'participant'>[],
  trusted: readonly { readonly did: string }[],
): ReadonlySet<string> {
  const withKeys = new Set(trusted.map(({ did }) => did))
  return new Set(entries.map(({ participant }) => participant).filter((participant) => !withKeys.has(participant)))
}

function digest(value: string): Buffer {
  return createHash('sha256').update(value).digest()
}
