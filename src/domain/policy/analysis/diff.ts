// What has become of a policy: more is permitted, or less, rule by rule and as a whole, with a request that shows it.

import type { Memberships } from '../values.ts'
import { sameRules } from '../../../protocol/odrl/same-rules.ts'
import type { Rule, Rules } from '../../../protocol/odrl/types.ts'
import type { CompiledConstraints, CompiledPolicy, CompiledRule } from '../compiled.ts'
import { withDefault } from '../decide.ts'
import { compareSides, type Relation } from './compare.ts'
import { matchRules, type Pair } from './match-rules.ts'
import { requestOf, type Request } from './request.ts'
import { changesBetween, linesOf, type Change } from './rule-lines.ts'
import { sideOf, type Side } from './side.ts'

/** A policy at one time. */
export interface Version {
  readonly policy: CompiledPolicy
  readonly rules: Rules
  readonly memberships?: Memberships
  /** Without permissions of its own it permits whatever it does not prohibit. */
  readonly isGuardrail?: boolean
}

const RULE_KINDS = ['permission', 'prohibition', 'obligation'] as const
export type RuleKind = (typeof RULE_KINDS)[number]

/** As a comparison, with requests in place of situations. */
export interface Shown {
  readonly relation: Relation
  /** Permitted after, and not before; null where there is none, or none was found. */
  readonly gained: Request | null
  /** Permitted before, and not after. */
  readonly lost: Request | null
}

export interface RuleDiff extends Shown {
  readonly kind: RuleKind
  /** Null: it is new. */
  readonly before: string | null
  /** Null: it is gone. */
  readonly after: string | null
  /** What is written differently in it. */
  readonly changes: readonly Change[]
}

export interface PolicyDiff extends Shown {
  /** In the order in which they stand; those that are the same are left out. */
  readonly rules: readonly RuleDiff[]
  /** Of the policy itself: its strategy for conflicts, its profile. */
  readonly changes: readonly Change[]
}

/**
 * From the first to the second. `widened` always means that more is permitted: a prohibition is widened by prohibiting less. Of
 * an obligation it is only said whether it is the same, for a longer time to fulfil it is a lighter duty owed for longer.
 */
export function diffPolicies(before: Version, after: Version): PolicyDiff {
  const isSame = sameRules(before.rules, after.rules) && before.memberships === after.memberships
  const whole = isSame ? EQUAL : compared(versionSide(before), versionSide(after))
  const rules = isSame ? [] : RULE_KINDS.flatMap((kind) => diffKind(kind, before, after))
  return { ...whole, rules, changes: changesBetween(headLines(before.rules), headLines(after.rules)) }
}

/** What has become of constraints that stand alone, as the `access` of an offer. */
export function diffConstraints(
  before: CompiledConstraints,
  after: CompiledConstraints,
  memberships: readonly [Memberships | undefined, Memberships | undefined],
): Shown {
  const [first, second] = [before, after].map((constraints, index) => {
    const policy = withDefault(NO_RULES)
    const permissions = policy.permissions.map((rule) => ({ ...rule, constraints }))
    return sideOf({ ...policy, permissions }, {}, memberships[index])
  })
  return first === undefined || second === undefined ? EQUAL : compared(first, second)
}

function diffKind(kind: RuleKind, before: Version, after: Version): readonly RuleDiff[] {
  const [first, second] = [before, after].map((version) => rulesOf(kind, version))
  if (first === undefined || second === undefined) return []
  return matchRules(first, second).flatMap((pair) => diffPair(kind, pair, [before, after]) ?? [])
}

interface Placed {
  readonly path: string
  readonly action: string
  readonly lines: readonly string[]
}

function rulesOf(kind: RuleKind, { policy, rules }: Version): readonly Placed[] {
  const written: readonly Rule[] = rules[kind] ?? []
  return compiledOf(kind, policy).map(({ path, action }, index) => {
    const rule = written[index]
    return { path, action, lines: rule === undefined ? [`action ${action}`] : linesOf(rule) }
  })
}

function compiledOf(kind: RuleKind, policy: CompiledPolicy): readonly CompiledRule[] {
  return { permission: policy.permissions, prohibition: policy.prohibitions, obligation: policy.obligations }[kind]
}

/** Null where nothing has changed in the rule, however little its vocabulary did. */
function diffPair(kind: RuleKind, pair: Pair, versions: readonly [Version, Version]): RuleDiff | null {
  const [before, after] = versions.map((version, n) => {
    const index = pair[n]
    return index === null || index === undefined ? null : (rulesOf(kind, version)[index] ?? null)
  })
  const changes = changesBetween(before?.lines ?? [], after?.lines ?? [])
  const comparison = kind === 'obligation' ? compareOwed(changes) : compareRules(kind, pair, versions)
  if (changes.length === 0 && comparison.relation === 'equal') return null
  return { kind, before: before?.path ?? null, after: after?.path ?? null, ...comparison, changes }
}

function compareOwed(changes: readonly Change[]): Shown {
  const relation: Relation = changes.length === 0 ? 'equal' : 'unknown'
  return { ...EQUAL, relation }
}

/** Each as if it were alone: a permission in a policy of nothing else, a prohibition in one that permits the rest. */
function compareRules(kind: 'permission' | 'prohibition', pair: Pair, versions: readonly [Version, Version]): Shown {
  const [first, second] = versions.map(({ policy, rules, memberships }, n) => {
    const index = pair[n]
    const only = <T>(list: readonly T[]): readonly T[] => list.filter((_, place) => place === index)
    const lone: CompiledPolicy =
      kind === 'permission'
        ? { ...NO_RULES, permissions: only(policy.permissions) }
        : withDefault({ ...NO_RULES, prohibitions: only(policy.prohibitions) })
    return sideOf(lone, rules, memberships)
  })
  return first === undefined || second === undefined ? EQUAL : compared(first, second)
}

const EQUAL: Shown = { relation: 'equal', gained: null, lost: null }

/** Each request names duties by their places in the policy that permits it. */
function compared(before: Side, after: Side): Shown {
  const { relation, gained, lost } = compareSides(before, after)
  return {
    relation,
    gained: gained === null ? null : requestOf(gained, after),
    lost: lost === null ? null : requestOf(lost, before),
  }
}

const NO_RULES: CompiledPolicy = { conflict: 'prohibit', permissions: [], prohibitions: [], obligations: [] }

function versionSide({ policy, rules, memberships, isGuardrail }: Version): Side {
  return sideOf(isGuardrail === true ? withDefault(policy) : policy, rules, memberships)
}

function headLines({ conflict, profile }: Rules): readonly string[] {
  const profiles = profile === undefined ? [] : typeof profile === 'string' ? [profile] : profile
  return [...(conflict === undefined ? [] : [`conflict ${conflict}`]), ...profiles.map((each) => `profile ${each}`)]
}
