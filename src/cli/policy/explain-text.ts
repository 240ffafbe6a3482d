// The answer of `policy explain` for a terminal: a tree with a sign at each rule, constraint and duty, and its path.

import type {
  AtomicReason,
  ConstraintReason,
  DutyReason,
  DutyState,
  RuleReason,
  Verdict,
} from '../../domain/policy/decision.ts'
import { atomsOfPolicy } from '../../domain/policy/atoms.ts'
import { reasonOf } from '../../domain/policy/explain.ts'
import type { Phase } from '../../domain/policy/facts.ts'
import { permits, type Layer, type LayeredQuestion, type Layers } from '../../domain/policy/layers.ts'
import { factSentence, PHASE_WORDS } from '../../domain/policy/reason-words.ts'
import { actionWords } from '../../domain/policy/render/action-words.ts'
import { constraintWords } from '../../domain/policy/render/constraint-words.ts'
import { bracketed, filled, MANNERS, type Language, type Words } from '../../domain/policy/render/language.ts'
import { PHRASES } from '../../domain/policy/render/phrases.ts'
import { ENFORCEMENT_WORDS } from '../../domain/policy/render/term-words.ts'
import type { Speech } from '../../domain/policy/render/value-words.ts'
import type { ConstraintResult } from '../../domain/policy/results.ts'
import type { WhyNot } from '../../domain/policy/why-not.ts'
import { CUT, NO_REPAIR, repairsTold } from '../../domain/policy/why-not-words.ts'
import { toIso } from '../../kernel/time.ts'
import { ANY_ACTION } from '../../protocol/odrl/actions.ts'

export interface Answer {
  readonly offer: string
  readonly file: string
  readonly question: LayeredQuestion
  readonly layers: Layers
  /** Undefined: not asked for. Null: it is permitted as it is. */
  readonly whyNot?: WhyNot | null
}

// prettier-ignore
const SIGNS: Readonly<Record<ConstraintResult, string>> = {
  satisfied: '✔', contractual: '✔', deferred: '⏲', unknown: '?', unsatisfied: '✘',
}
// prettier-ignore
const DUTY_SIGNS: Readonly<Record<DutyState, string>> = {
  inactive: '·', deferred: '⏲', owed: '✘', fulfilled: '✔', violated: '✘',
}
// prettier-ignore
const VERDICTS: Readonly<Record<Verdict, Words>> = {
  permit:         { en: 'PERMIT',       zh: '允许' },
  conditional:    { en: 'CONDITIONAL',  zh: '有条件允许' },
  deny:           { en: 'DENY',         zh: '拒绝' },
  'default-deny': { en: 'DEFAULT DENY', zh: '默认拒绝' },
}
// prettier-ignore
const LAYERS: Readonly<Record<Layer['kind'], Words>> = {
  access:    { en: 'access',    zh: '可见范围' },
  contract:  { en: 'contract',  zh: '合约' },
  guardrail: { en: 'guardrail', zh: '护栏规则' },
}
// prettier-ignore
const WORDS = {
  contractual: ENFORCEMENT_WORDS.contract ?? { en: '', zh: '' },
  later:       { en: 'decided in phase {phase}',  zh: '留待{phase}阶段判定' },
  other:       { en: 'about something else',      zh: '与本请求无关' },
  idle:        { en: 'does not apply',            zh: '未触发' },
  duty:        { en: 'duty: {action} the data',   zh: '义务：{action}' },
  owedLater:   { en: 'due afterwards',            zh: '事后履行' },
  refinement:  { en: 'only in so far as',         zh: '限于' },
} as const satisfies Readonly<Record<string, Words>>

export interface Telling {
  readonly phase: Phase
  readonly speech: Speech
  /** Currencies by the place of the constraint: reasons do not repeat them. */
  readonly units?: ReadonlyMap<string, string>
}

export function answerLines({ offer, file, question, layers, whyNot }: Answer, speech: Speech): readonly string[] {
  const { language } = speech
  const { facts, phase } = question
  const telling = { phase, speech, units: unitsIn(question) }
  const refusing = layers.layers.find((layer) => !permits(layer))
  const reason = refusing === undefined ? null : reasonOf(refusing.decision, language)
  const because = reason === null ? '' : `${MANNERS[language].colon}${reason.message}  (${reason.path})`
  return [
    `${offer}  (${file})`,
    `  ${facts.participant}  ${phaseWords(phase, language)}  ${toIso(facts.now)}`,
    `  ${VERDICTS[layers.verdict][language]}${because}`,
    ...layers.layers.flatMap((layer) => layerLines(layer, telling)),
    ...(whyNot === undefined || whyNot === null ? [] : whyNotLines(whyNot, question, speech)),
  ]
}

function unitsIn({ policy, regime }: LayeredQuestion): ReadonlyMap<string, string> {
  const atoms = [policy, ...regime.guardrails.map((rail) => rail.policy)].flatMap(atomsOfPolicy)
  return new Map(
    atoms.flatMap((atom) => (atom.kind === 'ordered' && atom.unit !== null ? [[atom.path, atom.unit]] : [])),
  )
}

