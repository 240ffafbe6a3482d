// A stored decision comes out the same under the same rules, and flips under others.

import { expect, it } from 'vitest'
import { compilePolicyFully } from '../../../../src/domain/policy/compile.ts'
import { NO_REGIME } from '../../../../src/domain/policy/regime.ts'
import { replay } from '../../../../src/domain/policy/replay.ts'
import { snapshotOf } from '../../../../src/domain/policy/snapshot.ts'
import { compiled, facts, permitting, that } from './fixture.ts'

const TRACE = { verdict: 'permit', phase: 'start', facts: snapshotOf(facts({ used: 1 })) }
const TWICE = compiled(permitting(that('count', 'lteq', '2')))

it('under the same rules it is the same', () => {
  expect(replay(TRACE, TWICE, NO_REGIME, null)).toEqual({ before: 'permit', after: 'permit', reason: null, path: null })
})

it('under narrower rules it flips, and says by which clause', () => {
  const once = compiled(permitting(that('count', 'lteq', '1')))
  expect(replay(TRACE, once, NO_REGIME, null)).toMatchObject({ after: 'deny', path: 'permission[0].constraint[0]' })
})

it('under a new rule of the site it flips, though the contract stands', () => {
  const policy = compilePolicyFully({ prohibition: [{ action: 'use' }] }, 'guardrail[x]').value
  const regime = { ...NO_REGIME, guardrails: [{ id: 'x', title: {}, datasets: [], parties: [], policy, file: 'x' }] }
  expect(replay(TRACE, TWICE, regime, null)).toMatchObject({ after: 'deny', path: 'guardrail[x].prohibition[0]' })
})

it('without facts it is left alone', () => {
  expect(replay({ verdict: 'counter-offer' }, TWICE, NO_REGIME, null)).toBeNull()
  expect(replay({ verdict: 'permit', phase: 'start' }, TWICE, NO_REGIME, null)).toBeNull()
})
