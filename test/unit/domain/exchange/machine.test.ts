// The two state machines over the whole product of role, state, move and open proposal, against tables that were written
// down from the figures of DSP 2025-1 and not from the code.

import { describe, expect, test } from 'vitest'
import {
  acknowledge,
  follow,
  isBeyond,
  isTerminal,
  propose,
  receive,
  type Machine,
  type Position,
} from '../../../../src/domain/exchange/machine.ts'
import { NEGOTIATION } from '../../../../src/domain/exchange/negotiation.ts'
import { TRANSFER } from '../../../../src/domain/exchange/transfer.ts'
import { other, type Role } from '../../../../src/protocol/ids.ts'

type AnyMachine = Machine<string, string>
type AnyPosition = Position<string, string>

/** What the standard allows: from, to, who may send it, the message. INITIAL: no process yet. */
type Allowed = readonly [from: string, to: string, by: 'C' | 'P' | 'CP', move: string]

// prettier-ignore
const NEGOTIATION_TABLE: readonly Allowed[] = [
  ['INITIAL',   'REQUESTED',  'C',  'ContractRequestMessage:initial'],
  ['INITIAL',   'OFFERED',    'P',  'ContractOfferMessage:initial'],
  ['REQUESTED', 'OFFERED',    'P',  'ContractOfferMessage'],
  ['REQUESTED', 'AGREED',     'P',  'ContractAgreementMessage'],
  ['OFFERED',   'REQUESTED',  'C',  'ContractRequestMessage'],
  ['OFFERED',   'ACCEPTED',   'C',  'ContractNegotiationEventMessage:ACCEPTED'],
  ['ACCEPTED',  'AGREED',     'P',  'ContractAgreementMessage'],
  ['AGREED',    'VERIFIED',   'C',  'ContractAgreementVerificationMessage'],
  ['VERIFIED',  'FINALIZED',  'P',  'ContractNegotiationEventMessage:FINALIZED'],
  // "The termination message may be sent at any state by either": the text, not the figure (decision 004).
  ['REQUESTED', 'TERMINATED', 'CP', 'ContractNegotiationTerminationMessage'],
  ['OFFERED',   'TERMINATED', 'CP', 'ContractNegotiationTerminationMessage'],
  ['ACCEPTED',  'TERMINATED', 'CP', 'ContractNegotiationTerminationMessage'],
  ['AGREED',    'TERMINATED', 'CP', 'ContractNegotiationTerminationMessage'],
  ['VERIFIED',  'TERMINATED', 'CP', 'ContractNegotiationTerminationMessage'],
]

// prettier-ignore
const TRANSFER_TABLE: readonly Allowed[] = [
  ['INITIAL',   'REQUESTED',  'C',  'TransferRequestMessage'],
  ['REQUESTED', 'STARTED',    'P',  'TransferStartMessage'],
  ['REQUESTED', 'TERMINATED', 'CP', 'TransferTerminationMessage'],
  ['STARTED',   'SUSPENDED',  'CP', 'TransferSuspensionMessage'],
  ['STARTED',   'COMPLETED',  'CP', 'TransferCompletionMessage'],
  ['STARTED',   'TERMINATED', 'CP', 'TransferTerminationMessage'],
  ['SUSPENDED', 'STARTED',    'CP', 'TransferStartMessage'],
  ['SUSPENDED', 'TERMINATED', 'CP', 'TransferTerminationMessage'],
]

const NEGOTIATION_STATES = [
  ...['INITIAL', 'REQUESTED', 'OFFERED', 'ACCEPTED', 'AGREED', 'VERIFIED', 'FINALIZED', 'TERMINATED'],
]
const TRANSFER_STATES = ['INITIAL', 'REQUESTED', 'STARTED', 'SUSPENDED', 'COMPLETED', 'TERMINATED']
const ROLES: readonly Role[] = ['CONSUMER', 'PROVIDER']

interface World {
  readonly machine: AnyMachine
  readonly table: readonly Allowed[]
  readonly states: readonly string[]
  readonly moves: readonly string[]
  readonly termination: string
  readonly ends: readonly string[]
}

function world(machine: unknown, table: readonly Allowed[], states: readonly string[], ends: readonly string[]): World {
  const moves = [...new Set(table.map(([, , , move]) => move))]
  const termination = moves.find((move) => move.includes('Termination')) ?? ''
  return { machine: machine as AnyMachine, table, states, moves, termination, ends }
}

const WORLDS: readonly (readonly [string, World])[] = [
  ['contract negotiation', world(NEGOTIATION, NEGOTIATION_TABLE, NEGOTIATION_STATES, ['FINALIZED', 'TERMINATED'])],
  ['transfer process', world(TRANSFER, TRANSFER_TABLE, TRANSFER_STATES, ['COMPLETED', 'TERMINATED'])],
]

