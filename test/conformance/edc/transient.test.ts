// EDC ends its process on any 4xx, and tries again on everything else that is no success: what passes by itself must never
// be answered with 4xx.

import { randomUUID } from 'node:crypto'
import { Agent, request as httpRequest } from 'node:http'
import type { AddressInfo } from 'node:net'
import express from 'express'
import { afterEach, describe, expect, test } from 'vitest'
import { sendProblem } from '../../../src/http/dsp/answers.ts'
import { kindOf, KINDS, problem, PROBLEMS, type ProblemCode } from '../../../src/kernel/problem.ts'
import { sendAs, type Reply } from '../../fixtures/edc/edc.ts'
import { setStage, type Stage } from '../../fixtures/edc/play.ts'
import { BETWEEN_EDCS, exchangeOf, type Exchange, type Members } from '../../fixtures/edc/recording.ts'
import { eventually } from '../../fixtures/eventually.ts'

const stages: Stage[] = []

async function provide(settings: Members): Promise<Stage> {
  const stage = await setStage(BETWEEN_EDCS, 'provider', { settings })
  stages.push(stage)
  return stage
}

afterEach(async () => {
  await Promise.all(stages.splice(0).map((stage) => stage.discard()))
})

/** What passes by itself: the disk, the load, a stop, a host that does not answer. */
const PASSING: readonly ProblemCode[] = [
  'busy.limit',
  'stopping',
  'store.full',
  'store.unavailable',
  'peer.unreachable',
  'source.unavailable',
]

