// What is said of policy files in Chinese: no sentence of the common mistakes is left in English.

import { describe, expect, it } from 'vitest'
import { readPolicyFolder } from '../../../../src/config/policies/read-policy-folder.ts'
import { hintInChinese, inChinese } from '../../../../src/cli/policy/chinese.ts'
import { messageOf } from '../../../../src/cli/policy/excerpt.ts'

const HEAD = 'title: { en: A, zh: 甲 }\ndatasets: [d]\n'
const using = (constraints: string): string =>
  `offer: a\n${HEAD}permission:\n  - action: use\n    constraint: [${constraints}]\n`
const TEMPLATE = `template: t
title: { en: T, zh: 模 }
reviewBy: 2026-01-01
parameters: { n: { type: integer, min: 2, title: { en: N, zh: 数 } }, l: { type: list-of-place, title: { en: L, zh: 表 } } }
policy: { permission: [{ action: use, constraint: [{ count: { lteq: { param: n } } }, { spatial: { isAnyOf: { param: l } } }] }] }
`

describe('a finding in Chinese', () => {
  // prettier-ignore
  it.each<readonly [string, string]>([
    ['a left operand',        using('cuont: { lteq: 3 }')],
    ['an operator',           using('count: { lte: 3 }')],
    ['an operator elsewhere', using('event: { lt: x }')],
    ['a number',              using('count: { lteq: yes }')],
    ['a place',               using('spatial: { eq: Mars }')],
    ['a duration',            using('elapsedTime: { lteq: 60 days }')],
    ['a time',                using('dateTime: { lt: 2027-01-01 }')],
    ['a time without zone',   using('dateTime: { lt: 2027-01-01T00:00:00 }')],
    ['a time without seconds', using('dateTime: { lt: 2037-01-01T00:00Z }')],
    ['months',                using('elapsedTime: { lteq: P60M }')],
    ['a network',             using('virtualLocation: { eq: 10.0.0.0/99 }')],
    ['an amount',             using('payAmount: { eq: 1 }')],
    ['a currency',            using('payAmount: { eq: 1, unit: RMB }')],
    ['two operators',         using('count: { lteq: 1, gteq: 1 }')],
    ['a sequence',            using('andSequence: [{ count: { lteq: 1 } }, { count: { lteq: 1 } }]')],
    ['an end',                using('dateTime: { lt: 2001-01-01T00:00:00Z }')],
    ['an action',             `offer: a\n${HEAD}permission: [{ action: usee }]\n`],
    ['no action',             `offer: a\n${HEAD}permission: [{ constraint: [{ count: { lteq: 1 } }] }]\n`],
    ['no rule',               `offer: a\n${HEAD}`],
    ['no dataset',            'offer: a\ntitle: { en: A }\npermission: [{ action: use }]\n'],
    ['an empty dataset',      'offer: a\ndatasets: [""]\npermission: [{ action: use }]\n'],
    ['no id',                 `${HEAD}permission: [{ action: use }]\n`],
    ['a key',                 `offer: a\n${HEAD}permision: [{ action: use }]\n`],
    ['a remedy',              `offer: a\n${HEAD}permission: [{ action: use, remedy: [{ action: delete }] }]\n`],
    ['a profile',             `offer: a\n${HEAD}profile: urn:x\npermission: [{ action: use }]\n`],
    ['a strategy',            `offer: a\n${HEAD}conflict: permit\npermission: [{ action: use }]\n`],
    ['a step',                `offer: a\n${HEAD}automation: { onRequested: maybe }\npermission: [{ action: use }]\n`],
    ['a circle',              `offer: a\n${HEAD}inheritFrom: a\npermission: [{ action: use }]\n`],
    ['a parent',              `offer: a\n${HEAD}inheritFrom: b\npermission: [{ action: use }]\n`],
    ['a template',            `offer: a\n${HEAD}template: u\n`],
    ['a value left out',      `offer: a\n${HEAD}template: t\n`],
    ['a value too small',     `offer: a\n${HEAD}template: t\nwith: { n: 1, l: [CN] }\n`],
    ['a value of another type', `offer: a\n${HEAD}template: t\nwith: { n: x, l: CN, m: 3 }\n`],
    ['values for nothing',    `offer: a\n${HEAD}with: { n: x }\npermission: [{ action: use }]\n`],
    ['a nested consequence',  `offer: a\n${HEAD}obligation: [{ action: delete, consequence: [{ action: inform, consequence: [{ action: delete }] }] }]\npermission: [{ action: use }]\n`],
    ['a text',                'just text'],
  ])('says what is wrong with %s', (_, text) => {
    const set = readPolicyFolder([{ path: 'offers/a.yaml', text }, { path: 'templates/t.yaml', text: TEMPLATE }])
    const findings = [...set.findings, ...set.later.map(({ finding }) => finding)]
    expect(findings.length).toBeGreaterThan(1)
    for (const finding of findings) {
      const said = messageOf(finding, 'zh')
      expect(said).toMatch(/\p{Script=Han}/u)
      expect(said).not.toContain(finding.message)
      expect(said).not.toMatch(/[a-z]+ (?:is|are|has|needs|expects|takes|must) /)
      if (finding.hint !== undefined && / \w+ /.test(finding.hint)) {
        expect(hintInChinese(finding.hint), finding.hint).toMatch(/\p{Script=Han}|^ODRL/u)
      }
    }
  })

  it('that nobody has put into Chinese yet is the sentence of its code, and what came', () => {
    expect(inChinese('something new')).toBeNull()
    const finding = { file: 'a', line: 1, column: 1, code: 'form', message: 'something new' }
    expect(messageOf(finding, 'zh')).toBe('写法不符合格式：something new')
  })
})
