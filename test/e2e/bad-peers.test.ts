// Peers that hang, break off, answer rubbish or without end: the connector stays healthy, serves others, and goes on with
// them as soon as they answer as they should.

import { readFileSync } from 'node:fs'
import type { ServerResponse } from 'node:http'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../fixtures/eventually.ts'
import { contractRequest, messageOf } from '../fixtures/messages.ts'
import type { ProcessView } from '../fixtures/pair.ts'
import { openPeer, type Answering } from '../fixtures/peer.ts'
import { startGround, type Ground } from '../fixtures/stranger.ts'

const ANSWER_TIMEOUT_MS = 400

let ground: Ground
beforeAll(async () => {
  ground = await startGround({
    limits: { answerTimeoutMs: ANSWER_TIMEOUT_MS, outboxPerPeerInFlightMax: 2, outboxInFlightMax: 4 },
  })
})
afterAll(async () => ground.discard())
afterEach(() => {
  ground.peer.answerWith(null)
})

const OFFER = { '@type': 'Offer', '@id': 'theirs', target: 'urn:dataset:theirs', permission: [{ action: 'use' }] }

/** 50 MB in pieces, as fast as they are taken. */
function endless(response: ServerResponse): void {
  const piece = Buffer.alloc(64 * 1024, ' ')
  let left = (50 * 1024 * 1024) / piece.length
  const more = (): void => {
    while (left-- > 0) if (!response.write(piece)) return
    response.end()
  }
  response.on('drain', more)
  more()
}

// prettier-ignore
const RUBBISH: Readonly<Record<string, Answering>> = {
  'does not answer':                    () => undefined,
  'stops in the middle of its head':    (_, response) => response.socket?.write('HTTP/1.1 201 Cre'),
  'stops in the middle of its body':    (_, response) => response.writeHead(201, { 'content-length': '1000' }).write('{"@type":'),
  'breaks the connection':              (_, response) => response.socket?.resetAndDestroy(),
  'answers something that is not HTTP': (_, response) => response.socket?.end('SSH-2.0-OpenSSH_9.9\r\n'),
  'answers 50 MB':                      (_, response) => endless(response.writeHead(201, { 'content-type': 'application/json' })),
  'answers 500':                        (_, response) => response.writeHead(500).end('<html>oops</html>'),
  'answers 503 and asks for patience':  (_, response) => response.writeHead(503, { 'retry-after': '1' }).end(),
  'answers 429':                        (_, response) => response.writeHead(429).end(),
  'sends headers without end':          (_, response) => response.socket?.write(`HTTP/1.1 201 Created\r\n${'x-a: b\r\n'.repeat(20_000)}`),
}

describe.each(Object.entries(RUBBISH))('a peer that %s', (_what, answering) => {
  test('is tried again, others are served meanwhile, and it gets its message once it recovers', async () => {
    const { connector, peer, other, send } = ground
    const mark = peer.received.length
    const before = residentMib(connector.processId())
    peer.answerWith(answering)
    const opened = await Promise.all(
      Array.from({ length: 3 }, () =>
        connector.ask<ProcessView>('/negotiations', { counterPartyId: peer.did, offer: OFFER }),
      ),
    )
    const tries = (): number => peer.received.length - mark
    await eventually('the peer is tried again', () => tries() >= 4)

    // Another peer's whole negotiation, while this one misbehaves.
    const their = other.received.length
    expect(
      (await send('/negotiations/request', contractRequest(other.base, 'open', 'urn:dataset:open'), other)).status,
    ).toBe(201)
    await other.gets('ContractAgreementMessage', their)
    expect(residentMib(connector.processId()) - before).toBeLessThan(150)

    peer.answerWith(null)
    for (const { id } of opened) {
      await eventually('its message is acknowledged', async () => {
        const { state, unacknowledged } = await connector.ask<ProcessView>(`/negotiations/${id}`)
        return state === 'REQUESTED' && unacknowledged === null
      })
    }
    const bodies = peer.received.slice(mark).map(({ message }) => JSON.stringify(message))
    expect(new Set(bodies).size).toBe(opened.length)
    connector.verify()
  })
})

test('a 401 after other failures is not the last word: a new token is tried', async () => {
  const { connector, peer } = ground
  const mark = peer.received.length
  const answers = [500, 500, 500, 401]
  peer.answerWith((_, response) => {
    const status = answers.shift()
    if (answers.length === 0) peer.answerWith(null)
    response.writeHead(status ?? 500).end()
  })

  const { id } = await connector.ask<ProcessView>('/negotiations', { counterPartyId: peer.did, offer: OFFER })

  await eventually(
    'it is acknowledged',
    async () => (await connector.ask<ProcessView>(`/negotiations/${id}`)).state === 'REQUESTED',
  )
  const tokens = peer.received.slice(mark).map(({ headers }) => headers.authorization)
  expect(tokens).toHaveLength(5)
  expect(new Set(tokens).size).toBe(5)
})

