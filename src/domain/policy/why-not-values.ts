// What could be otherwise, and to which values: for each fact the few values at which some constraint of the question turns.

import { instant, toIso, type Instant } from '../../kernel/time.ts'
import { isReference, type CompiledAtomic, type OrderedConstraint } from './compiled.ts'
import type { DutyProgress } from './duties.ts'
import type { Fact, Facts } from './facts.ts'
import type { LayeredQuestion } from './layers.ts'
import { turningPoints } from './next-change.ts'
import { TYPES } from './values.ts'

/** A fact by its place: `now`, `country`, `known:count`, `duty:permission[0].duty[0]`, `action` … */
export type Axis = string
export type AxisValue = number | readonly number[] | Fact
export type Edits = ReadonlyMap<Axis, AxisValue>

/** The question with these facts instead of its own. */
export function edited(question: LayeredQuestion, edits: Edits): LayeredQuestion {
  let { facts, action } = question
  for (const [axis, value] of edits) {
    if (axis === 'action') action = String(value)
    else facts = editedFacts(facts, axis, value)
  }
  return { ...question, facts, action }
}

export function editedFacts(facts: Facts, axis: Axis, value: AxisValue): Facts {
  const [kind = '', name = ''] = axis.split(/:(.*)/s)
  // prettier-ignore
  switch (kind) {
    case 'now':      return { ...facts, now: value as Instant }
    case 'agreedAt': return { ...facts, agreedAt: value as Instant }
    case 'uses':     return { ...facts, uses: value as readonly Instant[] }
    case 'country':  return { ...facts, country: String(value) }
    case 'purpose':  return { ...facts, purpose: String(value) }
    case 'duty':     return { ...facts, duties: { ...facts.duties, [name]: value as DutyProgress } }
    default:         return { ...facts, known: { ...facts.known, [name]: value as Fact } }
  }
}

/** Values tried for one fact. */
const VALUES_MAX = 48

/** A value, and whether the policy names it: else it is an example of many. */
export interface Candidate {
  readonly axis: Axis
  readonly value: AxisValue
  readonly isNamed: boolean
}

export interface Candidates {
  readonly list: readonly Candidate[]
  readonly isCut: boolean
}

/** Everything that might turn this constraint, whichever way; `all` are the constraints of the whole question. */
export function candidatesFor(atom: CompiledAtomic, all: readonly CompiledAtomic[], facts: Facts): Candidates {
  const lists = axesOf(atom, facts).map((axis) => poolOf(axis, atom, all, facts))
  return {
    list: lists.flatMap((list) => list.slice(0, VALUES_MAX)),
    isCut: lists.some((list) => list.length > VALUES_MAX),
  }
}

function axesOf(atom: CompiledAtomic, facts: Facts): readonly Axis[] {
  const { left, kind } = atom
  const references = referencesIn(atom).filter((name) => name !== 'ctx:now' && facts.known?.[name] === undefined)
  if (references.length > 0) return references.map((name) => `known:${name}`)
  if (kind === 'window' || left === 'dateTime') return ['now']
  if (left === 'elapsedTime') return facts.agreedAt === null ? ['agreedAt'] : ['now']
  if (left === 'delayPeriod' || left === 'timeInterval') return [facts.uses === undefined ? 'uses' : 'now']
  if (left === 'tds:frequency') return facts.uses === undefined ? ['uses'] : ['uses', 'now']
  return [axisOfThing(left, facts)]
}

/** Several operands look at one fact until it is told apart for them. */
function axisOfThing(left: string, { known }: Facts): Axis {
  if (known?.[left] !== undefined) return `known:${left}`
  if (left === 'spatial' || left === 'tds:consumerJurisdiction') return 'country'
  return left === 'purpose' || left === 'tds:purposeCode' ? 'purpose' : `known:${left}`
}

function poolOf(axis: Axis, atom: CompiledAtomic, all: readonly CompiledAtomic[], facts: Facts): readonly Candidate[] {
  const named = (values: readonly AxisValue[]) => values.map((value) => ({ axis, value, isNamed: true }))
  const examples = (values: readonly AxisValue[]) => values.map((value) => ({ axis, value, isNamed: false }))
  if (axis === 'now') return examples(instants(all, facts))
  if (axis === 'agreedAt') return examples([facts.now])
  if (axis === 'uses') return examples(shorterUses(facts))
  const like = all.filter((each) => !isAboutTime(each) && axisOfThing(each.left, facts) === axis)
  if (axis.startsWith('known:') && referencesIn(atom).includes(axis.slice('known:'.length)))
    return examples(likeTheLeft(atom, facts))
  if (atom.kind === 'ordered') return examples(numbers(like, facts))
  if (atom.kind !== 'set') return []
  const names = like.flatMap((each) => (each.kind === 'set' ? literals(each) : []))
  const own = [...new Set([...literals(atom), ...names])]
  const others = OTHERS[atom.type].concat(Object.keys(facts.memberships ?? {}).slice(0, 3))
  const strange = others.filter((other) => TYPES[atom.type].parse(other) !== null && !own.includes(other))
  return [...named(own), ...(atom.about.isMany ? examples(groups(atom, own, facts)) : []), ...examples(strange)]
}

function isAboutTime({ left, kind }: CompiledAtomic): boolean {
  return kind === 'window' || left === 'dateTime' || left === 'elapsedTime'
}

