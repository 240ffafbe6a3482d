// What goes to a peer with a spelling of its own means what goes to everybody.

import { describe, expect, it, test } from 'vitest'
import { composeNegotiation } from '../../../../src/domain/exchange/compose.ts'
import { outboxRow, NEGOTIATIONS } from '../../../../src/domain/exchange/steps.ts'
import { orThrow } from '../../../../src/kernel/problem.ts'
import { readRules } from '../../../../src/protocol/odrl/normalise.ts'
import { rulesDigest } from '../../../../src/protocol/odrl/same-rules.ts'
import { spelt, type Spelling } from '../../../../src/protocol/odrl/spelling.ts'
import { rulesToWire } from '../../../../src/protocol/odrl/to-wire.ts'
import type { Rules } from '../../../../src/protocol/odrl/types.ts'
import { negotiationAs, offer, sceneAs } from '../../../fixtures/builders.ts'

const RULES: Rules = {
  conflict: 'perm',
  permission: [
    {
      action: 'read',
      refinement: [{ leftOperand: 'fileFormat', operator: 'eq', rightOperand: 'text/csv' }],
      constraint: [
        { leftOperand: 'purpose', operator: 'isAnyOf', rightOperand: ['odrl:written-by-somebody'] },
        {
          or: [
            { leftOperand: 'count', operator: 'lteq', rightOperand: '3' },
            { leftOperand: 'tds:role', operator: 'eq', rightOperand: 'x' },
          ],
        },
      ],
      duty: [{ action: 'delete', consequence: [{ action: 'inform' }] }],
    },
  ],
  prohibition: [{ action: 'use', remedy: [{ action: 'inform' }] }],
}
const WIRE = rulesToWire(RULES)

test.each<[Spelling, string, string, string, string]>([
  ['prefixed', 'odrl:read', 'odrl:count', 'odrl:refinement', 'odrl:perm'],
  ['bare', 'read', 'count', 'refinement', 'perm'],
  [
    'iri',
    'http://www.w3.org/ns/odrl/2/read',
    'http://www.w3.org/ns/odrl/2/count',
    'http://www.w3.org/ns/odrl/2/refinement',
    'http://www.w3.org/ns/odrl/2/perm',
  ],
])('%s: actions, left operands, members and the strategy', (spelling, action, left, refinement, strategy) => {
  const text = JSON.stringify(spelt(WIRE, spelling))
  expect(text).toContain(`"action":"${action}"`)
  expect(text).toContain(`"leftOperand":"${left}"`)
  expect(text).toContain(`"${refinement}":[`)
  expect(text).toContain(`{"@id":"${strategy}"}`)
  // A value is what somebody wrote, and `use` stands in DSP's own context.
  expect(text).toContain('"odrl:written-by-somebody"')
  expect(text).toContain('"action":"use"')
})

describe.each<Spelling>(['prefixed', 'bare', 'iri'])('rules as %s', (spelling) => {
  it('are read as the same rules', () => {
    const back = orThrow(readRules(JSON.parse(JSON.stringify(spelt(WIRE, spelling)))))
    expect(rulesDigest(back)).toBe(rulesDigest(RULES))
  })
})

test('a message is put down as it will go to this peer, and to nobody else', () => {
  const negotiation = negotiationAs('CONSUMER', { offer: offer(RULES) })
  const move = 'ContractRequestMessage:initial'
  const bodyFor = (participant: string): string =>
    outboxRow(NEGOTIATIONS, negotiation, move, {}, sceneAs('CONSUMER', { spellings: new Map([[participant, 'bare']]) }))
      .body
  const { fresh, base } = sceneAs('CONSUMER')
  const usual = composeNegotiation(negotiation, move, { messageId: fresh.messageId, callbackAddress: base })

  expect(JSON.parse(bodyFor(negotiation.counterparty))).toEqual(spelt(usual, 'bare'))
  expect(JSON.parse(bodyFor('did:web:another.example'))).toEqual(usual)
})