describe('an acknowledgement', () => {
  // prettier-ignore
  const ODD: Readonly<Record<string, Answering>> = {
    'with another media type': ({ message }, response) =>
      response.writeHead(201, { 'content-type': 'text/html' }).end(JSON.stringify(messageOf('ContractNegotiation', { providerPid: `urn:p:${String(message['consumerPid'])}`, consumerPid: message['consumerPid'], state: 'REQUESTED' }))),
    'with extra members and a 200': ({ message }, response) =>
      response.end(JSON.stringify({ ...messageOf('ContractNegotiation', { providerPid: `urn:p:${String(message['consumerPid'])}`, consumerPid: message['consumerPid'], state: 'REQUESTED' }), more: { of: ['it'] } })),
  }

  test.each(Object.entries(ODD))('%s counts', async (_what, answering) => {
    const { connector, peer } = ground
    peer.answerWith(answering)
    const { id } = await connector.ask<ProcessView>('/negotiations', { counterPartyId: peer.did, offer: OFFER })

    await eventually('it is acknowledged', async () => {
      const { state, providerPid } = await connector.ask<ProcessView>(`/negotiations/${id}`)
      return state === 'REQUESTED' && providerPid === `urn:p:${id}`
    })
  })

  test('of an opening that names no pid leaves a negotiation that can still be ended, and no defect', async () => {
    const { connector, peer } = ground
    peer.answerWith((_, response) => response.end())
    const { id } = await connector.ask<ProcessView>('/negotiations', { counterPartyId: peer.did, offer: OFFER })
    await eventually('it is sent', () => peer.received.some(({ message }) => message['consumerPid'] === id))
    await eventually(
      'it is settled',
      async () => (await connector.ask<ProcessView>(`/negotiations/${id}`)).unacknowledged === null,
    )

    const { status } = await connector.call(`/negotiations/${id}/terminate`, {})

    expect(status).toBeLessThan(500)
    expect(connector.log()).not.toContain('http.defect')
  })
})

describe('a refusal', () => {
  test('of an opening ends the process here, with the words of the peer', async () => {
    const { connector, peer } = ground
    peer.answerWith((_, response) =>
      response
        .writeHead(400, { 'content-type': 'application/json' })
        .end(JSON.stringify(messageOf('ContractNegotiationError', { code: 'x', reason: ['not for you'] }))),
    )
    const { id } = await connector.ask<ProcessView>('/negotiations', { counterPartyId: peer.did, offer: OFFER })

    const view = await eventually('it has ended', async () => {
      const found = await connector.ask<ProcessView>(`/negotiations/${id}`)
      return found.state === 'TERMINATED' ? found : null
    })
    expect(JSON.stringify(view.problem)).toContain('not for you')
  })
})

test('a sender whose DID document hangs is asked to come again, and delays nobody', async () => {
  const { connector, send, other } = ground
  const hanging = await openPeer({ didDocument: 'hangs' })
  await connector.ask('/peers', { did: hanging.did, name: 'hanging', claims: {} })

  const waiting = Array.from({ length: 20 }, () =>
    send('/negotiations/request', contractRequest(hanging.base, 'open', 'urn:dataset:open'), hanging),
  )
  expect((await send('/catalog/request', messageOf('CatalogRequestMessage', {}), other)).status).toBe(200)
  expect(new Set((await Promise.all(waiting)).map(({ status }) => status))).toEqual(new Set([503]))
  await hanging.close()
})

test('a sender that goes before its answer leaves nothing waiting: what follows is sent', async () => {
  const { send, peer, connector } = ground
  const mark = peer.received.length
  const messages = Array.from({ length: 20 }, () => contractRequest(peer.base, 'open', 'urn:dataset:open'))
  // Both directions are closed as soon as the request is written: nobody reads the answer.
  await Promise.all(messages.map((message) => send('/negotiations/request', message, peer, { leave: true })))

  const arrived = (): number =>
    connector.rows(
      `SELECT 1 FROM negotiation WHERE peer_pid IN (${messages.map(() => '?').join()})`,
      ...messages.map((message) => String(message['consumerPid'])),
    ).length
  await eventually('what has arrived is answered with an agreement', () => {
    const agreements = peer.received
      .slice(mark)
      .filter(({ message }) => message['@type'] === 'ContractAgreementMessage')
    return (
      agreements.length === arrived() &&
      connector.rows("SELECT 1 FROM outbox WHERE move = 'ContractAgreementMessage'").length === 0
    )
  })
})

function residentMib(processId: number): number {
  const status = readFileSync(`/proc/${String(processId)}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}
