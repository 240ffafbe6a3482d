// The spellings that JSON-LD allows for one and the same thing, reduced to one: keys, single values, lists.
// What is wrong is added to `problems`, so that a file shows all its mistakes at once; a peer's policy needs only the first.

import { problem, type Problem, type ProblemCode } from '../../kernel/problem.ts'
import { spellings } from '../dsp/terms.ts'
import { POLICY_LIMITS } from './limits.ts'
import { item, member } from './path.ts'
import type { RightOperand } from './types.ts'
import { odrlLocalName } from './vocabulary.ts'

/** The members of a node by their short names. */
export type Members = ReadonlyMap<string, unknown>

const XSD = ['xsd:', 'http://www.w3.org/2001/XMLSchema#']

/** The functions of parties in a rule, beside assigner and assignee (ODRL 2.2 Common Vocabulary). */
// prettier-ignore
export const PARTY_FUNCTIONS: readonly string[] = [
  'attributedParty', 'attributingParty', 'compensatedParty', 'compensatingParty', 'consentedParty', 'consentingParty',
  'contractedParty', 'contractingParty', 'informedParty', 'informingParty', 'payeeParty', 'trackedParty', 'trackingParty',
]

/** What ODRL says in a way that this version does not follow: left unread, it would change what the policy means. */
// prettier-ignore
const MEANINGFUL: ReadonlySet<string> = new Set([
  'permission', 'prohibition', 'obligation', 'duty', 'remedy', 'consequence', 'action', 'constraint', 'refinement',
  'target', 'assigner', 'assignee', 'profile', 'inheritFrom', 'conflict',
  'leftOperand', 'operator', 'rightOperand', 'rightOperandReference', 'unit', 'dataType', 'status',
  'and', 'or', 'xone', 'andSequence', ...PARTY_FUNCTIONS,
])

/** A problem is added; the null is what the reader then gives. */
export function complain(problems: Problem[], code: ProblemCode, message: string, path: string): null {
  problems.push(problem(code, message, path))
  return null
}

/** At most 100 characters of what came, for a message. */
export function shown(raw: unknown): string {
  const text = raw === undefined ? 'nothing' : JSON.stringify(raw)
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}

/** The one member of a policy that is DSP's own word (context of DSP 2025-1, Agreement). */
const TIMESTAMPS = spellings('timestamp', 'dspace')

/** The short name of a member: bare, prefixed or full IRI; `uid` is ODRL's own word for `@id`. */
export function shortKey(key: string): string {
  const name = TIMESTAMPS.includes(key) ? 'timestamp' : (odrlLocalName(key) ?? key)
  return name === 'uid' ? '@id' : name
}

/**
 * The members of one node. Those not `understood` are ignored if they are a stranger's, and refused if they are ODRL's and
 * would change the meaning; the same member in two spellings is refused, because one of them would be lost.
 */
export function membersOf(
  raw: unknown,
  what: string,
  understood: readonly string[],
  path: string,
  problems: Problem[],
): Members | null {
  const [node] = Array.isArray(raw) && raw.length === 1 ? (raw as unknown[]) : [raw]
  if (typeof node !== 'object' || node === null || Array.isArray(node)) {
    return complain(problems, 'policy.invalid', `expected ${what}, came ${shown(raw)}`, path)
  }
  const members = new Map<string, unknown>()
  for (const [key, value] of Object.entries(node)) {
    const name = shortKey(key)
    if (members.has(name)) {
      complain(problems, 'policy.invalid', `\`${name}\` stands here twice, in two spellings`, member(path, name))
    } else if (name.startsWith('@') || understood.includes(name)) {
      members.set(name, value)
    } else if (MEANINGFUL.has(name) || odrlLocalName(key) !== null) {
      complain(problems, 'policy.not-understood', `${what} with \`${name}\` is not supported`, member(path, name))
    }
  }
  return members
}

/** A list as a list; JSON-LD writes a list of one as the thing itself. A missing one is empty. */
export function listOf(raw: unknown): readonly unknown[] {
  if (raw === undefined) return []
  const inner = wrapped(raw, '@list') ?? wrapped(raw, '@set') ?? raw
  return Array.isArray(inner) ? inner : [inner]
}

/** One term or identifier: a string, or a node or value that stands for one. Not empty, bounded, well-formed. */
export function textOf(raw: unknown, what: string, path: string, problems: Problem[]): string | null {
  const value = lexicalOf(raw, path, problems)
  if (value === null) return null
  if (typeof value !== 'string' || value === '') {
    return complain(problems, 'policy.invalid', `expected ${what}, came ${shown(raw)}`, path)
  }
  return boundedText(value, path, problems)
}

/** The right operand: its lexical form, or the list of them. */
export function rightOperandOf(raw: unknown, path: string, problems: Problem[]): RightOperand | null {
  const isList = Array.isArray(raw) || wrapped(raw, '@list') !== undefined || wrapped(raw, '@set') !== undefined
  if (!isList) return rightValueOf(raw, path, problems)

  const list = listOf(raw)
  if (list.length > POLICY_LIMITS.valuesMax) {
    const limit = String(POLICY_LIMITS.valuesMax)
    return complain(problems, 'policy.invalid', `at most ${limit} values, came ${String(list.length)}`, path)
  }
  const values = list.map((entry, index) => rightValueOf(entry, item(path, index), problems))
  return values.every((value) => value !== null) ? values : null
}

function rightValueOf(raw: unknown, path: string, problems: Problem[]): string | null {
  const value = lexicalOf(raw, path, problems)
  if (value === null) return null
  if (
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  ) {
    return boundedText(String(value), path, problems)
  }
  return complain(problems, 'policy.invalid', `expected a value or a list of values, came ${shown(raw)}`, path)
}

/** What a value or node object stands for; anything else as it is. Null after a complaint. */
function lexicalOf(raw: unknown, path: string, problems: Problem[]): unknown {
  if (raw === undefined || raw === null) {
    return complain(problems, 'policy.invalid', raw === null ? 'null says nothing here' : 'is missing', path)
  }
  if (Array.isArray(raw)) return raw.length === 1 ? lexicalOf(raw[0], path, problems) : raw
  if (typeof raw !== 'object') return raw

  const { '@id': id, '@value': value, '@type': type, '@language': _language, ...rest } = raw as Record<string, unknown>
  const plain = type === undefined || value === undefined || isXsd(type)
  if (Object.keys(rest).length > 0 || !plain || (id === undefined) === (value === undefined)) {
    return complain(problems, 'policy.not-understood', `no value that can be understood: ${shown(raw)}`, path)
  }
  return id ?? value ?? complain(problems, 'policy.invalid', 'null says nothing here', path)
}

function isXsd(type: unknown): boolean {
  return typeof type === 'string' && XSD.some((prefix) => type.startsWith(prefix))
}

function boundedText(text: string, path: string, problems: Problem[]): string | null {
  if (text.length > POLICY_LIMITS.charsMax) {
    const limit = String(POLICY_LIMITS.charsMax)
    return complain(problems, 'policy.invalid', `at most ${limit} characters, came ${String(text.length)}`, path)
  }
  // A lone surrogate has no canonical form, so no digest could be made of it.
  return text.isWellFormed() ? text : complain(problems, 'policy.invalid', 'not well-formed Unicode', path)
}

function wrapped(raw: unknown, keyword: '@list' | '@set'): unknown {
  return typeof raw === 'object' && raw !== null && Object.hasOwn(raw, keyword)
    ? (raw as Record<string, unknown>)[keyword]
    : undefined
}
