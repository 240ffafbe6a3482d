// What the answer to a message of ours means: the whole table of statuses, attempts and ages.

import { describe, expect, test } from 'vitest'
import { afterRefusal, classify, retryDelayMs, type Verdict } from '../../../../src/domain/exchange/delivery.ts'
import type { Position } from '../../../../src/domain/exchange/machine.ts'
import {
  NEGOTIATION,
  type NegotiationMove,
  type NegotiationState,
} from '../../../../src/domain/exchange/negotiation.ts'
import { TRANSFER, type TransferMove, type TransferState } from '../../../../src/domain/exchange/transfer.ts'
import { instant } from '../../../../src/kernel/time.ts'
import { NOW } from '../../../fixtures/builders.ts'

const JUST_NOW = instant(NOW - 9_999)
const LONG_AGO = instant(NOW - 10_000)

// prettier-ignore
const TABLE: readonly (readonly [statuses: readonly number[], before: number | null, attempts: number, age: 'new' | 'old', verdict: Verdict])[] = [
  [[200, 201, 202, 204, 299],                 503,   1, 'old', 'acknowledged'],
  [[500, 502, 503, 504, 599],                null,   1, 'old', 'again'],
  [[500, 503],                                503, 999, 'old', 'again'],
  [[408, 425, 429],                           429, 999, 'old', 'again'],
  [[401],                                    null,   1, 'old', 'again'],
  [[401],                                     401,   2, 'old', 'again'],
  [[401],                                     401,   3, 'old', 'refused'],
  [[401],                                     503,   3, 'old', 'again'],
  [[401],                                    null, 999, 'old', 'again'],
  [[404, 409],                               null,   1, 'new', 'again'],
  [[404, 409],                                404,   4, 'new', 'again'],
  [[404, 409],                                404,   5, 'new', 'refused'],
  [[404, 409],                               null,   1, 'old', 'refused'],
  [[400, 402, 403, 405, 410, 413, 415, 422], null,   1, 'new', 'refused'],
  [[301, 302, 307, 308, 304],                null,   1, 'new', 'refused'],
]

describe('an answer', () => {
  test.each(TABLE)(
    'of %j after %s at attempt %i in a process that moved %s means %s',
    (statuses, before, attempts, age, verdict) => {
      const moved = age === 'new' ? JUST_NOW : LONG_AGO
      const verdicts = statuses.map((status) => classify({ kind: 'answered', status }, attempts, before, moved, NOW))
      expect(verdicts).toEqual(statuses.map(() => verdict))
    },
  )

  test('of 401 to a token that was used before is no refusal: a copy of the message has used it, and may have been taken', () => {
    const of = (code: string) => classify({ kind: 'answered', status: 401, code }, 999, 401, LONG_AGO, NOW)
    expect([of('token.replayed'), of('token.invalid')]).toEqual(['again', 'refused'])
  })

  test('that never came is asked for again, however often', () => {
    expect(classify({ kind: 'unreachable' }, 1, null, LONG_AGO, NOW)).toBe('again')
    expect(classify({ kind: 'unreachable' }, 999, null, LONG_AGO, NOW)).toBe('again')
  })

  test('that our own guard forbids to ask for is hopeless', () => {
    expect(classify({ kind: 'forbidden' }, 1, null, JUST_NOW, NOW)).toBe('hopeless')
  })
})

describe('the pause before the next attempt', () => {
  test('doubles from 200 ms to a minute, and lies between half and the whole of its step', () => {
    // prettier-ignore
    const steps = [[1, 200], [2, 400], [3, 800], [8, 25_600], [9, 51_200], [10, 60_000], [1_000, 60_000]] as const
    for (const [attempts, stepMs] of steps) {
      expect(retryDelayMs(attempts, 0, 503, null)).toBe(stepMs / 2)
      expect(retryDelayMs(attempts, 0.999_999, null, null)).toBeLessThanOrEqual(stepMs)
      expect(retryDelayMs(attempts, 0.999_999, null, null)).toBeGreaterThan(stepMs * 0.99)
    }
  })

  test.each([
    ['longer than ours', 30_000, 30_000],
    ['shorter than ours', 1, 100],
    ['longer than five minutes', 86_400_000, 300_000],
    ['nothing', 0, 100],
  ])('follows the peer’s wish: %s', (_, wishMs, expected) => {
    expect(retryDelayMs(1, 0, 503, wishMs)).toBe(expected)
  })
})

