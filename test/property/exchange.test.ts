// Two connectors and a bad network: whatever is lost, repeated, late or out of order, both sides end in the same state,
// nothing is refused because an ACK is missing, and the evidence is whole.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  NEGOTIATION_ACTIONS,
  TRANSFER_ACTIONS,
  type NegotiationAction,
  type TransferAction,
} from '../../src/domain/exchange/act.ts'
import { follow, type Machine } from '../../src/domain/exchange/machine.ts'
import type { Process } from '../../src/domain/exchange/steps.ts'
import type { Kind } from '../../src/domain/ledger.ts'
import { leafHash, NO_HASH } from '../../src/domain/evidence/entry.ts'
import { NEGOTIATION } from '../../src/domain/exchange/negotiation.ts'
import { TRANSFER } from '../../src/domain/exchange/transfer.ts'
import { AUTOMATIC, MANUAL, offer } from '../fixtures/builders.ts'
import {
  agreementsOf,
  negotiationsOf,
  openWorld,
  RULES,
  transfersOf,
  type Deed,
  type Dialogue,
  type Fate,
  type Party,
  type Side,
  type World,
} from './exchange-world.ts'

const WEEK_MS = 7 * 86_400_000
const LOST: Fate = { requestMs: 'lost', answerMs: 'lost', copiesMs: [] }

const delay = fc.oneof({ weight: 6, arbitrary: fc.nat(400) }, { weight: 2, arbitrary: fc.nat(30_000) })
const way = fc.oneof({ weight: 5, arbitrary: delay }, { weight: 3, arbitrary: fc.constant('lost' as const) })
const fate: fc.Arbitrary<Fate> = fc.record({
  requestMs: way,
  answerMs: way,
  copiesMs: fc.array(delay, { maxLength: 2 }),
})
const fates = fc.array(fate, { maxLength: 40 })

const automation: fc.Arbitrary<Dialogue['automation']> = fc.record({
  onRequested: fc.constantFrom('agree', 'offer', 'manual'),
  onCounterRequested: fc.constantFrom('agree', 'manual'),
  onAccepted: fc.constantFrom('agree', 'manual'),
  onVerified: fc.constantFrom('finalize', 'manual'),
  onOffered: fc.constantFrom('accept', 'manual'),
  onAgreed: fc.constantFrom('verify', 'manual'),
})
const transferAutomation: fc.Arbitrary<Dialogue['transferAutomation']> = fc.record({
  onRequested: fc.constantFrom('start', 'start', 'manual'),
})

const SIDES = ['consumer', 'provider'] as const
const atMs = fc.nat(40_000)
const negotiationAction = fc.constantFrom(...(Object.keys(NEGOTIATION_ACTIONS) as NegotiationAction[]))
const transferAction = fc.constantFrom<TransferAction>('start', 'suspend', 'complete', 'terminate')

const negotiating: fc.Arbitrary<Deed> = fc.record({
  do: fc.constant('negotiation'),
  atMs,
  by: fc.constantFrom(...SIDES),
  which: fc.nat(2),
  action: negotiationAction,
  rules: fc.nat(2),
})
const transferring: fc.Arbitrary<Deed> = fc.record({
  do: fc.constant('transfer-move'),
  atMs,
  by: fc.constantFrom(...SIDES),
  which: fc.nat(1),
  action: transferAction,
})
const happening = <D extends 'open' | 'transfer' | 'crash'>(what: D, sides: readonly Side[]): fc.Arbitrary<Deed> =>
  fc.record({ do: fc.constant(what), atMs, by: fc.constantFrom(...sides), which: fc.nat(2) })

/** Deeds one by one, and pairs of them on both sides at the same moment, so that moves cross. */
function deedsOf(deed: fc.Arbitrary<Deed>, opening: fc.Arbitrary<Deed>): fc.Arbitrary<readonly Deed[]> {
  const crossing = fc.tuple(deed, deed).map(([a, b]): readonly Deed[] => [
    { ...a, by: 'consumer' },
    { ...b, by: 'provider', atMs: a.atMs, which: a.which },
  ])
  const one = (arbitrary: fc.Arbitrary<Deed>): fc.Arbitrary<readonly Deed[]> => arbitrary.map((each) => [each])
  const some = fc.oneof(
    { weight: 6, arbitrary: one(deed) },
    { weight: 4, arbitrary: crossing },
    { weight: 1, arbitrary: one(opening) },
    { weight: 1, arbitrary: one(happening('crash', SIDES)) },
  )
  return fc.array(some, { maxLength: 10 }).map((all) => all.flat())
}