/** The table asked: where `by` gets from `state` with `move`; null where it may not. */
function leads({ table }: World, state: string, by: Role, move: string): string | null {
  const row = table.find(([from, , who, what]) => from === state && what === move && who.includes(by.charAt(0)))
  return row === undefined ? null : row[1]
}

function position(role: Role, state: string, unacknowledged: string | null = null, ending = false): AnyPosition {
  return { role, state, unacknowledged, ending }
}

describe.each(WORLDS)('a %s', (_, its) => {
  const { machine, states, moves, termination, ends } = its
  const cells = ROLES.flatMap((role) => states.flatMap((state) => moves.map((move) => [role, state, move] as const)))

  test('has the arrows of the standard and no others, whoever asks', () => {
    const found = cells.map(([by, state, move]) => [by, state, move, follow(machine, state, by, move)])
    expect(found).toEqual(cells.map(([by, state, move]) => [by, state, move, leads(its, state, by, move)]))
  })

  test('ends in its two last states and in no other', () => {
    expect(states.filter((state) => isTerminal(machine, state))).toEqual(ends)
  })

  test('reaches from each state what its arrows lead to, by way of any number of others', () => {
    for (const from of states) {
      let reached = new Set<string>()
      for (let size = -1; size !== reached.size;) {
        size = reached.size
        const next = its.table.filter(([source]) => source === from || reached.has(source)).map(([, to]) => to)
        reached = new Set([...reached, ...next])
      }
      expect(states.filter((to) => isBeyond(machine, from, to))).toEqual(states.filter((to) => reached.has(to)))
    }
  })

  describe('without an open proposal', () => {
    test.each(cells)(
      'as %s in %s receives %s exactly where the table has it for the other side',
      (role, state, move) => {
        const to = leads(its, state, other(role), move)
        const step = receive(machine, position(role, state), move)

        if (to === null) expect(step).toMatchObject({ ok: false, problem: { code: 'move.illegal' } })
        else expect(step).toEqual({ ok: true, state: to, unacknowledged: null, settled: null })
      },
    )

    test.each(cells)('as %s in %s proposes %s exactly where the table has it', (role, state, move) => {
      const proposal = propose(machine, position(role, state), move)

      if (leads(its, state, role, move) !== null) expect(proposal).toEqual({ ok: true, how: 'sent' })
      else expect(proposal).toMatchObject({ ok: false, problem: { code: 'move.illegal' } })
    })

    test('acknowledges nothing', () => {
      for (const [role, state, move] of cells) expect(acknowledge(machine, position(role, state), move)).toBeNull()
    })

    test('a refusal says what would have been allowed', () => {
      for (const [role, state, move] of cells) {
        const step = receive(machine, position(role, state), move)
        if (step.ok) continue
        const allowed = moves.filter((each) => leads(its, state, other(role), each) !== null)
        for (const each of allowed) expect(step.problem.message).toContain(each)
        if (allowed.length === 0) expect(step.problem.message).toContain('nothing more')
      }
    })
  })

  // Every proposal that can be open: what the table lets this side send from that state.
  const open = cells.filter(([role, state, move]) => leads(its, state, role, move) !== null)
  const crossings = open.flatMap(([role, state, ours]) => moves.map((theirs) => [role, state, ours, theirs] as const))

  describe('with a proposal open', () => {
    test.each(crossings)('as %s in %s with %s on its way, %s is answered by the rules', (role, state, ours, theirs) => {
      const step = receive(machine, position(role, state, ours), theirs)
      const direct = leads(its, state, other(role), theirs)
      const arrived = leads(its, state, role, ours) ?? ''
      const reply = leads(its, arrived, other(role), theirs)

      // What we decided to end stays ended: a termination hears nothing but a termination, and of two moves that cross,
      // the one that ends the process wins on both sides.
      const isClosed = ours === termination && theirs !== termination
      const isBeaten = direct !== null && ends.includes(arrived) && !ends.includes(direct)
      if (isClosed || isBeaten || (direct === null && reply === null)) {
        expect(step).toMatchObject({ ok: false, problem: { code: 'move.illegal' } })
      } else if (direct !== null) {
        const still = leads(its, direct, role, ours) === null ? null : ours
        expect(step).toEqual({ ok: true, state: direct, unacknowledged: still, settled: null })
      } else {
        expect(step).toEqual({ ok: true, state: reply, unacknowledged: null, settled: ours })
      }
    })

    test.each(crossings)(
      'as %s in %s with %s on its way, %s of our own waits or overtakes',
      (role, state, ours, move) => {
        const proposal = propose(machine, position(role, state, ours), move)
        const before = leads(its, state, role, move) !== null
        const after = leads(its, leads(its, state, role, ours) ?? '', role, move) !== null

        if (move === termination && ours !== termination && after) {
          expect(proposal).toEqual({ ok: true, how: before ? 'overtakes' : 'ending' })
        } else {
          expect(proposal).toMatchObject({ ok: false, problem: { code: 'move.pending' } })
        }
      },
    )

    test.each(crossings)(
      'as %s in %s with %s on its way, the ACK of %s counts only for itself',
      (role, state, ours, of) => {
        const state2 = acknowledge(machine, position(role, state, ours), of)
        expect(state2).toBe(of === ours ? leads(its, state, role, ours) : null)
      },
    )
  })

  describe('that is to end as soon as the peer can be addressed', () => {
    test.each(open)('as %s in %s with %s on its way hears a termination and nothing else', (role, state, ours) => {
      for (const move of moves) {
        const step = receive(machine, position(role, state, ours, true), move)
        const known =
          leads(its, state, other(role), move) ?? leads(its, leads(its, state, role, ours) ?? '', other(role), move)
        if (move === termination && known !== null) expect(step).toMatchObject({ ok: true, state: 'TERMINATED' })
        else expect(step).toMatchObject({ ok: false, problem: { code: 'move.illegal' } })
      }
    })

    test.each(open)('as %s in %s with %s on its way proposes nothing more', (role, state, ours) => {
      for (const move of moves) {
        const proposal = propose(machine, position(role, state, ours, true), move)
        expect(proposal).toMatchObject({ ok: false, problem: { code: 'move.pending' } })
      }
    })
  })
})

