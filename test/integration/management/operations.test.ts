// Every operation against a real connector: each answer is one that the OpenAPI document promises, to the last member.

import { writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { OPERATIONS, type OperationId } from '../../../src/http/management/operations.ts'
import type { Operation } from '../../../src/http/management/operation.ts'
import { eventually } from '../../fixtures/eventually.ts'
import { brokenPromise, documented, faultsBy, IDS } from './document.ts'
import {
  MANUAL,
  negotiate,
  offerOn,
  OPEN,
  openPair,
  settled,
  theirPid,
  type Answer,
  type CallOptions,
  type Connector,
  type Pair,
  type Process,
} from './ground.ts'

let pair: Pair
/** Every answer of the story, by operation. */
const answers = new Map<OperationId, Answer[]>()

function operation(id: OperationId): Operation {
  return OPERATIONS[id]
}

function pathOf(id: OperationId, parameters: Readonly<Record<string, string>>, query = ''): string {
  const path = operation(id).path.replace(/\{\*?(\w+)\}/g, (_, name: string) => {
    const value = parameters[name] ?? ''
    return name === 'rest' ? value : encodeURIComponent(value)
  })
  return path + query
}

interface Driven extends CallOptions {
  readonly id?: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly query?: string
}

async function drive(connector: Connector, id: OperationId, driven: Driven = {}): Promise<Answer> {
  const { parameters = { id: driven.id ?? '' }, query, ...options } = driven
  const answer = await connector.call(operation(id).method.toUpperCase(), pathOf(id, parameters, query), options)
  answers.set(id, [...(answers.get(id) ?? []), answer])
  return answer
}

async function shown<T = Process>(connector: Connector, id: OperationId, driven: Driven = {}): Promise<T> {
  const answer = await drive(connector, id, driven)
  if (answer.status >= 300) throw new Error(`${id} answered ${String(answer.status)}: ${answer.text}`)
  return answer.json as T
}

beforeAll(async () => {
  pair = await openPair()
  const { provider, consumer } = pair
  const counterPartyId = provider.did

  await drive(consumer, 'readDocument')
  await publish(provider)
  await drive(consumer, 'requestCatalog', { body: { counterPartyId } })
  await fetchTheOpenOnes(consumer, counterPartyId)

  const agreementId = await negotiateByHand()
  await transferByHand(agreementId)
  await drive(consumer, 'listAgreements')
  await drive(consumer, 'readAgreement', { id: agreementId })
  await drive(provider, 'addRecord', {
    id: agreementId,
    body: { name: 'tds:consentStatus', value: 'active', reference: 'urn:doc:1' },
  })
  await drive(provider, 'addRecord', { id: agreementId, body: { name: 'payAmount', value: '10.50', unit: 'CNY' } })
  await drive(provider, 'listRecords', { id: agreementId })
  await drive(provider, 'removeRecord', { parameters: { id: agreementId, name: 'tds:consentStatus' } })
  await drive(provider, 'fulfilObligation', {
    id: agreementId,
    body: { duty: 'obligation[0]', proof: { text: 'shredded' } },
  })
  await drive(provider, 'fulfilObligation', { id: agreementId, body: { duty: 'obligation[0]' } })
  await drive(provider, 'listObligations', { id: agreementId })
  await drive(provider, 'endAgreement', { id: agreementId, body: { reason: 'it is over' } })
  for (const dataset of [OPEN, MANUAL, 'urn:dataset:none']) {
    await drive(provider, 'explain', { query: `?peer=${encodeURIComponent(consumer.did)}&dataset=${dataset}` })
  }

  await keep(provider)
  await drive(provider, 'readEvidence', { query: '?limit=1000' })
  await drive(provider, 'readEvidence', { query: '?after=3&limit=2' })
  answers.set('followEvents', [await firstEvents(provider)])
}, 60_000)
afterAll(async () => pair.close())

/** A folder beside the files, so that there is something below an endpoint. */
async function publish(provider: Connector): Promise<void> {
  const folder = join(provider.directory, 'folder')
  mkdirSync(folder)
  writeFileSync(join(folder, 'part.csv'), 'a,b\n')
  const source = { type: 'file', path: folder }
  await drive(provider, 'addDatasets', { body: { '@id': `${OPEN}:folder`, title: 'A folder', source } })
  const gone = {
    '@id': 'urn:dataset:gone',
    source: { type: 'http', url: 'http://127.0.0.1:1', headers: { 'x-key': 'k3y-of-a-source' } },
  }
  await drive(provider, 'addDatasets', { body: [gone, { '@id': 'urn:dataset:nowhere', source: null, formats: null }] })
  await drive(provider, 'listDatasets', { query: '?limit=2' })
  await drive(provider, 'readDataset', { id: gone['@id'] })
  await drive(provider, 'removeDataset', { id: gone['@id'] })
}

async function fetchTheOpenOnes(consumer: Connector, counterPartyId: string): Promise<void> {
  const one = await shown<{ transferId: string }>(consumer, 'connect', { body: { counterPartyId, datasetId: OPEN } })
  await drive(consumer, 'readDataAddress', { id: one.transferId })
  const { headers } = await drive(consumer, 'fetchData', { id: one.transferId })
  const rest = { range: 'bytes=5-', 'if-range': headers.get('etag') ?? '' }
  await drive(consumer, 'fetchData', { id: one.transferId, headers: rest })
  const folder = { counterPartyId, datasetId: `${OPEN}:folder`, format: 'HttpData-PULL' }
  const other = await shown<{ transferId: string }>(consumer, 'connect', { body: folder })
  const below = { parameters: { id: other.transferId, rest: 'part.csv' } }
  const whole = await drive(consumer, 'fetchDataBelow', below)
  const part = { range: 'bytes=1-', 'if-range': whole.headers.get('etag') ?? '' }
  await drive(consumer, 'fetchDataBelow', { ...below, headers: part })
}

/** Requested, offered, countered, offered again, accepted, agreed, verified, finalized; and one that is ended. */
async function negotiateByHand(): Promise<string> {
  const { provider, consumer } = pair
  const offer = await offerOn(pair, MANUAL)
  const asked = { counterPartyId: provider.did, offer, automation: { onOffered: 'manual', onAgreed: 'manual' } }
  const { id } = await shown(consumer, 'openNegotiation', { body: asked })
  const theirs = await theirPid(pair, 'negotiations', id)

  const both = async (state: string): Promise<void> => {
    await settled(consumer, 'negotiations', id, state)
    await settled(provider, 'negotiations', theirs, state)
  }
  await both('REQUESTED')
  await drive(provider, 'readInbox')
  await shown(provider, 'offer', { id: theirs })
  await both('OFFERED')
  await drive(consumer, 'readInbox', { query: '?limit=1' })
  await shown(consumer, 'counter', { id, body: { offer } })
  await both('REQUESTED')
  await shown(provider, 'offer', { id: theirs, body: { offer } })
  await both('OFFERED')
  await shown(consumer, 'accept', { id })
  await both('ACCEPTED')
  await shown(provider, 'agree', { id: theirs, body: {} })
  await both('AGREED')
  await shown(consumer, 'verify', { id })
  await both('VERIFIED')
  await shown(provider, 'finalize', { id: theirs })
  await both('FINALIZED')

  await drive(consumer, 'listNegotiations', { query: '?limit=1' })
  await drive(provider, 'listOffersMade', { id: theirs })
  await drive(consumer, 'readNegotiationHistory', { id })
  const { agreementId } = await shown(consumer, 'readNegotiation', { id })

  const other = await negotiate(pair, MANUAL)
  await settled(consumer, 'negotiations', other, 'REQUESTED')
  await shown(consumer, 'terminateNegotiation', { id: other, body: { code: 'X', reason: 'not needed' } })
  await settled(provider, 'negotiations', await theirPid(pair, 'negotiations', other), 'TERMINATED')
  return String(agreementId)
}

async function transferByHand(agreementId: string): Promise<void> {
  const { provider, consumer } = pair
  const opened = async (): Promise<readonly [string, string]> => {
    const { id } = await shown(consumer, 'openTransfer', {
      body: { agreementId, automation: { onRequested: 'manual' } },
    })
    const theirs = await theirPid(pair, 'transfers', id)
    await settled(provider, 'transfers', theirs, 'REQUESTED')
    await settled(consumer, 'transfers', id, 'REQUESTED')
    return [id, theirs]
  }
  const [id, theirs] = await opened()
  const both = async (state: string): Promise<void> => {
    await settled(consumer, 'transfers', id, state)
    await settled(provider, 'transfers', theirs, state)
  }
  await drive(provider, 'readInbox')
  await shown(provider, 'start', { id: theirs })
  await both('STARTED')
  await shown(provider, 'suspend', { id: theirs, body: { reason: 'a pause' } })
  await both('SUSPENDED')
  await shown(provider, 'resume', { id: theirs })
  await both('STARTED')
  await shown(consumer, 'complete', { id })
  await both('COMPLETED')
  await drive(consumer, 'listTransfers')
  await drive(consumer, 'readTransfer', { id })
  await drive(provider, 'readTransferHistory', { id: theirs, query: '?after=1&limit=1000' })

  const [other] = await opened()
  await shown(consumer, 'terminateTransfer', { id: other, body: { code: 'X' } })
}

async function keep(provider: Connector): Promise<void> {
  await drive(provider, 'listOffers')
  await drive(provider, 'reloadPolicies')
  const broken = join(provider.directory, 'policies', 'offers', 'broken.yaml')
  writeFileSync(broken, 'offer: broken\ndatasets: ["x"]\npermission: [{ action: dance }]\n')
  await drive(provider, 'reloadPolicies')
  await drive(provider, 'readPolicies')
  await drive(provider, 'rollbackPolicies', { body: { generation: 1 } })
  await drive(provider, 'rollbackPolicies', { body: { generation: 2 } })
  await drive(provider, 'rollbackPolicies', { body: { generation: 99 } })
  await drive(provider, 'readStatus')
  await drive(provider, 'runRetention')
  await drive(provider, 'readStatus')

  await drive(provider, 'putPeer', { body: { did: 'did:web:peer.example', claims: { country: 'SG' } } })
  await drive(provider, 'listPeers')
  await drive(provider, 'removePeer', { parameters: { did: 'did:web:peer.example' } })

  await drive(provider, 'addToken', { body: { name: 'reader', scope: 'viewer' } })
  await drive(provider, 'listTokens')
  await drive(provider, 'revokeToken', { parameters: { name: 'reader' } })
  await drive(provider, 'rotateKey', { body: { atOnce: false } })
}

/** The stream as far as its first event. */
async function firstEvents({ managementUrl, adminToken }: Connector): Promise<Answer> {
  const gone = new AbortController()
  const response = await fetch(`${managementUrl}/api/v1/events?after=0`, {
    headers: { authorization: `Bearer ${adminToken}` },
    signal: gone.signal,
  })
  let text = ''
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += chunk
    if (text.includes('\n\n')) break
  }
  gone.abort()
  return { status: response.status, headers: response.headers, text, json: null }
}