const OPEN: Deed = { atMs: 0, by: 'consumer', which: 0, do: 'open' }
const TRANSFERRING: Deed = { atMs: 0, by: 'consumer', which: 0, do: 'transfer' }

/** Runs to the end, checks, and tells the story when it fails. */
async function play(
  dialogue: Dialogue,
  acts: (world: World) => Promise<void>,
  check: (world: World) => void,
): Promise<void> {
  const world = openWorld(dialogue)
  try {
    await acts(world)
    expect(world.defects).toEqual([])
    check(world)
  } catch (error) {
    throw new Error(`${String(error)}\n${world.story.join('\n')}`, { cause: error })
  } finally {
    world.close()
  }
}

function sameStates({ consumer, provider }: World): void {
  const sides = [
    [negotiationsOf(consumer), negotiationsOf(provider)],
    [transfersOf(consumer), transfersOf(provider)],
  ] as const
  for (const [ours, theirs] of sides) {
    for (const process of [...ours, ...theirs]) {
      expect([process.pid, process.unacknowledged, process.ending]).toEqual([process.pid, null, false])
    }
    for (const mine of ours as readonly Process[]) {
      const other = (theirs as readonly Process[]).find(({ peerPid }) => peerPid === mine.pid)
      expect(`${mine.pid} ${mine.state}`).toBe(`${mine.pid} ${other?.state ?? 'nowhere'}`)
      expect(other?.pid).toBe(mine.peerPid)
    }
    expect(theirs.length).toBe(ours.length)
  }
}

function wholeEvidence({ store: { reader } }: Party): void {
  const entries = reader.evidence(0, 100_000)
  let prev = NO_HASH
  const agreements = new Map<string, { readonly aseq: number; readonly hash: string }>()
  const received: string[] = []
  entries.forEach(({ seq, envelope, hash, pid, type, agreement, aseq }, index) => {
    const said = JSON.parse(envelope) as Record<string, unknown>
    expect([seq, said.seq, said.prev, leafHash(envelope)]).toEqual([index + 1, index + 1, prev, hash])
    prev = hash
    if (type === 'message.received') received.push(`${String(pid)} ${String(said.msgDigest)}`)
    if (agreement === null) return
    const before = agreements.get(agreement) ?? { aseq: 0, hash: NO_HASH }
    expect([aseq, said.aprev]).toEqual([before.aseq + 1, before.hash])
    agreements.set(agreement, { aseq: before.aseq + 1, hash })
  })
  const accepted = reader.list('inbox', { after: null, limit: 100_000 }).filter((row) => row.accepted)
  expect(received.toSorted()).toEqual(accepted.map(({ pid, bodyDigest }) => `${pid} ${bodyDigest}`).toSorted())
}

/** What one side holds as acknowledged, the other side has received; agreements are on record exactly once. */
function matchingEvidence(ours: Party, theirs: Party): void {
  const ofOurs = movesOf(ours, 'message.acknowledged')
  const ofTheirs = movesOf(theirs, 'message.received')
  const pids = new Map([...negotiationsOf(ours), ...transfersOf(ours)].map(({ pid, peerPid }) => [pid, peerPid]))
  for (const [key, count] of ofOurs) {
    const [pid = '', move = ''] = key.split(' ')
    expect(
      ofTheirs.get(`${String(pids.get(pid as never))} ${move}`) ?? 0,
      `${key} was received`,
    ).toBeGreaterThanOrEqual(count)
  }
}

