// What a rule may say in the house form beside its constraints, and what becomes of it.

import { describe, expect, it } from 'vitest'
import { mistakes, OFFER, readAll, told } from './folder.ts'

const read = (more: string) => readAll({ 'offers/a.yaml': OFFER + more })
const rulesOf = (more: string) => {
  const set = read(more)
  expect(mistakes(set)).toEqual([])
  return set.offers[0]?.rules
}
const first = (more: string) => rulesOf(more)?.permission?.[0]

describe('a rule in the house form', () => {
  it('may refine its action, beside it or inside of it', () => {
    const refined = [{ leftOperand: 'purpose', operator: 'isAnyOf', rightOperand: ['x'] }]
    expect(first('    refinement: [purpose: { isAnyOf: [x] }]\n')?.refinement).toEqual(refined)
    const inside = 'permission:\n  - action: { value: use, refinement: [purpose: { isAnyOf: [x] }] }\n'
    const set = readAll({ 'offers/a.yaml': `offer: a\ndatasets: [d]\naccess: []\n${inside}` })
    expect(set.offers[0]?.rules.permission?.[0]).toEqual({ action: 'use', refinement: refined })
  })

  it('says by when a duty is due with `within`', () => {
    expect(first('    duty:\n      - { action: delete, within: P7D }\n')?.duty).toEqual([
      { action: 'delete', constraint: [{ leftOperand: 'elapsedTime', operator: 'lteq', rightOperand: 'P7D' }] },
    ])
  })

  it('keeps what else a duty demands beside `within`', () => {
    const [duty] =
      first('    duty:\n      - { action: delete, constraint: [spatial: { eq: CN }], within: P7D }\n')?.duty ?? []
    expect(duty?.constraint).toHaveLength(2)
  })

  it.each([
    [
      'a value that is no duration',
      '    duty:\n      - action: delete\n        within: week\n',
      'offers/a.yaml:9:17 value-type',
    ],
    ['no value', '    duty:\n      - action: delete\n        within:\n', 'offers/a.yaml:9:16 missing'],
  ])('finds `within` with %s at its place', (_what, more, place) => {
    expect(mistakes(read(more))).toEqual([place])
  })

  it('has remedies, consequences, parties and an id', () => {
    const text = `prohibition:
  - action: distribute
    uid: urn:rule:1
    remedy: [{ action: delete }]
obligation:
  - action: inform
    informedParty: did:web:p
    consequence: [{ action: compensate, constraint: [payAmount: { eq: "10.00", unit: CNY }] }]
`
    const rules = rulesOf(text)
    expect(rules?.prohibition).toEqual([{ '@id': 'urn:rule:1', action: 'distribute', remedy: [{ action: 'delete' }] }])
    expect(rules?.obligation).toMatchObject([
      {
        parties: { informedParty: 'did:web:p' },
        consequence: [
          { constraint: [{ leftOperand: 'payAmount', operator: 'eq', rightOperand: '10.00', unit: 'CNY' }] },
        ],
      },
    ])
  })

  it('refers to facts by reference, and to nothing that would have to be fetched', () => {
    const by = (reference: string) =>
      `    constraint:\n      - { leftOperand: dateTime, operator: lteq, rightOperandReference: "${reference}" }\n`
    expect(first(by('annex:endDate'))?.constraint).toMatchObject([{ rightOperand: 'annex:endDate' }])
    expect(mistakes(read(by('https://example.org/date')))[0]).toBe('offers/a.yaml:8:73 not-understood')
  })

  it('says its strategy for conflicts', () => {
    expect(rulesOf('conflict: prohibit\n')?.conflict).toBe('prohibit')
    expect(mistakes(read('conflict: newest\n'))).toEqual(['offers/a.yaml:7:11 not-understood'])
  })
})

