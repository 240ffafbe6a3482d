// What implementers of DSP 2025-1 usually miss: each rule by its number in our notes, as its sentence.
//
// Tested in more breadth elsewhere:
//   13 to 16, 19, 20, 22, 23   rules-processes.test.ts beside this file
//   1, 4, 5   test/integration/http/access.test.ts and bodies.test.ts: open paths, 401, and every error object on every path
//   3, 9      test/integration/http/processes.test.ts: foreign and unknown byte for byte, and every illegal transition;
//             test/unit/domain/exchange/machine.test.ts: the whole product of state, role and move
//   8, 19     test/conformance/scenarios/table.ts: CN:03-02 to CN_C:03-06
//   16, 23    transfers.test.ts beside this file
//   17, 18    catalog.test.ts beside this file

import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { messageOf } from '../../conformance/scenarios/counterparty.ts'
import { faultOf, type Message } from '../../conformance/scenarios/judge.ts'
import {
  agreedAsConsumer,
  agreedAsProvider,
  agreementOf,
  HAND,
  offerOf,
  OPEN,
  openGround,
  pidsIn,
  request,
  requested,
  requestedAsConsumer,
  say,
  stands,
  startedAsConsumer,
  startedAsProvider,
  transferRequest,
  type Ground,
} from './ground.ts'

let ground: Ground
beforeAll(async () => {
  ground = await openGround()
})
afterAll(async () => ground.close())
afterEach(() => {
  expect(ground.peer.faults).toEqual([])
  expect(ground.connector.defects).toEqual([])
})

/** Members at any depth of a JSON value. */
function membersIn(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, member]) => [
    ...(Array.isArray(value) ? [] : [key]),
    ...membersIn(member),
  ])
}

const catalog = async (): Promise<Message> => {
  const { json } = await ground.post('/catalog/request', messageOf('CatalogRequestMessage', {}))
  return json
}

describe('version and status', () => {
  test('1. the version endpoint is unauthenticated and unversioned, and its path is relative to the root', async () => {
    const { connector, peer } = ground
    for (const root of [connector.rootUrl, `${connector.rootUrl}/dsp`]) {
      const { status, json } = await peer.get(`${root}/.well-known/dspace-version`, { authorization: 'nonsense' })

      expect(status).toBe(200)
      const [version] = json['protocolVersions'] as readonly Message[]
      expect(version).toMatchObject({ version: '2025-1', binding: 'HTTPS' })
      expect(root + String(version?.['path'])).toBe(connector.base)
    }
  })

  test('2. the three initial endpoints answer 201, everything else 200', async () => {
    const { agreementId } = await agreedAsProvider(ground)
    const offered = messageOf('ContractOfferMessage', {
      providerPid: randomUUID(),
      callbackAddress: ground.peer.address,
      offer: offerOf('unasked', 'urn:dataset:theirs'),
    })
    const opened = [
      await ground.post('/negotiations/request', request(ground, offerOf('hand', HAND))),
      await ground.post('/negotiations/offers', offered),
      await ground.post('/transfers/request', transferRequest(ground, agreementId)),
    ]

    expect(opened.map(({ status }) => status)).toEqual([201, 201, 201])
    expect(opened.map(({ json }) => faultOf(json))).toEqual([null, null, null])
    const pids = await requested(ground)
    expect((await say(ground, 'terminate', 'negotiations', pids, pids.providerPid)).status).toBe(200)
    expect((await ground.get(`/negotiations/${pids.providerPid}`)).status).toBe(200)
  })

  test('3. a foreign process is 404, an invalid transition is 400 with a body', async () => {
    const { agreementId, ...pids } = await agreedAsProvider(ground)
    const transfer = await startedAsProvider(ground, agreementId)
    const termination = messageOf('ContractNegotiationTerminationMessage', pids)
    const path = `/negotiations/${pids.providerPid}`

    expect((await ground.get(path, ground.stranger)).status).toBe(404)
    expect((await ground.post(`${path}/termination`, termination, ground.stranger)).status).toBe(404)
    expect((await ground.get(`/transfers/${transfer.providerPid}`, ground.stranger)).status).toBe(404)
    const own = await ground.post(`${path}/termination`, termination)
    expect([own.status, faultOf(own.json), own.json['@type']]).toEqual([400, null, 'ContractNegotiationError'])
  })

  test('4. every catalogue error has a CatalogError, that of 401 and that of 404 too', async () => {
    const { connector, peer } = ground
    const unknown = await ground.get('/catalog/datasets/urn:nothing')
    const unauthenticated = await peer.get(`${connector.base}/catalog/datasets/${OPEN}`, { authorization: 'nonsense' })
    const malformed = await ground.post('/catalog/request', messageOf('CatalogRequest', {}))

    expect([unknown, unauthenticated, malformed].map(({ status }) => status)).toEqual([404, 401, 400])
    for (const { json } of [unknown, unauthenticated, malformed])
      expect([faultOf(json), json['@type']]).toEqual([null, 'CatalogError'])
  })

  test('5. a consumer serves the GET of its negotiation, and that of its transfer', async () => {
    const { agreementId, consumerPid, providerPid } = await agreedAsConsumer(ground)
    const transfer = await startedAsConsumer(ground, agreementId)
    const answers = [
      await ground.get(`/negotiations/${consumerPid}`),
      await ground.get(`/transfers/${transfer.consumerPid}`),
    ]

    expect(answers.map(({ json }) => faultOf(json))).toEqual([null, null])
    expect(answers[0]?.json).toMatchObject({
      '@type': 'ContractNegotiation',
      consumerPid,
      providerPid,
      state: 'FINALIZED',
    })
    expect(answers[1]?.json).toMatchObject({ '@type': 'TransferProcess', ...transfer, state: 'STARTED' })
  })

  test('6. a consumer takes an offer without any process before it', async () => {
    const providerPid = randomUUID()
    const offer = offerOf('unasked', 'urn:dataset:theirs')
    const message = messageOf('ContractOfferMessage', { providerPid, callbackAddress: ground.peer.address, offer })
    const answer = await ground.post('/negotiations/offers', message)

    expect([answer.status, faultOf(answer.json)]).toEqual([201, null])
    expect(answer.json).toMatchObject({ '@type': 'ContractNegotiation', providerPid, state: 'OFFERED' })
    await stands(ground, 'negotiations', pidsIn(answer).consumerPid, 'OFFERED')
  })
})

