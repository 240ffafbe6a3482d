// What a policy measures while data leave: bytes, uses in a period, time of use, hours, addresses; and the rules of the site.

import { describe, expect, test } from 'vitest'
import { compilePolicyFully } from '../../../src/domain/policy/compile.ts'
import { NO_REGIME } from '../../../src/domain/policy/regime.ts'
import type { Rules } from '../../../src/protocol/odrl/types.ts'
import { agreementAs } from '../../fixtures/builders.ts'
import { problemOf } from '../dataplane/scratch.ts'
import { serving, SIZE } from './serving.ts'

function under(leftOperand: string, operator: string, rightOperand: string | readonly string[]) {
  const constraint = [{ leftOperand, operator, rightOperand }]
  return agreementAs('PROVIDER', { permission: [{ action: 'use', constraint }] })
}

describe('bytes', () => {
  test('that an answer would bring over the bound are not sent', async () => {
    const { get } = serving(under('tds:dataSize', 'lteq', String(SIZE * 2 + 99)))
    expect(await get()).toMatchObject({ bytes: SIZE })
    expect(await get({ range: 'bytes=-100' })).toMatchObject({ bytes: 100 })
    expect(await problemOf(get())).toMatchObject({ code: 'policy.denied', path: 'permission[0].constraint[0]' })
    expect(await get({ range: 'bytes=-900' })).toMatchObject({ bytes: 900 })
  })

  test('on their way count too', async () => {
    const { stall, get } = serving(under('tds:dataSize', 'lteq', String(SIZE * 2 - 1)))
    await stall()
    expect(await problemOf(get())).toMatchObject({ code: 'policy.denied' })
    expect(await get({ range: 'bytes=-100' })).toMatchObject({ bytes: 100 })
  })

  test('of an answer whose length nobody knew end at the bound', async () => {
    const { get, source, entries } = serving(under('tds:dataSize', 'lteq', String(SIZE / 2)))
    source.isSized = false
    const got = await get()
    expect(got.result).toMatchObject({ outcome: 'cut' })
    expect(entries('delivery.ended')).toMatchObject([{ outcome: 'cut', code: 'policy.denied' }])
  })
})

describe('uses in a period', () => {
  test('are counted over the last so many seconds, not by the calendar', async () => {
    const { get, pass } = serving(under('tds:frequency', 'lteq', '2/PT1H'))
    await get()
    pass(1_800_000)
    await get()
    pass(1_799_999)
    expect(await problemOf(get())).toMatchObject({ code: 'policy.denied' })
    pass(1)
    expect(await get()).toMatchObject({ bytes: SIZE })
  })

  test('must lie so far apart', async () => {
    const { get, pass } = serving(under('timeInterval', 'eq', 'PT10M'))
    await get()
    pass(599_999)
    expect(await problemOf(get())).toMatchObject({ code: 'policy.denied' })
    pass(1)
    expect(await get()).toMatchObject({ bytes: SIZE })
  })
})

describe('a stream that runs', () => {
  test('ends when its time of use is used up', async () => {
    const { stall, pass } = serving(under('meteredTime', 'lteq', 'PT1M'))
    const { ended } = await stall()
    pass(60_001)
    expect(await ended).toMatchObject({ outcome: 'cut' })
  })

  test('ends with its hours', async () => {
    // The fixture's now is 12:00 UTC on a Monday.
    const { stall, pass } = serving(under('tds:dailyWindow', 'isAnyOf', ['Mon-Fri 09:00-21:00 Asia/Shanghai']))
    const { ended } = await stall()
    pass(3_600_000)
    expect(await ended).toMatchObject({ outcome: 'cut' })
  })
})

describe('an address', () => {
  test('outside the network is refused, and so is one that is not known', async () => {
    const { get } = serving(under('virtualLocation', 'isAnyOf', ['10.0.0.0/24']))
    expect(await get({}, Infinity, { address: '::ffff:10.0.0.9' })).toMatchObject({ bytes: SIZE })
    expect(await problemOf(get({}, Infinity, { address: '10.0.1.9' }))).toMatchObject({ code: 'policy.denied' })
    expect(await problemOf(get())).toMatchObject({ code: 'policy.denied' })
  })
})

describe('a rule of the site', () => {
  const forbids: Rules = { prohibition: [{ action: 'use' }] }
  const policy = compilePolicyFully(forbids, 'guardrail[no-exports]').value
  const regime = {
    ...NO_REGIME,
    guardrails: [{ id: 'no-exports', title: {}, datasets: [], parties: [], policy, file: 'guardrails/x.yaml' }],
  }

  test('stands over every agreement', async () => {
    const { get } = serving(under('count', 'lteq', '9'), { regime })
    expect(await problemOf(get())).toMatchObject({
      code: 'policy.denied',
      path: 'guardrail[no-exports].prohibition[0]',
    })
  })
})
