// What may be removed, what may not, and what stays of it.

import { describe, expect, test } from 'vitest'
import {
  removeDeliveries,
  removeNegotiation,
  removeTransfer,
  SLICE_ROWS_MAX,
  type Cut,
  type NegotiationRemains,
  type TransferRemains,
} from '../../../../src/domain/retention/remove.ts'
import { canonicalJson } from '../../../../src/kernel/canonical-json.ts'
import { digestOf } from '../../../../src/kernel/digest.ts'
import { later } from '../../../../src/kernel/time.ts'
import {
  AGREEMENT_ID,
  agreementAs,
  deliveryRow,
  entriesOf,
  inboxRow,
  negotiationAs,
  NOW,
  outboxRow,
  OWN_PID,
  PROVIDER,
  transferAs,
} from '../../../fixtures/builders.ts'

const YEAR = 365 * 24 * 60 * 60 * 1000
const CUT: Cut = { self: PROVIDER, now: NOW, before: later(NOW, -3 * YEAR) }
const OLD = later(NOW, -3 * YEAR - 1)
const YOUNG = CUT.before

function transferRemains(more: Partial<TransferRemains> = {}): TransferRemains {
  const transfer = transferAs('PROVIDER', { state: 'COMPLETED', updatedAt: OLD })
  return { transfer, outbox: null, inbox: [], deliveries: [], accessTokens: [], push: null, reception: null, ...more }
}

function negotiationRemains(more: Partial<NegotiationRemains> = {}): NegotiationRemains {
  const negotiation = negotiationAs('PROVIDER', { state: 'TERMINATED', updatedAt: OLD })
  const nothing = { outbox: null, inbox: [], offers: [], agreement: null, counter: null, usage: null }
  return { negotiation, ...nothing, hasTransfers: false, ...more }
}

const FINALIZED = negotiationAs('PROVIDER', { state: 'FINALIZED', updatedAt: OLD, agreementId: AGREEMENT_ID })

describe('a transfer', () => {
  test('goes with its messages, deliveries and tokens, children first, and leaves one entry with their digest', () => {
    const remains = transferRemains({
      inbox: [inboxRow()],
      deliveries: [deliveryRow({ endedAt: OLD, outcome: 'complete' })],
    })

    const { write, removed, isPart } = removeTransfer(remains, CUT)

    expect(write.map((each) => ('remove' in each ? each.remove : 'append' in each ? each.append : each.put))).toEqual([
      'delivery',
      'inbox',
      'transfer',
      'evidence',
    ])
    expect([removed.length, isPart]).toEqual([3, false])
    const gone = [
      ['delivery', remains.deliveries],
      ['inbox', remains.inbox],
      ['transfer', [remains.transfer]],
    ]
    expect(entriesOf(write)).toEqual([
      {
        ...{ type: 'retention.removed', at: NOW, actor: PROVIDER, pid: OWN_PID, agreement: AGREEMENT_ID },
        ext: {
          ...{ what: 'transfer', state: 'COMPLETED', endedAt: new Date(OLD).toISOString() },
          removed: { delivery: 1, inbox: 1, transfer: 1 },
          digest: digestOf(canonicalJson(gone as never)),
        },
      },
    ])
  })

  // prettier-ignore
  test.each([
    ['it runs',                          { transfer: transferAs('PROVIDER', { state: 'STARTED', updatedAt: OLD }) }],
    ['it is suspended',                  { transfer: transferAs('PROVIDER', { state: 'SUSPENDED', updatedAt: OLD }) }],
    ['it waits for a person',            { transfer: transferAs('PROVIDER', { updatedAt: OLD }) }],
    ['its period is not over',           { transfer: transferAs('PROVIDER', { state: 'TERMINATED', updatedAt: YOUNG }) }],
    ['something of it is to be sent',    { outbox: outboxRow({ kind: 'transfer' }) }],
    ['a message of ours has no ACK',     { transfer: transferAs('PROVIDER', { state: 'TERMINATED', updatedAt: OLD, unacknowledged: 'TransferTerminationMessage' }) }],
    ['it is gone',                       { transfer: null }],
  ])('stays while %s', (_what, more) => {
    expect(removeTransfer(transferRemains(more), CUT).write).toEqual([])
  })

  test('with very many rows goes slice by slice, and itself with the last of them', () => {
    const many = Array.from({ length: SLICE_ROWS_MAX }, (_, n) => deliveryRow({ id: String(n), endedAt: OLD }))

    const part = removeTransfer(transferRemains({ deliveries: many, inbox: [inboxRow()] }), CUT)
    const last = removeTransfer(transferRemains({ deliveries: many.slice(1) }), CUT)

    expect(part).toMatchObject({ isPart: true, removed: [{ table: 'delivery', count: SLICE_ROWS_MAX }] })
    expect(part.write).toHaveLength(SLICE_ROWS_MAX + 1)
    expect(last.isPart).toBe(false)
    expect(last.removed).toContainEqual({ table: 'transfer', count: 1 })
  })
})

