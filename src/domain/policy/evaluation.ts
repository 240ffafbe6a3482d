// One evaluation of any ODRL policy against any request and state of the world, as a report: every rule, constraint and check
// with its state, whatever the others came to.

import type { Json } from '../../kernel/canonical-json.ts'
import { bad, good, type Result } from '../../kernel/problem.ts'
import { instant, toIso, type Instant } from '../../kernel/time.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import { parseInstant } from '../../protocol/odrl/lexical.ts'
import type { AnyPolicy } from '../../protocol/odrl/read-any.ts'
import { shortTerm } from '../../protocol/odrl/vocabulary.ts'
import { compilePolicyFully } from './compile.ts'
import type { ConstraintReason, DutyReason, Match, RuleReason } from './decision.ts'
import type { DutyProgress } from './duties.ts'
import { evaluateObligations, evaluatePolicy } from './evaluate.ts'
import { reasonOf } from './explain.ts'
import type { Fact, Facts, Phase } from './facts.ts'

export interface AnyRequest {
  readonly uid: string | null
  readonly action: string
  readonly target: string | null
  readonly assigner: string | null
  readonly assignee: string | null
  readonly phase: Phase
  /** What the request is like, by left operand: for refinements of actions. */
  readonly refinements: Readonly<Record<string, Fact>>
}

/** The state of the world. What is absent is not known. */
export interface World {
  readonly now: string | null
  readonly agreedAt: string | null
  readonly memberships: Readonly<Record<string, readonly string[]>>
  readonly duties: Readonly<Record<string, DutyProgress>>
  readonly infringed: readonly string[]
  /** Uses that were made before this one. */
  readonly used: number | null
  readonly uses: readonly string[] | null
  /** By left operand in any spelling. */
  readonly facts: Readonly<Record<string, Fact>>
}

type State = 'satisfied' | 'unsatisfied' | 'unknown' | 'deferred'

/** The report, as plain JSON. Refuses (`policy.invalid`, `policy.not-understood`) what cannot be compared at all. */
export function evaluateAny(
  policy: AnyPolicy,
  request: AnyRequest,
  world: World,
): Result<{ readonly [key: string]: Json }> {
  const { value: compiled, problems } = compilePolicyFully(policy.rules, '', 'any')
  const [problem] = problems
  if (problem !== undefined) return { ok: false, problem }
  const facts = factsIn(policy, request, world)
  if (!facts.ok) return facts

  const { action, phase } = request
  const asked = {
    isWhole: true,
    ...(request.target !== null && { target: request.target }),
    ...(request.assigner !== null && { assigner: request.assigner }),
    ...(request.assignee !== null && { assignee: request.assignee }),
  }
  const decision = evaluatePolicy(compiled, action, facts.value, phase, asked)
  const obligations = evaluateObligations(compiled, facts.value, phase)
  const isVoid = policy.isReplaced
  const reason = isVoid ? null : reasonOf(decision)
  return good({
    policy: policy.uid,
    request: request.uid,
    at: Number.isFinite(facts.value.now) ? toIso(facts.value.now) : null,
    phase,
    conflict: compiled.conflict,
    verdict: isVoid ? 'deny' : decision.verdict,
    cause: isVoid ? 'policy-void' : decision.cause,
    reason: isVoid ? 'another policy has taken the place of this one' : (reason?.message ?? null),
    path: reason?.path ?? null,
    rules: decision.reasons.map((rule) => ruleReport(rule, policy)),
    obligations: obligations.map((duty) => ({ ...dutyReport(duty), state: OBLIGATION[duty.state] })),
    constraints: Object.fromEntries(decision.reasons.flatMap(constraintStates)),
    duties: Object.fromEntries([...decision.reasons.flatMap(({ duties }) => duties), ...obligations].map(named)),
  })
}

// prettier-ignore
const OBLIGATION = { inactive: 'inactive', deferred: 'inactive', owed: 'active', fulfilled: 'fulfilled', violated: 'violated' } as const

