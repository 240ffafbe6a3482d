// What waits for a person, what happened so far, and what becomes of a process in which nobody moves.

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openPeer, type Peer } from '../../fixtures/peer.ts'
import { eventually } from '../../fixtures/eventually.ts'
import { MANUAL, negotiate, openPair, settled, theirPid, type Connector, type Pair, type Process } from './ground.ts'

const PATIENCE_S = 7 * 24 * 60 * 60
const BY_HAND = { automation: { onOffered: 'manual', onAgreed: 'manual' } }

interface Waiting extends Process {
  readonly actions: readonly string[]
  readonly deadline: string | null
  readonly updatedAt: string
  readonly offeredBy?: string
  readonly offer?: { readonly target: string }
}

let pair: Pair
beforeAll(async () => {
  pair = await openPair()
})
afterAll(async () => pair.close())

async function inboxOf(connector: Connector): Promise<readonly Waiting[]> {
  return (await connector.ask<{ items: readonly Waiting[] }>('GET', '/inbox')).items
}

async function inInbox(connector: Connector, id: string): Promise<Waiting> {
  return eventually(`${id} waits`, async () => (await inboxOf(connector)).find((item) => item.id === id))
}

async function isWaiting(connector: Connector, id: string): Promise<boolean> {
  return (await inboxOf(connector)).some((item) => item.id === id)
}

describe('the inbox', () => {
  test('follows a negotiation and its transfer from side to side, with what each may do', async () => {
    const { provider, consumer } = pair
    const id = await negotiate(pair, MANUAL, BY_HAND)
    const theirs = await theirPid(pair, 'negotiations', id)
    // prettier-ignore
    const rounds = [
      [provider, theirs, ['offer', 'agree', 'terminate'],     'offer'],
      [consumer, id,     ['accept', 'counter', 'terminate'],  'accept'],
      [provider, theirs, ['agree', 'terminate'],              'agree'],
      [consumer, id,     ['verify', 'terminate'],             'verify'],
      [provider, theirs, ['finalize', 'terminate'],           'finalize'],
    ] as const

    for (const [connector, pid, actions, next] of rounds) {
      const item = await inInbox(connector, pid)
      expect(item.actions).toEqual(actions)
      expect(item.offer?.target).toBe(MANUAL)
      expect(item.offeredBy).toBe(next === 'offer' ? 'CONSUMER' : 'PROVIDER')
      expect(Date.parse(String(item.deadline)) - Date.parse(item.updatedAt)).toBe(PATIENCE_S * 1000)
      expect(await isWaiting(connector === provider ? consumer : provider, connector === provider ? id : theirs)).toBe(
        false,
      )
      await connector.ask('POST', `/negotiations/${pid}/${next}`)
    }
    const { agreementId } = await settled(consumer, 'negotiations', id, 'FINALIZED')
    const transfer = await consumer.ask<Process>('POST', '/transfers', { agreementId })
    const served = await theirPid(pair, 'transfers', transfer.id)

    expect(await inInbox(provider, served)).toMatchObject({
      '@type': 'TransferProcess',
      actions: ['start', 'terminate'],
    })
    await provider.ask('POST', `/transfers/${served}/start`)
    await settled(provider, 'transfers', served, 'STARTED')
    expect([await isWaiting(provider, theirs), await isWaiting(provider, served)]).toEqual([false, false])
  })

  test('is read page by page, longest waiting first', async () => {
    for (let count = 0; count < 3; count += 1) await theirPid(pair, 'negotiations', await negotiate(pair, MANUAL))
    const whole = await inboxOf(pair.provider)
    const read: string[] = []
    for (let next: string | null = ''; next !== null;) {
      const from: string = next === '' ? '' : `&after=${encodeURIComponent(next)}`
      const page: { items: Waiting[]; next: string | null } = await pair.provider.ask('GET', `/inbox?limit=1${from}`)
      read.push(...page.items.map(({ id }) => id))
      next = page.next
    }

    expect(read.length).toBeGreaterThanOrEqual(3)
    expect(read).toEqual(whole.map(({ id }) => id))
    expect(whole.map(({ updatedAt }) => updatedAt)).toEqual(whole.map(({ updatedAt }) => updatedAt).toSorted())
  })
})

