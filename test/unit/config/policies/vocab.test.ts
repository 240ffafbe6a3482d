// Vocabulary files, defaults and tests: what they give, and their mistakes.

import { describe, expect, it } from 'vitest'
import { mistakes, OFFER, readAll, told } from './folder.ts'

const constraint = (text: string) => `${OFFER}    constraint:\n      - ${text}\n`

describe('vocabulary files', () => {
  const vocab = {
    'vocab/purposes.yaml': 'purposes: { research: { title: { en: R, zh: 研 } }, academic: { broader: [research] } }\n',
    'vocab/groups.yaml': 'groups: { lenders: { title: { en: L, zh: 贷 }, members: [did:web:a, did:web:b] } }\n',
    'vocab/regions.yaml':
      'regions: { CN-45: { within: CN, gbt2260: "450000" }, GBA: { members: [CN-44, HK, MO] }, ours: { members: [GBA, SG] } }\n',
    'vocab/events.yaml': 'events: { launch: { at: 2026-01-01T00:00:00Z } }\n',
    'vocab/credentials.yaml': 'credentials: { member: { type: MembershipCredential, claim: "tds:membership" } }\n',
  }

  it('say what belongs to what', () => {
    const set = readAll(vocab)
    expect(told(set.findings)).toEqual([])
    expect(set.vocab.memberships).toEqual({
      research: [],
      academic: ['research'],
      'did:web:a': ['lenders'],
      'did:web:b': ['lenders'],
      'CN-45': ['CN'],
      'CN-44': ['GBA'],
      HK: ['GBA'],
      MO: ['GBA'],
      GBA: ['ours'],
      SG: ['ours'],
    })
    expect(set.vocab.events).toEqual({ launch: { title: {}, at: Date.UTC(2026, 0, 1) } })
    expect(set.vocab.credentials).toEqual({
      member: { title: {}, type: 'MembershipCredential', claim: 'tds:membership' },
    })
  })

  it('name regions that nobody else knows, whose places are what is offered', () => {
    const set = readAll({ ...vocab, 'offers/a.yaml': constraint('spatial: { isPartOf: [ours, VN] }') })
    expect(mistakes(set)).toEqual([])
    expect(set.offers[0]?.rules.permission?.[0]?.constraint).toMatchObject([
      { rightOperand: ['CN-44', 'HK', 'MO', 'SG', 'VN'] },
    ])
    const access = readAll({
      ...vocab,
      'offers/a.yaml': OFFER.replace('access: []', 'access: [spatial: { isAnyOf: [GBA] }]'),
    })
    expect(access.offers[0]?.access).toMatchObject([{ right: ['CN-44', 'HK', 'MO'] }])
  })

  it('do not make one place of many: `eq` compares with one', () => {
    const set = readAll({ ...vocab, 'offers/a.yaml': constraint('spatial: { eq: GBA }') })
    expect(mistakes(set)).toEqual(['offers/a.yaml:8:24 value-type'])
  })

  // prettier-ignore
  it.each([
    ['a group',   'recipient: { isPartOf: [lendres] }', 'did you mean `lenders`?'],
    ['a purpose', 'purpose: { isA: acdemic }',          'did you mean `academic`?'],
    ['an event',  'event: { eq: lanch }',               'did you mean `launch`?'],
  ])('find %s that they do not have', (_what, text, hint) => {
    const { findings } = readAll({ ...vocab, 'offers/a.yaml': constraint(text) })
    expect(findings.find(({ code }) => code === 'unknown-term')).toMatchObject({ line: 8, hint, severity: 'warning' })
  })

  it('find none of a kind that they say nothing about', () => {
    expect(told(readAll({ 'offers/a.yaml': constraint('purpose: { isA: acdemic }') }).findings)).toEqual([])
  })

  // prettier-ignore
  it.each<[string, string, string, string]>([
    ['a misspelt name',               'vocab/purpose.yaml', 'purposes: {}\n',                                          '1:1 unknown-file'],
    ['no entries',                    'vocab/groups.yaml',  '',                                                        '1:1 form'],
    ['an unknown key',                'vocab/groups.yaml',  'groups:\n  a:\n    members: []\n    owner: x\n',           '4:5 unknown-key'],
    ['a group without members',       'vocab/groups.yaml',  'groups:\n  a: {}\n',                                      '2:6 missing'],
    ['a region in no place',          'vocab/regions.yaml', 'regions:\n  CN-45: { within: XX }\n',                     '2:20 form'],
    ['a region of its own without members', 'vocab/regions.yaml', 'regions:\n  ours: { within: CN }\n',                '2:9 form'],
    ['the code of another place',     'vocab/regions.yaml', 'regions:\n  CN-45: { gbt2260: "110000" }\n',              '2:21 form'],
    ['an event at no instant',        'vocab/events.yaml',  'events:\n  a: { at: tomorrow }\n',                        '2:12 form'],
  ])('are found to have %s', (_what, path, text, place) => {
    expect(mistakes(readAll({ [path]: text }))).toEqual([`${path}:${place}`])
  })

  it('of one name in two forms are refused: only one of them would count', () => {
    const set = readAll({ 'vocab/groups.yaml': 'groups: {}\n', 'vocab/groups.json': '{"groups":{}}' })
    expect(mistakes(set)).toEqual(['vocab/groups.yaml:1:1 duplicate-id'])
  })

  it('with another text make every file be read again', async () => {
    const { readInSteps } = await import('../../../../src/config/policies/read-policy-folder.ts')
    const files = (groups: string) => [
      { path: 'offers/a.yaml', text: OFFER },
      { path: 'vocab/groups.yaml', text: groups },
    ]
    const count = (reading: ReturnType<typeof readInSteps>) => {
      let read = 0
      for (let step = reading.next(); ; step = reading.next()) {
        if (step.done === true) return { read, remembered: step.value.remembered }
        if (step.value === 'read') read += 1
      }
    }
    const { remembered } = count(readInSteps(files('groups: {}\n'), new Map()))
    expect(count(readInSteps(files('groups: {}\n'), remembered)).read).toBe(0)
    expect(count(readInSteps(files('groups: { a: { members: [] } }\n'), remembered)).read).toBe(2)
  })
})

