// The form of each kind of policy file as JSON Schema. `npm run docs` writes them down below config/policy-schemas for editors.

import { OPERAND_NAMES } from '../../../domain/policy/operands.ts'
import { PHASES } from '../../../domain/policy/facts.ts'
import { TYPE_NAMES } from '../parameter-types.ts'
import { VERDICTS } from '../policy-set.ts'
import { CONSTRAINTS_ON_PARTY, ruleDefinitions, RULES } from './rules.ts'
import { free, keys, list, names, oneOf, text, TEXTS, VERSION, type FormSchema } from './schema.ts'

const INSTANT = text('a date and time with a zone, such as 2026-12-31T23:59:59+08:00')
const DAY = text('a date, such as 2026-12-31', { pattern: '^\\d{4}-\\d{2}-\\d{2}$' })
const PLAIN: FormSchema = { type: ['string', 'number', 'boolean'], description: 'a value' }
const PLAINS: FormSchema = {
  type: ['string', 'number', 'boolean', 'array'],
  description: 'a value, or a list of them',
  items: PLAIN,
}
const WITH = names('values for the parameters of the template, by name', PLAINS, 100)
const ID = text('an id')

const DATASETS = list(
  'ids of datasets, globs with *, or { property: value }',
  {
    description: 'the id of a dataset, a glob, or { property: value }',
    anyOf: [
      text('an id or a glob'),
      { type: 'object', description: 'a property', minProperties: 1, maxProperties: 1, additionalProperties: PLAIN },
    ],
  },
  { minItems: 1 },
)

const step = (...values: readonly string[]): FormSchema =>
  oneOf('what happens without a person; `manual` waits in the inbox', values)
const AUTOMATION = keys('steps for which this offer overrides the settings of the connector', {
  onRequested: step('agree', 'offer', 'manual'),
  onCounterRequested: step('agree', 'offer', 'manual'),
  onAccepted: step('agree', 'manual'),
  onVerified: step('finalize', 'manual'),
  transfer: keys('steps of transfers', { onRequested: step('start', 'manual'), onPushed: step('complete', 'manual') }),
})

const HEAD = { version: VERSION, title: TEXTS, description: TEXTS }
const MADE_FROM = { template: text('the id of a template'), with: WITH }

const OFFER = keys(
  'An offer: what is offered for which datasets, and to whom.',
  {
    offer: text('the id of the offer'),
    ...HEAD,
    datasets: DATASETS,
    access: { ...CONSTRAINTS_ON_PARTY, description: 'who may see it; empty: every admitted participant' },
    ...MADE_FROM,
    inheritFrom: {
      description: 'ids of offers whose rules are added',
      anyOf: [ID, list('ids of offers', ID, { maxItems: 20 })],
    },
    ...RULES,
    automation: AUTOMATION,
  },
  ['offer', 'datasets'],
)

const { obligation: _none, ...RULES_OF_SITE } = RULES
const GUARDRAIL = keys(
  'A rule of the site: every decision must pass it, whatever was agreed.',
  {
    guardrail: text('the id of the guardrail'),
    ...HEAD,
    datasets: { ...DATASETS, description: 'to which datasets it applies; absent: to all' },
    parties: { ...CONSTRAINTS_ON_PARTY, description: 'to whom it applies; absent: to everybody' },
    ...MADE_FROM,
    ...RULES_OF_SITE,
  },
  ['guardrail'],
)

const PARAMETER = keys(
  'a parameter',
  {
    type: oneOf('what its values are', TYPE_NAMES),
    default: PLAINS,
    min: { ...PLAIN, description: 'the least value; of a text its length, of a list how many values' },
    max: { ...PLAIN, description: 'the greatest value; of a text its length, of a list how many values' },
    oneOf: list('the values to choose from', PLAIN, { minItems: 1 }),
    required: { type: 'boolean', description: 'whether a value must be given although there is a default' },
    title: TEXTS,
  },
  ['type'],
)

const BASIS: FormSchema = {
  description: 'a text, or { title, url }',
  anyOf: [text('a title'), keys('a source', { title: text('its title'), url: text('where it is found') }, ['title'])],
}

const ANNEX = free(
  'kept with the agreement on our side; each plain member, or list of such, is a fact under it: purpose is annex:purpose',
)
const SETTLEMENT = free('kept with the agreement on our side; nothing computes with it')

const TEMPLATE = keys(
  'A template: rules with parameters, from which offers and guardrails are made.',
  {
    template: text('the id of the template'),
    ...HEAD,
    basis: list('the law or standard that it follows', BASIS),
    lastReviewed: DAY,
    reviewBy: DAY,
    disclaimer: TEXTS,
    parameters: names('parameters by name', PARAMETER, 100),
    policy: keys('the rules, with { param: NAME } where a parameter stands', {
      ...RULES,
      annex: ANNEX,
      settlement: SETTLEMENT,
    }),
    annex: ANNEX,
    settlement: SETTLEMENT,
  },
  ['template', 'policy'],
)

