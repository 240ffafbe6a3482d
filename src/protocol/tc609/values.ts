// The values of constraints between the two languages, form by form: what is written alike passes, and what would mean something
// else on the other side does not.

import { parseCount, parseDuration, parseInstant } from '../odrl/lexical.ts'
import { parsePlace } from '../odrl/places.ts'
import { parseRecurrence } from '../odrl/recurrences.ts'
import { TC609_CODES, type ConstraintWord, type ValueForm } from './codes.ts'
import { change, refuse, type Converting } from './conversion.ts'

export interface Place {
  readonly path: string
  readonly converting: Converting
}

type Convert = (text: string, word: ConstraintWord, place: Place) => string | null

/** A fact that is known only when the policy is asked: `annex:endDate`. */
const REFERENCE = /^(?:ctx|annex|consent|contract):/

/** The standard gives a region ten characters. */
const REGION_CHARS_MAX = 10

/** One value of ours as the standard writes it; null after a refusal. */
export function valueToTheirs(text: string, word: ConstraintWord, place: Place): string | null {
  if (REFERENCE.test(text)) {
    const message = `${text} is a fact that is known when the policy is asked; the standard has values only`
    return refuse(place.converting, place.path, 'no-counterpart', message)
  }
  return TO_THEIRS[word.form](text, word, place)
}

/** One value of theirs as ours; null after a refusal. */
export function valueToOurs(text: string, word: ConstraintWord, place: Place): string | null {
  return TO_OURS[word.form](text, word, place)
}

// prettier-ignore
const TO_THEIRS: Readonly<Record<ValueForm, Convert>> = {
  plain:    (text) => text,
  money:    (text) => text,
  instant:  checked('a date and time with a zone', (text) => parseInstant(text) !== null),
  interval: checked('a duration, such as P7D', (text) => parseDuration(text) !== null),
  window:   checked('hours with a zone', (text) => parseRecurrence(text) !== null),
  bytes:    checked('a number of bytes', (text) => parseCount(text) !== null),
  place:    placeToTheirs,
  code:     codeToTheirs,
}

// prettier-ignore
const TO_OURS: Readonly<Record<ValueForm, Convert>> = {
  ...TO_THEIRS,
  instant:  instantToOurs,
  code:     codeToOurs,
}

function checked(expected: string, isFit: (text: string) => boolean): Convert {
  return (text, { name }, { path, converting }) =>
    isFit(text) ? text : refuse(converting, path, 'value', `${name} expects ${expected}, came ${JSON.stringify(text)}`)
}

/** The dictionary writes `YYYYMMDDHHMMSS`, without a zone; a contract between Chinese parties means the time of China. */
function instantToOurs(text: string, word: ConstraintWord, place: Place): string | null {
  const found = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text)
  if (found === null) return TO_THEIRS.instant(text, word, place)
  const [, year, month, day, hour, minute, second] = found
  const written = `${String(year)}-${String(month)}-${String(day)}T${String(hour)}:${String(minute)}:${String(second)}+08:00`
  if (parseInstant(written) === null) return TO_THEIRS.instant(text, word, place)
  change(place.converting, place.path, text, written)
  return written
}

function placeToTheirs(text: string, { name }: ConstraintWord, { path, converting }: Place): string | null {
  if (parsePlace(text) === null) {
    const message = `${name} expects a code of ISO 3166 or GB/T 2260, came ${JSON.stringify(text)}`
    return refuse(converting, path, 'value', message)
  }
  if (text.length <= REGION_CHARS_MAX) return text
  // What is longer is a URN, which ends in the code.
  const code = text.slice(text.lastIndexOf(':') + 1)
  if (code.length > REGION_CHARS_MAX)
    return refuse(converting, path, 'value', `${name} has at most ${String(REGION_CHARS_MAX)} characters, came ${text}`)
  change(converting, path, text, code)
  return code
}

function codeToTheirs(text: string, { name, ours }: ConstraintWord, { path, converting }: Place): string | null {
  const codes = Object.entries(TC609_CODES[ours] ?? {})
  const found = codes.find(([code, word]) => (isTranslated(ours) ? word.ours === text : code === text))
  if (found !== undefined) return found[0]
  const known = codes.flatMap(([code, word]) => (isTranslated(ours) ? (word.ours ?? []) : code))
  return refuse(
    converting,
    path,
    'value',
    `${name} has no code for ${JSON.stringify(text)}; known: ${known.join(', ')}`,
  )
}

function codeToOurs(text: string, { name, ours }: ConstraintWord, { path, converting }: Place): string | null {
  const codes = TC609_CODES[ours] ?? {}
  const word = Object.hasOwn(codes, text) ? codes[text] : undefined
  if (word === undefined) {
    const message = `${name} has the codes ${Object.keys(codes).sort().join(', ')}, came ${JSON.stringify(text)}`
    return refuse(converting, path, 'value', message)
  }
  if (!isTranslated(ours)) return text
  if (word.ours !== undefined) return word.ours
  const message = `${name} ${text} (${word.zh}, ${word.en}) is no way in which data are delivered here`
  return refuse(converting, path, 'no-counterpart', message)
}

/** Whether our policies have words of their own for these codes. */
function isTranslated(ours: string): boolean {
  return Object.values(TC609_CODES[ours] ?? {}).some((word) => word.ours !== undefined)
}
