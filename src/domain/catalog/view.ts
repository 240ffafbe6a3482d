// What one participant sees of a generation of offers: the access rules asked once, until time or a claim may change an answer.

import type { Instant } from '../../kernel/time.ts'
import { evaluateConstraints } from '../policy/evaluate.ts'
import type { CompiledConstraint } from '../policy/compiled.ts'
import type { Facts } from '../policy/facts.ts'
import type { OfferIndex } from './offer-index.ts'
import type { Shelf } from './shelves.ts'

export interface View {
  readonly index: OfferIndex
  /** It holds from this instant on … */
  readonly from: Instant
  /** … and before this one; null where no rule turns by time alone any more. */
  readonly until: Instant | null
  /** 1 for each offer that is seen, by its place. */
  readonly offers: Uint8Array
  /** 1 for each bundle with an offer that is seen, by its number. */
  readonly bundles: Uint8Array
}

/** A stretch of the offers, `from` inclusive, `to` exclusive. */
export interface Stretch {
  readonly from: number
  readonly to: number
}

/** Comparisons that are made without a pause: some milliseconds. */
const COMPARISONS_MAX = 4_000

/** The offers cut into stretches, each of which is asked without a pause. */
export function stretchesOf({ definitions }: OfferIndex): readonly Stretch[] {
  const stretches: Stretch[] = []
  let [from, comparisons] = [0, 0]
  for (const [place, { access }] of definitions.entries()) {
    comparisons += 1 + access.reduce((sum, constraint) => sum + comparisonsOf(constraint), 0)
    if (comparisons < COMPARISONS_MAX) continue
    stretches.push({ from, to: place + 1 })
    from = place + 1
    comparisons = 0
  }
  return from < definitions.length ? [...stretches, { from, to: definitions.length }] : stretches
}

/** Whether the access rules show each offer of a stretch, in its order. */
export function seenIn({ definitions }: OfferIndex, { from, to }: Stretch, facts: Facts): readonly boolean[] {
  return definitions.slice(from, to).map(({ access }) => evaluateConstraints(access, facts, 'catalogue').holds)
}

/** The view from the answers for all offers, which were asked with facts of the instant `now`. */
export function viewOf(index: OfferIndex, seen: readonly boolean[], now: Instant): View {
  const offers = Uint8Array.from(seen, Number)
  return {
    index,
    from: now,
    until: index.turns.find((turn) => turn > now) ?? null,
    offers,
    bundles: Uint8Array.from(index.bundles, (bundle) => Number(bundle.some((place) => offers[place] === 1))),
  }
}

export function holdsAt({ from, until }: View, now: Instant): boolean {
  return now >= from && (until === null || now < until)
}

/** Whether a dataset on this shelf has an offer that is seen: what has none is not there. */
export function seesShelf({ bundles }: View, shelf: Shelf): boolean {
  for (const bundle of shelf) if (bundles[bundle] === 1) return true
  return false
}

function comparisonsOf(constraint: CompiledConstraint): number {
  if (constraint.kind === 'logical') return constraint.of.reduce((sum, part) => sum + comparisonsOf(part), 1)
  return constraint.kind === 'set' ? constraint.right.length : 1
}
