// We provide, an EDC connector consumes: what one was recorded to send is sent to us, and what it was told then is
// expected of us now.

import { afterEach, describe, expect, test } from 'vitest'
import { EDC_NAMES, no, propertyOf, type Reply } from '../../fixtures/edc/edc.ts'
import { OUR_DATA } from '../../fixtures/edc/node.ts'
import { before, play, setStage, settled, taken, type Stage } from '../../fixtures/edc/play.ts'
import { BETWEEN_EDCS, exchangeOf, PEER_PROVIDES, type Members } from '../../fixtures/edc/recording.ts'
import { eventually } from '../../fixtures/eventually.ts'
import { processAt, tooFast } from './answers.ts'

const stages: Stage[] = []
const DATASET = exchangeOf(BETWEEN_EDCS, 'ContractRequestMessage').body?.offer as Members

async function provide(options: Parameters<typeof setStage>[2] = {}, recording = BETWEEN_EDCS): Promise<Stage> {
  const stage = await setStage(recording, 'provider', options)
  stages.push(stage)
  return stage
}

afterEach(async () => {
  await Promise.all(stages.splice(0).map((stage) => stage.discard()))
})

describe.each([BETWEEN_EDCS, PEER_PROVIDES])('$what', (recording) => {
  test('is told again with us as the provider, message for message', async () => {
    const stage = await provide({}, recording)

    await play(stage)

    expect(stage.edc.complaints).toEqual([])
    expect((await settled(stage, 'negotiations')).state).toBe('FINALIZED')
    expect((await settled(stage, 'transfers')).state).toBe(recording === BETWEEN_EDCS ? 'TERMINATED' : 'STARTED')
  })

  test.concurrent.each([404, 409])(
    'goes to its end where each message of ours comes too fast twice and meets %i, and each attempt is the same message',
    async (status) => {
      const stage = await setStage(recording, 'provider')
      stage.edc.instead(tooFast(status, 2))

      await play(stage)

      const sent = stage.edc.taken.map(({ body }) => JSON.stringify(body))
      expect(stage.edc.arrivals.map(({ body }) => JSON.stringify(body))).toEqual(
        sent.flatMap((each) => [each, each, each]),
      )
      await stage.discard()
    },
  )
})

describe('the catalogue', () => {
  test('has for EDC what EDC has for itself: offers without target, its DataService whole in each distribution', async () => {
    const stage = await provide()
    const read: Members[] = []

    await play(
      stage,
      async (_, reply) => void read.push(reply?.body ?? {}),
      before(BETWEEN_EDCS, 'ContractRequestMessage'),
    )

    const [versions, catalog, dataset] = read
    const accessService = {
      '@id': expect.any(String) as unknown,
      '@type': 'DataService',
      endpointDescription: 'dspace:connector',
      endpointURL: stage.node.dspBase,
    }
    const { assigner: _, target: __, ...offer } = DATASET
    const shown = {
      '@id': 'asset-1',
      '@type': 'Dataset',
      hasPolicy: [offer],
      distribution: [{ '@type': 'Distribution', format: 'HttpData-PULL', accessService }],
      'edc:version': '1.0',
      'edc:name': 'Asset 1',
      description: 'An asset',
      'edc:contenttype': 'text/plain',
    }
    const context = { '@context': ['https://w3id.org/dspace/2025/1/context.jsonld'] }
    expect(versions?.protocolVersions).toMatchObject([{ version: '2025-1', path: '/2025-1', binding: 'HTTPS' }])
    expect(catalog).toEqual({
      ...context,
      '@id': expect.any(String) as unknown,
      '@type': 'Catalog',
      participantId: 'provider',
      service: [accessService],
      dataset: [shown],
    })
    expect(dataset).toEqual({ ...context, ...shown })
  })
})