function movesOf({ store: { reader } }: Party, type: string): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const entry of reader.evidence(0, 100_000)) {
    if (entry.type !== type) continue
    const { ext } = JSON.parse(entry.envelope) as { ext: { move: string; how?: string } }
    // A peer that refused a move and is asked may stand where the move leads for another reason; the entry says how we know.
    if (ext.how === 'asked') continue
    const key = `${String(entry.pid)} ${ext.move}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  return counts
}

function oneAgreement({ consumer, provider }: World): void {
  const theirs = agreementsOf(provider)
  for (const negotiation of negotiationsOf(consumer)) {
    const { pid, state, agreementId } = negotiation
    const ours = agreementsOf(consumer).filter(({ negotiationPid }) => negotiationPid === pid)
    expect(ours.length).toBeLessThanOrEqual(1)
    expect(ours.filter(({ finalizedAt }) => finalizedAt !== null).length).toBe(state === 'FINALIZED' ? 1 : 0)

    const other = negotiationsOf(provider).find(({ peerPid }) => peerPid === pid)
    const finalized = theirs.filter((row) => row.negotiationPid === other?.pid && row.finalizedAt !== null)
    expect(finalized.length).toBe(state === 'FINALIZED' ? 1 : 0)
    if (!['AGREED', 'VERIFIED', 'FINALIZED'].includes(state)) continue
    const same = theirs.find(({ id }) => id === agreementId)
    expect(other?.agreementId).toBe(agreementId)
    expect(same?.agreement).toEqual(ours[0]?.agreement)
  }
  for (const party of [consumer, provider]) {
    const agreed = party.store.reader.evidence(0, 100_000)
    for (const negotiation of negotiationsOf(party)) {
      const count = (type: string): number =>
        agreed.filter((each) => each.type === type && each.pid === negotiation.pid).length
      const reached = ['AGREED', 'VERIFIED', 'FINALIZED'].includes(negotiation.state)
      if (reached) expect(count('agreement.agreed')).toBe(1)
      expect(count('agreement.finalized')).toBe(negotiation.state === 'FINALIZED' ? 1 : 0)
    }
  }
}

function everything(world: World): void {
  sameStates(world)
  oneAgreement(world)
  for (const party of [world.consumer, world.provider]) wholeEvidence(party)
  matchingEvidence(world.consumer, world.provider)
  matchingEvidence(world.provider, world.consumer)
}

test('two negotiations end in the same states on both sides, whatever people and the network do', async () => {
  const deeds = deedsOf(negotiating, happening('open', SIDES))
  await fc.assert(
    fc.asyncProperty(automation, fates, deeds, async (settings, network, people) => {
      await play(
        {
          automation: settings,
          transferAutomation: { onRequested: 'manual' },
          fates: network,
          deeds: [OPEN, ...people],
          deadlineMs: WEEK_MS,
        },
        (world) => world.rest(),
        everything,
      )
    }),
    { numRuns: 120 },
  )
})

test('transfers end in the same states on both sides, whatever people and the network do', async () => {
  const deeds = deedsOf(transferring, happening('transfer', ['consumer']))
  await fc.assert(
    fc.asyncProperty(transferAutomation, fates, deeds, async (settings, network, people) => {
      await play(
        { automation: AUTOMATIC, transferAutomation: settings, fates: [], deeds: [OPEN], deadlineMs: WEEK_MS },
        async (world) => {
          await world.rest()
          world.weather(network)
          world.plan([TRANSFERRING, ...people])
          await world.rest()
        },
        everything,
      )
    }),
    { numRuns: 120 },
  )
})

test('nothing is refused because an ACK is late or lost, and all that is automatic comes to its end', async () => {
  const ways = fc.constantFrom<Dialogue['automation']>(AUTOMATIC, { ...AUTOMATIC, onRequested: 'offer' })
  // Offers that come unasked wait for a person: only what the consumer opens goes through of its own accord.
  const openers = fc.array(happening('open', ['consumer']), { minLength: 1, maxLength: 3 })
  await fc.assert(
    fc.asyncProperty(ways, fates, fates, openers, async (settings, first, second, deeds) => {
      await play(
        {
          automation: settings,
          transferAutomation: { onRequested: 'start' },
          fates: first,
          deeds,
          deadlineMs: WEEK_MS,
        },
        async (world) => {
          await world.rest()
          world.weather(second)
          world.plan(deeds.map((deed, which) => ({ ...deed, by: 'consumer', which, do: 'transfer' })))
          await world.rest()
        },
        (world) => {
          everything(world)
          nothingRefused(world)
          for (const party of [world.consumer, world.provider]) {
            expect(negotiationsOf(party).map(({ state }) => state)).toEqual(deeds.map(() => 'FINALIZED'))
            expect(transfersOf(party).map(({ state }) => state)).toEqual(deeds.map(() => 'STARTED'))
          }
        },
      )
    }),
    { numRuns: 80 },
  )
})

test('who received the last message may answer at once, and is never refused', async () => {
  const turns = fc.array(fc.nat(11), { maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(fates, turns, fc.constantFrom(...SIDES), async (network, choices, opener) => {
      const left = [...choices]
      await play(
        {
          automation: MANUAL,
          transferAutomation: { onRequested: 'manual' },
          fates: network,
          deeds: [{ ...OPEN, by: opener }],
          deadlineMs: WEEK_MS,
          onAccepted: (world, by, kind, pid) => {
            const turn = left.shift()
            if (turn !== undefined) world.watch(answer(world, by, kind, pid, turn))
          },
        },
        async (world) => {
          await world.rest()
          if (agreementsOf(world.consumer).every(({ finalizedAt }) => finalizedAt === null)) return
          world.plan([TRANSFERRING])
          await world.rest()
        },
        (world) => {
          everything(world)
          nothingRefused(world)
        },
      )
    }),
    { numRuns: 120 },
  )
})

/** One of the moves that the table allows to whoever was just answered; an end only now and then. */
function answer(world: World, by: Side, kind: Kind, pid: string, turn: number): Promise<unknown> {
  const { act, store } = world[by]
  const process = store.reader.get(kind, pid)
  if (process === null) throw new Error('a process was answered that is not there')
  const machine = (kind === 'negotiation' ? NEGOTIATION : TRANSFER) as Machine<string, string>
  const actions = Object.entries(kind === 'negotiation' ? NEGOTIATION_ACTIONS : TRANSFER_ACTIONS)
  const legal = actions
    .filter(([action, move]) => action !== 'resume' && follow(machine, process.state, process.role, move) !== null)
    .map(([action]) => action)
  const wanted = turn === 0 ? legal : legal.filter((action) => action !== 'terminate')
  const action = wanted[turn % Math.max(1, wanted.length)]
  if (action === undefined) return Promise.resolve()
  if (kind === 'transfer') return act.onTransfer(pid, action as TransferAction, {}, 'admin')
  const details = action === 'offer' || action === 'counter' ? { offer: offer(RULES[turn % RULES.length]) } : {}
  return act.onNegotiation(pid, action as NegotiationAction, details, 'admin')
}

function nothingRefused({ consumer, provider }: World): void {
  for (const { store } of [consumer, provider]) {
    const refused = store.reader.evidence(0, 100_000).filter(({ type }) => type === 'message.refused')
    expect(refused.map(({ envelope }) => envelope)).toEqual([])
  }
}

test('behind the deadline nothing stays open, and a side that stands apart has ended it itself and says so', async () => {
  const outage: fc.Arbitrary<readonly Fate[]> = fc
    .tuple(fc.array(fate, { maxLength: 6 }), fc.nat(40))
    .map(([before, count]) => [...before, ...Array.from({ length: count }, () => LOST)])
  const deeds = deedsOf(negotiating, happening('open', SIDES))
  const transferDeeds = deedsOf(transferring, happening('transfer', ['consumer']))
  await fc.assert(
    fc.asyncProperty(automation, transferAutomation, outage, outage, deeds, transferDeeds, async (...drawn) => {
      const [settings, transferSettings, first, second, people, later] = drawn
      await play(
        {
          automation: settings,
          transferAutomation: transferSettings,
          fates: first,
          deeds: [OPEN, ...people],
          deadlineMs: 60_000,
        },
        async (world) => {
          await world.rest()
          world.weather(second)
          world.plan([TRANSFERRING, ...later])
          await world.rest()
        },
        (world) => {
          const { consumer, provider } = world
          for (const party of [consumer, provider]) wholeEvidence(party)
          for (const [mine, theirs] of pairsOf(world)) {
            for (const process of [mine, theirs]) {
              if (process === null) continue
              expect([process.unacknowledged, process.ending]).toEqual([null, false])
            }
            if (mine?.state === theirs?.state) continue
            const alone = [mine, theirs].filter((process) => process?.problem?.code === 'delivery.deadline')
            expect(alone.map((process) => process?.state)).toContain('TERMINATED')
          }
          // Data may flow only where both sides hold the agreement to be in force.
          const inForce = agreementsOf(provider).filter(({ finalizedAt }) => finalizedAt !== null)
          for (const { id, agreement } of inForce) {
            const same = consumer.store.reader.get('agreement', id)
            expect(same?.agreement).toEqual(agreement)
            expect(same?.finalizedAt).not.toBeNull()
          }
        },
      )
    }),
    { numRuns: 80 },
  )
})

/** The two sides of every process; null where a side has never heard of it. */
function pairsOf({ consumer, provider }: World): readonly (readonly [Process | null, Process | null])[] {
  const ours: readonly Process[] = [...negotiationsOf(consumer), ...transfersOf(consumer)]
  const theirs: readonly Process[] = [...negotiationsOf(provider), ...transfersOf(provider)]
  const belong = (a: Process, b: Process): boolean => a.peerPid === b.pid || b.peerPid === a.pid
  return [
    ...ours.map((mine) => [mine, theirs.find((other) => belong(mine, other)) ?? null] as const),
    ...theirs.filter((other) => !ours.some((mine) => belong(mine, other))).map((other) => [null, other] as const),
  ]
}
