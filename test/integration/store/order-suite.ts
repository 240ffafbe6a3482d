// What every store must do where it is easily only implied: in which order rows come, where a page ends, what refers to what,
// and that a decision that failed leaves no trace in any of the ways in which rows are found.

import { describe, expect, test } from 'vitest'
import { ANSWERS_KEPT_MS, type Reader, type Tables, type Waiting } from '../../../src/domain/ledger.ts'
import { instant, type Instant } from '../../../src/kernel/time.ts'
import {
  agreementAs,
  AGREEMENT_ID,
  CONSUMER,
  dataset,
  DATASET_ID,
  deliveryRow,
  inboxRow,
  negotiationAs,
  NOW,
  offer,
  outboxRow,
  OWN_PID,
  peer,
  STRANGER,
  transferAs,
} from '../../fixtures/builders.ts'
import { note, peerNamed, put, ROWS, writing, type Opened } from './store-suite.ts'

type More<T extends keyof Tables> = Partial<Tables[T]>

const at = (ms: number): Instant => instant(NOW + ms)

function negotiation(pid: string, more: More<'negotiation'> = {}) {
  return put('negotiation', negotiationAs('PROVIDER', { pid: pid as never, peerPid: `peer of ${pid}`, ...more }))
}

function transfer(pid: string, more: More<'transfer'> = {}) {
  return put('transfer', transferAs('PROVIDER', { pid: pid as never, peerPid: `peer of ${pid}`, ...more }))
}

function agreement(id: string, more: More<'agreement'> = {}) {
  return put('agreement', agreementAs('PROVIDER', undefined, { id: id as never, ...more }))
}

function delivery(id: string, more: More<'delivery'> = {}) {
  return put('delivery', deliveryRow({ id, ...more }))
}

function token(hash: string, more: More<'accessToken'> = {}) {
  return put('accessToken', { ...ROWS.accessToken[0], hash, ...more })
}

/** One negotiation, the agreement that came of it, and a transfer under that. */
const WHOLE = [
  put('negotiation', negotiationAs('PROVIDER')),
  put('agreement', agreementAs('PROVIDER')),
  put('transfer', transferAs('PROVIDER')),
]

const pids = (rows: readonly { readonly pid: string }[]): readonly string[] => rows.map(({ pid }) => pid)

/** All pages of one row each, as the places in them; ends where a page is empty. */
function pageByPage<Row>(page: (after: Row | null) => readonly Row[], name: (row: Row) => string): readonly string[] {
  const found: string[] = []
  for (let [row] = page(null); row !== undefined && found.length < 20; [row] = page(row)) found.push(name(row))
  return found
}

