// Addresses of the data plane that lead inside: where a token is to be renewed, and where data is to be pushed. Refused when
// they come or when they are used, never called, and never left by a redirect.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Reply } from '../fixtures/connector.ts'
import { eventually } from '../fixtures/eventually.ts'
import { contractRequest, messageOf, newPid } from '../fixtures/messages.ts'
import type { RawReply } from '../fixtures/raw-http.ts'
import { startGround, type Ground } from '../fixtures/stranger.ts'
import { addressOf, agreedAsConsumer, startedAsConsumer } from './consume.ts'
import { FORBIDDEN_URLS } from './forbidden-urls.ts'
import { openParticipant, type Participant } from './participant.ts'
import { logs } from './refusals.ts'

/** In loopback mode this machine may be called; everything else may not. */
const FORBIDDEN = FORBIDDEN_URLS.filter((url) => URL.canParse(url)).filter((url) =>
  /^https?:\/\/(10\.|169\.|172\.|192\.|100\.|168\.|\[f|\[64|\[2002:[ac])/.test(url),
)

let ground: Ground
let elsewhere: Participant
beforeAll(async () => {
  ground = await startGround()
  elsewhere = await openParticipant()
})
afterAll(async () => {
  await ground.discard()
  await elsewhere.close()
})
afterEach(() => {
  ground.peer.answerWith(null)
  elsewhere.serve(null)
  expect(ground.connector.log()).not.toContain('http.defect')
})

describe('where a token is to be renewed', () => {
  let agreementId: string
  beforeAll(async () => {
    agreementId = await agreedAsConsumer(ground)
  })
  /** The token is over at once: whoever fetches must renew it first. */
  const fetched = async (refreshEndpoint: string): Promise<Reply> => {
    const more = { refreshToken: 'r', expiresIn: '0', refreshEndpoint }
    const transfer = await startedAsConsumer(ground, agreementId, `${ground.peer.base}/data`, more)
    ground.peer.answerWith((_, response) => response.end('data'))
    return ground.connector.call(`/transfers/${transfer}/data`).finally(() => {
      ground.peer.answerWith(null)
    })
  }

  test('the peer’s own place is asked, with the token to be renewed and nothing else', async () => {
    elsewhere.serve((_, response) =>
      response.end(JSON.stringify({ access_token: 'y', token_type: 'Bearer', expires_in: 60, refresh_token: 's' })),
    )
    const mark = elsewhere.asked.length

    expect((await fetched(`${elsewhere.origin}/token`)).status).toBe(200)
    expect(elsewhere.asked.slice(mark)).toEqual(['/token'])
  })

  test.each(FORBIDDEN)(
    '%s is address.forbidden in the log, and the fetch ends with a problem',
    async (refreshEndpoint) => {
      const { status, json } = await logs(ground.connector, 'address.forbidden', () => fetched(refreshEndpoint))

      expect(status).toBeGreaterThanOrEqual(400)
      expect(JSON.stringify(json)).toContain('"code":"token.not-renewed"')
    },
  )

  test.each([301, 302, 307, 308])('%i and another address is not followed', async (status) => {
    const second = await openParticipant()
    elsewhere.serve((_, response) => response.writeHead(status, { location: `${second.origin}/token` }).end())

    expect((await fetched(`${elsewhere.origin}/token`)).status).toBeGreaterThanOrEqual(400)
    expect(second.asked).toEqual([])
    await second.close()
  })
})

describe('where data is to be pushed', () => {
  const DATASET = 'urn:dataset:open'
  let agreementId: string
  beforeAll(async () => {
    const { connector, peer, send } = ground
    const source = { type: 'file', path: `${connector.directory}/data.csv` }
    await connector.ask(`/datasets/${encodeURIComponent(DATASET)}`, undefined, 'DELETE')
    await connector.ask('/datasets', { '@id': DATASET, source, formats: ['HttpData-PULL', 'HttpData-PUSH'] })
    const mark = peer.received.length
    const opened = await send('/negotiations/request', contractRequest(peer.base, 'open', DATASET))
    const { agreement } = (await peer.gets('ContractAgreementMessage', mark)).message as {
      readonly agreement: { readonly '@id': string }
    }
    const { providerPid, consumerPid } = opened.json
    await send(
      `/negotiations/${String(providerPid)}/agreement/verification`,
      messageOf('ContractAgreementVerificationMessage', { providerPid, consumerPid }),
    )
    await peer.gets('ContractNegotiationEventMessage', mark)
    agreementId = agreement['@id']
  })

  const requestPush = (endpoint: string): Promise<RawReply> =>
    ground.send(
      '/transfers/request',
      messageOf('TransferRequestMessage', {
        consumerPid: newPid(),
        agreementId,
        format: 'HttpData-PUSH',
        callbackAddress: ground.peer.base,
        dataAddress: addressOf(endpoint, { authorization: 'x', authType: 'bearer' }),
      }),
    )

  test('the peer’s own place gets the data', async () => {
    const mark = elsewhere.asked.length
    elsewhere.serve((request, response) => {
      request.resume().once('end', () => response.end())
    })

    expect((await requestPush(`${elsewhere.origin}/sink`)).status).toBe(201)
    await eventually('it is pushed', () => elsewhere.asked.slice(mark).includes('/sink'))
  })

  test.each(FORBIDDEN)('%s is refused when it comes, and nothing is pushed', async (endpoint) => {
    const reply = await requestPush(endpoint)

    expect(reply.status).toBe(400)
    expect(['address.forbidden', 'message.schema']).toContain(reply.json['code'])
  })

  test.each([301, 302, 303, 307, 308])('%i and another address is not followed', async (status) => {
    const second = await openParticipant()
    const mark = elsewhere.asked.length
    elsewhere.serve((request, response) => {
      request.resume().once('end', () => response.writeHead(status, { location: `${second.origin}/sink` }).end())
    })
    await requestPush(`${elsewhere.origin}/sink`)
    await eventually('it is tried', () => elsewhere.asked.length > mark)
    const { connector } = ground
    await eventually(
      'what was said is on record',
      () => connector.rows('SELECT 1 FROM push WHERE last_error IS NOT NULL OR done_at IS NOT NULL').length > 0,
    )

    expect(second.asked).toEqual([])
    await second.close()
  })
})
