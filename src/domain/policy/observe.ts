// One atomic constraint against the facts: what is seen on the left, and how it compares with the right.

import { toIso, type Instant } from '../../kernel/time.ts'
import { addDuration, type Duration } from '../../protocol/odrl/lexical.ts'
import type { Rate } from '../../protocol/odrl/rates.ts'
import { isInside } from '../../protocol/odrl/recurrences.ts'
import {
  isReference,
  type CompiledAtomic,
  type OrderedConstraint,
  type SetConstraint,
  type WindowConstraint,
} from './compiled.ts'
import type { AtomicReason } from './decision.ts'
import { isBefore, type Fact, type Facts, type Phase } from './facts.ts'
import type { OrderOperator, SetOperator } from './operands.ts'
import type { ConstraintResult } from './results.ts'
import { TYPES, type Belongs, type OrderedValue } from './values.ts'

/** The number on the left where it is not a fact by that name: null = not known. */
// prettier-ignore
const NUMBER: Readonly<Record<string, (facts: Facts, phase: Phase) => number | null>> = {
  dateTime:     ({ now }) => now,
  elapsedTime:  ({ now }) => now,
  // In phase `start` it is about this use too, so that `lteq 9` lets uses 1 to 9 pass.
  count:        ({ used }, phase) => (phase === 'start' ? used + 1 : used),
  delayPeriod:  sinceLastUse,
  timeInterval: sinceLastUse,
}

/** The things on the left where they are not a fact by that name. */
// prettier-ignore
const THING: Readonly<Record<string, (facts: Facts) => Fact | null>> = {
  spatial:                    ({ country, known }) => known?.spatial ?? country,
  'tds:consumerJurisdiction': ({ country, known }) => known?.['tds:consumerJurisdiction'] ?? country,
  recipient:                  ({ participant, known }) => known?.recipient ?? participant,
  'tds:connectorId':          ({ participant, known }) => known?.['tds:connectorId'] ?? participant,
  purpose:                    ({ purpose, known }) => purpose ?? known?.purpose ?? null,
  'tds:purposeCode':          ({ purpose, known }) => known?.['tds:purposeCode'] ?? purpose,
}

// prettier-ignore
const COMPARE: Readonly<Record<OrderOperator, (left: number, right: number) => boolean>> = {
  eq:   (left, right) => left === right,
  neq:  (left, right) => left !== right,
  lt:   (left, right) => left < right,
  lteq: (left, right) => left <= right,
  gt:   (left, right) => left > right,
  gteq: (left, right) => left >= right,
}

/**
 * Sets by the rows of a table: of each thing on the left and each on the right it says how the one belongs to the other.
 * `isAllOf`: every one of the right is there. `isPartOf`: every one of the left is in the right. `hasPart`: the other way.
 */
// prettier-ignore
const DECIDE: Readonly<Record<SetOperator, (table: Table) => Belongs>> = {
  eq:       (table) => both(everyRow(table), everyColumn(table)),
  neq:      (table) => not(both(everyRow(table), everyColumn(table))),
  isA:      (table) => some(table.flat()),
  isAnyOf:  (table) => some(table.flat()),
  isNoneOf: (table) => not(some(table.flat())),
  isPartOf: everyRow,
  isAllOf:  everyColumn,
  hasPart:  everyColumn,
}

/** A row for each thing of the left. */
type Table = readonly (readonly Belongs[])[]

function some(all: readonly Belongs[]): Belongs {
  return all.includes('yes') ? 'yes' : all.includes('unclear') ? 'unclear' : 'no'
}

function both(...all: readonly Belongs[]): Belongs {
  return all.includes('no') ? 'no' : all.includes('unclear') ? 'unclear' : 'yes'
}

function not(belongs: Belongs): Belongs {
  return belongs === 'yes' ? 'no' : belongs === 'no' ? 'yes' : 'unclear'
}

function everyRow(table: Table): Belongs {
  return both(...table.map(some))
}

function everyColumn(table: Table): Belongs {
  return both(...(table[0] ?? []).map((_, column) => some(table.map((row) => row[column] ?? 'no'))))
}

// prettier-ignore
const RESULT: Readonly<Record<Belongs, ConstraintResult>> = { yes: 'satisfied', no: 'unsatisfied', unclear: 'unknown' }

/**
 * @param later the constraint stands on a duty that follows delivery: what changes with time is decided then
 */
