// The outside of a policy in a DSP message: who, what and when. Its rules are read and refused by protocol/odrl.
//
// A peer may spell what is inside a policy in several ways (bare, `odrl:`, full IRI, `{"@id": …}`), and a catalogue must not
// be lost for one rule that nobody understands. So these schemas demand only that the members are there.

import type { Prefix } from '../terms.ts'
import { spellings } from '../terms.ts'
import type { Schema } from './parts.ts'
import { ID, ID_LENGTH_MAX } from './parts.ts'

const RULES_MAX = 256

/** One rule, or a list of them. */
const RULES: Schema = { type: ['object', 'array'], minItems: 1, maxItems: RULES_MAX, items: { type: 'object' } }

/** An id as it stands, or wrapped as `{"@id": …}`. */
const REFERENCE: Schema = { type: ['string', 'object'], minLength: 1, maxLength: ID_LENGTH_MAX }

// xsd:dateTime, of which the zone is optional; DSP 2025-1, "Contract Agreement Message".
const DATE_TIME = '^-?\\d{4,}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?(Z|[+-]\\d\\d:\\d\\d)?$'
const TIMESTAMP: Schema = {
  type: ['string', 'object'],
  maxLength: 64,
  pattern: DATE_TIME,
  description: 'a date and time such as 2026-01-31T08:00:00Z',
}

// prettier-ignore
const MEMBERS: Readonly<Record<string, readonly [Prefix, Schema]>> = {
  permission:  ['odrl',   RULES],
  prohibition: ['odrl',   RULES],
  obligation:  ['odrl',   RULES],
  target:      ['odrl',   REFERENCE],
  assigner:    ['odrl',   REFERENCE],
  assignee:    ['odrl',   REFERENCE],
  timestamp:   ['dspace', TIMESTAMP],
}

const PROPERTIES = Object.fromEntries(
  Object.entries(MEMBERS).flatMap(([term, [prefix, schema]]) => spellings(term, prefix).map((key) => [key, schema])),
)

const SOME_RULE: Schema = {
  anyOf: [...anySpelling('permission'), ...anySpelling('prohibition')],
  description: 'a policy with a permission or a prohibition',
}

/** In a catalogue the dataset around the Offer is its target (DSP, "Offer": MUST NOT have a target). */
export const CATALOG_OFFER: Schema = policy('Offer', ['@id'], [SOME_RULE, without('target')])

/** In a message the Offer names its dataset: the text demands it, the official schema does so in one message of two. */
export const MESSAGE_OFFER: Schema = policy('Offer', ['@id', '@type'], [SOME_RULE, has('target')])

/** `timestamp` is demanded by the text only. */
export const AGREEMENT: Schema = policy(
  'Agreement',
  ['@id', '@type'],
  [SOME_RULE, has('target'), has('assigner'), has('assignee'), has('timestamp')],
)

function policy(type: string, required: readonly string[], allOf: readonly Schema[]): Schema {
  const types: Schema = { enum: spellings(type, 'odrl'), description: `"${type}"` }
  return { type: 'object', properties: { '@id': ID, '@type': types, ...PROPERTIES }, required, allOf }
}

/** Names the member as it is spelled in compact form when it is missing in every spelling. */
function has(term: string): Schema {
  return { if: { anyOf: anySpelling(term) }, then: true, else: { required: [term] } }
}

function without(term: string): Schema {
  return { not: { anyOf: anySpelling(term) }, description: `an offer without the member "${term}"` }
}

function anySpelling(term: string): readonly Schema[] {
  return spellings(term, MEMBERS[term]?.[0] ?? 'odrl').map((key) => ({ required: [key] }))
}