describe('a negotiation', () => {
  test('that led to nothing goes with its messages and offers', () => {
    expect(removeNegotiation(negotiationRemains({ inbox: [inboxRow()] }), CUT).removed).toEqual([
      { table: 'inbox', count: 1 },
      { table: 'negotiation', count: 1 },
    ])
  })

  test('goes with the agreement that it made, once that was ended and the period is over', () => {
    const counter = { agreementId: AGREEMENT_ID, action: 'use', used: 3 }
    const usage = { agreementId: AGREEMENT_ID, deliveries: 3, bytes: 1, milliseconds: 1, records: null, firstAt: null }
    const agreement = agreementAs('PROVIDER', {}, { endedAt: OLD, endReason: 'over' })

    const { removed } = removeNegotiation(
      negotiationRemains({ negotiation: FINALIZED, agreement, counter, usage }),
      CUT,
    )

    expect(removed.map(({ table }) => table)).toEqual(['counter', 'usage', 'agreement', 'negotiation'])
  })

  test('goes with an agreement that never came into force', () => {
    const agreement = agreementAs('PROVIDER', {}, { finalizedAt: null })
    expect(removeNegotiation(negotiationRemains({ agreement }), CUT).removed).toHaveLength(2)
  })

  // prettier-ignore
  test.each([
    ['its agreement is in force, however old',       { negotiation: FINALIZED, agreement: agreementAs('PROVIDER') }],
    ['its agreement was ended within the period',    { negotiation: FINALIZED, agreement: agreementAs('PROVIDER', {}, { endedAt: YOUNG }) }],
    ['its agreement has transfers',                  { negotiation: FINALIZED, agreement: agreementAs('PROVIDER', {}, { endedAt: OLD }), hasTransfers: true }],
    ['it goes on',                                   { negotiation: negotiationAs('PROVIDER', { updatedAt: OLD }) }],
    ['it is agreed, and not final',                  { negotiation: negotiationAs('PROVIDER', { state: 'AGREED', updatedAt: OLD }), agreement: agreementAs('PROVIDER', {}, { finalizedAt: null }) }],
    ['it was terminated within the period',          { negotiation: negotiationAs('PROVIDER', { state: 'TERMINATED', updatedAt: YOUNG }) }],
    ['something of it is to be sent',                { outbox: outboxRow() }],
  ])('stays while %s', (_what, more) => {
    expect(removeNegotiation(negotiationRemains(more), CUT).write).toEqual([])
  })
})

test('deliveries of transfers that run go after their period; those that run, or ended within it, stay', () => {
  const rows = [
    deliveryRow({ id: 'old', endedAt: OLD, outcome: 'complete' }),
    deliveryRow({ id: 'young', endedAt: YOUNG, outcome: 'complete' }),
    deliveryRow({ id: 'open' }),
  ]

  const { write } = removeDeliveries(rows, CUT)

  expect(write.flatMap((each) => ('remove' in each ? each.key : []))).toEqual(['old'])
  expect(removeDeliveries(rows.slice(1), CUT)).toEqual({ write: [], removed: [], isPart: false })
})
