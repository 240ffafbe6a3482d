// What two connectors do together, up to the one message that a fault is aimed at: the moves in their order, and who makes them.

import { expect } from 'vitest'
import {
  bothIn,
  DATA,
  fetchData,
  MANUAL,
  OPEN,
  openNegotiation,
  openTransfer,
  processOn,
  type Pair,
} from '../fixtures/pair.ts'

export type By = 'consumer' | 'provider'
export type Kind = 'negotiations' | 'transfers'

/** A move as it stands on the wire and in the evidence; only the opening request is called otherwise there. */
export interface Move {
  readonly by: By
  readonly move: string
}

export interface World {
  readonly pair: Pair
  /** An agreement on OPEN that all transfers stand under. */
  readonly agreementId: string
  /** Deliveries so far: what the provider's counter must show. */
  uses: number
}

export interface Story {
  readonly name: string
  readonly kind: Kind
  readonly ends: string
  readonly moves: readonly Move[]
  /** Leads to the state before the move that is aimed at; gives the consumer's pid, or null where that move opens the process. */
  readonly before: (world: World) => Promise<string | null>
  /** Sets the move off. May fail: whoever is asked may be killed before it answers. */
  readonly act: (world: World, consumerPid: string | null) => Promise<unknown>
  /** What must hold at the end beside the states. */
  readonly after?: (world: World, consumerPid: string) => Promise<void>
  /** The places in `moves` that a fault is aimed at. */
  readonly aims: readonly number[]
}

const C = 'consumer'
const P = 'provider'

// prettier-ignore
const AGREED = [
  { by: P, move: 'ContractAgreementMessage' },
  { by: C, move: 'ContractAgreementVerificationMessage' },
  { by: P, move: 'ContractNegotiationEventMessage:FINALIZED' },
] as const
const REQUEST = { by: C, move: 'ContractRequestMessage' } as const
const OFFER = { by: P, move: 'ContractOfferMessage' } as const
const TRANSFER_REQUEST = { by: C, move: 'TransferRequestMessage' } as const
const START = { by: P, move: 'TransferStartMessage' } as const

async function requested({ pair }: World): Promise<string> {
  const pid = await openNegotiation(pair, MANUAL)
  await bothIn(pair, 'negotiations', pid, 'REQUESTED')
  return pid
}

async function offered(world: World): Promise<string> {
  const pid = await requested(world)
  await actOn(world, P, 'negotiations', pid, 'offer')
  await bothIn(world.pair, 'negotiations', pid, 'OFFERED')
  return pid
}

async function started(world: World): Promise<string> {
  const pid = await openTransfer(world.pair, world.agreementId)
  await bothIn(world.pair, 'transfers', pid, 'STARTED')
  await flows(world, pid)
  return pid
}

async function flows(world: World, pid: string): Promise<void> {
  const { status, body } = await fetchData(world.pair, pid)
  expect(status).toBe(200)
  expect(body.equals(DATA)).toBe(true)
  world.uses += 1
}

async function flowsNot({ pair }: World, pid: string): Promise<void> {
  const { status } = await fetchData(pair, pid)
  expect(status).toBe(422)
}

/** The management API of one side, with that side's own pid. */
export async function actOn({ pair }: World, by: By, kind: Kind, consumerPid: string, action: string): Promise<void> {
  const { providerPid = '' } = await processOn(pair.consumer, kind, consumerPid)
  const pid = by === C ? consumerPid : providerPid
  await pair[by].connector.ask(`/${kind}/${pid}/${action}`, {})
}

/** The provider finalizes by hand where its offer says so. */
async function finalized(world: World, pid: string): Promise<void> {
  await bothIn(world.pair, 'negotiations', pid, 'VERIFIED')
  await actOn(world, P, 'negotiations', pid, 'finalize')
}

function ended(by: By): Story {
  return {
    name: `a negotiation that the ${by} terminates`,
    kind: 'negotiations',
    ends: 'TERMINATED',
    moves: [REQUEST, { by, move: 'ContractNegotiationTerminationMessage' }],
    before: requested,
    act: (world, pid) => actOn(world, by, 'negotiations', pid ?? '', 'terminate'),
    aims: [1],
  }
}

/** A transfer that is started, and then moved by one side. */
function moved(by: By, action: 'suspend' | 'complete' | 'terminate', move: string, ends: string): Story {
  return {
    name: `a transfer: ${action} by the ${by}`,
    kind: 'transfers',
    ends,
    moves: [TRANSFER_REQUEST, START, { by, move }],
    before: started,
    act: (world, pid) => actOn(world, by, 'transfers', pid ?? '', action),
    after: flowsNot,
    aims: [2],
  }
}

function resumed(by: By): Story {
  return {
    name: `a transfer: resume by the ${by}`,
    kind: 'transfers',
    ends: 'STARTED',
    moves: [TRANSFER_REQUEST, START, { by, move: 'TransferSuspensionMessage' }, { by, move: 'TransferStartMessage' }],
    before: async (world) => {
      const pid = await started(world)
      await actOn(world, by, 'transfers', pid, 'suspend')
      await bothIn(world.pair, 'transfers', pid, 'SUSPENDED')
      return pid
    },
    act: (world, pid) => actOn(world, by, 'transfers', pid ?? '', 'resume'),
    after: flows,
    aims: [3],
  }
}

export const STORIES: readonly Story[] = [
  {
    name: 'a negotiation',
    kind: 'negotiations',
    ends: 'FINALIZED',
    moves: [REQUEST, ...AGREED],
    before: () => Promise.resolve(null),
    act: ({ pair }) => openNegotiation(pair, OPEN),
    aims: [0, 1, 2, 3],
  },
  {
    name: 'an offer that is countered',
    kind: 'negotiations',
    ends: 'REQUESTED',
    moves: [REQUEST, OFFER, REQUEST],
    before: offered,
    act: (world, pid) => actOn(world, C, 'negotiations', pid ?? '', 'counter'),
    aims: [2],
  },
  {
    name: 'an offer that is made',
    kind: 'negotiations',
    ends: 'OFFERED',
    moves: [REQUEST, OFFER],
    before: requested,
    act: (world, pid) => actOn(world, P, 'negotiations', pid ?? '', 'offer'),
    aims: [1],
  },
  {
    name: 'an offer that is accepted',
    kind: 'negotiations',
    ends: 'VERIFIED',
    moves: [REQUEST, OFFER, { by: C, move: 'ContractNegotiationEventMessage:ACCEPTED' }, ...AGREED],
    before: offered,
    act: (world, pid) => actOn(world, C, 'negotiations', pid ?? '', 'accept'),
    after: async (world, pid) => {
      await finalized(world, pid)
      await bothIn(world.pair, 'negotiations', pid, 'FINALIZED')
    },
    aims: [2],
  },
  ended(C),
  ended(P),
  {
    name: 'a transfer',
    kind: 'transfers',
    ends: 'STARTED',
    moves: [TRANSFER_REQUEST, START],
    before: () => Promise.resolve(null),
    act: ({ pair, agreementId }) => openTransfer(pair, agreementId),
    after: flows,
    aims: [0, 1],
  },
  ...([C, P] as const).flatMap((by): Story[] => [
    moved(by, 'suspend', 'TransferSuspensionMessage', 'SUSPENDED'),
    resumed(by),
    moved(by, 'complete', 'TransferCompletionMessage', 'COMPLETED'),
    moved(by, 'terminate', 'TransferTerminationMessage', 'TERMINATED'),
  ]),
]
