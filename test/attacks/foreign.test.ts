// A process that belongs to somebody else and one that does not exist: answers that are the same to the byte, on every path,
// with every method, in both roles; and nothing else that tells them apart.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { BINDINGS } from '../../src/protocol/dsp/paths.ts'
import { everyMessage } from '../fixtures/messages.ts'
import type { Counterparty } from '../conformance/scenarios/counterparty.ts'
import {
  agreedAsConsumer,
  agreedAsProvider,
  HAND,
  openGround,
  requested,
  requestedAsConsumer,
  startedAsConsumer,
  startedAsProvider,
  transferRequest,
  type Ground,
} from '../integration/dsp/ground.ts'
import { exchange, lines, statusesIn, withoutDate } from './bytes.ts'

const HIDDEN = 'urn:dataset:hidden'

interface Target {
  readonly what: string
  readonly kind: 'negotiations' | 'transfers'
  readonly own: string
  readonly pids: { readonly providerPid: string; readonly consumerPid: string }
}

let ground: Ground
let port: number
let agreementId: string
const targets: Target[] = []
beforeAll(async () => {
  ground = await openGround()
  port = Number(new URL(ground.connector.rootUrl).port)
  await ground.manage('/datasets', { '@id': HIDDEN, source: null })

  const ours = await requested(ground)
  const theirs = await requestedAsConsumer(ground)
  const provided = await agreedAsProvider(ground)
  const consumed = await agreedAsConsumer(ground)
  agreementId = provided.agreementId
  const served = await startedAsProvider(ground, agreementId)
  const fetched = await startedAsConsumer(ground, consumed.agreementId)
  targets.push(
    { what: 'a negotiation that we provide in', kind: 'negotiations', own: ours.providerPid, pids: ours },
    { what: 'a negotiation that we consume in', kind: 'negotiations', own: theirs.consumerPid, pids: theirs },
    { what: 'a negotiation that has ended well', kind: 'negotiations', own: provided.providerPid, pids: provided },
    { what: 'a transfer that we provide in', kind: 'transfers', own: served.providerPid, pids: served },
    { what: 'a transfer that we consume in', kind: 'transfers', own: fetched.consumerPid, pids: fetched },
  )
})
afterAll(async () => ground.close())

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND', 'TRACE']

async function ask(method: string, path: string, by: Counterparty | null, body: string, type: string): Promise<string> {
  const answer = await exchange(
    port,
    lines(
      `${method} /dsp/2025-1${path} HTTP/1.1`,
      'Host: localhost',
      'Connection: close',
      ...(by === null ? [] : [`Authorization: ${by.inbound}`]),
      ...(body === '' ? [] : [`Content-Type: ${type}`, `Content-Length: ${String(Buffer.byteLength(body))}`]),
    ),
    body,
  )
  return withoutDate(answer)
}

/** The paths of one kind of process below its pid, with the message that each takes. */
function requestsTo({ kind, own, pids }: Target): readonly (readonly [path: string, message: string])[] {
  const messages = new Map(
    everyMessage(pids.providerPid, pids.consumerPid, 'http://localhost:1/dsp').map(([path, message]) => [
      path.replace(pids.providerPid, own),
      JSON.stringify({ ...message, '@id': 'urn:uuid:the-same' }),
    ]),
  )
  const bound = BINDINGS.map(({ path }) => path.replace(/:\w+/, own)).filter((path) =>
    path.startsWith(`/${kind}/${own}`),
  )
  return [...new Set([...bound, `/${kind}/${own}/nothing`])].map((path) => [path, messages.get(path) ?? '{}'])
}

/** The same with pids that nobody has, of the same form and length. */
function unknown({ own, pids, ...rest }: Target): Target {
  const other = (pid: string): string => pid.replace(/[0-9a-f-]{36}/, randomUUID())
  const [providerPid, consumerPid] = [other(pids.providerPid), other(pids.consumerPid)]
  return { ...rest, own: own === pids.providerPid ? providerPid : consumerPid, pids: { providerPid, consumerPid } }
}

/** An answer repeats pids that the question brought. */
function withoutPids(answer: string, { pids }: Target): string {
  return answer.replaceAll(pids.providerPid, '<provider>').replaceAll(pids.consumerPid, '<consumer>')
}

