// The memory store of the simulation is worth as much as it is like the real one: whatever is written to both, in whatever
// order, both take or refuse it, and every way of reading gives the same.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { TABLE_KEYS, type Reader, type Store, type Table, type Write } from '../../../src/domain/ledger.ts'
import { instant, type Instant } from '../../../src/kernel/time.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import {
  agreementAs,
  CONSUMER,
  dataset,
  AGREEMENT_ID,
  DATASET_ID,
  deliveryRow,
  inboxRow,
  negotiationAs,
  offer,
  outboxRow,
  PROVIDER,
  STRANGER,
  transferAs,
} from '../../fixtures/builders.ts'
import { createDisk } from '../../simulate/memory-store.ts'
import { ROWS, writing } from './store-suite.ts'

const RUNS = 150
/** Few of everything, so that rows meet. */
const IDS = ['a', 'b', 'c'] as const
const ROLES = ['CONSUMER', 'PROVIDER'] as const
const PARTIES = [CONSUMER, STRANGER] as const
const LIMITS = [1, 2, 50] as const
const DAY_MS = 86_400_000

const from = <T>(...values: readonly T[]): fc.Arbitrary<T> => fc.constantFrom(...values)
const id = from(...IDS) as fc.Arbitrary<never>
// A day apart, so that what is forgotten with time is forgotten.
const time: fc.Arbitrary<Instant> = from(1, 2, 3).map((days) => instant(days * DAY_MS))
const orNull = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(value, { freq: 2 })
const counterparty = from(...PARTIES)
const role = from(...ROLES)
const process = {
  pid: id,
  role,
  peerPid: orNull(id),
  counterparty,
  ending: fc.boolean(),
  updatedAt: time,
  createdAt: time,
}
const problem = orNull(from('peer.refused', 'peer.unreachable').map((code) => ({ code, message: 'no' }) as const))

function put<T extends Table>(
  table: T,
  row: fc.Arbitrary<object>,
  build: (more: never) => object,
): fc.Arbitrary<Write> {
  return row.map((more) => ({ put: table, row: build(more as never) }) as unknown as Write)
}

const negotiation = fc.record({
  ...process,
  problem,
  state: from('REQUESTED', 'OFFERED', 'AGREED', 'FINALIZED', 'TERMINATED'),
  unacknowledged: from(null, null, 'ContractNegotiationTerminationMessage'),
  agreementId: orNull(id),
  offer: from(DATASET_ID, 'b').map((target) => ({ ...offer(), target })),
})
const transfer = fc.record({
  ...process,
  problem,
  state: from('INITIAL', 'REQUESTED', 'STARTED', 'SUSPENDED', 'COMPLETED', 'TERMINATED'),
  unacknowledged: from(null, null, 'TransferTerminationMessage'),
  agreementId: id,
})
const agreement = fc.record({
  ...{ id, role, counterparty, negotiationPid: id, datasetId: from(DATASET_ID, 'b'), agreedAt: time },
  ...{ finalizedAt: orNull(time), endedAt: orNull(time) },
})
const delivery = fc.record({
  ...{
    id,
    transferPid: id,
    agreementId: id,
    startedAt: time,
    endedAt: orNull(time),
    outcome: from('open', 'complete'),
  },
  ...{ path: orNull(from('', 'x')), etag: orNull(from('"1"')), counted: fc.boolean() },
})
const sealed = { sealed: 'x' }
const source = from(
  null,
  { type: 'http', url: 'https://x' },
  { type: 'http', url: 'https://x', headers: { a: sealed } },
)
const more =
  <Row extends object>([first]: readonly [Row, Row]) =>
  (fields: object): object => ({ ...first, ...fields })

