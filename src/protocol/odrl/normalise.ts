// Policies from the wire or from a file into one form: short names, arrays, plain values. Says nothing yet about what they mean.

import { bad, good, type Problem, type Result } from '../../kernel/problem.ts'
import type { AgreementId, DatasetId, OfferId, ParticipantId } from '../ids.ts'
import { complain, listOf, membersOf, rightOperandOf, shown, textOf, type Members } from './json-ld.ts'
import { parseInstant } from './lexical.ts'
import { POLICY_LIMITS } from './limits.ts'
import { item, member } from './path.ts'
import type { Agreement, Constraint, Duty, MessageOffer, Offer, Rule, Rules } from './types.ts'
import { LOGICAL_OPERATORS, shortTerm, type LogicalOperator } from './vocabulary.ts'

/**
 * What was read and everything that is wrong with it: the value counts only if there are no problems. It is null where a
 * part could not be read at all, so that the places in a value that is there are those of the text.
 */
export interface Collected<T> {
  readonly value: T | null
  readonly problems: readonly Problem[]
}

const POLICY_KEYS = [
  'profile',
  'permission',
  'prohibition',
  'obligation',
  'target',
  'assigner',
  'assignee',
  'timestamp',
]
/** DSP wants these on the policy only; on a rule they may repeat it, and say nothing new. */
const SHARED_KEYS = ['target', 'assigner', 'assignee'] as const
const DUTY_KEYS = ['action', 'constraint', ...SHARED_KEYS]
const CONSTRAINT_KEYS = ['leftOperand', 'operator', 'rightOperand', ...LOGICAL_OPERATORS]
const LOGICAL: ReadonlySet<string> = new Set(LOGICAL_OPERATORS)

/** What the readers of one policy share. */
interface Reading {
  readonly problems: Problem[]
  readonly policy: Members
  constraintsLeft: number
  isWhole: boolean
}

/**
 * The rules of a policy. Refuses (`policy.invalid`) what is not a policy, has neither permission nor prohibition or is over
 * a limit, and (`policy.not-understood`) ODRL that would be lost here: refinements, remedies, consequences, conflict, units.
 */
export function readRules(raw: unknown, path = ''): Result<Rules> {
  return settled(collectRules(raw, path))
}

/** An Offer of a catalogue (DSP 2025-1, catalog protocol). */
export function readOffer(raw: unknown, path = ''): Result<Offer> {
  return settled(
    collect(raw, path, (policy, problems, rules) => {
      const id = textOf(policy.get('@id'), 'an id', member(path, '@id'), problems)
      if (policy.has('@type')) readType(policy, 'Offer', path, problems)
      return id === null
        ? null
        : { '@id': id as OfferId, '@type': 'Offer', ...readParties(policy, path, problems), ...rules }
    }),
  )
}

/** An Offer of a ContractRequestMessage or ContractOfferMessage: it names its dataset. */
export function readMessageOffer(raw: unknown, path = ''): Result<MessageOffer> {
  return settled(collectMessageOffer(raw, path))
}

/** The Agreement of a ContractAgreementMessage: both parties, the dataset, and since when. */
export function readAgreement(raw: unknown, path = ''): Result<Agreement> {
  return settled(
    collect(raw, path, (policy, problems, rules) => {
      const text = (key: string) => textOf(policy.get(key), 'a string', member(path, key), problems)
      readType(policy, 'Agreement', path, problems)
      const [id, target, assigner, assignee] = [text('@id'), text('target'), text('assigner'), text('assignee')]
      const timestamp = text('timestamp')
      if (timestamp !== null && parseInstant(timestamp) === null) {
        const message = `expected an xsd:dateTime with a zone, came ${shown(timestamp)}`
        complain(problems, 'policy.invalid', message, member(path, 'timestamp'))
      }
      if (id === null || target === null || assigner === null || assignee === null || timestamp === null) return null
      return {
        '@id': id as AgreementId,
        '@type': 'Agreement',
        target: target as DatasetId,
        assigner: assigner as ParticipantId,
        assignee: assignee as ParticipantId,
        timestamp,
        ...rules,
      }
    }),
  )
}

/** Like `readRules`, with every problem instead of the first. */
export function collectRules(raw: unknown, path = ''): Collected<Rules> {
  return collect(raw, path, (_policy, _problems, rules) => rules)
}

/** Like `readMessageOffer`, with every problem instead of the first. */
export function collectMessageOffer(raw: unknown, path = ''): Collected<MessageOffer> {
  return collect(raw, path, (policy, problems, rules) => {
    readType(policy, 'Offer', path, problems)
    const id = textOf(policy.get('@id'), 'an id', member(path, '@id'), problems)
    const target = textOf(policy.get('target'), 'the id of a dataset', member(path, 'target'), problems)
    if (id === null || target === null) return null
    const parties = readParties(policy, path, problems)
    return { '@id': id as OfferId, '@type': 'Offer', target: target as DatasetId, ...parties, ...rules }
  })
}

