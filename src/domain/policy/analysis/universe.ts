// The things that one fact may be, as far as they differ for the policies that are looked at: each stands for all that belong to
// the same of the values written there. So infinitely many places or names become a set of bits, and its complement another.

import type { CompiledConstraints } from '../compiled.ts'
import { TYPES, type Belongs, type Memberships, type SetTypeName } from '../values.ts'
import { namesLike } from './names.ts'
import { networksLike } from './networks-like.ts'
import { placesLike } from './places-like.ts'

export interface Universe {
  readonly type: SetTypeName
  /** Each has the bit of its index. */
  readonly things: readonly string[]
  readonly everything: bigint
}

/** What is written in the policies of one left operand. */
export interface Named {
  readonly type: SetTypeName
  readonly values: Set<string>
}

/** By left operand and type, every value that constraints name. */
export type NamedValues = Map<string, Named>

/** Under which one fact is known, in the analysis. */
export function thingsKey(left: string, type: SetTypeName): string {
  return `${left} (${type})`
}

/** The left operand of such a key. */
export function leftOf(key: string): string {
  return key.slice(0, key.lastIndexOf(' ('))
}

export function collectNames(constraints: CompiledConstraints, named: NamedValues): void {
  for (const constraint of constraints) {
    if (constraint.kind === 'logical') collectNames(constraint.of, named)
    if (constraint.kind !== 'set') continue
    const { left, type, right } = constraint
    addNames(
      named,
      thingsKey(left, type),
      type,
      right.filter((value) => typeof value === 'string'),
    )
  }
}

export function addNames(named: NamedValues, key: string, type: SetTypeName, values: readonly string[]): void {
  const known = named.get(key) ?? { type, values: new Set<string>() }
  named.set(key, known)
  values.forEach((value) => known.values.add(value))
}

/**
 * @param memberships of all policies that are compared: a thing may belong to others by one of them
 */
export function universeOf({ type, values }: Named, memberships: readonly (Memberships | undefined)[]): Universe {
  const things = likes(type, values, memberships)
  return { type, things, everything: (1n << BigInt(things.length)) - 1n }
}

function likes(
  type: SetTypeName,
  values: ReadonlySet<string>,
  memberships: readonly (Memberships | undefined)[],
): readonly string[] {
  switch (type) {
    case 'boolean':
      return ['true', 'false']
    case 'place':
      return placesLike(values, memberships)
    case 'network':
      return networksLike(values)
    case 'party':
    case 'term':
    case 'code':
      return namesLike(type, values, memberships)
  }
}

/** The things that belong to the value, those that do not, and with neither those of which nobody can say. */
export interface Belonging {
  readonly yes: bigint
  readonly no: bigint
}

/** @param isPart the other way round: the things of which the value is a part */
export function belonging(
  { type, things }: Universe,
  value: string,
  memberships: Memberships | undefined,
  isPart: boolean,
): Belonging {
  const { belongs } = TYPES[type]
  let [yes, no] = [0n, 0n]
  things.forEach((thing, index) => {
    const result: Belongs = isPart ? belongs(value, thing, memberships) : belongs(thing, value, memberships)
    if (result === 'yes') yes |= 1n << BigInt(index)
    if (result === 'no') no |= 1n << BigInt(index)
  })
  return { yes, no }
}

/** The first thing of the set; null for the empty set. */
export function firstOf({ things }: Universe, set: bigint): string | null {
  return things.find((_, index) => (set & (1n << BigInt(index))) !== 0n) ?? null
}
