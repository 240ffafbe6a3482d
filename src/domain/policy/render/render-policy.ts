// A policy as a document for people: to whom it is open, what it is about, what is permitted on which conditions and for which
// duties, what is prohibited, and what is owed in any case. Deterministic: the same policy has the same words.

import { item, member } from '../../../protocol/odrl/path.ts'
import type { Constraint, Duty, Rule, Rules, Scope } from '../../../protocol/odrl/types.ts'
import { canonicalAction, LOGICAL_OPERATORS } from '../../../protocol/odrl/vocabulary.ts'
import { dutyTiming } from '../duties.ts'
import { actionWords } from './action-words.ts'
import { constraintWords } from './constraint-words.ts'
import { bracketed, filled, MANNERS } from './language.ts'
import { PHRASES } from './phrases.ts'
import { functionWords, TIMING_WORDS } from './term-words.ts'
import type { Speech } from './value-words.ts'

export interface PolicyDocument {
  readonly id: string
  readonly title: string
  readonly sections: readonly Section[]
  /** What is true of the whole of it. */
  readonly notes: readonly string[]
}

export interface Section {
  readonly heading: string
  readonly items: readonly Item[]
}

/** One sentence, with what belongs to it below. */
export interface Item {
  readonly text: string
  /** Where it stands in the policy; null where it stands nowhere. */
  readonly path: string | null
  readonly items: readonly Item[]
}

/** What is rendered. */
export interface Renderable {
  readonly id: string
  /** By language tag. */
  readonly title: Readonly<Record<string, string>>
  /** Which datasets, in words or patterns; empty: whatever the policy is put on. */
  readonly datasets: readonly string[]
  /** Who may see it, or to whom it applies; empty: everybody. Null: that is said elsewhere. */
  readonly parties: readonly Constraint[] | null
  readonly partiesPath: 'access' | 'parties'
  readonly rules: Rules
}

export function renderPolicy(policy: Renderable, speech: Speech): PolicyDocument {
  const say = PHRASES[speech.language]
  const { id, title, datasets, parties, partiesPath, rules } = policy
  const conditions = conditionItems(parties ?? [], partiesPath, speech)
  const who =
    conditions.length === 0
      ? leaf(partiesPath === 'access' ? say.everyone : say.everybody)
      : { text: say.whoever, path: partiesPath, items: conditions }
  const about = datasets.length === 0 ? say.anyDataset : datasets.join(MANNERS[speech.language].between)
  const sections = [
    { heading: say.who, items: parties === null ? [] : [who] },
    { heading: say.what, items: [leaf(about)] },
    {
      heading: say.permissions,
      items: listed(rules.permission, 'permission', (rule, path) => permission(rule, path, speech)),
    },
    {
      heading: say.prohibitions,
      items: listed(rules.prohibition, 'prohibition', (rule, path) => prohibition(rule, path, speech)),
    },
    {
      heading: say.obligations,
      items: listed(rules.obligation, 'obligation', (rule, path) => obligation(rule, path, speech)),
    },
  ]
  return {
    id,
    title: title[speech.language] ?? title['en'] ?? Object.values(title)[0] ?? id,
    sections: sections.filter(({ items }) => items.length > 0),
    notes: notesOf(rules, partiesPath, speech),
  }
}

function permission(rule: Rule, path: string, speech: Speech): Item {
  const say = PHRASES[speech.language]
  const duties = listed(rule.duty, member(path, 'duty'), (duty, at) => dutyItem(duty, at, speech))
  return ruleItem(
    rule,
    path,
    say.may,
    [...group(say.provided, rule, path, speech), ...under(say.duties, duties)],
    speech,
  )
}

function prohibition(rule: Rule, path: string, speech: Speech): Item {
  const say = PHRASES[speech.language]
  const remedies = listed(rule.remedy, member(path, 'remedy'), (duty, at) => reactionItem(duty, at, speech))
  return ruleItem(
    rule,
    path,
    say.mayNot,
    [...group(say.when, rule, path, speech), ...under(say.remedies, remedies)],
    speech,
  )
}

function obligation(rule: Duty, path: string, speech: Speech): Item {
  const say = PHRASES[speech.language]
  return ruleItem(
    rule,
    path,
    say.must,
    [...group(say.bound, rule, path, speech), ...consequences(rule, path, speech)],
    speech,
  )
}