const PROMISED = IDS.flatMap((id) =>
  Object.keys(operation(id).answers).map((status) => [operation(id).method, operation(id).path, status, id] as const),
)

test.each(PROMISED)('%s %s answers %s as documented', (_method, _path, status, id) => {
  const came = (answers.get(id) ?? []).filter((answer) => answer.status === Number(status))

  expect(came, 'the story drives it').not.toEqual([])
  expect(came.map((answer) => brokenPromise(id, answer))).toEqual(came.map(() => null))
})

describe('a request that is wrong in itself', () => {
  const WITH_BODY = IDS.filter((id) => operation(id).body !== undefined)
  const PARAMETERS = { id: 'urn:none', did: 'did:web:none', name: 'none', rest: 'none' }

  test.each(WITH_BODY)('%s refuses an unknown member, with its place', async (id) => {
    const method = operation(id).method.toUpperCase()
    const body = { ...exampleOf(id), surprise: 1 }
    // A dataset may have any property of DCAT.
    const wrong = id === 'addDatasets' ? { ...body, hasPolicy: [] } : body
    const path = id === 'addDatasets' ? 'hasPolicy' : 'surprise'

    const answer = await pair.provider.call(method, pathOf(id, PARAMETERS), { body: wrong })

    expect(answer).toMatchObject({ status: 400, json: { code: 'request.malformed', path } })
    expect(brokenPromise(id, answer)).toBeNull()
    expect(bodyFaults(id, wrong)).not.toBeNull()
  })

  test.each(WITH_BODY)('%s refuses what is no JSON object, as its schema does', async (id) => {
    const method = operation(id).method.toUpperCase()

    for (const body of [7, [], 'text', null]) {
      const answer = await pair.provider.call(method, pathOf(id, PARAMETERS), { body: JSON.stringify(body) })
      expect(answer, JSON.stringify(body)).toMatchObject({ status: 400, json: { code: 'request.malformed' } })
      expect(brokenPromise(id, answer)).toBeNull()
      expect(bodyFaults(id, body)).not.toBeNull()
    }
    const noJson = await pair.provider.call(method, pathOf(id, PARAMETERS), { body: '{' })
    expect(noJson).toMatchObject({ status: 400, json: { code: 'body.not-json' } })
  })

  test.each(IDS.filter((id) => operation(id).query !== 'any'))('%s refuses an unknown parameter', async (id) => {
    const method = operation(id).method.toUpperCase()
    const body = operation(id).body === undefined ? undefined : exampleOf(id)

    const answer = await pair.provider.call(method, pathOf(id, PARAMETERS, '?surprise=1'), { body })

    expect(answer).toMatchObject({ status: 400, json: { code: 'request.malformed', path: 'surprise' } })
    expect(brokenPromise(id, answer)).toBeNull()
  })

  test.each(IDS.filter((id) => operation(id).path.includes('{')))(
    '%s answers 404 where there is no such thing',
    async (id) => {
      const method = operation(id).method.toUpperCase()
      const body = operation(id).body === undefined ? undefined : exampleOf(id)

      const answer = await pair.provider.call(method, pathOf(id, PARAMETERS), { body })

      expect(answer).toMatchObject({ status: 404, json: { code: 'resource.unknown', status: 404 } })
      expect(brokenPromise(id, answer)).toBeNull()
    },
  )

  // prettier-ignore
  test.each([
    ['/negotiations?limit=0',      'limit'],
    ['/negotiations?limit=1001',   'limit'],
    ['/negotiations?limit=ten',    'limit'],
    ['/negotiations?limit=1.5',    'limit'],
    ['/negotiations?limit=1&limit=2', 'limit'],
    ['/negotiations?after=',       'after'],
    ['/evidence?after=-1',         'after'],
    ['/evidence?after=x',          'after'],
    ['/inbox?after=x',             'after'],
    ['/events?after=x',            'after'],
    ['/events?type=surprise',      'type[0]'],
  ])('GET %s is refused', async (path, place) => {
    expect(await pair.provider.call('GET', path)).toMatchObject({ status: 400, json: { path: place } })
  })

  test('a body over the limit is 413, and one of another media type is refused', async () => {
    const large = await pair.provider.call('POST', '/peers', { body: { did: 'x'.repeat(1_100_000) } })
    const form = await pair.provider.call('POST', '/peers', {
      body: 'did=x',
      headers: { 'content-type': 'text/plain' },
    })

    expect(large).toMatchObject({ status: 413, json: { code: 'body.too-large' } })
    expect(form).toMatchObject({ status: 400, json: { code: 'body.media-type' } })
    expect([large, form].map((answer) => brokenPromise('putPeer', answer))).toEqual([null, null])
  })

  test.each(['/nothing', '/negotiations/urn:none/dance', '/tokens/a/b'])('%s is no path', async (path) => {
    expect(await pair.provider.call('POST', path)).toMatchObject({ status: 404, json: { code: 'path.unknown' } })
    expect(await pair.provider.call('POST', path, { token: null })).toMatchObject({ status: 401 })
  })

  test('a method that a path does not have is no path', async () => {
    expect(await pair.provider.call('DELETE', '/negotiations')).toMatchObject({
      status: 404,
      json: { code: 'path.unknown' },
    })
  })
})

