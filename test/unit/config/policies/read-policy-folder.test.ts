// Policy files: what they may say, and every mistake in them at once, with its line and column.

import { describe, expect, it } from 'vitest'
import { isMistake, type Finding } from '../../../../src/config/finding.ts'
import { readPolicyFolder } from '../../../../src/config/policies/read-policy-folder.ts'
import { POLICY_FILE_CHARS_MAX } from '../../../../src/config/policies/source.ts'
import { sameRules } from '../../../../src/protocol/odrl/same-rules.ts'

const yaml = (text: string, path = 'offers/a.yaml') => ({ path, text })
const read = (text: string) => readPolicyFolder([yaml(text)])
const mistakesIn = ({ findings }: { readonly findings: readonly Finding[] }) => findings.filter(isMistake)
const places = (text: string) =>
  mistakesIn(read(text)).map(({ line, column, code }) => `${String(line)}:${String(column)} ${code}`)

const WEATHER = `offer: weather-hourly
title: { en: Hourly weather, zh: 每小时气象数据 }
datasets: [ "urn:dataset:weather:*", urn:dataset:rain, { theme: weather } ]
access:
  - spatial: { isAnyOf: [CN, VN] }
permission:
  - action: use
    constraint:
      - count: { lteq: 2 }
      - spatial: { isAnyOf: [CN, VN] }
    duty:
      - action: delete
        constraint: [ elapsedTime: { lteq: P90D } ]
prohibition:
  - action: distribute
obligation:
  - action: inform
automation:
  onRequested: manual
  transfer: { onRequested: manual }
`
/** The smallest offer; what follows continues its one permission. */
const OFFER = `offer: a
datasets: [ d ]
permission:
  - action: use
`

describe('an offer file', () => {
  it('gives an offer definition', () => {
    const set = read(WEATHER)
    const { offers } = set
    expect(mistakesIn(set)).toEqual([])
    expect(offers).toHaveLength(1)
    expect(offers[0]).toMatchObject({
      id: 'weather-hourly',
      title: { en: 'Hourly weather', zh: '每小时气象数据' },
      datasets: [
        { kind: 'glob', pattern: 'urn:dataset:weather:*' },
        { kind: 'id', id: 'urn:dataset:rain' },
        { kind: 'property', property: 'theme', value: 'weather' },
      ],
      access: [{ path: 'access[0]', left: 'spatial', right: ['CN', 'VN'] }],
      rules: {
        permission: [
          {
            action: 'use',
            constraint: [
              { leftOperand: 'count', operator: 'lteq', rightOperand: '2' },
              { leftOperand: 'spatial', operator: 'isAnyOf', rightOperand: ['CN', 'VN'] },
            ],
            duty: [
              {
                action: 'delete',
                constraint: [{ leftOperand: 'elapsedTime', operator: 'lteq', rightOperand: 'P90D' }],
              },
            ],
          },
        ],
        prohibition: [{ action: 'distribute' }],
        obligation: [{ action: 'inform' }],
      },
      automation: { onRequested: 'manual', transfer: { onRequested: 'manual' } },
      file: 'offers/a.yaml',
    })
    expect(offers[0]?.digest).toMatch(/^sha-256:[0-9a-f]{64}$/)
    expect(offers[0]?.policy.permissions[0]?.constraints).toHaveLength(2)
  })

  it('may be as short as an id, a dataset and a rule', () => {
    expect(read(OFFER).offers[0]).toMatchObject({ title: {}, access: [], automation: {} })
  })

  it('may write constraints in the long form, and nest them', () => {
    const short = read(
      `${OFFER}    constraint:\n      - or:\n          - count: { lteq: 2 }\n          - and: [ spatial: { eq: CN } ]\n`,
    )
    const long = read(
      `${OFFER}    constraint:\n      - or:\n          - { leftOperand: count, operator: lteq, rightOperand: 2 }\n          - and: [ { leftOperand: spatial, operator: eq, rightOperand: CN } ]\n`,
    )
    expect([...mistakesIn(short), ...mistakesIn(long)]).toEqual([])
    expect(sameRules(short.offers[0]?.rules ?? {}, long.offers[0]?.rules ?? {})).toBe(true)
    expect(short.offers[0]?.rules.permission?.[0]?.constraint).toHaveLength(1)
  })

  it('may leave instants, Norway and numbers without quotes', () => {
    const set = read(
      `${OFFER}    constraint:\n      - dateTime: { lt: 2026-12-31T23:59:59+08:00 }\n      - spatial: { isAnyOf: [NO, CN] }\n`,
    )
    const { offers } = set
    expect(mistakesIn(set)).toEqual([])
    expect(offers[0]?.rules.permission?.[0]?.constraint).toMatchObject([
      { rightOperand: '2026-12-31T23:59:59+08:00' },
      { rightOperand: ['NO', 'CN'] },
    ])
  })

  it('may reuse a part by an anchor', () => {
    const text = `offer: a\ndatasets: [ d ]\npermission:\n  - action: use\n    constraint: &c [ count: { lteq: 2 } ]\n  - action: read\n    constraint: *c\n`
    expect(read(text).offers[0]?.rules.permission?.[1]?.constraint).toHaveLength(1)
  })
})

