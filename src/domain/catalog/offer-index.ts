// The offers of one generation of policies, ready to be asked which of them stand on a dataset without asking each of them.

import { instant, type Instant } from '../../kernel/time.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import { fitsGlob } from '../policy/glob.ts'
import { turningPoints } from '../policy/next-change.ts'
import { bareFacts, NO_REGIME, type Regime } from '../policy/regime.ts'
import type { DatasetSelector, OfferDefinition, Selectable } from '../policy/offer-definition.ts'

/** Offers that select the same datasets stand everywhere together: one bundle. Places in `definitions`, ascending. */
export type Bundle = readonly number[]

export interface OfferIndex {
  readonly definitions: readonly OfferDefinition[]
  /** What is in force at the site beside them. */
  readonly regime: Regime
  readonly bundles: readonly Bundle[]
  /** Every instant at which an access rule may turn by time alone, ascending. */
  readonly turns: readonly Instant[]
  readonly selectors: Selectors
}

/** The numbers of the bundles under what they select by. */
interface Selectors {
  readonly byId: ReadonlyMap<string, readonly number[]>
  readonly byProperty: ReadonlyMap<string, ReadonlyMap<unknown, readonly number[]>>
  readonly byHead: Globs
  readonly byTail: Globs
}

/** Globs by the literal text at one end: an id is looked up by its own ends, once for each length that occurs. */
interface Globs {
  readonly lengths: readonly number[]
  readonly of: ReadonlyMap<string, readonly Glob[]>
}

interface Glob {
  readonly pattern: string
  readonly bundle: number
}

/** With no fact but the clock: what `access` may ask changes with nothing else by itself. */
const BEFORE_ALL = bareFacts('' as ParticipantId, instant(0))

/** In time linear in the offers. */
export function indexOffers(definitions: readonly OfferDefinition[], regime: Regime = NO_REGIME): OfferIndex {
  const bundles = new Map<string, { readonly selectors: readonly DatasetSelector[]; readonly offers: number[] }>()
  for (const [place, { datasets }] of definitions.entries()) {
    const key = JSON.stringify(datasets.map(textOf).sort())
    const bundle = bundles.get(key)
    if (bundle === undefined) bundles.set(key, { selectors: datasets, offers: [place] })
    else bundle.offers.push(place)
  }
  const turns = new Set(definitions.flatMap(({ access }) => turningPoints(access, BEFORE_ALL)))
  return {
    definitions,
    regime,
    bundles: Array.from(bundles.values(), ({ offers }) => offers),
    turns: [...turns].sort((a, b) => a - b),
    selectors: tablesOf(Array.from(bundles.values(), ({ selectors }) => selectors)),
  }
}

/** The numbers of the bundles that stand on a dataset, ascending. Asks only those globs that begin or end as its id does. */
export function bundlesOn({ selectors }: OfferIndex, { id, properties }: Selectable): readonly number[] {
  const { byId, byProperty, byHead, byTail } = selectors
  const found = new Set(byId.get(id))
  for (const [property, value] of Object.entries(properties)) {
    const byValue = byProperty.get(property)
    if (byValue === undefined) continue
    // A property with several values (keywords, themes) has each of them.
    for (const each of Array.isArray(value) ? (value as readonly unknown[]) : [value])
      for (const bundle of byValue.get(each) ?? []) found.add(bundle)
  }
  for (const length of byHead.lengths) addFitting(byHead.of.get(id.slice(0, length)), id, found)
  for (const length of byTail.lengths) addFitting(byTail.of.get(id.slice(-length)), id, found)
  return [...found].sort((a, b) => a - b)
}

/** The places of the offers in these bundles, ascending: the order of the definitions. */
export function placesIn({ bundles }: OfferIndex, numbers: readonly number[]): readonly number[] {
  const [only, ...more] = numbers
  if (only !== undefined && more.length === 0) return bundles[only] ?? []
  return numbers.flatMap((number) => bundles[number] ?? []).sort((a, b) => a - b)
}

function addFitting(globs: readonly Glob[] | undefined, id: string, found: Set<number>): void {
  for (const { pattern, bundle } of globs ?? []) if (fitsGlob(pattern, id)) found.add(bundle)
}

function tablesOf(bundles: readonly (readonly DatasetSelector[])[]): Selectors {
  const byId = new Map<string, number[]>()
  const byProperty = new Map<string, Map<unknown, number[]>>()
  const heads = new Map<string, Glob[]>()
  const tails = new Map<string, Glob[]>()
  for (const [bundle, selectors] of bundles.entries()) {
    for (const selector of selectors) {
      if (selector.kind === 'id') push(byId, selector.id, bundle)
      else if (selector.kind === 'property') {
        const byValue = byProperty.get(selector.property) ?? new Map<unknown, number[]>()
        byProperty.set(selector.property, byValue)
        push(byValue, selector.value, bundle)
      } else {
        const { pattern } = selector
        const [head, tail] = [pattern.slice(0, pattern.indexOf('*')), pattern.slice(pattern.lastIndexOf('*') + 1)]
        if (head.length >= tail.length) push(heads, head, { pattern, bundle })
        else push(tails, tail, { pattern, bundle })
      }
    }
  }
  return { byId, byProperty, byHead: globsOf(heads), byTail: globsOf(tails) }
}

function globsOf(of: ReadonlyMap<string, readonly Glob[]>): Globs {
  return { lengths: [...new Set(Array.from(of.keys(), ({ length }) => length))], of }
}

function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [value])
  else list.push(value)
}

function textOf(selector: DatasetSelector): string {
  // prettier-ignore
  switch (selector.kind) {
    case 'id':       return JSON.stringify(['id', selector.id])
    case 'glob':     return JSON.stringify(['glob', selector.pattern])
    case 'property': return JSON.stringify(['property', selector.property, selector.value])
  }
}