test('a 401 is not asked again sooner than a resolver forgets that it failed', () => {
  expect(retryDelayMs(1, 0, 401, null)).toBe(2_500)
  expect(retryDelayMs(1, 0, 401, 60_000)).toBe(60_000)
  expect(retryDelayMs(10, 0, 401, null)).toBe(30_000)
})

describe('a refused move, when the peer is asked where it stands,', () => {
  type OfNegotiation = readonly ['CONSUMER' | 'PROVIDER', NegotiationState, NegotiationMove, NegotiationState, string]
  type OfTransfer = readonly ['CONSUMER' | 'PROVIDER', TransferState, TransferMove, TransferState, string]

  // prettier-ignore
  test.each<OfNegotiation>([
    ['PROVIDER', 'REQUESTED', 'ContractOfferMessage',                      'REQUESTED',  'dropped'],
    ['PROVIDER', 'REQUESTED', 'ContractOfferMessage',                      'OFFERED',    'arrived'],
    ['PROVIDER', 'REQUESTED', 'ContractOfferMessage',                      'ACCEPTED',   'arrived'],
    ['PROVIDER', 'REQUESTED', 'ContractOfferMessage',                      'FINALIZED',  'arrived'],
    ['PROVIDER', 'REQUESTED', 'ContractOfferMessage',                      'TERMINATED', 'ended'],
    ['PROVIDER', 'ACCEPTED',  'ContractAgreementMessage',                  'VERIFIED',   'arrived'],
    ['PROVIDER', 'ACCEPTED',  'ContractAgreementMessage',                  'OFFERED',    'terminate'],
    ['PROVIDER', 'VERIFIED',  'ContractNegotiationEventMessage:FINALIZED', 'AGREED',     'terminate'],
    ['PROVIDER', 'VERIFIED',  'ContractNegotiationEventMessage:FINALIZED', 'FINALIZED',  'arrived'],
    ['CONSUMER', 'AGREED',    'ContractAgreementVerificationMessage',      'REQUESTED',  'terminate'],
    ['CONSUMER', 'OFFERED',   'ContractRequestMessage',                    'OFFERED',    'dropped'],
  ])('as %s in %s with %s refused and the peer in %s: %s', (role, state, unacknowledged, peer, outcome) => {
    const position: Position<NegotiationState, NegotiationMove> = { role, state, unacknowledged, ending: false }
    expect(afterRefusal(NEGOTIATION, position, peer)).toBe(outcome)
  })

  // prettier-ignore
  test.each<OfTransfer>([
    ['CONSUMER', 'STARTED',   'TransferSuspensionMessage',  'STARTED',    'dropped'],
    ['CONSUMER', 'STARTED',   'TransferSuspensionMessage',  'SUSPENDED',  'arrived'],
    ['CONSUMER', 'STARTED',   'TransferSuspensionMessage',  'TERMINATED', 'ended'],
    ['CONSUMER', 'STARTED',   'TransferCompletionMessage',  'SUSPENDED',  'terminate'],
    ['PROVIDER', 'STARTED',   'TransferCompletionMessage',  'COMPLETED',  'arrived'],
    ['PROVIDER', 'REQUESTED', 'TransferStartMessage',       'SUSPENDED',  'arrived'],
    ['PROVIDER', 'SUSPENDED', 'TransferStartMessage',       'REQUESTED',  'terminate'],
  ])('as %s in %s with %s refused and the peer in %s: %s', (role, state, unacknowledged, peer, outcome) => {
    const position: Position<TransferState, TransferMove> = { role, state, unacknowledged, ending: false }
    expect(afterRefusal(TRANSFER, position, peer)).toBe(outcome)
  })

  test('a state that DSP does not know means that the two sides differ', () => {
    const position = { role: 'PROVIDER', state: 'VERIFIED', unacknowledged: null, ending: false } as const
    expect(afterRefusal(NEGOTIATION, position, 'PAUSED' as NegotiationState)).toBe('terminate')
  })
})
