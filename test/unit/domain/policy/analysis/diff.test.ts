// A policy before and after an edit: which rule became which, what is written differently, and what that permits.

import { describe, expect, it } from 'vitest'
import { diffPolicies, type Version } from '../../../../../src/domain/policy/analysis/diff.ts'
import type { Rules } from '../../../../../src/protocol/odrl/types.ts'
import { compiled, permitting, permittingWith, that } from '../fixture.ts'

const version = (rules: Rules): Version => ({ policy: compiled(rules), rules })
const diff = (before: Rules, after: Rules) => diffPolicies(version(before), version(after))
const rulesOf = (before: Rules, after: Rules) =>
  diff(before, after).rules.map((rule) => [rule.before, rule.after, rule.relation])

const IN_CHINA = that('spatial', 'isPartOf', ['CN'])
const FEW = that('count', 'lteq', '5')
const MORE = that('count', 'lteq', '10')

describe('a diff of policies', () => {
  it('of the same rules in another order is empty', () => {
    const rules: Rules = { permission: [{ action: 'use', constraint: [FEW, IN_CHINA] }, { action: 'read' }] }
    const turned: Rules = { permission: [{ action: 'read' }, { action: 'use', constraint: [IN_CHINA, FEW] }] }
    expect(diff(rules, turned)).toEqual({ relation: 'equal', gained: null, lost: null, rules: [], changes: [] })
  })

  it('tells the line that changed and shows a request that it lets through', () => {
    expect(diff(permitting(FEW, IN_CHINA), permitting(IN_CHINA, MORE))).toMatchObject({
      relation: 'widened',
      gained: { action: 'use', phase: 'start', given: { used: 5, spatial: 'CN' } },
      lost: null,
      rules: [
        {
          kind: 'permission',
          before: 'permission[0]',
          after: 'permission[0]',
          relation: 'widened',
          changes: [{ before: 'count lteq 5', after: 'count lteq 10' }],
        },
      ],
    })
  })

  it('matches rules by action and likeness, not by place', () => {
    const before: Rules = {
      permission: [
        { action: 'use', constraint: [FEW] },
        { action: 'use', constraint: [IN_CHINA] },
      ],
    }
    const after: Rules = {
      permission: [
        { action: 'use', constraint: [IN_CHINA] },
        { action: 'use', constraint: [MORE] },
      ],
    }
    expect(rulesOf(before, after)).toEqual([['permission[0]', 'permission[1]', 'widened']])
  })

  it('calls a prohibition that prohibits more narrower, and one that is new or gone by what it does', () => {
    const one: Rules = { ...permitting(), prohibition: [{ action: 'distribute', constraint: [IN_CHINA] }] }
    const two: Rules = { ...permitting(), prohibition: [{ action: 'distribute' }] }
    expect(rulesOf(one, two)).toEqual([['prohibition[0]', 'prohibition[0]', 'narrowed']])
    expect(rulesOf(permitting(), two)).toEqual([[null, 'prohibition[0]', 'narrowed']])
    expect(rulesOf(two, permitting())).toEqual([['prohibition[0]', null, 'widened']])
  })

  it('tells of obligations that they changed, and not in which direction', () => {
    const owed = (within: string): Rules => ({
      ...permitting(),
      obligation: [{ action: 'delete', constraint: [that('elapsedTime', 'lteq', within)] }],
    })
    expect(diff(owed('P7D'), owed('P9D'))).toMatchObject({
      relation: 'equal',
      rules: [{ kind: 'obligation', relation: 'unknown' }],
    })
  })

  it('names a duty that was fulfilled by its place', () => {
    const before: Rules = { permission: [{ action: 'use', constraint: [FEW], duty: [{ action: 'compensate' }] }] }
    const after: Rules = { permission: [{ action: 'use', constraint: [MORE], duty: [{ action: 'compensate' }] }] }
    expect(diff(before, after).gained?.given).toMatchObject({ duties: { 'permission[0].duty[0]': 'fulfilled' } })
    expect(diff(permittingWith({ action: 'delete' }), permitting()).rules).toMatchObject([
      { relation: 'equal', changes: [{ before: 'duty action delete', after: null }] },
    ])
  })

  it('tells another strategy for conflicts, and what that permits', () => {
    const both = (conflict: 'perm' | 'prohibit'): Rules => ({
      ...permitting(),
      prohibition: [{ action: 'print' }],
      conflict,
    })
    expect(diff(both('prohibit'), both('perm'))).toMatchObject({
      relation: 'widened',
      gained: { action: 'print' },
      rules: [],
      changes: [{ before: 'conflict prohibit', after: 'conflict perm' }],
    })
  })
})