describe('a mistake is found with its place:', () => {
  // prettier-ignore
  it.each<[string, string, string]>([
    ['an unknown key',                `titel: {}\n${OFFER}`,                                              '1:1 unknown-key'],
    ['an unknown key of a rule',      `${OFFER}    constrain: []\n`,                                       '5:5 unknown-key'],
    ['a duty on a prohibition',       `${OFFER}prohibition:\n  - action: read\n    duty: []\n`,             '7:5 unknown-key'],
    ['an unknown operand',            `${OFFER}    constraint:\n      - cuont: { lteq: 2 }\n`,             '6:9 unknown-operand'],
    ['an unknown operator',           `${OFFER}    constraint:\n      - count: { lte: 2 }\n`,              '6:18 operator-type'],
    ['an operator that does not fit', `${OFFER}    constraint:\n      - count: { isAnyOf: [2] }\n`,        '6:18 operator-type'],
    ['a value of the wrong type',     `${OFFER}    constraint:\n      - count: { lteq: two }\n`,           '6:24 value-type'],
    ['one wrong value of a list',     `${OFFER}    constraint:\n      - spatial: { isAnyOf: [CN, UK] }\n`, '6:34 value-type'],
    ['a value that is missing',       `${OFFER}    constraint:\n      - count: { lteq: }\n`,               '6:24 missing'],
    ['one deep inside',               `${OFFER}    constraint:\n      - or:\n          - and:\n              - spatial: { eq: XX }\n`, '8:32 value-type'],
    ['one in the long form',          `${OFFER}    constraint:\n      - { leftOperand: count, operator: lte, rightOperand: 2 }\n`, '6:41 operator-type'],
    ['one behind an anchor',          `${OFFER}    constraint: &c [ count: { lteq: two } ]\n  - action: read\n    constraint: *c\n`, '5:37 value-type'],
    ['an unknown action',             'offer: a\ndatasets: [ d ]\npermission:\n  - action: usee\n',         '4:13 unknown-action'],
    ['an unknown action of a duty',   `${OFFER}    duty:\n      - action: dance\n`,                        '6:17 unknown-action'],
    ['an unknown profile',            `${OFFER}profile: urn:p\n`,                                          '5:10 unknown-profile'],
    ['two constraints in one item',   `${OFFER}    constraint:\n      - count: { lteq: 2 }\n        spatial: { eq: CN }\n`, '6:9 form'],
    ['two operators in one',          `${OFFER}    constraint:\n      - count: { gt: 1, lt: 3 }\n`,         '6:16 form'],
    ['a constraint without operator', `${OFFER}    constraint:\n      - count: 2\n`,                       '6:16 form'],
    ['a key beside and',              `${OFFER}    constraint:\n      - and: [ count: { lteq: 2 } ]\n        or: []\n`, '7:9 unknown-key'],
    ['a constraint that is a word',   `${OFFER}    constraint:\n      - count\n`,                          '6:9 form'],
    ['an empty key',                  `${OFFER}    constraint:\n`,                                         '5:5 missing'],
    ['access by what is not known',   `${OFFER}access:\n  - count: { lteq: 2 }\n`,                          '6:5 unknown-operand'],
    ['no id',                         'datasets: [ d ]\npermission:\n  - action: use\n',                    '1:1 missing'],
    ['an id that is a number',        'offer: 5\ndatasets: [ d ]\npermission:\n  - action: use\n',          '1:8 form'],
    ['no datasets',                   'offer: a\npermission:\n  - action: use\n',                           '1:1 missing'],
    ['an empty list of datasets',     'offer: a\ndatasets: []\npermission:\n  - action: use\n',             '2:11 form'],
    ['a dataset of two properties',   'offer: a\ndatasets:\n  - { a: 1, b: 2 }\npermission:\n  - action: use\n', '3:5 form'],
    ['no rules',                      'offer: a\ndatasets: [ d ]\n',                                        '1:1 form'],
    ['obligations alone',             'offer: a\ndatasets: [ d ]\nobligation:\n  - action: delete\n',       '1:1 form'],
    ['a title without a language',    `${OFFER}title: Weather\n`,                                          '5:8 form'],
    ['a title that is a number',      `${OFFER}title: { en: 5 }\n`,                                        '5:14 form'],
    ['an unknown step',               `${OFFER}automation: { onRequest: manual }\n`,                       '5:15 unknown-key'],
    ['a step that does something else', `${OFFER}automation: { onVerified: agree }\n`,                     '5:27 form'],
    ['an unknown step of a transfer', `${OFFER}automation: { transfer: { onRequested: agree } }\n`,        '5:40 form'],
    ['no offer at all',               '',                                                                   '1:1 form'],
    ['a list of offers',              '- offer: a\n',                                                       '1:1 form'],
    ['broken YAML',                   'offer: a\ndatasets: [ d\npermission: x\n',                           '3:1 syntax'],
    ['a key that stands twice',       `${OFFER}offer: b\n`,                                                '5:1 syntax'],
    ['two documents',                 `${OFFER}---\noffer: b\n`,                                           '5:1 syntax'],
    ['a tag nobody knows',            `${OFFER}title: !secret x\n`,                                        '5:8 syntax'],
  ])('%s', (_what, text, place) => {
    expect(places(text)[0]).toBe(place)
    expect(read(text).offers).toEqual([])
  })

  it('each one is told once', () => {
    expect(places(`titel: {}\n${OFFER}    constrain: []\n    refinemen: []\n`)).toHaveLength(3)
    expect(places(`${OFFER}prohibition:\n  - action: read\n    duty: []\n`)).toHaveLength(1)
    const two = `      - count: { lteq: 2 }\n        spatial: { eq: CN }\n      - count: 2\n      - count: { lteq: x }\n`
    expect(places(`${OFFER}    constraint:\n${two}`)).toEqual(['6:9 form', '8:16 form', '9:24 value-type'])
  })

  it('behind an alias it stands where the anchor is', () => {
    const text = `offer: a\ndatasets: [ d ]\naccess: &c [ spatial: { eq: CN }, spatial: { eq: UK } ]\npermission:\n  - action: use\n    constraint: *c\n`
    expect(places(text)).toEqual(['3:50 value-type'])
  })

  it('the nearest known word is named', () => {
    const hints = mistakesIn(
      read(
        `titel: {}\noffer: a\ndatasets: [ d ]\npermission:\n  - action: usee\n    constraint:\n      - cuont: { ltq: 2 }\n`,
      ),
    )
    expect(hints.map(({ hint }) => hint)).toEqual([
      'did you mean `title`?',
      'did you mean `use`?',
      'did you mean `count`?',
    ])
  })

  it('a file is told to be too long before it is parsed', () => {
    expect(places('#'.repeat(POLICY_FILE_CHARS_MAX + 1))).toEqual(['1:1 over-limit'])
  })

  it('aliases that would blow the file up are refused', () => {
    const bomb = Array.from(
      { length: 9 },
      (_, n) =>
        `l${String(n + 1)}: &l${String(n + 1)} [${Array(9)
          .fill(`*l${String(n)}`)
          .join(', ')}]`,
    ).join('\n')
    expect(places(`l0: &l0 x\n${bomb}\n`)).toEqual(['1:1 syntax'])
  })
})

