// Contract policies of TC609-6-2025-14 and rules of ours: which word is which, and what is refused by name.

import { describe, expect, it } from 'vitest'
import { dutyTiming } from '../../../../src/domain/policy/duties.ts'
import { OPERANDS } from '../../../../src/domain/policy/operands.ts'
import type { Constraint, Rule, Rules } from '../../../../src/protocol/odrl/types.ts'
import { canonicalAction, OPERATORS } from '../../../../src/protocol/odrl/vocabulary.ts'
import { TC609_ACTIONS, TC609_CODES, TC609_CONSTRAINTS, TC609_OPERATORS } from '../../../../src/protocol/tc609/codes.ts'
import { exportTc609 } from '../../../../src/protocol/tc609/export.ts'
import { importTc609 } from '../../../../src/protocol/tc609/import.ts'

const isPrecondition = (action: string): boolean => dutyTiming(action) !== 'after'

function there(rules: Rules) {
  return exportTc609(rules, { id: 'p', isPrecondition })
}

function here(raw: unknown) {
  return importTc609(raw, { isPrecondition })
}

function reading(...constraint: readonly Constraint[]): Rules {
  return { permission: [{ action: 'read', constraint }] }
}

/** A policy of theirs with one permission to read under this constraint. */
function theirs(constraint: object): object {
  return { policyId: 'p', permissions: [{ action: 'read', constraints: [constraint] }] }
}

describe('the tables', () => {
  it('know every operator of ODRL, and each once', () => {
    expect(Object.keys(TC609_OPERATORS).sort()).toEqual(
      Array.from({ length: 12 }, (_, n) => String(n + 1).padStart(2, '0')),
    )
    expect(Object.values(TC609_OPERATORS).toSorted()).toEqual(OPERATORS.toSorted())
  })

  it('lead to actions and operands that are understood here, each from one word', () => {
    expect(TC609_ACTIONS.map(({ ours }) => canonicalAction(ours))).toEqual(TC609_ACTIONS.map(({ ours }) => ours))
    expect(new Set(TC609_ACTIONS.map(({ ours }) => ours)).size).toBe(TC609_ACTIONS.length)
    expect(TC609_CONSTRAINTS.filter(({ ours }) => !Object.hasOwn(OPERANDS, ours))).toEqual([])
    expect(new Set(TC609_CONSTRAINTS.map(({ ours }) => ours)).size).toBe(TC609_CONSTRAINTS.length)
    expect(Object.keys(TC609_CODES).toSorted()).toEqual(
      TC609_CONSTRAINTS.filter(({ form }) => form === 'code')
        .map(({ ours }) => ours)
        .toSorted(),
    )
  })
})

