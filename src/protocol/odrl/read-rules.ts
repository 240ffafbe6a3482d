// The rules of one policy, with their constraints: read from any spelling that JSON-LD allows, with a limit on everything.

import type { Problem } from '../../kernel/problem.ts'
import {
  complain,
  listOf,
  membersOf,
  PARTY_FUNCTIONS,
  rightOperandOf,
  shortKey,
  shown,
  textOf,
  type Members,
} from './json-ld.ts'
import { POLICY_LIMITS } from './limits.ts'
import { item, member } from './path.ts'
import type { Constraint, Rule } from './types.ts'
import { LOGICAL_OPERATORS, shortTerm, type LogicalOperator } from './vocabulary.ts'

/** DSP wants these on the policy only; on a rule they may repeat it, and say nothing new. */
const SHARED_KEYS = ['target', 'assigner', 'assignee'] as const
const RULE_KEYS = ['action', 'refinement', 'constraint', ...SHARED_KEYS, ...PARTY_FUNCTIONS]
const DUTY_KEYS = [...RULE_KEYS, 'consequence']
const CONSTRAINT_KEYS = ['leftOperand', 'operator', 'rightOperand', 'unit', 'dataType', ...LOGICAL_OPERATORS]
/** Of an action with a refinement: which action it is. */
const VALUE = ['rdf:value', 'http://www.w3.org/1999/02/22-rdf-syntax-ns#value', 'value']

/** The members of each kind of rule. */
const KEYS = {
  permission: [...RULE_KEYS, 'duty'],
  prohibition: [...RULE_KEYS, 'remedy'],
  obligation: DUTY_KEYS,
  duty: DUTY_KEYS,
  // A consequence or a remedy has none of its own: that it stands there is said by whoever compiles the rules.
  remedy: DUTY_KEYS,
  consequence: DUTY_KEYS,
} as const
type RuleKind = keyof typeof KEYS
const LOGICAL: ReadonlySet<string> = new Set(LOGICAL_OPERATORS)

/** What the readers of one policy share. */
export interface Reading {
  readonly problems: Problem[]
  readonly policy: Members
  constraintsLeft: number
  isWhole: boolean
}

export function begin(policy: Members, problems: Problem[]): Reading {
  return { problems, policy, constraintsLeft: POLICY_LIMITS.constraintsMax, isWhole: true }
}

/** Each reader gives null only after a complaint. */
function readEach<T>(
  list: readonly unknown[],
  reading: Reading,
  read: (raw: unknown, index: number) => T | null,
): readonly T[] {
  const values = list.map(read).filter((value) => value !== null)
  if (values.length < list.length) reading.isWhole = false
  return values
}

/** One member, or none for an empty list: DSP's schema forbids empty ones. */
export function present<K extends string, T>(key: K, list: readonly T[]): { readonly [P in K]?: readonly T[] } {
  return list.length === 0 ? {} : ({ [key]: list } as { readonly [P in K]: readonly T[] })
}

export function readRuleList(kind: RuleKind, path: string, parent: Members, reading: Reading): readonly Rule[] {
  const at = member(path, kind)
  const list = listOf(parent.get(kind))
  if (list.length > POLICY_LIMITS.rulesMax) {
    const message = `at most ${String(POLICY_LIMITS.rulesMax)} rules, came ${String(list.length)}`
    complain(reading.problems, 'policy.invalid', message, at)
    reading.isWhole = false
    return []
  }
  return readEach(list, reading, (raw, index) => readRule(kind, raw, item(at, index), reading))
}

function readRule(kind: RuleKind, raw: unknown, path: string, reading: Reading): Rule | null {
  const { problems } = reading
  const rule = membersOf(raw, `a ${kind}`, KEYS[kind], path, problems)
  if (rule === null) return null
  for (const key of SHARED_KEYS) {
    if (rule.has(key)) readShared(key, rule, path, reading)
  }
  const action = readAction(rule, path, reading)
  const constraint = readConstraints(rule.get('constraint'), member(path, 'constraint'), 0, reading)
  const nested = (key: 'duty' | 'remedy' | 'consequence') => present(key, readRuleList(key, path, rule, reading))
  const id = rule.has('@id') ? textOf(rule.get('@id'), 'an id', member(path, '@id'), problems) : null
  if (action === null) return null
  return {
    ...(id !== null && { '@id': id }),
    ...action,
    ...present('constraint', constraint),
    ...readFunctions(rule, path, problems),
    ...nested('duty'),
    ...nested('remedy'),
    ...nested('consequence'),
  }
}

