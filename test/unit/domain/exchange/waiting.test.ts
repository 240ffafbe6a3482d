// Whose turn it is and what may be done, over the full product of roles and states.

import { describe, expect, test } from 'vitest'
import { NEGOTIATION } from '../../../../src/domain/exchange/negotiation.ts'
import {
  actOnNegotiation,
  actOnTransfer,
  NEGOTIATION_ACTIONS,
  TRANSFER_ACTIONS,
} from '../../../../src/domain/exchange/act.ts'
import { expire } from '../../../../src/domain/exchange/expire.ts'
import { TRANSFER } from '../../../../src/domain/exchange/transfer.ts'
import { deadlineOf, openActions, statesOfTurn, turnIn } from '../../../../src/domain/exchange/waiting.ts'
import { instant, later } from '../../../../src/kernel/time.ts'
import { NEGOTIATION_STATES, TRANSFER_STATES } from '../../../../src/protocol/dsp/states.ts'
import type { Role } from '../../../../src/protocol/ids.ts'
import {
  BY_MOONLIGHT,
  entriesOf,
  negotiationAs,
  NOW,
  offer,
  putsOf,
  sceneAs,
  transferAs,
} from '../../../fixtures/builders.ts'

const ROLES: readonly Role[] = ['CONSUMER', 'PROVIDER']

// prettier-ignore
const NEGOTIATIONS = [
  ['INITIAL',    'CONSUMER', 'nobody', ''],
  ['INITIAL',    'PROVIDER', 'nobody', ''],
  ['REQUESTED',  'CONSUMER', 'theirs', 'terminate'],
  ['REQUESTED',  'PROVIDER', 'ours',   'offer agree terminate'],
  ['OFFERED',    'CONSUMER', 'ours',   'accept counter terminate'],
  ['OFFERED',    'PROVIDER', 'theirs', 'terminate'],
  ['ACCEPTED',   'CONSUMER', 'theirs', 'terminate'],
  ['ACCEPTED',   'PROVIDER', 'ours',   'agree terminate'],
  ['AGREED',     'CONSUMER', 'ours',   'verify terminate'],
  ['AGREED',     'PROVIDER', 'theirs', 'terminate'],
  ['VERIFIED',   'CONSUMER', 'theirs', 'terminate'],
  ['VERIFIED',   'PROVIDER', 'ours',   'finalize terminate'],
  ['FINALIZED',  'CONSUMER', 'nobody', ''],
  ['FINALIZED',  'PROVIDER', 'nobody', ''],
  ['TERMINATED', 'CONSUMER', 'nobody', ''],
  ['TERMINATED', 'PROVIDER', 'nobody', ''],
] as const

// prettier-ignore
const TRANSFERS = [
  ['REQUESTED',  'CONSUMER', 'theirs', 'terminate'],
  ['REQUESTED',  'PROVIDER', 'ours',   'start terminate'],
  ['STARTED',    'CONSUMER', 'nobody', 'suspend complete terminate'],
  ['STARTED',    'PROVIDER', 'nobody', 'suspend complete terminate'],
  ['SUSPENDED',  'CONSUMER', 'nobody', 'resume terminate'],
  ['SUSPENDED',  'PROVIDER', 'nobody', 'resume terminate'],
  ['COMPLETED',  'CONSUMER', 'nobody', ''],
  ['COMPLETED',  'PROVIDER', 'nobody', ''],
  ['TERMINATED', 'CONSUMER', 'nobody', ''],
  ['TERMINATED', 'PROVIDER', 'nobody', ''],
] as const

function words(text: string): readonly string[] {
  return text === '' ? [] : text.split(' ')
}

test.each(NEGOTIATIONS)(
  'in a negotiation that is %s, for a %s the turn is %s, and it may: %s',
  (state, role, turn, may) => {
    const negotiation = negotiationAs(role, { state, unacknowledged: null })

    expect(turnIn(negotiation)).toBe(turn)
    expect(openActions(negotiation)).toEqual(words(may))
  },
)

test.each(TRANSFERS)('in a transfer that is %s, for a %s the turn is %s, and it may: %s', (state, role, turn, may) => {
  const transfer = transferAs(role, { state, unacknowledged: null })

  expect(turnIn(transfer)).toBe(turn)
  expect(openActions(transfer)).toEqual(words(may))
})