describe('a policy that goes there', () => {
  it('has the names and codes of the standard', () => {
    const rules: Rules = {
      permission: [
        {
          '@id': 'urn:r:1',
          action: 'nextPolicy',
          constraint: [
            { leftOperand: 'tds:recordCount', operator: 'lteq', rightOperand: '5' },
            { leftOperand: 'tds:dataSize', operator: 'lt', rightOperand: '1024' },
            { leftOperand: 'tds:executionEnv', operator: 'isAnyOf', rightOperand: ['02', '04'] },
            { leftOperand: 'deliveryChannel', operator: 'eq', rightOperand: 'HttpData-PULL' },
          ],
          duty: [
            {
              action: 'compensate',
              constraint: [{ leftOperand: 'payAmount', operator: 'eq', rightOperand: '10.00', unit: 'CNY' }],
            },
          ],
        },
      ],
      prohibition: [{ action: 'distribute', remedy: [{ action: 'delete' }] }],
      obligation: [{ action: 'tds:logRecordSend', consequence: [{ action: 'tds:alert' }] }],
    }

    expect(exportTc609(rules, { id: 'weather', title: { zh: '气象' }, isPrecondition })).toEqual({
      converted: {
        profile: 'TC609-6-2025-14',
        policyId: 'weather',
        policyName: { zh: '气象' },
        permissions: [
          {
            uid: 'urn:r:1',
            action: 'plicyTransmit',
            constraints: [
              { name: 'dateRecord', operator: '11', value: '5' },
              { name: 'dataSize', operator: '10', value: '1024', unit: 'B' },
              { name: 'executionEnv', operator: '07', value: ['02', '04'] },
              { name: 'deliveryMethod', operator: '01', value: '03' },
            ],
            preDuties: [
              {
                action: 'compensate',
                constraints: [{ name: 'payAmount', operator: '01', value: '10.00', unit: 'CNY' }],
              },
            ],
          },
        ],
        prohibitions: [{ action: 'distribute', remedies: [{ action: 'delete' }] }],
        obligations: [{ action: 'logRecordSend', consequences: [{ action: 'alert' }] }],
      },
      refused: [],
      changed: [],
    })
  })

  // prettier-ignore
  it.each<[string, Rules, string, string]>([
    ['an action broader than any there', { permission: [{ action: 'use' }] },                                          'permission[0].action', 'unknown-action'],
    ['an action without a word',         { permission: [{ action: 'print' }] },                                        'permission[0].action', 'unknown-action'],
    ['an operand without a word',        reading({ leftOperand: 'purpose', operator: 'eq', rightOperand: 'x' }),       'permission[0].constraint[0].leftOperand', 'unknown-constraint'],
    ['a fact known later',               reading({ leftOperand: 'dateTime', operator: 'lt', rightOperand: 'annex:end' }), 'permission[0].constraint[0].rightOperand', 'no-counterpart'],
    ['one of several values',            reading({ leftOperand: 'recipient', operator: 'isAnyOf', rightOperand: ['a', 'consent:x'] }), 'permission[0].constraint[0].rightOperand[1]', 'no-counterpart'],
    ['a code that there is none of',     reading({ leftOperand: 'tds:executionEnv', operator: 'eq', rightOperand: '08' }), 'permission[0].constraint[0].rightOperand', 'value'],
    ['a delivery without a code',        reading({ leftOperand: 'deliveryChannel', operator: 'eq', rightOperand: 'HttpData-PUSH' }), 'permission[0].constraint[0].rightOperand', 'value'],
    ['a place that nobody knows',        reading({ leftOperand: 'spatial', operator: 'eq', rightOperand: 'UK' }),      'permission[0].constraint[0].rightOperand', 'value'],
    ['an amount without a currency',     reading({ leftOperand: 'payAmount', operator: 'eq', rightOperand: '1' }),     'permission[0].constraint[0].unit', 'unit'],
    ['exactly one of several',           reading({ xone: [{ leftOperand: 'count', operator: 'eq', rightOperand: '1' }] }), 'permission[0].constraint[0]', 'logic'],
    ['one after the other',              reading({ andSequence: [{ leftOperand: 'count', operator: 'eq', rightOperand: '1' }] }), 'permission[0].constraint[0]', 'logic'],
    ['a refinement',                     { permission: [{ action: 'read', refinement: [] }] },                         'permission[0].refinement', 'no-counterpart'],
    ['a party of a rule',                { permission: [{ action: 'read', parties: { informedParty: 'did:x' } }] },    'permission[0].informedParty', 'no-counterpart'],
    ['an asset of a rule',               { permission: [{ action: 'read', scopes: { target: { id: 'x', isCollection: false } } }] }, 'permission[0].target', 'no-counterpart'],
    ['a conflict strategy',              { conflict: 'perm', permission: [{ action: 'read' }] },                       'conflict', 'no-counterpart'],
    ['a duty that is due afterwards',    { permission: [{ action: 'read', duty: [{ action: 'delete' }] }] },           'permission[0].duty[0].action', 'timing'],
    ['the consequence of a duty',        { permission: [{ action: 'read', duty: [{ action: 'compensate', consequence: [] }] }] }, 'permission[0].duty[0].consequence', 'no-counterpart'],
    ['an or on an obligation',           { obligation: [{ action: 'delete', constraint: [{ or: twoCounts() }] }] },    'obligation[0].constraint', 'logic'],
    ['an or over duties without a uid',  { permission: [{ action: 'read', constraint: [{ or: twoCounts() }], duty: [{ action: 'compensate' }] }] }, 'permission[0].constraint', 'logic'],
  ])('loses no part without a word: %s is refused', (_what, rules, path, code) => {
    const { converted, refused } = there(rules)

    expect(refused.map((each) => [each.path, each.code])).toEqual([[path, code]])
    if (path !== 'conflict') expect([converted.permissions, converted.obligations]).toEqual([undefined, undefined])
  })

  it('says which rules were split, and what else comes out otherwise than it went in', () => {
    const constraint: Constraint = { or: twoCounts() }
    const rule: Rule = { '@id': 'urn:r:1', action: 'copy', constraint: [constraint, { and: twoCounts() }] }
    const { converted, refused, changed } = there({ profile: 'urn:lingqu:tds', permission: [rule] })

    expect(refused).toEqual([])
    expect(converted.permissions?.map(({ constraints }) => constraints?.map(({ value }) => value))).toEqual([
      ['1', '1', '2'],
      ['2', '1', '2'],
    ])
    expect(changed).toEqual([
      { path: 'profile', from: 'urn:lingqu:tds', to: null },
      { path: 'permission[0].action', from: 'copy', to: 'reproduce' },
      { path: 'permission[0].constraint[1]', from: '`and`', to: 'constraints beside the others' },
      { path: 'permission[0]', from: 'one rule with `or`', to: '2 rules' },
      { path: 'permission[0].@id', from: 'urn:r:1', to: null },
    ])
  })

  it('becomes at most a bounded number of rules', () => {
    const many = Array.from({ length: 40 }, (): Constraint => ({ or: twoCounts() }))

    expect(there(reading(...many)).refused).toMatchObject([{ path: 'permission[0].constraint', code: 'logic' }])
  })

  it('writes a place in the ten characters that a region has there', () => {
    const place = (rightOperand: string) => there(reading({ leftOperand: 'spatial', operator: 'eq', rightOperand }))

    expect(place('urn:cn:gbt2260:4501').converted.permissions?.[0]?.constraints?.[0]?.value).toBe('4501')
    expect(place('urn:cn:gbt2260:4501').changed).toMatchObject([{ from: 'urn:cn:gbt2260:4501', to: '4501' }])
    expect(place('CN-45')).toMatchObject({ changed: [], refused: [] })
  })
})