describe('a foreign process and an unknown one', () => {
  test.each(METHODS)('are the same to a stranger with %s, on every path', async (method) => {
    for (const target of targets) {
      const nobody = unknown(target)
      const [foreign, none] = [requestsTo(target), requestsTo(nobody)]
      for (const [index, [path, message]] of foreign.entries()) {
        const [other = '', same = ''] = none[index] ?? []
        for (const body of method === 'GET' || method === 'HEAD' ? [''] : [message, '{"@type":', '', '[]']) {
          const answers = await Promise.all([
            ask(method, path, ground.stranger, body, 'application/json'),
            ask(method, other, ground.stranger, body === message ? same : body, 'application/json'),
          ])
          const [seen, expected] = [withoutPids(answers[0], target), withoutPids(answers[1], nobody)]

          expect(seen, `${method} ${path} ${body}`).toBe(expected)
          expect(seen).not.toMatch(/^HTTP\/1\.1 (2|5)/)
        }
      }
    }
  })

  test('are the same without credentials: 401 on every path, with every method', async () => {
    for (const target of targets) {
      const nobody = unknown(target)
      for (const method of METHODS) {
        for (const [index, [path, message]] of requestsTo(target).entries()) {
          const answer = await ask(method, path, null, method === 'POST' ? message : '', 'application/json')
          const [other = '', same = ''] = requestsTo(nobody)[index] ?? []
          const none = await ask(method, other, null, method === 'POST' ? same : '', 'application/json')

          expect(answer, `${method} ${path}`).toBe(none)
          expect(statusesIn(answer)).toEqual([401])
        }
      }
    }
  })

  test('are not the same to its owner', async () => {
    for (const target of targets) {
      const { kind, own } = target
      expect(statusesIn(await ask('GET', `/${kind}/${own}`, ground.peer, '', ''))).toEqual([200])
      expect(statusesIn(await ask('GET', `/${kind}/${unknown(target).own}`, ground.peer, '', ''))).toEqual([404])
    }
  })

  test('a process of the other kind is unknown to its owner too', async () => {
    for (const target of targets) {
      const { kind, own } = target
      const other = kind === 'negotiations' ? 'transfers' : 'negotiations'
      const [mixed, none] = [
        await ask('GET', `/${other}/${own}`, ground.peer, '', ''),
        await ask('GET', `/${other}/${unknown(target).own}`, ground.peer, '', ''),
      ]
      expect(mixed).toBe(none)
    }
  })
})

test('a foreign agreement and an unknown one are the same to a stranger', async () => {
  const asked = async (id: string): Promise<string> => {
    const message = JSON.stringify(transferRequest(ground, id, { '@id': 'urn:uuid:the-same' }))
    const answer = await ask('POST', '/transfers/request', ground.stranger, message, 'application/json')
    return answer.replaceAll(id, '<agreement>').replaceAll(/[0-9a-f-]{36}/g, '<uuid>')
  }
  const foreign = await asked(agreementId)

  expect(foreign).toBe(await asked(agreementId.replace(/[0-9a-f-]{36}/, randomUUID())))
  expect(statusesIn(foreign)).toEqual([400])
  const own = JSON.stringify(transferRequest(ground, agreementId))
  expect(statusesIn(await ask('POST', '/transfers/request', ground.peer, own, 'application/json'))).toEqual([201])
})

test('a dataset that nobody may see and an unknown one are the same', async () => {
  const asked = async (id: string): Promise<string> =>
    (await ask('GET', `/catalog/datasets/${id}`, ground.stranger, '', '')).replaceAll(id, '<dataset>')

  expect(await asked(HIDDEN)).toBe(await asked('urn:dataset:absent'))
  expect(statusesIn(await asked(HAND))).toEqual([200])
})

test('the data of a foreign transfer, with a token of one’s own or with none, is as unknown as that of no transfer', async () => {
  const transfer = targets.find(({ what }) => what === 'a transfer that we provide in')
  const asked = async (method: string, pid: string, authorization: string): Promise<string> =>
    withoutDate(
      await exchange(
        port,
        lines(
          `${method} /data/${pid} HTTP/1.1`,
          'Host: localhost',
          'Connection: close',
          'Content-Length: 0',
          `Authorization: ${authorization}`,
        ),
      ),
    )
  for (const method of ['GET', 'HEAD', 'POST', 'PUT']) {
    for (const authorization of [ground.stranger.inbound, `Bearer ${'x'.repeat(43)}`, 'Bearer x', 'Basic eDp5', '']) {
      const foreign = await asked(method, transfer?.own ?? '', authorization)
      expect(foreign).toBe(await asked(method, `urn:uuid:${randomUUID()}`, authorization))
      expect(statusesIn(foreign), `${method} ${authorization}`).toEqual([401])
    }
  }
})
