// Any ODRL policy: whichever way it is written, whatever its rules leave out, with every state in the report.

import { describe, expect, it } from 'vitest'
import { evaluateCase } from '../../../../src/cli/policy/evaluate.ts'
import { orThrow } from '../../../../src/kernel/problem.ts'

interface Report {
  readonly verdict: string
  readonly cause: string
  readonly rules: readonly {
    uid: string | null
    path: string
    state: string
    attempted: boolean
    checks: object
    remedies?: object[]
  }[]
  readonly obligations: readonly { state: string }[]
  readonly constraints: Readonly<Record<string, string>>
  readonly duties: Readonly<Record<string, string>>
}

function report(policy: object, request: object = {}, facts: object = {}): Report {
  const asked = { action: 'read', target: 'ex:x', assignee: 'ex:alice', ...request }
  return orThrow(evaluateCase(policy, asked, facts)) as unknown as Report
}

function refusal(policy: unknown, request: unknown = { action: 'read' }, facts: unknown = {}) {
  const found = evaluateCase(policy, request, facts)
  return found.ok ? null : { code: found.problem.code, path: found.problem.path }
}

const AT_NOON = { leftOperand: 'dateTime', operator: 'lt', rightOperand: '2026-01-01T12:00:00Z', uid: 'urn:c' }
const READ = { uid: 'urn:rule', assignee: 'ex:alice', action: 'read', target: 'ex:x' }

describe('a rule', () => {
  it('that names nothing is about everything', () => {
    expect(report({ uid: 'urn:p', permission: [{ uid: 'urn:r' }] }, { action: 'sell' })).toMatchObject({
      verdict: 'permit',
      rules: [{ uid: 'urn:r', state: 'active', attempted: true }],
    })
  })

  // prettier-ignore
  it.each([
    [{},                        'active',   { action: 'satisfied',   target: 'satisfied',   party: 'satisfied' }],
    [{ assignee: 'ex:bob' },    'inactive', { action: 'satisfied',   target: 'satisfied',   party: 'unsatisfied' }],
    [{ target: 'ex:y' },        'inactive', { action: 'satisfied',   target: 'unsatisfied', party: 'satisfied' }],
    [{ action: 'odrl:write' },  'inactive', { action: 'unsatisfied', target: 'satisfied',   party: 'satisfied' }],
  ])('asked with %j is %s', (request, state, checks) => {
    expect(report({ permission: [READ] }, request).rules).toMatchObject([{ state, checks }])
  })

  it('has the state of each constraint by its uid, also where it is about something else', () => {
    const policy = {
      permission: [
        { ...READ, constraint: [{ uid: 'urn:and', and: [AT_NOON, { ...AT_NOON, uid: 'urn:d', operator: 'gt' }] }] },
      ],
    }
    const { rules, constraints } = report(policy, { target: 'ex:y' }, { now: '2026-01-01T11:00:00Z' })
    expect(rules[0]).toMatchObject({ state: 'inactive', attempted: false })
    expect(constraints).toEqual({ 'urn:and': 'unsatisfied', 'urn:c': 'satisfied', 'urn:d': 'unsatisfied' })
  })

  it('without a clock knows nothing of time', () => {
    expect(report({ permission: [{ ...READ, constraint: [AT_NOON] }] }).constraints).toEqual({ 'urn:c': 'unknown' })
  })
})