describe('defaults.yaml', () => {
  it('has a time zone, a language and limits over those of the connector', () => {
    const { defaults } = readAll({ 'defaults.yaml': 'timezone: UTC\nlanguage: zh\nlimits: { rulesMax: 1 }\n' })
    expect(defaults).toMatchObject({ timezone: 'UTC', language: 'zh', limits: { rulesMax: 1, valuesMax: 1000 } })
    expect(readAll({}).defaults).toMatchObject({ timezone: 'Asia/Shanghai', language: 'en' })
  })

  // prettier-ignore
  it.each([
    ['rules',       'rulesMax: 1',       `${OFFER}  - action: read\n`],
    ['constraints', 'constraintsMax: 1', constraint('or: [count: { lteq: 2 }]')],
    ['values',      'valuesMax: 1',      constraint('spatial: { isAnyOf: [CN, VN] }')],
    ['offers',      'offersMax: 1',      OFFER.replace('offer: a', 'offer: b')],
  ])('bounds how many %s there may be', (what, limit, offer) => {
    const files = { 'offers/a.yaml': offer, ...(what === 'offers' && { 'offers/b.yaml': OFFER }) }
    expect(mistakes(readAll(files))).toEqual([])
    const set = readAll({ ...files, 'defaults.yaml': `limits: { ${limit} }\n` })
    expect(mistakes(set).map((line) => line.split(' ')[1])).toEqual(['over-limit'])
  })

  // prettier-ignore
  it.each([
    ['a time zone that there is not', 'timezone: Asia/Shangai\n',     '1:11 form'],
    ['another language',              'language: fr\n',               '1:11 form'],
    ['a limit above the connector\'s', 'limits: { rulesMax: 1000 }\n', '1:21 form'],
  ])('is found to have %s', (_what, text, place) => {
    expect(mistakes(readAll({ 'defaults.yaml': text }))).toEqual([`defaults.yaml:${place}`])
  })
})

