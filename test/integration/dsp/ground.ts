// A connector with two counterparties: one that it deals with, and a stranger that it also knows.

import { randomUUID } from 'node:crypto'
import { expect } from 'vitest'
import { openConnector, type Connector, type ConnectorOptions } from '../../conformance/scenarios/connector.ts'
import {
  messageOf,
  openCounterparty,
  type Answer,
  type Counterparty,
} from '../../conformance/scenarios/counterparty.ts'
import type { Message } from '../../conformance/scenarios/judge.ts'
import { kitMessage, NEGOTIATION_WORDS, TRANSFER_WORDS, USE, type Pids } from '../../conformance/scenarios/language.ts'
import { eventually } from '../../fixtures/eventually.ts'

export const FORMAT = 'HttpData-PULL'

/** Offered as `open`: goes its way without a person. */
export const OPEN = 'urn:dataset:open'
/** Offered as `hand`: the provider waits for a person at every step. */
export const HAND = 'urn:dataset:hand'

const AUTOMATIC = {
  onRequested: 'agree',
  onAccepted: 'agree',
  onVerified: 'finalize',
  transfer: { onRequested: 'start' },
}

export interface Ground {
  readonly connector: Connector
  readonly peer: Counterparty
  readonly stranger: Counterparty
  /** To the connector's DSP base, by the peer unless someone else is named. */
  readonly post: (path: string, message: unknown, by?: Counterparty) => Promise<Answer>
  readonly get: (path: string, by?: Counterparty) => Promise<Answer>
  /** The management API; throws for anything but a 2xx. */
  readonly manage: <T = Message>(path: string, body?: unknown) => Promise<T>
  readonly show: <T = Message>(path: string) => Promise<T>
  readonly close: () => Promise<void>
}

/** @param source where the bytes of both datasets come from; without one, nothing can be fetched */
export async function openGround(options: ConnectorOptions = {}, source: Message | null = null): Promise<Ground> {
  const [peer, stranger] = await Promise.all([
    openCounterparty({ participant: 'urn:peer', below: '/tenants/7%20b' }),
    openCounterparty({ participant: 'urn:stranger' }),
  ])
  const connector = await openConnector({
    ...options,
    offers: options.offers ?? [
      { offer: 'open', datasets: [OPEN], permission: [{ action: 'use' }], automation: AUTOMATIC },
      { offer: 'hand', datasets: [HAND], permission: [{ action: 'use' }] },
    ],
    staticTokens: [peer, stranger],
  })
  const manage: Ground['manage'] = (path, body) => connector.management.call('POST', path, body)
  if (options.offers === undefined)
    await manage('/datasets', [
      { '@id': OPEN, title: 'Open', source },
      { '@id': HAND, title: 'Hand', source },
    ])
  return {
    connector,
    peer,
    stranger,
    post: (path, message, by = peer) => by.post(connector.base + path, message),
    get: (path, by = peer) => by.get(connector.base + path),
    manage,
    show: (path) => connector.management.call('GET', path),
    close: async () => {
      await connector.close()
      await Promise.all([peer.close(), stranger.close()])
    },
  }
}

export function offerOf(id: string, target: string, rules: Message = USE): Message {
  return { '@id': id, '@type': 'Offer', target, ...rules }
}

/** A request of the peer's on one of our datasets. */
export function request({ peer }: Ground, offer: Message, more: Message = {}): Message {
  const consumerPid = `urn:uuid:${randomUUID()}`
  return messageOf('ContractRequestMessage', { consumerPid, callbackAddress: peer.address, offer, ...more })
}

export function transferRequest({ peer }: Ground, agreementId: string, more: Message = {}): Message {
  const consumerPid = `urn:uuid:${randomUUID()}`
  return messageOf('TransferRequestMessage', {
    consumerPid,
    agreementId,
    format: FORMAT,
    callbackAddress: peer.address,
    ...more,
  })
}

export function pidsIn({ json }: Answer): Pids {
  return { providerPid: String(json['providerPid']), consumerPid: String(json['consumerPid']) }
}

/** The peer's message for one of the words of the scenarios, in a process that stands. */
export function say(
  ground: Ground,
  word: string,
  kind: 'negotiations' | 'transfers',
  pids: Pids,
  own: string,
  more: Message = {},
): Promise<Answer> {
  const found = (kind === 'transfers' ? TRANSFER_WORDS : NEGOTIATION_WORDS)[word]
  if (found === undefined) throw new Error(`${word} is no word of the scenarios`)
  const { connector, peer } = ground
  const message = kitMessage(word, found, {
    pids,
    callbackAddress: peer.address,
    offer: {},
    assigner: peer.participant,
    assignee: connector.did,
    agreementId: '',
    format: FORMAT,
  })
  return ground.post(found.path.replace(':pid', own), { ...message, ...more })
}