describe('the same policy', () => {
  const prefixed = {
    '@id': 'urn:p',
    '@type': 'odrl:Set',
    'odrl:permission': {
      '@id': 'urn:rule',
      'odrl:assignee': { '@id': 'ex:alice' },
      'odrl:action': { '@id': 'odrl:read' },
      'odrl:target': { '@id': 'ex:x' },
    },
  }
  const NS = 'http://www.w3.org/ns/odrl/2/'
  const expanded = [
    {
      '@id': 'urn:p',
      [`${NS}permission`]: [
        {
          '@id': 'urn:rule',
          [`${NS}assignee`]: [{ '@id': 'ex:alice' }],
          [`${NS}action`]: [{ '@id': `${NS}read` }],
          [`${NS}target`]: [{ '@id': 'ex:x' }],
        },
      ],
    },
  ]
  const flat = {
    '@graph': [
      { '@id': 'urn:p', permission: 'urn:rule' },
      { '@id': 'urn:rule', assignee: 'ex:alice', action: 'read', target: 'ex:x' },
    ],
  }
  const compact = {
    uid: 'urn:p',
    action: 'read',
    target: 'ex:x',
    assignee: ['ex:bob', 'ex:alice'],
    permission: [{ uid: 'urn:rule' }],
  }

  it.each([
    ['with prefixes', prefixed],
    ['expanded', expanded],
    ['flattened', flat],
    ['compact, for several parties', compact],
  ])('%s', (_form, policy) => {
    const { verdict, rules } = report(policy)
    expect(verdict).toBe('permit')
    expect(rules.filter(({ state }) => state === 'active')).toMatchObject([{ uid: 'urn:rule', path: 'permission[0]' }])
    expect(report(policy, { assignee: 'ex:eve' }).verdict).toBe('default-deny')
  })
})

describe('a collection', () => {
  const staff = { '@type': 'PartyCollection', uid: 'ex:staff', source: 'ex:directory' }
  const policy = { permission: [{ ...READ, assignee: staff }] }

  it.each(['ex:staff', 'ex:directory'])('has who belongs to %s', (whole) => {
    expect(report(policy, {}, { memberships: { 'ex:alice': [whole] } }).verdict).toBe('permit')
    expect(report(policy).verdict).toBe('default-deny')
  })

  it('has who is part of it in the document', () => {
    expect(report({ '@graph': [policy, { '@id': 'ex:alice', partOf: 'ex:staff' }] }).verdict).toBe('permit')
  })

  it('is as narrow as its refinement', () => {
    const doctors = { ...staff, refinement: [{ leftOperand: 'ex:role', operator: 'eq', rightOperand: 'doctor' }] }
    const ask = (role?: string) =>
      report(
        { permission: [{ ...READ, assignee: doctors }] },
        {},
        {
          memberships: { 'ex:alice': ['ex:staff'] },
          ...(role !== undefined && { facts: { 'ex:role': role } }),
        },
      ).verdict
    expect([ask('doctor'), ask('nurse'), ask()]).toEqual(['permit', 'default-deny', 'deny'])
  })
})

describe('a duty', () => {
  const policy = { permission: [{ ...READ, duty: [{ uid: 'urn:pay', action: 'compensate' }] }] }

  it.each([
    ['fulfilled', 'active'],
    ['nonset', 'inactive'],
    ['violated', 'inactive'],
  ])('that is %s leaves its permission %s', (progress, state) => {
    expect(report(policy, {}, { duties: { 'urn:pay': progress } }).rules[0]?.state).toBe(state)
  })

  it('of the policy has a life of its own', () => {
    const owing = { obligation: [{ uid: 'urn:o', action: 'delete' }] }
    expect(report(owing).obligations).toMatchObject([{ state: 'active' }])
    expect(report(owing, {}, { duties: { 'urn:o': 'fulfilled' } }).obligations).toMatchObject([{ state: 'fulfilled' }])
    expect(report(owing, {}, { duties: { 'urn:o': 'violated' } }).obligations).toMatchObject([{ state: 'violated' }])
  })
})

