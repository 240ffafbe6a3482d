// May this data be sent now, and whose use is it? One push is one use, and nobody gets newer data for an old one.

import { describe, expect, test } from 'vitest'
import { admitPush, mayPush, type PushRows } from '../../../../src/domain/access/admit-push.ts'
import type { Sending } from '../../../../src/domain/access/continue.ts'
import type { PushRow } from '../../../../src/domain/ledger.ts'
import { later } from '../../../../src/kernel/time.ts'
import type { Constraint, Rules } from '../../../../src/protocol/odrl/types.ts'
import {
  AGREEMENT_ID,
  agreementAs,
  CONSUMER,
  dataset,
  deliveryRow,
  entryTypesOf,
  NOTHING_USED,
  NOW,
  OWN_PID,
  peer,
  putsOf,
  sceneAs,
  transferAs,
} from '../../../fixtures/builders.ts'

const dataAddress = { '@type': 'DataAddress', endpointType: 'HttpData', endpoint: 'https://c.example/in' } as const
const OPEN = transferAs('PROVIDER', { state: 'STARTED', format: 'HttpData-PUSH', dataAddress })
const PUSH: PushRow = {
  pid: OWN_PID,
  counterparty: CONSUMER,
  attempts: 0,
  dueAt: NOW,
  deadlineAt: null,
  deliveryId: null,
  lastDeliveryId: null,
  lastError: null,
  lastStatus: null,
  doneAt: null,
}
const FIRST = deliveryRow({
  id: 'first',
  etag: '"1"',
  size: 1_000,
  spent: 1_000,
  outcome: 'peer-gone',
  endedAt: NOW,
  bytes: 1_000,
})
const SENDING: Sending = { path: '', etag: '"1"', size: 1_000, part: null, isContinuation: false }
const SCENE = sceneAs('PROVIDER')

function only(...constraint: readonly Constraint[]): Rules {
  return { permission: [{ action: 'use', constraint }] }
}
const ONCE = agreementAs('PROVIDER', only({ leftOperand: 'count', operator: 'lteq', rightOperand: '1' }))

function rows(more: Partial<PushRows> = {}): PushRows {
  const known = {
    transfer: OPEN,
    agreement: ONCE,
    peer: peer(),
    isAdmitted: true,
    ...NOTHING_USED,
    push: PUSH,
    dataset: dataset(),
  }
  return { ...known, first: null, last: null, ...more }
}
const begun = (more: Partial<PushRows> = {}): PushRows =>
  rows({ used: 1, push: { ...PUSH, deliveryId: 'first', lastDeliveryId: 'first' }, first: FIRST, last: FIRST, ...more })
const admit = (given: PushRows, sending: Partial<Sending> = {}) =>
  admitPush(given, { deliveryId: 'next', sending: { ...SENDING, ...sending } }, SCENE)

