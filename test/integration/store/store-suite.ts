// What every store must do, as a function of how one is opened: SQLite today, whatever comes tomorrow.

import { describe, expect, test } from 'vitest'
import { leafHash, NO_HASH } from '../../../src/domain/evidence/entry.ts'
import { TABLE_KEYS, type Store, type Table, type Tables, type Write } from '../../../src/domain/ledger.ts'
import { instant, later } from '../../../src/kernel/time.ts'
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
  PROVIDER,
  STRANGER,
  transferAs,
} from '../../fixtures/builders.ts'

export interface Opened {
  readonly store: Store
  /** Closes the store and opens what it has kept. */
  readonly reopen: () => Store
}

/** Two rows of each table with the same key: as it is first, and as it is put again. */
// prettier-ignore
export const ROWS: { readonly [T in Table]: readonly [Tables[T], Tables[T]] } = {
  negotiation:     [negotiationAs('PROVIDER'), negotiationAs('PROVIDER', { state: 'AGREED', agreementId: AGREEMENT_ID, ending: true, unacknowledged: 'ContractNegotiationTerminationMessage', problem: { code: 'process.ended', message: 'dừng 终止 ☃', path: 'x' }, updatedAt: instant(NOW + 1) })],
  transfer:        [transferAs('CONSUMER', { peerPid: null, state: 'INITIAL' }), transferAs('CONSUMER', { state: 'STARTED', resumed: true, overtaken: { move: 'TransferSuspensionMessage', until: NOW }, dataAddress: { '@type': 'DataAddress', endpointType: 'https://w3id.org/idsa/v4.1/HTTP', endpoint: 'https://peer.example/data' } })],
  agreement:       [agreementAs('PROVIDER', undefined, { finalizedAt: null }), agreementAs('PROVIDER', undefined, { endedAt: NOW, endReason: 'by hand' })],
  inbox:           [inboxRow(), inboxRow({ accepted: false, problem: { code: 'move.illegal', message: 'no' } })],
  outbox:          [outboxRow(), outboxRow({ attempts: 3, lastError: 'peer.unreachable: no answer' })],
  dataset:         [dataset(), dataset({ source: null, properties: { keyword: ['a', 'b'], nested: { n: 1.5, yes: true, none: null } } })],
  peer:            [peer(), peer({ address: 'https://consumer.example/dsp/2025-1', claims: {} })],
  counter:         [{ agreementId: AGREEMENT_ID, action: 'use', used: 1 }, { agreementId: AGREEMENT_ID, action: 'use', used: 2 }],
  accessToken:     [{ hash: 'ab', transferPid: OWN_PID, messageId: 'urn:uuid:m' as never, expiresAt: NOW, usedAt: null, refreshHash: 'cd', startedAt: NOW }, { hash: 'ab', transferPid: OWN_PID, messageId: 'urn:uuid:m' as never, expiresAt: NOW, usedAt: NOW, refreshHash: null, startedAt: NOW }],
  delivery:        [deliveryRow(), deliveryRow({ endedAt: NOW, bytes: Number.MAX_SAFE_INTEGER, digest: 'sha-256:00', outcome: 'complete', path: 'a?b=c', etag: null, size: null, part: { first: 0, last: 9 }, continues: 'urn:uuid:first', counted: false, spent: 0, notedAt: NOW })],
  usage:           [{ agreementId: AGREEMENT_ID, deliveries: 1, bytes: 2, milliseconds: 3, records: 4, firstAt: null }, { agreementId: AGREEMENT_ID, deliveries: 2, bytes: Number.MAX_SAFE_INTEGER, milliseconds: 4, records: null, firstAt: null }],
  push:            [{ pid: OWN_PID, counterparty: CONSUMER, attempts: 0, dueAt: NOW, deadlineAt: null, deliveryId: null, lastDeliveryId: null, lastError: null, lastStatus: null, doneAt: null }, { pid: OWN_PID, counterparty: CONSUMER, attempts: 2, dueAt: instant(NOW + 1), deadlineAt: instant(NOW + 9), deliveryId: 'urn:uuid:d', lastDeliveryId: 'urn:uuid:e', lastError: 'peer.unreachable: no answer', lastStatus: 503, doneAt: NOW }],
  reception:       [{ pid: OWN_PID, tokenHash: 'ef', sink: { type: 'file', path: 'a.csv' }, bytes: null, digest: null, doneAt: null }, { pid: OWN_PID, tokenHash: 'ef', sink: { type: 'http', url: 'https://sink.example', headers: { a: { sealed: 'v1.x' } } }, bytes: 1, digest: 'sha-256:00', doneAt: NOW }],
  replay:          [{ iss: PROVIDER, jti: 'j', expiresAt: NOW }, { iss: PROVIDER, jti: 'j', expiresAt: instant(NOW + 1) }],
  managementToken: [{ hash: 'cd', name: 'admin', scope: 'administrator', createdAt: NOW, revokedAt: null }, { hash: 'cd', name: 'admin', scope: 'administrator', createdAt: NOW, revokedAt: NOW }],
  offer:           [{ pid: OWN_PID, number: 1, offeredBy: 'CONSUMER', offer: offer(), at: NOW }, { pid: OWN_PID, number: 1, offeredBy: 'PROVIDER', offer: offer(), at: NOW }],
  idempotency:     [{ key: 'admin k', requestDigest: 'sha-256:00', status: 201, body: '{}', at: NOW }, { key: 'admin k', requestDigest: 'sha-256:00', status: 409, body: '[]', at: NOW }],
  policyContent:   [{ digest: 'sha-256:00', packed: 'H4sI' }, { digest: 'sha-256:00', packed: 'H4sIAAAA' }],
  policyGeneration: [{ number: 7, digest: 'sha-256:00', folderDigest: 'sha-256:00', state: 'active', backTo: null, at: NOW, by: '(folder)', files: 1, bytes: 4, mistakes: 0, findings: [] }, { number: 7, digest: 'sha-256:00', folderDigest: 'sha-256:01', state: 'refused', backTo: 3, at: NOW, by: 'admin', files: 2, bytes: 5, mistakes: 21, findings: [{ file: 'offers/a.yaml', line: 1, column: 2, code: 'policy.invalid', message: '没有', hint: 'dừng' }] }],
  agreementRecord: [{ agreementId: AGREEMENT_ID, name: 'tds:consentStatus', value: 'active', validUntil: null, reference: null, by: 'admin', at: NOW }, { agreementId: AGREEMENT_ID, name: 'tds:consentStatus', value: ['a', '同意'], validUntil: NOW, reference: 'doc', by: 'steward', at: NOW }],
  obligation:      [{ agreementId: AGREEMENT_ID, path: 'obligation[0]', uid: null, action: 'delete', state: 'active', dueAt: NOW, at: NOW, proof: null }, { agreementId: AGREEMENT_ID, path: 'obligation[0]', uid: 'urn:d', action: 'delete', state: 'late', dueAt: null, at: NOW, proof: { text: '删除' } }],
}