describe('events and ends', () => {
  test("7. ACCEPTED while the last offer is the consumer's own is 400", async () => {
    const pids = await requested(ground)
    const answer = await say(ground, 'accept', 'negotiations', pids, pids.providerPid)

    expect([answer.status, faultOf(answer.json)]).toEqual([400, null])
    expect(answer.json).toMatchObject({ '@type': 'ContractNegotiationError', ...pids })
    await stands(ground, 'negotiations', pids.providerPid, 'REQUESTED')
  })

  test('8. a consumer may not send FINALIZED, and a provider may not send ACCEPTED', async () => {
    const asProvider = await requested(ground)
    const asConsumer = await requestedAsConsumer(ground)
    const offer = offerOf('theirs', 'urn:dataset:theirs')
    expect((await say(ground, 'offer', 'negotiations', asConsumer, asConsumer.consumerPid, { offer })).status).toBe(200)

    expect((await say(ground, 'finalize', 'negotiations', asProvider, asProvider.providerPid)).status).toBe(400)
    expect((await say(ground, 'accept', 'negotiations', asConsumer, asConsumer.consumerPid)).status).toBe(400)
    await stands(ground, 'negotiations', asProvider.providerPid, 'REQUESTED')
    await stands(ground, 'negotiations', asConsumer.consumerPid, 'OFFERED')
  })

  test('9. terminal states never change, and messages in them are errors', async () => {
    const negotiation = await requested(ground)
    const at = negotiation.providerPid
    expect((await say(ground, 'terminate', 'negotiations', negotiation, at)).status).toBe(200)
    const { agreementId } = await agreedAsProvider(ground)
    const transfer = await startedAsProvider(ground, agreementId)
    expect((await say(ground, 'complete', 'transfers', transfer, transfer.providerPid)).status).toBe(200)

    for (const word of ['counter', 'accept', 'verify', 'terminate']) {
      const about = word === 'counter' ? { offer: offerOf('hand', HAND) } : {}
      expect((await say(ground, word, 'negotiations', negotiation, at, about)).status, word).toBe(400)
    }
    for (const word of ['resume', 'suspend', 'complete', 'terminate'])
      expect((await say(ground, word, 'transfers', transfer, transfer.providerPid)).status, word).toBe(400)
    await stands(ground, 'negotiations', at, 'TERMINATED')
    await stands(ground, 'transfers', transfer.providerPid, 'COMPLETED')
  })
})

