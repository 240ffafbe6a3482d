// What is on record decides: payments, consents, duties that come first, and duties with a deadline that follow.

import { describe, expect, test } from 'vitest'
import { createKeepRecord, type NewRecord } from '../../../src/shell/keep-record.ts'
import { createWatchObligations } from '../../../src/shell/watch-obligations.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { instant, type Instant } from '../../../src/kernel/time.ts'
import type { Rules } from '../../../src/protocol/odrl/types.ts'
import { AGREEMENT_ID, agreementAs, NOW, PROVIDER } from '../../fixtures/builders.ts'
import { eventually } from '../../fixtures/eventually.ts'
import { problemOf } from '../dataplane/scratch.ts'
import { serving, SIZE } from './serving.ts'

const PAID = { leftOperand: 'payAmount', operator: 'gteq', rightOperand: '10.00', unit: 'CNY' }

function fact(name: string, value: NewRecord['value'], more: Partial<NewRecord> = {}): NewRecord {
  return { name, value, unit: null, validUntil: null, reference: null, ...more }
}

function under(rules: Rules) {
  let at: Instant = NOW
  const world = serving(agreementAs('PROVIDER', rules))
  const keep = createKeepRecord({ store: world.store, clock: () => at })
  const pass = (ms: number): void => {
    at = instant(at + ms)
    world.pass(ms)
  }
  return { ...world, keep, pass, clock: () => at }
}

describe('a payment', () => {
  test('opens the data, and payments add up in their currency', async () => {
    const { get, keep } = under({ permission: [{ action: 'use', constraint: [PAID] }] })
    expect(await problemOf(get())).toMatchObject({ code: 'policy.denied', path: 'permission[0].constraint[0]' })
    await keep.record(AGREEMENT_ID, fact('payAmount', '9.90', { unit: 'CNY' }), 'admin')
    await keep.record(AGREEMENT_ID, fact('payAmount', '100', { unit: 'USD' }), 'admin')
    expect(await problemOf(get())).toMatchObject({ code: 'policy.denied' })
    expect(await keep.record(AGREEMENT_ID, fact('odrl:payAmount', '0.10', { unit: 'CNY' }), 'admin')).toMatchObject({
      value: '10',
    })
    expect(await get()).toMatchObject({ bytes: SIZE })
  })

  test('that is none, or under no agreement, is refused by name', async () => {
    const { keep } = under({ permission: [{ action: 'use' }] })
    const wrong = (told: NewRecord, id: string = AGREEMENT_ID) => problemOf(keep.record(id, told, 'admin'))
    expect(await wrong(fact('payAmount', '10'))).toMatchObject({ code: 'request.malformed', path: 'unit' })
    expect(await wrong(fact('payAmount', 'ten', { unit: 'CNY' }))).toMatchObject({
      code: 'request.malformed',
      path: 'value',
    })
    expect(await wrong(fact('tds:consentState', 'active'))).toMatchObject({
      path: 'name',
      message: expect.stringContaining('tds:consentStatus') as string,
    })
    expect(await wrong(fact('count', '0'))).toMatchObject({ code: 'request.malformed', path: 'name' })
    expect(await wrong(fact('payAmount', '1', { unit: 'CNY' }), 'urn:none')).toMatchObject({ code: 'resource.unknown' })
  })
})

describe('a consent', () => {
  const rules: Rules = {
    permission: [
      { action: 'use', constraint: [{ leftOperand: 'tds:consentStatus', operator: 'eq', rightOperand: 'active' }] },
    ],
  }

  test('that is taken back ends what runs under it', async () => {
    const { stall, get, keep } = under(rules)
    await keep.record(AGREEMENT_ID, fact('tds:consentStatus', 'active'), 'admin')
    const { ended } = await stall()
    await keep.revoke(AGREEMENT_ID, 'tds:consentStatus', 'admin')
    expect(await ended).toMatchObject({ outcome: 'cut' })
    expect(await problemOf(get())).toMatchObject({ code: 'policy.denied' })
  })

  test('expires by itself, also under a stream that runs', async () => {
    const { stall, keep, pass } = under(rules)
    await keep.record(AGREEMENT_ID, fact('tds:consentStatus', 'active', { validUntil: instant(NOW + 60_000) }), 'admin')
    const { ended } = await stall()
    pass(60_000)
    expect(await ended).toMatchObject({ outcome: 'cut' })
  })
})

describe('a duty', () => {
  test('that comes first denies by its name until it is shown', async () => {
    const { get, keep } = under({ permission: [{ action: 'use', duty: [{ action: 'obtainConsent' }] }] })
    expect(await problemOf(get())).toMatchObject({ code: 'policy.denied', path: 'permission[0].duty[0]' })
    await keep.fulfil(AGREEMENT_ID, 'permission[0].duty[0]', { reference: 'urn:consent:1' }, 'admin')
    expect(await get()).toMatchObject({ bytes: SIZE })
    expect(await problemOf(keep.fulfil(AGREEMENT_ID, 'permission[0].duty[0]', null, 'admin'))).toMatchObject({
      code: 'move.illegal',
    })
    expect(await problemOf(keep.fulfil(AGREEMENT_ID, 'obligation[7]', null, 'admin'))).toMatchObject({
      code: 'resource.unknown',
    })
  })

  test('that follows is owed from the first delivery on, once, and violated after its deadline', async () => {
    const within = [{ leftOperand: 'elapsedTime', operator: 'lteq', rightOperand: 'P7D' }]
    const erase = { action: 'delete', constraint: within, consequence: [{ action: 'inform' }] }
    const { get, keep, store, pass, clock, entries } = under({ permission: [{ action: 'use' }], obligation: [erase] })
    await get()
    await get()
    expect(keep.obligations(AGREEMENT_ID)).toMatchObject([{ path: 'obligation[0]', state: 'active' }])

    pass(8 * 86_400_000)
    const watch = createWatchObligations({
      store,
      clock,
      self: PROVIDER,
      log: silentLog,
      setTimer: (_ms, wake) => (setImmediate(wake), () => undefined),
    })
    watch.start()
    await eventually('the duty is violated', () => keep.obligations(AGREEMENT_ID)[0]?.state === 'violated')
    expect(keep.obligations(AGREEMENT_ID)).toMatchObject([
      { state: 'violated' },
      { path: 'obligation[0].consequence[0]', state: 'active' },
    ])
    await watch.stop()
    expect(entries('obligation.violated')).toMatchObject([{ duty: 'obligation[0]' }])
    expect(await keep.fulfil(AGREEMENT_ID, 'obligation[0]', { text: 'shredded' }, 'admin')).toMatchObject({
      state: 'late',
    })
  })
})
