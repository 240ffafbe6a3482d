// A policy on the number of records, and rules of the site that are about what flows.

import { describe, expect, test } from 'vitest'
import { compilePolicyFully } from '../../../src/domain/policy/compile.ts'
import { NO_REGIME, type Regime } from '../../../src/domain/policy/regime.ts'
import type { Constraint } from '../../../src/protocol/odrl/types.ts'
import { AGREEMENT_ID, agreementAs } from '../../fixtures/builders.ts'
import { problemOf } from '../dataplane/scratch.ts'
import { serving, type Serving } from './serving.ts'

const PERMIT = agreementAs('PROVIDER', { permission: [{ action: 'use' }] })
const atMost = (leftOperand: string, most: string): Constraint => ({
  leftOperand,
  operator: 'lteq',
  rightOperand: most,
})
const agreed = (constraint: Constraint) =>
  agreementAs('PROVIDER', { permission: [{ action: 'use', constraint: [constraint] }] })

/** A site that permits what this says. */
function under(constraint: Constraint): { readonly regime: Regime } {
  const policy = compilePolicyFully({ permission: [{ action: 'use', constraint: [constraint] }] }, 'guardrail[g]').value
  const guardrail = { id: 'g', title: {}, datasets: [], parties: [], policy, file: 'g.yaml' }
  return { regime: { ...NO_REGIME, guardrails: [guardrail] } }
}

const records = ({ store }: Serving): number | null | undefined => store.reader.get('usage', AGREEMENT_ID)?.records

describe('records', () => {
  test('of all deliveries add up, and the last that is agreed is the last that leaves', async () => {
    const world = serving(agreed(atMost('tds:recordCount', '150')))
    world.source.lineBytes = 10

    expect(await world.get()).toMatchObject({ bytes: 1_000, result: { outcome: 'complete' } })
    expect(records(world)).toBe(100)
    expect(await world.get()).toMatchObject({ bytes: 500, result: { outcome: 'cut' } })
    expect(records(world)).toBe(150)
    expect(await problemOf(world.get())).toMatchObject({ code: 'policy.denied', path: 'permission[0].constraint[0]' })
    expect(world.entries('delivery.ended')).toMatchObject([{ records: 100 }, { records: 50, code: 'policy.denied' }])
  })

  test('that reach over the end of a piece leave whole or not at all', async () => {
    const world = serving(agreed(atMost('tds:recordCount', '4')))
    world.source.lineBytes = 30
    expect(await world.get()).toMatchObject({ bytes: 120, result: { outcome: 'cut' } })
    expect(records(world)).toBe(4)
  })

  test('are known in no other data, and so permit nothing', async () => {
    const world = serving(agreed(atMost('tds:recordCount', '9999')))
    world.source.mediaType = 'application/pdf'
    expect(await problemOf(world.get())).toMatchObject({ code: 'policy.denied' })
    expect(world.used()).toBe(0)
  })

  test('are counted one delivery at a time', async () => {
    const world = serving(agreed(atMost('tds:recordCount', '9999')))
    await world.stall()
    expect(await problemOf(world.get())).toMatchObject({ code: 'policy.denied' })
  })

  test('are counted for a rule of the site too', async () => {
    const world = serving(PERMIT, under(atMost('tds:recordCount', '20')))
    world.source.lineBytes = 10
    expect(await world.get()).toMatchObject({ bytes: 200, result: { outcome: 'cut' } })
    expect(records(world)).toBe(20)
  })

  test('are not counted where nobody asks', async () => {
    const world = serving(PERMIT)
    await world.get()
    expect(records(world)).toBeNull()
    expect(world.entries('delivery.ended')[0]).not.toHaveProperty('records')
  })
})

describe('days since the first transfer', () => {
  test('begin with the first delivery under this agreement', async () => {
    const world = serving(agreed({ leftOperand: 'tds:daysSinceFirstTransfer', operator: 'lt', rightOperand: '7' }))
    await world.get()
    world.pass(7 * 86_400_000 - 1)
    await world.get()
    world.pass(1)
    expect(await problemOf(world.get())).toMatchObject({ code: 'policy.denied' })
  })
})

describe('a rule of the site', () => {
  test('on bytes is kept to the byte where their number is known before', async () => {
    const world = serving(PERMIT, under(atMost('tds:dataSize', '1500')))
    expect(await world.get()).toMatchObject({ bytes: 1_000 })
    expect(await problemOf(world.get())).toMatchObject({ code: 'policy.denied' })
  })

  test('on bytes is asked as soon as they are used up', async () => {
    const world = serving(PERMIT, { ...under(atMost('tds:dataSize', '250')), hasTimers: false })
    world.source.isSized = false
    expect(await world.get()).toMatchObject({ bytes: 300, result: { outcome: 'cut' } })
  })

  test('on how often knows the uses before', async () => {
    const world = serving(PERMIT, under(atMost('tds:frequency', '2/P1D')))
    await world.get()
    await world.get()
    expect(await problemOf(world.get())).toMatchObject({ code: 'policy.denied' })
    world.pass(86_400_000)
    expect(await world.get()).toMatchObject({ status: 200 })
  })
})