const write: fc.Arbitrary<Write> = fc.oneof(
  put('negotiation', negotiation, (more) => negotiationAs('PROVIDER', more)),
  put('transfer', transfer, (more) => transferAs('PROVIDER', more)),
  put('agreement', agreement, (more) => agreementAs('PROVIDER', undefined, more)),
  put('inbox', fc.record({ pid: id, sender: counterparty, messageId: id, accepted: fc.boolean(), at: time }), inboxRow),
  put('outbox', fc.record({ pid: id, counterparty, dueAt: time }), outboxRow),
  put('dataset', fc.record({ id, source }), dataset),
  put('counter', fc.record({ agreementId: id, action: id, used: from(1, 2) }), (row) => row),
  put(
    'usage',
    fc.record({
      agreementId: id,
      deliveries: from(1),
      bytes: from(1),
      milliseconds: from(1),
      records: orNull(from(1)),
      firstAt: orNull(time),
    }),
    (row) => row,
  ),
  put('accessToken', fc.record({ hash: id, transferPid: id, expiresAt: time }), more(ROWS.accessToken)),
  put('delivery', delivery, deliveryRow),
  put('push', fc.record({ pid: id, counterparty, dueAt: time, doneAt: orNull(time) }), more(ROWS.push)),
  put('reception', fc.record({ pid: id }), more(ROWS.reception)),
  put('replay', fc.record({ iss: counterparty, jti: id, expiresAt: time }), (row) => row),
  put(
    'offer',
    fc.record({ pid: id, number: from(1, 9, 10), offeredBy: role, offer: from(offer()), at: time }),
    (row) => row,
  ),
  put(
    'idempotency',
    fc.record({ key: from('a x', 'a y', 'ab x'), requestDigest: id, status: from(200), body: id, at: time }),
    (row) => row,
  ),
  put('policyContent', fc.record({ digest: id, packed: id }), more(ROWS.policyContent)),
  put(
    'policyGeneration',
    fc.record({ number: from(1, 9, 10), digest: id, state: from('active', 'superseded', 'refused') }),
    more(ROWS.policyGeneration),
  ),
  put('agreementRecord', fc.record({ agreementId: id, name: id }), more(ROWS.agreementRecord)),
  put(
    'obligation',
    fc.record({ agreementId: id, path: id, state: from('active', 'fulfilled', 'violated'), dueAt: orNull(time) }),
    more(ROWS.obligation),
  ),
  fc
    .record({ remove: from(...(Object.keys(TABLE_KEYS) as Table[])), parts: fc.tuple(id, id, id, id) })
    .map(({ remove, parts }) => ({ remove, key: parts.slice(0, TABLE_KEYS[remove].length) })),
  fc
    .record({ pid: id, agreement: orNull(from<string>(...IDS)), at: time })
    .map(({ agreement: about, ...entry }): Write => {
      const draft = {
        type: 'decision',
        actor: PROVIDER,
        ...entry,
        ...(about !== null && { agreement: about }),
      } as const
      return { append: 'evidence', entry: draft }
    }),
)

