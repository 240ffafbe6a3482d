// Transfers beyond the scenarios of the kit: who may resume, what a repeated request means, and what an agreement allows.

import { randomUUID } from 'node:crypto'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Answer } from '../../conformance/scenarios/counterparty.ts'
import { faultOf, type Message } from '../../conformance/scenarios/judge.ts'
import {
  agreedAsConsumer,
  agreedAsProvider,
  FORMAT,
  HAND,
  offerOf,
  openGround,
  pidsIn,
  request,
  requested,
  say,
  stands,
  startedAsConsumer,
  startedAsProvider,
  transferRequest,
  type Ground,
} from './ground.ts'

const DATA = 'a,b\n1,2\n'

let ground: Ground
let directory: string
beforeAll(async () => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'lingqu-transfers-')))
  const path = join(directory, 'data.csv')
  writeFileSync(path, DATA)
  ground = await openGround({}, { type: 'file', path })
})
afterAll(async () => {
  await ground.close()
  rmSync(directory, { recursive: true, force: true })
})
afterEach(() => {
  ground.peer.answerWith(null)
  expect([...ground.peer.faults, ...ground.connector.defects]).toEqual([])
})

/** Where a peer's data is, with a token that fits it. */
const addressAt = (endpoint: string): Message => ({
  dataAddress: {
    '@type': 'DataAddress',
    endpointType: 'https://w3id.org/idsa/v4.1/HTTP',
    endpoint,
    endpointProperties: [
      { '@type': 'EndpointProperty', name: 'authorization', value: 'secret' },
      { '@type': 'EndpointProperty', name: 'authType', value: 'bearer' },
    ],
  },
})

/** Fetches the data that a TransferStartMessage points to, with the token that it carries. */
async function fetched({ dataAddress }: Message): Promise<{ readonly status: number; readonly text: string }> {
  const { endpoint, endpointProperties } = dataAddress as { endpoint: string; endpointProperties: readonly Message[] }
  const token = endpointProperties.find(({ name }) => name === 'authorization')?.['value']
  const response = await fetch(endpoint, { headers: { authorization: `Bearer ${String(token)}` } })
  return { status: response.status, text: await response.text() }
}

describe('a consumer that resumes', () => {
  test('is heard where we provide: the data that its suspension closed is open again', async () => {
    const { agreementId } = await agreedAsProvider(ground)
    const { start, ...pids } = await startedAsProvider(ground, agreementId)
    const at = pids.providerPid
    expect(await fetched(start)).toEqual({ status: 200, text: DATA })

    expect((await say(ground, 'suspend', 'transfers', pids, at)).status).toBe(200)
    await stands(ground, 'transfers', at, 'SUSPENDED')
    expect((await fetched(start)).status).toBe(403)

    expect((await say(ground, 'resume', 'transfers', pids, at)).status).toBe(200)
    await stands(ground, 'transfers', at, 'STARTED')
    expect(await fetched(start)).toEqual({ status: 200, text: DATA })
    expect(ground.peer.unexpected(at)).toEqual([])
  })

  test('is not heard in REQUESTED: only a provider starts', async () => {
    const { agreementId } = await agreedAsProvider(ground)
    ground.peer.answerWith((_arrived, response) => response.writeHead(503).end())
    const pids = pidsIn(await ground.post('/transfers/request', transferRequest(ground, agreementId)))
    await ground.peer.arrives('TransferStartMessage', pids.providerPid)

    expect(await say(ground, 'resume', 'transfers', pids, pids.providerPid)).toMatchObject({
      status: 400,
      json: { '@type': 'TransferError', code: 'move.illegal', ...pids },
    })
  })

  test('says nothing of where the data is: as a consumer we resume, and keep the address that we have', async () => {
    const { agreementId } = await agreedAsConsumer(ground)
    const pids = await startedAsConsumer(ground, agreementId, addressAt('https://p.example/data'))
    const path = `/transfers/${pids.consumerPid}`
    const before = await ground.show(`${path}/data-address`)
    await ground.manage(`${path}/suspend`, { reason: 'lunch' })
    expect(await ground.peer.arrives('TransferSuspensionMessage', pids.consumerPid)).toMatchObject({
      ...pids,
      reason: ['lunch'],
    })
    await stands(ground, 'transfers', pids.consumerPid, 'SUSPENDED')

    await ground.manage(`${path}/resume`)
    const resumed = await ground.peer.arrives('TransferStartMessage', pids.consumerPid)

    expect(resumed).toMatchObject(pids)
    expect(resumed).not.toHaveProperty('dataAddress')
    await stands(ground, 'transfers', pids.consumerPid, 'STARTED')
    expect(before).toMatchObject({ endpoint: 'https://p.example/data' })
    expect(await ground.show(`${path}/data-address`)).toEqual(before)
  })

  test('takes the new dataAddress of a provider that resumes', async () => {
    const { agreementId } = await agreedAsConsumer(ground)
    const pids = await startedAsConsumer(ground, agreementId)
    expect((await say(ground, 'suspend', 'transfers', pids, pids.consumerPid)).status).toBe(200)
    const endpoint = 'https://p.example/another-place'

    expect((await say(ground, 'start', 'transfers', pids, pids.consumerPid, addressAt(endpoint))).status).toBe(200)

    expect(await ground.show(`/transfers/${pids.consumerPid}/data-address`)).toMatchObject({ endpoint })
  })
})

