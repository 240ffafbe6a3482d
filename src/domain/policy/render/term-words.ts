// What codes, references, functions of parties and the times of duties are called in Chinese and in English.

import { TC609_CODES } from '../../../protocol/tc609/codes.ts'
import type { Enforcement } from '../operands.ts'
import type { DutyTiming } from '../duties.ts'
import { bracketed, filled, type Language, type Words } from './language.ts'

/** Codes of the project's profile that stand for a word, by left operand. */
// prettier-ignore
const CODES: Readonly<Record<string, Readonly<Record<string, Words>>>> = {
  ...TC609_CODES,
  'tds:dataGrade': {
    general:       { zh: '一般数据',       en: 'general data' },
    important:     { zh: '重要数据',       en: 'important data' },
    core:          { zh: '核心数据',       en: 'core data' },
  },
  'tds:personalData': {
    none:          { zh: '不含个人信息',   en: 'no personal data' },
    anonymised:    { zh: '已匿名化',       en: 'anonymised' },
    pseudonymised: { zh: '已去标识化',     en: 'pseudonymised' },
    personal:      { zh: '个人信息',       en: 'personal data' },
    sensitive:     { zh: '敏感个人信息',   en: 'sensitive personal data' },
  },
}

/** The word for a code with the code behind it; the code alone where it has none. */
export function codeWords(left: string, code: string, language: Language): string {
  const codes = Object.hasOwn(CODES, left) ? CODES[left] : undefined
  const words = codes !== undefined && Object.hasOwn(codes, code) ? codes[code] : undefined
  return words === undefined ? code : `${words[language]}${bracketed(code, language)}`
}

/** Facts that stand on the right, by the part before the colon. */
// prettier-ignore
const REFERENCES: Readonly<Record<string, Words>> = {
  annex:    { zh: '附件所列的 {name}',   en: '{name} of the annex' },
  consent:  { zh: '授权书所列的 {name}', en: '{name} of the consent' },
  contract: { zh: '合同所列的 {name}',   en: '{name} of the contract' },
}
const NOW: Words = { zh: '此刻', en: 'now' }

/** The words for `ctx:now`, `annex:endDate` …; null for what is no reference. */
export function referenceWords(text: string, language: Language): string | null {
  if (text === 'ctx:now') return NOW[language]
  const [kind = '', name = ''] = text.split(/:(.*)/s)
  const words = Object.hasOwn(REFERENCES, kind) ? REFERENCES[kind] : undefined
  return words === undefined || name === '' ? null : filled(words[language], { name })
}

// prettier-ignore
const PARTIES: Readonly<Record<string, Words>> = {
  attributedParty:    { zh: '被署名方', en: 'attributed party' },
  attributingParty:   { zh: '署名方',   en: 'attributing party' },
  compensatedParty:   { zh: '受偿方',   en: 'party that is paid' },
  compensatingParty:  { zh: '补偿方',   en: 'party that pays' },
  consentedParty:     { zh: '被同意方', en: 'party that consent is given to' },
  consentingParty:    { zh: '同意方',   en: 'party that consents' },
  contractedParty:    { zh: '受托方',   en: 'contracted party' },
  contractingParty:   { zh: '委托方',   en: 'contracting party' },
  informedParty:      { zh: '被告知方', en: 'party that is informed' },
  informingParty:     { zh: '告知方',   en: 'party that informs' },
  payeeParty:         { zh: '收款方',   en: 'payee' },
  trackedParty:       { zh: '被跟踪方', en: 'tracked party' },
  trackingParty:      { zh: '跟踪方',   en: 'tracking party' },
  target:             { zh: '标的',     en: 'target' },
  assigner:           { zh: '提供方',   en: 'provider' },
  assignee:           { zh: '使用方',   en: 'consumer' },
}

/** Of a party in a rule by its function, and of `target`, `assigner` and `assignee`. */
export function functionWords(name: string, language: Language): string {
  return PARTIES[name]?.[language] ?? name
}

// prettier-ignore
export const TIMING_WORDS: Readonly<Record<DutyTiming, Words>> = {
  before:   { zh: '事先',   en: 'first' },
  delivery: { zh: '交付时', en: 'on delivery' },
  after:    { zh: '事后',   en: 'afterwards' },
}

/** What stands behind a condition that is not measured here. */
// prettier-ignore
export const ENFORCEMENT_WORDS: Readonly<Record<Enforcement, Words | null>> = {
  technical: null,
  claim:     { zh: '以声明为准',                 en: 'as claimed' },
  contract:  { zh: '仅合同约束，系统不强制执行', en: 'contractual, not technically enforced' },
}
