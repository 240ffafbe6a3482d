// When to ask again: the verdict at the instant before and at the one that is named.

import { describe, expect, it } from 'vitest'
import { nextChange } from '../../../../src/domain/policy/next-change.ts'
import type { Facts } from '../../../../src/domain/policy/facts.ts'
import { instant } from '../../../../src/kernel/time.ts'
import type { Rules } from '../../../../src/protocol/odrl/types.ts'
import { compiled, decide, facts, permitting, permittingWith, that } from './fixture.ts'

const NOON = '2026-06-01T12:00:00.000Z'
const changeOf = (rules: Rules, more: Partial<Facts> = {}) => {
  const change = nextChange(compiled(rules), facts(more))
  return change === null ? null : new Date(change).toISOString()
}

describe('the next change', () => {
  // prettier-ignore
  it.each<[string, Rules, string | null]>([
    ['of lt is its bound',                      permitting(that('dateTime', 'lt', '2026-07-01T00:00Z')),        '2026-07-01T00:00:00.000Z'],
    ['of lteq is just after its bound',         permitting(that('dateTime', 'lteq', '2026-07-01T00:00Z')),      '2026-07-01T00:00:00.001Z'],
    ['of gteq is its bound',                    permitting(that('dateTime', 'gteq', '2026-07-01T00:00Z')),      '2026-07-01T00:00:00.000Z'],
    ['of gt is just after its bound',           permitting(that('dateTime', 'gt', '2026-07-01T00:00Z')),        '2026-07-01T00:00:00.001Z'],
    ['of eq begins at its bound',               permitting(that('dateTime', 'eq', '2026-07-01T00:00Z')),        '2026-07-01T00:00:00.000Z'],
    ['of lteq at its bound is just after it',   permitting(that('dateTime', 'lteq', NOON)),                     '2026-06-01T12:00:00.001Z'],
    ['is none at the bound of lt',              permitting(that('dateTime', 'lt', NOON)),                       null],
    ['is none when the bound has passed',       permitting(that('dateTime', 'lteq', '2026-01-01T00:00Z')),      null],
    ['of elapsedTime runs from the agreement',  permitting(that('elapsedTime', 'lteq', 'P90D')),                '2026-07-30T12:00:00.001Z'],
    ['is the first of several',                 permitting(that('dateTime', 'lt', '2026-08-01T00:00Z'), { or: [that('dateTime', 'gteq', '2026-07-01T00:00Z')] }), '2026-07-01T00:00:00.000Z'],
    ['may be that of a prohibition',            { prohibition: [{ action: 'use', constraint: [that('dateTime', 'gteq', '2026-07-01T00:00Z')] }] }, '2026-07-01T00:00:00.000Z'],
    ['may be that of a duty',                   permittingWith({ action: 'compensate', constraint: [that('dateTime', 'gteq', '2026-07-01T00:00Z')] }), '2026-07-01T00:00:00.000Z'],
    ['is none where time plays no part',        permitting(that('count', 'lteq', '9'), that('spatial', 'eq', 'VN')), null],
  ])('%s', (_rule, rules, expected) => {
    expect(changeOf(rules)).toBe(expected)
  })

  it('of elapsedTime is none before there is an agreement', () => {
    expect(changeOf(permitting(that('elapsedTime', 'lteq', 'P90D')), { agreedAt: null })).toBeNull()
  })

  it.each(['lt', 'lteq', 'gt', 'gteq'])('turns the verdict of %s, and no millisecond earlier', (operator) => {
    const rules = permitting(that('dateTime', operator, '2026-07-01T00:00Z'))
    const change = nextChange(compiled(rules), facts()) ?? instant(0)
    expect(decide(rules, { now: instant(change - 1) }).verdict).toBe(decide(rules).verdict)
    expect(decide(rules, { now: change }).verdict).not.toBe(decide(rules).verdict)
  })
})
