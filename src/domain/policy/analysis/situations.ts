// Situations that lie in a box: one fact out of each of its domains. A few are tried, because some facts hang together.

import { instant, toIso, type Instant } from '../../../kernel/time.ts'
import type { DutyProgress } from '../duties.ts'
import { addDuration } from '../../../protocol/odrl/lexical.ts'
import type { Fact, Facts } from '../facts.ts'
import type { TypeName } from '../values.ts'
import { hasThings, type Box, type Domain, type Numbers, type Things } from './domains.ts'
import { ends, from, intersection, samples } from './intervals.ts'
import type { NumberFact } from './numbers.ts'
import { settleReferences } from './references.ts'
import { USUAL_FACTS, USUAL_NOW, type Situation } from './situation.ts'
import type { Space } from './space.ts'
import { firstOf, leftOf, type Universe } from './universe.ts'
import { instantAt } from './week.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Uses that are made up to show a rate. */
const USES_MAX = 20_000
const NOWS_MAX = 3
/** A month before it is 28 days before it; before the usual instant it is 31. */
const AFTER_SHORT_MONTH = instant(Date.parse('2026-03-15T09:30:00Z'))
/** What is taken where it is possible. */
const USUAL_NUMBERS: readonly number[] = [1, 0]
const USUAL_LENGTHS_MS: readonly number[] = [HOUR_MS, DAY_MS, 0]
const USUAL_PROGRESS: readonly DutyProgress[] = ['nonset', 'fulfilled', 'late', 'violated']

/** @param action that is asked for in all of them */
export function situationsIn(box: Box, action: string, space: Space): readonly Situation[] {
  const found: Situation[] = []
  for (const preferMissing of [false, true]) {
    for (const now of nowsIn(box, space)) {
      for (const agreedAt of agreedAtsIn(box, space, now, preferMissing)) {
        const situation = situationAt({ box, action, space, now, agreedAt, preferMissing })
        if (situation !== null) found.push(situation)
      }
    }
  }
  return found
}

interface Picking {
  readonly box: Box
  readonly action: string
  readonly space: Space
  readonly now: Instant
  readonly agreedAt: Instant | null
  /** Where a fact may be known or missing, which of the two. */
  readonly preferMissing: boolean
}

function situationAt(picking: Picking): Situation | null {
  const { box, action, space, now, agreedAt } = picking
  const known: Record<string, Fact> = {}
  const asked: Record<string, string> = {}
  const duties = new Map<string, DutyProgress>()
  const counted = countedIn(picking)
  if (counted === null) return null
  for (const [key, domain] of box) {
    const number = space.numbers.get(key)
    if (domain.kind === 'numbers' && number !== undefined) noteNumber(number, domain, picking, known)
    if (domain.kind === 'things') noteThings(key, domain, picking, known, asked)
    if (domain.kind === 'choice' && !space.references.has(key)) {
      const word = USUAL_PROGRESS.find((each) => domain.words.has(each))
      if (word !== undefined) duties.set(key, word)
    }
  }
  const { used, uses, phase } = counted
  const facts: Facts = { ...USUAL_FACTS, now, agreedAt, used, known, ...(uses !== null && { uses }) }
  return { action, phase, facts: settleReferences(box, facts, phase, space), asked, duties }
}

/** Instants that the date and the hours of the box allow. */
function nowsIn(box: Box, { numbers, zones }: Space): readonly Instant[] {
  const dates = [...box].flatMap(([key, domain]) =>
    numbers.get(key)?.left === 'dateTime' && domain.kind === 'numbers' ? [domain.values] : [],
  )
  const windows = [...box].flatMap(([key, domain]) => {
    const zone = zones.get(key)
    return zone === undefined || domain.kind !== 'numbers' ? [] : [[zone, domain.values] as const]
  })
  const isByMonths = [...box.keys()].some((key) => (numbers.get(key)?.months ?? 0) > 0)
  const usual = isByMonths ? [USUAL_NOW, AFTER_SHORT_MONTH] : [USUAL_NOW]
  const starts = (dates[0] === undefined ? usual : samples(dates[0], usual)).slice(0, NOWS_MAX)
  return starts.flatMap((start) =>
    windows.length === 0 ? [instant(start)] : (instantAt(windows, instant(start)) ?? []),
  )
}

/** Dates of the agreement that give it the age that is wanted, by each measure of its age. */
function agreedAtsIn(box: Box, { numbers }: Space, now: Instant, preferMissing: boolean): readonly (Instant | null)[] {
  const ages = [...box].flatMap(([key, domain]) => {
    const number = numbers.get(key)
    return number?.left === 'elapsedTime' && domain.kind === 'numbers' ? [{ number, domain }] : []
  })
  if (ages.length === 0) return [USUAL_FACTS.agreedAt]
  if (ages.every(({ domain }) => isTakenAsMissing(domain, preferMissing))) return [null]
  return ages.flatMap(({ number, domain }) =>
    [...samples(domain.values, [DAY_MS]), ...boundsOf(domain)].map((ms) => before(instant(now - ms), number.months)),
  )
}