export function orderSuite(name: string, open: () => Opened): void {
  describe(`the ${name} store, in order:`, () => {
    test('keys stand by their code points, numbers by their size, and rows whose first field is alike by the next', async () => {
      const { store } = open()
      // The second begins with a surrogate, whose number is lower than that of the first.
      const names = ['\uffee', '\u{1f30a}', 'B', 'a', 'ä', 'aa']
      await writing(store, ...WHOLE, ...names.map(peerNamed))
      const offered = (number: number) =>
        ({ pid: OWN_PID, number, offeredBy: 'CONSUMER', offer: offer(), at: NOW }) as const
      await writing(store, ...[10, 9, 1].map((number) => put('offer', offered(number))))
      const counter = (action: string) => put('counter', { agreementId: AGREEMENT_ID, action, used: 1 })
      await writing(store, ...['use', 'display', 'read'].map(counter))
      const page = { after: null, limit: 10 }

      expect(store.reader.list('peer', page).map(({ did }) => did)).toEqual([
        'B',
        'a',
        'aa',
        'ä',
        '\uffee',
        '\u{1f30a}',
      ])
      expect(store.reader.list('peer', { after: 'aa', limit: 2 }).map(({ did }) => did)).toEqual(['ä', '\uffee'])
      expect(store.reader.list('offer', page).map(({ number }) => number)).toEqual([1, 9, 10])
      expect(store.reader.offersOf(OWN_PID).map(({ number }) => number)).toEqual([1, 9, 10])
      expect(store.reader.list('counter', page).map(({ action }) => action)).toEqual(['display', 'read', 'use'])
    })

    test('what is due at the same time comes by its pid, and a row that is put again stands where it now belongs', async () => {
      const { store } = open()
      const row = (pid: string, dueAt: number) => put('outbox', outboxRow({ pid: pid as never, dueAt: at(dueAt) }))
      await writing(store, row('c', 0), row('a', 0), row('b', 0), row('d', -1))
      expect(pids(store.reader.outboxDue(NOW, 3, []))).toEqual(['d', 'a', 'b'])

      await writing(store, row('d', 5), { remove: 'outbox', key: ['a'] })
      expect(pids(store.reader.outboxDue(NOW, 3, []))).toEqual(['b', 'c'])
      expect(store.reader.outboxNextDueAt(NOW)).toBe(at(5))
    })

    test('what is idle comes by the time since which it is, then by its pid, negotiations and transfers together', async () => {
      const { store } = open()
      await writing(
        store,
        negotiation('b', { updatedAt: at(0) }),
        transfer('a', { updatedAt: at(0) }),
        negotiation('c', { updatedAt: at(0) }),
        negotiation('last', { updatedAt: at(1), state: 'OFFERED' }),
        transfer('first', { updatedAt: at(-1), state: 'INITIAL' }),
        negotiation('sent', { updatedAt: at(-9), unacknowledged: 'ContractNegotiationTerminationMessage' }),
        negotiation('over', { updatedAt: at(-9), state: 'FINALIZED' }),
        transfer('running', { updatedAt: at(-9), state: 'STARTED' }),
      )
      expect(pids(store.reader.idleSince(at(1), 10))).toEqual(['first', 'a', 'b', 'c', 'last'])
      expect(pids(store.reader.idleSince(at(0), 3))).toEqual(['first', 'a', 'b'])

      await writing(store, ...['z', 'y'].map((pid) => negotiation(pid, { updatedAt: at(-5) })))
      expect(pids(store.reader.idleSince(at(0), 1))).toEqual(['y'])
    })

    test('what waits for us comes page by page, each once, though many wait since the same time', async () => {
      const { store } = open()
      const refused = { code: 'peer.refused', message: 'no' } as const
      await writing(
        store,
        negotiation('d', { updatedAt: at(0) }),
        transfer('a', { updatedAt: at(0) }),
        transfer('c', { updatedAt: at(0), state: 'STARTED', problem: refused }),
        negotiation('b', { updatedAt: at(0), ending: true }),
        transfer('e', { updatedAt: at(-1), state: 'SUSPENDED', problem: refused }),
        negotiation('theirs', { state: 'OFFERED' }),
        transfer('runs', { state: 'STARTED', problem: { code: 'peer.unreachable', message: 'no' } }),
        transfer('sent', { state: 'STARTED', problem: refused, unacknowledged: 'TransferCompletionMessage' }),
      )
      const page = (after: Waiting | null): readonly Waiting[] => store.reader.waiting(after, 1)
      expect(pageByPage(page, ({ pid }) => pid)).toEqual(['e', 'a', 'b', 'c', 'd'])
      expect(pids(store.reader.waiting(null, 3))).toEqual(['e', 'a', 'b'])
    })

    test('what is over comes longest ago first, page by page, and only from before that time', async () => {
      const { store } = open()
      const [now, before] = [at(0), at(-1)]
      await writing(
        store,
        negotiation('n2', { state: 'TERMINATED', updatedAt: before }),
        negotiation('n1', { state: 'TERMINATED', updatedAt: before }),
        negotiation('n3', { state: 'TERMINATED', updatedAt: now }),
        negotiation('lives in its agreement', { state: 'FINALIZED', updatedAt: before }),
        transfer('t2', { state: 'COMPLETED', updatedAt: before }),
        transfer('t1', { state: 'TERMINATED', updatedAt: before }),
        transfer('t0', { state: 'TERMINATED', updatedAt: at(-2) }),
        transfer('runs', { state: 'STARTED', updatedAt: before }),
        ...['a2', 'a1'].map((id) => agreement(id, { negotiationPid: 'n1' as never, endedAt: before })),
        agreement('a0', { negotiationPid: 'n1' as never, endedAt: at(-2) }),
        agreement('in force', { negotiationPid: 'n1' as never }),
      )
      const { negotiationsOver, transfersOver, agreementsOver } = store.reader
      const page =
        <Row>(read: (before: Instant, after: Row | null, limit: number) => readonly Row[], until: Instant) =>
        (after: Row | null) =>
          read(until, after, 1)
      expect(pageByPage(page<Tables['negotiation']>(negotiationsOver, at(1)), ({ pid }) => pid)).toEqual([
        'n1',
        'n2',
        'n3',
      ])
      expect(pids(negotiationsOver(now, null, 10))).toEqual(['n1', 'n2'])
      expect(pageByPage(page<Tables['transfer']>(transfersOver, now), ({ pid }) => pid)).toEqual(['t0', 't1', 't2'])
      expect(pageByPage(page<Tables['agreement']>(agreementsOver, now), ({ id }) => id)).toEqual(['a0', 'a1', 'a2'])
      expect(agreementsOver(before, null, 10).map(({ id }) => id)).toEqual(['a0'])
    })

    test('of agreements made at the same time the one made last comes first, and no more than a hundred', async () => {
      const { store } = open()
      const numbers = Array.from({ length: 101 }, (_, number) => number)
      await writing(
        store,
        put('negotiation', negotiationAs('PROVIDER')),
        ...numbers.map((number) => agreement(`z${String(number)}`)),
        agreement('older', { agreedAt: at(-1) }),
        agreement('newer', { agreedAt: at(1) }),
      )
      const ids = store.reader.agreementsOn(CONSUMER, 'PROVIDER', DATASET_ID).map(({ id }) => id)
      expect(ids).toEqual([
        'newer',
        ...numbers
          .slice(2)
          .toReversed()
          .map((number) => `z${String(number)}`),
      ])
    })

    test('finds what came of negotiations about a dataset: agreements newest first, then by id, and those under way', async () => {
      const { store } = open()
      const about = (pid: string, agreementId: string, more: More<'negotiation'> = {}) =>
        negotiation(pid, { agreementId: agreementId as never, state: 'FINALIZED', ...more })
      const other = { ...offer(), target: 'urn:dataset:other' as never }
      await writing(
        store,
        ...[about('1', 'b'), about('2', 'a'), about('3', 'newest'), about('4', 'elsewhere'), about('5', 'none')],
        about('6', 'by nobody known', { peerPid: null }),
        about('7', 'of a stranger', { counterparty: STRANGER }),
        ...['b', 'a'].map((id) => agreement(id, { negotiationPid: '1' as never, endedAt: NOW })),
        agreement('newest', { negotiationPid: '1' as never, agreedAt: at(1), finalizedAt: null }),
        agreement('elsewhere', { negotiationPid: '1' as never, datasetId: 'urn:dataset:other' as never }),
        ...['by nobody known', 'of a stranger'].map((id) => agreement(id, { negotiationPid: '1' as never })),
        negotiation('x', { createdAt: at(1) }),
        negotiation('z', { createdAt: at(2) }),
        negotiation('y', { createdAt: at(2) }),
        negotiation('ended', { state: 'TERMINATED' }),
        negotiation('about another', { offer: other }),
        negotiation('of a stranger', { counterparty: STRANGER }),
      )
      const made = (limit: number) =>
        store.reader.agreementsMade(CONSUMER, 'PROVIDER', DATASET_ID, limit).map(({ id }) => id)
      expect([made(10), made(2)]).toEqual([
        ['newest', 'a', 'b'],
        ['newest', 'a'],
      ])
      expect(pids(store.reader.negotiationsAbout(CONSUMER, 'PROVIDER', DATASET_ID))).toEqual(['y', 'z', 'x'])
      expect(store.reader.negotiationsAbout(CONSUMER, 'CONSUMER', DATASET_ID)).toEqual([])
    })

    test('finds deliveries that may be continued, newest first, of the same time the one made last, and no more than 16', async () => {
      const { store } = open()
      const numbers = Array.from({ length: 18 }, (_, number) => number)
      await writing(
        store,
        ...WHOLE,
        ...numbers.map((number) => delivery(`d${String(number)}`)),
        delivery('newest', { startedAt: at(1) }),
        delivery('too old', { startedAt: at(-1) }),
        delivery('elsewhere', { path: 'b' }),
        delivery('given back', { counted: false }),
        delivery('without ETag', { etag: null }),
      )
      const ids = (path: string) => store.reader.deliveriesSince(OWN_PID, path, at(-1)).map(({ id }) => id)
      expect(ids('')).toEqual([
        'newest',
        ...numbers
          .slice(3)
          .toReversed()
          .map((number) => `d${String(number)}`),
      ])
      expect(ids('b')).toEqual(['elsewhere'])
    })

    test('looks for old rows among those that were made first, and only among so many', async () => {
      const { store } = open()
      await writing(
        store,
        ...WHOLE,
        delivery('z', { endedAt: at(-1), outcome: 'complete' }),
        delivery('open'),
        delivery('a', { endedAt: at(-1), outcome: 'complete' }),
        delivery('new', { endedAt: NOW, outcome: 'complete' }),
      )
      const old = (limit: number) => store.reader.oldDeliveries(NOW, limit).map(({ id }) => id)
      expect([old(10), old(2), old(1)]).toEqual([['z', 'a'], ['z'], ['z']])
      // One that is put again keeps its place, one that is made anew does not.
      await writing(store, delivery('z', { endedAt: at(-1), outcome: 'cut' }), { remove: 'delivery', key: ['a'] })
      await writing(store, delivery('a', { endedAt: at(-1), outcome: 'complete' }))
      expect(store.reader.oldDeliveries(NOW, 10).map(({ id }) => id)).toEqual(['z', 'a'])
      expect(old(3)).toEqual(['z'])
    })

    test('gives what belongs to a process, transfers in the order in which they were made, and never more than asked for', async () => {
      const { store } = open()
      await writing(
        store,
        ...WHOLE,
        ...['t2', 't1'].map((pid) => transfer(pid)),
        ...['m1', 'm2'].map((messageId) => put('inbox', inboxRow({ messageId }))),
        put('inbox', inboxRow({ pid: 't1' as never })),
        ...['d1', 'd2'].map((id) => delivery(id)),
        delivery('other', { transferPid: 't1' as never }),
      )
      expect(pids(store.reader.transfersOf(AGREEMENT_ID))).toEqual([OWN_PID, 't2', 't1'])
      expect(
        store.reader
          .inboxOf(OWN_PID, 10)
          .map(({ messageId }) => messageId)
          .toSorted(),
      ).toEqual(['m1', 'm2'])
      expect(store.reader.inboxOf(OWN_PID, 1).length).toBe(1)
      expect(
        store.reader
          .deliveriesOf(OWN_PID, 10)
          .map(({ id }) => id)
          .toSorted(),
      ).toEqual(['d1', 'd2'])
      expect(store.reader.deliveriesOf(OWN_PID, 1).length).toBe(1)
    })

    test('pushes are due by their time, then by pid, while their transfer is open; they and receptions go with it', async () => {
      const { store } = open()
      const push = (pid: string, more: More<'push'> = {}) =>
        put('push', { ...ROWS.push[0], pid: pid as never, ...more })
      const running = (pid: string, more: More<'transfer'> = {}) => transfer(pid, { state: 'STARTED', ...more })
      await writing(
        store,
        ...['c', 'a', 'b', 'later', 'done'].map((pid) => running(pid)),
        ...[transfer('suspended', { state: 'SUSPENDED' }), running('ending', { ending: true })],
        running('sending', { unacknowledged: 'TransferCompletionMessage' }),
        ...['c', 'a', 'suspended', 'ending', 'sending'].map((pid) => push(pid)),
        ...[push('b', { dueAt: at(-1) }), push('later', { dueAt: at(2) }), push('done', { doneAt: NOW, dueAt: at(1) })],
        put('reception', { ...ROWS.reception[0], pid: 'a' as never }),
      )
      expect(pids(store.reader.pushesDue(NOW, 10, []))).toEqual(['b', 'a', 'c'])
      expect(pids(store.reader.pushesDue(NOW, 2, []))).toEqual(['b', 'a'])
      expect(pids(store.reader.pushesDue(NOW, 10, [CONSUMER]))).toEqual([])
      expect([store.reader.pushNextDueAt(NOW), store.reader.pushNextDueAt(at(2))]).toEqual([at(2), null])

      await writing(store, { remove: 'transfer', key: ['a'] })
      expect([store.reader.get('push', 'a'), store.reader.get('reception', 'a')]).toEqual([null, null])
      expect(pids(store.reader.pushesDue(NOW, 10, []))).toEqual(['b', 'c'])
    })

    test('finds the datasets whose sources hold credentials, by id, page by page', async () => {
      const { store } = open()
      const sealed = { sealed: 'x' }
      const http = { type: 'http', url: 'https://source.example/' } as const
      const bucket = { type: 's3', endpoint: 'https://s3.example', region: 'r', bucket: 'b', accessKeyId: 'k' } as const
      const row = (id: string, source: unknown) => put('dataset', dataset({ id: id as never, source: source as never }))
      await writing(
        store,
        ...[
          row('c', { ...http, headers: { authorization: sealed } }),
          row('a', { ...bucket, secretAccessKey: sealed }),
        ],
        ...[row('b', http), row('d', null), row('e', { type: 'file', path: 'x' })],
      )
      const page = (after: string | null) => store.reader.datasetsWithSecrets(after, 1).map(({ id }) => id as string)
      expect(pageByPage<string>(page, (id) => id)).toEqual(['a', 'c'])

      await writing(store, row('a', http), { remove: 'dataset', key: ['c'] })
      expect(store.reader.datasetsWithSecrets(null, 10)).toEqual([])
    })

    test('counts the answers of a token since a time, and none of one whose name only begins alike', async () => {
      const { store } = open()
      const answer = (key: string, ms: number) =>
        put('idempotency', { key, requestDigest: 'sha-256:00', status: 200, body: '{}', at: at(ms) })
      await writing(store, answer('a k1', 0), answer('a k2', 1), answer('ab k', 2), answer('a! k', 2))
      expect(store.reader.answersKept('a', at(-1))).toBe(2)
      expect(store.reader.answersKept('a', at(0))).toBe(1)

      // The next one takes along what is older than a day.
      await writing(store, answer('b k', ANSWERS_KEPT_MS + 1))
      expect([store.reader.get('idempotency', 'a k1'), store.reader.get('idempotency', 'a k2')]).toMatchObject([
        null,
        {},
      ])
    })

    test('gives the entries of a process after a number, and no more than asked for', async () => {
      const { store } = open()
      await writing(store, note('1'), note('2'), note('3'))
      const seqs = (limit: number, after?: number) =>
        store.reader.evidenceOf(OWN_PID, limit, after).map(({ seq }) => seq)
      expect([seqs(10), seqs(1, 1), seqs(10, 2), seqs(10, 3), seqs(0)]).toEqual([[1, 2, 3], [2], [3], [], []])
      expect(store.reader.evidence(3, 10)).toEqual([])
    })
  })

  describe(`the ${name} store refuses, and stays as it was:`, () => {
    test.each(['negotiation', 'transfer'] as const)('a second %s for the same pid of the peer', async (table) => {
      const { store } = open()
      const row = table === 'negotiation' ? negotiation : transfer
      const find = store.reader[`${table}Of`]
      await writing(
        store,
        row('first', { peerPid: 'p' }),
        row('unbound', { peerPid: null }),
        row('too', { peerPid: null }),
      )

      await expect(writing(store, row('second', { peerPid: 'p' }), note('lost'))).rejects.toThrow(/UNIQUE/)
      await expect(writing(store, row('unbound', { peerPid: 'p' }))).rejects.toThrow(/UNIQUE/)
      expect(find(CONSUMER, 'PROVIDER', 'p')?.pid).toBe('first')
      expect(store.reader.get(table, 'second')).toBeNull()
      expect(store.reader.get(table, 'unbound')?.peerPid).toBeNull()
      expect(store.reader.evidenceHead().seq).toBe(0)

      // The same pid of another peer, or in the other role, is another process; and a pid that was let go is free.
      await writing(store, row('third', { peerPid: 'p', counterparty: STRANGER }), row('first', { peerPid: 'q' }))
      await writing(store, row('second', { peerPid: 'p' }))
      expect(find(CONSUMER, 'PROVIDER', 'p')?.pid).toBe('second')
    })

    test.each([
      ['an agreement without its negotiation', agreement('a')],
      ['a token without its transfer', token('t')],
      ['a delivery without its transfer', delivery('d')],
      [
        'an offer without its negotiation',
        put('offer', { pid: OWN_PID, number: 1, offeredBy: 'CONSUMER', offer: offer(), at: NOW }),
      ],
      ['a counter without its agreement', put('counter', { agreementId: AGREEMENT_ID, action: 'use', used: 1 })],
      [
        'the usage of no agreement',
        put('usage', {
          agreementId: AGREEMENT_ID,
          deliveries: 1,
          bytes: 1,
          milliseconds: 1,
          records: null,
          firstAt: null,
        }),
      ],
    ])('%s', async (_, write) => {
      const { store } = open()
      await expect(writing(store, peerNamed('before'), write)).rejects.toThrow(/FOREIGN KEY/)
      expect(store.reader.get('peer', 'before')).toBeNull()

      await writing(store, ...WHOLE, write)
    })

    test('removing what others refer to; usage goes with its agreement', async () => {
      const { store } = open()
      await writing(
        store,
        ...WHOLE,
        put('counter', { agreementId: AGREEMENT_ID, action: 'use', used: 1 }),
        put('usage', {
          agreementId: AGREEMENT_ID,
          deliveries: 1,
          bytes: 1,
          milliseconds: 1,
          records: null,
          firstAt: null,
        }),
      )
      const gone = { remove: 'agreement', key: [AGREEMENT_ID] } as const
      await expect(writing(store, { remove: 'negotiation', key: [OWN_PID] })).rejects.toThrow(/FOREIGN KEY/)
      await expect(writing(store, gone)).rejects.toThrow(/FOREIGN KEY/)
      expect(store.reader.get('usage', AGREEMENT_ID)).not.toBeNull()

      await writing(store, { remove: 'counter', key: [AGREEMENT_ID, 'use'] }, gone)
      expect(store.reader.get('usage', AGREEMENT_ID)).toBeNull()
      // No agreement is needed for a transfer: a request that names none of ours is remembered with its refusal.
      expect(store.reader.get('transfer', OWN_PID)).not.toBeNull()
      await writing(store, { remove: 'negotiation', key: [OWN_PID] })
    })

    test('a row that lacks a field, or has a value of another kind in it', async () => {
      const { store } = open()
      const row = peer({ did: 'a' as never })
      for (const wrong of [{ name: undefined }, { addedAt: 1.5 }, { addedAt: 'yesterday' }]) {
        await expect(writing(store, put('peer', { ...row, ...wrong } as never))).rejects.toThrow()
      }
      expect(store.reader.get('peer', 'a')).toBeNull()
    })
  })

  describe(`the ${name} store, after a decision that failed,`, () => {
    test('finds every row in every way in which it was found before', async () => {
      const { store } = open()
      await writing(
        store,
        ...WHOLE,
        negotiation('b', { updatedAt: at(-1) }),
        put('outbox', outboxRow()),
        ...[delivery('d1'), delivery('d2'), token('t1'), token('t2')],
        put('usage', {
          agreementId: AGREEMENT_ID,
          deliveries: 1,
          bytes: 1,
          milliseconds: 1,
          records: null,
          firstAt: null,
        }),
        note('kept', AGREEMENT_ID),
      )
      const before = everything(store.reader)

      const bug = writing(
        store,
        ...[note('lost', AGREEMENT_ID), note('lost', 'another')],
        put('negotiation', negotiationAs('PROVIDER', { state: 'TERMINATED', peerPid: 'other', updatedAt: at(9) })),
        put('agreement', agreementAs('PROVIDER', undefined, { endedAt: NOW })),
        ...[transfer('new'), transfer('new', { state: 'STARTED' })],
        put('outbox', outboxRow({ dueAt: at(9), counterparty: STRANGER })),
        { remove: 'outbox', key: [OWN_PID] },
        { remove: 'delivery', key: ['d1'] },
        delivery('d1', { outcome: 'cut', endedAt: at(-1) }),
        { remove: 'accessToken', key: ['t1'] },
        put('counter', { agreementId: 'unknown' as never, action: 'use', used: 1 }),
      )
      await expect(bug).rejects.toThrow()

      expect(everything(store.reader)).toEqual(before)
      await writing(store, note('next', AGREEMENT_ID))
      expect(store.reader.evidence(1, 1)).toMatchObject([{ seq: 2, aseq: 2 }])
    })

    test('is not changed through a row that was read, or one that was put', async () => {
      const { store } = open()
      const given = { ...peer({ did: 'a' as never }), claims: { country: 'VN' } }
      await writing(store, put('peer', given))
      const read = store.reader.get('peer', 'a')
      for (const row of [read, given]) {
        try {
          Object.assign(row?.claims ?? {}, { country: 'CN' })
        } catch {
          // A store may give rows that cannot be changed.
        }
      }
      expect(store.reader.get('peer', 'a')?.claims).toEqual({ country: 'VN' })
    })
  })
}

