// Names that lie in one another only by memberships: groups of parties, kinds of purposes, codes.

import type { Memberships } from '../values.ts'

/** What belongs to a name by one step, where the tables say what a name belongs to. */
const BELOW = new WeakMap<Memberships, ReadonlyMap<string, readonly string[]>>()

/** Everything that belongs to one of the names by any number of steps, the names themselves left out. */
export function namesBelow(names: ReadonlySet<string>, memberships: Memberships): ReadonlySet<string> {
  const below = turned(memberships)
  const found = new Set<string>()
  for (const name of [...names]) below.get(name)?.forEach((each) => found.add(each))
  for (const name of found) below.get(name)?.forEach((each) => found.add(each))
  return found
}

function turned(memberships: Memberships): ReadonlyMap<string, readonly string[]> {
  const known = BELOW.get(memberships)
  if (known !== undefined) return known
  const below = new Map<string, string[]>()
  for (const [name, wholes] of Object.entries(memberships)) {
    for (const whole of wholes) {
      const list = below.get(whole) ?? []
      below.set(whole, list)
      list.push(name)
    }
  }
  BELOW.set(memberships, below)
  return below
}

/**
 * The names, what belongs to them and what they belong to, one of a taxonomy that has to do with none of them (of it others are
 * certainly no kind), and one that nobody has heard of.
 */
export function namesLike(
  type: 'party' | 'term' | 'code',
  values: ReadonlySet<string>,
  given: readonly (Memberships | undefined)[],
): readonly string[] {
  const memberships = given.filter((each) => each !== undefined && type !== 'code') as readonly Memberships[]
  const all = new Set(values)
  memberships.forEach((each) => membersLike(values, each, memberships).forEach((name) => all.add(name)))
  for (const each of memberships) {
    for (const name of all) wholesOf(name, each).forEach((whole) => all.add(whole))
    const strange = Object.keys(each).find((name) => !all.has(name))
    if (strange !== undefined && type === 'term') all.add(strange)
  }
  return [...all, unheard(type, (name) => all.has(name) || memberships.some((each) => Object.hasOwn(each, name)))]
}

/** Of thousands of members that belong to the same groups, and to which nothing belongs, one stands for all. */
function membersLike(
  values: ReadonlySet<string>,
  from: Memberships,
  memberships: readonly Memberships[],
): readonly string[] {
  const alike = new Map<string, string>()
  for (const name of namesBelow(values, from)) {
    const isPlain = !values.has(name) && !memberships.some((each) => turned(each).has(name))
    const wholes = memberships.map((each) => wholesOf(name, each))
    const key = isPlain ? JSON.stringify(wholes) : `=${name}`
    if (!alike.has(key)) alike.set(key, name)
  }
  return [...alike.values()]
}

function wholesOf(name: string, memberships: Memberships): readonly string[] {
  return Object.hasOwn(memberships, name) ? (memberships[name] ?? []) : []
}

function unheard(type: 'party' | 'term' | 'code', isKnown: (name: string) => boolean): string {
  const stem = type === 'party' ? 'did:web:other.example' : 'other'
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? stem : `${stem}-${String(number)}`
    if (!isKnown(name)) return name
  }
}
