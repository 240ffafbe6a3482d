// From what is wrong with a policy to findings: with a code, the place in the text, and the word that was probably meant.

import { OPERAND_NAMES } from '../../domain/policy/operands.ts'
import { TYPES } from '../../domain/policy/values.ts'
import { nearest } from '../../kernel/nearest.ts'
import type { Problem } from '../../kernel/problem.ts'
import { ACTIONS } from '../../protocol/odrl/actions.ts'
import { odrlLocalName, OPERATORS } from '../../protocol/odrl/vocabulary.ts'
import type { Finding } from '../finding.ts'
import { findingAt, type At, type FindingCode } from './codes.ts'
import { didYouMean, type Complain } from './house-form.ts'
import type { LaterFinding } from './policy-set.ts'
import type { Source } from './source.ts'

/** Takes what is wrong with one file, and gives it a place there. */
export interface Report {
  readonly findings: readonly Finding[]
  readonly complain: Complain
  /** A problem of whoever collects or compiles rules. Each is told once, however often it is found. */
  readonly problem: (problem: Problem) => void
  readonly add: (finding: Finding) => void
  readonly later: readonly LaterFinding[]
  readonly addLater: (later: LaterFinding) => void
  readonly at: (path: string, on?: 'key' | 'value') => At
  /** The same file, where paths begin further inside and some lead elsewhere. */
  readonly within: (root: string, aliases?: ReadonlyMap<string, string>) => Report
}

export function reportOn(file: string, source: Source): Report {
  const findings: Finding[] = []
  const later: LaterFinding[] = []
  const told = new Set<string>()
  const add = (finding: Finding): void => {
    const key = JSON.stringify(finding)
    if (!told.has(key)) findings.push(finding)
    told.add(key)
  }
  const seenFrom = (root: string, aliases: ReadonlyMap<string, string>): Report => {
    const placeOf = (path: string): string => joined(root, redirected(path, aliases))
    const at = (path: string, on: 'key' | 'value' = 'value'): At => {
      const { line, column } = source.spotOf(placeOf(path), on)
      return { file, line, column }
    }
    return {
      findings,
      later,
      add,
      addLater: (each) => {
        later.push(each)
      },
      at,
      complain: ({ path, on, code, message, hint }) => {
        add(findingAt(at(path, on), code, message, hint === undefined ? {} : { hint }))
      },
      problem: (each) => {
        const { path = '' } = each
        const { text } = source.spotOf(placeOf(path))
        const { code, ...more } = readable(each, text)
        add(findingAt(at(path), code, named(each), more))
      },
      within: (inner, others = new Map()) => seenFrom(joined(root, inner), others),
    }
  }
  return seenFrom('', new Map())
}

/** What is missing by its name: nothing stands at its place. */
function named({ message, path = '' }: Problem): string {
  return message === 'is missing' ? `\`${lastOf(path)}\` is missing` : shortened(message)
}

function lastOf(path: string): string {
  return path.slice(path.lastIndexOf('.') + 1).replace(/\[\d+\]$/, '')
}

/** A list of all that is known is of no help on a line; the nearest is in the hint, and the README has the table. */
function shortened(message: string): string {
  const [before = message, known = ''] = message.split('; known: ')
  return known.length > 200 ? before : message
}

function joined(root: string, path: string): string {
  return root === '' || path === '' ? root + path : `${root}.${path}`
}

/** By the longest beginning that leads elsewhere; what follows it is inside of one written word. */
export function redirected(path: string, aliases: ReadonlyMap<string, string>): string {
  for (const [from, to] of aliases) {
    if (path === from || path.startsWith(`${from}.`) || path.startsWith(`${from}[`)) return to
  }
  return path
}

interface Readable {
  readonly code: FindingCode
  readonly hint?: string
}

/** What a misspelt term may have meant, by the member in which it stands. */
const TERMS: Readonly<Record<string, readonly string[]>> = {
  leftOperand: OPERAND_NAMES,
  operator: OPERATORS,
  action: ACTIONS,
}

/**
 * A problem in the words of this folder.
 * @param text what is written at its place, if it is one word
 */
function readable({ code, message, path = '' }: Problem, text: string | null): Readable {
  const member = lastOf(path)
  const meant = meantBy(member, text)
  const hint = meant === undefined ? {} : { hint: meant }
  if (code === 'policy.wire-lossy') return { code: 'wire-lossy' }
  if (message.startsWith('at most ')) return { code: 'over-limit' }
  if (message === 'is missing' || message === 'null says nothing here') return { code: 'missing', ...hint }
  const isNotKnown = code === 'policy.not-understood'
  // prettier-ignore
  switch (member) {
    case 'leftOperand':  return { code: isNotKnown ? 'unknown-operand' : 'form', ...hint }
    case 'operator':     return { code: isNotKnown ? 'operator-type' : 'form', ...hint }
    case 'action':       return { code: isNotKnown ? 'unknown-action' : 'form', ...hint }
    case 'profile':      return isNotKnown ? { code: 'unknown-profile', hint: 'ODRL and the terms `tds:…` need none' } : { code: 'form' }
    case 'unit':         return isNotKnown ? { code: 'form' } : { code: 'unit-missing', hint: 'for example `unit: CNY`' }
    case 'consequence':  return { code: isNotKnown ? 'not-understood' : 'consequence-nesting' }
    case 'rightOperand': return message.includes(TYPES.instant.expects) ? unreadableInstant(text) : { code: 'value-type' }
    default:             return { code: isNotKnown ? 'not-understood' : 'form', ...hint }
  }
}

/** Operators as other languages spell them: the nearest of ODRL's by letters would mean something else. */
// prettier-ignore
const OPERATORS_ELSEWHERE: Readonly<Record<string, string>> = {
  '<': 'lt', '<=': 'lteq', '>': 'gt', '>=': 'gteq', '=': 'eq', '==': 'eq', '!=': 'neq', '<>': 'neq',
  lte: 'lteq', le: 'lteq', gte: 'gteq', ge: 'gteq', ne: 'neq', equals: 'eq', in: 'isAnyOf', notIn: 'isNoneOf',
}

function meantBy(member: string, text: string | null): string | undefined {
  const elsewhere = member === 'operator' && text !== null && Object.hasOwn(OPERATORS_ELSEWHERE, text)
  if (elsewhere) return didYouMean(OPERATORS_ELSEWHERE[text] ?? '')
  const known = TERMS[member]
  const meant = known === undefined || text === null ? undefined : nearest(odrlLocalName(text) ?? text, known)
  return meant === undefined || meant === text ? undefined : didYouMean(meant)
}

const DAY = /^\d{4}-\d\d-\d\d$/
const WITHOUT_ZONE = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d+)?)?$/

function unreadableInstant(text: string | null): Readable {
  if (text !== null && WITHOUT_ZONE.test(text)) {
    return { code: 'tz-missing', hint: `\`${text}+08:00\` is that time in China, \`${text}Z\` in UTC` }
  }
  const example = text !== null && DAY.test(text) ? `${text}T23:59:59+08:00` : '2026-12-31T23:59:59+08:00'
  return { code: 'datetime-lexical', hint: `for example \`${example}\`` }
}