function factsIn(policy: AnyPolicy, request: AnyRequest, world: World): Result<Facts> {
  const [now, agreedAt] = [momentIn(world.now, 'now'), momentIn(world.agreedAt, 'agreedAt')]
  if (!now.ok) return now
  if (!agreedAt.ok) return agreedAt
  const uses: Instant[] = []
  for (const [index, text] of (world.uses ?? []).entries()) {
    const at = parseInstant(text)
    if (at === null)
      return bad('request.malformed', `expected a date and time with a zone, came ${text}`, `uses[${String(index)}]`)
    uses.push(at)
  }
  const known = Object.fromEntries(
    [...Object.entries(world.facts), ...Object.entries(request.refinements)].map(([name, fact]) => [
      shortTerm(name),
      fact,
    ]),
  )
  return good({
    // Without a clock nothing that depends on it can be decided.
    now: now.value ?? (Number.NaN as Instant),
    participant: (request.assignee ?? '') as ParticipantId,
    country: null,
    purpose: null,
    agreedAt: agreedAt.value,
    used: world.used ?? Number.NaN,
    known,
    ...(world.uses !== null && { uses }),
    duties: world.duties,
    infringed: world.infringed,
    memberships: joined(policy.memberships, world.memberships),
  })
}

function momentIn(text: string | null, path: string): Result<Instant | null> {
  if (text === null) return good(null)
  const at = parseInstant(text)
  return at === null
    ? bad('request.malformed', `expected a date and time with a zone, came ${JSON.stringify(text)}`, path)
    : good(instant(at))
}

function joined(...all: readonly World['memberships'][]): World['memberships'] {
  const memberships: Record<string, readonly string[]> = {}
  for (const each of all)
    for (const [thing, wholes] of Object.entries(each)) memberships[thing] = [...(memberships[thing] ?? []), ...wholes]
  return memberships
}

function ruleReport(rule: RuleReason, { written }: AnyPolicy): { readonly [key: string]: Json } {
  const { path, id, kind, action, state, matches = [], constraints, duties, remedies } = rule
  const check = (key: Match['key']): State => stateOf(matches.find((match) => match.key === key)?.result ?? 'satisfied')
  return {
    uid: id ?? null,
    path: written.get(path) ?? path,
    kind,
    action,
    state: state === 'active' ? 'active' : 'inactive',
    attempted: matches.every(({ result }) => result === 'satisfied'),
    checks: { action: check('action'), target: check('target'), party: check('assignee'), assigner: check('assigner') },
    refinements: matches.flatMap(({ refinement }) => refinement.map(constraintReport)),
    constraints: constraints.map(constraintReport),
    duties: duties.map(dutyReport),
    ...(remedies !== undefined && { remedies: remedies.map(dutyReport) }),
  }
}

function constraintReport(reason: ConstraintReason): { readonly [key: string]: Json } {
  const { id, path, operator, result } = reason
  const about = { uid: id ?? null, path, operator, state: stateOf(result) }
  if ('of' in reason) return { ...about, of: reason.of.map(constraintReport) }
  const { left, right, saw } = reason
  return { ...about, left, right: typeof right === 'string' ? right : [...right], saw }
}

function dutyReport({ id, path, action, state, constraints, consequences }: DutyReason): {
  readonly [key: string]: Json
} {
  return {
    ...{ uid: id ?? null, path, action, state, constraints: constraints.map(constraintReport) },
    ...(consequences !== undefined && { consequences: consequences.map(dutyReport) }),
  }
}

function stateOf(result: ConstraintReason['result']): State {
  return result === 'contractual' ? 'unknown' : result
}

function constraintStates({ constraints, matches = [], duties }: RuleReason): readonly (readonly [string, Json])[] {
  const all = [
    ...constraints,
    ...matches.flatMap(({ refinement }) => refinement),
    ...duties.flatMap((duty) => duty.constraints),
  ]
  return all.flatMap(statesIn)
}

function statesIn(reason: ConstraintReason): readonly (readonly [string, Json])[] {
  const own = [reason.id ?? reason.path, stateOf(reason.result)] as const
  return 'of' in reason ? [own, ...reason.of.flatMap(statesIn)] : [own]
}

function named({ id, path, state }: DutyReason): readonly [string, Json] {
  return [id ?? path, state]
}
