// What policies may look like on the wire, and what is refused because it would be lost.

import { describe, expect, it } from 'vitest'
import { orThrow } from '../../../../src/kernel/problem.ts'
import {
  collectRules,
  readAgreement,
  readMessageOffer,
  readOffer,
  readRules,
} from '../../../../src/protocol/odrl/normalise.ts'

const ODRL = 'http://www.w3.org/ns/odrl/2/'
const CONSTRAINT = { leftOperand: 'count', operator: 'lteq', rightOperand: '9' }
const RULES = { permission: [{ action: 'use', constraint: [CONSTRAINT] }] }

const refusalOf = (raw: unknown) => {
  const result = readRules(raw)
  return result.ok ? null : { code: result.problem.code, path: result.problem.path }
}
const permissionWith = (more: object) => ({ permission: [{ action: 'use', ...more }] })

describe('readRules reads', () => {
  it.each<[string, unknown]>([
    ['the compact form', RULES],
    [
      'prefixed terms',
      {
        permission: [
          { action: 'odrl:use', constraint: [{ ...CONSTRAINT, leftOperand: 'odrl:count', operator: 'odrl:lteq' }] },
        ],
      },
    ],
    [
      'prefixed keys',
      {
        'odrl:permission': [
          {
            'odrl:action': 'use',
            'odrl:constraint': [{ 'odrl:leftOperand': 'count', 'odrl:operator': 'lteq', 'odrl:rightOperand': '9' }],
          },
        ],
      },
    ],
    [
      'the expanded form',
      {
        [`${ODRL}permission`]: [
          {
            [`${ODRL}action`]: [{ '@id': `${ODRL}use` }],
            [`${ODRL}constraint`]: [
              {
                [`${ODRL}leftOperand`]: [{ '@id': `${ODRL}count` }],
                [`${ODRL}operator`]: [{ '@id': `${ODRL}lteq` }],
                [`${ODRL}rightOperand`]: [{ '@value': '9', '@type': 'http://www.w3.org/2001/XMLSchema#integer' }],
              },
            ],
          },
        ],
      },
    ],
    ['single objects instead of lists', { permission: { action: 'use', constraint: CONSTRAINT } }],
    [
      'typed values',
      permissionWith({ constraint: [{ ...CONSTRAINT, rightOperand: { '@value': '9', '@type': 'xsd:integer' } }] }),
    ],
    ['numbers', permissionWith({ constraint: [{ ...CONSTRAINT, rightOperand: 9 }] })],
    ["the schema's misprint of lteq", permissionWith({ constraint: [{ ...CONSTRAINT, operator: 'term-lteq' }] })],
    ['empty lists as none', { ...RULES, prohibition: [], obligation: [] }],
    [
      'properties of strangers, which it leaves out',
      {
        ...RULES,
        'edc:note': 1,
        privateProperties: {},
        permission: [{ ...RULES.permission[0], name: 'x', '@type': 'odrl:Permission' }],
      },
    ],
  ])('%s', (_form, raw) => {
    const rules = orThrow(readRules(raw))
    // A list of one value and that value are the same: see sameRules.
    expect(JSON.parse(JSON.stringify(rules).replace('["9"]', '"9"'))).toEqual(RULES)
  })

  // prettier-ignore
  it.each<[string, unknown, object]>([
    ['a refinement beside the action', permissionWith({ 'odrl:refinement': [CONSTRAINT] }),                  { refinement: [CONSTRAINT] }],
    ['a refined action',               { permission: [{ action: [{ 'rdf:value': { '@id': 'odrl:print' }, refinement: CONSTRAINT }] }] }, { action: 'print', refinement: [CONSTRAINT] }],
    ['a refined action by id',         { permission: [{ action: { '@id': 'odrl:print', 'odrl:refinement': [CONSTRAINT] } }] }, { action: 'print', refinement: [CONSTRAINT] }],
    ['a consequence',                  permissionWith({ duty: [{ action: 'inform', consequence: { action: 'delete' } }] }), { duty: [{ action: 'inform', consequence: [{ action: 'delete' }] }] }],
    ['a party function',               permissionWith({ duty: [{ action: 'inform', informedParty: { '@id': 'urn:p' } }] }), { duty: [{ action: 'inform', parties: { informedParty: 'urn:p' } }] }],
    ['a unit and a type',              permissionWith({ constraint: [{ ...CONSTRAINT, unit: 'x', 'odrl:dataType': 'xsd:integer' }] }), { constraint: [{ ...CONSTRAINT, unit: 'x', dataType: 'xsd:integer' }] }],
    ['the uid of a rule',              permissionWith({ uid: 'urn:1' }),                                     { '@id': 'urn:1' }],
  ])('%s', (_what, raw, expected) => {
    expect(orThrow(readRules(raw)).permission?.[0]).toMatchObject(expected)
  })

  it('a remedy, and a conflict strategy', () => {
    const raw = {
      'odrl:conflict': { '@id': 'odrl:perm' },
      prohibition: [{ action: 'use', remedy: { action: 'delete' } }],
    }
    expect(orThrow(readRules(raw))).toEqual({
      conflict: 'perm',
      prohibition: [{ action: 'use', remedy: [{ action: 'delete' }] }],
    })
  })

  it('lists of values, of ids and of both', () => {
    const values = ['CN', { '@id': 'urn:place:vn' }, { '@value': 'SG' }]
    const rules = orThrow(
      readRules(permissionWith({ constraint: { leftOperand: 'spatial', operator: 'isAnyOf', rightOperand: values } })),
    )
    expect(rules.permission?.[0]?.constraint).toEqual([
      { leftOperand: 'spatial', operator: 'isAnyOf', rightOperand: ['CN', 'urn:place:vn', 'SG'] },
    ])
  })

  it('a @list and a @set as a list', () => {
    for (const keyword of ['@list', '@set']) {
      const constraint = { leftOperand: 'spatial', operator: 'isAnyOf', rightOperand: { [keyword]: ['CN', 'VN'] } }
      expect(orThrow(readRules(permissionWith({ constraint }))).permission?.[0]?.constraint).toEqual([
        { ...constraint, rightOperand: ['CN', 'VN'] },
      ])
    }
  })

  it('nested constraints, also where a list of one is written as an object', () => {
    const rules = orThrow(
      readRules(permissionWith({ constraint: { or: [{ and: CONSTRAINT }, { xone: [CONSTRAINT] }] } })),
    )
    expect(rules.permission?.[0]?.constraint).toEqual([{ or: [{ and: [CONSTRAINT] }, { xone: [CONSTRAINT] }] }])
  })

  it('terms that nobody here understands, and leaves them as they are', () => {
    const raw = permissionWith({ constraint: [{ leftOperand: 'partner', operator: 'eq', rightOperand: 'gold' }] })
    expect(orThrow(readRules(raw))).toEqual(raw)
  })
})