function boundsOf({ values }: Numbers): readonly number[] {
  const range = ends(values)
  return range === null ? [] : [range.low, range.high].filter(Number.isFinite)
}

/** The instant from which so many months lead to this one, as far as there is one. */
function before(at: Instant, months: number): Instant {
  const date = new Date(at)
  date.setUTCMonth(date.getUTCMonth() - months)
  const start = instant(date.getTime())
  return instant(start + (at - addDuration(start, { months, ms: 0 })))
}

type Counted = Pick<Situation, 'phase'> & { readonly used: number; readonly uses: readonly Instant[] | null }

/** Uses for the count and the rates of the box; null where no list of uses fits them all. */
function countedIn({ box, space, now, preferMissing }: Picking): Counted | null {
  const rates: { readonly periodMs: number; readonly domain: Numbers }[] = []
  let count = 1
  for (const [key, domain] of box) {
    const number = space.numbers.get(key)
    if (number === undefined || domain.kind !== 'numbers') continue
    if (number.left === 'count') count = samples(domain.values, USUAL_NUMBERS)[0] ?? 1
    if (number.periodMs !== null) rates.push({ periodMs: number.periodMs, domain })
  }
  const isMissing = rates.every(({ domain }) => isTakenAsMissing(domain, preferMissing))
  const totals = isMissing ? [] : totalsOf(rates)
  if (totals === null) return null
  // This use is counted before it begins; where nothing must have been counted, it runs already.
  const isRunning = count === 0 || totals.some(({ total }) => total === 0)
  const own = isRunning ? 0 : 1
  const uses = isMissing ? null : usesFor(totals, own, now)
  return { phase: isRunning ? 'during' : 'start', used: Math.max(0, count - own), uses }
}

interface Total {
  readonly periodMs: number
  readonly total: number
}

/** From the shortest window to the longest, in each at least as many as in the one before. */
function totalsOf(rates: readonly { readonly periodMs: number; readonly domain: Numbers }[]): readonly Total[] | null {
  const totals: Total[] = []
  for (const { periodMs, domain } of rates.toSorted((a, b) => a.periodMs - b.periodMs)) {
    const least = totals.at(-1)?.total ?? 0
    const [total] = samples(intersection(domain.values, from(least, true)), USUAL_NUMBERS)
    if (total === undefined || total > USES_MAX) return null
    totals.push({ periodMs, total })
  }
  return totals
}

/** Each outside the window before, and just inside its own. */
function usesFor(totals: readonly Total[], own: number, now: Instant): readonly Instant[] {
  const uses: Instant[] = []
  let inner = 0
  for (const { periodMs, total } of totals) {
    while (uses.length < total - own) uses.push(instant(now - inner))
    inner = periodMs
  }
  return uses
}

/** Facts that are not given by name but make up the situation. */
const APART: readonly string[] = ['dateTime', 'elapsedTime', 'count']

function noteNumber(fact: NumberFact, domain: Numbers, picking: Picking, known: Record<string, Fact>): void {
  const { left, type, unit, periodMs } = fact
  if (APART.includes(left) || periodMs !== null || isTakenAsMissing(domain, picking.preferMissing)) return
  const instants = [picking.now + DAY_MS, picking.now - DAY_MS]
  const preferred = type === 'instant' ? instants : type === 'duration' ? USUAL_LENGTHS_MS : USUAL_NUMBERS
  const all = samples(domain.values, preferred)
  const number = all.find((each) => each >= 0) ?? all[0]
  if (number === undefined) return
  const text = numberText(type, number)
  const others = known[left] ?? []
  // Of amounts there may be one in each currency.
  known[left] = unit === null ? text : [...(typeof others === 'string' ? [others] : others), `${text} ${unit}`]
}

function numberText(type: TypeName, number: number): string {
  if (type === 'instant') return toIso(instant(number))
  if (type === 'duration') return `PT${decimalText(number / 1000)}S`
  return decimalText(number)
}

const DIGITS_MAX = 12

function decimalText(number: number): string {
  return Number.isInteger(number) ? String(number) : number.toFixed(DIGITS_MAX).replace(/0+$/, '')
}

function noteThings(
  key: string,
  domain: Things,
  { space, preferMissing }: Picking,
  known: Record<string, Fact>,
  asked: Record<string, string>,
): void {
  const texts = isTakenAsMissing(domain, preferMissing) ? [] : pickThings(domain, space.universe(key))
  const [first] = texts
  if (first === undefined) return
  if (key.startsWith('@')) asked[key.slice(1)] = first
  else known[leftOf(key)] = texts.length === 1 ? first : texts
}

function pickThings({ all, some }: Things, universe: Universe): readonly string[] {
  const sets = some.length === 0 ? [all] : some.map((each) => each & all)
  return [...new Set(sets.flatMap((set) => firstOf(universe, set) ?? []))]
}

function isTakenAsMissing(domain: Domain, preferMissing: boolean): boolean {
  if (domain.kind === 'choice' || !domain.orMissing) return false
  const isKnowable = domain.kind === 'numbers' ? domain.values.length > 0 : hasThings(domain)
  return preferMissing || !isKnowable
}
