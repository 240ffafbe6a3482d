// The bound that a value goes beyond, in words: what ajv says of limits, for settings and for policy files alike.

import type { ErrorObject } from 'ajv/dist/2020.js'

/** `at most 10 keys` and the like; null where the error is about something else. */
export function boundOf({ keyword, params }: Pick<ErrorObject, 'keyword' | 'params'>): string | null {
  const limit = String((params as Readonly<Record<string, unknown>>)['limit'])
  // prettier-ignore
  switch (keyword) {
    case 'minimum':       return `at least ${limit}`
    case 'maximum':       return `at most ${limit}`
    case 'minLength':     return 'a text that is not empty'
    case 'maxLength':     return `at most ${limit} characters`
    case 'minItems':      return `a list of at least ${limit}`
    case 'maxItems':      return `a list of at most ${limit}`
    case 'minProperties': return `at least ${limit} keys`
    case 'maxProperties': return `at most ${limit} keys`
    default:              return null
  }
}