describe('readRules refuses', () => {
  // prettier-ignore
  it.each<[string, unknown, string, string]>([
    ['a duty on a prohibition', { prohibition: [{ action: 'use', duty: [{ action: 'delete' }] }] }, 'policy.not-understood', 'prohibition[0].duty'],
    ['a conflict strategy that ODRL has not', { ...RULES, conflict: 'newest' },          'policy.not-understood', 'conflict'],
    ['an inherited policy',    { ...RULES, inheritFrom: 'urn:p' },                         'policy.not-understood', 'inheritFrom'],
    ["a policy's own action",  { ...RULES, action: 'use' },                                'policy.not-understood', 'action'],
    ["a policy's own constraint", { ...RULES, constraint: [CONSTRAINT] },                  'policy.not-understood', 'constraint'],
    ['a reference as operand', permissionWith({ constraint: [{ ...CONSTRAINT, rightOperandReference: 'urn:x' }] }), 'policy.not-understood', 'permission[0].constraint[0].rightOperandReference'],
    ["ODRL's terms that it has never heard of", { ...RULES, 'odrl:surprise': 1 },          'policy.not-understood', 'surprise'],
    ['a value of a foreign type', permissionWith({ constraint: [{ ...CONSTRAINT, rightOperand: { '@value': '9', '@type': 'ex:dozens' } }] }), 'policy.not-understood', 'permission[0].constraint[0].rightOperand'],
    ['an object as a value',   permissionWith({ constraint: [{ ...CONSTRAINT, rightOperand: { a: 1 } }] }), 'policy.not-understood', 'permission[0].constraint[0].rightOperand'],
    ['null as a value',        permissionWith({ constraint: [{ ...CONSTRAINT, rightOperand: null }] }), 'policy.invalid', 'permission[0].constraint[0].rightOperand'],
    ['a list within a list',   permissionWith({ constraint: [{ ...CONSTRAINT, rightOperand: ['1', ['2', '3']] }] }), 'policy.invalid', 'permission[0].constraint[0].rightOperand[1]'],
    ['a lone surrogate',       permissionWith({ constraint: [{ ...CONSTRAINT, rightOperand: '\ud800' }] }), 'policy.invalid', 'permission[0].constraint[0].rightOperand'],
    ['a constraint without operator', permissionWith({ constraint: [{ leftOperand: 'count', rightOperand: '9' }] }), 'policy.invalid', 'permission[0].constraint[0].operator'],
    ['an atomic and logical constraint', permissionWith({ constraint: [{ ...CONSTRAINT, or: [CONSTRAINT] }] }), 'policy.invalid', 'permission[0].constraint[0]'],
    ['two logical operators',  permissionWith({ constraint: [{ and: [CONSTRAINT], or: [CONSTRAINT] }] }), 'policy.invalid', 'permission[0].constraint[0]'],
    ['an empty and',           permissionWith({ constraint: [{ and: [] }] }),              'policy.invalid', 'permission[0].constraint[0].and'],
    ['null as constraints',    permissionWith({ constraint: null }),                       'policy.invalid', 'permission[0].constraint[0]'],
    ['two actions',            { permission: [{ action: ['use', 'read'] }] },              'policy.invalid', 'permission[0].action'],
    ['no action',              { permission: [{}] },                                       'policy.invalid', 'permission[0].action'],
    ['one member in two spellings', { ...RULES, 'odrl:permission': [] },                   'policy.invalid', 'permission'],
    ['a policy without rules', {},                                                         'policy.invalid', ''],
    ['obligations alone',      { obligation: [{ action: 'delete' }] },                     'policy.invalid', ''],
    ['a string',               'use',                                                      'policy.invalid', ''],
    ['null',                   null,                                                       'policy.invalid', ''],
  ])('%s', (_what, raw, code, path) => {
    expect(refusalOf(raw)).toEqual({ code, path })
  })

  it('a target of a rule that is not the policy’s, and drops one that is', () => {
    const raw = (target: unknown) => ({ target: 'urn:d', permission: [{ action: 'use', target }] })
    expect(orThrow(readRules(raw({ '@id': 'urn:d' })))).toEqual({ permission: [{ action: 'use' }] })
    expect(refusalOf(raw('urn:other'))).toEqual({ code: 'policy.invalid', path: 'permission[0].target' })
    expect(refusalOf({ permission: [{ action: 'use', target: 'urn:d' }] })).toMatchObject({
      path: 'permission[0].target',
    })
  })

  it('too many rules, constraints or values, too deep a nesting, too long a word', () => {
    const many = <T>(n: number, value: T): T[] => Array.from({ length: n }, () => value)
    let deep: object = CONSTRAINT
    for (let depth = 0; depth < 9; depth++) deep = { and: [deep] }
    const values = { ...CONSTRAINT, rightOperand: many(1001, '1') }

    expect(refusalOf({ permission: many(101, { action: 'use' }) })).toMatchObject({ path: 'permission' })
    expect(refusalOf(permissionWith({ constraint: many(2001, CONSTRAINT) }))).toMatchObject({
      path: 'permission[0].constraint[2000]',
    })
    expect(refusalOf(permissionWith({ constraint: [values] }))).toMatchObject({
      path: 'permission[0].constraint[0].rightOperand',
    })
    expect(refusalOf(permissionWith({ constraint: [deep] }))).toMatchObject({ code: 'policy.invalid' })
    expect(refusalOf({ permission: [{ action: 'x'.repeat(2049) }] })).toMatchObject({ path: 'permission[0].action' })
    expect(refusalOf(permissionWith({ constraint: many(2000, CONSTRAINT) }))).toBeNull()
  })

  it('everything at once where all problems are asked for', () => {
    const raw = { conflict: 'x', permission: [{ action: 7 }, { action: 'use', implies: [] }] }
    expect(collectRules({ ...raw, inheritFrom: 'urn:p' }).problems.map(({ path }) => path)).toEqual([
      'inheritFrom',
      'conflict',
      'permission[0].action',
    ])
  })

  it('with the prefix of the message it came in', () => {
    expect(readRules({ permission: [{ action: 7 }] }, 'offer')).toMatchObject({
      problem: { path: 'offer.permission[0].action' },
    })
  })
})

