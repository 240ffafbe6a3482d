// The types that parameters of templates have: how a value is written, what `min` and `max` compare, and what stands in for one.

import { parseDecimal } from '../../domain/policy/values.ts'
import { parseDuration, parseInstant } from '../../protocol/odrl/lexical.ts'
import { parsePlace } from '../../protocol/odrl/places.ts'

interface ParameterTypeRow {
  readonly expects: string
  readonly accepts: (text: string) => boolean
  /** What `min` and `max` are compared by; null where there is no order. */
  readonly measure: ((text: string) => number) | null
  /** Any value of the type, to try a template with. */
  readonly sample: string
  /** Whether a position in a policy may ask for more than the type says, so that the sample tells nothing about the template. */
  readonly isOpen: boolean
}

const DAYS_OF_A_MONTH = 30.436875
const DAY_MS = 86_400_000

// prettier-ignore
export const PARAMETER_TYPES = {
  integer:     row('a whole number',                                             (text) => /^-?\d{1,15}$/.test(text),                 Number,                   '1',                    false),
  decimal:     row('a decimal number',                                           (text) => parseDecimal(text) !== null,               Number,                   '1',                    false),
  duration:    row('an xsd:duration, such as P90D',                              (text) => parseDuration(text) !== null,              lengthOf,                 'P1D',                  false),
  dateTime:    row('a date and time with a zone, such as 2026-12-31T23:59:59+08:00', (text) => parseInstant(text) !== null,           (text) => Number(parseInstant(text)), '2030-01-01T00:00:00Z', false),
  date:        row('a date, such as 2026-12-31',                                 (text) => isDate(text),                              (text) => Date.parse(text), '2030-01-01',          false),
  text:        row('a text that is not empty',                                   (text) => text !== '',                               (text) => text.length,    'sample-of-a-text',     true),
  iri:         row('an IRI, such as urn:dataset:1',                              (text) => /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]+$/.test(text), null,       'urn:sample:of-an-iri', true),
  place:       row('an ISO 3166 code, such as CN or CN-45, a GB/T 2260 code, or a region of vocab/regions.yaml', isPlace,             null,                     'CN',                   false),
  participant: row('the id of a participant, or the name of a group',            (text) => /^\S+$/.test(text),                        null,                     'did:web:sample',       true),
  boolean:     row('true or false',                                              (text) => text === 'true' || text === 'false',       null,                     'true',                 false),
} as const satisfies Record<string, ParameterTypeRow>

export type ParameterType = keyof typeof PARAMETER_TYPES

/** `place`, `list-of-place`, and so on. */
export const TYPE_NAMES: readonly string[] = Object.keys(PARAMETER_TYPES).flatMap((name) => [name, `list-of-${name}`])

/** Whether everybody knows this place. */
export function isPlace(text: string): boolean {
  return parsePlace(text) !== null
}

function row(
  expects: string,
  accepts: ParameterTypeRow['accepts'],
  measure: ParameterTypeRow['measure'],
  sample: string,
  isOpen: boolean,
): ParameterTypeRow {
  return { expects, accepts, measure, sample, isOpen }
}

/** In days, a month as a twelfth of a Gregorian year: only to hold two of them against each other. */
function lengthOf(text: string): number {
  const { months = 0, ms = 0 } = parseDuration(text) ?? {}
  return months * DAYS_OF_A_MONTH + ms / DAY_MS
}

/** A day that the calendar has. */
export function isDate(text: string): boolean {
  return /^\d{4}-\d\d-\d\d$/.test(text) && parseInstant(`${text}T00:00:00Z`) !== null
}
