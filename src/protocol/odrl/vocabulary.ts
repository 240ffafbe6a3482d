// The terms of ODRL 2.2 (Core and Common Vocabulary) that a policy may use, and how one of them is spelt.

import type { Operator } from './types.ts'

const ODRL_NAMESPACE = 'http://www.w3.org/ns/odrl/2/'

/** The profiles that change nothing about what is implemented here. Any other one stops the processing (ODRL IM 2.2, 2.1). */
export const PROFILES: readonly string[] = ['http://www.w3.org/ns/odrl/2/core']

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

/** The action hierarchy (`includedIn`), by parent. `use` and `transfer` are its two roots. */
// prettier-ignore
const INCLUDES: Readonly<Record<string, readonly string[]>> = {
  use: [
    'acceptTracking', 'aggregate', 'annotate', 'anonymize', 'archive', 'attribute', 'compensate', 'concurrentUse',
    'delete', 'derive', 'digitize', 'distribute', 'ensureExclusivity', 'execute', 'grantUse', 'include', 'index',
    'inform', 'install', 'modify', 'move', 'nextPolicy', 'obtainConsent', 'play', 'present', 'print', 'read',
    'reproduce', 'reviewPolicy', 'stream', 'synchronize', 'textToSpeech', 'transform', 'translate', 'uninstall',
    'watermark',
  ],
  play:      ['display'],
  reproduce: ['extract'],
  transfer:  ['give', 'sell'],
}

/** Deprecated actions with an exact match. Those without one (`lease`, `preview`, …) are not understood. */
// prettier-ignore
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ['append',   'modify'],
  ['appendTo', 'modify'],
  ['copy',     'reproduce'],
  ['export',   'transform'],
  ['license',  'grantUse'],
  ['pay',      'compensate'],
  ['write',    'modify'],
  ['writeTo',  'modify'],
])

const PARENT: ReadonlyMap<string, string | null> = new Map([
  ['use', null],
  ['transfer', null],
  ...Object.entries(INCLUDES).flatMap(([parent, children]) => children.map((child) => [child, parent] as const)),
])

export const ACTIONS: readonly string[] = [...PARENT.keys(), ...SYNONYMS.keys()]

const TERMS: ReadonlySet<string> = new Set([...LEFT_OPERANDS, ...ACTIONS, ...OPERATORS, ...LOGICAL_OPERATORS])

/** The action that a name stands for, deprecated names resolved; null if there is none. */
export function canonicalAction(action: string): string | null {
  const name = shortTerm(action)
  const current = SYNONYMS.get(name) ?? name
  return PARENT.has(current) ? current : null
}

/** Whether a rule about `action` is about `asked` too: they are the same, or `asked` is included in it (both canonical). */
export function covers(action: string, asked: string): boolean {
  for (let name: string | null = asked; name !== null; name = PARENT.get(name) ?? null) {
    if (name === action) return true
  }
  return false
}

/** The local name of something in ODRL's namespace, whichever way it is spelt; null if it is not spelt as one. */
export function odrlLocalName(text: string): string | null {
  for (const prefix of ['odrl:', ODRL_NAMESPACE]) {
    if (text.startsWith(prefix)) return text.slice(prefix.length)
  }
  return null
}

/**
 * One spelling for each term: ODRL's own terms bare, whether they came bare, with the prefix or as a full IRI (DSP's own
 * example has a bare `dateTime`); anything else as it came, so that a stranger's `partner` never becomes ODRL's.
 */
export function shortTerm(text: string): string {
  const local = odrlLocalName(text)
  if (local === null) return text === 'term-lteq' ? 'lteq' : text
  if (local === 'term-lteq') return 'lteq'
  return TERMS.has(local) ? local : `odrl:${local}`
}

/** How a left operand or an action goes out: DSP's context knows `use` and no other, so ODRL's get their prefix. */
export function wireTerm(term: string): string {
  const short = shortTerm(term)
  return short !== 'use' && TERMS.has(short) ? `odrl:${short}` : short
}
