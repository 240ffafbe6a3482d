// Addresses that others give us, and that lead into our own network: callbacks, addresses of peers, DID documents, data
// addresses and what names resolve to. Each is refused with its own code, and nothing is ever called.

import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { startConnector, type Connector } from '../fixtures/connector.ts'
import { eventually } from '../fixtures/eventually.ts'
import { contractRequest, messageOf, newPid } from '../fixtures/messages.ts'
import { rawRequest, type RawReply } from '../fixtures/raw-http.ts'
import { DSP, startGround, type Ground } from '../fixtures/stranger.ts'
import { client } from '../integration/wire/servers.ts'
import { agreedAsConsumer, startedAsConsumer } from './consume.ts'
import { FORBIDDEN_HOSTS, FORBIDDEN_URLS } from './forbidden-urls.ts'
import { documentOf, openParticipant } from './participant.ts'
import { changesNothing, logs } from './refusals.ts'

const MALLORY = 'did:web:mallory.example'
const TOKEN = 'Bearer mallory-is-listed'
/** Names and addresses outside; a person has to act before anything is sent there. */
const ALLOWED = [
  'https://peer.example/dsp',
  'https://peer.example:8443/a/b',
  'https://93.184.216.34/dsp',
  'https://[2606:2800:220:1::1]/dsp',
]

/** Not in loopback mode: what a connector on the internet is. */
let connector: Connector
/** A service inside, which nobody may reach. */
let inside: Server
let knocks = 0
let insidePort = 0
beforeAll(async () => {
  inside = createServer((socket) => {
    knocks += 1
    socket.destroy()
  })
  await new Promise<void>((open) => {
    inside.listen(0, '127.0.0.1', () => {
      open()
    })
  })
  insidePort = (inside.address() as AddressInfo).port
  connector = await startConnector({
    publicUrl: 'https://connector.example',
    did: 'did:web:connector.example',
    settings: {
      outbound: {},
      identity: { admit: 'any', staticTokens: [{ participant: MALLORY, inbound: TOKEN, outbound: 'Bearer x' }] },
      limits: { answerTimeoutMs: 1_000 },
    },
    offers: {
      manual:
        'offer: manual\ndatasets: ["urn:dataset:manual"]\nautomation: { onRequested: manual }\npermission: [{ action: use }]\n',
    },
  })
  await connector.ask('/datasets', { '@id': 'urn:dataset:manual', source: null })
})
afterAll(async () => {
  await connector.discard()
  inside.close()
})
afterEach(() => {
  expect(knocks).toBe(0)
  expect(connector.log()).not.toContain('http.defect')
})

function send(path: string, message: object): Promise<RawReply> {
  return rawRequest({
    port: connector.port,
    path: `${DSP}${path}`,
    headers: { 'content-type': 'application/json', authorization: TOKEN },
    body: JSON.stringify(message),
  })
}

const request = (callbackAddress: string): object =>
  contractRequest(callbackAddress, 'manual', 'urn:dataset:manual', {
    offer: { '@type': 'Offer', '@id': 'manual', target: 'urn:dataset:manual', permission: [{ action: 'use' }] },
  })

