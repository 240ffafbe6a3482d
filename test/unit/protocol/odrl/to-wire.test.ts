// What leaves comes back the same, in words that a peer with JSON-LD keeps; what cannot is named before it is sent.

import { describe, expect, it } from 'vitest'
import { orThrow } from '../../../../src/kernel/problem.ts'
import { readRules } from '../../../../src/protocol/odrl/normalise.ts'
import { sameRules } from '../../../../src/protocol/odrl/same-rules.ts'
import { lostOnWire, rulesToWire } from '../../../../src/protocol/odrl/to-wire.ts'
import type { Rules } from '../../../../src/protocol/odrl/types.ts'

const WHOLE: Rules = {
  profile: ['urn:lingqu:tds'],
  conflict: 'prohibit',
  permission: [
    {
      '@id': 'urn:rule:1',
      action: 'print',
      refinement: [{ leftOperand: 'resolution', operator: 'lteq', rightOperand: '1200' }],
      constraint: [
        { or: [{ leftOperand: 'spatial', operator: 'isAnyOf', rightOperand: ['CN', 'VN'] }] },
        { leftOperand: 'tds:frequency', operator: 'lteq', rightOperand: '10/P1D' },
      ],
      duty: [
        {
          action: 'compensate',
          parties: { compensatedParty: 'did:web:a.example' },
          constraint: [{ leftOperand: 'payAmount', operator: 'eq', rightOperand: '10.00', unit: 'CNY' }],
          consequence: [{ action: 'tds:alert' }],
        },
      ],
    },
  ],
  prohibition: [{ action: 'distribute', remedy: [{ action: 'delete' }] }],
  obligation: [{ action: 'inform' }],
}

describe('rules on the wire', () => {
  it('come back as they were', () => {
    const back = orThrow(readRules(JSON.parse(JSON.stringify(rulesToWire(WHOLE)))))
    expect(back).toEqual(WHOLE)
    expect(sameRules(back, WHOLE)).toBe(true)
  })

  // The context of DSP 2025-1 has these members and `use` and the operators; everything else needs a prefix to survive.
  const KNOWN = [
    '@id',
    '@value',
    '@type',
    'permission',
    'prohibition',
    'obligation',
    'duty',
    'constraint',
    'action',
    'profile',
  ]
  const TERMS = ['leftOperand', 'operator', 'rightOperand', 'and', 'or', 'xone', 'andSequence']

  it('have no bare member that the context of DSP does not have', () => {
    const keys = new Set<string>()
    JSON.stringify(rulesToWire(WHOLE), (key, value: unknown) => {
      if (key !== '' && !/^\d+$/.test(key)) keys.add(key)
      return value
    })
    expect([...keys].filter((key) => !KNOWN.includes(key) && !TERMS.includes(key) && !key.startsWith('odrl:'))).toEqual(
      [],
    )
  })

  it('name operands and actions by IRIs, and values by text', () => {
    const text = JSON.stringify(rulesToWire(WHOLE))
    for (const term of [
      'odrl:print',
      'urn:lingqu:tds#frequency',
      'urn:lingqu:tds#alert',
      'odrl:spatial',
      'odrl:distribute',
    ])
      expect(text).toContain(`"${term}"`)
    expect(text).not.toMatch(/":\d/)
  })
})

describe('what no spelling carries', () => {
  const lost = (rules: Rules) => lostOnWire(rules).map(({ code, path }) => `${code} ${path ?? ''}`)

  it('is nothing of what is usual', () => {
    expect(lost(WHOLE)).toEqual([])
  })

  // prettier-ignore
  it.each<[string, Rules, string]>([
    ['an order',            { permission: [{ action: 'use', constraint: [{ and: [{ andSequence: [] }] }] }] }, 'permission[0].constraint[0].and[0].andSequence'],
    ['an asset of a rule',  { permission: [{ action: 'use', scopes: { target: { id: 'urn:x', isCollection: false } } }] }, 'permission[0].target'],
    ['a bare action',       { prohibition: [{ action: 'frobnicate' }] },                                      'prohibition[0].action'],
    ['a bare left operand', { permission: [{ action: 'use', duty: [{ action: 'pay', constraint: [{ leftOperand: 'mood', operator: 'eq', rightOperand: 'x' }] }] }] }, 'permission[0].duty[0].constraint[0].leftOperand'],
  ])('%s', (_what, rules, path) => {
    expect(lost(rules)).toEqual([`policy.wire-lossy ${path}`])
  })
})
