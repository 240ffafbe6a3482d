// Places that stand for all places, beside those that policies name: inside each of them another one, and one outside all.

import { parsePlace, REGIONS } from '../../../protocol/odrl/places.ts'
import type { Memberships } from '../values.ts'
import { namesBelow } from './names.ts'

const LETTERS = Array.from('ABCDEFGHIJKLMNOPQRSTUVWXYZ')
/** Tried first as the place that nobody named, because people know them. */
const WELL_KNOWN = ['SG', 'VN', 'CN', 'MY', 'TH', 'DE', 'US', 'NZ', 'IS']
/** GB/T 2260 divides by two digits, of which 00 stands for the whole; Beijing is 11. */
const FIRST_DIGITS = 11
const DIGITS_COUNT = 99
/** ISO 3166-2 has up to three letters or digits; those at the end of the alphabet are hardly used. */
const LAST_LETTERS = Number.parseInt('ZZZ', 36)

/**
 * The places, what they lie in, and inside each of these one that is not among them: any other place lies in the same of the
 * named ones as the innermost of these around it does, or as the one inside that.
 */
export function placesLike(
  values: ReadonlySet<string>,
  memberships: readonly (Memberships | undefined)[],
): readonly string[] {
  const named = new Set<string>(Object.keys(REGIONS))
  const add = (place: string) => {
    for (let around = place; around !== ''; around = around.slice(0, Math.max(0, around.lastIndexOf('-')))) {
      if (parsePlace(around) === around) named.add(around)
    }
  }
  values.forEach(add)
  for (const each of memberships) {
    if (each === undefined) continue
    namesBelow(values, each).forEach(add)
    for (const place of named) if (Object.hasOwn(each, place)) each[place]?.forEach(add)
  }
  for (const place of named) if (values.has(place) && Object.hasOwn(REGIONS, place)) REGIONS[place]?.forEach(add)
  const inside = [...named].flatMap((place) => placeIn(place, named) ?? [])
  const isRegion = (place: string) => Object.hasOwn(REGIONS, place)
  const places = [...named].filter((place) => !isRegion(place))
  return [...places, ...inside, outside(named), ...[...named].filter(isRegion)]
}

/** Null where nothing lies in it, or all that does is named. */
function placeIn(place: string, named: ReadonlySet<string>): string | null {
  const isUnnamed = (part: string) => !named.has(part) && parsePlace(part) === part
  if (place === 'CN' || /^CN-\d\d(?:-\d\d)?$/.test(place)) {
    for (let count = 0; count < DIGITS_COUNT; count += 1) {
      const code = ((FIRST_DIGITS - 1 + count) % DIGITS_COUNT) + 1
      const part = `${place}-${String(code).padStart(2, '0')}`
      if (isUnnamed(part)) return part
    }
  }
  if (!/^[A-Z]{2}$/.test(place)) return null
  for (let count = 0; count <= named.size; count += 1) {
    const part = `${place}-${(LAST_LETTERS - count).toString(36).toUpperCase()}`
    if (isUnnamed(part)) return part
  }
  return null
}

function outside(named: ReadonlySet<string>): string {
  const inRegions = Object.values(REGIONS).flat()
  const codes = LETTERS.flatMap((first) => LETTERS.map((second) => `${first}${second}`))
  const isUnnamed = (code: string) => !named.has(code) && parsePlace(code) === code
  // Whoever names every country leaves none outside: then one more of theirs does no harm.
  return (
    [...WELL_KNOWN, ...codes].find((code) => isUnnamed(code) && !inRegions.includes(code)) ??
    WELL_KNOWN.find(isUnnamed) ??
    'CN'
  )
}