describe('a push', () => {
  test('is counted, opened and put on record in one write, and has a deadline from then on', () => {
    const { write, result } = admit(rows())
    expect(result).toMatchObject({ ok: true, value: { delivery: { id: 'next', counted: true } } })
    expect(entryTypesOf(write)).toEqual(['decision', 'usage.counted', 'delivery.started'])
    expect(putsOf(write, 'counter')).toEqual([{ agreementId: AGREEMENT_ID, action: 'use', used: 1 }])
    expect(putsOf(write, 'push')).toEqual([
      { ...PUSH, deliveryId: 'next', lastDeliveryId: 'next', deadlineAt: later(NOW, SCENE.deliveryDeadlineMs) },
    ])
  })

  // prettier-ignore
  test.each<[string, PushRows, Partial<Sending>]>([
    ['of the same data',                                   begun(),                                                                     {}],
    ['of newer data after we were stopped',                begun({ last: { ...FIRST, outcome: 'interrupted' } }),                       { etag: '"2"' }],
    ['of newer data after an end that is not on record',   begun({ last: { ...FIRST, outcome: 'open' } }),                              { etag: '"2"' }],
    ['of newer data after our own source gave out',        begun({ last: { ...FIRST, outcome: 'source-failed' } }),                     { etag: '"2"' }],
    ['of newer data of which next to nothing was sent',    begun({ first: { ...FIRST, spent: 100 } }),                                  { etag: '"2"' }],
  ])('goes on under the use that was taken, though no more are left: %s', (_what, given, sending) => {
    const { write, result } = admit(given, sending)
    expect(result).toMatchObject({ ok: true, value: { delivery: { counted: false, continues: 'first' } } })
    expect(entryTypesOf(write)).toEqual(['decision', 'delivery.resumed'])
    expect(putsOf(write, 'counter')).toEqual([])
    expect(putsOf(write, 'push')).toMatchObject([{ deliveryId: 'first', lastDeliveryId: 'next' }])
  })

  // prettier-ignore
  test.each<[string, PushRows, Partial<Sending>]>([
    ['of newer data',                             begun(),                                              { etag: '"2"' }],
    ['of more data under the same tag',           begun(),                                              { size: 2_000 }],
    ['of data that nothing tells from newer data', begun({ first: { ...FIRST, etag: null } }),          { etag: null }],
    ['of data with a weak tag',                   begun({ first: { ...FIRST, etag: 'W/"1"' } }),        { etag: 'W/"1"' }],
    ['of data of unknown size',                   begun({ first: { ...FIRST, etag: null, spent: 0 } }), { etag: null, size: null }],
    ['of which the use was given back',           begun({ first: { ...FIRST, counted: false } }),       {}],
  ])('is another use: %s', (_what, given, sending) => {
    expect(admit(given, sending).result).toMatchObject({ ok: false, problem: { code: 'policy.denied' } })
    expect(admit({ ...given, agreement: agreementAs('PROVIDER') }, sending).result).toMatchObject({ ok: true, value: { delivery: { counted: true } } })
  })

  // prettier-ignore
  test.each<[string, Partial<PushRows>, string]>([
    ['of a transfer that is not here',           { transfer: null },                                                                       'resource.unknown'],
    ['of a dataset that is not here',            { dataset: null },                                                                        'resource.unknown'],
    ['that nobody asked for',                    { push: null },                                                                           'resource.unknown'],
    ['that has arrived',                         { push: { ...PUSH, doneAt: NOW } },                                                       'transfer.not-started'],
    ['before the start is acknowledged',         { transfer: { ...OPEN, state: 'REQUESTED' } },                                            'transfer.not-started'],
    ['of one that is suspended',                 { transfer: { ...OPEN, state: 'SUSPENDED' } },                                            'transfer.not-started'],
    ['of one that we are about to suspend',      { transfer: { ...OPEN, unacknowledged: 'TransferSuspensionMessage' } },                   'transfer.not-started'],
    ['of one that ended',                        { transfer: { ...OPEN, state: 'TERMINATED' } },                                           'transfer.not-started'],
    ['without a place to send to',               { transfer: { ...OPEN, dataAddress: null } },                                             'message.schema'],
    ['to whoever is not admitted any more',      { isAdmitted: false },                                                                    'participant.not-admitted'],
    ['under an agreement that was ended',        { agreement: { ...ONCE, endedAt: NOW } },                                                 'agreement.ended'],
    ['whose uses are taken',                     { used: 1 },                                                                              'policy.denied'],
  ])('%s is not sent', (_what, more, code) => {
    expect(mayPush(rows(more), NOW)).toMatchObject({ ok: false, problem: { code } })
    const { write, result } = admit(rows(more))
    expect(result).toMatchObject({ ok: false, problem: { code } })
    expect(putsOf(write, 'delivery')).toEqual([])
  })

  test.each([
    ['https://192.0.2.7:8443/in', true],
    ['https://[2001:db8::7]/in', true],
    ['https://198.51.100.7/in', false],
    ['https://c.example/in', false],
  ])('goes to networks that are agreed: %s', (endpoint, isAgreed) => {
    const networks = {
      leftOperand: 'virtualLocation',
      operator: 'isAnyOf',
      rightOperand: ['192.0.2.0/24', '2001:db8::/32'],
    }
    const transfer = { ...OPEN, dataAddress: { ...dataAddress, endpoint } }
    const given = rows({ transfer, agreement: agreementAs('PROVIDER', only(networks)) })
    expect(mayPush(given, NOW).ok).toBe(isAgreed)
    expect(admit(given).result.ok).toBe(isAgreed)
  })

  test('that was begun is opened again though no uses are left', () => {
    expect(mayPush(begun(), NOW)).toMatchObject({ ok: true, address: { endpoint: 'https://c.example/in' } })
  })
})