/** Waits until the peer's GET says so. */
export async function stands(
  { get }: Ground,
  kind: 'negotiations' | 'transfers',
  own: string,
  state: string,
): Promise<void> {
  await eventually(`${own} is ${state}`, async () => (await get(`/${kind}/${own}`)).json['state'] === state)
}

/** A request on the dataset where a person decides. */
export async function requested(ground: Ground): Promise<Pids> {
  const answer = await ground.post('/negotiations/request', request(ground, offerOf('hand', HAND)))
  expect(answer.status, answer.text).toBe(201)
  return pidsIn(answer)
}

/** An agreement with the peer as the consumer, in force on both sides. */
export async function agreedAsProvider(ground: Ground): Promise<Pids & { readonly agreementId: string }> {
  const pids = pidsIn(await ground.post('/negotiations/request', request(ground, offerOf('open', OPEN))))
  const { agreement } = await ground.peer.arrives('ContractAgreementMessage', pids.providerPid)
  expect((await say(ground, 'verify', 'negotiations', pids, pids.providerPid)).status).toBe(200)
  await ground.peer.arrives('ContractNegotiationEventMessage', pids.providerPid)
  await stands(ground, 'negotiations', pids.providerPid, 'FINALIZED')
  return { ...pids, agreementId: String((agreement as Message)['@id']) }
}

const THEIRS = offerOf('theirs', 'urn:dataset:theirs')

/** A request of ours that the peer has acknowledged; every further step of ours waits for a person unless `automation` says otherwise. */
export async function requestedAsConsumer(ground: Ground, automation: Message = {}): Promise<Pids> {
  const { peer, manage, show } = ground
  const body = { counterPartyId: peer.participant, counterPartyAddress: peer.address, offer: THEIRS, automation }
  const { id: consumerPid } = await manage<{ id: string }>('/negotiations', body)
  await peer.arrives('ContractRequestMessage', consumerPid)
  await stands(ground, 'negotiations', consumerPid, 'REQUESTED')
  const { providerPid } = await show<Pids>(`/negotiations/${consumerPid}`)
  return { consumerPid, providerPid }
}

/** The agreement that the peer sends as the provider of `THEIRS`. */
export function agreementOf({ connector, peer }: Ground, more: Message = {}): Message {
  return {
    ...THEIRS,
    '@id': `urn:uuid:${randomUUID()}`,
    '@type': 'Agreement',
    assigner: peer.participant,
    assignee: connector.did,
    timestamp: '2026-01-01T00:00:00Z',
    ...more,
  }
}

/** An agreement with the peer as the provider, in force on both sides. */
export async function agreedAsConsumer(ground: Ground): Promise<Pids & { readonly agreementId: string }> {
  const pids = await requestedAsConsumer(ground, { onAgreed: 'verify' })
  const agreement = agreementOf(ground)
  expect((await say(ground, 'agree', 'negotiations', pids, pids.consumerPid, { agreement })).status).toBe(200)
  await ground.peer.arrives('ContractAgreementVerificationMessage', pids.consumerPid)
  await stands(ground, 'negotiations', pids.consumerPid, 'VERIFIED')
  expect((await say(ground, 'finalize', 'negotiations', pids, pids.consumerPid)).status).toBe(200)
  return { ...pids, agreementId: String(agreement['@id']) }
}

/** A transfer of ours under an agreement with the peer as the provider, STARTED. */
export async function startedAsConsumer(ground: Ground, agreementId: string, start: Message = {}): Promise<Pids> {
  const { peer, manage, show } = ground
  const { id: consumerPid } = await manage<{ id: string }>('/transfers', { agreementId, format: FORMAT })
  await peer.arrives('TransferRequestMessage', consumerPid)
  await stands(ground, 'transfers', consumerPid, 'REQUESTED')
  const { providerPid } = await show<Pids>(`/transfers/${consumerPid}`)
  const pids = { consumerPid, providerPid }
  expect((await say(ground, 'start', 'transfers', pids, consumerPid, start)).status).toBe(200)
  return pids
}

/** A transfer of the peer's under an agreement with us as the provider, STARTED. */
export async function startedAsProvider(
  ground: Ground,
  agreementId: string,
): Promise<Pids & { readonly start: Message }> {
  const pids = pidsIn(await ground.post('/transfers/request', transferRequest(ground, agreementId)))
  const start = await ground.peer.arrives('TransferStartMessage', pids.providerPid)
  await stands(ground, 'transfers', pids.providerPid, 'STARTED')
  return { ...pids, start }
}
