// The fewest facts that would have to be otherwise: found, told, and asked of the policies again.

import { describe, expect, it } from 'vitest'
import { compileConstraints, compilePolicy } from '../../../../src/domain/policy/compile.ts'
import type { Facts, Phase } from '../../../../src/domain/policy/facts.ts'
import { askLayers, type LayeredQuestion } from '../../../../src/domain/policy/layers.ts'
import { NO_REGIME, type Guardrail } from '../../../../src/domain/policy/regime.ts'
import { whyNot, WHY_NOT_LIMITS } from '../../../../src/domain/policy/why-not.ts'
import { repairsTold } from '../../../../src/domain/policy/why-not-words.ts'
import { edited } from '../../../../src/domain/policy/why-not-values.ts'
import { orThrow } from '../../../../src/kernel/problem.ts'
import type { Constraint, Rules } from '../../../../src/protocol/odrl/types.ts'
import { at, compiled, facts, permitting, permittingWith, that } from './fixture.ts'

interface More extends Partial<Facts> {
  readonly phase?: Phase
  readonly action?: string
  readonly access?: readonly Constraint[]
  readonly guardrails?: readonly Guardrail[]
}

function asking(
  rules: Rules,
  { phase = 'start', action, access = [], guardrails = [], ...more }: More = {},
): LayeredQuestion {
  return {
    access: orThrow(compileConstraints(access)),
    policy: compiled(rules),
    regime: { ...NO_REGIME, guardrails },
    dataset: null,
    facts: facts(more),
    phase,
    action: action ?? null,
  }
}

function rail(id: string, rules: Rules, parties: readonly Constraint[] = []): Guardrail {
  const policy = orThrow(compilePolicy(rules, `guardrail[${id}]`))
  return {
    id,
    title: {},
    datasets: [],
    parties: orThrow(compileConstraints(parties, 'parties')),
    policy,
    file: 'g.yaml',
  }
}

/** The sentences, after each change was asked about once more. */
function told(question: LayeredQuestion, language: 'en' | 'zh' = 'en'): readonly string[] {
  const found = whyNot(question)
  if (found === null) throw new Error('it is permitted')
  for (const changes of found.repairs) {
    const { verdict } = askLayers(edited(question, new Map(changes.map(({ axis, value }) => [axis, value]))))
    expect(['permit', 'conditional']).toContain(verdict)
  }
  return repairsTold(found.repairs, question.facts, { language }).map(({ text }) => text)
}

