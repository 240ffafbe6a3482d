// What is said of policies without any request: each finding on a policy that has it, and on a close one that has not.

import { describe, expect, it } from 'vitest'
import { analysePolicy, analyseSet } from '../../../../../src/domain/policy/analysis/analyse.ts'
import { ANALYSIS_CODES, SENTENCES } from '../../../../../src/domain/policy/analysis/findings.ts'
import { compileConstraints } from '../../../../../src/domain/policy/compile.ts'
import type { Guardrail } from '../../../../../src/domain/policy/regime.ts'
import { orThrow } from '../../../../../src/kernel/problem.ts'
import type { OfferId } from '../../../../../src/protocol/ids.ts'
import type { Constraint, Rule, Rules } from '../../../../../src/protocol/odrl/types.ts'
import { compiled, permitting, permittingWith, that } from '../fixture.ts'

const CARE = ['broad-party', 'unenforced-operand']
const analyse = (rules: Rules) => analysePolicy(compiled(rules), rules)
const found = (rules: Rules, ignored: readonly string[] = CARE) =>
  analyse(rules)
    .filter(({ code }) => !ignored.includes(code))
    .map(({ code, path }) => `${code} ${path}`)
const prohibiting = (prohibition: readonly Rule[], more: Rules = permitting()): Rules => ({ ...more, prohibition })

const IN_CHINA = that('spatial', 'isPartOf', ['CN'])
const NOT_IN_CHINA = that('spatial', 'isNoneOf', ['CN', 'VN'])
const NEVER = that('count', 'lt', '0')
const FIRST = 'permission[0].constraint[0]'

