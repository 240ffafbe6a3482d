// The 65 scenarios of the official kit without Java: the same messages, the same states, on every run of the tests.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CATALOG_DATASETS, offerIdOf, PROVIDER_NEGOTIATIONS } from '../dsp/script.ts'
import { isThere } from '../official.ts'
import { openConnector, type Connector } from './connector.ts'
import { messageOf, openCounterparty, type Counterparty } from './counterparty.ts'
import { faultOf, type Message } from './judge.ts'
import { FORMAT, play } from './play.ts'
import { NEGOTIATIONS, SWITCHED_OFF_IN_THE_KIT, TRANSFERS } from './table.ts'

if (!isThere) console.warn('NOT COMPARED with the official schemas: ../shared/spec/dsp-2025-1 is not there')

const DATASETS = [...CATALOG_DATASETS, ...Object.keys(PROVIDER_NEGOTIATIONS)]
const DISCOVERY = ['MET:01-01', 'CAT:01-01', 'CAT:01-02', 'CAT:01-03'] as const

let connector: Connector
let counterparty: Counterparty
beforeAll(async () => {
  counterparty = await openCounterparty()
  connector = await openConnector({
    offers: DATASETS.map((id) => ({
      offer: offerIdOf(id),
      title: { en: id },
      datasets: [id],
      permission: [{ action: 'use' }],
    })),
    staticTokens: [counterparty],
  })
  await connector.management.call(
    'POST',
    '/datasets',
    DATASETS.map((id) => ({ '@id': id, title: id, formats: [FORMAT] })),
  )
})
afterAll(async () => {
  await connector.close()
  await counterparty.close()
})
afterEach(() => {
  expect(counterparty.faults).toEqual([])
  expect(connector.defects).toEqual([])
})

test('the scenarios are the 65 that the kit runs, and the two that it has switched off', () => {
  const ids = [...DISCOVERY, ...[...NEGOTIATIONS, ...TRANSFERS].map(({ id }) => id)]

  expect(ids.filter((id) => !SWITCHED_OFF_IN_THE_KIT.has(id))).toHaveLength(65)
  expect(new Set(ids).size).toBe(67)
})

describe('discovery and catalogue', () => {
  test('MET:01-01 the version document is open to everyone, and names 2025-1 with path and binding', async () => {
    const { status, json } = await counterparty.get(`${connector.rootUrl}/.well-known/dspace-version`)

    expect(status).toBe(200)
    const { protocolVersions = [] } = json as { protocolVersions?: readonly Message[] }
    const ours = protocolVersions.find(({ version }) => version === '2025-1')
    expect(ours).toMatchObject({ binding: 'HTTPS' })
    expect(`${connector.rootUrl}${String(ours?.['path'])}`).toBe(connector.base)
  })

  test('CAT:01-01 the first page of the catalogue is a Catalog with the dataset', async () => {
    const request = messageOf('CatalogRequestMessage', {})
    const { status, json } = await counterparty.post(`${connector.base}/catalog/request`, request)

    expect(status).toBe(200)
    expect(faultOf(json)).toBeNull()
    expect((json['dataset'] as Message[]).map((dataset) => dataset['@id'])).toContain('CAT0101')
  })

  test('CAT:01-02 a dataset is answered as a Dataset of its own', async () => {
    const { status, json } = await counterparty.get(`${connector.base}/catalog/datasets/CAT0102`)

    expect(status).toBe(200)
    expect(faultOf(json)).toBeNull()
    expect(json['@id']).toBe('CAT0102')
  })

  test('CAT:01-03 an unknown dataset is a CatalogError', async () => {
    const { status, json } = await counterparty.get(`${connector.base}/catalog/datasets/CAT0103`)

    expect(status).toBe(404)
    expect(faultOf(json)).toBeNull()
    expect(json['@type']).toBe('CatalogError')
  })
})

const NO_AGREEMENTS = { PROVIDER: '', CONSUMER: '' }

describe('contract negotiation', () => {
  test.each(NEGOTIATIONS)('$id $rule: $steps', async (scenario) => {
    await play(scenario, { connector, counterparty, agreements: NO_AGREEMENTS })
  })
})

describe('transfer process', () => {
  let agreements = NO_AGREEMENTS
  beforeAll(async () => {
    const made = async (id: string): Promise<string> => {
      const scenario = NEGOTIATIONS.find((each) => each.id === id)
      if (scenario === undefined) throw new Error(`${id} is no scenario`)
      return play(scenario, { connector, counterparty, agreements: NO_AGREEMENTS })
    }
    agreements = { PROVIDER: await made('CN:01-04'), CONSUMER: await made('CN_C:01-04') }
  })

  test.each(TRANSFERS)('$id $rule: $steps', async (scenario) => {
    await play(scenario, { connector, counterparty, agreements })
  })
})
