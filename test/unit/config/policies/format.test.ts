// The one form of a policy file: what changes in it, and what must not.

import { describe, expect, it } from 'vitest'
import { formatPolicy } from '../../../../src/config/policies/format.ts'
import { readAll } from './folder.ts'

function format(text: string, path = 'offers/a.yaml'): string {
  const formatted = formatPolicy({ path, text })
  if (!formatted.ok) throw new Error(JSON.stringify(formatted.findings))
  return formatted.text
}

describe('formatPolicy', () => {
  it('puts keys in their order, constraints in the short form, and quotes only where they are needed', () => {
    const text = `permission:
  - constraint:
      - { leftOperand: "odrl:count", operator: lteq, rightOperand: "10" }
      - leftOperand: payAmount
        operator: eq
        unit: CNY
        rightOperand: "10.00"
      - or: [ { rightOperand: [ CN, 'VN' ], leftOperand: spatial, operator: isAnyOf }, purpose: { eq: "dpv:X" } ]
    action: "use"
    duty: { within: P7D, action: delete }
title: { zh: "天气", en: "Weather: hourly" }
datasets: [ "urn:dataset:weather:*" ]
colour: red
offer: weather
`
    expect(format(text)).toBe(`offer: weather
title: { zh: 天气, en: 'Weather: hourly' }
datasets: [urn:dataset:weather:*]
permission:
  - action: use
    constraint:
      - count: { lteq: '10' }
      - payAmount: { eq: '10.00', unit: CNY }
      - or: [{ spatial: { isAnyOf: [CN, VN] } }, { purpose: { eq: dpv:X } }]
    duty: { action: delete, within: P7D }
colour: red
`)
  })

  it('keeps comments where they belong', () => {
    const text = `# The file.

# Its rules.
permission:
  # Everybody.
  - constraint:
      - { leftOperand: count, operator: lteq, rightOperand: 2 } # two
      - leftOperand: spatial # not short: this would be lost
        operator: eq
        rightOperand: CN
    action: use # any
# What it is.
offer: a
# The end.
`
    expect(format(text)).toBe(`# The file.

# Its rules.

# What it is.
offer: a
permission:
  # Everybody.
  - action: use # any
    constraint:
      - count: { lteq: 2 } # two
      - leftOperand: spatial # not short: this would be lost
        operator: eq
        rightOperand: CN

# The end.
`)
  })

  it('writes line by line what does not fit on one', () => {
    const places = Array.from({ length: 30 }, (_, index) => `CN-${String(index + 11)}`)
    const text = format(`offer: a\naccess: [ spatial: { isAnyOf: [${places.join(', ')}] } ]\n`)
    expect(text).toContain('      isAnyOf:\n        - CN-11\n        - CN-12\n')
    expect(format(text)).toBe(text)
  })

  it.each([
    ['an id that other programs read as a number', "offer: '10'\n"],
    ['a word that reads as true', "offer: 'true'\n"],
    ['a text with a colon', "offer: 'a: b'\n"],
    ['a text of several lines', 'offer: a\ndescription:\n  en: |\n    One.\n    Two.\n'],
    ['an amount', "offer: a\naccess:\n  - payAmount: { eq: '10.00', unit: CNY }\n"],
  ])('leaves %s as it is', (_what, text) => {
    expect(format(text)).toBe(text)
  })

  it('does not move an anchor behind its alias', () => {
    const text = 'access: &here [spatial: { eq: CN }]\npermission:\n  - action: use\n    constraint: *here\noffer: a\n'
    const formatted = format(text)
    expect(formatted.indexOf('&here')).toBeLessThan(formatted.indexOf('*here'))
    expect(format(formatted)).toBe(formatted)
  })

  it('formats every kind of file, and leaves JSON alone', () => {
    const test = 'cases:\n  - expect: permit\n    name: x\noffer: a\n'
    expect(format(test, 'tests/a.test.yaml')).toBe('offer: a\ncases:\n  - name: x\n    expect: permit\n')
    const template =
      'policy: { prohibition: [{ action: use }], permission: [{ action: use }] }\nparameters: { x: { default: 1, type: integer } }\ntemplate: t\n'
    expect(format(template, 'templates/t.yaml')).toBe(
      'template: t\nparameters: { x: { type: integer, default: 1 } }\npolicy: { permission: [{ action: use }], prohibition: [{ action: use }] }\n',
    )
    expect(format('{"b":1,  "a":2}', 'offers/a.json')).toBe('{"b":1,  "a":2}')
  })

  it('refuses what it cannot read', () => {
    const formatted = formatPolicy({ path: 'offers/a.yaml', text: 'offer: [a\n' })
    expect(formatted).toMatchObject({ ok: false, findings: [{ code: 'syntax' }] })
  })

  it('does not change what is meant', () => {
    const text = `offer: a
datasets: [d]
access: []
permission:
  - constraint: [{ leftOperand: count, operator: lteq, rightOperand: 010 }]
    action: use
    duty: [{ within: P7D, action: delete, constraint: { leftOperand: spatial, operator: eq, rightOperand: CN } }]
`
    const digest = (written: string) => readAll({ 'offers/a.yaml': written }).offers[0]?.digest
    expect(digest(text)).toBeDefined()
    expect(digest(format(text))).toBe(digest(text))
  })
})