describe('a constraint', () => {
  // prettier-ignore
  it.each<readonly [string, readonly Constraint[], readonly string[]]>([
    ['that no number fulfils',                [NEVER],                                              [`unsat-constraint ${FIRST}`, 'phase-gap permission[0]']],
    ['that one number fulfils',               [that('count', 'lteq', '0')],                         []],
    ['of months, which are never compared',   [that('meteredTime', 'lteq', 'P1M')],                 [`unsat-constraint ${FIRST}`, 'phase-gap permission[0]']],
    ['against another',                       [IN_CHINA, NOT_IN_CHINA],                             ['unsat-constraint permission[0].constraint[1]']],
    ['beside another',                        [IN_CHINA, that('spatial', 'isNoneOf', ['VN'])],      []],
    ['of a part against its whole',           [that('spatial', 'isPartOf', ['CN-45']), that('spatial', 'isNoneOf', ['CN'])], ['unsat-constraint permission[0].constraint[1]']],
    ['of a whole against its part',            [that('spatial', 'isPartOf', ['CN']), that('spatial', 'isNoneOf', ['CN-45'])], []],
    ['of a network against a part of it',      [that('virtualLocation', 'isPartOf', '10.0.0.0/8'), that('virtualLocation', 'isNoneOf', ['10.0.0.0/9', '10.0.0.0/8'])], ['unsat-constraint permission[0].constraint[1]', 'phase-gap permission[0]']],
    ['of two networks that do not meet',      [that('virtualLocation', 'isPartOf', '10.0.0.0/8'), that('virtualLocation', 'isPartOf', '192.168.0.0/16')], ['unsat-constraint permission[0].constraint[1]', 'phase-gap permission[0]']],
    ['of hours that do not meet',             [that('tds:dailyWindow', 'isPartOf', 'Mon 09:00-10:00 Z'), that('tds:dailyWindow', 'isPartOf', 'Tue 09:00-10:00 Z')], ['unsat-constraint permission[0].constraint[1]', 'phase-gap permission[0]']],
    ['of several roles that can be had together', [that('tds:role', 'isAnyOf', ['a']), that('tds:role', 'isAnyOf', ['b'])], []],
    ['of two purposes, which are promised',   [that('purpose', 'eq', 'a'), that('purpose', 'eq', 'b')], ['unsat-constraint permission[0].constraint[1]']],
    ['that three together exclude',           [that('count', 'neq', '1'), that('count', 'lteq', '2'), that('count', 'gteq', '1'), that('count', 'neq', '2')], ['unsat-constraint permission[0].constraint', 'phase-gap permission[0]']],
    ['that is an alternative nobody has',     [{ or: [that('count', 'lteq', '3'), NEVER] }],        [`unsat-constraint ${FIRST}.or[1]`]],
    ['that every number fulfils',             [that('count', 'gteq', '0')],                         [`always-true ${FIRST}`]],
    ['that alternatives make needless',       [{ or: [that('tds:dataSize', 'lt', '9'), that('tds:dataSize', 'gt', '3')] }], [`always-true ${FIRST}`]],
    ['that alternatives nearly make needless', [{ or: [that('tds:dataSize', 'lt', '3'), that('tds:dataSize', 'gt', '3')] }], []],
    ['of alternatives that exclude each other', [{ xone: [that('count', 'lt', '3'), that('count', 'gt', '3')] }], []],
    ['of alternatives that hold together',    [{ xone: [that('count', 'lt', '3'), IN_CHINA] }],     [`xone-overlap ${FIRST}`]],
    ['of steps that go on',                   [{ andSequence: [that('count', 'gteq', '3'), that('count', 'lteq', '5')] }], []],
    ['of steps that end each other',          [{ andSequence: [that('count', 'gteq', '5'), that('count', 'lteq', '3')] }], [`sequence-deadlock ${FIRST}`, 'phase-gap permission[0]']],
  ])('%s', (_, constraints, expected) => {
    expect(found(permitting(...constraints))).toEqual(expected)
  })

  it('that no value fulfils but a promise passes is a warning, any other an error', () => {
    const severities = (rules: Rules) =>
      analyse(rules)
        .filter(({ code }) => code === 'unsat-constraint')
        .map(({ severity }) => severity)
    expect(severities(permitting(that('purpose', 'eq', 'a'), that('purpose', 'eq', 'b')))).toEqual(['warning'])
    expect(severities(permitting(IN_CHINA, NOT_IN_CHINA))).toEqual(['error'])
  })

  it('of a duty that never holds means that the duty is never owed', () => {
    expect(found(permittingWith({ action: 'compensate', constraint: [NEVER] }))).toEqual([
      'unsat-constraint permission[0].duty[0].constraint[0]',
    ])
  })
})