describe('the automation of a negotiation', () => {
  // prettier-ignore
  test.each([
    ['CONSUMER', { onOffered: 'accept', onAgreed: 'manual' },                     null],
    ['CONSUMER', { onOffered: 'agree' },                                          'automation.onOffered'],
    ['CONSUMER', { onVerified: 'finalize' },                                      'automation.onVerified'],
    ['PROVIDER', { onCounterRequested: 'offer', onAccepted: 'manual', onVerified: 'manual', transfer: { onRequested: 'manual' } }, null],
    ['PROVIDER', { onRequested: 'accept' },                                       'automation.onRequested'],
    ['PROVIDER', { onAgreed: 'verify' },                                          'automation.onAgreed'],
    ['PROVIDER', { transfer: { onRequested: 'agree' } },                          'automation.transfer.onRequested'],
    ['PROVIDER', { transfer: { onStarted: 'agree' } },                            'automation.transfer.onStarted'],
  ])('of a %s may be %j: fault at %s', async (role, automation, place) => {
    const [ours, theirs] = role === 'CONSUMER' ? [pair.consumer, pair.provider] : [pair.provider, pair.consumer]
    const body = { role, counterPartyId: theirs.did, offer: await offerOn(pair, MANUAL), automation }

    const answer = await ours.call('POST', '/negotiations', { body })

    if (place === null) expect(answer).toMatchObject({ status: 201, json: { role, automation } })
    else expect(answer).toMatchObject({ status: 400, json: { path: place } })
    expect(brokenPromise('openNegotiation', answer)).toBeNull()
    expect(bodyFaults('openNegotiation', body) === null).toBe(place === null)
  })

  test('of a transfer is kept with it, and an unknown step is refused', async () => {
    const { agreementId } = await pair.consumer.ask<{ agreementId: string }>('POST', '/connect', {
      counterPartyId: pair.provider.did,
      datasetId: OPEN,
    })
    const asks = (automation: object): Promise<Answer> =>
      pair.consumer.call('POST', '/transfers', { body: { agreementId, automation } })

    expect(await asks({ onRequested: 'manual' })).toMatchObject({
      status: 201,
      json: { automation: { onRequested: 'manual' } },
    })
    expect(await asks({ onRequested: 'agree' })).toMatchObject({
      status: 400,
      json: { path: 'automation.onRequested' },
    })
  })
})

