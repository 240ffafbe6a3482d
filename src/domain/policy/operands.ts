// The left operands that are evaluated: what type they have, which operators they take, when they can be decided.
// A new one is a line in one of the two tables, and a line with its fact in observe.ts.

import { parseCount, parseDuration, parseInstant } from '../../protocol/odrl/lexical.ts'
import { parsePlace } from '../../protocol/odrl/places.ts'
import type { Operator } from '../../protocol/odrl/types.ts'
import type { Phase } from './facts.ts'

export type OrderOperator = Extract<Operator, 'eq' | 'neq' | 'lt' | 'lteq' | 'gt' | 'gteq'>
export type SetOperator = Exclude<Operator, 'lt' | 'lteq' | 'gt' | 'gteq'>

interface Operand {
  readonly expects: string
  /** The first phase in which the fact exists; before it a constraint is deferred. */
  readonly from: Phase
  /** Changes while a contract lives: on a duty that follows delivery it says when, and is decided afterwards. */
  readonly moves: boolean
  /** Can be known of a participant with whom nothing is agreed yet, so that it may decide who sees an offer. */
  readonly inAccess: boolean
}

const ORDER: readonly OrderOperator[] = ['eq', 'neq', 'lt', 'lteq', 'gt', 'gteq']

// prettier-ignore
export const ORDERED = {
  dateTime:    { parse: parseInstant,  operators: ORDER, from: 'catalogue', moves: true, inAccess: true,
                 expects: 'a date and time with a zone, such as 2026-12-31T23:59:59+08:00' },
  // The vocabulary: "Only the eq, lt, lteq operators SHOULD be used."
  elapsedTime: { parse: parseDuration, operators: ['eq', 'lt', 'lteq'], from: 'start', moves: true, inAccess: false,
                 expects: 'an xsd:duration, such as P90D (90 minutes are PT90M)' },
  count:       { parse: parseCount,    operators: ORDER, from: 'start', moves: true, inAccess: false,
                 expects: 'a whole number, 0 or more' },
} as const satisfies Record<string, Operand & { operators: readonly OrderOperator[]; parse: (text: string) => unknown }>

// prettier-ignore
export const SETS = {
  spatial:   { parse: parsePlace, from: 'catalogue', moves: false, inAccess: true,
               operators: ['eq', 'neq', 'isPartOf', 'hasPart', 'isAnyOf', 'isNoneOf', 'isAllOf'],
               expects: 'an ISO 3166 code, such as CN or CN-45' },
  recipient: { parse: anyText,    from: 'catalogue', moves: false, inAccess: true,
               operators: ['eq', 'neq', 'isAnyOf', 'isNoneOf'],
               expects: 'the id of a participant' },
  purpose:   { parse: anyText,    from: 'catalogue', moves: false, inAccess: false,
               operators: ['eq', 'neq', 'isA', 'isPartOf', 'isAnyOf', 'isNoneOf', 'isAllOf'],
               expects: 'an IRI or a code' },
} as const satisfies Record<string, Operand & { operators: readonly SetOperator[]; parse: (text: string) => string | null }>

export type OrderedOperand = keyof typeof ORDERED
export type SetOperand = keyof typeof SETS

/** The operators whose right operand is a list; the others take one value. */
export const LIST_OPERATORS: readonly SetOperator[] = ['isPartOf', 'isAnyOf', 'isNoneOf', 'isAllOf', 'isA', 'hasPart']

export function isOrdered(name: string): name is OrderedOperand {
  return Object.hasOwn(ORDERED, name)
}

export function isSet(name: string): name is SetOperand {
  return Object.hasOwn(SETS, name)
}

export const OPERAND_NAMES: readonly string[] = [...Object.keys(ORDERED), ...Object.keys(SETS)]

function anyText(text: string): string | null {
  return text === '' ? null : text
}
