// The rules of a policy in the house form, as JSON Schema: what an editor proposes and explains while somebody writes.

import { LIST_OPERATORS, OPERANDS, type Operand } from '../../../domain/policy/operands.ts'
import { TYPES } from '../../../domain/policy/values.ts'
import { ACTIONS } from '../../../protocol/odrl/actions.ts'
import { PARTY_FUNCTIONS } from '../../../protocol/odrl/json-ld.ts'
import { POLICY_LIMITS } from '../../../protocol/odrl/limits.ts'
import { LOGICAL_OPERATORS, OPERATORS } from '../../../protocol/odrl/vocabulary.ts'
import { keys, list, text, type FormSchema } from './schema.ts'

const ref = (name: string): FormSchema => ({ $ref: `#/$defs/${name}` })

const VALUE: FormSchema = { type: ['string', 'number', 'boolean'], description: 'a value' }
const PARAM: FormSchema = keys('a parameter of the template', { param: text('its name') }, ['param'])

/** A list of one may be written as the thing itself. */
function someOf(of: FormSchema, description: string, itemsMax: number = POLICY_LIMITS.rulesMax): FormSchema {
  return { description, anyOf: [list(description, of, { maxItems: itemsMax }), of] }
}

const CONSTRAINTS = someOf(ref('constraint'), 'constraints, all of which must hold', POLICY_LIMITS.constraintsMax)
const UNIT = text('the unit: a currency of ISO 4217, such as CNY')
const DATA_TYPE = text('the IRI of the type of the right operand')

const RULE = {
  action: {
    description: 'the action that the rule is about',
    anyOf: [{ type: 'string', enum: ACTIONS }, ref('refined'), text('an action by its IRI')],
  },
  uid: text('its id, by which others refer to it'),
  constraint: CONSTRAINTS,
  refinement: { ...CONSTRAINTS, description: 'what the request must be like for the action to be this one' },
  ...Object.fromEntries(PARTY_FUNCTIONS.map((key) => [key, text('a participant')])),
} satisfies Record<string, FormSchema>

const DUTY = {
  ...RULE,
  within: ref('value'),
  consequence: someOf(ref('duty'), 'what is owed too where the duty was not fulfilled in time'),
} satisfies Record<string, FormSchema>

/** The members of a policy. */
export const RULES = {
  permission: someOf(ref('permission'), 'what is permitted'),
  prohibition: someOf(ref('prohibition'), 'what is prohibited'),
  obligation: someOf(ref('duty'), 'what is owed in any case'),
  conflict: {
    type: 'string',
    description: 'which rule wins where a permission and a prohibition meet; else the policy is void',
    enum: ['perm', 'prohibit', 'invalid'],
  },
  profile: someOf(text('the IRI of a profile'), 'profiles of ODRL'),
} satisfies Record<string, FormSchema>

/** Constraints on a participant with whom nothing is agreed yet. */
export const CONSTRAINTS_ON_PARTY = someOf(
  ref('constraint'),
  'constraints on the participant',
  POLICY_LIMITS.constraintsMax,
)

/** What the schemas of rules refer to. @param isTemplate whether parameters may stand in the place of values */
export function ruleDefinitions(isTemplate: boolean): Readonly<Record<string, FormSchema>> {
  return {
    value: isTemplate ? { description: 'a value or a parameter', anyOf: [VALUE, PARAM] } : VALUE,
    values: {
      description: 'a value, or a list of them',
      anyOf: [ref('value'), list('values', ref('value'), { maxItems: POLICY_LIMITS.valuesMax })],
    },
    permission: keys('a permission', { ...RULE, duty: someOf(ref('duty'), 'what is owed for it') }, ['action']),
    prohibition: keys('a prohibition', { ...RULE, remedy: someOf(ref('duty'), 'what heals an infringement') }, [
      'action',
    ]),
    duty: keys('a duty', DUTY, ['action']),
    refined: keys('an action with a refinement', { value: text('the action'), refinement: CONSTRAINTS }, ['value']),
    constraint: {
      description: 'a constraint, as in count: { lteq: 10 }',
      anyOf: [ref('short'), ref('long'), ref('logical')],
    },
    short: {
      type: 'object',
      description: 'a left operand with one operator and its value',
      minProperties: 1,
      maxProperties: 1,
      properties: Object.fromEntries(
        Object.entries<Operand>(OPERANDS).map(([name, operand]) => [name, comparisonOf(operand)]),
      ),
      additionalProperties: comparison('another operand', OPERATORS, true),
    },
    long: keys(
      'a constraint by the words of ODRL',
      {
        leftOperand: text('the left operand'),
        operator: { type: 'string', description: 'the operator', enum: OPERATORS },
        rightOperand: ref('values'),
        rightOperandReference: text('a fact to compare with: ctx:, annex:, consent: or contract: and its name'),
        unit: UNIT,
        dataType: DATA_TYPE,
        uid: text('its id'),
      },
      ['leftOperand', 'operator'],
    ),
    logical: {
      ...keys('constraints joined', Object.fromEntries(LOGICAL_OPERATORS.map((key) => [key, CONSTRAINTS]))),
      minProperties: 1,
      maxProperties: 1,
    },
  }
}

function comparisonOf({ type, operators, needsUnit, label }: Operand): FormSchema {
  return comparison(`${label.en} ${label.zh}: ${TYPES[type].expects}`, operators, needsUnit)
}

function comparison(description: string, operators: readonly string[], hasUnit: boolean): FormSchema {
  const of = (operator: string) => ref((LIST_OPERATORS as readonly string[]).includes(operator) ? 'values' : 'value')
  const members = Object.fromEntries(operators.map((operator) => [operator, of(operator)]))
  return keys(description, { ...members, ...(hasUnit && { unit: UNIT }), dataType: DATA_TYPE })
}
