// We consume, an EDC connector provides: what we ask is answered as one was recorded to answer, empty bodies and 200
// instead of 201 included, and what it sent of its own accord is sent to us.

import { afterEach, describe, expect, test } from 'vitest'
import { EDC_DATA, no, type Reply } from '../../fixtures/edc/edc.ts'
import { before, ownPid, play, setStage, settled, taken, type Stage } from '../../fixtures/edc/play.ts'
import { BETWEEN_EDCS, exchangeOf, PEER_CONSUMES, type Members } from '../../fixtures/edc/recording.ts'
import { eventually } from '../../fixtures/eventually.ts'
import { processAt, tooFast } from './answers.ts'

const stages: Stage[] = []

async function consume(recording = BETWEEN_EDCS): Promise<Stage> {
  const stage = await setStage(recording, 'consumer')
  stages.push(stage)
  return stage
}

afterEach(async () => {
  await Promise.all(stages.splice(0).map((stage) => stage.discard()))
})

describe.each([BETWEEN_EDCS, PEER_CONSUMES])('$what', (recording) => {
  test('is told again with us as the consumer, message for message', async () => {
    const stage = await consume(recording)

    await play(stage)

    expect(stage.edc.complaints).toEqual([])
    expect((await settled(stage, 'negotiations')).state).toBe('FINALIZED')
    expect((await settled(stage, 'transfers')).state).toBe(recording === BETWEEN_EDCS ? 'TERMINATED' : 'COMPLETED')
  })

  test.concurrent.each([404, 409])(
    'goes to its end where each message of ours comes too fast twice and meets %i, and each attempt is the same message',
    async (status) => {
      const stage = await setStage(recording, 'consumer')
      stage.edc.instead(tooFast(status, 2))

      await play(stage)

      const sent = stage.edc.taken.map(({ body }) => JSON.stringify(body))
      const attempts = sent.flatMap((each) => (each.includes('CatalogRequestMessage') ? [each] : [each, each, each]))
      expect(stage.edc.arrivals.map(({ body }) => JSON.stringify(body))).toEqual(attempts)
      await stage.discard()
    },
  )
})

describe('the catalogue of EDC', () => {
  test('is read with its DataServices in each distribution and its own properties, its offers ready to be requested', async () => {
    const { edc, node } = await consume()

    const counterparty = { counterPartyId: edc.id, counterPartyAddress: edc.base }
    const { participantId, address, datasets } = await node.ask('/catalog/request', counterparty)

    const { assigner: _, ...offer } = exchangeOf(BETWEEN_EDCS, 'ContractRequestMessage').body?.offer as Members
    expect({ participantId, address, datasets }).toEqual({
      participantId: 'provider',
      address: edc.base,
      datasets: [
        {
          id: 'asset-1',
          formats: ['HttpData-PULL', 'HttpData-PUSH'],
          offers: [{ offer, offerId: offer['@id'], notUnderstood: [] }],
          properties: {
            'edc:version': '1.0',
            'edc:name': 'Asset 1',
            description: 'An asset',
            id: 'asset-1',
            'edc:contenttype': 'text/plain',
          },
        },
      ],
    })
  })

  test('is asked for without a filter where the filter is an empty list, which EDC refuses', async () => {
    const { edc, node } = await consume()

    await node.ask('/catalog/request', { counterPartyId: edc.id, counterPartyAddress: edc.base, filter: [] })

    expect(edc.complaints).toEqual([])
    expect(edc.taken[0]?.body).not.toHaveProperty('filter')
  })
})