const TABLES = Object.keys(TABLE_KEYS) as readonly Table[]
/** What others refer to stands first. */
const PARENTS: readonly Write[] = [
  { put: 'negotiation', row: ROWS.negotiation[0] },
  { put: 'agreement', row: ROWS.agreement[0] },
  { put: 'transfer', row: ROWS.transfer[0] },
  { put: 'policyContent', row: ROWS.policyContent[0] },
]

export function put<T extends Table>(table: T, row: Tables[T]): Write {
  return { put: table, row } as Write
}

function keyOf<T extends Table>(table: T, row: Tables[T]): readonly string[] {
  return TABLE_KEYS[table].map((field) => String(row[field as keyof Tables[T]]))
}

/** A decision that writes the same whatever is there. */
export function writing(store: Store, ...write: readonly Write[]): Promise<null> {
  return store.transact(
    () => null,
    () => ({ write, result: null }),
  )
}

export function note(text: string, agreement?: string): Write {
  return {
    append: 'evidence',
    entry: {
      type: 'decision',
      at: NOW,
      actor: PROVIDER,
      pid: OWN_PID,
      ext: { text },
      ...(agreement !== undefined && { agreement }),
    },
  }
}

export function peerNamed(did: string): Write {
  return put('peer', peer({ did: did as never }))
}

/** What the evidence says, entry by entry; fails where the chain has a gap. */
export function evidenceTexts({ reader }: Store): readonly string[] {
  const heads = new Map<string, { readonly aseq: number; readonly hash: string }>()
  let prev = NO_HASH
  return reader.evidence(0, 10_000).map(({ seq, hash, envelope, agreement, aseq }, index) => {
    const said = JSON.parse(envelope) as { seq: number; prev: string; aprev?: string; ext: { text: string } }
    expect([seq, said.seq, said.prev, hash]).toEqual([index + 1, index + 1, prev, leafHash(envelope)])
    prev = hash
    if (agreement !== null) {
      const head = heads.get(agreement) ?? { aseq: 0, hash: NO_HASH }
      expect([aseq, said.aprev]).toEqual([head.aseq + 1, head.hash])
      heads.set(agreement, { aseq: head.aseq + 1, hash })
    }
    return said.ext.text
  })
}

