// Every constraint that can be written has a sentence in both languages: one for each operand and each operator that it takes.

import { describe, expect, it } from 'vitest'
import { OPERANDS, operandOf, LIST_OPERATORS, type Operand } from '../../../../../src/domain/policy/operands.ts'
import { actionWords, WORDED_ACTIONS } from '../../../../../src/domain/policy/render/action-words.ts'
import { comparison } from '../../../../../src/domain/policy/render/comparisons.ts'
import { constraintWords } from '../../../../../src/domain/policy/render/constraint-words.ts'
import { LANGUAGES } from '../../../../../src/domain/policy/render/language.ts'
import { functionWords } from '../../../../../src/domain/policy/render/term-words.ts'
import { TYPES, type TypeName } from '../../../../../src/domain/policy/values.ts'
import { ACTIONS } from '../../../../../src/protocol/odrl/actions.ts'
import { PARTY_FUNCTIONS } from '../../../../../src/protocol/odrl/json-ld.ts'
import type { Operator } from '../../../../../src/protocol/odrl/types.ts'
import { canonicalAction, OPERATORS } from '../../../../../src/protocol/odrl/vocabulary.ts'
import { that } from '../fixture.ts'

// prettier-ignore
const SAMPLES: Readonly<Record<TypeName, readonly string[]>> = {
  instant:  ['2026-12-31T23:59:59+08:00'],
  duration: ['P1Y2M3DT4H5M6S'],
  count:    ['100000'],
  decimal:  ['1234.50'],
  rate:     ['10000/P1D'],
  place:    ['CN', 'CN-45', 'VN'],
  network:  ['10.0.0.0/24', 'api.example'],
  party:    ['did:web:a.example', 'lenders'],
  term:     ['urn:x:one', 'urn:x:two'],
  code:     ['02', 'general'],
  boolean:  ['true'],
  window:   ['Mon-Fri 09:00-17:00 Asia/Shanghai'],
}

const ROWS: readonly [string, Operand][] = Object.entries(OPERANDS)
const PAIRS = ROWS.flatMap(([left, operand]) => operand.operators.map((operator) => [left, operator, operand] as const))

function sampleOf(operand: Operand, operator: Operator): readonly string[] {
  const samples = SAMPLES[operand.type]
  const takesSeveral = TYPES[operand.type].kind === 'set' && LIST_OPERATORS.includes(operator)
  return takesSeveral ? samples : samples.slice(0, 1)
}

function said(left: string, operator: string, right: readonly string[], language: 'zh' | 'en'): string {
  const unit = operandOf(left)?.needsUnit === true ? { unit: 'CNY' } : {}
  return constraintWords({ ...that(left, operator, right), ...unit }, { language }).text
}