export function observe(constraint: CompiledAtomic, facts: Facts, phase: Phase, later: boolean): AtomicReason {
  const { path, left, operator, written, about: operand } = constraint
  const about = { path, left, operator, right: written, ...(constraint.id !== null && { id: constraint.id }) }
  const records = recordsIn(constraint)
  const from = records.length > 0 && isBefore(operand.from, 'start') ? 'start' : operand.from
  const until = later && operand.moves ? 'after' : from
  if (isBefore(phase, until)) return { ...about, saw: null, result: 'deferred', until }
  const seen = look(constraint, facts, phase)
  if (seen !== null) return { ...about, ...seen }
  if (facts.ahead?.includes(left) === true) return { ...about, saw: null, result: 'deferred', until: 'start' }
  // What is compared with must be there, also where the left side would be promised and no more.
  const isOpen = records.some((name) => facts.known?.[name] === undefined)
  if (constraint.missing === 'unknown' || isOpen) return { ...about, saw: null, result: 'unknown' }
  // Whoever agrees to the policy is bound by it, so nothing can be found false here.
  return isBefore(phase, 'start')
    ? { ...about, saw: null, result: 'deferred', until: 'start' }
    : { ...about, saw: null, result: 'contractual' }
}

/** The facts that the right operand refers to and that stand on the record of an agreement: before it, none of them is there. */
function recordsIn(constraint: CompiledAtomic): readonly string[] {
  if (constraint.kind === 'window') return []
  const right = constraint.kind === 'set' ? constraint.right : [constraint.right]
  return right.flatMap((value) => (isReference(value) && !value.reference.startsWith('ctx:') ? value.reference : []))
}

type Seen = Pick<AtomicReason, 'saw' | 'result'>

/** Null where the fact, or what the right operand refers to, is not known. */
function look(constraint: CompiledAtomic, facts: Facts, phase: Phase): Seen | null {
  // prettier-ignore
  switch (constraint.kind) {
    case 'ordered': return lookAtNumber(constraint, facts, phase)
    case 'set':     return lookAtThings(constraint, facts)
    case 'window':  return lookAtClock(constraint, facts)
  }
}

function lookAtNumber(constraint: OrderedConstraint, facts: Facts, phase: Phase): Seen | null {
  const value = rightOf(constraint, facts)
  if (isRate(value)) {
    const uses = usesWithin(value, facts)
    if (uses === null) return null
    // This use counts too; while it runs it has been counted.
    const used = phase === 'start' ? uses + 1 : uses
    return compared(constraint, used, value.uses, `${String(used)} in ${String(value.periodMs / 1000)} s`)
  }
  const left = numberOf(constraint, facts, phase)
  const right = value === null ? null : boundOf(constraint, value, facts.agreedAt)
  // Without a clock there is no left side, or no right one.
  if (left === null || right === null || !Number.isFinite(left) || !Number.isFinite(right)) return null
  return compared(constraint, left, right, shownNumber(constraint, left, facts))
}

function compared({ left: name, operator }: OrderedConstraint, left: number, right: number, saw: string): Seen {
  // The vocabulary has only `eq` for the pause that must lie between two uses: it is over from then on.
  const compare = name === 'timeInterval' ? COMPARE.gteq : COMPARE[operator]
  return { saw, result: compare(left, right) ? 'satisfied' : 'unsatisfied' }
}

function rightOf({ right, about }: OrderedConstraint, facts: Facts): OrderedValue | null {
  if (!isReference(right)) return right
  if (right.reference === 'ctx:now') return facts.now
  const text = oneOf(facts.known?.[right.reference])
  const type = TYPES[about.type]
  return text === null || type.kind !== 'ordered' ? null : type.parse(text)
}

/** The instant or number on the right; null where it depends on an agreement whose date is not known. */
export function boundOf(
  { left, about }: OrderedConstraint,
  right: OrderedValue,
  agreedAt: Instant | null,
): number | null {
  if (typeof right === 'number') return right
  if (isRate(right)) return right.uses
  if (left === 'elapsedTime') return agreedAt === null ? null : addDuration(agreedAt, right)
  return about.type === 'duration' && right.months === 0 ? right.ms : null
}

function isRate(value: OrderedValue | null): value is Rate {
  return typeof value === 'object' && value !== null && 'periodMs' in value
}

/** Null where nobody has counted, or no clock says since when. */
function usesWithin({ periodMs }: Rate, { uses, now }: Facts): number | null {
  return uses === undefined || !Number.isFinite(now) ? null : uses.filter((at) => at > now - periodMs).length
}

