// What may be put on record under an agreement, and what it means as a fact. Pure.

import { nearest } from '../../kernel/nearest.ts'
import { bad, good, type Result } from '../../kernel/problem.ts'
import type { Instant } from '../../kernel/time.ts'
import { shortTerm } from '../../protocol/odrl/vocabulary.ts'
import type { Fact } from '../policy/facts.ts'
import { OPERAND_NAMES, operandOf } from '../policy/operands.ts'
import { parseDecimal, TYPES } from '../policy/values.ts'
import type { AgreementRecordRow } from './rows.ts'

/** Names and values under one agreement. */
export const RECORD_LIMITS = { namesMax: 200, valuesMax: 1_000, charsMax: 2_048 } as const

const REFERENCE = /^(?:annex|consent|contract):[A-Za-z][A-Za-z0-9.-]{0,99}$/
const RECORDED = OPERAND_NAMES.filter((name) => operandOf(name)?.source === 'record')

export interface Recorded {
  /** A left operand in any spelling, or a reference. */
  readonly name: string
  readonly value: string | readonly string[]
  /** Of an amount: the currency. */
  readonly unit: string | null
}

/** The name under which the fact stands, and its value. Refuses (`request.malformed`) what no policy asks the record for. */
export function readRecorded({ name, value, unit }: Recorded): Result<Pick<AgreementRecordRow, 'name' | 'value'>> {
  const short = shortTerm(name)
  const values = typeof value === 'string' ? [value] : value
  if (values.length === 0 || values.length > RECORD_LIMITS.valuesMax)
    return bad('request.malformed', `expected 1 to ${String(RECORD_LIMITS.valuesMax)} values`, 'value')
  const long = values.findIndex((text) => text === '' || text.length > RECORD_LIMITS.charsMax)
  if (long >= 0)
    return bad(
      'request.malformed',
      `expected 1 to ${String(RECORD_LIMITS.charsMax)} characters`,
      `value[${String(long)}]`,
    )
  if (REFERENCE.test(short)) return good({ name: short, value })

  const operand = operandOf(short)
  if (operand?.source !== 'record') {
    const meant = nearest(short, RECORDED)
    const hint = meant === undefined ? '' : `; did you mean ${meant}?`
    return bad('request.malformed', `${JSON.stringify(name)} is not taken from the record${hint}`, 'name')
  }
  const { parse, expects } = TYPES[operand.type]
  const wrong = values.findIndex((text) => parse(text) === null)
  if (wrong >= 0) return bad('request.malformed', `${short} expects ${expects}`, 'value')
  if (!operand.isMany && values.length > 1) return bad('request.malformed', `${short} takes one value`, 'value')
  if (!operand.needsUnit) return good({ name: short, value })
  if (unit === null || !/^[A-Z]{3}$/.test(unit))
    return bad('request.malformed', `${short} needs a currency (ISO 4217), such as CNY`, 'unit')
  return good({ name: `${short} ${unit}`, value })
}

/** An amount is added to what was paid before in the same currency; anything else takes the place of what stood there. */
export function merged(
  before: AgreementRecordRow | null,
  name: string,
  value: AgreementRecordRow['value'],
): AgreementRecordRow['value'] {
  if (before === null || !name.startsWith('payAmount ')) return value
  const [paid, more] = [parseDecimal(String(before.value)), parseDecimal(String(value))]
  // Cents, so that a sum of tenths is what people expect.
  return paid === null || more === null ? value : String(Math.round((paid + more) * 1e6) / 1e6)
}

/** What the records say now, as facts. Of several currencies the amount of each stands by itself, and decides only alone. */
export function knownOnRecord(records: readonly AgreementRecordRow[], now: Instant): Readonly<Record<string, Fact>> {
  const known: Record<string, Fact> = {}
  const payments: string[] = []
  for (const { name, value, validUntil } of records) {
    const isOver = validUntil !== null && now >= validUntil
    if (name.startsWith('payAmount ')) payments.push(`${String(value)} ${name.slice('payAmount '.length)}`)
    else if (!isOver) known[name] = value
    else if (name === 'tds:consentStatus') known[name] = 'expired'
  }
  if (payments.length > 0) known.payAmount = payments
  return known
}

/** When a record loses its force next; null if none will. */
export function nextExpiry(records: readonly AgreementRecordRow[], now: Instant): Instant | null {
  const ends = records.flatMap(({ validUntil }) => (validUntil !== null && validUntil > now ? validUntil : []))
  return ends.length === 0 ? null : ends.reduce((first, end) => (end < first ? end : first))
}