describe('the sentence of a constraint', () => {
  it('is there for every operand, operator and language, and says them all', async () => {
    const lines = PAIRS.map(([left, operator, operand]) => {
      const right = sampleOf(operand, operator)
      const [zh, en] = LANGUAGES.map((language) => said(left, operator, right, language))
      return `${left} ${operator}\n  ${String(zh)}\n  ${String(en)}`
    })
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../../../../fixtures/policy-sentences.txt')
  })

  it.each(PAIRS)('of %s %s is not one that stands in for another', (left, operator, operand) => {
    const right = sampleOf(operand, operator)

    for (const language of LANGUAGES) {
      const text = said(left, operator, right, language)
      expect(comparison(left, operand.type, operator)?.[language]).toMatch(/\{right\}/)
      expect(text).not.toMatch(/[{}]|undefined/)
      expect(text).not.toContain(left.startsWith('tds:') ? left : `${left} ${operator}`)
    }
    expect(said(left, operator, right, 'zh')).toMatch(/\p{Script=Han}/u)
    expect(said(left, operator, right, 'en')).not.toMatch(/\p{Script=Han}/u)
  })

  // Of one value `isAnyOf` says what `eq` does.
  const several = ROWS.filter(([, { type }]) => TYPES[type].kind === 'ordered' || SAMPLES[type].length > 1)
  it.each(several)('of %s tells its operators apart', (left, operand) => {
    for (const language of LANGUAGES) {
      const texts = operand.operators.map((operator) => said(left, operator, SAMPLES[operand.type], language))
      expect(new Set(texts).size).toBe(texts.length)
    }
  })

  // prettier-ignore
  it.each<[string, string, string | null, string | null]>([
    ['count',            '2',    null,                         null],
    ['spatial',          'VN',   '以声明为准',                 'as claimed'],
    ['purpose',          'x:y',  '仅合同约束，系统不强制执行', 'contractual, not technically enforced'],
    ['urn:x:unheard-of', 'here', '仅合同约束，系统不强制执行', 'contractual, not technically enforced'],
  ])('about %s says how far it is enforced', (left, right, zh, en) => {
    expect(constraintWords(that(left, 'eq', right), { language: 'zh' }).caveat).toBe(zh)
    expect(constraintWords(that(left, 'eq', right), { language: 'en' }).caveat).toBe(en)
  })

  it.each(OPERATORS)('with %s on an operand that no table has prints its IRI', (operator) => {
    const text = said('urn:x:unheard-of', operator, ['urn:x:value'], 'en')

    expect(text).toContain('urn:x:unheard-of')
    expect(text).toContain('urn:x:value')
    expect(text).not.toContain(operator === 'eq' ? '{' : ` ${operator} `)
  })

  it('calls values by their own words, and leaves those of the wrong type as they are', () => {
    const en = (left: string, operator: string, right: string | readonly string[]) =>
      constraintWords(that(left, operator, right), { language: 'en' }).text

    expect(en('dateTime', 'lt', '2026-12-31T23:59:59+08:00')).toBe(
      'date and time: before 31 December 2026, 15:59:59 (UTC)',
    )
    expect(en('dateTime', 'lt', 'tomorrow')).toBe('date and time: before tomorrow')
    expect(en('elapsedTime', 'lteq', 'P60M')).toBe('within 5 years of the agreement')
    expect(en('tds:mechanismValidUntil', 'gt', 'ctx:now')).toBe('end of the mechanism: after now')
    expect(en('recipient', 'isAnyOf', ['consent:lenders'])).toBe('recipient: lenders of the consent')
    expect(en('tds:executionEnv', 'eq', '02')).toBe('environment of execution: sandbox (02)')
    expect(en('tds:executionEnv', 'eq', '__proto__')).toBe('environment of execution: __proto__')
  })

  it('is written in the zone that is asked for', () => {
    const constraint = that('dateTime', 'gteq', '2026-12-31T23:30:00Z')
    const text = (language: 'zh' | 'en', timeZone?: string) =>
      constraintWords(constraint, { language, ...(timeZone !== undefined && { timeZone }) }).text

    expect(text('zh')).toBe('日期时间不早于 2027年1月1日 07:30:00（Asia/Shanghai）')
    expect(text('en')).toBe('date and time: no earlier than 31 December 2026, 23:30:00 (UTC)')
    expect(text('zh', 'UTC')).toBe('日期时间不早于 2026年12月31日 23:30:00（UTC）')
  })

  it('takes titles of places and purposes from the vocabulary of the site', () => {
    const nameOf = (term: string) => (term === 'CN-45' ? '广西' : null)

    expect(constraintWords(that('spatial', 'eq', 'CN-45'), { language: 'zh', nameOf }).text).toBe(
      '国家或地区为广西（CN-45）',
    )
  })

  it('names as many values as it may, and counts the others', () => {
    const many = that('spatial', 'isAnyOf', ['CN', 'VN', 'SG', 'MY'])

    expect(constraintWords(many, { language: 'en' }, 2).text).toBe(
      'country or region: one of China (CN), Vietnam (VN) and 2 more',
    )
    expect(constraintWords(many, { language: 'zh' }, 2).text).toBe(
      '国家或地区为以下之一：中国（CN）、越南（VN）等（另有 2 项）',
    )
  })
})

describe('words', () => {
  it('are there for every action, and for no other', () => {
    const canonical = new Set(ACTIONS.map((action) => canonicalAction(action)))

    expect(new Set(WORDED_ACTIONS)).toEqual(canonical)
    expect(actionWords('copy', 'zh')).toBe('复制')
    expect(actionWords('urn:x:juggle', 'zh')).toBe('urn:x:juggle')
    expect(actionWords('constructor', 'en')).toBe('constructor')
  })

  it.each(PARTY_FUNCTIONS)('are there for the party function %s', (name) => {
    for (const language of LANGUAGES) expect(functionWords(name, language)).not.toBe(name)
  })
})
