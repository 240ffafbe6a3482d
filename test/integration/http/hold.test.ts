// What a message makes us send must not overtake the answer to that message: the order of hold, decision, answer, release.

import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterEach, expect, test } from 'vitest'
import { rawBody } from '../../../src/http/body.ts'
import { negotiationRouter, type ProcessPorts } from '../../../src/http/dsp/processes.ts'
import type { ParticipantId, Pid } from '../../../src/protocol/ids.ts'
import { eventually } from '../../fixtures/eventually.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) server.close()
})

const REQUEST = {
  '@context': ['https://w3id.org/dspace/2025/1/context.jsonld'],
  '@type': 'ContractRequestMessage',
  consumerPid: 'urn:uuid:theirs',
  callbackAddress: 'https://peer.example/dsp',
  offer: { '@id': 'o', '@type': 'Offer', target: 'urn:dataset:d', permission: [{ action: 'use' }] },
}

test('holds our reaction back from before the decision until the 201 has left', async () => {
  const order: string[] = []
  const base = await serve(order)

  const answer = await fetch(`${base}/request`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'Bearer x' },
    body: JSON.stringify(REQUEST),
  })
  expect(answer.status).toBe(201)
  await answer.arrayBuffer()
  await eventually('the release', () => order.includes('released'))

  expect(order).toEqual(['held urn:uuid:ours', 'decided', 'answered', 'released'])
})

async function serve(order: string[]): Promise<string> {
  const no = (): never => {
    throw new Error('not asked for here')
  }
  const ports: ProcessPorts = {
    authenticate: () => Promise.resolve({ participant: 'did:web:peer.example' as ParticipantId, replay: null }),
    authenticateRead: no,
    receiveNegotiation: {
      message: no,
      opening: (_inbound, pid) => {
        order.push('decided')
        return Promise.resolve({
          ok: true,
          created: true,
          pid,
          pids: { providerPid: pid as never, consumerPid: REQUEST.consumerPid as never },
          state: 'REQUESTED',
        })
      },
    },
    receiveTransfer: { message: no, opening: no },
    readProcess: no,
    hold: (pid) => {
      order.push(`held ${pid}`)
      return () => {
        order.push('released')
      }
    },
    newPid: () => 'urn:uuid:ours' as Pid,
    checkCallback: () => undefined,
    jsonDepthMax: 64,
    report: no,
  }
  const app = express()
  app.use((_request, response, next) => {
    response.once('finish', () => order.push('answered'))
    next()
  })
  app.use(rawBody(65_536), negotiationRouter(ports))
  const server = createServer(app).listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`
}
