// The house form of rules into ODRL: `- count: { lteq: 2 }` is a constraint. Unknown keys are mistakes here.

import { nearest } from '../../kernel/nearest.ts'
import { PARTY_FUNCTIONS } from '../../protocol/odrl/json-ld.ts'
import { item, member } from '../../protocol/odrl/path.ts'
import { LOGICAL_OPERATORS } from '../../protocol/odrl/vocabulary.ts'
import type { FindingCode } from './codes.ts'

/** What is wrong with the form, where, and what was probably meant. */
export interface Complaint {
  readonly path: string
  readonly on: 'key' | 'value'
  readonly code: FindingCode
  readonly message: string
  readonly hint?: string
}

export type Complain = (complaint: Complaint) => void

/** What one policy in the house form becomes. */
export interface Expanded {
  readonly raw: Mapping
  /** Where something stands that the expansion has put elsewhere, by its place in what came out. */
  readonly aliases: ReadonlyMap<string, string>
}

type RuleKind = 'permission' | 'prohibition' | 'obligation' | 'duty' | 'remedy' | 'consequence'

const COMMON = ['uid', 'action', 'refinement', 'constraint', ...PARTY_FUNCTIONS]
const OF_DUTIES = [...COMMON, 'within', 'consequence']
// A consequence or a remedy has no consequence: that is said by whoever compiles the rules, with the reason.
// prettier-ignore
const RULE_KEYS: Readonly<Record<RuleKind, readonly string[]>> = {
  permission:  [...COMMON, 'duty'],
  prohibition: [...COMMON, 'remedy'],
  obligation:  OF_DUTIES,
  duty:        OF_DUTIES,
  remedy:      OF_DUTIES,
  consequence: OF_DUTIES,
}

const LONG_KEYS = ['uid', 'leftOperand', 'operator', 'rightOperand', 'rightOperandReference', 'unit', 'dataType']
/** Beside the one operator of the short form. */
const BESIDE = ['unit', 'dataType']

/** The keys of rules at the top of an offer, a guardrail or the policy of a template. */
export const POLICY_KEYS = ['permission', 'prohibition', 'obligation', 'conflict', 'profile']

/** Stands where a constraint cannot be read, so that the places of those after it stay right; the file is refused anyway. */
const PLACEHOLDER = { leftOperand: 'dateTime', operator: 'lt', rightOperand: '2000-01-01T00:00:00Z' }

export type Mapping = Readonly<Record<string, unknown>>

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Complains of each key that is not known, with the nearest one that is. */
export function checkKeys(value: Mapping, known: readonly string[], path: string, complain: Complain): void {
  for (const key of Object.keys(value)) {
    if (known.includes(key)) continue
    const meant = nearest(key, known)
    const message = `unknown key \`${key}\`; known here: ${known.join(', ')}`
    const at = { path: member(path, key), on: 'key', code: 'unknown-key', message } as const
    const hint = key === '<<' ? 'YAML 1.2 has no merge keys: write it out' : meant && didYouMean(meant)
    complain(hint === undefined ? at : { ...at, hint })
  }
}

export function didYouMean(word: string): string {
  return `did you mean \`${word}\`?`
}

interface Expanding {
  readonly complain: Complain
  readonly aliases: Map<string, string>
}

/** The rules of a policy as ODRL, for `collectRules`. Its other keys are somebody else's. */
export function expandRules(policy: Mapping, complain: Complain): Expanded {
  const expanding = { complain, aliases: new Map<string, string>() }
  const plain = (key: string) => (Object.hasOwn(policy, key) ? { [key]: policy[key] } : {})
  const raw = {
    ...plain('profile'),
    ...plain('conflict'),
    ...expandRuleList(policy, 'permission', '', expanding),
    ...expandRuleList(policy, 'prohibition', '', expanding),
    ...expandRuleList(policy, 'obligation', '', expanding),
  }
  return { raw, aliases: expanding.aliases }
}

/** A list of constraints in the short or the long form. */
export function expandConstraints(raw: unknown, path: string, complain: Complain): readonly unknown[] {
  return expandConstraintList(raw, path, { complain, aliases: new Map() })
}

function expandRuleList(parent: Mapping, kind: RuleKind, path: string, expanding: Expanding): Mapping {
  if (!Object.hasOwn(parent, kind)) return {}
  const at = member(path, kind)
  return { [kind]: expandList(parent[kind], at, expanding, (raw, each) => expandRule(raw, kind, each, expanding)) }
}

/** An empty key (`permission:` and nothing behind it) is a mistake: what should have followed is missing. */
function expandList(
  raw: unknown,
  path: string,
  { complain }: Expanding,
  each: (raw: unknown, path: string) => unknown,
): readonly unknown[] {
  if (raw === null || raw === undefined) {
    complain({ path, on: 'key', code: 'missing', message: 'expected a list, came nothing' })
    return []
  }
  return (Array.isArray(raw) ? raw : [raw]).map((entry: unknown, index) => each(entry, item(path, index)))
}