describe('a rule', () => {
  // prettier-ignore
  it.each<readonly [string, Rules, readonly string[]]>([
    ['that a wider one shadows',    { permission: [{ action: 'use' }, { action: 'read', constraint: [IN_CHINA] }] },        ['shadowed-permission permission[1]']],
    ['that a narrower one does not', { permission: [{ action: 'read' }, { action: 'use', constraint: [IN_CHINA] }] },       []],
    ['said twice',                  { permission: [{ action: 'use' }, { action: 'use' }] },                                 ['redundant-rule permission[1]']],
    ['said twice, at another price', { permission: [{ action: 'use' }, { action: 'use', duty: [{ action: 'compensate' }] }] }, ['shadowed-permission permission[1]']],
    ['whose twin owes more',        { permission: [{ action: 'use', duty: [{ action: 'delete' }] }, { action: 'read' }] },  []],
    ['prohibited twice',            prohibiting([{ action: 'distribute' }, { action: 'distribute', constraint: [IN_CHINA] }]), ['redundant-rule prohibition[1]']],
    ['prohibited twice, once with a remedy', prohibiting([{ action: 'distribute' }, { action: 'distribute', remedy: [{ action: 'inform' }] }]), ['redundant-rule prohibition[0]']],
    ['owed twice',                  { ...permitting(), obligation: [{ action: 'delete' }, { action: 'delete' }] },          ['redundant-rule obligation[1]']],
    ['owed to two',                 { ...permitting(), obligation: [{ action: 'inform', parties: { informedParty: 'urn:a' } }, { action: 'inform', parties: { informedParty: 'urn:b' } }] }, []],
    ['that prohibits nothing',      prohibiting([{ action: 'distribute', constraint: [NEVER] }]),                           ['dead-prohibition prohibition[0]', 'unsat-constraint prohibition[0].constraint[0]']],
    ['that prohibits the unknown',  prohibiting([{ action: 'distribute', constraint: [IN_CHINA, NOT_IN_CHINA] }]),          ['dead-prohibition prohibition[0]', 'unsat-constraint prohibition[0].constraint[1]']],
    ['that prohibits what nobody permits', prohibiting([{ action: 'distribute' }], { permission: [{ action: 'read' }] }),   ['dead-prohibition prohibition[0]']],
    ['that prohibits in vain',      { ...prohibiting([{ action: 'distribute' }]), conflict: 'perm' },                       ['dead-prohibition prohibition[0]']],
    ['that prohibits all the other permits', prohibiting([{ action: 'use' }]),                                              ['conflict-void permission[0]']],
    ['that does, by strategy',      { ...prohibiting([{ action: 'use' }]), conflict: 'prohibit' },                          ['shadowed-permission permission[0]']],
    ['that prohibits a performance', prohibiting([{ action: 'compensate' }], { permission: [{ action: 'read', duty: [{ action: 'compensate' }] }] }), ['duty-unperformable permission[0].duty[0]']],
    ['that demands it impossibly',  permittingWith({ action: 'compensate', refinement: [NEVER] }),                          ['duty-unperformable permission[0].duty[0].refinement']],
  ])('%s', (_, rules, expected) => {
    expect(found(rules, [...CARE, 'perm-prohib-overlap'])).toEqual(expected)
  })

  it('that meets another is shown with a request for what both are about', () => {
    const overlap = (rules: Rules) => analyse(rules).find(({ code }) => code === 'perm-prohib-overlap')
    expect(overlap(prohibiting([{ action: 'use', constraint: [IN_CHINA] }]))).toMatchObject({
      severity: 'warning',
      path: 'prohibition[0]',
      witness: { action: 'use', facts: { known: { spatial: 'CN' } } },
    })
    expect(overlap(prohibiting([{ action: 'distribute' }]))).toMatchObject({
      severity: 'info',
      witness: { action: 'distribute' },
    })
    expect(overlap({ ...prohibiting([{ action: 'use', constraint: [IN_CHINA] }]), conflict: 'prohibit' })).toBe(
      undefined,
    )
    expect(overlap(prohibiting([{ action: 'use', constraint: [IN_CHINA] }], permitting(NOT_IN_CHINA)))).toBe(undefined)
  })
})

describe('what is worth knowing', () => {
  it('is what nothing here enforces, once for each operand', () => {
    const rules = permitting(IN_CHINA, that('purpose', 'eq', 'a'), {
      or: [that('purpose', 'eq', 'b'), that('media', 'eq', 'm')],
    })
    expect(analyse(rules).filter(({ code }) => code === 'unenforced-operand')).toMatchObject([
      { severity: 'info', path: 'permission[0].constraint[1]' },
      { severity: 'info', path: 'permission[0].constraint[2].or[1]' },
    ])
  })

  it('is whom a permission is for, unless it or something beside it says so', () => {
    const isBroad = (rules: Rules, isSeenByFew = false) =>
      analysePolicy(compiled(rules), rules, { isSeenByFew }).some(({ code }) => code === 'broad-party')
    expect(isBroad(permitting(that('count', 'lteq', '3')))).toBe(true)
    expect(isBroad(permitting(IN_CHINA))).toBe(false)
    expect(isBroad(permitting(that('tds:membership', 'eq', 'x')))).toBe(false)
    expect(isBroad(permitting(), true)).toBe(false)
  })

  it('is told in Chinese too, with the same words put in', () => {
    for (const [key, { en, zh }] of Object.entries(SENTENCES)) {
      expect(zh, key).toMatch(/\p{Script=Han}/u)
      expect(ANALYSIS_CODES).toHaveProperty(key.split('.')[0] ?? '')
      expect([...zh.matchAll(/\{\d\}/g)].length, key).toBe([...en.matchAll(/\{\d\}/g)].length)
    }
    for (const { message, zh } of analyse(prohibiting([{ action: 'distribute' }]))) {
      expect(`${message}${zh}`).not.toMatch(/\{\d\}/)
    }
  })
})