describe('the data of EDC', () => {
  test('is fetched with the bare token of the last start, from the endpoint that stands among the properties only', async () => {
    const stage = await consume()
    const got: string[] = []

    await play(stage, async ({ body }) => {
      const type = String(body?.['@type'])
      if (!type.startsWith('Transfer') || type === 'TransferRequestMessage') return
      await settled(stage, 'transfers')
      const { status, bytes } = await stage.node.call(`/transfers/${ownPid(stage, 'transfers')}/data`)
      got.push(`${type} ${bytes.equals(EDC_DATA) ? 'data' : String(status)}`)
    })

    expect(got).toEqual([
      'TransferStartMessage data',
      'TransferSuspensionMessage 422',
      // Between our resume and the start that answers it EDC's data plane does not know the old token any more.
      expect.stringMatching(/^TransferStartMessage (409|422)$/),
      'TransferStartMessage data',
      'TransferTerminationMessage 422',
    ])
    expect(new Set(stage.edc.fetchedWith)).toEqual(new Set(['token-removed-1', 'token-removed-2']))
  })
})

describe('EDC that is faster than its own answers', () => {
  test('says where the data is before we have its 200 to our resume', async () => {
    const stage = await consume()
    const replies: Reply[] = []
    const answer = BETWEEN_EDCS.exchanges.findLast(({ body }) => body?.['@type'] === 'TransferStartMessage')
    stage.edc.beforeAnswer(async ({ body }) => {
      if (body?.['@type'] !== 'TransferStartMessage' || answer === undefined) return
      replies.push(await stage.edc.send(answer))
    })

    await play(stage, undefined, before(BETWEEN_EDCS, 'TransferStartMessage', 3))

    expect(replies).toMatchObject([{ status: 200, body: { state: 'STARTED' } }])
    expect((await settled(stage, 'transfers')).state).toBe('STARTED')
    const { bytes } = await stage.node.call(`/transfers/${ownPid(stage, 'transfers')}/data`)
    expect(bytes.equals(EDC_DATA)).toBe(true)
    expect(stage.edc.fetchedWith).toEqual(['token-removed-2'])
  })

  test('agrees before we have its 200 to our request, and so tells us its pid', async () => {
    const stage = await consume(PEER_CONSUMES)
    const replies: Reply[] = []
    stage.edc.beforeAnswer(async ({ body }) => {
      if (body?.['@type'] !== 'ContractRequestMessage') return
      replies.push(await stage.edc.send(exchangeOf(PEER_CONSUMES, 'ContractAgreementMessage')))
    })

    await play(stage, undefined, before(PEER_CONSUMES, 'ContractAgreementMessage'))
    await taken(stage, 1)

    expect(replies).toMatchObject([{ status: 200, body: { state: 'AGREED' } }])
    expect((await settled(stage, 'negotiations')).state).toBe('VERIFIED')
  })

  test('sends everything twice: the second time it gets the first answer, and we do nothing twice', async () => {
    const stage = await consume()

    await play(stage, async (exchange, reply) => {
      if (reply === null || exchange.method === 'GET') return
      expect(await stage.edc.send(exchange)).toMatchObject({ status: reply.status, body: reply.body })
    })

    expect(stage.edc.arrivals).toHaveLength(stage.edc.taken.length)
  })
})

test('a second start is taken as the answer to our resume once, and is otherwise as illegal as ever', async () => {
  const stage = await consume()
  const starts = BETWEEN_EDCS.exchanges.filter(
    ({ from, body }) => from === 'provider' && body?.['@type'] === 'TransferStartMessage',
  )
  const again = { ...starts[1], body: { ...starts[1]?.body, '@id': '00000000-0000-4000-8000-000000000001' } }
  const third = { ...starts[1], body: { ...starts[1]?.body, '@id': '00000000-0000-4000-8000-000000000002' } }
  await play(stage, undefined, before(BETWEEN_EDCS, 'TransferSuspensionMessage'))

  const early = await stage.edc.send(again as (typeof starts)[0])
  await play(stage, undefined, BETWEEN_EDCS.exchanges.slice(9, 12))
  const late = await stage.edc.send(third as (typeof starts)[0])

  expect([early, late]).toMatchObject([
    { status: 400, body: { '@type': 'TransferError', code: 'move.illegal' } },
    { status: 400, body: { '@type': 'TransferError', code: 'move.illegal' } },
  ])
  expect((await settled(stage, 'transfers')).state).toBe('STARTED')
})