/** A list of constraints that stands alone (the `access` of an offer file). */
export function collectConstraints(raw: unknown, path = ''): Collected<readonly Constraint[]> {
  const problems: Problem[] = []
  const reading = begin(new Map(), problems)
  const value = readConstraints(raw, path, 0, reading)
  return { value: reading.isWhole ? value : null, problems }
}

function settled<T>({ value, problems: [first] }: Collected<T>): Result<T> {
  if (first !== undefined) return { ok: false, problem: first }
  // Every reader that gives null has complained. Were there one that has not, its policy must not pass for one without rules.
  return value === null ? bad('policy.invalid', 'a part of this policy cannot be read') : good(value)
}

function collect<T>(
  raw: unknown,
  path: string,
  finish: (policy: Members, problems: Problem[], rules: Rules) => T | null,
): Collected<T> {
  const problems: Problem[] = []
  const policy = membersOf(raw, 'a policy', POLICY_KEYS, path, problems)
  if (policy === null) return { value: null, problems }

  const reading = begin(policy, problems)
  const rules = {
    ...present('profile', readProfile(policy, path, problems)),
    ...present('permission', readRuleList('permission', [...DUTY_KEYS, 'duty'], path, policy, reading)),
    ...present('prohibition', readRuleList('prohibition', DUTY_KEYS, path, policy, reading)),
    ...present('obligation', readRuleList('obligation', DUTY_KEYS, path, policy, reading)),
  }
  if (problems.length === 0 && rules.permission === undefined && rules.prohibition === undefined) {
    complain(problems, 'policy.invalid', 'a policy needs at least one permission or prohibition', path)
  }
  const value = finish(policy, problems, rules)
  return { value: reading.isWhole ? value : null, problems }
}

function begin(policy: Members, problems: Problem[]): Reading {
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
function present<K extends string, T>(key: K, list: readonly T[]): { readonly [P in K]?: readonly T[] } {
  return list.length === 0 ? {} : ({ [key]: list } as { readonly [P in K]: readonly T[] })
}

function readType(policy: Members, expected: string, path: string, problems: Problem[]): void {
  const at = member(path, '@type')
  const type = textOf(policy.get('@type'), `the type ${expected}`, at, problems)
  const short = type?.replace(/^(?:odrl:|http:\/\/www\.w3\.org\/ns\/odrl\/2\/)/, '')
  if (short !== undefined && short !== expected) {
    complain(problems, 'policy.invalid', `expected the type ${expected}, came ${shown(type)}`, at)
  }
}

function readParties(policy: Members, path: string, problems: Problem[]): Pick<Offer, 'assigner' | 'assignee'> {
  const parties: { assigner?: ParticipantId; assignee?: ParticipantId } = {}
  for (const key of ['assigner', 'assignee'] as const) {
    if (!policy.has(key)) continue
    const party = textOf(policy.get(key), 'a participant id', member(path, key), problems)
    if (party !== null) parties[key] = party as ParticipantId
  }
  return parties
}

function readProfile(policy: Members, path: string, problems: Problem[]): readonly string[] {
  const at = member(path, 'profile')
  return listOf(policy.get('profile')).flatMap((raw) => textOf(raw, 'the IRI of a profile', at, problems) ?? [])
}

function readRuleList(
  kind: 'permission' | 'prohibition' | 'obligation' | 'duty',
  keys: readonly string[],
  path: string,
  parent: Members,
  reading: Reading,
): readonly Rule[] {
  const at = member(path, kind)
  const list = listOf(parent.get(kind))
  if (list.length > POLICY_LIMITS.rulesMax) {
    const message = `at most ${String(POLICY_LIMITS.rulesMax)} rules, came ${String(list.length)}`
    complain(reading.problems, 'policy.invalid', message, at)
    reading.isWhole = false
    return []
  }
  return readEach(list, reading, (raw, index) => readRule(kind, raw, keys, item(at, index), reading))
}

function readRule(kind: string, raw: unknown, keys: readonly string[], path: string, reading: Reading): Rule | null {
  const { problems } = reading
  const rule = membersOf(raw, `a ${kind}`, keys, path, problems)
  if (rule === null) return null
  for (const key of SHARED_KEYS) {
    if (rule.has(key)) readShared(key, rule, path, reading)
  }
  const action = textOf(rule.get('action'), 'an action', member(path, 'action'), problems)
  const constraint = readConstraints(rule.get('constraint'), member(path, 'constraint'), 0, reading)
  const duty: readonly Duty[] = readRuleList('duty', DUTY_KEYS, path, rule, reading)
  return action === null
    ? null
    : { action: shortTerm(action), ...present('constraint', constraint), ...present('duty', duty) }
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

function readConstraints(raw: unknown, path: string, depth: number, reading: Reading): readonly Constraint[] {
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
  const leftOperand = textOf(constraint.get('leftOperand'), 'a left operand', member(path, 'leftOperand'), problems)
  const operator = textOf(constraint.get('operator'), 'an operator', member(path, 'operator'), problems)
  const rightOperand = rightOperandOf(constraint.get('rightOperand'), member(path, 'rightOperand'), problems)
  if (leftOperand === null || operator === null || rightOperand === null) return null
  return { leftOperand: shortTerm(leftOperand), operator: shortTerm(operator), rightOperand }
}