/** A duty of a permission says when it is due, because policies are agreed to before anything of them is done. */
function dutyItem(duty: Duty, path: string, speech: Speech): Item {
  const timing = TIMING_WORDS[dutyTiming(canonicalAction(duty.action) ?? duty.action)][speech.language]
  return owedItem(duty, path, filled(PHRASES[speech.language].duty, { timing, action: '{action}' }), speech)
}

/** A remedy or a consequence is due once there is a reason for it. */
function reactionItem(duty: Duty, path: string, speech: Speech): Item {
  return owedItem(duty, path, PHRASES[speech.language].reaction, speech)
}

function owedItem(duty: Duty, path: string, template: string, speech: Speech): Item {
  const conditions = group(PHRASES[speech.language].bound, duty, path, speech)
  return ruleItem(duty, path, template, [...conditions, ...consequences(duty, path, speech)], speech)
}

function consequences(duty: Duty, path: string, speech: Speech): readonly Item[] {
  const items = listed(duty.consequence, member(path, 'consequence'), (each, at) => reactionItem(each, at, speech))
  return under(PHRASES[speech.language].consequences, items)
}

function ruleItem(rule: Duty, path: string, template: string, items: readonly Item[], speech: Speech): Item {
  const { language } = speech
  const say = PHRASES[language]
  const refined = conditionItems(rule.refinement ?? [], member(path, 'refinement'), speech)
  const scopes = Object.entries(rule.scopes ?? {}).map(([key, scope]) => scopeItem(key, scope as Scope, path, speech))
  const parties = Object.entries(rule.parties ?? {}).map(([key, party]) =>
    leaf(`${functionWords(key, language)}${MANNERS[language].colon}${party}`, member(path, key)),
  )
  const text = filled(template, { action: actionWords(rule.action, language) })
  return { text, path, items: [...scopes, ...parties, ...under(say.refined, refined), ...items] }
}

function scopeItem(key: string, { id, isCollection, refinement }: Scope, path: string, speech: Speech): Item {
  const { language } = speech
  const at = member(path, key)
  const whole = isCollection ? bracketed(PHRASES[language].collection, language) : ''
  const text = `${functionWords(key, language)}${MANNERS[language].colon}${id}${whole}`
  return { text, path: at, items: conditionItems(refinement ?? [], member(at, 'refinement'), speech) }
}

/** The conditions of a rule under one heading; without any there is none. */
function group(heading: string, rule: Duty, path: string, speech: Speech): readonly Item[] {
  return under(heading, conditionItems(rule.constraint ?? [], member(path, 'constraint'), speech))
}

function under(heading: string, items: readonly Item[]): readonly Item[] {
  return items.length === 0 ? [] : [{ text: heading, path: null, items }]
}

function conditionItems(constraints: readonly Constraint[], path: string, speech: Speech): readonly Item[] {
  return constraints.map((constraint, index) => conditionItem(constraint, item(path, index), speech))
}

function conditionItem(constraint: Constraint, path: string, speech: Speech): Item {
  if ('leftOperand' in constraint) {
    const { text, caveat } = constraintWords(constraint, speech)
    return leaf(caveat === null ? text : `${text}${bracketed(caveat, speech.language)}`, path)
  }
  const operator = LOGICAL_OPERATORS.find((key) => constraint[key] !== undefined) ?? 'and'
  const items = conditionItems(constraint[operator] ?? [], member(path, operator), speech)
  return { text: PHRASES[speech.language][operator], path, items }
}

function notesOf(
  { conflict, permission: permits, prohibition: bans }: Rules,
  partiesPath: string,
  { language }: Speech,
): readonly string[] {
  const say = PHRASES[language]
  const clash = permits !== undefined && bans !== undefined ? [say.conflict[conflict ?? 'invalid']] : []
  // A rule of the site without permissions prohibits, and leaves the rest alone.
  const closed = partiesPath === 'parties' && permits === undefined ? say.open : say.closed
  return [...clash, closed]
}

function listed<T>(
  rules: readonly T[] | undefined,
  path: string,
  each: (rule: T, path: string) => Item,
): readonly Item[] {
  return (rules ?? []).map((rule, index) => each(rule, item(path, index)))
}

function leaf(text: string, path: string | null = null): Item {
  return { text, path, items: [] }
}
