// A contract policy of TC609-6-2025-14 as rules of ours. Published misprints and their corrections are both read; whatever is not
// known is refused by name, because a constraint that is left out permits more than was agreed.

import { POLICY_LIMITS } from '../odrl/limits.ts'
import { parseDuration } from '../odrl/lexical.ts'
import { item, member } from '../odrl/path.ts'
import type { AtomicConstraint, Duty, Rule, Rules } from '../odrl/types.ts'
import { TC609_ACTIONS, TC609_CONSTRAINTS, TC609_OPERATORS, type ConstraintWord } from './codes.ts'
import { change, refuse, whole, type Conversion, type Converting } from './conversion.ts'
import { TC609_PROFILE } from './document.ts'
import { valueToOurs } from './values.ts'

export interface Imported {
  readonly id: string | null
  /** By language tag. */
  readonly title: Readonly<Record<string, string>>
  readonly description: Readonly<Record<string, string>>
  readonly rules: Rules
}

export interface ImportOptions {
  /** Whether a duty of a permission is due before its action here, as every 前置义务 is there. */
  readonly isPrecondition: (action: string) => boolean
  /** What stands in the way of a rule that is well formed, with paths such as `permission[0].constraint[1].operator`. */
  readonly judge?: (rules: Rules) => readonly { readonly path?: string | undefined; readonly message: string }[]
}

type Node = Readonly<Record<string, unknown>>

const POLICY_KEYS = ['profile', 'policyId', 'policyName', 'description', 'permissions', 'prohibitions', 'obligations']
const RULE_KEYS = ['uid', 'action', 'constraints']
const CONSTRAINT_KEYS = ['uid', 'name', 'operator', 'value', 'unit']
/** Misprints in what is published. */
const MISPRINTS: Readonly<Record<string, string>> = { dscription: 'description' }

export function importTc609(raw: unknown, { isPrecondition, judge = () => [] }: ImportOptions): Conversion<Imported> {
  const converting: Converting = { refused: [], changed: [] }
  const policy = nodeOf(raw, POLICY_KEYS, '', converting)
  const profile = policy?.['profile']
  if (profile !== undefined && profile !== TC609_PROFILE)
    refuse(converting, 'profile', 'no-counterpart', `expected ${TC609_PROFILE}, came ${shown(profile)}`)
  const rules = {
    ...ruleList(
      policy,
      'permissions',
      'permission',
      { theirs: 'preDuties', ours: 'duty', isPrecondition, judge },
      converting,
    ),
    ...ruleList(policy, 'prohibitions', 'prohibition', { theirs: 'remedies', ours: 'remedy', judge }, converting),
    ...ruleList(
      policy,
      'obligations',
      'obligation',
      { theirs: 'consequences', ours: 'consequence', judge },
      converting,
    ),
  }
  if (rules.permission === undefined && rules.prohibition === undefined && converting.refused.length === 0)
    refuse(converting, '', 'form', 'a policy needs at least one permission or prohibition')
  const converted = {
    id: textOf(policy?.['policyId'], 'policyId', converting),
    title: textsOf(policy?.['policyName'], 'policyName', converting),
    description: textsOf(policy?.['description'], 'description', converting),
    rules,
  }
  return { converted, ...converting }
}

interface Nested {
  readonly theirs: 'preDuties' | 'remedies' | 'consequences'
  readonly ours: 'duty' | 'remedy' | 'consequence'
  readonly isPrecondition?: (action: string) => boolean
  readonly judge: NonNullable<ImportOptions['judge']>
}

function ruleList<K extends string>(
  policy: Node | null,
  theirs: string,
  ours: K,
  nested: Nested,
  converting: Converting,
): { readonly [P in K]?: readonly Rule[] } {
  const rules: readonly Rule[] = listOf(policy?.[theirs], theirs, POLICY_LIMITS.rulesMax, converting).flatMap(
    (raw, index) => {
      const path = item(theirs, index)
      const rule = readRule(raw, path, nested, converting)
      if (rule === null) return []
      const problems = nested.judge({ [ours]: [rule] })
      for (const { path: at = '', message } of problems)
        refuse(converting, `${path}${theirPath(at, nested)}`, 'value', message)
      return problems.length === 0 ? [rule] : []
    },
  )
  return rules.length === 0 ? {} : ({ [ours]: rules } as { readonly [P in K]: readonly Rule[] })
}

