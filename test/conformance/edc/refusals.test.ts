// The EDC of these tests refuses what a real one was recorded to refuse: otherwise its silence would prove nothing.

import { afterAll, beforeAll, expect, test } from 'vitest'
import { openEdc, sendAs, type Edc } from '../../fixtures/edc/edc.ts'
import { BETWEEN_EDCS, exchangeOf, REFUSALS, type Recording } from '../../fixtures/edc/recording.ts'

// As often as there is something to ask.
const CATALOGUES: Recording = {
  ...BETWEEN_EDCS,
  consumer: { id: 'peer', base: 'http://127.0.0.1:38194/dsp' },
  exchanges: [...REFUSALS.authorization, ...REFUSALS.requests].map(() =>
    exchangeOf(BETWEEN_EDCS, 'CatalogRequestMessage'),
  ),
}
const CATALOGUE = { '@context': ['https://w3id.org/dspace/2025/1/context.jsonld'], '@type': 'CatalogRequestMessage' }

let edc: Edc
beforeAll(async () => {
  edc = await openEdc(CATALOGUES, 'consumer', 'http://localhost:1')
})
afterAll(async () => edc.close())

test.each(REFUSALS.authorization)(
  'Authorization with $what is answered with $status',
  async ({ authorization, status }) => {
    const value = authorization?.replace('<base of EDC>', edc.base)

    expect((await sendAs('POST', `${edc.base}/catalog/request`, value, CATALOGUE)).status).toBe(status)
  },
)

test.each(REFUSALS.requests)('a catalogue request with $what is answered with $status', async ({ body, status }) => {
  const authorization = JSON.stringify({ region: 'eu', clientId: 'peer' })

  expect((await sendAs('POST', `${edc.base}/catalog/request`, authorization, body)).status).toBe(status)
})