/** Every way of reading, with everything that it may be asked. */
function readings(reader: Reader): Readonly<Record<string, unknown>> {
  const seen: Record<string, unknown> = {}
  const see = (name: string, value: unknown): void => void (seen[name] = value)
  const unordered = <T>(rows: readonly T[]): readonly string[] => rows.map((row) => JSON.stringify(row)).toSorted()
  const times = [1, 2, 3, 4].map((days) => instant(days * DAY_MS))

  for (const table of Object.keys(TABLE_KEYS) as Table[]) {
    for (const after of [null, 'a']) see(`list ${table} ${String(after)}`, reader.list(table, { after, limit: 50 }))
  }
  for (const limit of LIMITS) {
    for (const now of times) {
      const name = `${String(limit)} ${String(now)}`
      see(`due ${name}`, [reader.outboxDue(now, limit, []), reader.outboxDue(now, limit, [STRANGER])])
      see(`next ${name}`, [reader.outboxNextDueAt(now), reader.pushNextDueAt(now)])
      see(`pushes ${name}`, [reader.pushesDue(now, limit, []), reader.pushesDue(now, limit, [STRANGER])])
      see(`idle ${name}`, reader.idleSince(now, limit))
      see(`over ${name}`, [reader.negotiationsOver(now, null, limit), reader.transfersOver(now, null, limit)])
      see(`ended ${name}`, reader.agreementsOver(now, null, limit))
      see(`old ${name}`, reader.oldDeliveries(now, limit))
      see(`kept ${name}`, reader.answersKept('a', now))
      for (const pid of IDS as readonly string[] as readonly never[]) {
        const after = { updatedAt: now, pid }
        see(`after ${name} ${String(pid)}`, [
          reader.waiting(after, limit),
          reader.transfersOver(instant(9 * DAY_MS), after, limit),
        ])
        see(`on ${name} ${String(pid)}`, reader.agreementsOver(instant(9 * DAY_MS), { endedAt: now, id: pid }, limit))
        see(`since ${name} ${String(pid)}`, reader.deliveriesSince(pid, 'x', now))
      }
    }
    see(`waiting ${String(limit)}`, reader.waiting(null, limit))
    see(`secrets ${String(limit)}`, [reader.datasetsWithSecrets(null, limit), reader.datasetsWithSecrets('a', limit)])
    see(`evidence ${String(limit)}`, [reader.evidence(0, limit), reader.evidence(1, limit), reader.evidenceHead()])
  }
  for (const pid of IDS as readonly string[] as readonly never[]) {
    see(`of ${String(pid)}`, [
      reader.transfersOf(pid),
      reader.accessTokensOf(pid),
      reader.offersOf(pid),
      reader.evidenceOf(pid, 9, 1),
    ])
    see(`in ${String(pid)}`, [unordered(reader.inboxOf(pid, 50)), unordered(reader.deliveriesOf(pid, 50))])
    for (const party of PARTIES) see(`last ${String(pid)} ${party}`, reader.lastAccepted(pid, party))
    for (const each of ROLES) {
      for (const party of PARTIES) {
        const name = `${String(pid)} ${each} ${party}`
        see(`with ${name}`, [reader.negotiationOf(party, each, pid), reader.transferOf(party, each, pid)])
        for (const about of [DATASET_ID, 'b' as never]) {
          see(`about ${name} ${about}`, [
            reader.agreementsOn(party, each, about),
            reader.agreementsMade(party, each, about, 2),
            reader.negotiationsAbout(party, each, about),
          ])
        }
      }
    }
  }
  see('owed', [
    IDS.map((each) => [reader.recordsOf(each as never), reader.obligationsOf(each as never)]),
    times.map((at) => [reader.obligationsDue(at, 2), reader.obligationNextDueAt(at)]),
  ])
  see('uses', [reader.usesSince(AGREEMENT_ID, 0 as Instant), reader.underWay(AGREEMENT_ID)])
  see('open', [unordered(reader.openDeliveries()), PARTIES.map((party) => reader.openProcesses(party))])
  see('datasets', [reader.datasetCount(), unordered(reader.datasetsOf(['b', 'a', 'b', 'none']))])
  return seen
}

async function isTaken(store: Store, writes: readonly Write[]): Promise<boolean> {
  return writing(store, ...writes).then(
    () => true,
    () => false,
  )
}

/** What others refer to is there from the beginning, or most of the story would be refused. */
const BEGINNING = (IDS as readonly string[] as readonly never[]).flatMap((each): readonly Write[] => [
  { put: 'negotiation', row: negotiationAs('PROVIDER', { pid: each, peerPid: each }) },
  { put: 'agreement', row: agreementAs('PROVIDER', undefined, { id: each, negotiationPid: each }) },
  { put: 'transfer', row: transferAs('PROVIDER', { pid: each, peerPid: each, agreementId: each }) },
])
const story = fc.array(fc.array(write, { minLength: 1, maxLength: 4 }), { minLength: 5, maxLength: 40 })

test('whatever is written to both, SQLite and the memory take the same of it, and give the same back', async () => {
  await fc.assert(
    fc.asyncProperty(story, async (transactions) => {
      const nonce = (): string => '0'.repeat(32)
      const sqlite = openStore({ file: ':memory:', now: instant(0), origin: PROVIDER, nonce })
      const disk = createDisk({ origin: PROVIDER, nonce, schedule: (_ms, flush) => void setImmediate(flush) })
      const memory = disk.open()
      try {
        for (const writes of [BEGINNING, ...transactions]) {
          const [bySqlite, byMemory] = [await isTaken(sqlite, writes), await isTaken(memory, writes)]
          expect(byMemory, JSON.stringify(writes)).toBe(bySqlite)
        }
        const seen = readings(sqlite.reader)
        expect(readings(memory.reader)).toEqual(seen)
        // A copy that is put back is read in the same ways.
        disk.restore(disk.snapshot())
        expect(readings(disk.reader)).toEqual(seen)
      } finally {
        sqlite.close()
        memory.close()
      }
    }),
    { numRuns: RUNS },
  )
})
