// What we do of our own accord: for everything that can come in, one setting, and nothing by hand.

import { describe, expect, test } from 'vitest'
import type { NegotiationAutomation } from '../../../../src/domain/exchange/automation.ts'
import { NEGOTIATION, type NegotiationMove } from '../../../../src/domain/exchange/negotiation.ts'
import { negotiationReaction, transferReaction } from '../../../../src/domain/exchange/reaction.ts'
import { TRANSFER } from '../../../../src/domain/exchange/transfer.ts'
import { AUTOMATIC, MANUAL, negotiationAs, transferAs } from '../../../fixtures/builders.ts'

// prettier-ignore
const REACTIONS: Readonly<Record<NegotiationMove, readonly [setting: keyof NegotiationAutomation | null, reaction: string | null]>> = {
  'ContractRequestMessage:initial':            ['onRequested',        'agree'],
  'ContractRequestMessage':                    ['onCounterRequested', 'agree'],
  'ContractOfferMessage:initial':              ['onOffered',          'accept'],
  'ContractOfferMessage':                      ['onOffered',          'accept'],
  'ContractNegotiationEventMessage:ACCEPTED':  ['onAccepted',         'agree'],
  'ContractAgreementMessage':                  ['onAgreed',           'verify'],
  'ContractAgreementVerificationMessage':      ['onVerified',         'finalize'],
  'ContractNegotiationEventMessage:FINALIZED': [null,                 null],
  'ContractNegotiationTerminationMessage':     [null,                 null],
}
const MOVES = [...new Set(NEGOTIATION.arrows.map(({ move }) => move))]

describe('a negotiation', () => {
  test.each(MOVES)('reacts to %s as its own setting says, and to nothing by hand', (move) => {
    const [setting, reaction] = REACTIONS[move]
    const only = setting === null ? MANUAL : { ...MANUAL, [setting]: AUTOMATIC[setting] }
    expect(negotiationReaction(negotiationAs('PROVIDER', { automation: only }), move)).toBe(reaction)
    expect(negotiationReaction(negotiationAs('PROVIDER', { automation: AUTOMATIC }), move)).toBe(reaction)
    expect(negotiationReaction(negotiationAs('PROVIDER', { automation: MANUAL }), move)).toBeNull()

    const others = setting === null ? AUTOMATIC : { ...AUTOMATIC, [setting]: 'manual' }
    if (setting !== null)
      expect(negotiationReaction(negotiationAs('PROVIDER', { automation: others }), move)).toBeNull()
  })

  test('may answer a request with an offer of its own', () => {
    const automation = { ...MANUAL, onRequested: 'offer', onCounterRequested: 'offer' } as const
    const process = negotiationAs('PROVIDER', { automation })
    expect(negotiationReaction(process, 'ContractRequestMessage:initial')).toBe('offer')
    expect(negotiationReaction(process, 'ContractRequestMessage')).toBe('offer')
  })
})

test('a provider starts a transfer that was requested, unless it is started by hand; nothing else is automatic', () => {
  const moves = [...new Set(TRANSFER.arrows.map(({ move }) => move))]
  const reactions = (role: 'CONSUMER' | 'PROVIDER', onRequested: 'start' | 'manual') =>
    moves.filter((move) => transferReaction(transferAs(role, { automation: { onRequested } }), move) !== null)

  expect(reactions('PROVIDER', 'start')).toEqual(['TransferRequestMessage'])
  expect(reactions('PROVIDER', 'manual')).toEqual([])
  expect(reactions('CONSUMER', 'start')).toEqual([])
})