describe('a refusal for good', () => {
  const VERIFICATION = 'ContractAgreementVerificationMessage'

  // prettier-ignore
  test.concurrent.each([
    // EDC says … to …, and asked it is …       then we are …, with EDC's words or without
    [409, VERIFICATION,             'AGREED',     'AGREED',     true],
    [400, VERIFICATION,             'TERMINATED', 'TERMINATED', true],
    [409, VERIFICATION,             'VERIFIED',   'VERIFIED',   false],
    [409, VERIFICATION,             'FINALIZED',  'VERIFIED',   false],
    [400, 'ContractRequestMessage', 'without it', 'TERMINATED', true],
    [404, 'ContractRequestMessage', 'without it', 'TERMINATED', true],
    [409, 'ContractRequestMessage', 'without it', 'TERMINATED', true],
  ] as const)('%i to %s by an EDC that is %s leaves us %s', async (status, type, edcState, state, withWords) => {
    const stage = await setStage(PEER_CONSUMES, 'consumer')
    const { edc, node } = stage
    edc.instead((arrived) => {
      if (arrived.method === 'GET') return processAt(arrived, edc.arrivals, edcState)
      return arrived.body?.['@type'] === type ? no(arrived.path, status, 'not in this state') : null
    })

    const { offer } = exchangeOf(PEER_CONSUMES, 'ContractRequestMessage').body ?? {}
    const asked = { counterPartyId: edc.id, counterPartyAddress: edc.base, offer }
    const { id } = await node.ask('/negotiations', asked)
    if (type === VERIFICATION) {
      await taken(stage, 0)
      await edc.send(exchangeOf(PEER_CONSUMES, 'ContractAgreementMessage'))
    }

    const view = await eventually('nothing is on its way', async () => {
      const now = await node.ask(`/negotiations/${String(id)}`)
      return now.unacknowledged === null ? now : null
    })
    expect(view.state).toBe(state)
    expect(JSON.stringify(view.problem).includes('not in this state')).toBe(withWords)
    // What EDC never took is not terminated over there: it has no pid to do so with.
    expect(edc.arrivals.some(({ body }) => body?.['@type'] === 'ContractNegotiationTerminationMessage')).toBe(false)
    expect(edc.arrivals.some(({ method }) => method === 'GET')).toBe(type === VERIFICATION)
    await stage.discard()
  })

  test('leaves the step to a person, who may take it again', async () => {
    const stage = await consume(PEER_CONSUMES)
    const { edc, node } = stage
    edc.instead((arrived) => {
      if (arrived.method === 'GET') return processAt(arrived, edc.arrivals, 'AGREED')
      return arrived.body?.['@type'] === VERIFICATION ? no(arrived.path, 400, 'not in this state') : null
    })
    await play(stage, undefined, before(PEER_CONSUMES, VERIFICATION))
    const { id, problem } = await settled(stage, 'negotiations')
    edc.instead(null)

    await node.ask(`/negotiations/${String(id)}/verify`, {})
    await taken(stage, 1)
    const reply = await edc.send(exchangeOf(PEER_CONSUMES, 'ContractNegotiationEventMessage'))

    expect(problem).toMatchObject({ code: 'peer.refused' })
    expect(reply).toMatchObject({ status: 200, body: { state: 'FINALIZED' } })
  })
})

test('EDC may end a negotiation at any time', async () => {
  const stage = await consume()
  await play(stage, undefined, before(BETWEEN_EDCS, 'ContractNegotiationEventMessage'))
  const finalized = exchangeOf(BETWEEN_EDCS, 'ContractNegotiationEventMessage')

  const reply = await stage.edc.send({
    ...finalized,
    url: finalized.url.replace('/events', '/termination'),
    body: {
      ...finalized.body,
      '@type': 'ContractNegotiationTerminationMessage',
      eventType: undefined,
      reason: ['no more'],
    },
  })

  expect(reply).toMatchObject({ status: 200, body: { state: 'TERMINATED' } })
  expect(JSON.stringify((await settled(stage, 'negotiations')).problem)).toContain('no more')
})