describe('a move that the counter-party refuses', () => {
  let peer: Peer
  beforeAll(async () => {
    peer = await openPeer()
    await pair.provider.ask('POST', '/peers', { did: peer.did })
  })
  afterAll(async () => peer.close())

  test('comes back to the inbox with its words, and stands in the timeline', async () => {
    // Given: they opened a negotiation, and answer our agreement with a refusal, though they stand where we stand.
    const consumerPid = 'urn:uuid:refuser'
    const message = {
      '@context': ['https://w3id.org/dspace/2025/1/context.jsonld'],
      '@type': 'ContractRequestMessage',
      consumerPid,
      callbackAddress: peer.base,
      offer: {
        '@id': 'manual',
        '@type': 'Offer',
        target: MANUAL,
        permission: [{ action: 'use', constraint: [{ leftOperand: 'count', operator: 'lteq', rightOperand: '1000' }] }],
      },
    }
    const opened = await fetch(`${dspOf(pair.provider)}/negotiations/request`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: await peer.authorization(pair.provider.did) },
      body: JSON.stringify(message),
    })
    expect(opened.status, await opened.clone().text()).toBe(201)
    const { providerPid } = (await opened.json()) as { providerPid: string }
    peer.answerWith(({ method }, response) => {
      const [status, body] =
        method === 'GET'
          ? [200, { '@type': 'ContractNegotiation', providerPid, consumerPid, state: 'REQUESTED' }]
          : [
              400,
              {
                '@type': 'ContractNegotiationError',
                providerPid,
                consumerPid,
                code: 'TOO_DEAR',
                reason: ['not at this price'],
              },
            ]
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(JSON.stringify({ '@context': ['https://w3id.org/dspace/2025/1/context.jsonld'], ...body }))
    })

    // When
    await pair.provider.ask('POST', `/negotiations/${providerPid}/agree`)

    // Then
    const item = await eventually('the refusal is known', async () => {
      const found = (await inboxOf(pair.provider)).find(({ id }) => id === providerPid)
      return found?.problem === null ? null : found
    })
    expect(item).toMatchObject({ state: 'REQUESTED', unacknowledged: null, actions: ['offer', 'agree', 'terminate'] })
    expect(item.problem).toMatchObject({
      code: 'peer.refused',
      message: expect.stringContaining('not at this price') as unknown,
    })
    const { items } = await pair.provider.ask<{ items: readonly object[] }>(
      'GET',
      `/negotiations/${providerPid}/timeline`,
    )
    expect(items).toMatchObject([
      {
        type: 'message.received',
        actor: peer.did,
        by: null,
        move: 'ContractRequestMessage:initial',
        to: 'REQUESTED',
        problem: null,
      },
      { type: 'decision' },
      {
        type: 'message.proposed',
        actor: pair.provider.did,
        by: 'admin',
        move: 'ContractAgreementMessage',
        from: 'REQUESTED',
        to: null,
      },
      {
        type: 'message.failed',
        move: 'ContractAgreementMessage',
        problem: { code: 'peer.refused', message: expect.stringContaining('TOO_DEAR') as unknown },
      },
    ])
  })
})

describe('the timeline', () => {
  test('tells who made which move, from where to where, in order and page by page', async () => {
    const id = await negotiate(pair, MANUAL, BY_HAND)
    const theirs = await theirPid(pair, 'negotiations', id)
    await pair.provider.ask('POST', `/negotiations/${theirs}/terminate`, { code: 'NO', reason: 'not today' })
    await settled(pair.consumer, 'negotiations', id, 'TERMINATED')

    const { items } = await pair.consumer.ask<{ items: { seq: number; at: string }[] }>(
      'GET',
      `/negotiations/${id}/timeline`,
    )

    const [self, peer] = [pair.consumer.did, pair.provider.did]
    expect(items).toMatchObject([
      {
        type: 'message.proposed',
        actor: self,
        by: 'admin',
        move: 'ContractRequestMessage:initial',
        from: 'INITIAL',
        to: null,
      },
      { type: 'message.acknowledged', actor: self, by: null, move: 'ContractRequestMessage:initial', to: 'REQUESTED' },
      {
        type: 'message.received',
        actor: peer,
        by: null,
        move: 'ContractNegotiationTerminationMessage',
        from: 'REQUESTED',
        to: 'TERMINATED',
      },
    ])
    const [first, second] = items
    const page = await pair.consumer.ask<{ items: object[]; next: number }>(
      'GET',
      `/negotiations/${id}/timeline?limit=1&after=${String(first?.seq)}`,
    )
    expect(page).toEqual({ items: [second], next: second?.seq })
  })

  test('of offers names the author of each', async () => {
    const id = await negotiate(pair, MANUAL, BY_HAND)
    const theirs = await theirPid(pair, 'negotiations', id)
    await pair.provider.ask('POST', `/negotiations/${theirs}/offer`)
    await settled(pair.consumer, 'negotiations', id, 'OFFERED')

    const { items } = await pair.consumer.ask<{ items: object[] }>('GET', `/negotiations/${id}/offers`)

    expect(items).toMatchObject([
      { number: 1, offeredBy: 'CONSUMER', offer: { target: MANUAL } },
      { number: 2, offeredBy: 'PROVIDER', offer: { target: MANUAL } },
    ])
  })
})

describe('a process in which nobody moves', () => {
  test('is ended at its deadline, the other side is told, and both say why', async () => {
    // Given: a person has one second.
    const later = await openPair({ protocol: { manualDeadlineS: 1 } })
    try {
      const id = await negotiate(later, MANUAL)
      const theirs = await theirPid(later, 'negotiations', id)

      // When it passes
      const [consumed, provided] = await Promise.all([
        settled(later.consumer, 'negotiations', id, 'TERMINATED'),
        settled(later.provider, 'negotiations', theirs, 'TERMINATED'),
      ])

      // Then whoever was first says its reason, and the other one repeats it.
      const words = `${String(consumed.problem?.message)} | ${String(provided.problem?.message)}`
      expect(words).toMatch(/nobody decided in time|no answer in time/)
      expect(await inboxOf(later.provider)).toEqual([])
    } finally {
      await later.close()
    }
  })
})

/** The DSP base of a connector, from its DID on loopback. */
function dspOf({ did }: Connector): string {
  return `http://${decodeURIComponent(did.replace('did:web:', ''))}/dsp/2025-1`
}
