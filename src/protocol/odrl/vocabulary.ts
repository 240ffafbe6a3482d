// The terms of ODRL 2.2 (Core and Common Vocabulary) that a policy may use, and how one of them is spelt.

import { currentAction, ODRL_ACTIONS } from './actions.ts'
import type { Operator } from './types.ts'

export const ODRL_NAMESPACE = 'http://www.w3.org/ns/odrl/2/'

/** The project's own profile: the actions and left operands that Chinese and ASEAN rules need and ODRL has not. */
const TDS_NAMESPACE = 'urn:lingqu:tds#'

/** Profiles whose terms are known here. Any other one stops the processing (ODRL IM 2.2, 2.1). */
export const PROFILES: readonly string[] = [
  'http://www.w3.org/ns/odrl/2/core',
  'http://www.w3.org/ns/odrl/2/',
  'urn:lingqu:tds',
]

// prettier-ignore
export const OPERATORS: readonly Operator[] = [
  'eq', 'neq', 'lt', 'lteq', 'gt', 'gteq', 'isA', 'hasPart', 'isPartOf', 'isAllOf', 'isAnyOf', 'isNoneOf',
]

export const LOGICAL_OPERATORS = ['and', 'or', 'xone', 'andSequence'] as const
export type LogicalOperator = (typeof LOGICAL_OPERATORS)[number]

/** The left operands of the Common Vocabulary: all are spelt with the prefix on the wire, few are evaluated. */
// prettier-ignore
const LEFT_OPERANDS = [
  'absolutePosition', 'absoluteSpatialPosition', 'absoluteTemporalPosition', 'absoluteSize', 'count', 'dateTime',
  'delayPeriod', 'deliveryChannel', 'device', 'elapsedTime', 'event', 'fileFormat', 'industry', 'language', 'media',
  'meteredTime', 'payAmount', 'percentage', 'product', 'purpose', 'recipient', 'relativePosition',
  'relativeSpatialPosition', 'relativeTemporalPosition', 'relativeSize', 'resolution', 'spatial', 'spatialCoordinates',
  'system', 'systemDevice', 'timeInterval', 'unitOfCount', 'version', 'virtualLocation',
]

const TERMS: ReadonlySet<string> = new Set([...LEFT_OPERANDS, ...ODRL_ACTIONS, ...OPERATORS, ...LOGICAL_OPERATORS])

/** The local name of something in ODRL's namespace, whichever way it is spelt; null if it is not spelt as one. */
export function odrlLocalName(text: string): string | null {
  for (const prefix of ['odrl:', ODRL_NAMESPACE]) {
    if (text.startsWith(prefix)) return text.slice(prefix.length)
  }
  return null
}

/**
 * One spelling for each term: ODRL's own terms bare, whether they came bare, with the prefix or as a full IRI (DSP's own
 * example has a bare `dateTime`); those of the project's profile as `tds:…`; anything else as it came, so that a stranger's
 * `partner` never becomes ODRL's.
 */
export function shortTerm(text: string): string {
  if (text.startsWith(TDS_NAMESPACE)) return `tds:${text.slice(TDS_NAMESPACE.length)}`
  const local = odrlLocalName(text)
  if (local === null) return text === 'term-lteq' ? 'lteq' : text
  if (local === 'term-lteq') return 'lteq'
  return TERMS.has(local) ? local : `odrl:${local}`
}

/**
 * How a left operand or an action goes out: DSP's context knows `use` and no other, so ODRL's get their prefix; it does not
 * know the profile's prefix, so the profile's go out as whole IRIs.
 */
export function wireTerm(term: string): string {
  const short = shortTerm(term)
  if (short.startsWith('tds:')) return `${TDS_NAMESPACE}${short.slice('tds:'.length)}`
  return short !== 'use' && TERMS.has(short) ? `odrl:${short}` : short
}

/** The action that a name in any spelling stands for, deprecated names resolved; null if there is none. */
export function canonicalAction(action: string): string | null {
  return currentAction(shortTerm(action))
}