function expandConstraintList(raw: unknown, path: string, expanding: Expanding): readonly unknown[] {
  return expandList(raw, path, expanding, (each, at) => expandConstraint(each, at, expanding))
}

function expandRule(raw: unknown, kind: RuleKind, path: string, expanding: Expanding): unknown {
  if (!isMapping(raw)) return raw
  const known = RULE_KEYS[kind]
  checkKeys(raw, known, path, expanding.complain)
  const { within, ...rule } = Object.fromEntries(Object.entries(raw).filter(([key]) => known.includes(key)))
  const constraints = (key: string) =>
    Object.hasOwn(rule, key) ? { [key]: expandConstraintList(rule[key], member(path, key), expanding) } : {}
  return {
    ...rule,
    ...(isMapping(rule['action']) && { action: expandAction(rule['action'], member(path, 'action'), expanding) }),
    ...constraints('refinement'),
    ...constraints('constraint'),
    ...(Object.hasOwn(raw, 'within') && { constraint: expandWithin(within, rule, path, expanding) }),
    ...expandRuleList(rule, 'duty', path, expanding),
    ...expandRuleList(rule, 'remedy', path, expanding),
    ...expandRuleList(rule, 'consequence', path, expanding),
  }
}

/** `action: { value: use, refinement: […] }`, as the specification writes it. */
function expandAction(action: Mapping, path: string, expanding: Expanding): Mapping {
  if (!Object.hasOwn(action, 'refinement')) return action
  return { ...action, refinement: expandConstraintList(action['refinement'], member(path, 'refinement'), expanding) }
}

/** `within: P7D` is short for one more constraint, `elapsedTime: { lteq: P7D }`. */
function expandWithin(within: unknown, rule: Mapping, path: string, expanding: Expanding): readonly unknown[] {
  const at = member(path, 'constraint')
  const before = Object.hasOwn(rule, 'constraint')
    ? expandConstraintList(rule['constraint'], at, { ...expanding, complain: () => null })
    : []
  expanding.aliases.set(item(at, before.length), member(path, 'within'))
  return [...before, { leftOperand: 'elapsedTime', operator: 'lteq', rightOperand: within }]
}

function expandConstraint(raw: unknown, path: string, expanding: Expanding): unknown {
  const { complain } = expanding
  if (!isMapping(raw)) return raw
  const keys = Object.keys(raw)
  if (keys.some((key) => LONG_KEYS.includes(key))) {
    checkKeys(raw, LONG_KEYS, path, complain)
    return expandReference(raw, path, expanding)
  }
  const logical = LOGICAL_OPERATORS.find((key) => Object.hasOwn(raw, key))
  if (logical !== undefined) {
    checkKeys(raw, [logical], path, complain)
    return { [logical]: expandConstraintList(raw[logical], member(path, logical), expanding) }
  }
  const [leftOperand, another] = keys
  if (leftOperand === undefined || another !== undefined) {
    const message = `expected one constraint, came ${keys.length === 0 ? 'none' : keys.join(', ')}; each is an item of its own, with a dash`
    complain({ path, on: 'value', code: 'form', message })
    return PLACEHOLDER
  }
  return expandShort(leftOperand, raw[leftOperand], path, complain)
}

function expandShort(leftOperand: string, comparison: unknown, path: string, complain: Complain): unknown {
  const operators = isMapping(comparison) ? Object.keys(comparison).filter((key) => !BESIDE.includes(key)) : []
  const [operator, another] = operators
  if (!isMapping(comparison) || operator === undefined || another !== undefined) {
    const message = `expected one operator and its value, as in \`${leftOperand}: { eq: … }\``
    complain({ path: member(path, leftOperand), on: 'value', code: 'form', message })
    return PLACEHOLDER
  }
  const beside = Object.fromEntries(Object.entries(comparison).filter(([key]) => BESIDE.includes(key)))
  return { leftOperand, operator, rightOperand: comparison[operator], ...beside }
}

/** A value by reference: only those facts that have a name (`ctx:now`, `annex:endDate` …) can be referred to. */
function expandReference(raw: Mapping, path: string, { complain, aliases }: Expanding): Mapping {
  const { rightOperandReference: reference, ...rest } = raw
  if (reference === undefined) return raw
  const at = member(path, 'rightOperandReference')
  if (Object.hasOwn(raw, 'rightOperand')) {
    const message = 'a constraint has a rightOperand or a rightOperandReference, and not both'
    complain({ path: at, on: 'key', code: 'form', message })
  } else if (typeof reference !== 'string' || !/^(?:ctx|annex|consent|contract):./.test(reference)) {
    const message = 'nothing is fetched to be compared with; expected ctx:, annex:, consent: or contract: and a name'
    complain({ path: at, on: 'value', code: 'not-understood', message })
  }
  aliases.set(member(path, 'rightOperand'), at)
  return { ...rest, rightOperand: typeof reference === 'string' ? reference : '' }
}
