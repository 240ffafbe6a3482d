// Small mistakes in policies: which are made, and which cases notice them.

import { describe, expect, it } from 'vitest'
import { coverageOf, percentOf } from '../../../../../src/domain/policy/testing/coverage.ts'
import { constraintMutants } from '../../../../../src/domain/policy/testing/constraint-mutants.ts'
import { survivorsOf } from '../../../../../src/domain/policy/testing/mutants.ts'
import { runCase } from '../../../../../src/domain/policy/testing/run-case.ts'
import type { Case, Given, Subject } from '../../../../../src/domain/policy/testing/subject.ts'
import type { Constraint, Rules } from '../../../../../src/protocol/odrl/types.ts'
import { compiled, permitting, that } from '../fixture.ts'

const changesOf = (constraint: Constraint) =>
  compiled(permitting(constraint))
    .permissions.flatMap(({ constraints }) => constraints)
    .flatMap((each) => constraintMutants(each).map(({ change }) => change))

describe('a constraint', () => {
  // prettier-ignore
  it.each<readonly [string, Constraint, readonly string[]]>([
    ['of a count',      that('count', 'lteq', '3'),                  ['lteq became lt', 'lteq became gt', 'the bound shrank by 1', 'the bound grew by 1']],
    ['of a decimal',    that('tds:epsilonBudget', 'lt', '0.50'),     ['lt became lteq', 'lt became gteq', 'the bound shrank by 0.01', 'the bound grew by 0.01']],
    ['of a time',       that('dateTime', 'gteq', '2026-01-01T00:00:00Z'), ['gteq became gt', 'gteq became lt', 'the bound shrank by a second', 'the bound grew by a second']],
    ['of one place',    that('spatial', 'eq', 'CN'),                 ['eq became neq']],
    ['of two places',   that('spatial', 'isAnyOf', ['CN', 'VN']),    ['isAnyOf became isNoneOf', 'CN was left out of the values', 'VN was left out of the values']],
    ['of hours',        that('tds:dailyWindow', 'isPartOf', 'Mon-Fri 09:00-17:00 Z'), ['isPartOf became neq']],
    ['of alternatives', { or: [that('count', 'lteq', '3'), that('spatial', 'eq', 'CN')] }, ['or became and']],
    ['of what stands in another place', that('dateTime', 'lt', 'annex:endDate'), ['lt became lteq', 'lt became gteq']],
  ])('%s', (_, constraint, expected) => {
    expect(changesOf(constraint)).toEqual(expected)
  })
})

const NOTHING: Given = { participant: null, agreedAt: null, used: null, duties: {}, known: {} }
const asked = (expected: Case['expect'], given: Partial<Given>, action = 'use'): Case => ({
  name: `${action} ${expected}`,
  phase: 'start',
  at: null,
  action,
  given: { ...NOTHING, ...given },
  expect: expected,
  reasons: [],
  deferred: [],
})
const about = (rules: Rules): Subject => ({
  kind: 'offer',
  id: 'a',
  gate: [],
  policy: compiled(rules),
  memberships: {},
})
const survivors = (rules: Rules, ...cases: readonly Case[]) =>
  survivorsOf([{ subject: about(rules), cases }]).survivors.map(({ path, change }) => `${path} ${change}`)

describe('cases', () => {
  const THREE = permitting(that('count', 'lteq', '3'))
  const CONSTRAINT = 'permission[0].constraint[0]'

  it('at both sides of a bound notice every mistake in it', () => {
    expect(survivors(THREE, asked('permit', { used: 2 }), asked('deny', { used: 3 }))).toEqual([])
  })

  it('further away from it do not', () => {
    expect(survivors(THREE, asked('permit', { used: 0 }), asked('deny', { used: 9 }))).toEqual([
      `${CONSTRAINT} lteq became lt`,
      `${CONSTRAINT} the bound shrank by 1`,
      `${CONSTRAINT} the bound grew by 1`,
    ])
  })

  it('with one value of several do not notice that another one is missing', () => {
    const rules = permitting(that('spatial', 'isAnyOf', ['CN', 'VN']))
    const [china, vietnam] = ['CN', 'VN'].map((spatial) => asked('permit', { known: { spatial } }))
    const elsewhere = asked('deny', { known: { spatial: 'SG' } })
    if (china === undefined || vietnam === undefined) throw new Error('two cases')
    expect(survivors(rules, china, elsewhere)).toEqual([`${CONSTRAINT} VN was left out of the values`])
    expect(survivors(rules, china, vietnam, elsewhere)).toEqual([])
  })

  it('must ask for what is prohibited, too', () => {
    const rules: Rules = { ...THREE, prohibition: [{ action: 'distribute' }] }
    const both = [asked('permit', { used: 2 }), asked('deny', { used: 3 })]
    expect(survivors(rules, ...both)).toEqual([
      'prohibition[0] the prohibition became a permission',
      'prohibition[0] the prohibition was removed',
    ])
    expect(survivors(rules, ...both, asked('deny', { used: 2 }, 'distribute'))).toEqual([])
  })

  it('of one set of values notice mistakes for all of them', () => {
    const subject = about(THREE)
    const split = [asked('permit', { used: 2 }), asked('deny', { used: 3 })].map((each) => ({ subject, cases: [each] }))
    expect(survivorsOf(split).survivors).toEqual([])
  })

  it('cover what they see both ways', () => {
    const subject = about(THREE)
    const seen = (...cases: readonly Case[]) =>
      coverageOf(
        subject,
        cases.map((each) => runCase(subject, each).judged),
      )
    expect(seen()).toMatchObject({ covered: 0, total: 4 })
    const [once, both] = [
      seen(asked('permit', { used: 2 })),
      seen(asked('permit', { used: 2 }), asked('deny', { used: 3 })),
    ]
    expect([once, both].map((each) => percentOf([each]))).toEqual([50, 100])
    expect(once.aspects.filter(({ seenFalse }) => !seenFalse).map(({ path }) => path)).toEqual([
      'permission[0]',
      CONSTRAINT,
    ])
    expect(percentOf([])).toBe(100)
  })

  it('that come out otherwise say in what', () => {
    const wrong: Case = { ...asked('permit', { used: 3 }), reasons: ['permission[1]'], deferred: [CONSTRAINT] }
    expect(runCase(about(THREE), wrong).complaints).toEqual([
      'expected permit, came deny',
      'expected permission[1] in what the reason names, came permission[0], permission[0].constraint[0]',
      `expected ${CONSTRAINT} in what a later phase decides, came nothing`,
    ])
  })
})
