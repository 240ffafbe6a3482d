// What the provider's template says beside its rules goes with the agreement, and decides from its first use on.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  agreeOn,
  bothIn,
  DATA,
  fetchData,
  OPEN,
  openNegotiation,
  openTransfer,
  startPair,
  type Pair,
} from '../fixtures/pair.ts'

const TEMPLATE = `template: clauses
version: '2'
parameters:
  purpose: { type: iri }
  end: { type: dateTime }
policy:
  permission:
    - action: use
      constraint:
        - purpose: { eq: annex:purpose }
        - dateTime: { lteq: annex:endDate }
annex: { kind: clauses, purpose: { param: purpose }, endDate: { param: end }, documents: [{ title: Annex I }] }
settlement: { splitBps: { holder: 10000 } }
`
const PURPOSE = 'urn:purpose:logistics'
const OFFER = `offer: open
version: 3
datasets: ["${OPEN}"]
template: clauses
with: { purpose: "${PURPOSE}", end: "2099-12-31T23:59:59+08:00" }
`

let pair: Pair
beforeAll(async () => {
  pair = await startPair()
  const policies = join(pair.provider.connector.directory, 'policies')
  mkdirSync(join(policies, 'templates'))
  writeFileSync(join(policies, 'templates', 'clauses.yaml'), TEMPLATE)
  writeFileSync(join(policies, 'offers', 'open.yaml'), OFFER)
  await pair.provider.connector.ask('/policies/reload', {})
})
afterAll(async () => pair.discard())

interface Held {
  readonly terms: unknown
}

test('the provider keeps them with the agreement and on record; the consumer is sent none', async () => {
  const { provider, consumer } = pair
  const pid = await openNegotiation(pair, OPEN)
  const { agreementId } = (await bothIn(pair, 'negotiations', pid, 'FINALIZED')).provider
  const path = `/agreements/${encodeURIComponent(agreementId ?? '')}`

  expect(await provider.connector.ask<Held>(path)).toMatchObject({
    terms: {
      version: '3',
      template: { id: 'clauses', version: '2', with: { purpose: PURPOSE } },
      annex: { kind: 'clauses', purpose: PURPOSE, documents: [{ title: 'Annex I' }] },
      settlement: { splitBps: { holder: 10_000 } },
    },
  })
  expect(await consumer.connector.ask<Held>(path)).toMatchObject({ terms: null })
  const { items } = await provider.connector.ask<{ items: readonly { name: string; value: string; by: string }[] }>(
    `${path}/records`,
  )
  expect(items.map(({ name, value, by }) => [name, value, by])).toEqual([
    ['annex:endDate', '2099-12-31T23:59:59+08:00', provider.connector.did],
    ['annex:kind', 'clauses', provider.connector.did],
    ['annex:purpose', PURPOSE, provider.connector.did],
  ])
  const told = provider.connector.entries().filter(({ agreement }) => agreement === agreementId)
  expect(told.filter(({ type }) => type === 'fact.recorded')).toHaveLength(3)
  expect(told.find(({ type }) => type === 'agreement.agreed')?.ext).toMatchObject({
    termsDigest: expect.stringMatching(/^sha-256:[0-9a-f]{64}$/) as string,
  })
  provider.connector.verify()
})

test('a constraint that refers to the annex permits as long as the annex says', async () => {
  const { provider } = pair
  const agreementId = await agreeOn(pair, OPEN)
  const transfer = await openTransfer(pair, agreementId)
  await bothIn(pair, 'transfers', transfer, 'STARTED')
  expect((await fetchData(pair, transfer)).body.equals(DATA)).toBe(true)

  const ended = { name: 'annex:endDate', value: '2026-01-01T00:00:00+08:00' }
  await provider.connector.ask(`/agreements/${encodeURIComponent(agreementId)}/records`, ended)

  expect((await fetchData(pair, transfer)).status).not.toBe(200)
})
