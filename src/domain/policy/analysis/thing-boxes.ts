// What a set operator leaves of the things that a fact may be: the tables of observe.ts, turned round.

import type { SetConstraint } from '../compiled.ts'
import type { SetOperator } from '../operands.ts'
import type { Leaf, Results } from './condition.ts'
import { some, type Box, type Things } from './domains.ts'
import type { Space } from './space.ts'
import { thingsKey, type Belonging, type Universe } from './universe.ts'

/** Things without the question whether they are known at all. */
type Region = Pick<Things, 'all' | 'some'>

/** Alternatives, for each answer and its contrary: what is neither yes nor no is unclear. */
interface Answers {
  readonly yes: readonly Region[]
  readonly notYes: readonly Region[]
  readonly no: readonly Region[]
  readonly notNo: readonly Region[]
}

/** Participants are known by whom they talk to. */
const NEVER_MISSING: readonly string[] = ['recipient', 'tds:connectorId']

type AboutThings =
  | Extract<Leaf, { kind: 'scope' }>
  | (Omit<Extract<Leaf, { kind: 'atom' }>, 'constraint'> & { readonly constraint: SetConstraint })

export function thingBoxes(leaf: AboutThings, space: Space): readonly Box[] {
  const { results, memberships } = leaf
  if (leaf.kind === 'scope') {
    const key = scopeKey(leaf.key)
    const answers = answersTo('eq', space.universe(key), [space.belonging(key, leaf.id, memberships, false)])
    return boxesIn(key, space.universe(key), answers, results, { isMany: false, missing: 'unknown' })
  }
  const { left, type, operator, right, about, missing } = leaf.constraint
  const key = thingsKey(left, type)
  const universe = space.universe(key)
  const isPart = operator === 'hasPart'
  // observe.ts: a name that no taxonomy has is some other thing, except where a kind is asked for.
  const isOpen = (type === 'term' && operator !== 'isA' && operator !== 'isPartOf') || isPart
  const values = right
    .filter((value) => typeof value === 'string')
    .map((value) => space.belonging(key, value, memberships, isPart))
  const answers = answersTo(operator, universe, isOpen ? values.map((each) => closed(each, universe)) : values)
  const missed = NEVER_MISSING.includes(left) ? null : missing
  return boxesIn(key, universe, answers, results, { isMany: about.isMany, missing: missed })
}

export function scopeKey(key: string): string {
  return `@${key}`
}

function closed({ yes }: Belonging, { everything }: Universe): Belonging {
  return { yes, no: everything & ~yes }
}

function answersTo(operator: SetOperator, { everything }: Universe, values: readonly Belonging[]): Answers {
  const yes = values.reduce((all, value) => all | value.yes, 0n)
  const no = values.reduce((all, value) => all & value.no, everything)
  const within = (all: bigint): readonly Region[] => [{ all, some: [] }]
  const having = (...each: readonly bigint[]): readonly Region[] => [{ all: everything, some: each }]
  const but = (set: bigint) => everything & ~set

  const anyOf = { yes: having(yes), notYes: within(but(yes)), no: within(no), notNo: having(but(no)) }
  const rows = { yes: within(yes), notYes: having(but(yes)), no: having(no), notNo: within(but(no)) }
  const columns = {
    yes: having(...values.map((value) => value.yes)),
    notYes: values.flatMap((value) => within(but(value.yes))),
    no: values.flatMap((value) => within(value.no)),
    notNo: having(...values.map((value) => but(value.no))),
  }
  const both = {
    yes: crossed(rows.yes, columns.yes),
    notYes: [...rows.notYes, ...columns.notYes],
    no: [...rows.no, ...columns.no],
    notNo: crossed(rows.notNo, columns.notNo),
  }
  // prettier-ignore
  switch (operator) {
    case 'isA':
    case 'isAnyOf':  return anyOf
    case 'isNoneOf': return turned(anyOf)
    case 'isPartOf': return rows
    case 'isAllOf':
    case 'hasPart':  return columns
    case 'eq':       return both
    case 'neq':      return turned(both)
  }
}

function turned({ yes, notYes, no, notNo }: Answers): Answers {
  return { yes: no, notYes: notNo, no: yes, notNo: notYes }
}

function crossed(a: readonly Region[], b: readonly Region[]): readonly Region[] {
  return a.flatMap((left) => b.map((right) => ({ all: left.all & right.all, some: [...left.some, ...right.some] })))
}

interface About {
  readonly isMany: boolean
  /** The result where the fact is missing; null where it never is. */
  readonly missing: Results[number] | null
}

function boxesIn(key: string, universe: Universe, answers: Answers, results: Results, about: About): readonly Box[] {
  const regions = regionsOf(answers, results, universe)
  const orMissing = about.missing !== null && results.includes(about.missing)
  const folded = about.isMany ? regions : [oneThing(regions)]
  const known = folded.flatMap((region) => some({ kind: 'things', ...region, orMissing }) ?? [])
  // Missing is missing, whichever region it is beside.
  const domains = known.length === 0 && orMissing ? [{ kind: 'things', all: 0n, some: [], orMissing } as const] : known
  return domains.map((domain) => new Map([[key, domain]]))
}

function regionsOf({ yes, notYes, no, notNo }: Answers, results: Results, { everything }: Universe): readonly Region[] {
  const [isYes, isNo, isUnclear] = (['satisfied', 'unsatisfied', 'unknown'] as const).map((each) =>
    results.includes(each),
  )
  if (isYes && isNo && isUnclear) return [{ all: everything, some: [] }]
  if (isUnclear) return isYes ? notNo : isNo ? notYes : crossed(notYes, notNo)
  return [...(isYes ? yes : []), ...(isNo ? no : [])]
}

/** Where only one thing can be known, all regions are one set. */
function oneThing(regions: readonly Region[]): Region {
  const sets = regions.map(({ all, some }) => some.reduce((set, each) => set & each, all))
  return { all: sets.reduce((set, each) => set | each, 0n), some: [] }
}
