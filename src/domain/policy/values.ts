// The types that left operands have: how a value is written, and for values that lie in one another, which lies in which.

import type { Instant } from '../../kernel/time.ts'
import { parseCount, parseDuration, parseInstant, type Duration } from '../../protocol/odrl/lexical.ts'
import { liesInNetwork, parseNetwork } from '../../protocol/odrl/networks.ts'
import { liesIn, parsePlace } from '../../protocol/odrl/places.ts'
import { parseRate, type Rate } from '../../protocol/odrl/rates.ts'
import { parseRecurrence, type Recurrence } from '../../protocol/odrl/recurrences.ts'

/** Whether a thing is, or belongs to, another: for certain, certainly not, or nobody can say. */
export type Belongs = 'yes' | 'no' | 'unclear'

/** What belongs to what, by one step: groups of parties, broader purposes, regions. A name that is a key is fully known. */
export type Memberships = Readonly<Record<string, readonly string[]>>

export type OrderedValue = Instant | number | Duration | Rate

interface OrderedType {
  readonly kind: 'ordered'
  readonly expects: string
  readonly parse: (text: string) => OrderedValue | null
}

interface SetType {
  readonly kind: 'set'
  readonly expects: string
  /** The canonical text, or null. */
  readonly parse: (text: string) => string | null
  readonly belongs: (thing: string, to: string, memberships: Memberships | undefined) => Belongs
}

interface WindowType {
  readonly kind: 'window'
  readonly expects: string
  readonly parse: (text: string) => Recurrence | null
}

/** The most steps that are climbed in memberships. */
const STEPS_MAX = 1000

// prettier-ignore
export const TYPES = {
  instant:  ordered('a date and time with a zone, such as 2026-12-31T23:59:59+08:00', parseInstant),
  duration: ordered('an xsd:duration, such as P90D (90 minutes are PT90M)', parseDuration),
  count:    ordered('a whole number, 0 or more', parseCount),
  decimal:  ordered('a decimal number, such as 0.5', parseDecimal),
  rate:     ordered('a number of uses in a period, such as 10000/P1D', parseRate),
  place:    set('an ISO 3166 code, such as CN or CN-45, or a GB/T 2260 code, such as 4501', parsePlace, placeBelongs),
  network:  set('an address, a network in CIDR form, or a host name', parseNetwork, (thing, to) => (liesInNetwork(thing, to) ? 'yes' : 'no')),
  party:    set('the id of a participant, or the name of a group', anyText, memberBelongs),
  term:     set('an IRI or a code', anyText, termBelongs),
  code:     set('a code', anyText, (thing, to) => (thing === to ? 'yes' : 'no')),
  boolean:  set('true or false', parseBoolean, (thing, to) => (thing === to ? 'yes' : 'no')),
  window:   { kind: 'window', expects: 'hours with a zone, such as Mon-Fri 09:00-17:00 Asia/Shanghai', parse: parseRecurrence },
} as const satisfies Record<string, OrderedType | SetType | WindowType>

export type TypeName = keyof typeof TYPES
export type SetTypeName = { [T in TypeName]: (typeof TYPES)[T] extends SetType ? T : never }[TypeName]

function ordered<P extends OrderedType['parse']>(expects: string, parse: P) {
  return { kind: 'ordered', expects, parse } as const
}

function set(expects: string, parse: SetType['parse'], belongs: SetType['belongs']) {
  return { kind: 'set', expects, parse, belongs } as const
}

/** An xsd:decimal that a JavaScript number holds well enough to be compared: at most 15 digits. */
export function parseDecimal(text: string): number | null {
  const found = /^[+-]?(\d*)(?:\.(\d*))?$/.exec(text)
  const digits = (found?.[1] ?? '').length + (found?.[2] ?? '').length
  return found !== null && digits > 0 && digits <= 15 ? Number(text) : null
}

function parseBoolean(text: string): string | null {
  return text === 'true' || text === '1' ? 'true' : text === 'false' || text === '0' ? 'false' : null
}

function anyText(text: string): string | null {
  return text === '' ? null : text
}

// A claim of CN-45 is a claim of CN too. A claim of CN leaves open whether it is CN-45.
function placeBelongs(place: string, area: string, memberships: Memberships | undefined): Belongs {
  if (liesIn(place, area)) return 'yes'
  for (const known of [place, ...ancestors(place)]) {
    if (isWithin(known, area, memberships)) return 'yes'
  }
  return liesIn(area, place) ? 'unclear' : 'no'
}

/** Of groups whose members are listed: who is not listed is not in them. */
function memberBelongs(party: string, group: string, memberships: Memberships | undefined): Belongs {
  return isWithin(party, group, memberships) ? 'yes' : 'no'
}

/** Of taxonomies, where a term that none of them names may or may not be a kind of another. */
function termBelongs(term: string, kind: string, memberships: Memberships | undefined): Belongs {
  if (isWithin(term, kind, memberships)) return 'yes'
  return memberships !== undefined && Object.hasOwn(memberships, term) ? 'no' : 'unclear'
}

/** Whether a name is another or belongs to it by any number of steps. */
export function isWithin(name: string, whole: string, memberships: Memberships | undefined): boolean {
  if (name === whole) return true
  if (memberships === undefined || !Object.hasOwn(memberships, name)) return false
  const seen = new Set([name])
  for (const each of seen) {
    if (each === whole) return true
    if (seen.size > STEPS_MAX) return false
    if (Object.hasOwn(memberships, each)) memberships[each]?.forEach((parent) => seen.add(parent))
  }
  return false
}

/** The areas that a code says by itself: of CN-45 it is CN. */
function ancestors(place: string): readonly string[] {
  const country = place.slice(0, 2)
  return country === place ? [] : [country]
}