describe('the agreement', () => {
  test('has the rules of the offer verbatim and in their order: EDC compares them with what it asked for', async () => {
    // given an offer with more than one rule, as its catalogue entry spells it
    const permission = [
      { action: 'use', constraint: [{ count: { lteq: 5 } }, { spatial: { isAnyOf: ['VN', 'CN'] } }] },
      { action: 'display', constraint: [{ dateTime: { lt: '2036-01-01T00:00:00Z' } }] },
      { action: 'use', constraint: [{ or: [{ spatial: { eq: 'VN' } }, { count: { lteq: 9 } }] }] },
    ]
    const prohibition = [{ action: 'distribute' }, { action: 'derive' }]
    const { '@id': offerId, target } = DATASET
    const stage = await provide({
      offers: [{ offer: offerId, datasets: [target], automation: { onRequested: 'agree' }, permission, prohibition }],
    })
    await stage.node.ask('/peers', { did: 'consumer', name: 'EDC', claims: { country: 'VN' }, address: stage.edc.base })
    const [, , { body: dataset }] = await catalogueOf(stage)

    // when EDC asks for it as it stands there
    const request = exchangeOf(BETWEEN_EDCS, 'ContractRequestMessage')
    const [shown] = dataset?.hasPolicy as readonly Members[]
    const offer = { ...shown, assigner: 'provider', target }
    await stage.edc.send({ ...request, body: { ...request.body, offer } })

    // then EDC takes the agreement
    const { body } = await taken(stage, 0)
    expect(shown?.permission).toHaveLength(3)
    expect(body?.agreement).toMatchObject({ permission: shown?.permission, prohibition: shown?.prohibition })
  })
})

describe('a message that EDC sends again, because our answer was lost', () => {
  test('gets the first answer, and nothing of it is done twice', async () => {
    const stage = await provide()
    const { edc } = stage

    await play(stage, async (exchange, reply) => {
      if (exchange.from !== 'consumer' || exchange.method === 'GET' || exchange.body?.['@id'] === undefined) return
      expect(await edc.send(exchange)).toMatchObject({ status: reply?.status, body: reply?.body })
    })

    expect(edc.arrivals).toHaveLength(edc.taken.length)
  })
})

describe('EDC that is faster than its own answers', () => {
  test('verifies an agreement whose 200 we have not read', async () => {
    const stage = await provide()
    const replies: Reply[] = []
    stage.edc.beforeAnswer(async ({ body }) => {
      if (body?.['@type'] !== 'ContractAgreementMessage') return
      replies.push(await stage.edc.send(exchangeOf(BETWEEN_EDCS, 'ContractAgreementVerificationMessage')))
    })

    await play(stage, undefined, before(BETWEEN_EDCS, 'ContractAgreementVerificationMessage'))
    await taken(stage, 1)

    expect(replies).toMatchObject([{ status: 200, body: { state: 'VERIFIED' } }])
    expect((await settled(stage, 'negotiations')).state).toBe('FINALIZED')
  })

  test('requests a transfer under an agreement whose FINALIZED it has not acknowledged', async () => {
    const stage = await provide()
    const replies: Reply[] = []
    stage.edc.beforeAnswer(async ({ body }) => {
      if (body?.['@type'] !== 'ContractNegotiationEventMessage') return
      replies.push(await stage.edc.send(exchangeOf(BETWEEN_EDCS, 'TransferRequestMessage')))
    })

    await play(stage, undefined, before(BETWEEN_EDCS, 'TransferRequestMessage'))
    await taken(stage, 2)

    expect(replies).toMatchObject([{ status: 201, body: { state: 'REQUESTED' } }])
  })
})

describe('the data', () => {
  test('is for the bare token of the last start, and only while the transfer is started', async () => {
    const stage = await provide()
    const got: Record<string, number[]> = {}
    const addresses: { endpoint: string; token: string }[] = []

    await play(stage, async ({ body }, reply) => {
      const type = String(body?.['@type'])
      if (type === 'TransferStartMessage' && reply === null) addresses.push(addressIn(stage))
      if (addresses.length === 0) return
      got[`${type} ${reply === null ? 'sent' : 'received'} ${String(addresses.length)}`] = await Promise.all(
        addresses.map(fetched),
      )
    })

    // What the consumer's resume opens again is the transfer; the token of the second start ends that of the first.
    expect(got).toEqual({
      'TransferStartMessage sent 1': [200],
      'TransferSuspensionMessage received 1': [403],
      'TransferStartMessage received 1': [200],
      'TransferStartMessage sent 2': [expect.any(Number), 200],
      'TransferTerminationMessage received 2': [401, 403],
    })
  })
})