describe('two moves that cross', () => {
  // Both sides stand in the same state and have sent a move; each receives the other's before any ACK.
  test.each(WORLDS)('in a %s lead both sides to the same state, whichever message arrives first', (_, its) => {
    const { machine, states, moves } = its
    // In INITIAL there is no process yet that both sides have.
    for (const state of states.filter((each) => each !== 'INITIAL')) {
      const byConsumer = moves.filter((move) => leads(its, state, 'CONSUMER', move) !== null)
      const byProvider = moves.filter((move) => leads(its, state, 'PROVIDER', move) !== null)
      for (const ofConsumer of byConsumer) {
        for (const ofProvider of byProvider) {
          const ends = [...crossed(machine, state, ofConsumer, ofProvider)]
          expect(
            ends.map(([consumer, provider]) => consumer === provider),
            `${state}: ${ofConsumer} × ${ofProvider}`,
          ).toEqual(ends.map(() => true))
        }
      }
    }
  })
})

/** The four orders in which two crossing messages and their answers can come; a refused side asks and drops its move. */
function* crossed(
  machine: AnyMachine,
  state: string,
  ofConsumer: string,
  ofProvider: string,
): Generator<[string, string]> {
  type Event = 'request' | 'answer'
  const orders: readonly (readonly [Role, Event][])[] = [
    [
      ['CONSUMER', 'request'],
      ['PROVIDER', 'request'],
      ['CONSUMER', 'answer'],
      ['PROVIDER', 'answer'],
    ],
    [
      ['CONSUMER', 'request'],
      ['PROVIDER', 'request'],
      ['PROVIDER', 'answer'],
      ['CONSUMER', 'answer'],
    ],
    [
      ['CONSUMER', 'request'],
      ['CONSUMER', 'answer'],
      ['PROVIDER', 'request'],
      ['PROVIDER', 'answer'],
    ],
    [
      ['PROVIDER', 'request'],
      ['PROVIDER', 'answer'],
      ['CONSUMER', 'request'],
      ['CONSUMER', 'answer'],
    ],
  ]
  const sent = { CONSUMER: ofConsumer, PROVIDER: ofProvider }
  for (const order of orders) {
    const at = { CONSUMER: position('CONSUMER', state, ofConsumer), PROVIDER: position('PROVIDER', state, ofProvider) }
    const accepted = { CONSUMER: false, PROVIDER: false }
    for (const [sender, event] of order) {
      const receiver = other(sender)
      if (event === 'request') {
        const step = receive(machine, at[receiver], sent[sender])
        accepted[sender] = step.ok
        if (step.ok) at[receiver] = { ...at[receiver], state: step.state, unacknowledged: step.unacknowledged }
      } else if (accepted[sender]) {
        const next = acknowledge(machine, at[sender], sent[sender])
        if (next !== null) at[sender] = { ...at[sender], state: next, unacknowledged: null }
      } else if (at[sender].unacknowledged === sent[sender]) {
        at[sender] = { ...at[sender], unacknowledged: null }
      }
    }
    yield [at.CONSUMER.state, at.PROVIDER.state]
  }
}