describe('facts', () => {
  const where = (operator: string, rightOperand: unknown) => ({
    permission: [
      { ...READ, constraint: [{ uid: 'urn:c', leftOperand: 'https://ex.example/level', operator, rightOperand }] },
    ],
  })

  // prettier-ignore
  it.each([
    ['gteq',    { '@value': '3', '@type': 'xsd:integer' }, 3,          'satisfied'],
    ['lt',      3,                                       2.5,        'satisfied'],
    ['eq',      'gold',                                  'gold',     'satisfied'],
    ['isAnyOf', ['gold', 'silver'],                      ['bronze'], 'unsatisfied'],
    ['isAllOf', ['gold', 'silver'],                      ['gold', 'silver'], 'satisfied'],
    ['gteq',    3,                                       'many',     'unknown'],
  ])('of an operand that no table has: %s %j of %j', (operator, right, fact, state) => {
    expect(report(where(operator, right), {}, { facts: { 'https://ex.example/level': fact } }).constraints['urn:c']).toBe(state)
  })

  it('that are not given are unknown', () => {
    expect(report(where('eq', 'gold')).constraints['urn:c']).toBe('unknown')
    expect(
      report({
        permission: [
          { ...READ, constraint: [{ uid: 'urn:c', leftOperand: 'count', operator: 'lteq', rightOperand: 2 }] },
        ],
      }).constraints['urn:c'],
    ).toBe('unknown')
  })

  it('of uses count this one too', () => {
    const policy = {
      permission: [
        { ...READ, constraint: [{ uid: 'urn:c', leftOperand: 'count', operator: 'lteq', rightOperand: 2 }] },
      ],
    }
    const at = (count: number) => report(policy, {}, { counters: { count } }).constraints['urn:c']
    expect([at(1), at(2)]).toEqual(['satisfied', 'unsatisfied'])
  })

  it('stand behind references', () => {
    const policy = {
      permission: [
        {
          ...READ,
          constraint: [{ uid: 'urn:c', leftOperand: 'ex:l', operator: 'isAnyOf', rightOperandReference: 'ex:list' }],
        },
      ],
    }
    const facts = { facts: { 'ex:l': 'a' } }
    expect(report(policy, {}, { ...facts, references: { 'ex:list': ['a', 'b'] } }).constraints['urn:c']).toBe(
      'satisfied',
    )
    expect(report(policy, {}, facts).constraints['urn:c']).toBe('unknown')
  })
})

describe('a policy that inherits', () => {
  const parent = { uid: 'urn:parent', conflict: 'perm', prohibition: [{ uid: 'urn:no', action: 'read' }] }
  const child = { uid: 'urn:child', inheritFrom: 'urn:parent', permission: [READ] }

  it('has the rules and the strategy of its parent', () => {
    const got = report(child, {}, { policies: [parent] })
    expect(got).toMatchObject({
      verdict: 'permit',
      rules: [{ uid: 'urn:rule' }, { uid: 'urn:no', state: 'active', path: 'inherited[1].prohibition[0]' }],
    })
    expect(report({ ...child, conflict: 'prohibit' }, {}, { policies: [parent] }).verdict).toBe('deny')
  })

  it('from itself, or from what is not given, is refused', () => {
    expect(refusal({ ...parent, inheritFrom: 'urn:parent' })).toEqual({ code: 'policy.invalid', path: 'inheritFrom' })
    expect(refusal(child)).toEqual({ code: 'policy.invalid', path: 'inheritFrom' })
  })
})

describe('refused', () => {
  // prettier-ignore
  it.each<[string, unknown, unknown, unknown, string]>([
    ['no policy',            {},                                                          {},                 {},                      'policy.invalid'],
    ['an unknown profile',   { profile: 'ex:p', permission: [READ] },                     {},                 {},                      'policy.not-understood'],
    ['an unknown operator',  { permission: [{ ...READ, constraint: [{ ...AT_NOON, operator: 'gte' }] }] }, {}, {},                     'policy.not-understood'],
    ['a time that is none',  { permission: [{ ...READ, constraint: [{ ...AT_NOON, rightOperand: 'noon' }] }] }, {}, {},                'policy.invalid'],
    ['an unknown phase',     { permission: [READ] },                                      { phase: 'soon' },  {},                      'request.malformed'],
    ['a misspelt key',       { permission: [READ] },                                      {},                 { membership: {} },      'request.malformed'],
    ['a now that is none',   { permission: [READ] },                                      {},                 { now: 'today' },        'request.malformed'],
    ['a state of a duty',    { permission: [READ] },                                      {},                 { duties: { d: 'done' } }, 'request.malformed'],
  ])('%s', (_what, policy, request, facts, code) => {
    expect(refusal(policy, request, facts)?.code).toBe(code)
  })
})