describe('a TransferRequestMessage', () => {
  test('that comes again after the start gets the same process, and changes nothing', async () => {
    const { agreementId } = await agreedAsProvider(ground)
    const message = transferRequest(ground, agreementId)
    const first = await ground.post('/transfers/request', message)
    const pids = pidsIn(first)
    await ground.peer.arrives('TransferStartMessage', pids.providerPid)
    await stands(ground, 'transfers', pids.providerPid, 'STARTED')

    const repeats: Answer[] = []
    for (const repeat of [message, { ...message, '@id': randomUUID() }])
      repeats.push(await ground.post('/transfers/request', repeat))

    for (const { status, json } of repeats) {
      expect([status, faultOf(json)]).toEqual([201, null])
      expect(json).toMatchObject(pids)
    }
    await stands(ground, 'transfers', pids.providerPid, 'STARTED')
    expect(ground.peer.unexpected(pids.providerPid)).toEqual([])
    const { items } = await ground.show<{ items: readonly Message[] }>('/transfers?limit=1000')
    expect(items.filter(({ consumerPid }) => consumerPid === pids.consumerPid)).toHaveLength(1)
  })

  // prettier-ignore
  test.each([
    ['another callback address', { callbackAddress: 'http://localhost:9/dsp' }],
    ['another agreement',        { agreementId: 'urn:uuid:another' }],
    ['another format',           { format: 'HttpData-PUSH' }],
  ])('with the same consumerPid and %s is 400, and the first one goes on', async (_what, more) => {
    const { agreementId } = await agreedAsProvider(ground)
    const message = transferRequest(ground, agreementId)
    const pids = pidsIn(await ground.post('/transfers/request', message))
    const answer = await ground.post('/transfers/request', { ...message, ...more })

    expect([answer.status, faultOf(answer.json)]).toEqual([400, null])
    expect(answer.json).toMatchObject({ '@type': 'TransferError', code: 'message.repeat-differs', ...pids })
    await stands(ground, 'transfers', pids.providerPid, 'STARTED')
  })

  test("with another participant's consumerPid is a request of its own", async () => {
    const { agreementId } = await agreedAsProvider(ground)
    const message = transferRequest(ground, agreementId)
    const { providerPid } = pidsIn(await ground.post('/transfers/request', message))
    const foreign = await ground.post('/transfers/request', message, ground.stranger)

    expect([foreign.status, foreign.json['code']]).toEqual([400, 'agreement.unknown'])
    expect(foreign.text).not.toContain(providerPid)
    await stands(ground, 'transfers', providerPid, 'STARTED')
  })

  test('under an agreement that is not FINALIZED is 400', async () => {
    const pids = await requested(ground)
    await ground.manage(`/negotiations/${pids.providerPid}/agree`)
    const { agreement } = await ground.peer.arrives('ContractAgreementMessage', pids.providerPid)
    const answer = await ground.post(
      '/transfers/request',
      transferRequest(ground, String((agreement as Message)['@id'])),
    )

    expect([answer.status, faultOf(answer.json), answer.json['code']]).toEqual([400, null, 'agreement.not-final'])
  })

  test('under an agreement that was ended is 400, and its transfers are terminated with the reason', async () => {
    const { agreementId } = await agreedAsProvider(ground)
    const { start, ...pids } = await startedAsProvider(ground, agreementId)
    await ground.manage(`/agreements/${agreementId}/end`, { reason: 'the season is over' })

    const { reason } = await ground.peer.arrives('TransferTerminationMessage', pids.providerPid)
    expect(String(reason)).toContain('the season is over')
    await stands(ground, 'transfers', pids.providerPid, 'TERMINATED')
    expect((await fetched(start)).status).toBe(403)
    const answer = await ground.post('/transfers/request', transferRequest(ground, agreementId))
    expect([answer.status, faultOf(answer.json), answer.json['code']]).toEqual([400, null, 'agreement.ended'])
  })

  test('under an agreement whose FINALIZED got no answer proves that it came', async () => {
    const { peer } = ground
    const pids = pidsIn(await ground.post('/negotiations/request', request(ground, offerOf('hand', HAND))))
    await ground.manage(`/negotiations/${pids.providerPid}/agree`)
    const { agreement } = await peer.arrives('ContractAgreementMessage', pids.providerPid)
    await stands(ground, 'negotiations', pids.providerPid, 'AGREED')
    expect((await say(ground, 'verify', 'negotiations', pids, pids.providerPid)).status).toBe(200)
    peer.answerWith((_arrived, response) => response.destroy())
    await ground.manage(`/negotiations/${pids.providerPid}/finalize`)
    await peer.arrives('ContractNegotiationEventMessage', pids.providerPid)
    peer.answerWith(null)

    const answer = await ground.post(
      '/transfers/request',
      transferRequest(ground, String((agreement as Message)['@id'])),
    )

    expect(answer.status).toBe(201)
    await stands(ground, 'negotiations', pids.providerPid, 'FINALIZED')
  })
})