describe('a guardrail over an offer', () => {
  const offer = (rules: Rules) => ({
    id: 'offer' as OfferId,
    policy: compiled(rules),
    rules,
    datasets: [{ kind: 'id', id: 'urn:a' }] as const,
  })
  const rail = (rules: Rules, more: Partial<Guardrail> = {}): Guardrail => ({
    ...{ id: 'site', title: {}, datasets: [], parties: [], file: '' },
    policy: compiled(rules),
    ...more,
  })
  const dead = (rules: Rules, ...guardrails: readonly Guardrail[]) =>
    analyseSet({ offers: [offer(rules)], guardrails }).filter(({ code }) => code === 'guardrail-dead')
  const noChina = { prohibition: [{ action: 'use', constraint: [IN_CHINA] }] }
  const onlyVietnam = { permission: [{ action: 'use', constraint: [that('spatial', 'isPartOf', ['VN'])] }] }

  it('that leaves nothing of it is named', () => {
    expect(dead(permitting(IN_CHINA), rail(noChina))).toMatchObject([
      {
        about: { kind: 'offer', id: 'offer' },
        severity: 'error',
        message: 'nothing that this offer permits is permitted by the guardrail site',
        zh: '护栏规则 site 不允许该要约所许可的任何内容',
      },
    ])
    expect(dead(permitting(IN_CHINA), rail(onlyVietnam))).toHaveLength(1)
  })

  it('that leaves something is not', () => {
    expect(dead(permitting(), rail(noChina))).toEqual([])
    expect(dead(permitting(that('spatial', 'isPartOf', ['ASEAN'])), rail(onlyVietnam))).toEqual([])
  })

  it('is named with others where only all of them leave nothing', () => {
    const rails = [rail(noChina), rail(onlyVietnam, { id: 'second' })]
    const here = permitting(that('spatial', 'isPartOf', ['CN', 'VN']), that('count', 'lteq', '3'))
    expect(dead(here, ...rails)).toEqual([])
    const few = rail({ prohibition: [{ action: 'use', constraint: [that('count', 'lteq', '5')] }] }, { id: 'third' })
    expect(
      dead(
        permitting(that('spatial', 'isPartOf', ['CN', 'VN']), { or: [IN_CHINA, that('count', 'lteq', '3')] }),
        rail(noChina),
        few,
      )[0]?.message,
    ).toBe('nothing that this offer permits is permitted by the guardrails site, third together')
  })

  it('about other datasets, or other parties, says nothing of it', () => {
    expect(dead(permitting(IN_CHINA), rail(noChina, { datasets: [{ kind: 'id', id: 'urn:b' }] }))).toEqual([])
    expect(dead(permitting(IN_CHINA), rail(noChina, { datasets: [{ kind: 'glob', pattern: 'urn:*' }] }))).toHaveLength(
      1,
    )
    const others = orThrow(compileConstraints([that('spatial', 'isPartOf', ['VN'])], 'parties'))
    expect(dead(permitting(IN_CHINA), rail(noChina, { parties: others }))).toEqual([])
    const chinese = orThrow(compileConstraints([IN_CHINA], 'parties'))
    expect(dead(permitting(IN_CHINA), rail(noChina, { parties: chinese }))).toHaveLength(1)
  })
})