describe('a mistake has a word of its own:', () => {
  const constraint = (text: string) => `    constraint:\n      - ${text}\n`

  // prettier-ignore
  it.each<[string, string, string]>([
    ['consequence-nesting', '    duty: [{ action: inform, consequence: [{ action: delete, consequence: [{ action: delete }] }] }]\n', '7:75'],
    ['unit-missing',        constraint('payAmount: { eq: "10.00" }'),                      '8:26'],
    ['form',                constraint('count: { lteq: 2, unit: CNY }'),                   '8:33'],
    ['tz-missing',          constraint('dateTime: { lt: 2026-12-31T23:59:59 }'),           '8:25'],
    ['datetime-lexical',    constraint('dateTime: { lt: 2026-12-31 }'),                    '8:25'],
    ['operator-type',       constraint('spatial: { lt: CN }'),                             '8:20'],
    ['wire-lossy',          constraint('andSequence: [count: { lteq: 2 }, count: { lteq: 3 }]'), '8:22'],
    ['unknown-operand',     constraint('colour: { eq: red }'),                             '8:9'],
  ])('%s', (code, text, place) => {
    const set = read(text)
    expect(mistakes(set)).toEqual([`offers/a.yaml:${place} ${code}`])
    expect(set.offers).toEqual([])
  })

  it('and the hint says what to write instead', () => {
    const hints = (text: string) => read(text).findings.map(({ hint }) => hint ?? '')
    expect(hints(constraint('dateTime: { lt: 2026-12-31T23:59:59 }')).join()).toContain('2026-12-31T23:59:59+08:00')
    expect(hints(constraint('dateTime: { lt: 2026-12-31 }')).join()).toContain('2026-12-31T23:59:59+08:00')
    expect(hints(constraint('payAmount: { eq: "10.00" }')).join()).toContain('unit: CNY')
  })
})

describe('what is allowed and hardly meant is a warning, and keeps nothing from being used:', () => {
  const constraint = (text: string) => `    constraint:\n      - ${text}\n`

  // prettier-ignore
  it.each<[string, string, string]>([
    ['duration-months',      constraint('elapsedTime: { lteq: P60M }'),              '8:30'],
    ['datetime-lexical',     constraint('dateTime: { lt: 2031-12-31T06:00Z }'),      '8:25'],
    ['number-on-wire',       constraint('payAmount: { eq: 10.00, unit: CNY }'),      '8:26'],
    ['operator-not-advised', constraint('count: { gteq: 2 }'),                       '8:18'],
    ['duty-timing',          '    duty: [{ action: delete }]\n',                     '7:12'],
  ])('%s', (code, text, place) => {
    const set = read(text)
    expect(told(set.findings)).toEqual([`offers/a.yaml:${place} ${code}`])
    expect(set.findings.every(({ severity }) => severity === 'warning')).toBe(true)
    expect(set.offers).toHaveLength(1)
  })

  // prettier-ignore
  it.each([
    ['months that are meant',                 constraint('elapsedTime: { lteq: P0Y6M }')],
    ['minutes',                               constraint('elapsedTime: { lteq: PT60M }')],
    ['an amount in quotes',                   constraint('payAmount: { eq: "10.00", unit: CNY }')],
    ['a duty afterwards that is due some day', '    duty: [{ action: delete, within: P7D }]\n'],
    ['a duty that comes before',              '    duty: [{ action: obtainConsent }]\n'],
    ['a prohibition after so many uses',      'prohibition:\n  - action: use\n    constraint: [count: { gt: 10 }]\n'],
  ])('not %s', (_what, text) => {
    expect(told(read(text).findings)).toEqual([])
  })

  it('a text that is missing in a language', () => {
    const set = readAll({ 'offers/a.yaml': OFFER.replace(', zh: 甲', '') })
    expect(told(set.findings)).toEqual(['offers/a.yaml:2:8 i18n-missing'])
  })

  it('an offer to everybody, unless it says so', () => {
    const broad = readAll({ 'offers/a.yaml': OFFER.replace('access: []\n', '') })
    expect(told(broad.findings)).toEqual(['offers/a.yaml:1:8 broad-party'])
    const named = readAll({
      'offers/a.yaml': `${OFFER.replace('access: []\n', '')}    constraint: [recipient: { eq: did:web:p }]\n`,
    })
    expect(told(named.findings)).toEqual([])
  })

  it('what ends by the calendar, from then on', () => {
    const { later, findings } = read(constraint('dateTime: { lteq: 2026-12-31T23:59:59Z }'))
    expect(told(findings)).toEqual([])
    expect(later).toMatchObject([
      {
        from: Date.UTC(2026, 11, 31, 23, 59, 59),
        finding: { line: 8, column: 27, code: 'expired', severity: 'warning' },
      },
    ])
  })
})
