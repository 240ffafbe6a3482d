// One evaluation of any ODRL policy against any request and state of the world. What no table of this connector has is compared
// by the facts that are given; what is not given is not known.

import type { Json } from '../../kernel/canonical-json.ts'
import { bad, good, type Result } from '../../kernel/problem.ts'
import type { Instant } from '../../kernel/time.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import { parseInstant } from '../../protocol/odrl/lexical.ts'
import type { AnyPolicy } from '../../protocol/odrl/read-any.ts'
import type { Duty, Rules } from '../../protocol/odrl/types.ts'
import { shortTerm } from '../../protocol/odrl/vocabulary.ts'
import { compilePolicyFully } from './compile.ts'
import type { CompiledPolicy } from './compiled.ts'
import type { ConstraintReason, Decision, DutyReason } from './decision.ts'
import type { DutyProgress } from './duties.ts'
import { evaluateObligations, evaluatePolicy, type Asked } from './evaluate.ts'
import { reportOf } from './evaluation-report.ts'
import type { Fact, Facts, Phase } from './facts.ts'

export interface AnyRequest {
  readonly uid: string | null
  readonly action: string
  readonly target: string | null
  /** Null: the rules of any. */
  readonly assigner: string | null
  readonly assignee: string | null
  readonly phase: Phase
  /** When it is made; null: at the time of the world. */
  readonly at: string | null
  /** What the request is like, by left operand: for refinements of actions. */
  readonly refinements: Readonly<Record<string, Fact>>
}

/** How often, by what is counted (`count`). */
export type Counters = Readonly<Record<string, number>>

/** The state of the world. What is absent is not known. */
export interface World {
  readonly now: string | null
  readonly agreedAt: string | null
  readonly participant: string | null
  readonly country: string | null
  readonly purpose: string | null
  readonly memberships: Readonly<Record<string, readonly string[]>>
  readonly duties: Readonly<Record<string, DutyProgress>>
  readonly infringed: readonly string[]
  /** Before this request. */
  readonly counters: Counters
  /** By the uid or the place of a rule. */
  readonly countersOf: Readonly<Record<string, Counters>>
  readonly uses: readonly string[] | null
  /** By left operand in any spelling. */
  readonly facts: Readonly<Record<string, Fact>>
  /** Profiles whose terms may be compared like those that no table has. */
  readonly profiles: readonly string[]
}

/** The report, as plain JSON. Refuses (`policy.invalid`, `policy.not-understood`) what cannot be compared at all. */
export function evaluateAny(
  policy: AnyPolicy,
  request: AnyRequest,
  world: World,
): Result<{ readonly [key: string]: Json }> {
  const { value: compiled, problems } = compilePolicyFully(rulesAsked(policy.rules, request, world), '', 'any')
  const [problem] = problems
  if (problem !== undefined)
    return { ok: false, problem: { ...problem, path: placeIn(policy.written, problem.path ?? '') } }
  const given = factsIn(policy, request, world)
  if (!given.ok) return given

  const asked: Asked = {
    isWhole: true,
    ...(request.target !== null && { target: request.target }),
    ...(request.assigner !== null && { assigner: request.assigner }),
    ...(request.assignee !== null && { assignee: request.assignee }),
  }
  const settled = settle(compiled, request, given.value, asked)
  const placeOf = (path: string): string => placeIn(policy.written, path)
  const { uid } = request
  return good(
    reportOf({ policy, request: uid, conflict: compiled.conflict, now: given.value.now, placeOf, ...settled }),
  )
}

interface Settled {
  readonly decision: Decision
  readonly obligations: readonly DutyReason[]
}

/** Obligations live apart from any request: they make a permit conditional, and nothing else. */
function settle(policy: CompiledPolicy, { action, phase }: AnyRequest, facts: Facts, asked: Asked): Settled {
  const rules = { ...policy, obligations: [] }
  const under = (known: Facts): Settled => ({
    decision: evaluatePolicy(rules, action, known, phase, asked),
    // As things are now: there is no later phase to leave them to.
    obligations: evaluateObligations(policy, known, 'after'),
  })
  const first = under(facts)
  const overdue = dutiesIn(first).filter(isOverdue)
  const violated = Object.fromEntries(overdue.map(({ id, path }) => [id ?? path, 'violated'] as const))
  const settled = overdue.length === 0 ? first : under({ ...facts, duties: { ...facts.duties, ...violated } })
  const { decision, obligations } = settled
  const isOwed = obligations.some(({ state }) => state === 'owed' || state === 'violated')
  return decision.verdict === 'permit' && isOwed
    ? { decision: { ...decision, verdict: 'conditional', cause: 'duty-owed' }, obligations }
    : settled
}

function dutiesIn({ decision, obligations }: Settled): readonly DutyReason[] {
  return [...decision.reasons.flatMap(({ duties, remedies = [] }) => [...duties, ...remedies]), ...obligations]
}

/** It can no longer be performed: what stands in its way is an end that has passed, and nothing else. */
function isOverdue({ state, constraints }: DutyReason): boolean {
  return state === 'inactive' && failingIn(constraints).every(isEnd)
}

