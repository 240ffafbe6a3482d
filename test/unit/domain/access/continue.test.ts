// Which broken delivery a request goes on with, and how that is admitted without another use.

import { describe, expect, test } from 'vitest'
import { admitDelivery, mayOpen, type AccessRequest, type AccessRows } from '../../../../src/domain/access/admit.ts'
import { CONTINUED_WITHIN_MS, continuedBy, type Sending } from '../../../../src/domain/access/continue.ts'
import type { DeliveryRow } from '../../../../src/domain/ledger.ts'
import { instant, later } from '../../../../src/kernel/time.ts'
import type { MessageId } from '../../../../src/protocol/ids.ts'
import {
  agreementAs,
  dataset,
  deliveryRow,
  entriesOf,
  entryTypesOf,
  NOTHING_USED,
  NOW,
  OWN_PID,
  peer,
  putsOf,
  sceneAs,
  transferAs,
} from '../../../fixtures/builders.ts'

const BROKEN = deliveryRow({
  id: 'urn:uuid:broken',
  startedAt: later(NOW, -1_000),
  endedAt: NOW,
  outcome: 'peer-gone',
  bytes: 400,
  spent: 400,
})
const REST: Sending = { path: '', etag: '"1"', size: 1_000, part: { first: 400, last: 999 }, isContinuation: true }

function continued(sending: Partial<Sending> = {}, earlier: Partial<DeliveryRow> = {}): boolean {
  return continuedBy({ ...REST, ...sending }, [{ ...BROKEN, ...earlier }], NOW) !== null
}

describe('a part continues a delivery', () => {
  test('of the same path and state, soon enough, within its size', () => {
    expect(continued()).toBe(true)
  })

  // prettier-ignore
  test.each<[string, Partial<Sending>, Partial<DeliveryRow>]>([
    ['without If-Range',                            { isContinuation: false },    {}],
    ['that is the whole',                           { part: null },               {}],
    ['of another path',                             { path: 'b.csv' },            {}],
    ['of another state',                            { etag: '"2"' },              {}],
    ['of a state that only a weak ETag tells',      { etag: 'W/"1"' },            { etag: 'W/"1"' }],
    ['of a source without an ETag',                 { etag: null },               { etag: null }],
    ['of another size',                             { size: 1_001 },              {}],
    ['after an hour',                               {},                           { startedAt: later(NOW, -CONTINUED_WITHIN_MS) }],
    ['of one whose use was given back',             {},                           { counted: false }],
  ])('but not %s', (_, sending, earlier) => {
    expect(continued(sending, earlier)).toBe(false)
  })

  test('up to 1.1 times the size in all, and not one byte more', () => {
    expect(continued({}, { spent: 500 })).toBe(true)
    expect(continued({}, { spent: 501 })).toBe(false)
  })

  test('while the delivery itself still runs: its own bytes are set aside', () => {
    expect(continued({ part: { first: 900, last: 999 } }, { outcome: 'open', spent: 1_000 })).toBe(true)
    expect(continued({ part: { first: 899, last: 999 } }, { outcome: 'open', spent: 1_000 })).toBe(false)
  })

  test('any of several that has room, the newest first', () => {
    const [old, full, newest] = ['old', 'full', 'newest'].map((id) => ({ ...BROKEN, id }))
    const found = continuedBy(REST, [{ ...full, spent: 1_100 }, newest, old] as DeliveryRow[], NOW)
    expect(found?.id).toBe('newest')
  })
})

const ONCE = {
  permission: [{ action: 'use', constraint: [{ leftOperand: 'count', operator: 'lteq', rightOperand: '1' }] }],
}
const TOKEN = {
  hash: 'aa',
  transferPid: OWN_PID,
  messageId: 'm' as MessageId,
  expiresAt: instant(NOW + 1),
  usedAt: NOW,
  refreshHash: null,
  startedAt: NOW,
}
const ROWS: AccessRows = {
  token: TOKEN,
  transfer: transferAs('PROVIDER', { state: 'STARTED' }),
  agreement: agreementAs('PROVIDER', ONCE),
  dataset: dataset(),
  peer: peer(),
  isAdmitted: true,
  ...NOTHING_USED,
  used: 1,
  outbox: null,
  tokens: [TOKEN],
  earlier: [BROKEN],
}
const REQUEST: AccessRequest & { readonly sending: Sending } = {
  ...{ transferPid: OWN_PID, deliveryId: 'urn:uuid:rest', counts: true, purpose: null, sending: REST },
}
const admit = (rows: Partial<AccessRows> = {}, request: Partial<AccessRequest> = {}) =>
  admitDelivery({ ...ROWS, ...rows }, { ...REQUEST, ...request }, sceneAs('PROVIDER'))

