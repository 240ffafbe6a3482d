// The same scenarios in every spelling that JSON-LD allows and every way in which peers use HTTP: nothing else may change.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../../fixtures/eventually.ts'
import { offerIdOf, PROVIDER_NEGOTIATIONS } from '../dsp/script.ts'
import { openConnector, type Connector } from './connector.ts'
import { messageOf, openCounterparty, openedBy, opens, type Counterparty } from './counterparty.ts'
import { faultOf, type Message } from './judge.ts'
import { USE } from './language.ts'
import { FORMAT, play } from './play.ts'
import { RESPELLINGS, type Respell } from './spell.ts'
import { NEGOTIATIONS, TRANSFERS } from './table.ts'

/** Together they have every message of both roles, and refusals. */
const PLAYED = [
  'CN:01-02',
  'CN:01-03',
  'CN:02-02',
  'CN:03-04',
  'CN_C:01-01',
  'CN_C:02-01',
  'TP:02-01',
  'TP:02-04',
  'TP_C:01-04',
  'TP_C:03-03',
]
/** Every path but those of a counter-request and of the terminations. */
const MOST = ['CN:01-03', 'CN_C:01-01', 'TP:02-04', 'TP_C:01-04']
const SCENARIOS = [...NEGOTIATIONS, ...TRANSFERS].filter(({ id }) => PLAYED.includes(id))

let connector: Connector
let counterparty: Counterparty
let agreements = { PROVIDER: '', CONSUMER: '' }
beforeAll(async () => {
  counterparty = await openCounterparty()
  const datasets = Object.keys(PROVIDER_NEGOTIATIONS)
  connector = await openConnector({
    offers: datasets.map((id) => ({ offer: offerIdOf(id), datasets: [id], permission: [{ action: 'use' }] })),
    staticTokens: [counterparty],
  })
  await connector.management.call(
    'POST',
    '/datasets',
    datasets.map((id) => ({ '@id': id, formats: [FORMAT] })),
  )
  const made = async (id: string): Promise<string> => {
    const scenario = NEGOTIATIONS.find((each) => each.id === id)
    if (scenario === undefined) throw new Error(`${id} is no scenario`)
    return play(scenario, { connector, counterparty, agreements })
  }
  agreements = { PROVIDER: await made('CN:01-04'), CONSUMER: await made('CN_C:01-04') }
})
afterAll(async () => {
  await connector.close()
  await counterparty.close()
})
afterEach(() => {
  counterparty.answerWith(null)
  expect([...counterparty.faults, ...connector.defects]).toEqual([])
})

test('the scenarios that are played have every message', () => {
  expect(SCENARIOS).toHaveLength(PLAYED.length)
  const spoken = new Set(SCENARIOS.flatMap(({ steps }) => steps.match(/they \w+/g) ?? []).map((step) => step.slice(5)))
  const all = [
    'request',
    'counter',
    'offer',
    'accept',
    'agree',
    'verify',
    'finalize',
    'terminate',
    'start',
    'resume',
    'suspend',
    'complete',
  ]
  expect([...spoken].toSorted()).toEqual(all.toSorted())
})

/** The counter-party with other habits, in what it sends and in what it answers. */
function speaking(respell: Respell): Counterparty {
  counterparty.answerWith(({ path, message }, response) => {
    if (opens(path)) response.write(JSON.stringify(respell(openedBy(message))))
    response.end()
  })
  return {
    ...counterparty,
    post: (url, message, headers) => counterparty.post(url, respell(message as Message), headers),
  }
}