function isEnd(reason: ConstraintReason): boolean {
  if ('of' in reason) return reason.operator === 'and' && failingIn(reason.of).every(isEnd)
  return ENDING.includes(reason.left) && ENDS.includes(reason.operator)
}

function failingIn(reasons: readonly ConstraintReason[]): readonly ConstraintReason[] {
  return reasons.filter(({ result }) => result === 'unsatisfied')
}

const ENDING: readonly string[] = ['dateTime', 'elapsedTime']
const ENDS: readonly string[] = ['lt', 'lteq']

/** Where something stands in the policy as it was written, by where it stands in the atomic rules. */
function placeIn(written: ReadonlyMap<string, string>, path: string): string {
  for (let end = path.length; end > 0; end = path.lastIndexOf('.', end - 1)) {
    const place = written.get(path.slice(0, end))
    if (place !== undefined) return place + path.slice(end)
  }
  return path
}

/** Without the profiles that the caller answers for, and without assigners where the request names none. */
function rulesAsked(rules: Rules, { assigner }: AnyRequest, { profiles }: World): Rules {
  const profile = [rules.profile ?? []].flat().filter((each) => !profiles.includes(each))
  const ofAny = <T extends Duty>(rule: T): T => {
    if (rule.scopes?.assigner === undefined) return rule
    const { assigner: _any, ...scopes } = rule.scopes
    return { ...rule, scopes }
  }
  const { permission = [], prohibition = [], obligation = [] } = rules
  const known = { ...rules, profile }
  if (assigner !== null) return known
  return {
    ...known,
    permission: permission.map(ofAny),
    prohibition: prohibition.map(ofAny),
    obligation: obligation.map(ofAny),
  }
}

function factsIn(policy: AnyPolicy, request: AnyRequest, world: World): Result<Facts> {
  const [now, agreedAt] = [momentIn(request.at ?? world.now, 'now'), momentIn(world.agreedAt, 'agreedAt')]
  if (!now.ok) return now
  if (!agreedAt.ok) return agreedAt
  const uses: Instant[] = []
  for (const [index, text] of (world.uses ?? []).entries()) {
    const at = momentIn(text, `uses[${String(index)}]`)
    if (!at.ok) return at
    if (at.value !== null) uses.push(at.value)
  }
  const { count, ...counters } = world.counters
  const { phase } = request
  return good({
    // Without a clock nothing that depends on it can be decided.
    now: now.value ?? (Number.NaN as Instant),
    participant: (world.participant ?? request.assignee ?? '') as ParticipantId,
    country: world.country,
    purpose: world.purpose,
    agreedAt: agreedAt.value,
    used: count ?? Number.NaN,
    known: { ...countedAs(counters, phase), ...byShortName(world.facts), ...byShortName(request.refinements) },
    ofRules: atomicPlaces(
      policy,
      Object.fromEntries(Object.entries(world.countersOf).map(([rule, own]) => [rule, countedAs(own, phase)])),
    ),
    ...(world.uses !== null && { uses }),
    duties: atomicPlaces(policy, world.duties),
    infringed: Object.keys(atomicPlaces(policy, Object.fromEntries(world.infringed.map((name) => [name, true])))),
    memberships: joined(policy.memberships, world.memberships),
  })
}

function byShortName(facts: Readonly<Record<string, Fact>>): Readonly<Record<string, Fact>> {
  return Object.fromEntries(Object.entries(facts).map(([name, fact]) => [shortTerm(name), fact]))
}

/** This use counts too, once it has begun. */
function countedAs(counters: Counters, phase: Phase): Readonly<Record<string, Fact>> {
  return Object.fromEntries(
    Object.entries(counters).map(([name, n]) => {
      const short = shortTerm(name)
      return [short, String(short === 'count' && phase === 'start' ? n + 1 : n)]
    }),
  )
}

/** What is said by the places of the policy as it was written, also by those of the atomic rules that came of them. */
function atomicPlaces<T>({ written }: AnyPolicy, by: Readonly<Record<string, T>>): Readonly<Record<string, T>> {
  const names = Object.keys(by)
  if (names.length === 0) return by
  const atomic = [...written].flatMap(([place, origin]) => {
    const value = Object.hasOwn(by, origin) ? by[origin] : undefined
    return value === undefined ? [] : [[place, value] as const]
  })
  // A place as it was written may be that of another atomic rule: it is not meant.
  const others = Object.entries(by).filter(([name]) => !written.has(name))
  return Object.fromEntries([...others, ...atomic])
}

function momentIn(text: string | null, path: string): Result<Instant | null> {
  if (text === null) return good(null)
  const at = parseInstant(text)
  return at === null
    ? bad('request.malformed', `expected a date and time with a zone, came ${JSON.stringify(text)}`, path)
    : good(at)
}

function joined(...all: readonly World['memberships'][]): World['memberships'] {
  const memberships = new Map<string, readonly string[]>()
  for (const each of all)
    for (const [thing, wholes] of Object.entries(each))
      memberships.set(thing, [...(memberships.get(thing) ?? []), ...wholes])
  return Object.fromEntries(memberships)
}