describe('plain ODRL', () => {
  const json = (value: unknown, path = 'offers/a.json') => ({
    path,
    text: typeof value === 'string' ? value : JSON.stringify(value, null, '\t'),
  })
  const offer = {
    '@context': 'http://www.w3.org/ns/odrl.jsonld',
    '@type': 'Offer',
    uid: 'urn:offer:1',
    target: 'urn:dataset:1',
    assigner: 'did:web:p',
    permission: [
      {
        action: 'use',
        target: 'urn:dataset:1',
        constraint: [{ leftOperand: 'count', operator: 'lteq', rightOperand: 5 }],
      },
    ],
  }

  it.each(['offers/a.json', 'offers/a.jsonld'])('in %s gives an offer on its target', (path) => {
    const { offers, findings } = readPolicyFolder([json(offer, path)])
    expect(mistakesIn({ findings })).toEqual([])
    expect(offers[0]).toMatchObject({
      id: 'urn:offer:1',
      datasets: [{ kind: 'id', id: 'urn:dataset:1' }],
      rules: {
        permission: [{ action: 'use', constraint: [{ leftOperand: 'count', operator: 'lteq', rightOperand: '5' }] }],
      },
    })
    expect(offers[0]?.rules).not.toHaveProperty('target')
  })

  // prettier-ignore
  it.each<[string, unknown, string]>([
    ['JSON that is none',           '{"a": 1,}',                                      '1:9 syntax'],
    ['a key that stands twice',     '{"uid": "a",\n"uid": "b"}',                      '2:1 syntax'],
    ['an offer without target',     { ...offer, target: undefined },                  '1:1 missing'],
    ['an agreement',                { ...offer, '@type': 'Agreement' },               '3:11 form'],
    ['an unknown operand',          { ...offer, permission: { 'odrl:action': 'use', 'odrl:constraint': { leftOperand: 'x', operator: 'eq', rightOperand: '1' } } }, '10:19 unknown-operand'],
    ['a conflict strategy',         { ...offer, conflict: 'newest' },                  '20:14 not-understood'],
  ])('refuses %s', (_what, value, place) => {
    const { findings, offers } = readPolicyFolder([json(value)])
    expect(mistakesIn({ findings }).map(({ line, column, code }) => `${String(line)}:${String(column)} ${code}`)[0]).toBe(place)
    expect(offers).toEqual([])
  })
})

describe('a folder', () => {
  it('gives the offers in the order of their paths', () => {
    const files = [yaml(OFFER.replace('a', 'second'), 'offers/b.yaml'), yaml(OFFER, 'offers/a.yaml')]
    expect(readPolicyFolder(files).offers.map(({ id }) => id)).toEqual(['a', 'second'])
    expect(readPolicyFolder([])).toMatchObject({ offers: [], guardrails: [], findings: [] })
  })

  it('with one mistake gives no offer at all', () => {
    const { offers, findings } = readPolicyFolder([yaml(OFFER), yaml('offer: b\n', 'offers/b.yaml')])
    expect(offers).toEqual([])
    expect(new Set(mistakesIn({ findings }).map(({ file }) => file))).toEqual(new Set(['offers/b.yaml']))
  })

  it('in which two offers have one id says where the first is', () => {
    const { findings } = readPolicyFolder([yaml(OFFER), yaml(`title: {}\n${OFFER}`, 'offers/b.yaml')])
    expect(mistakesIn({ findings })).toMatchObject([
      { file: 'offers/b.yaml', line: 2, column: 8, message: 'the offer `a` stands in offers/a.yaml:1 already' },
    ])
  })
})