/** What the ways of reading say about the rows of one small story. */
function everything(reader: Reader): readonly unknown[] {
  return [
    reader.negotiationOf(CONSUMER, 'PROVIDER', 'urn:uuid:peer'),
    reader.negotiationOf(CONSUMER, 'PROVIDER', 'other'),
    reader.idleSince(at(10), 10),
    reader.waiting(null, 10),
    reader.negotiationsOver(at(10), null, 10),
    reader.transfersOver(at(10), null, 10),
    reader.agreementsOver(at(10), null, 10),
    reader.agreementsOn(CONSUMER, 'PROVIDER', DATASET_ID),
    reader.transfersOf(AGREEMENT_ID),
    reader.outboxDue(at(10), 10, []),
    reader.outboxDue(at(10), 10, [CONSUMER]),
    reader
      .openDeliveries()
      .map(({ id }) => id)
      .toSorted(),
    reader.deliveriesSince(OWN_PID, '', at(-10)),
    reader.oldDeliveries(at(10), 10),
    reader.accessTokensOf(OWN_PID),
    reader.openProcesses(CONSUMER),
    reader.get('usage', AGREEMENT_ID),
    reader.evidence(0, 10),
    reader.evidenceOf(OWN_PID, 10),
    reader.list('transfer', { after: null, limit: 10 }),
    reader.list('delivery', { after: null, limit: 10 }),
  ]
}