describe('an offer', () => {
  const offer = { '@id': 'CD123:ACN0101:456', '@type': 'Offer', target: 'ACN0101', ...RULES }

  it('of a catalogue is read without its target', () => {
    const { target: _target, ...inCatalogue } = offer
    expect(orThrow(readOffer(inCatalogue))).toEqual(inCatalogue)
    expect(orThrow(readOffer({ uid: 'urn:o', 'odrl:permission': { action: 'odrl:use' } }))).toEqual({
      '@id': 'urn:o',
      '@type': 'Offer',
      permission: [{ action: 'use' }],
    })
  })

  it('of a message is read with target and parties', () => {
    const raw = { ...offer, assigner: 'did:web:p', assignee: { '@id': 'did:web:c' } }
    expect(orThrow(readMessageOffer(raw))).toEqual({ ...offer, assigner: 'did:web:p', assignee: 'did:web:c' })
  })

  // prettier-ignore
  it.each<[string, object, string]>([
    ['id',     { '@id': undefined },      'offer.@id'],
    ['id',     { '@id': '' },             'offer.@id'],
    ['target', { target: undefined },     'offer.target'],
    ['target', { target: ['a', 'b'] },    'offer.target'],
    ['type',   { '@type': 'Agreement' },  'offer.@type'],
    ['type',   { '@type': undefined },    'offer.@type'],
    ['party',  { assigner: 5 },           'offer.assigner'],
  ])('of a message without a proper %s is refused', (_what, change, path) => {
    expect(readMessageOffer({ ...offer, ...change }, 'offer')).toMatchObject({ ok: false, problem: { code: 'policy.invalid', path } })
  })
})