/** `permission[0].constraint[1].rightOperand` as `.constraints[1].value`. */
function theirPath(path: string, { theirs, ours }: Nested): string {
  const names: Readonly<Record<string, string>> = {
    ...{ constraint: 'constraints', leftOperand: 'name', rightOperand: 'value', [ours]: theirs },
  }
  const below = path.replace(/^[a-z]+\[0\]/i, '')
  return below.replace(/[a-z]+/gi, (name) => (Object.hasOwn(names, name) ? (names[name] ?? name) : name))
}

/** Null after a refusal anywhere in it: half of a rule is another rule. */
function readRule(raw: unknown, path: string, nested: Nested | null, converting: Converting): Rule | null {
  const before = converting.refused.length
  const rule = nodeOf(raw, nested === null ? RULE_KEYS : [...RULE_KEYS, nested.theirs], path, converting)
  if (rule === null) return null
  const action = readAction(rule['action'], member(path, 'action'), converting)
  const at = member(path, 'constraints')
  const constraints = listOf(rule['constraints'], at, POLICY_LIMITS.constraintsMax, converting).map((each, index) =>
    readConstraint(each, item(at, index), converting),
  )
  const below = nested === null ? {} : readNested(rule, nested, path, converting)
  const uid = rule['uid'] === undefined ? null : textOf(rule['uid'], member(path, 'uid'), converting)
  const constraint = whole(constraints)
  if (action === null || constraint === null || converting.refused.length > before) return null
  return {
    ...(uid !== null && { '@id': uid }),
    action,
    ...(constraint.length > 0 && { constraint }),
    ...below,
  }
}

function readNested(
  rule: Node,
  { theirs, ours, isPrecondition }: Nested,
  path: string,
  converting: Converting,
): { readonly [P in Nested['ours']]?: readonly Duty[] } {
  const at = member(path, theirs)
  const duties = listOf(rule[theirs], at, POLICY_LIMITS.rulesMax, converting).flatMap((raw, index) => {
    const duty = readRule(raw, item(at, index), null, converting)
    if (duty !== null && isPrecondition?.(duty.action) === false) {
      const message = `${duty.action} follows a use here, and a 前置义务 comes before it; write it as an obligation`
      refuse(converting, member(item(at, index), 'action'), 'timing', message)
    }
    return duty ?? []
  })
  return duties.length === 0 ? {} : { [ours]: duties }
}

function readAction(raw: unknown, path: string, converting: Converting): string | null {
  const name = textOf(raw, path, converting)
  if (name === null) return null
  const word = TC609_ACTIONS.find(
    (each) => each.name === name || each.zh === name || each.also?.includes(name) === true,
  )
  if (word === undefined) {
    const known = TC609_ACTIONS.map((each) => each.name).join(', ')
    return refuse(
      converting,
      path,
      'unknown-action',
      `${shown(name)} is no action of the standard that is known here: ${known}`,
    )
  }
  if (word.name !== name) change(converting, path, name, word.ours)
  return word.ours
}

function readConstraint(raw: unknown, path: string, converting: Converting): AtomicConstraint | null {
  const node = nodeOf(raw, CONSTRAINT_KEYS, path, converting)
  if (node === null) return null
  const name = textOf(node['name'], member(path, 'name'), converting)
  const code = textOf(node['operator'], member(path, 'operator'), converting)
  const uid = node['uid'] === undefined ? null : textOf(node['uid'], member(path, 'uid'), converting)
  if (name === null || code === null) return null
  const word = constraintOf(name, node['value'])
  if (word === null) {
    const known = [...new Set(TC609_CONSTRAINTS.map((each) => each.name))].join(', ')
    const message = `${shown(name)} is no constraint of the standard that is known here: ${known}`
    return refuse(converting, member(path, 'name'), 'unknown-constraint', message)
  }
  if (word.name !== name) change(converting, member(path, 'name'), name, word.ours)
  const operator = Object.hasOwn(TC609_OPERATORS, code) ? TC609_OPERATORS[code] : undefined
  if (operator === undefined) {
    const message = `expected a code from 01 to 12, came ${shown(code)}`
    return refuse(converting, member(path, 'operator'), 'unknown-operator', message)
  }
  const value = readValue(node['value'], word, member(path, 'value'), converting)
  const unit = readUnit(node['unit'], word, member(path, 'unit'), converting)
  if (value === null || unit === null) return null
  return { ...(uid !== null && { '@id': uid }), leftOperand: word.ours, operator, rightOperand: value, ...unit }
}

