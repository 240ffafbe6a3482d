// The schemas for editors: they are schemas, and they judge a file as the reader does.

import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { FORMS, headOf, schemaOf, type FormKind } from '../../../../src/config/policies/schemas/kinds.ts'
import { mistakes, OFFER, readAll } from './folder.ts'

const ajv = new Ajv2020({ strict: false })
const validators = new Map(
  (Object.keys(FORMS) as readonly FormKind[]).map((kind) => [kind, ajv.compile(schemaOf(kind))]),
)
const accepts = (kind: FormKind, text: string): boolean => validators.get(kind)?.(parse(text)) === true

describe('the schema of each kind of file', () => {
  it.each(Object.keys(FORMS) as readonly FormKind[])('is a schema: %s', (kind) => {
    expect([ajv.validateSchema(schemaOf(kind)), ajv.validateSchema(headOf(kind))]).toEqual([true, true])
  })
})

describe('an offer that the reader accepts is accepted by its schema, and one whose form it refuses is refused:', () => {
  const constraint = (text: string) => `${OFFER}    constraint:\n      - ${text}\n`

  // prettier-ignore
  it.each<[string, string]>([
    ['the smallest',               OFFER],
    ['the short form',             constraint('spatial: { isAnyOf: [CN, VN] }')],
    ['the long form',              constraint('{ leftOperand: count, operator: lteq, rightOperand: 2 }')],
    ['a unit',                     constraint('payAmount: { eq: "10.00", unit: CNY }')],
    ['nested constraints',         constraint('or: [count: { lteq: 2 }, and: [spatial: { eq: CN }]]')],
    ['duties and consequences',    `${OFFER}    duty: [{ action: delete, within: P7D, consequence: { action: compensate } }]\n`],
    ['prohibitions and remedies',  `${OFFER}prohibition:\n  - action: distribute\n    remedy: [{ action: delete }]\n`],
    ['a refinement',               `${OFFER}    refinement: [purpose: { isA: x }]\n`],
    ['steps',                      `${OFFER}automation: { onRequested: manual, transfer: { onPushed: manual } }\n`],
    ['selectors of datasets',      OFFER.replace('[d]', '[d, "e*", { theme: weather }]')],
  ])('accepts %s', (_what, text) => {
    expect([mistakes(readAll({ 'offers/a.yaml': text })), accepts('offer', text)]).toEqual([[], true])
  })

  // prettier-ignore
  it.each<[string, string]>([
    ['an unknown key',              `${OFFER}titel: x\n`],
    ['an unknown key of a rule',    `${OFFER}    constrain: []\n`],
    ['no id',                       OFFER.replace('offer: a\n', '')],
    ['no datasets',                 OFFER.replace('datasets: [d]\n', '')],
    ['two operators in one',        constraint('{ leftOperand: count, operator: lte, rightOperand: 2 }')],
    ['an operator that does not fit', constraint('count: { isAnyOf: [2] }')],
    ['a constraint that is a word', constraint('count')],
    ['a unit where there is none',  constraint('count: { lteq: 2, unit: CNY }')],
    ['a remedy on a permission',    `${OFFER}    remedy: []\n`],
    ['another conflict strategy',   `${OFFER}conflict: newest\n`],
    ['an unknown step',             `${OFFER}automation: { onRequest: manual }\n`],
  ])('refuses %s', (_what, text) => {
    expect(mistakes(readAll({ 'offers/a.yaml': text }))).not.toEqual([])
    expect(accepts('offer', text)).toBe(false)
  })

  it('takes parameters in templates only', () => {
    const policy = 'policy: { permission: [{ action: use, constraint: [count: { lteq: { param: times } }] }] }\n'
    expect(accepts('template', `template: t\nparameters: { times: { type: integer } }\n${policy}`)).toBe(true)
    expect(accepts('offer', constraint('count: { lteq: { param: times } }'))).toBe(false)
  })
})
