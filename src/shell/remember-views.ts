// What each participant sees, asked once and remembered: until the offers change, a claim of the participant's does, or the
// time comes at which an access rule turns.

import type { OfferIndex } from '../domain/catalog/offer-index.ts'
import { factsOn } from '../domain/catalog/offers.ts'
import { holdsAt, seenIn, stretchesOf, viewOf, type View } from '../domain/catalog/view.ts'
import type { Reader } from '../domain/ledger.ts'
import type { Facts } from '../domain/policy/facts.ts'
import type { Clock } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import type { Generation } from './keep-catalog.ts'
import type { Pause } from './ports.ts'

export interface Seen {
  readonly generation: Generation
  readonly view: View
}

/** The offers in force, and which of them this participant sees now. */
export type SeenBy = (participant: ParticipantId) => Promise<Seen>

export interface RememberViewsOptions {
  readonly reader: Reader
  readonly current: () => Generation
  readonly clock: Clock
  readonly pause: Pause
}

/** A view takes a byte an offer and a byte a bundle: with 3,000 offers, 6 MB in all. The one not asked for longest goes. */
const VIEWS_MAX = 1_000

export function createRememberViews({ reader, current, clock, pause }: RememberViewsOptions): SeenBy {
  const views = new Map<string, View>()
  const underWay = new Map<string, Promise<void>>()
  let lookedAt: OfferIndex | null = null

  async function look(key: string, facts: Facts): Promise<void> {
    const { index } = current()
    const seen: boolean[] = []
    for (const [number, stretch] of stretchesOf(index).entries()) {
      if (number > 0) await pause()
      seen.push(...seenIn(index, stretch, facts))
    }
    remember(key, viewOf(index, seen, facts.now))
  }

  /** Puts a view at the young end. */
  function remember(key: string, view: View): void {
    views.delete(key)
    views.set(key, view)
    const oldest = views.keys().next()
    if (views.size > VIEWS_MAX && oldest.done !== true) views.delete(oldest.value)
  }

  return async (participant) => {
    for (;;) {
      const now = clock()
      const generation = current()
      const facts = factsOn(participant, reader.get('peer', participant), generation.index.regime, now)
      const key = JSON.stringify({ ...facts, now: null, memberships: null })
      // Views of offers that are no longer in force would keep those alive.
      if (lookedAt !== generation.index) views.clear()
      lookedAt = generation.index
      const view = views.get(key)
      if (view?.index === generation.index && holdsAt(view, now)) {
        remember(key, view)
        return { generation, view }
      }
      // Whoever comes first looks; the others, in the same moment, wait for that look.
      const looking = underWay.get(key) ?? look(key, facts).finally(() => underWay.delete(key))
      underWay.set(key, looking)
      await looking
    }
  }
}