describe('a problem that passes by itself', () => {
  test('is of a kind that says so, and no kind that says so is 4xx to a peer', () => {
    expect(PASSING.map((code) => KINDS[kindOf(problem(code, ''))].retry)).not.toContain('no')
    const wrong = Object.values(KINDS).filter(({ retry, dsp }) => (retry === 'no') !== dsp < 500)
    expect(wrong).toEqual([])
  })

  const codes = (Object.keys(PROBLEMS) as ProblemCode[]).filter((code) => /busy|unavailable/.test(PROBLEMS[code]))

  test.each([...new Set([...PASSING, ...codes])])('%s is 503 with Retry-After on every path', async (code) => {
    const app = express()
    const families = ['catalog', 'negotiations', 'transfers'] as const
    for (const family of families)
      app.post(`/${family}`, (_, response) => sendProblem(response, family, problem(code, 'x')))
    const server = app.listen(0, '127.0.0.1')
    await eventually('it listens', () => server.listening)
    const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`

    const replies = await Promise.all(families.map((family) => sendAs('POST', `${origin}/${family}`, undefined, {})))

    expect(replies.map(({ status, headers }) => [status, headers['retry-after']])).toEqual(
      families.map(() => [503, '1']),
    )
    await new Promise((closed) => server.close(closed))
  })
})

/** Another negotiation like the recorded one. */
function another(exchange: Exchange): Exchange {
  return {
    ...exchange,
    answer: { status: 201 },
    body: { ...exchange.body, '@id': randomUUID(), consumerPid: randomUUID() },
  }
}

const REQUEST = exchangeOf(BETWEEN_EDCS, 'ContractRequestMessage')
const TERMINATION = 'ContractNegotiationTerminationMessage'
const BY_HAND = { provider: { onRequested: 'manual' } }

test('a participant with as many processes as it may have gets 503 and a time, and is served when one has ended', async () => {
  const { edc, node } = await provide({ automation: BY_HAND, limits: { processesPerPeerMax: 1 } })
  edc.instead(({ body }) => (body?.['@type'] === TERMINATION ? { status: 200 } : null))
  const first = await edc.send(REQUEST)
  const next = another(REQUEST)

  const refused = await edc.send(next)
  await node.ask(`/negotiations/${String(first.body?.providerPid)}/terminate`, {})
  const later = await eventually('there is room', async () => {
    const reply = await edc.send(next)
    return reply.status === 201 ? reply : null
  })

  expect(first.status).toBe(201)
  expect(refused).toMatchObject({ status: 503, headers: { 'retry-after': '1' } })
  expect(refused.body).toMatchObject({ '@type': 'ContractNegotiationError', code: 'busy.limit' })
  expect(later.status).toBe(201)
})

test('a database that is full is 503 with a time, for a new process and for one that is there', async () => {
  const { edc, node } = await provide({ automation: BY_HAND, limits: { databaseMibMax: 1 } })
  const open: Members[] = []
  for (let count = 0; count < 20; count += 1) open.push((await edc.send(another(REQUEST))).body ?? {})
  for (const size of [100_000, 10_000, 1_000]) await fill(node, size)

  const opening = await untilRefused(() => edc.send(another(REQUEST)))
  const ending = await untilRefused(() => edc.send(terminationOf(open.pop() ?? {})))

  expect([opening, ending]).toMatchObject([
    { status: 503, headers: { 'retry-after': '1' }, body: { code: 'store.full' } },
    { status: 503, headers: { 'retry-after': '1' }, body: { code: 'store.full' } },
  ])
})

/** Publishes datasets of that many characters until there is no room for another. */
async function fill(node: Stage['node'], size: number): Promise<void> {
  const description = 'x'.repeat(size)
  for (;;) {
    const { status } = await node.call('/datasets', { '@id': `urn:uuid:${randomUUID()}`, description, source: null })
    if (status === 503) return
    if (status !== 201) throw new Error(`a dataset was answered with ${String(status)}`)
  }
}

/** What is left of the last page takes a few small messages more: all of them are taken until one is not. */
async function untilRefused(send: () => Promise<Reply>): Promise<Reply> {
  for (let sent = 0; sent < 200; sent += 1) {
    const reply = await send()
    if (reply.status >= 300) return reply
  }
  throw new Error('the database is never full')
}

/** What EDC sends to end a negotiation. */
function terminationOf({ providerPid, consumerPid }: Members): Exchange {
  const verification = exchangeOf(BETWEEN_EDCS, 'ContractAgreementVerificationMessage')
  return {
    ...verification,
    url: REQUEST.url.replace('/request', `/${String(providerPid)}/termination`),
    body: {
      ...verification.body,
      '@type': TERMINATION,
      '@id': randomUUID(),
      providerPid,
      consumerPid,
    },
  }
}

test('a message that is under way while the connector stops is taken or cut off, never refused', async () => {
  // given a stop that waits for a message of ours, which EDC is slow to answer
  const stage = await provide({})
  const { edc, node } = stage
  const slow: { answer: () => void } = { answer: () => undefined }
  edc.beforeAnswer(() => new Promise((answer) => (slow.answer = answer)))
  await edc.send(REQUEST)
  await eventually('our agreement is on its way', () => edc.arrivals.length === 1)

  // when half of another message of EDC's is there
  const begun = beginning(edc, another(REQUEST))
  await begun.connected
  const stopped = node.stop()
  const status = await begun.finish()
  slow.answer()
  await stopped

  // then
  expect([201, 503, 'cut off']).toContain(status)
  const late = await sendAs('POST', edc.book.translate(REQUEST.url), undefined, {}).catch(() => 'nobody there')
  expect(late).toBe('nobody there')
})

/** A message of which only the head has been sent; `finish` sends the rest and gives the status. */
function beginning(
  { book }: Stage['edc'],
  exchange: Exchange,
): { readonly connected: Promise<unknown>; readonly finish: () => Promise<number | 'cut off'> } {
  const { url, authorization = '', body } = book.translate(exchange)
  const text = JSON.stringify(body)
  const headers = { authorization, 'content-type': 'application/json', 'content-length': String(text.length) }
  const request = httpRequest(url, { method: 'POST', headers, agent: new Agent({ keepAlive: true }) })
  const status = new Promise<number | 'cut off'>((resolve) => {
    request.once('response', (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    request.once('error', () => {
      resolve('cut off')
    })
  })
  return {
    connected: new Promise((connected) => request.write(text.slice(0, 10), connected)),
    finish: () => {
      request.end(text.slice(10))
      return status
    },
  }
}
