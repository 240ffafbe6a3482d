// One constraint as a sentence: what is compared, by which operator, with which values, and how far it is enforced.

import type { AtomicConstraint } from '../../../protocol/odrl/types.ts'
import { shortTerm } from '../../../protocol/odrl/vocabulary.ts'
import { operandOf, type Enforcement } from '../operands.ts'
import { comparison } from './comparisons.ts'
import { filled, MANNERS, type Language, type Words } from './language.ts'
import { ENFORCEMENT_WORDS } from './term-words.ts'
import { valueWords, type Speech } from './value-words.ts'

export interface ConstraintWords {
  readonly text: string
  /** Null: it is measured here, and what does not hold does not happen. */
  readonly caveat: string | null
  /** An operand that nobody here knows is a promise, and no more. */
  readonly enforcement: Enforcement
}

/** How many values a sentence names; the others are counted. */
const NO_BOUND = 1000

export function constraintWords(
  { leftOperand, operator, rightOperand, unit }: AtomicConstraint,
  speech: Speech,
  valuesMax = NO_BOUND,
): ConstraintWords {
  const left = shortTerm(leftOperand)
  const operand = operandOf(left)
  const { language } = speech
  const values = typeof rightOperand === 'string' ? [rightOperand] : rightOperand
  const type = operand?.type ?? null
  const said = values.slice(0, valuesMax).map((value) => valueWords(value, type ?? 'term', left, unit ?? null, speech))
  const template = templateOf(left, type, shortTerm(operator), values.length)
  const enforcement = operand?.enforcement ?? 'contract'
  const right = `${said.join(MANNERS[language].between)}${more(values.length - said.length, language)}`
  return {
    text: filled(spaced(template[language], right), { left: operand?.label[language] ?? left, right, operator }),
    caveat: ENFORCEMENT_WORDS[enforcement]?.[language] ?? null,
    enforcement,
  }
}

const UNKNOWN: Words = { zh: '{left} {operator} {right}', en: '{left} {operator} {right}' }

/** Of one value nobody says that it is one of these. */
function templateOf(left: string, type: Parameters<typeof comparison>[1], operator: string, values: number): Words {
  const plain = values === 1 ? ({ isAnyOf: 'eq', isNoneOf: 'neq', isAllOf: 'hasPart' } as const) : null
  const single = plain !== null && Object.hasOwn(plain, operator) ? plain[operator as keyof typeof plain] : operator
  return comparison(left, type, single) ?? comparison(left, type, operator) ?? UNKNOWN
}

/** Between a Chinese character and a word in Latin letters or a number stands a space. */
function spaced(template: string, right: string): string {
  const before = /^[\p{Script=Latin}\p{N}]/u.test(right) ? '$1 {right}' : '$1{right}'
  return template.replace(/(\p{Script=Han})\{right\}/u, before)
}

function more(count: number, language: Language): string {
  if (count <= 0) return ''
  return language === 'zh' ? `等（另有 ${String(count)} 项）` : ` and ${String(count)} more`
}