export function storeSuite(name: string, open: () => Opened): void {
  describe(`the ${name} store`, () => {
    describe.each(TABLES)('in the table %s', (table) => {
      const [first, again] = ROWS[table]
      const key = keyOf(table, first)

      test('has no row that was not put', () => {
        const { store } = open()
        expect(store.reader.get(table, ...key)).toBeNull()
        expect(store.reader.list(table, { after: null, limit: 10 })).toEqual([])
      })

      test('gives a row back as it was put, and as it was put again', async () => {
        const { store, reopen } = open()
        await writing(store, ...PARENTS, put(table, first))
        expect(store.reader.get(table, ...key)).toEqual(first)

        await writing(store, put(table, again))
        expect(store.reader.get(table, ...key)).toEqual(again)
        expect(store.reader.list(table, { after: null, limit: 10 })).toEqual([again])
        expect(reopen().reader.get(table, ...key)).toEqual(again)
      })

      test('keeps a row apart from those with another key', async () => {
        const { store } = open()
        await writing(store, ...PARENTS, put(table, first))
        key.forEach((_, at) => {
          expect(store.reader.get(table, ...key.with(at, 'other'))).toBeNull()
        })
      })
    })

    test.each(['inbox', 'outbox', 'dataset', 'peer', 'counter', 'accessToken', 'replay', 'managementToken'] as const)(
      'removes a row of the table %s, and only that one',
      async (table) => {
        const { store } = open()
        const [first] = ROWS[table]
        const key = keyOf(table, first)
        await writing(store, ...PARENTS, put(table, first))

        await writing(store, { remove: table, key: key.with(-1, 'other') })
        expect(store.reader.get(table, ...key)).toEqual(first)

        await writing(store, { remove: table, key })
        expect(store.reader.get(table, ...key)).toBeNull()
      },
    )

    test('lists in the order of the keys, page by page', async () => {
      const { store } = open()
      await writing(store, ...['c', 'a', 'e', 'b', 'd'].map(peerNamed))
      const page = (after: string | null) => store.reader.list('peer', { after, limit: 2 }).map(({ did }) => did)
      expect([page(null), page('b'), page('d'), page('e')]).toEqual([['a', 'b'], ['c', 'd'], ['e'], []])
    })

    describe('reading', () => {
      test('finds a process by counter-party, role and the peer’s pid, and only by all three', async () => {
        const { store } = open()
        await writing(store, put('negotiation', negotiationAs('PROVIDER')), put('transfer', transferAs('PROVIDER')))
        for (const find of [store.reader.negotiationOf, store.reader.transferOf]) {
          expect(find(CONSUMER, 'PROVIDER', 'urn:uuid:peer')?.pid).toBe(OWN_PID)
          expect(find(STRANGER, 'PROVIDER', 'urn:uuid:peer')).toBeNull()
          expect(find(CONSUMER, 'CONSUMER', 'urn:uuid:peer')).toBeNull()
          expect(find(CONSUMER, 'PROVIDER', 'urn:uuid:other')).toBeNull()
        }
      })

      test('counts the processes of a counter-party that have not ended', async () => {
        const { store } = open()
        const states = ['REQUESTED', 'FINALIZED', 'TERMINATED'] as const
        await writing(
          store,
          ...states.map((state) =>
            put('negotiation', negotiationAs('PROVIDER', { pid: `n${state}` as never, peerPid: `n${state}`, state })),
          ),
          ...(['STARTED', 'SUSPENDED', 'COMPLETED', 'TERMINATED'] as const).map((state) =>
            put('transfer', transferAs('PROVIDER', { pid: `t${state}` as never, peerPid: `t${state}`, state })),
          ),
        )
        expect(store.reader.openProcesses(CONSUMER)).toBe(3)
        expect(store.reader.openProcesses(STRANGER)).toBe(0)
      })

      test('gives what is due, oldest first, without the peers that are left out; and when the next is', async () => {
        const { store } = open()
        const row = (pid: string, dueAt: number, counterparty = CONSUMER) =>
          put('outbox', outboxRow({ pid: pid as never, dueAt: instant(NOW + dueAt), counterparty }))
        await writing(store, row('b', -1), row('a', 0), row('c', -2), row('d', 1), row('e', 7), row('f', -5, STRANGER))

        const due = (limit: number, ...without: readonly (typeof CONSUMER)[]) =>
          store.reader.outboxDue(NOW, limit, without).map(({ pid }) => pid)
        expect(due(10)).toEqual(['f', 'c', 'b', 'a'])
        expect(due(2)).toEqual(['f', 'c'])
        expect(due(10, STRANGER)).toEqual(['c', 'b', 'a'])
        expect(due(10, STRANGER, CONSUMER)).toEqual([])
        expect(store.reader.outboxNextDueAt(NOW)).toBe(NOW + 1)
        expect(store.reader.outboxNextDueAt(instant(NOW + 7))).toBeNull()
      })

      test('gives the last message that a sender got accepted, whatever was refused since', async () => {
        const { store } = open()
        const row = (messageId: string, at: number, more: Partial<Tables['inbox']> = {}) =>
          put('inbox', inboxRow({ messageId, at: instant(NOW + at), ...more }))
        await writing(
          store,
          row('m1', 1),
          row('m2', 2),
          row('m3', 2),
          row('m4', 3, { accepted: false }),
          row('m5', 4, { sender: STRANGER }),
        )
        expect(store.reader.lastAccepted(OWN_PID, CONSUMER)?.messageId).toBe('m3')
        expect(store.reader.lastAccepted('other' as never, CONSUMER)).toBeNull()
      })

      test('gives the datasets with these ids, each once, and leaves out what there is not', async () => {
        const { store } = open()
        await writing(store, ...['b', 'a', 'ä', 'c'].map((id) => put('dataset', dataset({ id: id as never }))))
        const found = (...ids: readonly string[]) =>
          store.reader
            .datasetsOf(ids)
            .map(({ id }) => id as string)
            .toSorted()
        expect(found('c', 'none', 'ä', 'c')).toEqual(['c', 'ä'])
        expect(found()).toEqual([])
        expect(store.reader.datasetsOf(['b'])).toEqual([dataset({ id: 'b' as never })])
      })

      test('counts the datasets that there are, also within a transaction', async () => {
        const { store } = open()
        expect(store.reader.datasetCount()).toBe(0)
        await writing(store, ...['a', 'b'].map((id) => put('dataset', dataset({ id: id as never }))))
        await writing(store, put('dataset', dataset({ id: 'a' as never, source: null })))
        const counts = await Promise.all(
          ['c', 'd'].map((id) =>
            store.transact(
              (read) => read.datasetCount(),
              (result) => ({ write: [put('dataset', dataset({ id: id as never }))], result }),
            ),
          ),
        )
        await writing(store, { remove: 'dataset', key: ['a'] })
        expect([counts, store.reader.datasetCount()]).toEqual([[2, 3], 3])
      })

      test('gives the agreements that may be used, newest first', async () => {
        const { store } = open()
        const row = (id: string, more: Partial<Tables['agreement']> = {}) =>
          put('agreement', agreementAs('CONSUMER', undefined, { id: id as never, ...more }))
        await writing(
          store,
          put('negotiation', negotiationAs('CONSUMER')),
          row('old'),
          row('new', { agreedAt: instant(NOW + 1) }),
          row('not-final', { finalizedAt: null }),
          row('ended', { endedAt: NOW }),
          row('as-provider', { role: 'PROVIDER' }),
          row('other-dataset', { datasetId: 'other' as never }),
        )
        expect(store.reader.agreementsOn(PROVIDER, 'CONSUMER', DATASET_ID).map(({ id }) => id)).toEqual(['new', 'old'])
      })

      test('gives transfers of an agreement, tokens of a transfer in their order, and deliveries that are open', async () => {
        const { store } = open()
        const [token] = ROWS.accessToken
        const [delivery, ended] = ROWS.delivery
        await writing(
          store,
          ...PARENTS,
          put('accessToken', { ...token, hash: 'zz' }),
          put('accessToken', { ...token, hash: 'aa' }),
          put('delivery', delivery),
          put('delivery', { ...ended, id: 'ended' }),
        )
        expect(store.reader.transfersOf(AGREEMENT_ID).map(({ pid }) => pid)).toEqual([OWN_PID])
        expect(store.reader.transfersOf('other' as never)).toEqual([])
        expect(store.reader.accessTokensOf(OWN_PID).map(({ hash }) => hash)).toEqual(['zz', 'aa'])
        expect(store.reader.openDeliveries()).toEqual([delivery])
        const bytes = Math.max(delivery.spent, delivery.bytes)
        expect(store.reader.underWay(AGREEMENT_ID)).toEqual({ deliveries: 1, bytes })
        expect(store.reader.underWay('other' as never)).toEqual({ deliveries: 0, bytes: 0 })
        const taken = [delivery, ended].filter(({ counted }) => counted).map(({ startedAt }) => startedAt)
        expect(store.reader.usesSince(AGREEMENT_ID, 0 as never)).toEqual(taken.sort((a, b) => a - b))
        expect(store.reader.usesSince(AGREEMENT_ID, Math.max(...taken) as never)).toEqual([])
      })

      test('gives what is on record and owed under an agreement, and what is due', async () => {
        const { store } = open()
        const [fact] = ROWS.agreementRecord
        const [owed] = ROWS.obligation
        const later = { ...owed, path: 'obligation[1]', dueAt: instant(NOW + 5) }
        await writing(
          store,
          ...PARENTS,
          put('agreementRecord', { ...fact, name: 'b' }),
          put('agreementRecord', { ...fact, name: 'a' }),
          put('obligation', later),
          put('obligation', owed),
          put('obligation', { ...owed, path: 'obligation[2]', state: 'fulfilled' }),
          put('obligation', { ...owed, path: 'obligation[3]', dueAt: null }),
        )
        expect(store.reader.recordsOf(AGREEMENT_ID).map(({ name }) => name)).toEqual(['a', 'b'])
        expect(store.reader.obligationsOf(AGREEMENT_ID)).toHaveLength(4)
        expect(store.reader.obligationsDue(instant(NOW), 9)).toEqual([])
        expect(store.reader.obligationsDue(instant(NOW + 1), 9)).toEqual([owed])
        expect(store.reader.obligationsDue(instant(NOW + 6), 1)).toEqual([owed])
        expect(store.reader.obligationNextDueAt(instant(NOW))).toBe(NOW)
        expect(store.reader.obligationNextDueAt(instant(NOW + 1))).toBe(NOW + 5)
        expect(store.reader.obligationNextDueAt(instant(NOW + 6))).toBeNull()
      })
    })

    describe('transact', () => {
      test('hands the decision what was loaded and resolves with its result', async () => {
        const { store } = open()
        await writing(store, peerNamed('a'))
        const name = await store.transact(
          (read) => read.get('peer', 'a'),
          (found) => ({ write: [], result: found?.name }),
        )
        expect(name).toBe('Consumer')
      })

      test('writes nothing of a decision that throws, and rejects with what it threw', async () => {
        const { store } = open()
        const bug = new Error('a bug')
        const thrown = store.transact(
          () => null,
          () => {
            throw bug
          },
        )
        await expect(thrown).rejects.toBe(bug)
        await expect(
          store.transact(
            () => {
              throw bug
            },
            () => ({ write: [peerNamed('a')], result: null }),
          ),
        ).rejects.toBe(bug)
        expect(store.reader.list('peer', { after: null, limit: 10 })).toEqual([])
      })

      test('writes nothing of a decision whose last write fails, its evidence included', async () => {
        const { store } = open()
        await writing(store, note('before'))
        // A counter belongs to an agreement.
        await expect(writing(store, peerNamed('a'), note('lost'), put('counter', ROWS.counter[0]))).rejects.toThrow()
        expect(store.reader.get('peer', 'a')).toBeNull()
        expect(evidenceTexts(store)).toEqual(['before'])
      })

      test('lets every other decision of the same moment stand', async () => {
        const { store } = open()
        const all = await Promise.allSettled([
          writing(store, peerNamed('a'), note('a', AGREEMENT_ID)),
          writing(store, peerNamed('b'), note('b', AGREEMENT_ID), put('counter', ROWS.counter[0])),
          writing(store, peerNamed('c'), note('c', AGREEMENT_ID)),
          store.transact(
            () => null,
            () => {
              throw new Error('a bug')
            },
          ),
          writing(store, peerNamed('d'), note('d')),
        ])
        expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled', 'rejected', 'fulfilled'])
        expect(store.reader.list('peer', { after: null, limit: 10 }).map(({ did }) => did)).toEqual(['a', 'c', 'd'])
        expect(evidenceTexts(store)).toEqual(['a', 'c', 'd'])
      })

      test('lets each decision see those that were asked for before it, in the order of the calls', async () => {
        const { store } = open()
        await writing(store, ...PARENTS)
        const order: number[] = []
        // More than share one commit.
        const counts = Array.from({ length: 200 }, (_, call) =>
          store
            .transact(
              (read) => read.get('counter', AGREEMENT_ID, 'use')?.used ?? 0,
              (used) => ({
                write: [
                  put('counter', { agreementId: AGREEMENT_ID, action: 'use', used: used + 1 }),
                  note(String(call)),
                ],
                result: used,
              }),
            )
            .then((used) => {
              order.push(call)
              return used
            }),
        )
        const calls = Array.from({ length: 200 }, (_, call) => call)
        expect(await Promise.all(counts)).toEqual(calls)
        expect(order).toEqual(calls)
        expect(evidenceTexts(store)).toEqual(calls.map(String))
        expect(store.reader.get('counter', AGREEMENT_ID, 'use')?.used).toBe(200)
      })

      test('can be called from what follows on another', async () => {
        const { store } = open()
        await writing(store, peerNamed('a')).then(() => writing(store, peerNamed('b')))
        expect(store.reader.list('peer', { after: null, limit: 10 }).length).toBe(2)
      })
    })

    describe('onCommit', () => {
      test('tells what was committed, decision by decision, when it can be read; and nothing of what was not', async () => {
        const { store } = open()
        const heard: unknown[] = []
        store.onCommit((writes) => {
          const seen = writes.map(
            (each) => 'put' in each && each.put === 'peer' && store.reader.get('peer', each.row.did) !== null,
          )
          heard.push([writes.length, ...seen])
        })
        await Promise.allSettled([
          writing(store, peerNamed('a')),
          writing(store, peerNamed('b'), put('counter', ROWS.counter[0])),
          writing(store, peerNamed('c'), peerNamed('d')),
        ])
        expect(heard).toEqual([
          [1, true],
          [2, true, true],
        ])
      })

      test('tells before the caller goes on', async () => {
        const { store } = open()
        const order: string[] = []
        store.onCommit(() => {
          order.push('listener')
        })
        await writing(store, peerNamed('a'))
        order.push('caller')
        expect(order).toEqual(['listener', 'caller'])
      })
    })

    describe('evidence', () => {
      test('is one chain, and one chain an agreement, over decisions, failures and a restart', async () => {
        const { store, reopen } = open()
        await writing(store, note('1', 'x'), note('2'), note('3', 'y'))
        await writing(store, note('4', 'x'), put('counter', ROWS.counter[0])).catch(() => null)
        await writing(store, note('5', 'x'))
        const again = reopen()
        await writing(again, note('6', 'y'), note('7', 'x'))

        expect(evidenceTexts(again)).toEqual(['1', '2', '3', '5', '6', '7'])
        expect(again.reader.evidenceHead().seq).toBe(6)
        expect(again.reader.evidence(4, 1).map(({ seq }) => seq)).toEqual([5])
        expect(again.reader.evidenceOf(OWN_PID, 2).map(({ seq }) => seq)).toEqual([1, 2])
        expect(again.reader.evidenceOf('other', 2)).toEqual([])
      })

      test('begins with no head', () => {
        const { store } = open()
        expect(store.reader.evidenceHead()).toEqual({ seq: 0, hash: NO_HASH })
      })
    })

    test('forgets a used token only when it has expired for certain', async () => {
      const { store } = open()
      const used = (jti: string, at: number) => put('replay', { iss: PROVIDER, jti, expiresAt: later(NOW, at) })
      await writing(store, used('first', 0))
      await writing(store, used('second', 60_000))
      expect(store.reader.get('replay', PROVIDER, 'first')).not.toBeNull()

      await writing(store, used('third', 60 * 60_000))
      expect(store.reader.get('replay', PROVIDER, 'first')).toBeNull()
    })

    test('writes what waits before it closes', async () => {
      const { store, reopen } = open()
      const waiting = writing(store, peerNamed('a'))
      const again = reopen()
      await waiting
      expect(again.reader.get('peer', 'a')).not.toBeNull()
    })

    test('refuses to decide once it is closed', async () => {
      const { store } = open()
      store.close()
      await expect(writing(store, peerNamed('a'))).rejects.toThrow()
    })
  })
}
