// The input of `policy evaluate` as JSON Schema, for editors and for programs that make it. `npm run docs` writes it down below
// config/policy-schemas. The command itself reads by src/cli/policy/evaluate-input.ts; a test holds the two together.

import { PROGRESS } from '../../../domain/policy/asked.ts'
import { PHASES } from '../../../domain/policy/facts.ts'
import { free, keys, list, names, oneOf, text, type FormSchema } from './schema.ts'

const VALUE: FormSchema = {
  type: ['string', 'number', 'boolean', 'object', 'null'],
  description: 'a value, also as { "@value": …, "@type": … }; null: not known',
}
const VALUES: FormSchema = {
  type: ['string', 'number', 'boolean', 'object', 'array', 'null'],
  description: 'a value, or a list of those that hold together',
  items: VALUE,
}
const MOMENT: FormSchema = { ...VALUE, description: 'a date and time; without a zone it is read in UTC' }
const NAMED: FormSchema = { type: ['string', 'object'], description: 'a name, or { "@id": … }' }
const NAMES: FormSchema = { type: ['string', 'array'], description: 'a name, or a list of them', items: text('a name') }
const COUNT: FormSchema = { type: 'number', description: 'how often, before this request', minimum: 0 }
const CONTEXT: FormSchema = {
  type: ['string', 'object', 'array'],
  description: 'a context of JSON-LD: its prefixes are written out, nothing is fetched',
}

const REQUEST = keys('What is asked. An ODRL Request will do as well: its first permission is what is asked.', {
  '@context': CONTEXT,
  '@type': { type: ['string', 'array'], description: 'what it is' },
  uid: text('its id'),
  action: { ...NAMED, description: 'the action; absent: any' },
  target: { ...NAMED, description: 'the asset' },
  assigner: { ...NAMED, description: 'whose rules are asked; absent: those of any' },
  assignee: { ...NAMED, description: 'who asks' },
  at: { ...MOMENT, description: 'when it is asked; absent: `now` of the facts' },
  phase: { ...oneOf('in which phase of a contract it is asked', PHASES), default: 'start' },
  refinements: { ...names('what the request is like, by left operand', VALUES) },
})

const FACTS = keys('The state of the world. What is absent is not known.', {
  '@context': CONTEXT,
  now: MOMENT,
  agreedAt: { ...MOMENT, description: 'when the agreement was made' },
  participant: { ...VALUE, description: 'who asks, where the request does not say' },
  country: { ...VALUE, description: 'of who asks, ISO 3166' },
  purpose: { ...VALUE, description: 'that was stated' },
  memberships: names('what each thing belongs to', NAMES),
  duties: names('how far duties are, by uid or place', oneOf('how far it is', PROGRESS)),
  infringed: { ...NAMES, description: 'uids or places of prohibitions that were infringed and not remedied' },
  counters: names('numbers by what is counted (`count`), and such objects by the uid or place of a rule', {
    ...COUNT,
    type: ['number', 'object'],
    additionalProperties: COUNT,
  }),
  uses: { ...NAMES, description: 'when earlier uses began' },
  facts: names('values by left operand, in any spelling', VALUES),
  policies: list('policies to inherit from', { type: ['object', 'array'], description: 'a policy' }),
  references: free('what stands behind each rightOperandReference, by its IRI'),
})

const CASE = keys(
  'A line of `--batch`.',
  {
    id: { type: ['string', 'number'], description: 'comes back with the answer' },
    policy: { type: ['object', 'array'], description: 'an ODRL policy as JSON-LD, or in the house form' },
    request: { type: ['object', 'array'], description: 'see evaluate-request.schema.json' },
    facts: { type: 'object', description: 'see evaluate-facts.schema.json' },
    expect: { type: ['string', 'object'], description: 'a verdict, or what the report must hold among other things' },
  },
  ['policy', 'request'],
)

// prettier-ignore
export const EVALUATE_FORMS = { 'evaluate-request': REQUEST, 'evaluate-facts': FACTS, 'evaluate-case': CASE } as const

export function evaluateSchema(kind: keyof typeof EVALUATE_FORMS): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Input of policy evaluate: ${kind.replace('evaluate-', '')}`,
    ...EVALUATE_FORMS[kind],
  }
}