/** `timeWindow` is a pause between two uses where it is a duration, and else hours of the day. */
function constraintOf(name: string, value: unknown): ConstraintWord | null {
  const named = TC609_CONSTRAINTS.filter(
    (each) => each.name === name || each.zh === name || each.also?.includes(name) === true,
  )
  const [first, second] = named
  if (first === undefined || second === undefined) return first ?? null
  return typeof value === 'string' && parseDuration(value) !== null ? first : second
}

function readValue(
  raw: unknown,
  word: ConstraintWord,
  path: string,
  converting: Converting,
): string | readonly string[] | null {
  if (!Array.isArray(raw)) {
    const text = textOf(raw, path, converting)
    return text === null ? null : valueToOurs(text, word, { path, converting })
  }
  const list = listOf(raw, path, POLICY_LIMITS.valuesMax, converting)
  if (list.length === 0) return refuse(converting, path, 'form', 'expected a value or a list of values, came none')
  return whole(
    list.map((each, index) => {
      const at = item(path, index)
      const text = textOf(each, at, converting)
      return text === null ? null : valueToOurs(text, word, { path: at, converting })
    }),
  )
}

function readUnit(
  raw: unknown,
  { name, form }: ConstraintWord,
  path: string,
  converting: Converting,
): { readonly unit?: string } | null {
  if (raw === undefined) {
    return form === 'money' ? refuse(converting, path, 'unit', `${name} needs a currency of ISO 4217, such as CNY`) : {}
  }
  const unit = textOf(raw, path, converting)
  if (unit === null) return null
  if (form === 'money') {
    const message = `${name} needs a currency of ISO 4217, came ${shown(unit)}`
    return /^[A-Z]{3}$/.test(unit) ? { unit } : refuse(converting, path, 'unit', message)
  }
  if (form === 'bytes' && unit === 'B') return {}
  const message =
    form === 'bytes'
      ? `expected B, came ${shown(unit)}, which some read in thousands and some in 1,024s`
      : `${name} takes no unit, came ${shown(unit)}`
  return refuse(converting, path, 'unit', message)
}

/** The members of an object; what is not known among them is refused. */
function nodeOf(raw: unknown, known: readonly string[], path: string, converting: Converting): Node | null {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw))
    return refuse(converting, path, 'form', `expected an object with ${known.join(', ')}, came ${shown(raw)}`)
  const node: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(raw)) {
    const name = Object.hasOwn(MISPRINTS, key) ? (MISPRINTS[key] ?? key) : key
    if (name !== key) change(converting, member(path, key), key, name)
    if (!known.includes(name))
      refuse(
        converting,
        member(path, key),
        'unknown-member',
        `unknown member ${shown(key)}; known here: ${known.join(', ')}`,
      )
    else if (Object.hasOwn(node, name)) refuse(converting, member(path, key), 'form', `${name} stands here twice`)
    else node[name] = value
  }
  return node
}

function listOf(raw: unknown, path: string, most: number, converting: Converting): readonly unknown[] {
  if (raw === undefined) return []
  if (!Array.isArray(raw) || raw.length > most) {
    const came = Array.isArray(raw) ? String(raw.length) : shown(raw)
    refuse(converting, path, 'form', `expected a list of at most ${String(most)}, came ${came}`)
    return []
  }
  return raw
}

/** A text that is not empty; a number is read as it is written. */
function textOf(raw: unknown, path: string, converting: Converting): string | null {
  const text = typeof raw === 'number' ? String(raw) : raw
  const isText = typeof text === 'string' && text !== '' && text.length <= POLICY_LIMITS.charsMax && text.isWellFormed()
  return isText ? text : refuse(converting, path, 'form', `expected a text, came ${shown(raw)}`)
}

/** One text, which is Chinese, or texts by language. */
function textsOf(raw: unknown, path: string, converting: Converting): Readonly<Record<string, string>> {
  if (raw === undefined) return {}
  if (typeof raw !== 'object' || raw === null) {
    const text = textOf(raw, path, converting)
    return text === null ? {} : { zh: text }
  }
  const texts = Object.entries(raw).map(([key, value]) => [key, textOf(value, member(path, key), converting)] as const)
  return Object.fromEntries(texts.flatMap(([key, text]) => (text === null ? [] : [[key, text]])))
}

/** At most 100 characters of what came. */
function shown(raw: unknown): string {
  const text = raw === undefined ? 'nothing' : JSON.stringify(raw)
  return text.length > 100 ? `${text.slice(0, 99)}…` : text
}