/** An action by its name, or with a refinement: in the form of the specification, or as a member beside it. */
function readAction(rule: Members, path: string, reading: Reading): Pick<Rule, 'action' | 'refinement'> | null {
  const at = member(path, 'action')
  const raw = rule.get('action')
  const [only] = Array.isArray(raw) && raw.length === 1 ? (raw as unknown[]) : [raw]
  const node = isRefined(only) ? membersOf(only, 'an action', ['refinement', ...VALUE], at, reading.problems) : null
  const name =
    node === null ? raw : (VALUE.map((key) => node.get(key)).find((value) => value !== undefined) ?? node.get('@id'))
  const action = textOf(name, 'an action', at, reading.problems)
  const refinement = [
    ...readConstraints(rule.get('refinement'), member(path, 'refinement'), 0, reading),
    ...readConstraints(node?.get('refinement'), member(at, 'refinement'), 0, reading),
  ]
  return action === null ? null : { action: shortTerm(action), ...present('refinement', refinement) }
}

function isRefined(raw: unknown): boolean {
  return typeof raw === 'object' && raw !== null && Object.keys(raw).some((key) => shortKey(key) === 'refinement')
}

/** Parties by their functions; they say to whom something is done, and nothing is evaluated by them. */
function readFunctions(rule: Members, path: string, problems: Problem[]): Pick<Rule, 'parties'> {
  const parties = PARTY_FUNCTIONS.flatMap((key) => {
    if (!rule.has(key)) return []
    const party = textOf(rule.get(key), 'a participant id', member(path, key), problems)
    return party === null ? [] : [[key, party] as const]
  })
  return parties.length === 0 ? {} : { parties: Object.fromEntries(parties) }
}

/** A rule's own target or party must be the policy's: then it is left out, as DSP demands. */
function readShared(
  key: (typeof SHARED_KEYS)[number],
  rule: Members,
  path: string,
  { policy, problems }: Reading,
): void {
  const own = textOf(rule.get(key), 'a string', member(path, key), problems)
  const shared = policy.has(key) ? textOf(policy.get(key), 'a string', key, problems) : null
  if (own !== null && own !== shared) {
    const message = `a rule's ${key} must be the policy's (${shown(shared)}), came ${shown(own)}`
    complain(problems, 'policy.invalid', message, member(path, key))
  }
}

export function readConstraints(raw: unknown, path: string, depth: number, reading: Reading): readonly Constraint[] {
  return readEach(listOf(raw), reading, (each, index) => readConstraint(each, item(path, index), depth, reading))
}

function readConstraint(raw: unknown, path: string, depth: number, reading: Reading): Constraint | null {
  const { problems } = reading
  if (--reading.constraintsLeft < 0) {
    // Said once: a policy of a million constraints must not make a million problems.
    const message = `at most ${String(POLICY_LIMITS.constraintsMax)} constraints in a policy`
    return reading.constraintsLeft === -1 ? complain(problems, 'policy.invalid', message, path) : null
  }
  const constraint = membersOf(raw, 'a constraint', CONSTRAINT_KEYS, path, problems)
  if (constraint === null) return null
  const kinds = [...constraint.keys()].filter((key) => LOGICAL.has(key)) as LogicalOperator[]
  const [logical, another] = kinds
  if (logical === undefined) return readAtomic(constraint, path, problems)

  if (another !== undefined || constraint.has('leftOperand')) {
    const message = `a constraint has a leftOperand or one of ${LOGICAL_OPERATORS.join(', ')}, and not both`
    return complain(problems, 'policy.invalid', message, path)
  }
  const at = member(path, logical)
  if (depth >= POLICY_LIMITS.depthMax) {
    return complain(problems, 'policy.invalid', `constraints nest at most ${String(POLICY_LIMITS.depthMax)} deep`, at)
  }
  const of = readConstraints(constraint.get(logical), at, depth + 1, reading)
  // An empty `and` would be true of everything.
  return of.length === 0 && problems.length === 0
    ? complain(problems, 'policy.invalid', `\`${logical}\` needs at least one constraint`, at)
    : { [logical]: of }
}

function readAtomic(constraint: Members, path: string, problems: Problem[]): Constraint | null {
  const text = (key: string, what: string) => textOf(constraint.get(key), what, member(path, key), problems)
  const [leftOperand, operator] = [text('leftOperand', 'a left operand'), text('operator', 'an operator')]
  const right = rightOperandOf(constraint.get('rightOperand'), member(path, 'rightOperand'), problems)
  const more = {
    ...optional('@id', constraint, () => text('@id', 'an id')),
    ...optional('unit', constraint, () => text('unit', 'a unit')),
    ...optional('dataType', constraint, () => text('dataType', 'the IRI of a type')),
  }
  if (leftOperand === null || operator === null || right === null) return null
  return { leftOperand: shortTerm(leftOperand), operator: shortTerm(operator), rightOperand: right, ...more }
}

function optional<K extends string>(
  key: K,
  members: Members,
  read: () => string | null,
): { readonly [P in K]?: string } {
  const value = members.has(key) ? read() : null
  return value === null ? {} : ({ [key]: value } as { readonly [P in K]: string })
}
