// When two policies say the same, and how rules go out.

import { describe, expect, it } from 'vitest'
import { orThrow } from '../../../../src/kernel/problem.ts'
import { readRules } from '../../../../src/protocol/odrl/normalise.ts'
import { rulesDigest, sameRules } from '../../../../src/protocol/odrl/same-rules.ts'
import { rulesToWire } from '../../../../src/protocol/odrl/to-wire.ts'
import type { Constraint, Rules } from '../../../../src/protocol/odrl/types.ts'

const COUNT = { leftOperand: 'count', operator: 'lteq', rightOperand: '9' }
const PLACE = { leftOperand: 'spatial', operator: 'isAnyOf', rightOperand: ['CN', 'VN'] }
const permitting = (...constraint: Constraint[]): Rules => ({ permission: [{ action: 'use', constraint }] })

describe('two policies are the same', () => {
  // prettier-ignore
  it.each<[string, Rules, Rules]>([
    ['in another order of constraints',   permitting(COUNT, PLACE), permitting(PLACE, COUNT)],
    ['in another order of values',        permitting(PLACE), permitting({ ...PLACE, rightOperand: ['VN', 'CN'] })],
    ['in another order of rules',         { permission: [{ action: 'use' }, { action: 'read' }] }, { permission: [{ action: 'read' }, { action: 'use' }] }],
    ['in another order within or',        permitting({ or: [COUNT, PLACE] }), permitting({ or: [PLACE, COUNT] })],
    ['in another spelling',               permitting(COUNT), permitting({ leftOperand: 'odrl:count', operator: 'term-lteq', rightOperand: '9' })],
    ['with a value or a list of it',      permitting(COUNT), permitting({ ...COUNT, rightOperand: ['9'] })],
    ['with empty lists or none',          permitting(), { permission: [{ action: 'use' }], prohibition: [] }],
    ['with one profile or a list of it',  { profile: 'urn:p', ...permitting() }, { profile: ['urn:p'], ...permitting() }],
  ])('%s', (_how, a, b) => {
    expect(sameRules(a, b)).toBe(true)
    expect(rulesDigest(a)).toBe(rulesDigest(b))
  })

  it('whatever their ids, types, parties and targets are', () => {
    const offer = { '@id': 'urn:a', '@type': 'Offer', target: 'urn:d', assigner: 'did:web:p', ...permitting(COUNT) }
    expect(sameRules(offer, permitting(COUNT))).toBe(true)
  })
})

describe('two policies differ', () => {
  // prettier-ignore
  it.each<[string, Rules, Rules]>([
    ['in a value',                  permitting(COUNT), permitting({ ...COUNT, rightOperand: '10' })],
    ['in an operator',              permitting(COUNT), permitting({ ...COUNT, operator: 'lt' })],
    ['in an action',                permitting(), { permission: [{ action: 'read' }] }],
    ['in a constraint less',        permitting(COUNT, PLACE), permitting(COUNT)],
    ['in a duty',                   permitting(), { permission: [{ action: 'use', duty: [{ action: 'delete' }] }] }],
    ['in a prohibition',            permitting(), { ...permitting(), prohibition: [{ action: 'distribute' }] }],
    ['in an obligation',            permitting(), { ...permitting(), obligation: [{ action: 'delete' }] }],
    ['in a profile',                permitting(), { profile: 'urn:p', ...permitting() }],
    ['in the kind of a rule',       permitting(COUNT), { prohibition: permitting(COUNT).permission ?? [] }],
    ['in or instead of and',        permitting({ or: [COUNT, PLACE] }), permitting({ and: [COUNT, PLACE] })],
    ['in one of xone twice',        permitting({ xone: [COUNT] }), permitting({ xone: [COUNT, COUNT] })],
    ['in the order of andSequence', permitting({ andSequence: [COUNT, PLACE] }), permitting({ andSequence: [PLACE, COUNT] })],
    ["in a stranger's term of ODRL's name", permitting({ ...COUNT, leftOperand: 'partner' }), permitting({ ...COUNT, leftOperand: 'odrl:partner' })],
  ])('%s', (_what, a, b) => {
    expect(sameRules(a, b)).toBe(false)
    expect(rulesDigest(a)).not.toBe(rulesDigest(b))
  })
})

describe('rules go out', () => {
  const rules: Rules = {
    profile: 'http://www.w3.org/ns/odrl/2/core',
    permission: [
      { action: 'use', constraint: [COUNT, { or: [PLACE, { and: [COUNT] }] }], duty: [{ action: 'delete' }] },
    ],
    prohibition: [{ action: 'distribute' }],
    obligation: [],
  }

  it('with use bare and the prefix on all other terms of ODRL, and without empty lists', () => {
    const count = { ...COUNT, leftOperand: 'odrl:count' }
    const place = { ...PLACE, leftOperand: 'odrl:spatial' }
    expect(rulesToWire(rules)).toEqual({
      profile: 'http://www.w3.org/ns/odrl/2/core',
      permission: [
        { action: 'use', constraint: [count, { or: [place, { and: [count] }] }], duty: [{ action: 'odrl:delete' }] },
      ],
      prohibition: [{ action: 'odrl:distribute' }],
    })
  })

  it('without id, type, parties and target', () => {
    const offer = { '@id': 'urn:a', '@type': 'Offer', target: 'urn:d', assignee: 'did:web:c', ...permitting() }
    expect(rulesToWire(offer)).toEqual({ permission: [{ action: 'use' }] })
  })

  it("with a stranger's terms untouched", () => {
    const strange = permitting({ ...COUNT, leftOperand: 'https://w3id.org/catenax/UsagePurpose' })
    expect(rulesToWire(strange)).toEqual(strange)
  })

  it('so that a reader gets the same rules back', () => {
    expect(sameRules(orThrow(readRules(rulesToWire(rules))), rules)).toBe(true)
  })
})
