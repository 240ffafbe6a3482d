// Two connectors of ours that deal with each other: what one sends, the other must understand.

import { expect } from 'vitest'
import { openConnector, type Connector, type ConnectorOptions } from '../../conformance/scenarios/connector.ts'
import type { Message } from '../../conformance/scenarios/judge.ts'
import { eventually } from '../../fixtures/eventually.ts'

export const PROVIDER = 'did:web:provider.example'
export const CONSUMER = 'did:web:consumer.example'

export const DATASET = 'urn:dataset:weather'
export const TEN = rules('10')
export const TWENTY = rules('20')
export const FIFTEEN = rules('15')

/** Rules that differ only in how often the data may be used. */
function rules(count: string): Message {
  const constraint = [{ leftOperand: 'count', operator: 'lteq', rightOperand: count }]
  return { permission: [{ action: 'use', constraint }] }
}

export const offer = (id: string, terms: Message = TEN): Message => ({
  '@id': id,
  '@type': 'Offer',
  target: DATASET,
  ...terms,
})

export interface Shown {
  readonly id: string
  readonly role: string
  readonly state: string
  readonly unacknowledged: string | null
  readonly providerPid?: string
  readonly consumerPid?: string
  readonly agreementId: string | null
  readonly offer: Message
  readonly offeredBy: string
  readonly automation: Message
  readonly problem: Message | null
}

export interface Side {
  readonly connector: Connector
  readonly manage: <T = Shown>(path: string, body?: unknown) => Promise<T>
  readonly show: <T = Shown>(path: string) => Promise<T>
  /** Waits until the negotiation or transfer stands there with nothing on its way. */
  readonly reaches: (path: string, state: string) => Promise<Shown>
  /** What its evidence says of a process, in order. */
  readonly evidence: (pid: string) => Promise<readonly Message[]>
}

export interface Two {
  readonly provider: Side
  readonly consumer: Side
  readonly close: () => Promise<void>
}

export async function openTwo(provider: ConnectorOptions, consumer: ConnectorOptions = {}): Promise<Two> {
  const [toConsumer, toProvider] = ['Bearer provider-to-consumer', 'Bearer consumer-to-provider']
  const [ours, theirs] = await Promise.all([
    openConnector({
      ...provider,
      did: PROVIDER,
      staticTokens: [{ participant: CONSUMER, inbound: toProvider, outbound: toConsumer }],
    }),
    openConnector({
      ...consumer,
      did: CONSUMER,
      staticTokens: [{ participant: PROVIDER, inbound: toConsumer, outbound: toProvider }],
    }),
  ])
  const two = { provider: sideOf(ours), consumer: sideOf(theirs) }
  await two.provider.manage('/peers', { did: CONSUMER, address: theirs.base })
  await two.consumer.manage('/peers', { did: PROVIDER, address: ours.base })
  return {
    ...two,
    close: async () => {
      await Promise.all([ours.close(), theirs.close()])
    },
  }
}

function sideOf(connector: Connector): Side {
  const show: Side['show'] = (path) => connector.management.call('GET', path)
  return {
    connector,
    manage: (path, body) => connector.management.call('POST', path, body),
    show,
    reaches: (path, state) =>
      eventually(`${path} is ${state}`, async () => {
        const shown = await show(path)
        return shown.state === state && shown.unacknowledged === null ? shown : null
      }),
    evidence: async (pid) => {
      const { items } = await show<{ items: readonly { envelope: Message }[] }>(
        `/evidence?pid=${encodeURIComponent(pid)}`,
      )
      return items.map(({ envelope }) => envelope)
    },
  }
}

export interface Both {
  readonly ours: string
  readonly theirs: string
}

/** The consumer asks; both sides know of it. Gives the paths of the negotiation on either side. */
export async function asked(two: Two, terms: Message, automation?: Message): Promise<Both> {
  const { consumer } = two
  const body = { counterPartyId: PROVIDER, offer: terms, ...(automation !== undefined && { automation }) }
  const { id } = await consumer.manage('/negotiations', body)
  const { providerPid } = await eventually('the request is acknowledged', async () => {
    const shown = await consumer.show(`/negotiations/${id}`)
    return shown.providerPid === undefined ? null : shown
  })
  return { ours: `/negotiations/${String(providerPid)}`, theirs: `/negotiations/${id}` }
}

/** Both sides are there, with nothing on its way. */
export async function stand(two: Two, { ours, theirs }: Both, state: string): Promise<readonly [Shown, Shown]> {
  return [await two.provider.reaches(ours, state), await two.consumer.reaches(theirs, state)]
}

export async function agreementOf(two: Two, both: Both): Promise<Message> {
  const [at, from] = await stand(two, both, 'FINALIZED')
  expect(at.agreementId).toBe(from.agreementId)
  const path = `/agreements/${String(at.agreementId)}`
  const [kept, got] = [await two.provider.show<Message>(path), await two.consumer.show<Message>(path)]
  expect(got['agreement']).toEqual(kept['agreement'])
  expect([kept['finalizedAt'], got['finalizedAt']]).not.toContain(null)
  return kept['agreement'] as Message
}
