// The state of the world as it is given on the command line: `key=value`, or a JSON file with the same keys.

import { readFile } from 'node:fs/promises'
import { unreadable } from '../../config/policies/given-value.ts'
import type { DutyProgress } from '../../domain/policy/duties.ts'
import type { Fact, Facts } from '../../domain/policy/facts.ts'
import { OPERAND_NAMES, operandOf } from '../../domain/policy/operands.ts'
import { nearest } from '../../kernel/nearest.ts'
import type { Instant } from '../../kernel/time.ts'
import { parseCount, parseInstant } from '../../protocol/odrl/lexical.ts'
import { shortTerm } from '../../protocol/odrl/vocabulary.ts'
import { UsageError } from '../outcome.ts'

const HINT = 'see `lingqu policy explain --help`: --given count=3, --given spatial=VN, --given facts.json'

/** What is said of the question besides the facts that left operands look at. */
const KEYS = ['country', 'agreedAt', 'used', 'uses', 'duties', 'infringed']
const PROGRESS: readonly DutyProgress[] = ['nonset', 'fulfilled', 'violated', 'late']
const REFERENCE = /^(?:annex|consent|contract):./
const DUTY = 'duty:'

/** Later ones count. Throws a UsageError that names what was not understood. */
export async function readGiven(given: readonly string[]): Promise<Partial<Facts>> {
  let facts: Partial<Facts> = {}
  for (const word of given) {
    const at = word.indexOf('=')
    const entries = at > 0 ? [[word.slice(0, at), word.slice(at + 1)] as const] : await entriesOf(word)
    for (const [key, value] of entries) facts = withFact(facts, key, value)
  }
  return facts
}

async function entriesOf(file: string): Promise<readonly (readonly [string, unknown])[]> {
  const text = await readFile(file, 'utf8').catch(() => {
    throw new UsageError(`--given ${file}: expected key=value, or a file that can be read`, HINT)
  })
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw new UsageError(`--given ${file}: expected JSON`, HINT)
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UsageError(`--given ${file}: expected one JSON object`, HINT)
  return Object.entries(value)
}

function withFact(facts: Partial<Facts>, key: string, value: unknown): Partial<Facts> {
  // prettier-ignore
  switch (key) {
    case 'country':   return { ...facts, country: textOf(key, value) }
    case 'purpose':   return { ...facts, purpose: textOf(key, value) }
    case 'agreedAt':  return { ...facts, agreedAt: instantOf(key, value) }
    case 'used':      return { ...facts, used: countOf(key, value) }
    case 'uses':      return { ...facts, uses: textsOf(key, value).map((text) => instantOf(key, text)) }
    case 'infringed': return { ...facts, infringed: textsOf(key, value) }
    case 'duties':    return { ...facts, duties: { ...facts.duties, ...dutiesOf(key, value) } }
  }
  if (key.startsWith(DUTY)) {
    return { ...facts, duties: { ...facts.duties, ...dutiesOf(key, { [key.slice(DUTY.length)]: value }) } }
  }
  const name = nameOf(key)
  return { ...facts, known: { ...facts.known, [name]: factOf(name, key, value) } }
}

/** A left operand in any spelling, also `role` for `tds:role`; or a name on the right, such as `annex:endDate`. */
function nameOf(key: string): string {
  const short = shortTerm(key)
  const name = [short, `tds:${short}`].find((each) => operandOf(each) !== null)
  if (name !== undefined) return name
  if (REFERENCE.test(key)) return key
  const meant = nearest(key, [...KEYS, ...OPERAND_NAMES, ...OPERAND_NAMES.map((each) => each.replace(/^tds:/, ''))])
  throw new UsageError(
    `--given: nothing looks at ${key}${meant === undefined ? '' : `; did you mean \`${meant}\`?`}`,
    HINT,
  )
}

/** Of operands that take several things, commas tell them apart. */
function factOf(name: string, key: string, value: unknown): Fact {
  const fact = factIn(name, key, value)
  const wrong = unreadable(name, fact)
  if (wrong !== null) throw expected(key, wrong.expected, wrong.came)
  return fact
}

function factIn(name: string, key: string, value: unknown): string | readonly string[] {
  if (Array.isArray(value)) return textsOf(key, value)
  const text = textOf(key, value)
  return operandOf(name)?.isMany === true && text.includes(',') ? text.split(',').map((part) => part.trim()) : text
}

function dutiesOf(key: string, value: unknown): Readonly<Record<string, DutyProgress>> {
  if (typeof value !== 'object' || value === null) throw expected(key, 'an object of duties', value)
  const entries = Object.entries(value).map(([name, said]: [string, unknown]) => {
    const progress = PROGRESS.find((each) => each === said)
    if (progress === undefined) throw expected(`${DUTY}${name}`, PROGRESS.join(', '), said)
    return [name, progress] as const
  })
  return Object.fromEntries(entries)
}

function textOf(key: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw expected(key, 'a value', value)
}

function textsOf(key: string, value: unknown): readonly string[] {
  if (typeof value === 'string') return value.split(',').map((part) => part.trim())
  if (!Array.isArray(value) || value.length === 0) throw expected(key, 'a list of values', value)
  return value.map((each) => textOf(key, each))
}

function countOf(key: string, value: unknown): number {
  const count = parseCount(textOf(key, value))
  if (count === null) throw expected(key, 'a whole number', value)
  return count
}

export function instantOf(key: string, value: unknown): Instant {
  const at = parseInstant(textOf(key, value))
  if (at === null) throw expected(key, 'a date and time with a zone, such as 2026-12-31T23:59:59+08:00', value)
  return at
}

function expected(key: string, what: string, came: unknown): UsageError {
  return new UsageError(`${key}: expected ${what}, came ${JSON.stringify(came)}`, HINT)
}