/** Things that hardly any policy names. */
// prettier-ignore
const OTHERS: Readonly<Record<Extract<CompiledAtomic, { kind: 'set' }>['type'], readonly string[]>> = {
  place:   ['CN', 'SG', 'DE', 'AQ'],
  network: ['203.0.113.1', '198.51.100.1'],
  party:   ['did:web:another.example'],
  term:    ['urn:example:another'],
  code:    ['another'],
  boolean: ['true', 'false'],
}

/** Where several things together are the fact: one more, all that are wanted, and without those that are named. */
function groups(atom: CompiledAtomic, own: readonly string[], { known }: Facts): readonly Fact[] {
  const given = known?.[atom.left] ?? []
  const current = typeof given === 'string' ? [given] : given
  const wanted = atom.kind === 'set' ? literals(atom) : []
  const without = current.filter((each) => !own.includes(each))
  const several = [wanted, ...own.map((each) => [each])].map((more) => [...new Set([...current, ...more])])
  // One alone is tried by its name.
  return [...several.filter(({ length }) => length > 1), ...(without.length > 0 ? [without] : [])]
}

/** The instants at which anything turns, and those just before, nearest first. */
function instants(all: readonly CompiledAtomic[], facts: Facts): readonly Instant[] {
  const released = all.flatMap((atom) => (atom.left === 'tds:frequency' ? endsOfPeriods(atom, facts) : []))
  const turns = [...turningPoints(all, facts), ...released]
  const around = turns.flatMap((at) => [at - 1, at])
  const near = [...new Set(around)].filter((at) => Number.isFinite(at) && at !== facts.now)
  return near.sort((a, b) => Math.abs(a - facts.now) - Math.abs(b - facts.now)).map(instant)
}

/** When each use falls out of the period in which uses are counted. */
function endsOfPeriods(atom: CompiledAtomic, { uses }: Facts): readonly Instant[] {
  const { kind } = atom
  if (kind !== 'ordered' || typeof atom.right !== 'object' || !('periodMs' in atom.right)) return []
  const { periodMs } = atom.right
  return (uses ?? []).map((at) => instant(at + periodMs))
}

/** As if the latest uses had not been; the most that still fit come first. */
function shorterUses({ uses }: Facts): readonly (readonly number[])[] {
  const sorted = (uses ?? []).toSorted((a, b) => a - b)
  const lengths = sorted.map((_, index) => sorted.length - 1 - index).slice(0, VALUES_MAX - 1)
  return [...(uses === undefined ? [[]] : []), ...lengths.map((length) => sorted.slice(0, length)), []]
}

/** The bounds that are named for this operand, and what lies just below and above them, as the fact is written. */
function numbers(like: readonly CompiledAtomic[], facts: Facts): readonly Fact[] {
  const texts = like.flatMap((atom) => (atom.kind === 'ordered' ? aroundBound(atom, facts) : []))
  return [...new Set(texts)]
}

function aroundBound(atom: OrderedConstraint, facts: Facts): readonly string[] {
  const { right, about, unit, written } = atom
  const type = TYPES[about.type]
  const value = isReference(right)
    ? right.reference === 'ctx:now'
      ? facts.now
      : parsedFact(type, facts.known?.[right.reference])
    : right
  if (typeof value === 'object') {
    if (value === null || !('ms' in value) || value.months !== 0) return []
    return [value.ms, value.ms - 1000, value.ms + 1000].filter((ms) => ms >= 0).map((ms) => `PT${String(ms / 1000)}S`)
  }
  if (about.type === 'instant') return [value, value - 1, value + 1].map((at) => toIso(instant(at)))
  const digits = about.type === 'decimal' && typeof written === 'string' ? (written.split('.')[1]?.length ?? 0) : 0
  const step = 10 ** -digits
  return [value, value - step, value + step]
    .filter((number) => number >= 0 || about.type === 'decimal')
    .map((number) => `${number.toFixed(digits)}${unit === null ? '' : ` ${unit}`}`)
}

function parsedFact(type: (typeof TYPES)[keyof typeof TYPES], fact: Fact | undefined) {
  return type.kind === 'ordered' && typeof fact === 'string' ? type.parse(fact) : null
}

/** For a right operand that is a fact nobody knows: what is on the left. */
function likeTheLeft({ left, about }: CompiledAtomic, facts: Facts): readonly Fact[] {
  if (about.type === 'instant') {
    const given = facts.known?.[left]
    const at = typeof given === 'string' ? Date.parse(given) : facts.now
    return Number.isFinite(at) ? [at, at - 1, at + 1].map((each) => toIso(instant(each))) : []
  }
  if (left === 'recipient' || left === 'tds:connectorId') return [facts.participant]
  const shared: Readonly<Record<string, string | null>> = { country: facts.country, purpose: facts.purpose }
  const given = facts.known?.[left] ?? shared[axisOfThing(left, facts)] ?? null
  return given === null ? [] : [given]
}

function literals(atom: CompiledAtomic): readonly string[] {
  return atom.kind === 'set' ? atom.right.filter((value) => typeof value === 'string') : []
}

function referencesIn({ kind, right }: CompiledAtomic): readonly string[] {
  if (kind === 'window') return []
  return (Array.isArray(right) ? right : [right]).flatMap((value) => (isReference(value) ? [value.reference] : []))
}
