// The sentences of reasons in both languages: what a constraint wanted, and what is said of the fact that was there.

import { toIso } from '../../kernel/time.ts'
import { parseDuration, parseInstant } from '../../protocol/odrl/lexical.ts'
import type { AtomicReason } from './decision.ts'
import type { Phase } from './facts.ts'
import { operandOf } from './operands.ts'
import { constraintWords } from './render/constraint-words.ts'
import { actionWords } from './render/action-words.ts'
import { durationWords, instantWords, valueWords } from './render/value-words.ts'
import { MANNERS, type Language } from './render/language.ts'

/** How much of a policy a sentence repeats: values of one list, characters of one value. */
const VALUES_SHOWN_MAX = 5
const VALUE_CHARS_MAX = 100

/**
 * Facts that reasons do not tell: refusals are read by peers, and these are about ourselves, or count what went to all peers.
 * The rule that failed is in the policy, which the peer has; the fact is in the trace, which it has not.
 */
const KEPT: ReadonlySet<string> = new Set(['tds:piPersonsYtd', 'tds:spiPersonsYtd'])

interface Sentences {
  /** The fact, as it is said of a request, by left operand; else by the label of the operand. */
  readonly fact: Readonly<Record<string, (saw: string, phase: Phase) => string>>
  readonly labelled: (label: string, saw: string) => string
  readonly kept: string
  readonly unknown: Readonly<Record<string, string>>
  readonly nothing: string
  readonly holds: (wanted: string, fact: string) => string
  readonly agreed: (wanted: string) => string
  readonly later: (wanted: string, until: Phase) => string
  readonly unchecked: (wanted: string, fact: string) => string
  readonly open: (wanted: string, fact: string) => string
  readonly fails: (wanted: string, fact: string) => string
  readonly and: (count: number) => string
}

// prettier-ignore
const EN: Sentences = {
  fact: {
    dateTime:             (saw) => `it is ${saw}`,
    'tds:dailyWindow':    (saw) => `it is ${saw}`,
    elapsedTime:          (saw) => `the agreement is ${saw} old`,
    meteredTime:          (saw) => `used so far: ${saw}`,
    delayPeriod:          (saw) => `the last use was ${saw} ago`,
    timeInterval:         (saw) => `the last use was ${saw} ago`,
    count:                (saw, phase) => (phase === 'start' ? `this would be use ${saw}` : `uses so far: ${saw}`),
    'tds:frequency':      (saw, phase) => (phase === 'start' ? `with this use ${saw}` : `uses so far: ${saw}`),
    spatial:              (saw) => `the participant's country is ${saw}`,
    recipient:            (saw) => `the participant is ${saw}`,
    purpose:              (saw) => `the stated purpose is ${saw}`,
  },
  labelled:  (label, saw) => `${label}: ${saw}`,
  kept:      'it is something else',
  unknown: {
    elapsedTime: 'the date of the agreement is not known',
    spatial:     "the participant's country is not known",
  },
  nothing:   'nothing is known of it',
  holds:     (wanted, fact) => `${wanted} holds: ${fact}`,
  agreed:    (wanted) => `${wanted} is agreed by contract`,
  later:     (wanted, until) => `${wanted} is decided in phase ${until}`,
  unchecked: (wanted, fact) => `${wanted} cannot be checked: ${fact}`,
  open:      (wanted, fact) => `${wanted} is left open: ${fact}`,
  fails:     (wanted, fact) => `${wanted} does not hold: ${fact}`,
  and:       (count) => ` and ${String(count)} more`,
}

// prettier-ignore
export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  catalogue: '目录展示', negotiation: '合约协商', start: '交付开始', during: '使用期间', after: '事后',
}

// prettier-ignore
const ZH: Sentences = {
  fact: {
    dateTime:             (saw) => `当前时间为 ${saw}`,
    'tds:dailyWindow':    (saw) => `当前时间为 ${saw}`,
    elapsedTime:          (saw) => `协议已签订 ${saw}`,
    meteredTime:          (saw) => `已累计使用 ${saw}`,
    delayPeriod:          (saw) => `距上次使用 ${saw}`,
    timeInterval:         (saw) => `距上次使用 ${saw}`,
    count:                (saw, phase) => (phase === 'start' ? `本次将为第 ${saw} 次使用` : `已使用 ${saw} 次`),
    'tds:frequency':      (saw, phase) => (phase === 'start' ? `连同本次：${saw}` : `已使用：${saw}`),
    spatial:              (saw) => `参与方所在国家或地区为 ${saw}`,
    recipient:            (saw) => `参与方为 ${saw}`,
    purpose:              (saw) => `所声明的使用目的为 ${saw}`,
  },
  labelled:  (label, saw) => `${label}为 ${saw}`,
  kept:      '实际情况与此不符',
  unknown: {
    elapsedTime: '协议签订日期未知',
    spatial:     '参与方所在国家或地区未知',
  },
  nothing:   '相关事实未知',
  holds:     (wanted, fact) => `“${wanted}”成立：${fact}`,
  agreed:    (wanted) => `“${wanted}”由合约约定`,
  later:     (wanted, until) => `“${wanted}”留待${PHASE_WORDS[until]}阶段判定`,
  unchecked: (wanted, fact) => `“${wanted}”无法核实：${fact}`,
  open:      (wanted, fact) => `“${wanted}”尚不能确定：${fact}`,
  fails:     (wanted, fact) => `“${wanted}”不成立：${fact}`,
  and:       (count) => `等（另有 ${String(count)} 项）`,
}