describe('an action is open exactly where acting is not refused', () => {
  const ACTIONS = Object.keys(NEGOTIATION_ACTIONS) as (keyof typeof NEGOTIATION_ACTIONS)[]
  const STEPS = Object.keys(TRANSFER_ACTIONS) as (keyof typeof TRANSFER_ACTIONS)[]

  test.each(NEGOTIATION_STATES.flatMap((state) => ROLES.map((role) => [state, role] as const)))(
    'in a negotiation that is %s, for a %s',
    (state, role) => {
      for (const rules of [undefined, BY_MOONLIGHT]) {
        const negotiation = negotiationAs(role, { state, unacknowledged: null, offer: offer(rules) })
        const works = ACTIONS.filter((action) => {
          const details = action === 'offer' || action === 'counter' ? { offer: offer() } : {}
          return actOnNegotiation(negotiation, action, details, 1, null, sceneAs(role)).ok
        })
        expect(openActions(negotiation)).toEqual(works)
      }
    },
  )

  test.each(TRANSFER_STATES.flatMap((state) => ROLES.map((role) => [state, role] as const)))(
    'in a transfer that is %s, for a %s',
    (state, role) => {
      const transfer = transferAs(role, { state, unacknowledged: null })
      const works = STEPS.filter((action) => actOnTransfer(transfer, action, {}, sceneAs(role)).ok)
      // `start` would resume as well; only the word that fits is shown.
      expect(openActions(transfer)).toEqual(works.filter((action) => !(state === 'SUSPENDED' && action === 'start')))
    },
  )
})

test('while a move of ours is under way, or the end is decided, it is nobody’s turn and nothing may be done', () => {
  const sent = negotiationAs('PROVIDER', { state: 'REQUESTED', unacknowledged: 'ContractOfferMessage' })
  const ending = negotiationAs('PROVIDER', { state: 'REQUESTED', unacknowledged: null, ending: true })

  for (const process of [sent, ending]) {
    expect(turnIn(process)).toBe('nobody')
    expect(openActions(process)).toEqual([])
    expect(deadlineOf(process, 1)).toBeNull()
  }
})

test('every state belongs to one side at most', () => {
  for (const machine of [NEGOTIATION, TRANSFER]) {
    const [consumer, provider] = ROLES.map((role) => statesOfTurn<string, string>(machine, role))
    expect(consumer?.filter((state) => provider?.includes(state))).toEqual([])
  }
})

describe('a process that waited too long', () => {
  const PATIENCE_MS = 1_000
  const atDeadline = { now: later(NOW, PATIENCE_MS) }
  const idle = { unacknowledged: null, updatedAt: NOW, peerPid: 'urn:uuid:peer' } as const

  // prettier-ignore
  test.each([
    ['PROVIDER', 'REQUESTED', 'nobody decided in time'],
    ['CONSUMER', 'REQUESTED', 'no answer in time'],
    ['CONSUMER', 'OFFERED',   'nobody decided in time'],
    ['PROVIDER', 'OFFERED',   'no answer in time'],
    ['PROVIDER', 'VERIFIED',  'nobody decided in time'],
    ['CONSUMER', 'VERIFIED',  'no answer in time'],
  ] as const)('as a %s in %s is terminated: %s', (role, state, reason) => {
    const step = expire(negotiationAs(role, { ...idle, state }), PATIENCE_MS, sceneAs(role, atDeadline))

    expect(step?.next).toMatchObject({ unacknowledged: 'ContractNegotiationTerminationMessage', problem: { message: reason } })
    const [message] = putsOf(step?.write ?? [], 'outbox')
    expect(JSON.parse(message?.body ?? '')).toMatchObject({ reason: [reason] })
    expect(entriesOf(step?.write ?? [])).toMatchObject([{ type: 'message.proposed' }])
  })

  test('a transfer, too', () => {
    const step = expire(
      transferAs('PROVIDER', { ...idle, state: 'REQUESTED' }),
      PATIENCE_MS,
      sceneAs('PROVIDER', atDeadline),
    )

    expect(step?.next).toMatchObject({
      unacknowledged: 'TransferTerminationMessage',
      problem: { message: 'nobody decided in time' },
    })
  })

  // prettier-ignore
  test.each([
    ['before its first ACK',                          { state: 'INITIAL' }],
    ['while the counter-party has not named its pid', { state: 'REQUESTED', peerPid: null }],
  ] as const)('%s ends here: no termination can be sent', (_when, more) => {
    const step = expire(negotiationAs('CONSUMER', { ...idle, ...more }), PATIENCE_MS, sceneAs('CONSUMER', atDeadline))

    expect(step?.next.state).toBe('TERMINATED')
    expect(putsOf(step?.write ?? [], 'outbox')).toEqual([])
    expect(entriesOf(step?.write ?? [])).toMatchObject([{ type: 'process.ended' }])
  })

  // prettier-ignore
  test.each([
    ['is not due a millisecond before',  negotiationAs('PROVIDER', { ...idle, state: 'REQUESTED', updatedAt: instant(NOW + 1) })],
    ['goes on while a move is under way', negotiationAs('PROVIDER', { ...idle, state: 'REQUESTED', unacknowledged: 'ContractOfferMessage' })],
    ['has ended',                         negotiationAs('PROVIDER', { ...idle, state: 'TERMINATED' })],
    ['is final',                          negotiationAs('PROVIDER', { ...idle, state: 'FINALIZED' })],
    ['runs',                              transferAs('PROVIDER', { ...idle, state: 'STARTED' })],
    ['is suspended',                      transferAs('CONSUMER', { ...idle, state: 'SUSPENDED' })],
  ] as const)('and %s is left alone', (_what, process) => {
    expect(expire(process, PATIENCE_MS, sceneAs(process.role, atDeadline))).toBeNull()
  })
})