test('a peer that cannot be identified is 503 here: the token of the caller is good', async () => {
  const body = { counterPartyId: 'did:key:z6Mk' }

  const answer = await pair.consumer.call('POST', '/catalog/request', { body })

  expect(answer).toMatchObject({ status: 503, json: { code: 'did.unresolvable' } })
  expect(answer.headers.get('www-authenticate')).toBeNull()
  expect(brokenPromise('requestCatalog', answer)).toBeNull()
})

test('secrets of sources are not shown, and answers with a token are kept by no cache', async () => {
  const texts = [...answers.values()].flat().map(({ text }) => text)
  expect(texts.filter((text) => text.includes('k3y-of-a-source'))).toEqual([])
  expect(texts.some((text) => text.includes('"x-key":"sealed"'))).toBe(true)

  for (const id of ['addToken', 'readDataAddress'] as const) {
    const [answer] = answers.get(id) ?? []
    expect(answer?.headers.get('cache-control')).toBe('no-store')
  }
})

test('a list is read page by page to its end', async () => {
  const ids: string[] = []
  let next: string | null = ''
  await eventually('the last page', async () => {
    const query: string = next === '' ? '' : `&after=${encodeURIComponent(String(next))}`
    const page = await pair.provider.ask<{ items: { '@id': string }[]; next: string | null }>(
      'GET',
      `/datasets?limit=1${query}`,
    )
    ids.push(...page.items.map((each) => each['@id']))
    next = page.next
    return next === null
  })

  expect(ids).toEqual([...new Set(ids)].sort())
  expect(ids).toContain(OPEN)
})

/** A body that the schema takes, as far as it must have members. */
function exampleOf(id: OperationId): object {
  // prettier-ignore
  const examples: Partial<Record<OperationId, object>> = {
    requestCatalog:  { counterPartyId: 'did:web:none' },
    connect:         { counterPartyId: 'did:web:none', datasetId: 'x' },
    openNegotiation: { counterPartyId: 'did:web:none', offer: { '@id': 'x' } },
    openTransfer:    { agreementId: 'x' },
    addDatasets:     { '@id': 'x' },
    putPeer:         { did: 'did:web:none' },
    addToken:        { name: 'none', scope: 'viewer' },
    rollbackPolicies: { generation: 1 },
    addRecord:        { name: 'tds:consentStatus', value: 'active' },
    fulfilObligation: { duty: 'obligation[0]' },
  }
  return examples[id] ?? {}
}

function bodyFaults(id: OperationId, body: unknown): unknown {
  const schema = documented(id).requestBody?.content['application/json']?.schema
  if (schema === undefined) throw new Error(`${id} documents no body`)
  return faultsBy(schema, body)
}
