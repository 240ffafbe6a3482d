// A stop in good order, on a real process: first not ready, then what is in flight finishes, streams are cut with evidence,
// what is to be sent stays, and the process ends with 0. A second signal does not wait.

import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { addressOf, readData } from '../fixtures/data-client.ts'
import { eventually } from '../fixtures/eventually.ts'
import { contractRequest } from '../fixtures/messages.ts'
import { agreeOn, bothIn, MANUAL, openNegotiation, openTransfer, startPair, type Pair } from '../fixtures/pair.ts'
import { openPeer, type Peer } from '../fixtures/peer.ts'
import { rawRequest } from '../fixtures/raw-http.ts'
import { openSlowSource, type SlowSource } from '../fixtures/slow-source.ts'

const STREAM = 'urn:dataset:stream'
const GRACE_MS = 60_000

let pair: Pair
let peer: Peer
let source: SlowSource

async function start(stopGraceMs: number): Promise<void> {
  pair = await startPair({
    settings: { limits: { stopGraceMs } },
    offers: { stream: `offer: stream\ndatasets: ["${STREAM}"]\npermission: [{ action: use }]\n` },
  })
  const { connector } = pair.provider
  await connector.ask('/datasets', { '@id': STREAM, source: { type: 'http', url: source.url } })
  await connector.ask('/peers', { did: peer.did, name: 'peer', claims: {} })
}

beforeEach(async () => {
  ;[peer, source] = await Promise.all([openPeer(), openSlowSource()])
})
afterEach(async () => {
  await pair.discard()
  await Promise.all([peer.close(), source.close()])
})

interface Upload {
  readonly request: ClientRequest
  readonly answered: Promise<IncomingMessage>
  readonly rest: string
}

/** A message whose second half has not come yet. */
async function halfAMessage(): Promise<Upload> {
  const { connector } = pair.provider
  const body = JSON.stringify(contractRequest(peer.base, 'open', 'urn:dataset:open'))
  const request = httpRequest({
    ...{ port: connector.port, host: '127.0.0.1', method: 'POST', path: '/dsp/2025-1/negotiations/request' },
    headers: {
      authorization: await peer.authorization(connector.did),
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
    },
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request.once('response', resolve)
    request.once('error', reject)
  })
  answered.catch(() => undefined)
  const half = Math.floor(body.length / 2)
  request.write(body.slice(0, half))
  await eventually('the request has begun', async () => (await inFlight()) > 1)
  return { request, answered, rest: body.slice(half) }
}

/** The one that asks counts too. */
async function inFlight(): Promise<number> {
  return (await pair.provider.connector.ask<{ requestsInFlight: number }>('/status')).requestsInFlight
}

async function runningStream(): Promise<ReturnType<typeof readData>> {
  const pid = await openTransfer(pair, await agreeOn(pair, STREAM))
  await bothIn(pair, 'transfers', pid, 'STARTED')
  const reading = readData(pair.provider.connector.port, await addressOf(pair, pid))
  await eventually('the stream runs', () => reading.bytes() > 5_000)
  return reading
}

/** The stream of events, as far as it came. */
function followEvents(): { readonly isOver: () => boolean; readonly socket: Socket } {
  const { connector } = pair.provider
  const socket = connect({ port: connector.managementPort, host: '127.0.0.1' })
  let over = false
  socket.on('close', () => (over = true))
  socket.on('data', () => undefined)
  socket.write(
    `GET /api/v1/events HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nauthorization: Bearer ${connector.token()}\r\n\r\n`,
  )
  return { isOver: () => over, socket }
}

function status(path: string, authorization = ''): ReturnType<typeof rawRequest> {
  return rawRequest({ port: pair.provider.connector.port, method: 'GET', path, headers: { authorization } })
}

