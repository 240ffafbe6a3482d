// What implementers of DSP 2025-1 usually miss, second part: transfers, what cannot be validated, what is not acknowledged.
// The numbers are those of rules.test.ts.

import { randomUUID } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { messageOf } from '../../conformance/scenarios/counterparty.ts'
import { faultOf, type Message } from '../../conformance/scenarios/judge.ts'
import {
  agreedAsConsumer,
  agreedAsProvider,
  agreementOf,
  FORMAT,
  openGround,
  pidsIn,
  requested,
  requestedAsConsumer,
  say,
  stands,
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

describe('transfers', () => {
  test('13. a TransferRequestMessage has a dataAddress for a push only, a TransferStartMessage must have one for a pull', async () => {
    const dataAddress = {
      '@type': 'DataAddress',
      endpointType: 'https://w3id.org/idsa/v4.1/HTTP',
      endpoint: 'https://c.example',
    }
    const { agreementId } = await agreedAsProvider(ground)
    const asked = await ground.post('/transfers/request', transferRequest(ground, agreementId, { dataAddress }))
    expect(asked).toMatchObject({ status: 400, json: { '@type': 'TransferError' } })
    const { start } = await startedAsProvider(ground, agreementId)
    expect(start).toMatchObject({ dataAddress: { '@type': 'DataAddress', endpoint: expect.any(String) as string } })

    const theirs = await agreedAsConsumer(ground)
    const { id } = await ground.manage<{ id: string }>('/transfers', {
      agreementId: theirs.agreementId,
      format: FORMAT,
    })
    const sent = await ground.peer.arrives('TransferRequestMessage', id)
    expect(sent['dataAddress']).toBeUndefined()
    await stands(ground, 'transfers', id, 'REQUESTED')
    const { providerPid } = await ground.show<{ providerPid: string }>(`/transfers/${id}`)
    const bare = await say(ground, 'resume', 'transfers', { consumerPid: id, providerPid }, id)
    expect(bare).toMatchObject({ status: 400, json: { '@type': 'TransferError' } })
    await stands(ground, 'transfers', id, 'REQUESTED')
  })

  test('14. an agreementId names an agreement between exactly these two, with the sender as its assignee', async () => {
    const { agreementId } = await agreedAsProvider(ground)
    const { agreementId: theirs } = await agreedAsConsumer(ground)
    const asked = async (id: string, by = ground.peer): Promise<unknown> => {
      const { status, json } = await ground.post('/transfers/request', transferRequest(ground, id), by)
      const { code, reason } = json
      return { status, code, reason }
    }
    const unknown = await asked('urn:uuid:nothing')

    expect(unknown).toMatchObject({ status: 400, code: 'agreement.unknown' })
    expect(await asked(agreementId, ground.stranger)).toEqual(unknown)
    expect(await asked(theirs)).toEqual(unknown)
    expect(await asked(agreementId)).toMatchObject({ status: 201 })
    await expect(ground.manage('/transfers', { agreementId, format: FORMAT })).rejects.toThrow(
      /^409 .*agreement\.unknown/,
    )
  })

  test('15. a format is one of those of the dataset', async () => {
    const { agreementId } = await agreedAsProvider(ground)
    const answer = await ground.post(
      '/transfers/request',
      transferRequest(ground, agreementId, { format: 'HttpData-PUSH' }),
    )

    expect([answer.status, faultOf(answer.json), answer.json['code']]).toEqual([400, null, 'format.unsupported'])
  })

  test('16. a TransferRequestMessage is idempotent on its consumerPid', async () => {
    const { agreementId } = await agreedAsProvider(ground)
    const message = transferRequest(ground, agreementId)
    const first = await ground.post('/transfers/request', message)
    const again = await ground.post('/transfers/request', { ...message, '@id': randomUUID() })

    expect([again.status, pidsIn(again)]).toEqual([201, pidsIn(first)])
  })

  test('20. every callback of a transfer has both pids', async () => {
    const { agreementId } = await agreedAsProvider(ground)
    const { start: _, ...pids } = await startedAsProvider(ground, agreementId)
    const at = pids.providerPid
    for (const [action, type, state] of [
      ['suspend', 'TransferSuspensionMessage', 'SUSPENDED'],
      ['resume', 'TransferStartMessage', 'STARTED'],
      ['complete', 'TransferCompletionMessage', 'COMPLETED'],
    ] as const) {
      await ground.manage(`/transfers/${at}/${action}`)
      expect(await ground.peer.arrives(type, at)).toMatchObject(pids)
      await stands(ground, 'transfers', at, state)
    }
  })
})

describe('what cannot be validated, and what is not acknowledged', () => {
  // prettier-ignore
  const WRONG: readonly (readonly [what: string, agreement: Message])[] = [
    ['other rules',           { permission: [{ action: 'use' }, { action: 'distribute' }] }],
    ['another dataset',       { target: 'urn:dataset:other' }],
    ['another assigner',      { assigner: 'urn:stranger' }],
    ['another assignee',      { assignee: 'urn:stranger' }],
    ['a timestamp without a zone', { timestamp: '2026-01-01T00:00:00' }],
  ]

  test.each(WRONG)('19. an agreement with %s is answered with an error', async (_what, wrong) => {
    const pids = await requestedAsConsumer(ground, { onAgreed: 'verify' })
    const agreement = agreementOf(ground, wrong)
    const answer = await say(ground, 'agree', 'negotiations', pids, pids.consumerPid, { agreement })

    expect([answer.status, faultOf(answer.json)]).toEqual([400, null])
    await stands(ground, 'negotiations', pids.consumerPid, 'REQUESTED')
  })

  test('19. a verification of what was not agreed, and FINALIZED of what was not verified, are answered with an error', async () => {
    const asProvider = await requested(ground)
    const asConsumer = await requestedAsConsumer(ground)
    const agreement = agreementOf(ground)
    expect((await say(ground, 'agree', 'negotiations', asConsumer, asConsumer.consumerPid, { agreement })).status).toBe(
      200,
    )

    for (const answer of [
      await say(ground, 'verify', 'negotiations', asProvider, asProvider.providerPid),
      await say(ground, 'finalize', 'negotiations', asConsumer, asConsumer.consumerPid),
    ])
      expect([answer.status, faultOf(answer.json)]).toEqual([400, null])
  })

  test('22. a GET says protocol states only: the last acknowledged one while a message of ours is on its way', async () => {
    const { peer } = ground
    const pids = await requested(ground)
    let release: () => void = () => undefined
    const held = new Promise<void>((done) => {
      release = done
    })
    peer.answerWith((_arrived, response) => {
      void held.then(() => response.writeHead(200).end())
    })
    await ground.manage(`/negotiations/${pids.providerPid}/offer`)
    await peer.arrives('ContractOfferMessage', pids.providerPid)

    const waiting = await ground.get(`/negotiations/${pids.providerPid}`)
    peer.answerWith(null)
    release()

    expect([waiting.json['state'], faultOf(waiting.json)]).toEqual(['REQUESTED', null])
    await stands(ground, 'negotiations', pids.providerPid, 'OFFERED')
  })

  test('23. a termination is final here even if the other side answers it with an error', async () => {
    const { peer } = ground
    const pids = await requested(ground)
    peer.answerWith((_arrived, response) => {
      response.writeHead(400).end(JSON.stringify(messageOf('ContractNegotiationError', { ...pids, code: 'no' })))
    })
    await ground.manage(`/negotiations/${pids.providerPid}/terminate`, { reason: 'enough' })
    await peer.arrives('ContractNegotiationTerminationMessage', pids.providerPid)

    await stands(ground, 'negotiations', pids.providerPid, 'TERMINATED')
    peer.answerWith(null)
  })
})