describe('an agreement', () => {
  const agreement = {
    '@id': 'urn:uuid:a',
    '@type': 'Agreement',
    target: 'urn:d',
    assigner: 'did:web:p',
    assignee: 'did:web:c',
    timestamp: '2026-01-01T00:00:00.123456789Z',
    ...RULES,
  }

  it('is read, its timestamp as it came', () => {
    expect(orThrow(readAgreement({ ...agreement, '@type': 'odrl:Agreement' }))).toEqual(agreement)
  })

  it.each(['dspace:timestamp', 'https://w3id.org/dspace/2025/1/timestamp'])('has a timestamp as %s too', (key) => {
    const { timestamp, ...rest } = agreement

    expect(readAgreement({ ...rest, [key]: timestamp })).toEqual(readAgreement(agreement))
    expect(readAgreement({ ...agreement, [key]: timestamp })).toMatchObject({ ok: false })
  })

  it.each(['@id', '@type', 'target', 'assigner', 'assignee', 'timestamp'])('without %s is refused', (key) => {
    expect(readAgreement({ ...agreement, [key]: undefined })).toMatchObject({ ok: false, problem: { path: key } })
  })

  it('with a timestamp without a zone is refused: elapsedTime would run from nowhere', () => {
    expect(readAgreement({ ...agreement, timestamp: '2026-01-01T00:00:00' })).toMatchObject({
      problem: { path: 'timestamp' },
    })
  })
})

describe('a value that wraps nothing', () => {
  // prettier-ignore
  const PLACES: readonly (readonly [path: string, policy: (nothing: unknown) => unknown])[] = [
    ['permission[0].action',                     (nothing) => ({ permission: [{ action: nothing }] })],
    ['permission[0].constraint[0].leftOperand',  (nothing) => permissionWith({ constraint: [{ ...CONSTRAINT, leftOperand: nothing }] })],
    ['permission[0].constraint[0].operator',     (nothing) => permissionWith({ constraint: [{ ...CONSTRAINT, operator: nothing }] })],
    ['permission[0].constraint[0].rightOperand', (nothing) => permissionWith({ constraint: [{ ...CONSTRAINT, rightOperand: nothing }] })],
    ['permission[0].duty[0].action',             (nothing) => permissionWith({ duty: [{ action: nothing }] })],
  ]

  it.each(PLACES)('is refused at %s: the rules without it are not those that were written', (path, policy) => {
    for (const nothing of [
      null,
      { '@value': null },
      { '@id': null },
      [{ '@value': null }],
      { '@value': null, '@type': 'xsd:integer' },
    ]) {
      const refusal = refusalOf(policy(nothing))
      expect(refusal?.code, JSON.stringify(nothing)).toBe('policy.invalid')
      // In a list of values it is the first of them.
      expect(refusal?.path?.replace(/rightOperand\[0\]$/, 'rightOperand')).toBe(path)
    }
  })
})