describe('a callback address', () => {
  test.each(ALLOWED)('%s is taken', async (address) => {
    expect(await send('/negotiations/request', request(address))).toMatchObject({ status: 201 })
  })

  // prettier-ignore
  const OPENINGS: readonly (readonly [path: string, message: (callbackAddress: string) => object])[] = [
    ['/negotiations/request', request],
    ['/negotiations/offers',  (callbackAddress) => messageOf('ContractOfferMessage', { providerPid: newPid(), callbackAddress,
      offer: { '@type': 'Offer', '@id': 'o', target: 'urn:x', assigner: MALLORY, permission: [{ action: 'use' }] } })],
    ['/transfers/request',    (callbackAddress) => messageOf('TransferRequestMessage', { consumerPid: newPid(), agreementId: newPid(), format: 'HttpData-PULL', callbackAddress })],
  ]

  test.each(OPENINGS)(
    'on %s that leads inside, or is none, is message.callback or message.schema, and opens nothing',
    async (path, message) => {
      const found: unknown[] = []
      await changesNothing(connector, async () => {
        for (const address of FORBIDDEN_URLS) {
          const { status, json } = await send(path, message(address))
          found.push([address, status, json['code'] === 'message.schema' ? 'message.callback' : json['code']])
        }
      })
      expect(found).toEqual(FORBIDDEN_URLS.map((address) => [address, 400, 'message.callback']))
    },
  )

  test('whose name leads inside is found out when it is called, and the message is given up', async () => {
    for (const host of ['localhost', 'LOCALHOST']) {
      const opened = await send('/negotiations/request', request(`https://${host}:${String(insidePort)}/dsp`))
      expect(opened.status).toBe(201)
      const pid = String(opened.json['providerPid'])
      await connector.ask(`/negotiations/${pid}/terminate`, {})

      const ended = await eventually('it is given up', () =>
        connector.entries(pid).find(({ type }) => type === 'process.ended'),
      )
      expect(ended.ext?.['code']).toBe('address.forbidden')
    }
  })
})

describe('the address of a peer', () => {
  test.each(['/catalog/request', '/connect'])('that leads inside is address.forbidden on %s', async (path) => {
    const more = path === '/connect' ? { datasetId: 'urn:x' } : {}
    const found: unknown[] = []
    for (const counterPartyAddress of FORBIDDEN_URLS) {
      const { status, json } = await connector.call(path, { counterPartyId: MALLORY, counterPartyAddress, ...more })
      found.push([counterPartyAddress, status, (json as { readonly code: string }).code])
    }
    const refusal = (address: string): readonly unknown[] => [address, 422, 'address.forbidden']
    expect(found).toEqual(FORBIDDEN_URLS.map(refusal))
  })

  test('that leads inside by its name is address.forbidden too', async () => {
    const counterPartyAddress = `https://localhost:${String(insidePort)}/dsp`
    const reply = await connector.call('/catalog/request', { counterPartyId: MALLORY, counterPartyAddress })
    expect(reply).toMatchObject({ status: 422, json: { code: 'address.forbidden' } })
  })

  test('in the register is judged when it is used', async () => {
    await connector.ask('/peers', { did: MALLORY, address: `https://[::ffff:127.0.0.1]:${String(insidePort)}/dsp` })
    const reply = await connector.call('/catalog/request', { counterPartyId: MALLORY })
    expect(reply).toMatchObject({ status: 422, json: { code: 'address.forbidden' } })
  })
})

describe('a DID', () => {
  test('whose name leads inside is did.unresolvable to its sender, and address.forbidden in the log', async () => {
    const participant = await openParticipant()
    const did = `did:web:localhost%3A${String(insidePort)}`
    const authorization = participant.token(connector.did, {
      header: { kid: `${did}#key-1` },
      claims: { iss: did, sub: did },
    })
    const reply = await logs(connector, 'address.forbidden', () =>
      rawRequest({ port: connector.port, method: 'GET', path: `${DSP}/negotiations/x`, headers: { authorization } }),
    )
    await participant.close()

    expect(reply).toMatchObject({ status: 401, json: { code: 'did.unresolvable' } })
    expect(reply.text).not.toMatch(/127\.0\.0\.1|::1|loopback/)
  })
})