describe('a refusal for good', () => {
  test.concurrent.each([
    // EDC says no to … and stands at …    then our negotiation is …, and EDC's words are …
    ['ContractAgreementMessage', 'REQUESTED', 'REQUESTED', 'peer.refused'],
    ['ContractAgreementMessage', 'TERMINATED', 'TERMINATED', 'peer.refused'],
    ['ContractAgreementMessage', 'AGREED', 'AGREED', undefined],
  ])('of %s by an EDC that is %s leaves us %s', async (type, edcState, state, code) => {
    const stage = await setStage(BETWEEN_EDCS, 'provider')
    stage.edc.instead((arrived) => {
      if (arrived.method === 'GET') return processAt(arrived, stage.edc.arrivals, edcState)
      return arrived.body?.['@type'] === type ? no(arrived.path, 409, 'not in this state') : null
    })

    const [, , , request] = BETWEEN_EDCS.exchanges
    await stage.edc.send(request ?? exchangeOf(BETWEEN_EDCS, type))
    await eventually('we ask where EDC stands', () => stage.edc.arrivals.some(({ method }) => method === 'GET'))

    const view = await settled(stage, 'negotiations')
    expect(view).toMatchObject({ state, ...(code === undefined ? {} : { problem: { code } }) })
    if (code !== undefined) expect(JSON.stringify(view.problem)).toContain('not in this state')
    await stage.discard()
  })

  test('of the start that answers a resume leaves the transfer started, and its data where it was', async () => {
    const stage = await provide()
    const { edc, node } = stage
    let first = { endpoint: '', token: '' }
    const resumed = before(BETWEEN_EDCS, 'TransferStartMessage', 3)
    await play(
      stage,
      async ({ body }, reply) => {
        if (body?.['@type'] === 'TransferStartMessage' && reply === null) first = addressIn(stage)
        if (body?.['@type'] !== 'TransferSuspensionMessage') return
        edc.instead((arrived) =>
          arrived.method === 'GET'
            ? processAt(arrived, edc.arrivals, 'STARTED')
            : no(arrived.path, 400, 'not in this state'),
        )
      },
      resumed,
    )

    const failed = await eventually('it is given up', async () => {
      const { items } = await node.ask<{ items: readonly Entry[] }>('/evidence?limit=1000')
      return items.find(({ envelope: { type } }) => type === 'message.failed')
    })
    expect(failed.envelope.ext).toMatchObject({ move: 'TransferStartMessage', state: 'STARTED' })
    expect(JSON.stringify(failed.envelope.ext)).toContain('not in this state')
    expect((await settled(stage, 'transfers')).state).toBe('STARTED')
    expect(await fetched(first)).toBe(200)
  })
})

interface Entry {
  readonly envelope: { readonly type: string; readonly ext: Members }
}

test('EDC may end a negotiation at any time', async () => {
  const stage = await provide()
  await play(stage, undefined, before(BETWEEN_EDCS, 'ContractAgreementVerificationMessage'))
  const verification = exchangeOf(BETWEEN_EDCS, 'ContractAgreementVerificationMessage')

  const reply = await stage.edc.send({
    ...verification,
    url: verification.url.replace('/agreement/verification', '/termination'),
    body: { ...verification.body, '@type': 'ContractNegotiationTerminationMessage', code: '1', reason: ['no more'] },
  })

  expect(reply).toMatchObject({ status: 200, body: { state: 'TERMINATED' } })
  expect(JSON.stringify((await settled(stage, 'negotiations')).problem)).toContain('no more')
})

async function catalogueOf(stage: Stage): Promise<readonly [Reply, Reply, Reply]> {
  const [versions, catalog, dataset] = before(BETWEEN_EDCS, 'ContractRequestMessage')
  if (versions === undefined || catalog === undefined || dataset === undefined) throw new Error('three reads')
  return [await stage.edc.send(versions), await stage.edc.send(catalog), await stage.edc.send(dataset)]
}

/** Where the last start says that the data is, as EDC reads it: by the full names alone. */
function addressIn({ edc }: Stage): { readonly endpoint: string; readonly token: string } {
  const { body } = edc.taken.at(-1) ?? {}
  const value = (name: string): string => propertyOf(body ?? {}, `${EDC_NAMES}${name}`) ?? ''
  return { endpoint: value('endpoint'), token: value('authorization') }
}

/** The status that an application of EDC's gets. */
async function fetched({ endpoint, token }: { readonly endpoint: string; readonly token: string }): Promise<number> {
  const response = await fetch(endpoint, { headers: { authorization: token, connection: 'close' } })
  const bytes = Buffer.from(await response.arrayBuffer())
  if (response.status === 200) expect(bytes.equals(OUR_DATA)).toBe(true)
  return response.status
}
