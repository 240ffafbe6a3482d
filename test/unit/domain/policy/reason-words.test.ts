// Reasons in Chinese beside the English ones, and what of a fact is told to a peer.

import { describe, expect, it } from 'vitest'
import type { AtomicReason } from '../../../../src/domain/policy/decision.ts'
import { reasonOf } from '../../../../src/domain/policy/explain.ts'
import type { Facts, Phase } from '../../../../src/domain/policy/facts.ts'
import { OPERANDS } from '../../../../src/domain/policy/operands.ts'
import { factSentence, reasonSentence } from '../../../../src/domain/policy/reason-words.ts'
import type { Rules } from '../../../../src/protocol/odrl/types.ts'
import { decide, permitting, permittingWith, that } from './fixture.ts'

const IN_CN = that('spatial', 'isAnyOf', ['CN', 'SG'])

describe('the reason in Chinese', () => {
  // prettier-ignore
  it.each<[string, Rules, Partial<Facts>, Phase, string]>([
    ['a constraint that fails',   permitting(that('count', 'lteq', '2')), { used: 2 }, 'start', '“使用次数不超过 2 次”不成立：本次将为第 3 次使用'],
    ['a count while it goes on',  permitting(that('count', 'lteq', '2')), { used: 3 }, 'during', '“使用次数不超过 2 次”不成立：已使用 3 次'],
    ['a fact that is missing',    permitting(IN_CN), { country: null }, 'start', '“国家或地区为以下之一：中国（CN）、新加坡（SG）”无法核实：参与方所在国家或地区未知'],
    ['a fact that is too coarse', permitting(that('spatial', 'eq', 'VN-HN')), {}, 'start', '“国家或地区为 VN-HN”尚不能确定：参与方所在国家或地区为 越南（VN）'],
    ['a date',                    permitting(that('dateTime', 'lt', '2026-01-01T00:00Z')), {}, 'start', '“日期时间早于 2026年1月1日 08:00:00（Asia/Shanghai）”不成立：当前时间为 2026年6月1日 20:00:00（Asia/Shanghai）'],
    ['an age',                    permitting(that('elapsedTime', 'lteq', 'P1D')), {}, 'start', '“协议签订后 1 天以内”不成立：协议已签订 31 天'],
    ['a frequency',               permitting(that('tds:frequency', 'lt', '1/P1D')), { uses: [] }, 'start', '“使用频率低于每 1 天 1 次”不成立：连同本次：1 天内 1 次'],
    ['another operand',           permitting(that('tds:membership', 'eq', 'active')), { known: { 'tds:membership': 'lapsed' } }, 'start', '“成员身份为 active”不成立：成员身份为 lapsed'],
    ['an or as a whole',          permitting({ or: [IN_CN, that('count', 'eq', '7')] }), {}, 'start', '以下至少须有一项成立：［“国家或地区为以下之一：中国（CN）、新加坡（SG）”不成立：参与方所在国家或地区为 越南（VN）］［“使用次数等于 7”不成立：本次将为第 1 次使用］'],
    ['a duty',                    permittingWith({ action: 'pay' }), {}, 'start', '使用之前须先履行“补偿”义务，目前没有已履行的记录'],
    ['no permission',             { permission: [{ action: 'read' }] }, {}, 'start', '没有任何允许涵盖“使用”'],
    ['a prohibition',             { prohibition: [{ action: 'use' }] }, {}, 'start', '禁止使用'],
    ['a conflict',                { ...permitting(), prohibition: [{ action: 'use' }] }, {}, 'start', '策略无效：禁止使用，而 permission[0] 又予以允许，此冲突使整个策略无效'],
  ])('names %s, and the same place as the English one', (_what, rules, more, phase, message) => {
    const decision = decide(rules, more, phase)

    expect(reasonOf(decision, 'zh')).toEqual({ path: reasonOf(decision)?.path, message })
  })

  it('names the refinement that is left open, in both languages', () => {
    const decision = decide({ permission: [{ action: 'use', refinement: [IN_CN] }] }, { country: null })

    expect(reasonOf(decision)).toEqual({
      path: 'permission[0].refinement[0]',
      message: "spatial isAnyOf CN, SG cannot be checked: the participant's country is not known",
    })
    expect(reasonOf(decision, 'zh')?.path).toBe('permission[0].refinement[0]')
  })

  it('of constraints in order is the first that does not hold', () => {
    const decision = decide(permitting({ andSequence: [that('spatial', 'eq', 'VN'), IN_CN] }))

    expect(reasonOf(decision)?.path).toBe('permission[0].constraint[0].andSequence[1]')
  })
})

describe('a fact', () => {
  const reason = (left: string): AtomicReason => {
    return { path: 'p', left, operator: 'eq', right: 'x', saw: 'seen-value', result: 'unsatisfied' }
  }

  it.each(Object.keys(OPERANDS))('of %s is told in both languages to those inside', (left) => {
    expect(factSentence(reason(left), 'start', 'en', 'inside')).toContain('seen-value')
    expect(factSentence(reason(left), 'start', 'zh', 'inside')).toMatch(/\p{Script=Han}.*seen-value/u)
  })

  it('about ourselves, or about all peers together, is not told to a peer', () => {
    const told = Object.keys(OPERANDS).filter((left) =>
      reasonSentence(reason(left), 'start', 'en').includes('seen-value'),
    )
    const kept = Object.keys(OPERANDS).filter((left) => !told.includes(left))

    expect(kept).toEqual(['tds:exporterZone', 'tds:ciio', 'tds:piPersonsYtd', 'tds:spiPersonsYtd'])
    expect(reasonSentence(reason('tds:ciio'), 'start', 'zh')).not.toContain('seen-value')
  })
})