describe.each(RESPELLINGS)('messages %s', (_how, respell) => {
  test.each(SCENARIOS)('$id $steps', async (scenario) => {
    await play(scenario, { connector, counterparty: speaking(respell), agreements })
  })

  test('say the same in a catalogue', async () => {
    const plain = catalogOf(counterparty)
    expect(faultOf(plain)).toBeNull()
    const seen: unknown[] = []
    for (const catalog of [plain, respell(plain)]) {
      counterparty.answerWith((_arrived, response) => response.end(JSON.stringify(catalog)))
      const { participant, address } = counterparty
      const question = { counterPartyId: participant, counterPartyAddress: address }
      const { datasets, ...rest } = await connector.management.call<{ datasets: readonly Message[] }>(
        'POST',
        '/catalog/request',
        question,
      )
      seen.push({ ...rest, datasets: datasets.map(({ properties: _, ...dataset }) => dataset) })
    }

    expect(seen[1]).toEqual(seen[0])
    expect(seen[0]).toMatchObject({
      datasets: [{ id: 'urn:theirs', formats: [FORMAT], offers: [{ notUnderstood: [] }] }],
    })
  })
})

function catalogOf({ participant, address }: Counterparty): Message {
  const constraint = [{ leftOperand: 'count', operator: 'lteq', rightOperand: '5' }]
  const accessService = { '@id': 'urn:service', '@type': 'DataService', endpointURL: address }
  return {
    ...messageOf('Catalog', { participantId: participant }),
    service: [accessService],
    dataset: [
      {
        '@id': 'urn:theirs',
        '@type': 'Dataset',
        hasPolicy: [{ '@id': 'theirs', '@type': 'Offer', permission: [{ action: 'use', constraint }] }],
        distribution: [{ '@type': 'Distribution', format: FORMAT, accessService }],
      },
    ],
  }
}

type Habit = (url: string) => { readonly url: string; readonly headers: Readonly<Record<string, string>> }

// The scenarios themselves come without a media type.
// prettier-ignore
const HABITS: readonly (readonly [how: string, habit: Habit])[] = [
  ['as application/json',                  (url) => ({ url, headers: { 'content-type': 'application/json' } })],
  ['as application/json with a charset',   (url) => ({ url, headers: { 'content-type': 'application/json; charset=UTF-8' } })],
  ['as application/ld+json',               (url) => ({ url, headers: { 'content-type': 'application/ld+json' } })],
  ['with a slash at the end of the path',  (url) => ({ url: `${url}/`, headers: {} })],
  ['with two slashes behind the base',     (url) => ({ url: url.replace('/2025-1/', '/2025-1//'), headers: {} })],
  ['with the pid percent-encoded',         (url) => ({ url: url.replaceAll('urn:uuid:', 'urn%3Auuid%3A'), headers: {} })],
]

describe.each(HABITS)('messages sent %s', (_how, habit) => {
  test.each(SCENARIOS.filter(({ id }) => MOST.includes(id)))('$id $steps', async (scenario) => {
    const other: Counterparty = {
      ...counterparty,
      post: (to, message) => {
        const { url, headers } = habit(to)
        return counterparty.post(url, message, headers)
      },
      get: (to) => counterparty.get(habit(to).url),
    }
    await play(scenario, { connector, counterparty: other, agreements })
  })
})

describe('a callback address', () => {
  test.each(['/', '//'])('with "%s" at its end is the same as without', async (end) => {
    const scenarios = SCENARIOS.filter(({ id }) => ['CN:01-03', 'TP:02-04'].includes(id))
    for (const scenario of scenarios) {
      const slashed: Counterparty = { ...counterparty, address: `${counterparty.address}${end}` }
      await play(scenario, { connector, counterparty: slashed, agreements })
    }
  })

  test('of a provider with a slash at its end is the same as without', async () => {
    const offer = { '@id': 'theirs', '@type': 'Offer', target: 'urn:theirs', ...USE }
    const body = { counterPartyId: counterparty.participant, counterPartyAddress: `${counterparty.address}/`, offer }
    const { id } = await connector.management.call<{ id: string }>('POST', '/negotiations', body)

    await counterparty.arrives('ContractRequestMessage', id)
    await eventually('it is acknowledged', async () => {
      const { json } = await counterparty.get(`${connector.base}/negotiations/${id}`)
      return json['state'] === 'REQUESTED'
    })
  })
})