describe('a policy that comes from there', () => {
  it('is read with published misprints, their corrections, and Chinese words', () => {
    const names = ['dateRecord', 'dataRecord', '数据记录数'].map((name) =>
      here(theirs({ name, operator: '11', value: '5' })),
    )
    const actions = ['plicyTransmit', 'policyTransmit', '策略传递'].map((action) =>
      here({ policyId: 'p', permissions: [{ action }] }),
    )

    for (const { converted, refused } of names) {
      expect(refused).toEqual([])
      expect(converted.rules.permission?.[0]?.constraint).toEqual([
        { leftOperand: 'tds:recordCount', operator: 'lteq', rightOperand: '5' },
      ])
    }
    for (const { converted } of actions) expect(converted.rules.permission).toEqual([{ action: 'nextPolicy' }])
    expect([...names, ...actions].map(({ changed }) => changed.length)).toEqual([0, 1, 1, 0, 1, 1])
    expect(here({ policyId: 'p', dscription: '说明', permissions: [{ action: 'read' }] })).toMatchObject({
      converted: { description: { zh: '说明' } },
      changed: [{ path: 'dscription', from: 'dscription', to: 'description' }],
    })
  })

  it('has its windows told apart by their form', () => {
    const left = (value: string) =>
      here(theirs({ name: 'timeWindow', operator: '01', value })).converted.rules.permission?.[0]?.constraint?.[0]

    expect(left('P7D')).toMatchObject({ leftOperand: 'timeInterval' })
    expect(left('09:00-17:00 Asia/Shanghai')).toMatchObject({ leftOperand: 'tds:dailyWindow' })
  })

  it('has times of the dictionary read as times of China', () => {
    const { converted, changed } = here(theirs({ name: 'time', operator: '11', value: '20261231235959' }))

    expect(converted.rules.permission?.[0]?.constraint).toMatchObject([{ rightOperand: '2026-12-31T23:59:59+08:00' }])
    expect(changed).toMatchObject([{ path: 'permissions[0].constraints[0].value', from: '20261231235959' }])
  })

  // prettier-ignore
  it.each<[string, unknown, string, string]>([
    ['what is no object',             [],                                                                'ROOT', 'form'],
    ['a key that nobody knows',       { policyId: 'p', permissions: [{ action: 'read' }], strategy: 1 }, 'strategy', 'unknown-member'],
    ['a key of a rule',               { permissions: [{ action: 'read', or: [] }] },                     'permissions[0].or', 'unknown-member'],
    ['another profile',               { profile: 'x', permissions: [{ action: 'read' }] },               'profile', 'no-counterpart'],
    ['an action that nobody knows',   { permissions: [{ action: 'export' }] },                           'permissions[0].action', 'unknown-action'],
    ['an expansion',                  { permissions: [{ action: 'expansionItem' }] },                    'permissions[0].action', 'unknown-action'],
    ['a missing action',              { permissions: [{}] },                                             'permissions[0].action', 'form'],
    ['a name that nobody knows',      theirs({ name: 'colour', operator: '01', value: 'x' }),            'permissions[0].constraints[0].name', 'unknown-constraint'],
    ['an operator without a code',    theirs({ name: 'count', operator: 'eq', value: '1' }),             'permissions[0].constraints[0].operator', 'unknown-operator'],
    ['an operator beyond the codes',  theirs({ name: 'count', operator: '13', value: '1' }),             'permissions[0].constraints[0].operator', 'unknown-operator'],
    ['a missing value',               theirs({ name: 'count', operator: '01' }),                         'permissions[0].constraints[0].value', 'form'],
    ['an empty list of values',       theirs({ name: 'region', operator: '07', value: [] }),             'permissions[0].constraints[0].value', 'form'],
    ['a time without a zone',         theirs({ name: 'time', operator: '01', value: '2026-12-31' }),     'permissions[0].constraints[0].value', 'value'],
    ['a time that is none',           theirs({ name: 'time', operator: '01', value: '20261331000000' }), 'permissions[0].constraints[0].value', 'value'],
    ['a size with two readings',      theirs({ name: 'dataSize', operator: '11', value: '1', unit: 'MB' }), 'permissions[0].constraints[0].unit', 'unit'],
    ['an amount without a currency',  theirs({ name: 'payAmount', operator: '01', value: '1' }),         'permissions[0].constraints[0].unit', 'unit'],
    ['a unit where there is none',    theirs({ name: 'count', operator: '11', value: '1', unit: '次' }), 'permissions[0].constraints[0].unit', 'unit'],
    ['a delivery that is none here',  theirs({ name: 'deliveryMethod', operator: '01', value: '01' }),   'permissions[0].constraints[0].value', 'no-counterpart'],
    ['a code beyond the list',        theirs({ name: 'encryptMode', operator: '01', value: '04' }),      'permissions[0].constraints[0].value', 'value'],
    ['a pre-duty that follows a use', { permissions: [{ action: 'read', preDuties: [{ action: 'delete' }] }] }, 'permissions[0].preDuties[0].action', 'timing'],
    ['a consequence of a consequence', { permissions: [{ action: 'read' }], obligations: [{ action: 'delete', consequences: [{ action: 'alert', consequences: [] }] }] }, 'obligations[0].consequences[0].consequences', 'unknown-member'],
    ['nothing at all',                { policyId: 'p' },                                                 'ROOT', 'form'],
  ])('has %s refused, with its place', (_what, raw, path, code) => {
    const { converted, refused } = here(raw)
    const { permission = [], obligation = [] } = converted.rules

    expect(refused.map((each) => [each.path === '' ? 'ROOT' : each.path, each.code])).toContainEqual([path, code])
    const isAboutPolicy = ['strategy', 'profile'].includes(path) || path.startsWith('obligations')
    expect([permission.length, obligation.length]).toEqual([isAboutPolicy ? 1 : 0, 0])
  })

  it('is judged by whoever has to enforce it, with places in what was read', () => {
    const raw = {
      policyId: 'p',
      permissions: [{ action: 'delete' }, { action: 'read', preDuties: [{ action: 'compensate' }] }],
    }
    const judge = ({ permission: [rule] = [] }: Rules) =>
      rule?.duty === undefined ? [] : [{ path: 'permission[0].duty[0].constraint[2].rightOperand', message: 'no' }]
    const { converted, refused } = importTc609(raw, { isPrecondition, judge })

    expect(refused).toEqual([
      { path: 'permissions[1].preDuties[0].constraints[2].value', code: 'value', message: 'no' },
    ])
    expect(converted.rules.permission).toEqual([{ action: 'delete' }])
  })
})

function twoCounts(): readonly Constraint[] {
  return ['1', '2'].map((rightOperand) => ({ leftOperand: 'count', operator: 'lteq', rightOperand }))
}