const SENTENCES: Readonly<Record<Language, Sentences>> = { en: EN, zh: ZH }

/** What a constraint came to, in one sentence. English names operands and operators as the policy does. */
export function reasonSentence(reason: AtomicReason, phase: Phase, language: Language): string {
  const say = SENTENCES[language]
  const { saw, result, until } = reason
  const wanted = wantedWords(reason, language)
  const fact = factSentence(reason, phase, language)
  // prettier-ignore
  switch (result) {
    case 'satisfied':   return say.holds(wanted, fact)
    case 'contractual': return say.agreed(wanted)
    case 'deferred':    return say.later(wanted, until ?? 'start')
    case 'unknown':     return saw === null ? say.unchecked(wanted, fact) : say.open(wanted, fact)
    case 'unsatisfied': return say.fails(wanted, fact)
  }
}

/**
 * What was there, or that nothing is known of it.
 * @param audience `peers`: also whoever was refused reads it. `inside`: only who may see every fact of ours
 */
export function factSentence(
  { left, saw }: AtomicReason,
  phase: Phase,
  language: Language,
  audience: 'peers' | 'inside' = 'peers',
): string {
  const say = SENTENCES[language]
  if (saw === null) return (Object.hasOwn(say.unknown, left) ? say.unknown[left] : undefined) ?? say.nothing
  const operand = operandOf(left)
  if (audience === 'peers' && (KEPT.has(left) || operand?.source === 'self')) return say.kept
  const shown = cut(language === 'zh' || audience === 'inside' ? seenWords(left, saw, language) : saw, VALUE_CHARS_MAX)
  const own = Object.hasOwn(say.fact, left) ? say.fact[left] : undefined
  return own?.(shown, phase) ?? say.labelled(operand?.label[language] ?? left, shown)
}

function wantedWords({ left, operator, right }: AtomicReason, language: Language): string {
  const values = typeof right === 'string' ? [right] : right
  const shown = values.slice(0, VALUES_SHOWN_MAX).map((value) => cut(value, VALUE_CHARS_MAX))
  const more = values.length - shown.length
  if (language === 'en') return `${left} ${operator} ${shown.join(', ')}${more > 0 ? EN.and(more) : ''}`
  // Counted are those that are not shown, so the whole list goes in.
  return constraintWords({ leftOperand: left, operator, rightOperand: right }, { language }, VALUES_SHOWN_MAX).text
}

/** A fact as people write it; English reasons for peers have it as the policy would write it. */
function seenWords(left: string, saw: string, language: Language): string {
  const speech = { language }
  const at = parseInstant(saw)
  if (at !== null) return instantWords(toIso(at), speech) ?? saw
  const duration = parseDuration(saw)
  if (duration !== null) return durationWords(duration, language)
  const [, uses, seconds] = /^(\d+) in ([\d.]+) s$/.exec(saw) ?? []
  if (uses !== undefined && seconds !== undefined) {
    const period = durationWords({ months: 0, ms: Number(seconds) * 1000 }, language)
    return language === 'zh' ? `${period}内 ${uses} 次` : `${uses} in ${period}`
  }
  const type = operandOf(left)?.type
  if (type !== 'place' && type !== 'code' && type !== 'boolean') return saw
  const things = saw.split(', ').map((each) => valueWords(each, type, left, null, speech))
  return things.join(MANNERS[language].between)
}

interface RuleSentences {
  readonly prohibited: (action: string, open: string | null) => string
  readonly void: (message: string, permission: string) => string
  readonly dutyFirst: (duty: string, action: string) => string
  readonly notPermitted: (action: string) => string
  readonly notCovered: (action: string) => string
  readonly oneOf: string
  readonly exactlyOne: string
  readonly parts: (wanted: string, parts: readonly string[]) => string
}

// prettier-ignore
export const RULE_SENTENCES: Readonly<Record<Language, RuleSentences>> = {
  en: {
    prohibited:   (action, open) => `${action} is prohibited${open === null ? '' : `, as far as is known (${open})`}`,
    void:         (message, permission) => `policy-void: ${message}, and ${permission} permits it; such a conflict voids the policy`,
    dutyFirst:    (duty, action) => `the duty to ${duty} comes before ${action}, and nothing shows that it was fulfilled`,
    notPermitted: (action) => `${action} is not permitted`,
    notCovered:   (action) => `no permission covers ${action}`,
    oneOf:        'one of these must hold',
    exactlyOne:   'exactly one of these must hold',
    parts:        (wanted, parts) => `${wanted}: ${parts.map((part) => `[${part}]`).join(' ')}`,
  },
  zh: {
    prohibited:   (action, open) => `禁止${action}${open === null ? '' : `（就目前所知：${open}）`}`,
    void:         (message, permission) => `策略无效：${message}，而 ${permission} 又予以允许，此冲突使整个策略无效`,
    dutyFirst:    (duty, action) => `${action}之前须先履行“${duty}”义务，目前没有已履行的记录`,
    notPermitted: (action) => `不允许${action}`,
    notCovered:   (action) => `没有任何允许涵盖“${action}”`,
    oneOf:        '以下至少须有一项成立',
    exactlyOne:   '以下须恰有一项成立',
    parts:        (wanted, parts) => `${wanted}：${parts.map((part) => `［${part}］`).join('')}`,
  },
}

/** English calls an action as the policy does. */
export function actionNamed(action: string, language: Language): string {
  return language === 'en' ? action : actionWords(action, language)
}

export function cut(text: string, charsMax: number): string {
  return text.length > charsMax ? `${text.slice(0, charsMax - 1)}…` : text
}
