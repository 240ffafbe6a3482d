// A policy as a document: everything that it says is said, in order, and nothing in it can become markup.

import { describe, expect, it } from 'vitest'
import { printDocument } from '../../../../../src/domain/policy/render/print-document.ts'
import { renderPolicy, type Item, type Renderable } from '../../../../../src/domain/policy/render/render-policy.ts'
import type { Rules } from '../../../../../src/protocol/odrl/types.ts'
import { that } from '../fixture.ts'

const RULES: Rules = {
  permission: [
    {
      action: 'read',
      constraint: [
        that('count', 'lteq', '2'),
        { or: [that('spatial', 'isAnyOf', ['CN', 'VN']), that('purpose', 'eq', 'urn:x:care')] },
      ],
      duty: [
        {
          action: 'compensate',
          constraint: [{ ...that('payAmount', 'eq', '500'), unit: 'CNY' }],
          consequence: [{ action: 'tds:alert' }],
        },
        { action: 'delete', parties: { informedParty: 'did:web:provider.example' } },
      ],
    },
  ],
  prohibition: [
    { action: 'distribute', refinement: [that('recipient', 'neq', 'did:web:us')], remedy: [{ action: 'delete' }] },
  ],
  obligation: [{ action: 'inform', constraint: [that('elapsedTime', 'lteq', 'P7D')] }],
}

function renderable(more: Partial<Renderable> = {}): Renderable {
  return {
    id: 'weather',
    title: { en: 'Hourly weather', zh: '气象数据' },
    datasets: ['urn:d:*'],
    parties: [that('spatial', 'eq', 'CN')],
    partiesPath: 'access',
    rules: RULES,
    ...more,
  }
}

describe('the document of a policy', () => {
  it('says who may do what, on which conditions, for which duties, and what is prohibited and owed', () => {
    expect(printDocument(renderPolicy(renderable(), { language: 'en' }), 'en', 'text')).toBe(`Hourly weather  (weather)

Who
  - Participants of whom all of this holds:
    - country or region: China (CN) (as claimed)

What
  - urn:d:*

Permitted
  - The consumer may read the data
    - Provided that all of this holds:
      - at most 2 uses
      - At least one of these holds:
        - country or region: one of China (CN), Vietnam (VN) (as claimed)
        - purpose: urn:x:care (contractual, not technically enforced)
    - Duties for it:
      - first: pay for the data
        - Condition:
          - amount paid: exactly 500 CNY (as claimed)
        - Consequences, if it is not done:
          - raise an alert about the data
      - afterwards: delete the data
        - party that is informed: did:web:provider.example

Prohibited
  - The consumer must not distribute the data
    - Only in so far as:
      - recipient: not did:web:us
    - Remedies, once it was done:
      - delete the data

Obligations
  - The consumer must inform about the use of the data
    - Condition:
      - within 7 days of the agreement

Where a permission and a prohibition meet, the whole policy is void.
What is not permitted here is not permitted.`)
  })

  it('says the same in Chinese', () => {
    expect(printDocument(renderPolicy(renderable(), { language: 'zh' }), 'zh', 'text')).toBe(`气象数据  (weather)

对象
  - 满足以下全部条件的参与方：
    - 国家或地区为中国（CN）（以声明为准）

标的
  - urn:d:*

允许
  - 使用方可以读取
    - 须同时满足以下条件：
      - 使用次数不超过 2 次
      - 以下至少一项成立：
        - 国家或地区为以下之一：中国（CN）、越南（VN）（以声明为准）
        - 使用目的为 urn:x:care（仅合同约束，系统不强制执行）
    - 为此须履行的义务：
      - 事先须补偿
        - 条件：
          - 支付金额等于 500 CNY（以声明为准）
        - 违约责任（未履行时）：
          - 须异常提醒
      - 事后须删除
        - 被告知方：did:web:provider.example

禁止
  - 使用方不得分发
    - 限于：
      - 接收方不为 did:web:us
    - 补救措施（违反时）：
      - 须删除

义务
  - 使用方须告知
    - 条件：
      - 协议签订后 7 天以内

允许与禁止冲突时，整个策略无效。
凡未明确允许者，一律不允许。`)
  })

  it('has the place of every rule and every constraint beside its sentence', () => {
    const { sections } = renderPolicy(renderable(), { language: 'en' })
    const pathsIn = ({ path, items }: Item): readonly string[] => [
      ...(path === null ? [] : [path]),
      ...items.flatMap(pathsIn),
    ]

    expect(sections.flatMap(({ items }) => items.flatMap(pathsIn))).toEqual([
      'access',
      'access[0]',
      'permission[0]',
      'permission[0].constraint[0]',
      'permission[0].constraint[1]',
      'permission[0].constraint[1].or[0]',
      'permission[0].constraint[1].or[1]',
      'permission[0].duty[0]',
      'permission[0].duty[0].constraint[0]',
      'permission[0].duty[0].consequence[0]',
      'permission[0].duty[1]',
      'permission[0].duty[1].informedParty',
      'prohibition[0]',
      'prohibition[0].refinement[0]',
      'prohibition[0].remedy[0]',
      'obligation[0]',
      'obligation[0].constraint[0]',
    ])
  })

  it('of a rule of the site leaves what it does not prohibit to the contract', () => {
    const site = renderable({ parties: [], partiesPath: 'parties', rules: { prohibition: [{ action: 'sell' }] } })

    expect(renderPolicy(site, { language: 'en' }).notes).toEqual([
      'What is not prohibited here is for the contract to say.',
    ])
  })

  // prettier-ignore
  it.each([
    ['perm',     'the permission wins'],
    ['prohibit', 'the prohibition wins'],
    ['invalid',  'the whole policy is void'],
  ] as const)('says what becomes of a conflict: %s', (conflict, words) => {
    const rules: Rules = { conflict, permission: [{ action: 'use' }], prohibition: [{ action: 'sell' }] }

    expect(renderPolicy(renderable({ rules }), { language: 'en' }).notes[0]).toContain(words)
  })
})

describe('values of a policy', () => {
  const EVIL = '<img src=x onerror="a()">\n# h & `c` *b* [l](x)'
  const document = renderPolicy(
    renderable({
      id: EVIL,
      title: { en: EVIL },
      datasets: [EVIL],
      rules: { permission: [{ action: EVIL, constraint: [that(EVIL, 'eq', EVIL)] }] },
    }),
    { language: 'en' },
  )

  it('never become HTML', () => {
    const html = printDocument(document, 'en', 'html')

    expect(html).not.toContain('<img')
    expect(html).not.toContain('onerror="')
    expect(html).toContain('&lt;img src=x onerror=&quot;a()&quot;&gt;')
    expect(
      html.replace(/<\/?(?:article|section|h2|h3|ul|li|p)(?: (?:lang|data-path|data-policy)="[^"<>]*")*>/g, ''),
    ).not.toMatch(/[<>]/)
  })

  it('never become Markdown, and begin no line', () => {
    const markdown = printDocument(document, 'en', 'md')

    expect(markdown).not.toMatch(/^# h/m)
    expect(markdown.replace(/^`[^`]*`$/m, '')).not.toMatch(/(?<!\\)[<`[]/)
  })

  it('begin no line of a text', () => {
    expect(printDocument(document, 'en', 'text')).not.toMatch(/^# h/m)
  })
})