function phaseWords(phase: Phase, language: Language): string {
  return language === 'en' ? phase : PHASE_WORDS[phase]
}

function layerLines(layer: Layer, telling: Telling): readonly string[] {
  const { language } = telling.speech
  const name = `${LAYERS[layer.kind][language]}${layer.id === null ? '' : ` ${layer.id}`}`
  const head = `  ${permits(layer) ? '✔' : '✘'} ${name}`
  const lines =
    layer.kind === 'access'
      ? layer.decision.reasons.flatMap((reason) => constraintLines(reason, 2, telling))
      : // What permits all that a rule of the site does not prohibit is no rule that somebody wrote.
        layer.decision.reasons.filter(({ action }) => action !== ANY_ACTION).flatMap((rule) => ruleLines(rule, telling))
  return [head, ...lines]
}

export function ruleLines(rule: RuleReason, telling: Telling): readonly string[] {
  const { kind, action, state, path, matches = [], constraints, duties, remedies = [] } = rule
  const { language } = telling.speech
  const template = PHRASES[language][kind === 'permission' ? 'may' : 'mayNot']
  const idle = kind === 'prohibition' && state === 'inactive' ? WORDS.idle : null
  const aside = state === 'not-asked' ? WORDS.other : idle
  const other = aside === null ? '' : bracketed(aside[language], language)
  const text = `${filled(template, { action: actionWords(action, language) })}${other}`
  const refinements = matches.flatMap(({ refinement }) => refinement)
  return [
    line(2, ruleSign(rule), text, path),
    ...refinements.flatMap((reason) => constraintLines(reason, 3, telling, WORDS.refinement[language])),
    ...constraints.flatMap((reason) => constraintLines(reason, 3, telling)),
    ...[...duties, ...remedies].flatMap((duty) => dutyLines(duty, 3, telling)),
  ]
}

/** A prohibition that applies stands in the way, and one that does not is no obstacle. */
function ruleSign({ kind, state, result }: RuleReason): string {
  if (state === 'not-asked') return '·'
  const isGood = (kind === 'permission') === (state === 'active')
  return isGood ? (result === 'deferred' ? '⏲' : '✔') : result === 'unknown' ? '?' : '✘'
}

function dutyLines(duty: DutyReason, depth: number, telling: Telling): readonly string[] {
  const { language } = telling.speech
  const { action, path, timing, state, constraints, consequences = [] } = duty
  const isLater = timing === 'after' && state === 'owed'
  const later = isLater ? bracketed(WORDS.owedLater[language], language) : ''
  const text = `${filled(WORDS.duty[language], { action: actionWords(action, language) })}${later}`
  return [
    line(depth, isLater ? '⏲' : DUTY_SIGNS[state], text, path),
    ...constraints.flatMap((reason) => constraintLines(reason, depth + 1, telling)),
    ...consequences.flatMap((each) => dutyLines(each, depth + 1, telling)),
  ]
}

export function constraintLines(
  reason: ConstraintReason,
  depth: number,
  telling: Telling,
  before = '',
): readonly string[] {
  const { language } = telling.speech
  const prefix = before === '' ? '' : `${before}${MANNERS[language].colon}`
  const sign = SIGNS[reason.result]
  if (!('of' in reason)) return [line(depth, sign, `${prefix}${atomText(reason, telling)}`, reason.path)]
  return [
    line(depth, sign, `${prefix}${PHRASES[language][reason.operator]}`, reason.path),
    ...reason.of.flatMap((part) => constraintLines(part, depth + 1, telling)),
  ]
}

/** With the fact as it is: whoever may read the files may know it. */
function atomText(reason: AtomicReason, { phase, speech, units }: Telling): string {
  const { language } = speech
  const { left, operator, right, result, until = 'start' } = reason
  const unit = units?.get(reason.path)
  const constraint = { leftOperand: left, operator, rightOperand: right, ...(unit !== undefined && { unit }) }
  const { text } = constraintWords(constraint, speech, VALUES_SHOWN_MAX)
  if (result === 'contractual') return `${text}${bracketed(WORDS.contractual[language], language)}`
  if (result === 'deferred') return `${text} — ${filled(WORDS.later[language], { phase: phaseWords(until, language) })}`
  return `${text} — ${factSentence(reason, phase, language, 'inside')}`
}

const VALUES_SHOWN_MAX = 10

function whyNotLines({ repairs, isCut }: WhyNot, { facts }: LayeredQuestion, speech: Speech): readonly string[] {
  const told = repairsTold(repairs, facts, speech).map(({ text }) => `  → ${text}`)
  const none = told.length === 0 ? [`  → ${NO_REPAIR[speech.language]}`] : []
  return [...told, ...none, ...(isCut ? [`  → ${CUT[speech.language]}`] : [])]
}

function line(depth: number, sign: string, text: string, path: string): string {
  return `${'  '.repeat(depth)}${sign} ${text}  (${path})`
}
