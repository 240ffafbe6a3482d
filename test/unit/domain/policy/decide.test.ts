// The contract and the rules of the site, asked together; and which action a delivery is under a contract.

import { describe, expect, it } from 'vitest'
import { compileConstraintsFully, compilePolicyFully } from '../../../../src/domain/policy/compile.ts'
import { decideUse, nextChangeOfUse } from '../../../../src/domain/policy/decide.ts'
import type { Facts, Phase } from '../../../../src/domain/policy/facts.ts'
import { NO_REGIME, type Guardrail, type Regime } from '../../../../src/domain/policy/regime.ts'
import type { Constraint, Rules } from '../../../../src/protocol/odrl/types.ts'
import { at, compiled, facts, permitting, that } from './fixture.ts'

const DATASET = { id: 'urn:dataset:a', properties: { grade: 'core' } }

function rail(rules: Rules, more: Partial<Guardrail> = {}): Guardrail {
  const policy = compilePolicyFully(rules, 'guardrail[site]').value
  return { id: 'site', title: {}, datasets: [], parties: [], policy, file: 'guardrails/site.yaml', ...more }
}

function about(...parties: readonly Constraint[]): Guardrail['parties'] {
  return compileConstraintsFully(parties, 'guardrail[site].parties').value
}

function ask(rules: Rules, guardrails: readonly Guardrail[] = [], more: Partial<Facts> = {}) {
  const regime: Regime = { ...NO_REGIME, guardrails }
  return decideUse({ policy: compiled(rules), regime, dataset: DATASET, facts: facts(more), phase: 'start' })
}

describe('a guardrail', () => {
  const noVietNam = rail({ prohibition: [{ action: 'use', constraint: [that('spatial', 'eq', 'VN')] }] })

  it('of prohibitions permits what it does not prohibit', () => {
    expect(ask(permitting(), [noVietNam], { country: 'CN' }).verdict).toBe('permit')
  })

  it('prohibits what every contract permits, and says where', () => {
    const decision = ask({ ...permitting(), conflict: 'perm' }, [noVietNam])
    expect(decision).toMatchObject({ verdict: 'deny', cause: 'prohibited' })
    expect(decision.reasons.map(({ path }) => path)).toContain('guardrail[site].prohibition[0]')
  })

  it('with permissions wants one of them to hold', () => {
    const onlyCn = rail(permitting(that('spatial', 'eq', 'CN')))
    expect(ask(permitting(), [onlyCn]).verdict).toBe('deny')
    expect(ask(permitting(), [onlyCn], { country: 'CN' }).verdict).toBe('permit')
  })

  it('never permits what the contract does not', () => {
    expect(ask(permitting(that('spatial', 'eq', 'CN')), [rail(permitting())]).verdict).toBe('deny')
  })

  it('is about the datasets that it names', () => {
    const elsewhere = { ...noVietNam, datasets: [{ kind: 'id', id: 'urn:dataset:b' }] as const }
    const here = { ...noVietNam, datasets: [{ kind: 'property', property: 'grade', value: 'core' }] as const }
    expect(ask(permitting(), [elsewhere]).verdict).toBe('permit')
    expect(ask(permitting(), [here]).verdict).toBe('deny')
  })

  it('is about the parties that it names, and about those of whom that is not known', () => {
    const none = rail({ prohibition: [{ action: 'use' }] }, { parties: about(that('tds:role', 'eq', 'guest')) })
    expect(ask(permitting(), [none], { known: { 'tds:role': 'partner' } }).verdict).toBe('permit')
    expect(ask(permitting(), [none], { known: { 'tds:role': 'guest' } }).verdict).toBe('deny')
    expect(ask(permitting(), [none]).verdict).toBe('deny')
  })

  it('adds its duties to the contract’s', () => {
    const reporting = rail({ permission: [{ action: 'use', duty: [{ action: 'tds:logRecordSend' }] }] })
    expect(ask(permitting(), [reporting])).toMatchObject({
      verdict: 'conditional',
      duties: [{ path: 'guardrail[site].permission[0].duty[0]' }],
    })
  })

  it('turns with the clock as the contract does', () => {
    const until = rail(permitting(that('dateTime', 'lt', '2026-06-02T00:00:00Z')))
    const regime = { ...NO_REGIME, guardrails: [until] }
    const question = {
      policy: compiled(permitting()),
      regime,
      dataset: DATASET,
      facts: facts(),
      phase: 'start',
    } as const
    expect(nextChangeOfUse(question)).toBe(at('2026-06-02T00:00:00Z'))
  })
})

describe('a delivery', () => {
  // prettier-ignore
  it.each([
    ['read',           'permit'],
    ['tds:download',   'permit'],
    ['reproduce',      'permit'],
    ['tds:process',    'permit'],
    ['tds:compute',    'default-deny'],
    ['tds:jointDevelop', 'default-deny'],
    ['sell',           'default-deny'],
    ['grantUse',       'default-deny'],
  ])('of data of which one may %s: %s', (action, verdict) => {
    expect(ask({ permission: [{ action }] }).verdict).toBe(verdict)
  })

  it('needs one permission that holds', () => {
    const rules: Rules = {
      permission: [{ action: 'read', constraint: [that('spatial', 'eq', 'CN')] }, { action: 'tds:process' }],
    }
    expect(ask(rules)).toMatchObject({ verdict: 'permit', action: 'tds:process' })
    expect(ask({ ...rules, prohibition: [{ action: 'derive' }] }).verdict).toBe('deny')
  })
})

describe('a contract on computing where the data are', () => {
  const computing = { permission: [{ action: 'tds:compute' }] }
  const asked = (phase: Phase) =>
    decideUse({ policy: compiled(computing), regime: NO_REGIME, dataset: DATASET, facts: facts(), phase })

  it('can be concluded', () => {
    expect(asked('negotiation')).toMatchObject({ verdict: 'permit', action: 'tds:compute' })
  })

  it('delivers nothing', () => {
    expect(asked('start').verdict).toBe('default-deny')
    expect(asked('during').verdict).toBe('default-deny')
  })
})
