// Agreements and transfers in which the connector under attack is the consumer, and the played peer provides.

import { eventually } from '../fixtures/eventually.ts'
import { messageOf, newPid } from '../fixtures/messages.ts'
import type { Ground } from '../fixtures/stranger.ts'

/** An agreement with the peer as the provider, in force. */
export async function agreedAsConsumer({ connector: own, peer, send: post }: Ground): Promise<string> {
  const offer = { '@type': 'Offer', '@id': 'theirs', target: 'urn:dataset:theirs', permission: [{ action: 'use' }] }
  const { id: consumerPid } = await own.ask<{ id: string }>('/negotiations', { counterPartyId: peer.did, offer })
  const providerPid = await eventually(
    'it is acknowledged',
    async () => (await own.ask<{ providerPid?: string }>(`/negotiations/${consumerPid}`)).providerPid,
  )
  const pids = { providerPid, consumerPid }
  const agreement = {
    ...offer,
    '@type': 'Agreement',
    '@id': newPid(),
    assigner: peer.did,
    assignee: own.did,
    timestamp: '2026-01-01T00:00:00Z',
  }
  await post(`/negotiations/${consumerPid}/agreement`, messageOf('ContractAgreementMessage', { ...pids, agreement }))
  await eventually(
    'it is verified',
    async () => (await own.ask<{ state: string }>(`/negotiations/${consumerPid}`)).state === 'VERIFIED',
  )
  await post(
    `/negotiations/${consumerPid}/events`,
    messageOf('ContractNegotiationEventMessage', { ...pids, eventType: 'FINALIZED' }),
  )
  return agreement['@id']
}

/** A transfer of ours that the peer started, with that endpoint; gives our pid. `more` are further properties of the address. */
export async function startedAsConsumer(
  { connector: own, send: post }: Ground,
  agreementId: string,
  endpoint: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { id: consumerPid } = await own.ask<{ id: string }>('/transfers', { agreementId })
  const providerPid = await eventually(
    'it is acknowledged',
    async () => (await own.ask<{ providerPid?: string }>(`/transfers/${consumerPid}`)).providerPid,
  )
  const dataAddress = addressOf(endpoint, { authorization: 'x', authType: 'bearer', ...more })
  await post(
    `/transfers/${consumerPid}/start`,
    messageOf('TransferStartMessage', { providerPid, consumerPid, dataAddress }),
  )
  return consumerPid
}

/** The DataAddress of an HTTP endpoint. */
export function addressOf(endpoint: string, properties: Readonly<Record<string, string>>): object {
  return {
    '@type': 'DataAddress',
    endpointType: 'https://w3id.org/idsa/v4.1/HTTP',
    endpoint,
    endpointProperties: Object.entries(properties).map(([name, value]) => ({
      '@type': 'EndpointProperty',
      name,
      value,
    })),
  }
}