describe('in loopback mode', () => {
  let ground: Ground
  beforeAll(async () => {
    ground = await startGround()
  })
  afterAll(async () => ground.discard())
  const withoutLoopback = FORBIDDEN_URLS.filter((url) =>
    /10\.0\.0\.1|169\.254|fe80|fd00|192\.168|file:|gopher:|user@/.test(url),
  )

  test('a DID document may name a service at its own place, and none inside', async () => {
    const { connector: own } = ground
    for (const endpoint of ['https://10.0.0.1', 'http://169.254.169.254', 'https://[fe80::1]', 'file:///etc/passwd?']) {
      const participant = await openParticipant()
      const serviceEndpoint = `${endpoint}/.well-known/dspace-version`
      participant.serve((_, response) => {
        const service = [{ id: `${participant.did}#dsp`, type: 'DataService', serviceEndpoint }]
        response.end(JSON.stringify({ ...documentOf(participant.did, participant.key.jwk), service }))
      })
      await own.ask('/peers', { did: participant.did })
      const reply = await own.call('/catalog/request', { counterPartyId: participant.did })
      expect(reply, endpoint).toMatchObject({ status: 422, json: { code: 'address.forbidden' } })
      await participant.close()
    }
    ground.peer.answerWith((_, response) =>
      response.end(JSON.stringify(messageOf('Catalog', { participantId: ground.peer.did }))),
    )
    expect((await own.call('/catalog/request', { counterPartyId: ground.peer.did })).status).toBe(200)
    ground.peer.answerWith(null)
  })

  test('a data address that leads inside is refused when it is fetched, and one of the peer’s own is fetched', async () => {
    const { connector: own, peer } = ground
    const agreementId = await agreedAsConsumer(ground)
    for (const endpoint of [`${peer.base}/data`, ...withoutLoopback]) {
      const transfer = await startedAsConsumer(ground, agreementId, endpoint)
      const { status, json } = await own.call(`/transfers/${transfer}/data`)
      const code = (json as { readonly code?: string } | null)?.code
      // What is no URL at all is refused as such, when the message comes or when it is read again.
      if (endpoint.startsWith(peer.base)) expect(status).toBe(200)
      else
        expect(['422 address.forbidden', '400 message.schema', '422 transfer.not-started'], endpoint).toContain(
          `${String(status)} ${String(code)}`,
        )
    }
  })
})

describe('what a name resolves to', () => {
  const plain = FORBIDDEN_HOSTS.map((host) => host.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '')).filter(
    (host) => /^[0-9.]{7,}$|:/.test(host) && !host.endsWith('.'),
  )
  const call = (
    answers: (readonly string[])[],
    dialled: (readonly string[])[],
    host = 'peer.test',
  ): Promise<unknown> => {
    const resolve = (): Promise<readonly string[]> => Promise.resolve(answers.shift() ?? [])
    const { call: get } = client({
      loopback: false,
      resolve,
      dial: (_target, addresses, done) => {
        dialled.push(addresses)
        done(new Error('nobody is called here'), null)
      },
    })
    return get({ method: 'GET', url: `https://${host}/`, timeoutMs: 1_000, bodyBytesMax: 10 })
  }

  test('a public address is called', async () => {
    const dialled: (readonly string[])[] = []
    await expect(call([['93.184.216.34', '2606:2800::1']], dialled)).rejects.toMatchObject({
      problem: { code: 'peer.unreachable' },
    })
    expect(dialled).toEqual([['93.184.216.34', '2606:2800::1']])
  })

  test.each(plain)('%s is not called, alone or beside public ones', async (address) => {
    const dialled: (readonly string[])[] = []
    for (const answer of [[address], ['93.184.216.34', address], [address, '93.184.216.34']]) {
      await expect(call([answer], dialled)).rejects.toMatchObject({ problem: { code: 'address.forbidden' } })
    }
    expect(dialled).toEqual([])
  })

  test('an answer that changes between the check and the call is never asked for', async () => {
    const dialled: (readonly string[])[] = []
    const answers = [['93.184.216.34'], ['127.0.0.1']]
    await expect(call(answers, dialled)).rejects.toMatchObject({ problem: { code: 'peer.unreachable' } })
    expect([dialled, answers]).toEqual([[['93.184.216.34']], [['127.0.0.1']]])
  })
})