/** While a use runs, the pause before it is what it was when it began. */
function sinceLastUse({ uses, now }: Facts, phase: Phase): number | null {
  if (uses === undefined) return null
  const [last = NEVER, before = NEVER] = uses.toSorted((a, b) => b - a)
  return phase === 'during' ? last - before : now - last
}

/** The first instant that a Date can hold, in milliseconds. */
const NEVER = -8.64e15

/** The number on the left: an instant or a duration in milliseconds; null where it is not known. */
export function numberOf({ left, about, unit }: OrderedConstraint, facts: Facts, phase: Phase): number | null {
  const given = facts.known?.[left]
  if (given === undefined) return NUMBER[left]?.(facts, phase) ?? null
  // Of amounts there may be one in each currency.
  const amount = about.needsUnit ? amountIn(unit, given) : oneOf(given)
  if (amount === null) return null
  const type = TYPES[about.type]
  const value = type.kind === 'ordered' ? type.parse(amount) : null
  return value === null ? null : magnitude(left, value, facts.agreedAt)
}

function amountIn(unit: string | null, fact: Fact): string | null {
  const [amount, more] = (listOf(fact) ?? []).filter((text) => text.endsWith(` ${String(unit)}`))
  return amount === undefined || more !== undefined ? null : amount.slice(0, amount.indexOf(' '))
}

function magnitude(left: string, value: number | Duration | Rate, agreedAt: Instant | null): number | null {
  if (typeof value === 'number') return value
  if (isRate(value)) return value.uses
  // A given age of the agreement is as good as the clock.
  if (left === 'elapsedTime') return agreedAt === null ? null : addDuration(agreedAt, value)
  return value.months === 0 ? value.ms : null
}

function shownNumber({ left, about, unit }: OrderedConstraint, value: number, { now, agreedAt }: Facts): string {
  if (left === 'elapsedTime') return agreedAt === null ? toIso(now) : `PT${String((value - agreedAt) / 1000)}S`
  if (about.type === 'instant') return toIso(value as Instant)
  if (about.type === 'duration') return `PT${String(value / 1000)}S`
  return unit === null ? String(value) : `${String(value)} ${unit}`
}

function lookAtThings({ left, operator, type, right }: SetConstraint, facts: Facts): Seen | null {
  const ours = parsed(type, listOf(THING[left]?.(facts) ?? facts.known?.[left]))
  const theirs = parsed(
    type,
    right.flatMap((value) => (isReference(value) ? (listOf(facts.known?.[value.reference]) ?? [UNKNOWN]) : [value])),
  )
  if (ours === null || theirs === null) return null
  const { belongs } = TYPES[type]
  const { memberships } = facts
  const table = ours.map((thing) =>
    theirs.map((value) =>
      operator === 'hasPart' ? belongs(value, thing, memberships) : belongs(thing, value, memberships),
    ),
  )
  return { saw: ours.join(', '), result: RESULT[DECIDE[operator](decided(operator, type, table))] }
}

/** Parses as nothing. */
const UNKNOWN = ''

/** Null where there are none, or one is not of the type: a fact that is none of its type is not known. */
function parsed(type: SetConstraint['type'], texts: readonly string[] | null): readonly string[] | null {
  const values = texts?.map(TYPES[type].parse) ?? []
  return values.length === 0 || !values.every((value) => value !== null) ? null : values
}

// A claim of an area does not show a part of it, so what the one has as a part is certain either way.
function decided(operator: SetOperator, type: SetConstraint['type'], table: Table): Table {
  const isOpen = (type === 'term' && operator !== 'isA' && operator !== 'isPartOf') || operator === 'hasPart'
  return isOpen ? table.map((row) => row.map((each) => (each === 'unclear' ? 'no' : each))) : table
}

function lookAtClock({ operator, right }: WindowConstraint, { now }: Facts): Seen | null {
  if (!Number.isFinite(now)) return null
  const inside = right.some((window) => isInside(window, now))
  const isNegative = operator === 'neq' || operator === 'isNoneOf'
  return { saw: toIso(now), result: inside !== isNegative ? 'satisfied' : 'unsatisfied' }
}

function oneOf(fact: Fact | undefined): string | null {
  if (fact === undefined || typeof fact === 'string') return fact ?? null
  return fact.length === 1 ? (fact[0] ?? null) : null
}

function listOf(fact: Fact | null | undefined): readonly string[] | null {
  if (fact === null || fact === undefined) return null
  return typeof fact === 'string' ? [fact] : fact
}