describe('a continuation', () => {
  test('is admitted after the last use, counts none, and sets its bytes aside in the same write', () => {
    const { write, result } = admit()
    expect(result.ok).toBe(true)
    expect(putsOf(write, 'counter')).toEqual([])
    expect(putsOf(write, 'delivery')).toMatchObject([
      { id: BROKEN.id, spent: 1_000 },
      { id: 'urn:uuid:rest', continues: BROKEN.id, counted: false, spent: 0, part: REST.part, etag: '"1"' },
    ])
    expect(entryTypesOf(write)).toEqual(['decision', 'delivery.resumed'])
    expect(entriesOf(write)).toMatchObject([
      { ext: { phase: 'during', verdict: 'permit' } },
      { ext: { delivery: 'urn:uuid:rest', continues: BROKEN.id, part: { first: 400, last: 999 } } },
    ])
  })

  test('that would go over the bound is a new use, and refused where none is left', () => {
    const earlier = [{ ...BROKEN, spent: 501 }]
    expect(admit({ earlier }).result).toMatchObject({ ok: false, problem: { code: 'policy.denied' } })
    const { write, result } = admit({ earlier, used: 0 })
    expect(result.ok).toBe(true)
    expect(putsOf(write, 'counter')).toMatchObject([{ used: 1 }])
    expect(putsOf(write, 'delivery')).toMatchObject([{ continues: null, counted: true, spent: 600 }])
    expect(entryTypesOf(write)).toEqual(['decision', 'usage.counted', 'delivery.started'])
  })

  test('of two at once, the second is admitted only if both together stay within the bound', () => {
    const first = admit({}, { sending: { ...REST, part: { first: 0, last: 399 } } })
    const [set] = putsOf(first.write, 'delivery')
    expect(set).toMatchObject({ id: BROKEN.id, spent: 800 })
    expect(admit({ earlier: [set as DeliveryRow] }).result.ok).toBe(false)
    expect(
      admit({ earlier: [set as DeliveryRow] }, { sending: { ...REST, part: { first: 700, last: 999 } } }).result.ok,
    ).toBe(true)
  })

  test.each<[string, Partial<AccessRows>, string]>([
    ['suspended', { transfer: transferAs('PROVIDER', { state: 'SUSPENDED' }) }, 'transfer.not-started'],
    ['ended with its agreement', { agreement: agreementAs('PROVIDER', ONCE, { endedAt: NOW }) }, 'agreement.ended'],
    ['of a peer that was removed', { isAdmitted: false }, 'participant.not-admitted'],
  ])('is refused as any delivery is: %s', (_, rows, code) => {
    expect(admit(rows).result).toMatchObject({ ok: false, problem: { code } })
  })
})

describe('the source is opened', () => {
  const opens = (rows: Partial<AccessRows> = {}, request: Partial<AccessRequest> = {}): boolean =>
    mayOpen({ ...ROWS, ...rows }, { ...REQUEST, ...request }, NOW).ok

  test('for a use that is left, or for what may continue one', () => {
    expect(opens({ used: 0, earlier: [] })).toBe(true)
    expect(opens()).toBe(true)
  })

  test('not for a new use where none is left', () => {
    expect(opens({ earlier: [] })).toBe(false)
    expect(opens({}, { sending: { ...REST, isContinuation: false } })).toBe(false)
  })

  test('not for a bad token, and not while the transfer is suspended', () => {
    expect(opens({ token: null })).toBe(false)
    expect(opens({ token: { ...TOKEN, expiresAt: NOW } })).toBe(false)
    expect(opens({ transfer: transferAs('PROVIDER', { state: 'SUSPENDED' }) })).toBe(false)
  })
})