describe('a termination', () => {
  test('of ours is final and closes the data even if the other side refuses it', async () => {
    const { agreementId } = await agreedAsProvider(ground)
    const { start, ...pids } = await startedAsProvider(ground, agreementId)
    ground.peer.answerWith((_arrived, response) => response.writeHead(400).end())
    await ground.manage(`/transfers/${pids.providerPid}/terminate`, { code: '7', reason: 'enough' })

    expect((await fetched(start)).status).toBe(403)
    const sent = await ground.peer.arrives('TransferTerminationMessage', pids.providerPid)
    expect(sent).toMatchObject({ ...pids, code: '7', reason: ['enough'] })
    await stands(ground, 'transfers', pids.providerPid, 'TERMINATED')
    expect(await say(ground, 'resume', 'transfers', pids, pids.providerPid)).toMatchObject({ status: 400 })
  })

  test('before the other side has told its pid waits for it, and is sent then', async () => {
    const { peer, manage } = ground
    const { agreementId } = await agreedAsConsumer(ground)
    let release: () => void = () => undefined
    const held = new Promise<void>((done) => {
      release = done
    })
    const providerPid = randomUUID()
    peer.answerWith(({ message }, response) => {
      const body = {
        '@context': message['@context'],
        '@type': 'TransferProcess',
        providerPid,
        consumerPid: message['consumerPid'],
        state: 'REQUESTED',
      }
      void held.then(() => response.writeHead(200).end(JSON.stringify(body)))
    })
    const { id } = await manage<{ id: string }>('/transfers', { agreementId, format: FORMAT })
    await peer.arrives('TransferRequestMessage', id)
    await manage(`/transfers/${id}/terminate`, { reason: 'changed my mind' })
    release()
    peer.answerWith(null)

    expect(await peer.arrives('TransferTerminationMessage', id)).toMatchObject({ consumerPid: id, providerPid })
    await stands(ground, 'transfers', id, 'TERMINATED')
  })
})