describe('why not', () => {
  it('is no question where the request is permitted, also on a condition', () => {
    expect(whyNot(asking(permitting()))).toBeNull()
    expect(whyNot(asking(permittingWith({ action: 'delete' })))).toBeNull()
  })

  // prettier-ignore
  it.each<[string, Rules, More, string, string]>([
    ['one of several values',    permitting(that('spatial', 'isAnyOf', ['CN', 'SG'])), {}, 'would permit if country or region were China (CN) or Singapore (SG)', '如果国家或地区为中国（CN）或新加坡（SG），则会允许'],
    ['a value that is not known', permitting(that('tds:membership', 'eq', 'active')), {}, 'would permit if membership were active', '如果成员身份为active，则会允许'],
    ['a time that is over',      permitting(that('dateTime', 'lt', '2026-01-01T00:00Z')), {}, 'would permit if this were before 1 January 2026, 00:00:00 (UTC)', '如果时间早于2026年1月1日 08:00:00（Asia/Shanghai），则会允许'],
    ['an agreement that is too old', permitting(that('elapsedTime', 'lteq', 'P1D')), {}, 'would permit if this were no later than 2 May 2026, 12:00:00 (UTC)', '如果时间不晚于2026年5月2日 20:00:00（Asia/Shanghai），则会允许'],
    ['hours of the day',         permitting(that('tds:dailyWindow', 'eq', '13:00-14:00 Z')), {}, 'would permit if this were at 1 June 2026, 13:00:00 (UTC)', '如果时间为2026年6月1日 21:00:00（Asia/Shanghai），则会允许'],
    ['a number',                 permitting(that('count', 'lteq', '2')), { used: 2 }, 'would permit if “at most 2 uses” held', '如果“使用次数不超过 2 次”成立，则会允许'],
    ['a duty',                   permittingWith({ action: 'compensate', constraint: [{ ...that('payAmount', 'eq', '500'), unit: 'CNY' }] }), {}, 'would permit if the duty compensate (amount paid: exactly 500 CNY) were fulfilled', '如果已履行“补偿（支付金额等于 500 CNY）”义务，则会允许'],
    ['what no value names',      permitting(that('spatial', 'isNoneOf', ['VN', 'TH'])), {}, 'would permit if “country or region: none of Vietnam (VN), Thailand (TH)” held', '如果“国家或地区不属于以下任何一项：越南（VN）、泰国（TH）”成立，则会允许'],
    ['a prohibition',            { conflict: 'prohibit', ...permitting(), prohibition: [{ action: 'use', constraint: [that('spatial', 'eq', 'VN')] }] }, {}, 'would permit if “country or region: Vietnam (VN)” did not hold', '如果“国家或地区为越南（VN）”不成立，则会允许'],
    ['an action nobody permits', { permission: [{ action: 'read' }, { action: 'tds:compute' }] }, { action: 'distribute' }, 'would permit if the action were read or compute on', '如果动作为“读取或计算”，则会允许'],
    ['several together',         permitting(that('spatial', 'eq', 'CN'), that('count', 'lt', '1')), {}, 'would permit if country or region were China (CN) and “fewer than 1 uses” held', '如果国家或地区为中国（CN），且“使用次数少于 1 次”成立，则会允许'],
  ])('names %s', (_what, rules, more, en, zh) => {
    const question = asking(rules, more)

    expect(told(question)).toEqual([en])
    expect(told(question, 'zh')).toEqual([zh])
  })

  it('offers only values that pass all policies: what a prohibition bans is none', () => {
    const rules: Rules = {
      ...permitting(that('spatial', 'isAnyOf', ['CN', 'SG'])),
      prohibition: [{ action: 'use', constraint: [that('spatial', 'eq', 'SG')] }],
    }

    expect(told(asking(rules))).toEqual(['would permit if country or region were China (CN)'])
  })

  it('gives the smallest change only: one fact where another permission needs two', () => {
    const rules: Rules = {
      permission: [
        { action: 'use', constraint: [that('spatial', 'eq', 'CN'), that('count', 'lt', '1')] },
        { action: 'use', constraint: [that('recipient', 'eq', 'did:web:friend')] },
      ],
    }

    expect(told(asking(rules))).toEqual(['would permit if recipient were did:web:friend'])
  })

  it('counts one fact once, whichever operands look at it', () => {
    const rules = permitting(that('spatial', 'eq', 'CN'), that('tds:consumerJurisdiction', 'eq', 'CN'))

    expect(told(asking(rules))).toEqual(['would permit if country or region were China (CN)'])
  })

  it('looks past the rules of the site, by their prohibitions and by whom they are about', () => {
    const guardrails = [
      rail('home', { prohibition: [{ action: 'use' }] }, [that('spatial', 'eq', 'VN')]),
      rail('dates', { prohibition: [{ action: 'use', constraint: [that('dateTime', 'gt', '2026-03-01T00:00Z')] }] }),
    ]

    expect(told(asking(permitting(), { guardrails }))).toEqual([
      'would permit if “country or region: Vietnam (VN)” did not hold and this were no later than 1 March 2026, 00:00:00 (UTC)',
    ])
  })

  it('asks who may see the offer before there is an agreement, and not afterwards', () => {
    const access = [that('spatial', 'eq', 'CN')]

    expect(told(asking(permitting(), { access, phase: 'catalogue' }))).toEqual([
      'would permit if country or region were China (CN)',
    ])
    expect(whyNot(asking(permitting(), { access }))).toBeNull()
  })

  it('finds ways through or, xone and parts that hold together', () => {
    const [cn, few] = [that('spatial', 'eq', 'CN'), that('count', 'lt', '1')]

    expect(told(asking(permitting({ or: [cn, few] })))).toHaveLength(2)
    expect(told(asking(permitting({ xone: [that('spatial', 'eq', 'VN'), that('count', 'gteq', '1')] })))).not.toEqual(
      [],
    )
    expect(told(asking(permitting({ and: [cn, { or: [few, that('purpose', 'eq', 'x:y')] }] })))).not.toEqual([])
  })

  it('meets what an action is refined by', () => {
    const rules: Rules = { permission: [{ action: 'use', refinement: [that('spatial', 'eq', 'CN')] }] }

    expect(told(asking(rules))).toEqual(['would permit if country or region were China (CN)'])
  })

  it('knows when the next use comes into a rate again', () => {
    const uses = [at('2026-06-01T11:00:00Z'), at('2026-06-01T11:30:00Z')]
    const sentences = told(asking(permitting(that('tds:frequency', 'lteq', '2/PT2H')), { uses }))

    expect(sentences).toContain('would permit if this were at 1 June 2026, 13:00:00 (UTC)')
  })

  it('turns any one part of what prohibits only together, and every part of what prohibits each', () => {
    const parts = [that('spatial', 'eq', 'VN'), that('count', 'gteq', '1')]
    const prohibited = (...constraint: readonly Constraint[]): Rules => {
      return { conflict: 'prohibit', ...permitting(), prohibition: [{ action: 'use', constraint }] }
    }
    const [first, second] = [
      '“country or region: Vietnam (VN)” did not hold',
      '“number of uses: at least 1” did not hold',
    ]

    expect(told(asking(prohibited({ and: parts })))).toEqual([`would permit if ${first}`, `would permit if ${second}`])
    expect(told(asking(prohibited(...parts)))).toEqual([`would permit if ${first}`, `would permit if ${second}`])
    expect(told(asking(prohibited({ or: parts })))).toEqual([`would permit if ${first} and ${second}`])
  })

  it('goes one step beyond a bound that is not enough', () => {
    const valid = permitting(that('tds:mechanismValidUntil', 'gt', 'ctx:now'))
    const large = permitting({ ...that('payAmount', 'gt', '9.90'), unit: 'CNY' })

    expect(told(asking(valid))).toEqual(['would permit if “end of the mechanism: after now” held'])
    expect(whyNot(asking(large))?.repairs[0]?.[0]?.value).toBe('9.91 CNY')
  })

  it('says nothing where no change of facts helps', () => {
    const never = whyNot(asking({ prohibition: [{ action: 'use' }] }))

    expect(never).toEqual({ repairs: [], isCut: false })
  })

  it('fills in what a right operand refers to', () => {
    expect(told(asking(permitting(that('recipient', 'isAnyOf', ['consent:lenders']))))).toEqual([
      'would permit if “recipient: lenders of the consent” held',
    ])
  })

  it('is cut at its bound, and says so', () => {
    const many = Array.from({ length: WHY_NOT_LIMITS.changesMax + 1 }, (_, n) =>
      that('tds:role', 'isAnyOf', [`r${String(n)}`]),
    )
    const apart = many.map((each, n) => ({
      ...each,
      leftOperand:
        [
          'tds:role',
          'tds:certificate',
          'tds:membership',
          'tds:logicalSpace',
          'industry',
          'tds:securityLevel',
          'tds:connectorId',
        ][n] ?? '',
    }))

    expect(whyNot(asking(permitting(...apart)))).toEqual({ repairs: [], isCut: true })
  })
})