describe('with time enough', () => {
  beforeEach(async () => {
    await start(GRACE_MS)
  })

  test('a message in flight is answered, a stream is cut and on record, what waits stays, and the exit is 0', async () => {
    const { connector } = pair.provider
    // The consumer is away: what the provider has to send to it waits.
    const waiting = await openNegotiation(pair, MANUAL)
    const { provider } = await bothIn(pair, 'negotiations', waiting, 'REQUESTED')
    const stream = await runningStream()
    const events = followEvents()
    await pair.consumer.connector.stop()
    await connector.ask(`/negotiations/${provider.id}/agree`, {})
    const upload = await halfAMessage()
    const authorization = await peer.authorization(connector.did)

    const stopped = connector.stop()
    await eventually('it says that it is not ready', async () => (await status('/readyz')).status === 503)

    expect((await status('/healthz')).status).toBe(200)
    const late = await status('/dsp/2025-1/negotiations/urn:uuid:x', authorization)
    expect(late).toMatchObject({ status: 503, json: { '@type': 'ContractNegotiationError', code: 'stopping' } })
    expect([late.headers['retry-after'], late.headers['connection']]).toEqual(['1', 'close'])
    const lateData = await status('/data/urn:uuid:x', 'Bearer x')
    expect([lateData.status, lateData.headers['retry-after']]).toEqual([503, '1'])
    expect((await connector.call('/peers')).status).toBe(503)
    // Peers check the signatures of what we sent with it.
    expect((await status('/.well-known/did.json')).status).toBe(200)
    await eventually('the stream is cut', stream.isOver)
    await eventually('the events end', events.isOver)
    expect(stream.isWhole()).toBe(false)

    upload.request.end(upload.rest)
    const answer = await upload.answered
    expect(answer.statusCode).toBe(201)
    answer.resume()

    expect(await stopped).toBe(0)
    expect(connector.log()).not.toContain('connector.grace-over')
    const ended = connector.entries().filter(({ type }) => type === 'delivery.ended')
    expect(ended.map(({ ext }) => [ext?.['outcome'], ext?.['code']])).toEqual([['cut', 'stopping']])
    expect(connector.rows('SELECT pid FROM outbox WHERE pid = ?', provider.id)).toHaveLength(1)
    expect(connector.rows('SELECT 1 FROM negotiation WHERE counterparty = ?', peer.did)).toHaveLength(1)
    connector.verify()
  })

  test('a second signal ends it at once, and nothing that was committed is lost', async () => {
    const { connector } = pair.provider
    const upload = await halfAMessage()
    const stopped = connector.stop()
    await eventually('it stops', async () => (await status('/readyz')).status === 503)

    process.kill(connector.processId(), 'SIGTERM')

    expect(await stopped).toBe(1)
    await expect(upload.answered).rejects.toThrow()
    expect(connector.log()).toContain('connector.stopped-at-once')
    connector.verify()
    await connector.start()
    expect(await connector.stop()).toBe(0)
  })
})

test('what does not finish in time is broken off, said in the log, and the exit is 0', async () => {
  await start(300)
  const { connector } = pair.provider
  const upload = await halfAMessage()

  expect(await connector.stop()).toBe(0)

  await expect(upload.answered).rejects.toThrow()
  expect(connector.log()).toContain('connector.grace-over')
  expect(connector.rows('SELECT 1 FROM negotiation WHERE counterparty = ?', peer.did)).toEqual([])
  connector.verify()
})

test('a message of ours that gets no answer does not hold the stop up, and is sent again after the next start', async () => {
  await start(300)
  const { connector } = pair.provider
  peer.answerWith(() => undefined)
  const body = JSON.stringify(contractRequest(peer.base, 'open', 'urn:dataset:open'))
  const headers = { authorization: await peer.authorization(connector.did), 'content-type': 'application/json' }
  await rawRequest({ port: connector.port, path: '/dsp/2025-1/negotiations/request', headers, body })
  await peer.gets('ContractAgreementMessage')

  expect(await connector.stop()).toBe(0)

  expect(connector.rows('SELECT 1 FROM outbox')).toHaveLength(1)
  peer.answerWith(null)
  const before = peer.received.length
  await connector.start()
  await peer.gets('ContractAgreementMessage', before)
})