describe('policies', () => {
  test('10. a target is forbidden in the catalogue, required in messages, and never stands on a rule', async () => {
    expect(membersIn(await catalog())).not.toContain('target')
    expect(membersIn((await ground.get(`/catalog/datasets/${OPEN}`)).json)).not.toContain('target')

    const { target: _, ...without } = offerOf('hand', HAND)
    expect(await ground.post('/negotiations/request', request(ground, without))).toMatchObject({
      status: 400,
      json: { code: 'message.schema', reason: [expect.any(String), 'offer.target'] },
    })
    const foreign = offerOf('hand', HAND, { permission: [{ action: 'use', target: 'urn:dataset:other' }] })
    expect((await ground.post('/negotiations/request', request(ground, foreign))).status).toBe(400)

    // Its own target on a rule says nothing new: taken, and not said again.
    const repeating = offerOf('open', OPEN, { permission: [{ action: 'use', target: OPEN }] })
    const answer = await ground.post('/negotiations/request', request(ground, repeating))
    const { agreement } = await ground.peer.arrives('ContractAgreementMessage', pidsIn(answer).providerPid)
    expect(agreement).toMatchObject({ target: OPEN, permission: [{ action: 'use' }] })
    expect(membersIn((agreement as Message)['permission'])).not.toContain('target')
  })

  test('11. an agreement has timestamp, assigner, assignee, target and an `@id` of its own that is a URI', async () => {
    const ids = new Set<unknown>()
    for (let made = 0; made < 2; made += 1) {
      const pids = pidsIn(await ground.post('/negotiations/request', request(ground, offerOf('open', OPEN))))
      const { agreement } = await ground.peer.arrives('ContractAgreementMessage', pids.providerPid)
      expect(agreement).toMatchObject({
        '@type': 'Agreement',
        target: OPEN,
        assigner: ground.connector.did,
        assignee: ground.peer.participant,
        timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/) as string,
        '@id': expect.stringMatching(/^urn:uuid:[0-9a-f-]{36}$/) as string,
      })
      ids.add((agreement as Message)['@id'])
    }
    expect(ids.size).toBe(2)

    for (const missing of ['timestamp', 'assigner', 'assignee', 'target']) {
      const pids = await requestedAsConsumer(ground)
      const { [missing]: _, ...agreement } = agreementOf(ground)
      const answer = await say(ground, 'agree', 'negotiations', pids, pids.consumerPid, { agreement })
      expect(answer, missing).toMatchObject({ status: 400, json: { '@type': 'ContractNegotiationError' } })
      await stands(ground, 'negotiations', pids.consumerPid, 'REQUESTED')
    }
  })

  test('12. an opening has a callbackAddress and no pid of the other side; a counter-message has it the other way round', async () => {
    const pids = await requested(ground)
    await ground.manage(`/negotiations/${pids.providerPid}/offer`)
    const offered = await ground.peer.arrives('ContractOfferMessage', pids.providerPid)
    expect([offered['callbackAddress'], offered['consumerPid']]).toEqual([undefined, pids.consumerPid])
    const ours = await requestedAsConsumer(ground)
    const opening = ground.peer.received
      .map(({ message }) => message)
      .find((each) => each['consumerPid'] === ours.consumerPid)
    expect([opening?.['callbackAddress'], opening?.['providerPid']]).toEqual([ground.connector.base, undefined])

    const { callbackAddress: _, ...neither } = request(ground, offerOf('hand', HAND))
    const both = request(ground, offerOf('hand', HAND), { providerPid: pids.providerPid })
    for (const message of [neither, both])
      expect((await ground.post('/negotiations/request', message)).status).toBe(400)
    for (const message of [neither, both])
      expect((await ground.post(`/negotiations/${pids.providerPid}/request`, message)).status).toBe(400)
  })
})

describe('catalogue', () => {
  test('17. a filter that is not supported is 400', async () => {
    const { status, json } = await ground.post(
      '/catalog/request',
      messageOf('CatalogRequestMessage', { filter: [{ '@type': 'SparqlQuery' }] }),
    )

    expect([status, json['@type'], json['code'], faultOf(json)]).toEqual([
      400,
      'CatalogError',
      'filter.unsupported',
      null,
    ])
  })

  test('18. the endpointURL is that of the version of the catalogue', async () => {
    const { service, dataset } = (await catalog()) as { service?: readonly Message[]; dataset?: readonly Message[] }
    const distributions = dataset?.flatMap((each) => each['distribution'] as readonly Message[]) ?? []

    expect(service?.map(({ endpointURL }) => endpointURL)).toEqual([ground.connector.base])
    expect(distributions.length).toBeGreaterThan(0)
    for (const { accessService } of distributions) expect(accessService).toMatchObject(service?.[0] ?? {})
  })

  test('21. every Catalog has a service, that without a dataset too', async () => {
    const empty = await openGround({ offers: [] })
    try {
      const { status, json } = await empty.post('/catalog/request', messageOf('CatalogRequestMessage', {}))

      expect([status, faultOf(json)]).toEqual([200, null])
      expect(json['service']).toHaveLength(1)
      expect(json).not.toHaveProperty('dataset')
    } finally {
      await empty.close()
    }
  })
})
