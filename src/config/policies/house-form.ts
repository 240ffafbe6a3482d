// The house form of an offer file into ODRL: `- count: { lteq: 2 }` is a constraint. Unknown keys are mistakes here.

import { nearest } from '../../kernel/nearest.ts'
import { item, member } from '../../protocol/odrl/path.ts'
import { LOGICAL_OPERATORS } from '../../protocol/odrl/vocabulary.ts'

/** What is wrong with the form, where, and what was probably meant. */
export interface Complaint {
  readonly path: string
  readonly on: 'key' | 'value'
  readonly message: string
  readonly hint?: string
}

export type Complain = (complaint: Complaint) => void

/** Known to ODRL and said to be unsupported by whoever reads the rules, which is a better answer than "unknown key". */
const READ_LATER = ['refinement', 'consequence', 'remedy']
const RULE_KEYS = ['action', 'constraint']
const PERMISSION_KEYS = ['action', 'constraint', 'duty']
const LONG_KEYS = ['leftOperand', 'operator', 'rightOperand']

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
    const at = { path: member(path, key), on: 'key', message } as const
    complain(meant === undefined ? at : { ...at, hint: `did you mean \`${meant}\`?` })
  }
}

/** The rules of an offer as ODRL, for `collectRules`. */
export function expandRules(offer: Mapping, complain: Complain): Mapping {
  const rules = (key: string, known: readonly string[]) =>
    Object.hasOwn(offer, key)
      ? { [key]: expandList(offer[key], key, complain, (raw, at) => expandRule(raw, known, at, complain)) }
      : {}
  return {
    ...(Object.hasOwn(offer, 'profile') && { profile: offer.profile }),
    ...rules('permission', PERMISSION_KEYS),
    ...rules('prohibition', RULE_KEYS),
    ...rules('obligation', RULE_KEYS),
  }
}

/** A list of constraints in the short or the long form. */
export function expandConstraints(raw: unknown, path: string, complain: Complain): readonly unknown[] {
  return expandList(raw, path, complain, (each, at) => expandConstraint(each, at, complain))
}

/** An empty key (`permission:` and nothing behind it) is a mistake: what should have followed is missing. */
function expandList(
  raw: unknown,
  path: string,
  complain: Complain,
  each: (raw: unknown, path: string) => unknown,
): readonly unknown[] {
  if (raw === null || raw === undefined) {
    complain({ path, on: 'key', message: 'expected a list, came nothing' })
    return []
  }
  return (Array.isArray(raw) ? raw : [raw]).map((entry: unknown, index) => each(entry, item(path, index)))
}

function expandRule(raw: unknown, known: readonly string[], path: string, complain: Complain): unknown {
  if (!isMapping(raw)) return raw
  const readHere = Object.entries(raw).filter(([key]) => !READ_LATER.includes(key))
  checkKeys(Object.fromEntries(readHere), known, path, complain)
  const rule = Object.fromEntries(
    Object.entries(raw).filter(([key]) => known.includes(key) || READ_LATER.includes(key)),
  )
  const constraints = (value: unknown) => expandConstraints(value, member(path, 'constraint'), complain)
  const duties = (value: unknown) =>
    expandList(value, member(path, 'duty'), complain, (duty, at) => expandRule(duty, RULE_KEYS, at, complain))
  return {
    ...rule,
    ...(Object.hasOwn(rule, 'constraint') && { constraint: constraints(rule.constraint) }),
    ...(Object.hasOwn(rule, 'duty') && { duty: duties(rule.duty) }),
  }
}

function expandConstraint(raw: unknown, path: string, complain: Complain): unknown {
  if (!isMapping(raw)) return raw
  const keys = Object.keys(raw)
  if (keys.some((key) => LONG_KEYS.includes(key))) {
    checkKeys(raw, LONG_KEYS, path, complain)
    return raw
  }
  const logical = LOGICAL_OPERATORS.find((key) => Object.hasOwn(raw, key))
  if (logical !== undefined) {
    checkKeys(raw, [logical], path, complain)
    return { [logical]: expandConstraints(raw[logical], member(path, logical), complain) }
  }
  const [leftOperand, another] = keys
  if (leftOperand === undefined || another !== undefined) {
    const message = `expected one constraint, came ${keys.length === 0 ? 'none' : keys.join(', ')}; each is an item of its own, with a dash`
    complain({ path, on: 'value', message })
    return PLACEHOLDER
  }
  return expandShort(leftOperand, raw[leftOperand], path, complain)
}

function expandShort(leftOperand: string, comparison: unknown, path: string, complain: Complain): unknown {
  const operators = isMapping(comparison) ? Object.keys(comparison) : []
  const [operator, another] = operators
  if (!isMapping(comparison) || operator === undefined || another !== undefined) {
    const message = `expected one operator and its value, as in \`${leftOperand}: { eq: … }\``
    complain({ path: member(path, leftOperand), on: 'value', message })
    return PLACEHOLDER
  }
  return { leftOperand, operator, rightOperand: comparison[operator] }
}