const PURPOSES = keys(
  'Purposes, and which are broader.',
  {
    purposes: names('purposes by IRI', keys('a purpose', { title: TEXTS, broader: list('broader purposes', ID) })),
  },
  ['purposes'],
)

const REGIONS = keys(
  'Places and regions by name.',
  {
    regions: names(
      'regions by name',
      keys('a region', {
        title: TEXTS,
        within: text('the region in which it lies'),
        gbt2260: text('its code by GB/T 2260, as a text of six digits', { pattern: '^\\d{6}$' }),
        members: list('the places that it is made of', ID),
      }),
    ),
  },
  ['regions'],
)

const GROUPS = keys(
  'Groups of participants.',
  {
    groups: names(
      'groups by name',
      keys('a group', { title: TEXTS, members: list('ids of participants', ID, { maxItems: 10_000 }) }, ['members']),
    ),
  },
  ['groups'],
)

const CREDENTIALS = keys(
  'Which credential proves which claim.',
  {
    credentials: names(
      'credentials by name',
      keys('a credential', { title: TEXTS, type: text('its type'), claim: text('the claim that it carries') }, [
        'type',
      ]),
    ),
  },
  ['credentials'],
)

const EVENTS = keys(
  'Events by name.',
  {
    events: names('events by name', keys('an event', { title: TEXTS, at: INSTANT })),
  },
  ['events'],
)

const limit = (description: string, maximum: number): FormSchema => ({
  type: 'integer',
  description,
  minimum: 1,
  maximum,
})
const DEFAULTS = keys('What holds for all files of this folder.', {
  timezone: text('an IANA time zone, in which days begin and end'),
  language: oneOf('the language of messages', ['en', 'zh']),
  limits: keys('bounds for the files of this folder', {
    offersMax: limit('offers', 10_000),
    rulesMax: limit('rules in one list of one policy', 100),
    constraintsMax: limit('constraints in one policy', 500),
    valuesMax: limit('values of one right operand', 1000),
  }),
})

const FACTS = OPERAND_NAMES.map((name) => [name, PLAINS] as const)
const GIVEN_KEYS: Readonly<Record<string, FormSchema>> = {
  participant: text('the counter-party'),
  agreedAt: INSTANT,
  used: { type: 'integer', description: 'uses counted before this one', minimum: 0 },
  duties: names('duties by path or uid', oneOf('how far it is', ['fulfilled', 'violated', 'nonset'])),
  ...Object.fromEntries(FACTS),
}
/** Beside left operands also what a right operand may refer to. */
const GIVEN: FormSchema = {
  ...keys('what is known', GIVEN_KEYS),
  patternProperties: { '^(ctx|annex|consent|contract):': PLAINS },
}
const PATHS = list('paths, as in permission[0].constraint[1]', text('a path'))
const CASE = keys(
  'a case',
  {
    name: text('what it shows'),
    phase: oneOf('when it is asked', PHASES),
    at: INSTANT,
    action: text('the action that is asked for'),
    given: GIVEN,
    expect: oneOf('the verdict', VERDICTS),
    reasons: PATHS,
    deferred: PATHS,
  },
  ['name', 'expect'],
)
const TEST = keys(
  'Tests of one offer, guardrail or template.',
  {
    offer: text('the id of an offer'),
    guardrail: text('the id of a guardrail'),
    template: text('the id of a template'),
    with: WITH,
    policy: text('the path of the file of an offer or a guardrail'),
    cases: list('cases', CASE, { minItems: 1, maxItems: 10_000 }),
  },
  ['cases'],
)

// prettier-ignore
export const FORMS = {
  offer: OFFER, guardrail: GUARDRAIL, template: TEMPLATE, test: TEST, defaults: DEFAULTS,
  purposes: PURPOSES, regions: REGIONS, groups: GROUPS, credentials: CREDENTIALS, events: EVENTS,
} as const satisfies Record<string, FormSchema>

export type FormKind = keyof typeof FORMS

const WITH_RULES: readonly FormKind[] = ['offer', 'guardrail', 'template']

/** The form without the rules inside, which are read word by word: that finds more, and says it better. */
export function headOf(kind: FormKind): FormSchema {
  return kind === 'template'
    ? { ...TEMPLATE, properties: { ...TEMPLATE.properties, policy: { type: 'object', description: 'rules' } } }
    : FORMS[kind]
}

/** The whole schema of a kind of file, for editors. */
export function schemaOf(kind: FormKind): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Policy file: ${kind}`,
    ...FORMS[kind],
    ...(WITH_RULES.includes(kind) && { $defs: ruleDefinitions(kind === 'template') }),
  }
}