describe('a file of tests', () => {
  const TESTS = `offer: a
cases:
  - name: a peer in China
    phase: start
    at: 2026-01-31T00:00:00Z
    action: read
    given: { participant: did:web:p, agreedAt: 2026-01-01T00:00:00Z, used: 3, spatial: CN, tds:role: [x, y], 'annex:end': z, duties: { 'permission[0].duty[0]': fulfilled } }
    expect: deny
    reasons: ['permission[0].constraint[0]']
  - name: the rest
    expect: permit
`

  it('is what a runner needs', () => {
    const set = readAll({ 'offers/a.yaml': OFFER, 'tests/a.test.yaml': TESTS })
    expect(set.findings).toEqual([])
    expect(set.tests).toEqual([
      {
        about: { kind: 'offer', id: 'a' },
        file: 'tests/a.test.yaml',
        cases: [
          {
            ...{ name: 'a peer in China', phase: 'start', at: Date.UTC(2026, 0, 31), action: 'read', expect: 'deny' },
            given: {
              ...{ participant: 'did:web:p', agreedAt: Date.UTC(2026, 0, 1), used: 3 },
              duties: { 'permission[0].duty[0]': 'fulfilled' },
              known: { spatial: 'CN', 'tds:role': ['x', 'y'], 'annex:end': 'z' },
            },
            ...{ reasons: ['permission[0].constraint[0]'], deferred: [], line: 3, column: 5 },
          },
          {
            ...{ name: 'the rest', phase: 'start', at: null, action: 'use', expect: 'permit' },
            given: { participant: null, agreedAt: null, used: null, duties: {}, known: {} },
            ...{ reasons: [], deferred: [], line: 10, column: 5 },
          },
        ],
      },
    ])
  })

  it('may name the file instead', () => {
    const set = readAll({
      'offers/a.yaml': OFFER,
      'tests/a.test.yaml': TESTS.replace('offer: a', 'policy: offers/a.yaml'),
    })
    expect(set.findings).toEqual([])
    expect(set.tests[0]?.about).toEqual({ kind: 'policy', path: 'offers/a.yaml' })
  })

  it('is missed where there is none', () => {
    const { findings } = readAll({ 'offers/a.yaml': OFFER })
    expect(findings).toMatchObject([
      { file: 'offers/a.yaml', line: 1, column: 8, code: 'missing-test', severity: 'warning' },
    ])
  })

  // prettier-ignore
  it.each<[string, string, string]>([
    ['an offer that there is not', TESTS.replace('offer: a', 'offer: b'),                     '1:8 unknown-subject'],
    ['nothing to test',            TESTS.replace('offer: a\n', ''),                            '1:1 form'],
    ['two things to test',         `template: t\n${TESTS}`,                                    '1:1 form'],
    ['values without a template',  `with: { x: 1 }\n${TESTS}`,                                 '1:1 form'],
    ['another verdict',            TESTS.replace('expect: deny', 'expect: denied'),            '8:13 form'],
    ['a fact that there is not',   TESTS.replace('spatial:', 'spatail:'),                      '7:79 unknown-key'],
    ['an unknown action',          TESTS.replace('action: read', 'action: raed'),              '6:13 unknown-action'],
    ['an instant without a zone',  TESTS.replace('2026-01-31T00:00:00Z', '2026-01-31T00:00'),  '5:9 datetime-lexical'],
    ['no cases',                   'offer: a\ncases: []\n',                                    '2:8 form'],
  ])('is found to have %s', (_what, text, place) => {
    const set = readAll({ 'offers/a.yaml': OFFER, 'tests/a.test.yaml': text })
    expect(mistakes(set)).toContain(`tests/a.test.yaml:${place}`)
  })
})
