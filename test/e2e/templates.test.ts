// Two of the shipped templates in use between two connectors: what they ask of claims, metadata, network and record.

import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { agreeOn, bothIn, fetchData, openTransfer, processOn, startPair, type Pair } from '../fixtures/pair.ts'
import { eventually } from '../fixtures/eventually.ts'
import { SHIPPED_POLICIES } from '../fixtures/templates.ts'

const API = 'urn:dataset:api'
const PERSONS = 'urn:dataset:persons'
const METERED = `offer: metered
datasets: ["${API}"]
template: cn-api-metered
with: { frequency: 2/P1D, networks: [127.0.0.0/8, "::1/128"] }
`
const ABROAD = `offer: abroad
datasets: ["${PERSONS}"]
template: cn-out-pi-scc-or-cert
`

let pair: Pair
beforeAll(async () => {
  pair = await startPair({ provider: { env: () => ({ LINGQU_PARTICIPANT__CLAIMS: '{"ciio":"false"}' }) } })
  const { connector } = pair.provider
  const policies = join(connector.directory, 'policies')
  for (const folder of ['templates', 'vocab'])
    cpSync(join(SHIPPED_POLICIES, folder), join(policies, folder), { recursive: true })
  writeFileSync(join(policies, 'offers', 'metered.yaml'), METERED)
  writeFileSync(join(policies, 'offers', 'abroad.yaml'), ABROAD)
  await connector.ask('/policies/reload', {})
  const file = join(connector.directory, 'data.csv')
  await connector.ask(
    '/datasets',
    [API, PERSONS].map((id) => ({
      ...{ '@id': id, title: id, source: { type: 'file', path: file } },
      dataGrade: 'general',
    })),
  )
})
afterAll(async () => pair.discard())

/** The consumer's data under an agreement, through a transfer of its own. */
async function statusOf(transfer: string): Promise<number> {
  return (await fetchData(pair, transfer)).status
}

async function started(agreementId: string): Promise<string> {
  const transfer = await openTransfer(pair, agreementId)
  await bothIn(pair, 'transfers', transfer, 'STARTED')
  return transfer
}

test('an API that is metered gives as often as is agreed, to a consumer and a machine in China', async () => {
  const { provider, consumer } = pair
  const { did } = consumer.connector
  await provider.connector.ask('/peers', { did, name: 'c', claims: { country: 'CN', executionJurisdiction: 'CN' } })
  const agreementId = await agreeOn(pair, API)
  const transfer = await started(agreementId)

  expect([await statusOf(transfer), await statusOf(transfer)]).toEqual([200, 200])
  expect(await statusOf(transfer)).not.toBe(200)
  expect(refusals(agreementId)).toEqual(['permission[0].constraint[0]'])

  await provider.connector.ask('/peers', { did, name: 'c', claims: { country: 'CN', executionJurisdiction: 'SG' } })
  expect(await statusOf(transfer)).not.toBe(200)
  provider.connector.verify()
})

test('personal data goes abroad once mechanism, numbers and consent are on record', async () => {
  const { provider, consumer } = pair
  const { did } = consumer.connector
  await provider.connector.ask('/peers', { did, name: 'c', claims: { country: 'VN' } })
  const agreementId = await agreeOn(pair, PERSONS)
  const path = `/agreements/${encodeURIComponent(agreementId)}`
  const record = (name: string, value: string) => provider.connector.ask(`${path}/records`, { name, value })

  await record('tds:piPersonsYtd', '900')
  await record('tds:spiPersonsYtd', '0')
  await record('tds:mechanismValidUntil', '2099-01-01T00:00:00+08:00')
  await record('tds:transferMechanism', 'cn-standard-contract')
  const early = await openTransfer(pair, agreementId)
  await eventually('it is refused without consent', async () => {
    return (await processOn(consumer, 'transfers', early)).state === 'TERMINATED'
  })
  await provider.connector.ask(`${path}/obligations/fulfil`, { duty: 'permission[0].duty[0]' })
  const transfer = await started(agreementId)
  expect(await statusOf(transfer)).toBe(200)
  await record('tds:transferMechanism', 'asean-mcc-2')
  expect(await statusOf(transfer)).not.toBe(200)
  expect(refusals(agreementId)).toEqual(['permission[0].duty[0]', 'permission[0].constraint[4]'])
})

/** Where the policy stood in the way of a delivery, in order. */
function refusals(agreementId: string): readonly unknown[] {
  return pair.provider.connector
    .entries()
    .filter(
      ({ type, agreement, ext }) => type === 'decision' && agreement === agreementId && ext?.['verdict'] === 'deny',
    )
    .map(({ ext }) => ext?.['path'])
}
