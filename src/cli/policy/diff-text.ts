// A diff of policies for people: each policy, what has become of it, the rules that changed, and requests that show it.

import type { PolicyDiff, RuleDiff, Shown } from '../../domain/policy/analysis/diff.ts'
import type { Request } from '../../domain/policy/analysis/request.ts'
import type { Change } from '../../domain/policy/analysis/rule-lines.ts'
import type { DiffReport, PolicyEntry } from './diff-report.ts'

type Language = 'en' | 'zh'

// prettier-ignore
const WORDS = {
  equal:          { en: 'permits the same',                              zh: '许可范围不变' },
  widened:        { en: 'WIDENED: permits more',                         zh: '放宽：许可更多' },
  narrowed:       { en: 'NARROWED: permits less',                        zh: '收紧：许可更少' },
  incomparable:   { en: 'INCOMPARABLE: permits more here and less there', zh: '不可比：有增有减' },
  unknown:        { en: 'UNKNOWN: whether it permits the same cannot be told', zh: '未知：无法判定许可范围是否相同' },
  owed:           { en: 'CHANGED: what is owed',                         zh: '变更：应尽的义务' },
  added:          { en: 'ADDED',                                         zh: '新增' },
  removed:        { en: 'REMOVED',                                       zh: '删除' },
  gained:         { en: 'permitted now, and not before',                 zh: '现在允许、之前不允许' },
  lost:           { en: 'permitted before, and not now',                 zh: '之前允许、现在不允许' },
  access:         { en: 'who may see it',                                zh: '可见范围' },
  parties:        { en: 'to whom it applies',                            zh: '适用对象' },
  isNew:          { en: 'new',                                           zh: '新增' },
  isGone:         { en: 'gone',                                          zh: '删除' },
  affected:       { en: 'Affected offers:',                              zh: '受影响的要约：' },
  counterparties: { en: 'agreements keep the former text with',          zh: '以下各方的协议沿用原文本' },
  same:           { en: 'nothing has changed',                           zh: '没有变化' },
} as const satisfies Record<string, Readonly<Record<Language, string>>>

export function diffText({ policies, affected }: DiffReport, language: Language): string {
  const changed = policies.filter(({ state }) => state !== 'same')
  if (changed.length === 0) return WORDS.same[language]
  const offers = affected.flatMap(({ offer, by, counterparties }) => [
    `  ${offer} (${by.join(', ')})`,
    ...(counterparties === null || counterparties.length === 0
      ? []
      : [`    ${WORDS.counterparties[language]}: ${counterparties.join(', ')}`]),
  ])
  const tail = offers.length === 0 ? [] : [WORDS.affected[language], ...offers]
  return [...changed.flatMap((entry) => entryLines(entry, language)), ...tail].join('\n')
}

function entryLines({ kind, id, state, diff, access }: PolicyEntry, language: Language): readonly string[] {
  if (state === 'added' || state === 'removed') return [`${kind} ${id}: ${WORDS[state][language]}`]
  if (diff === null) return []
  const seen = access === null || access.relation === 'equal' ? [] : accessLines(kind, access, language)
  return [
    `${kind} ${id}: ${WORDS[diff.relation][language]}`,
    ...requestLines(diff, language),
    ...changeLines(diff.changes),
    ...seen,
    ...diff.rules.flatMap((rule) => ruleLines(rule, diff, language)),
  ]
}

function accessLines(kind: PolicyEntry['kind'], access: Shown, language: Language): readonly string[] {
  const word = kind === 'offer' ? WORDS.access : WORDS.parties
  return [`  ${word[language]}: ${WORDS[access.relation][language]}`, ...requestLines(access, language)]
}

function ruleLines(
  { kind, before, after, changes, ...shown }: RuleDiff,
  whole: PolicyDiff,
  language: Language,
): readonly string[] {
  const place =
    before === null
      ? `${after ?? ''} (${WORDS.isNew[language]})`
      : after === null
        ? `${before} (${WORDS.isGone[language]})`
        : before === after
          ? before
          : `${before} → ${after}`
  const word = kind === 'obligation' ? WORDS.owed : WORDS[shown.relation]
  // Of the only rule that changed the whole policy has said it already.
  const requests = whole.rules.length === 1 && shown.relation === whole.relation ? [] : requestLines(shown, language)
  return [`  ${place}: ${word[language]}`, ...changeLines(changes), ...requests]
}

function changeLines(changes: readonly Change[]): readonly string[] {
  return changes.flatMap(({ before, after }) => [
    ...(before === null ? [] : [`    - ${before}`]),
    ...(after === null ? [] : [`    + ${after}`]),
  ])
}

function requestLines({ gained, lost }: Shown, language: Language): readonly string[] {
  return [
    ...(gained === null ? [] : [`    ${WORDS.gained[language]}: ${requestText(gained)}`]),
    ...(lost === null ? [] : [`    ${WORDS.lost[language]}: ${requestText(lost)}`]),
  ]
}

function requestText({ action, phase, at, given }: Request): string {
  const facts = Object.entries(given).map(([name, value]) => {
    return `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`
  })
  return [action, phase, at, ...facts].join(' ')
}
