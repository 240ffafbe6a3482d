// The end of a delivery: what is given back, what was used, and what may still be sent under its use.

import { describe, expect, test } from 'vitest'
import { endDelivery, noteProgress, type EndRows } from '../../../../src/domain/access/end-delivery.ts'
import type { DeliveryOutcome, DeliveryRow } from '../../../../src/domain/ledger.ts'
import { later } from '../../../../src/kernel/time.ts'
import {
  AGREEMENT_ID,
  deliveryRow,
  entriesOf,
  entryTypesOf,
  NOW,
  putsOf,
  sceneAs,
  transferAs,
} from '../../../fixtures/builders.ts'

const STARTED_AT = later(NOW, -250)
const PART = { first: 400, last: 999 }

function ended(outcome: DeliveryOutcome, bytes: number, row: Partial<DeliveryRow> = {}, rows: Partial<EndRows> = {}) {
  const delivery = deliveryRow({ startedAt: STARTED_AT, ...row })
  const all = { delivery, transfer: transferAs('PROVIDER'), continued: null, usage: null, used: 1, ...rows }
  const { records } = delivery
  return endDelivery(all, { bytes, records, digest: null, outcome }, sceneAs('PROVIDER'))
}

describe('a delivery that ends', () => {
  // prettier-ignore
  test.each<[DeliveryOutcome, number, boolean]>([
    ['source-failed', 0, true],
    ['cut',           0, true],
    ['peer-gone',     0, true],
    ['source-failed', 1, false],
    ['cut',           1, false],
    ['peer-gone',     1, false],
    ['complete',      0, false],
    ['complete',      9, false],
    ['interrupted',   0, false],
  ])('as %s after %i bytes gives the use back: %s', (outcome, bytes, returned) => {
    const write = ended(outcome, bytes)
    expect(putsOf(write, 'delivery')).toMatchObject([{ endedAt: NOW, bytes, outcome, counted: !returned }])
    expect(putsOf(write, 'counter')).toEqual(returned ? [{ agreementId: AGREEMENT_ID, action: 'use', used: 0 }] : [])
    expect(putsOf(write, 'usage')).toHaveLength(returned ? 0 : 1)
    expect(entryTypesOf(write)).toEqual(['delivery.ended', ...(returned ? ['usage.returned'] : [])])
  })

  test('never gives back more than was used', () => {
    expect(putsOf(ended('cut', 0, {}, { used: 0 }), 'counter')).toMatchObject([{ used: 0 }])
  })

  test('frees what was set aside for it and not sent', () => {
    expect(putsOf(ended('peer-gone', 300), 'delivery')).toMatchObject([{ spent: 300 }])
    expect(putsOf(ended('complete', 1_000), 'delivery')).toMatchObject([{ spent: 1_000 }])
    // A continuation that was admitted meanwhile keeps what is set aside for it.
    expect(putsOf(ended('peer-gone', 300, { spent: 1_100 }), 'delivery')).toMatchObject([{ spent: 400 }])
  })

  test('of unknown size has nothing to free', () => {
    expect(putsOf(ended('peer-gone', 300, { size: null, spent: 0 }), 'delivery')).toMatchObject([{ spent: 0 }])
  })
})

describe('a continuation that ends', () => {
  const original = deliveryRow({ id: 'urn:uuid:first', outcome: 'peer-gone', bytes: 400, spent: 1_000 })
  const row = { continues: original.id, counted: false, part: PART, spent: 0 }

  test('frees what it did not send with the delivery that it continues, and says which that is', () => {
    const write = ended('peer-gone', 100, row, { continued: original })
    expect(putsOf(write, 'delivery')).toMatchObject([
      { continues: original.id, bytes: 100 },
      { id: original.id, bytes: 400, spent: 500 },
    ])
    expect(entriesOf(write)).toMatchObject([{ type: 'delivery.ended', ext: { continues: original.id, bytes: 100 } }])
  })

  test('gives no use back, for it took none', () => {
    const write = ended('cut', 0, row, { continued: original })
    expect(putsOf(write, 'counter')).toEqual([])
    expect(entryTypesOf(write)).toEqual(['delivery.ended'])
  })

  test('adds its bytes and its time to what was used, and no delivery', () => {
    const usage = {
      agreementId: AGREEMENT_ID,
      deliveries: 1,
      bytes: 400,
      milliseconds: 70,
      records: null,
      firstAt: null,
    }
    const write = ended('complete', 600, row, { continued: original, usage })
    expect(putsOf(write, 'usage')).toEqual([{ ...usage, bytes: 1_000, milliseconds: 320 }])
  })
})

describe('what was used', () => {
  test('begins with the first delivery of an agreement', () => {
    expect(putsOf(ended('complete', 1_000), 'usage')).toEqual([
      { agreementId: AGREEMENT_ID, deliveries: 1, bytes: 1_000, milliseconds: 250, records: null, firstAt: STARTED_AT },
    ])
  })

  test('of an interrupted one is what was noted: nobody delivered until the next start', () => {
    const noted = { bytes: 700, notedAt: later(STARTED_AT, 100) }
    expect(putsOf(ended('interrupted', 700, noted), 'usage')).toMatchObject([{ bytes: 700, milliseconds: 100 }])
    expect(putsOf(ended('interrupted', 0), 'usage')).toMatchObject([{ bytes: 0, milliseconds: 0 }])
  })

  test('counts no time backwards when the clock was set back', () => {
    expect(putsOf(ended('complete', 1, { startedAt: later(NOW, 5) }), 'usage')).toMatchObject([{ milliseconds: 0 }])
  })
})

test('progress is noted while a delivery runs, and not after its end', () => {
  const open = deliveryRow()
  const sofar = { bytes: 700, records: 3 }
  expect(noteProgress(open, sofar, NOW)).toEqual([{ put: 'delivery', row: { ...open, ...sofar, notedAt: NOW } }])
  expect(noteProgress({ ...open, outcome: 'cut' }, sofar, NOW)).toEqual([])
})
