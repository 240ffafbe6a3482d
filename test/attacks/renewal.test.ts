// The token endpoint: who may renew what, until when, and what a lost answer or a second renewal does to the tokens before.

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { messageOf } from '../fixtures/messages.ts'
import type { Peer } from '../fixtures/peer.ts'
import { agreedWith, propertiesOf, startedWith, stateOf, type Started } from '../fixtures/played-consumer.ts'
import { rawRequest, type RawReply } from '../fixtures/raw-http.ts'
import { startGround, type Ground } from '../fixtures/stranger.ts'

let ground: Ground
let agreementId: string
let started: Started
beforeAll(async () => {
  ground = await startGround({ limits: { dataTokenS: 60 } })
  agreementId = await agreedWith(ground)
  started = await startedWith(ground, agreementId)
})
afterAll(async () => {
  await ground.discard()
})
afterEach(() => {
  ground.connector.verify()
  expect(ground.connector.log()).not.toContain('http.defect')
})

interface Pair {
  readonly access: string
  readonly refresh: string
}

const pairOf = ({ properties }: Started): Pair => ({
  access: properties['authorization'] ?? '',
  refresh: properties['refreshToken'] ?? '',
})

interface Way {
  readonly by?: Peer
  readonly claims?: Readonly<Record<string, unknown>>
  readonly authorization?: string
  readonly method?: string
  readonly query?: string
  readonly body?: string
  readonly type?: string
}

async function renew({ access, refresh }: Pair, way: Way = {}): Promise<RawReply> {
  const { by = ground.peer, claims = {}, method = 'POST', query = '', type = 'application/x-www-form-urlencoded' } = way
  const authorization =
    way.authorization ?? (await by.authorization(ground.connector.did, { token: access, ...claims }))
  return rawRequest({
    port: ground.connector.port,
    method,
    path: `/data/token${query}`,
    headers: { ...(authorization !== '' && { authorization }), 'content-type': type },
    body: way.body ?? new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refresh }).toString(),
  })
}

async function renewed(pair: Pair, way?: Way): Promise<Pair> {
  const { status, json, text } = await renew(pair, way)
  if (status !== 200) throw new Error(`the renewal was answered ${String(status)}: ${text}`)
  return { access: String(json['access_token']), refresh: String(json['refresh_token']) }
}

async function fetches({ access }: Pick<Pair, 'access'>, { pids }: Started = started): Promise<number> {
  const headers = { authorization: `Bearer ${access}` }
  return (await rawRequest({ port: ground.connector.port, method: 'GET', path: `/data/${pids.providerPid}`, headers }))
    .status
}

function entriesOf(type: string, { pids }: Started = started): number {
  return ground.connector.entries(pids.providerPid).filter((entry) => entry.type === type).length
}

describe('a renewal', () => {
  test('is offered in the data address, with the life of the token as a text', () => {
    expect(started.properties).toMatchObject({
      expiresIn: '60',
      refreshEndpoint: `${ground.connector.publicUrl}/data/token`,
    })
    expect(started.properties['refreshToken']).toMatch(/^[\w-]{43}$/)
  })

  test('gives another pair, which no cache may keep, and of which the database holds only digests', async () => {
    const first = pairOf(started)
    const reply = await renew(first)
    expect(reply).toMatchObject({ status: 200, json: { token_type: 'Bearer', expires_in: 60 } })
    expect(reply.headers).toMatchObject({ 'cache-control': 'no-store', 'content-type': 'application/json' })
    const second = { access: String(reply.json['access_token']), refresh: String(reply.json['refresh_token']) }
    expect(await fetches(second)).toBe(200)
    expect(entriesOf('token.renewed')).toBe(1)
    const rows = JSON.stringify(ground.connector.rows('SELECT * FROM access_token'))
    const log = JSON.stringify(ground.connector.entries()) + ground.connector.log()
    for (const secret of Object.values(second)) for (const text of [rows, log]) expect(text).not.toContain(secret)
    started = {
      ...started,
      properties: { ...started.properties, authorization: second.access, refreshToken: second.refresh },
    }
  })

  test('may be asked for in the query, as in the profile’s own example', async () => {
    const other = await startedWith(ground, agreementId)
    const { access, refresh } = pairOf(other)
    const query = `?grant_type=refresh_token&refresh_token=${refresh}`
    expect(await fetches(await renewed({ access, refresh }, { query, body: '' }), other)).toBe(200)
  })

  test('ends the pair before it when the new access token is used, and not before: the answer may be lost', async () => {
    const other = await startedWith(ground, agreementId)
    const first = pairOf(other)
    await renewed(first)
    expect(await fetches(first, other)).toBe(200)
    const second = await renewed(first)
    expect(await fetches(first, other)).toBe(200)
    expect(await fetches(second, other)).toBe(200)
    expect(await fetches(first, other)).toBe(401)
    expect(await renew(first)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
  })

  test('ends the pair before it when the new refresh token is used', async () => {
    const other = await startedWith(ground, agreementId)
    const first = pairOf(other)
    const second = await renewed(first)
    const third = await renewed(second)
    expect(await fetches(first, other)).toBe(401)
    expect(await fetches(second, other)).toBe(200)
    expect(await fetches(third, other)).toBe(200)
  })

  test('that nobody has used yields to the next one', async () => {
    const other = await startedWith(ground, agreementId)
    const first = pairOf(other)
    const lost = await renewed(first)
    const second = await renewed(first)
    expect(await fetches(lost, other)).toBe(401)
    expect(await renew(lost)).toMatchObject({ status: 400 })
    expect(await fetches(second, other)).toBe(200)
  })

  test('of two at the same moment leaves one pair that works', async () => {
    const other = await startedWith(ground, agreementId)
    const first = pairOf(other)
    const both = await Promise.all([renewed(first), renewed(first)])
    const statuses = await Promise.all(both.map((pair) => fetches(pair, other)))
    expect(statuses.toSorted()).toEqual([200, 401])
  })
})

describe('is refused', () => {
  const stranger = (): Pair => ({ access: 'A'.repeat(43), refresh: 'A'.repeat(43) })

  // prettier-ignore
  test.each<[string, () => Promise<RawReply>, number, string, string | null]>([
    ['to another participant, though it holds both tokens', () => renew(pairOf(started), { by: ground.other }),                          400, 'invalid_grant',          'token.unknown'],
    ['with a refresh token of nobody',                      () => renew({ ...pairOf(started), refresh: stranger().refresh }),            400, 'invalid_grant',          'token.unknown'],
    ['with an access token of nobody',                      () => renew({ ...pairOf(started), access: stranger().access }),              400, 'invalid_grant',          'token.unknown'],
    ['with the access token as the refresh token',          () => renew({ ...pairOf(started), refresh: pairOf(started).access }),        400, 'invalid_grant',          'token.unknown'],
    ['without the claim token',                             () => renew(pairOf(started), { claims: { token: undefined } }),              401, 'invalid_client',         'token.malformed'],
    ['with a claim token that is no text',                  () => renew(pairOf(started), { claims: { token: 1 } }),                      401, 'invalid_client',         'token.malformed'],
    ['without credentials',                                 () => renew(pairOf(started), { authorization: '' }),                         401, 'invalid_client',         'token.missing'],
    ['with the data token as credentials',                  () => renew(pairOf(started), { authorization: `Bearer ${pairOf(started).access}` }), 401, 'invalid_client', 'token.malformed'],
    ['to whoever signs for somebody else',                  () => renew(pairOf(started), { by: ground.other, claims: { iss: ground.peer.did, sub: ground.peer.did } }), 401, 'invalid_client', 'token.subject'],
    ['with a token for another audience',                   () => renew(pairOf(started), { claims: { aud: ground.other.did } }),         401, 'invalid_client',         'token.audience'],
    ['with a token that has expired',                       () => renew(pairOf(started), { claims: { iat: 1, nbf: 1, exp: 60 } }),       401, 'invalid_client',         'token.expired'],
    ['for another grant',                                   () => renew(pairOf(started), { body: 'grant_type=client_credentials' }),     400, 'unsupported_grant_type', null],
    ['without a refresh token',                             () => renew(pairOf(started), { body: 'grant_type=refresh_token' }),          400, 'invalid_request',        null],
    ['with two refresh tokens',                             () => renew(pairOf(started), { query: '?refresh_token=x' }),                 400, 'invalid_request',        null],
    ['in another form',                                     () => renew(pairOf(started), { type: 'application/json', body: '{}' }),      400, 'invalid_request',        null],
    ['in a form that is too large',                         () => renew(pairOf(started), { body: `x=${'y'.repeat(10_000)}` }),           413, 'invalid_request',        null],
    ['with another method',                                 () => renew(pairOf(started), { method: 'PUT' }),                             405, 'invalid_request',        null],
  ])('%s', async (_what, ask, status, error, code) => {
    const reply = await ask()
    expect(reply).toMatchObject({ status, json: { error } })
    expect(reply.headers['cache-control']).toBe('no-store')
    if (status === 401) expect(reply.headers['www-authenticate']).toBe('Bearer')
    if (code !== null) expect(reply.json['error_description']).toContain(code)
    expect(reply.text).not.toContain(pairOf(started).refresh)
  })

  test('when its own token is used twice, on the token endpoint or before on a message', async () => {
    const { access } = pairOf(started)
    const authorization = await ground.peer.authorization(ground.connector.did, { token: access })
    expect(await renew(pairOf(started), { authorization })).toMatchObject({ status: 200 })
    expect(await renew(pairOf(started), { authorization })).toMatchObject({
      status: 401,
      json: { error: 'invalid_client' },
    })

    const read = await ground.peer.authorization(ground.connector.did, { token: access })
    await rawRequest({
      port: ground.connector.port,
      method: 'GET',
      path: `/dsp/2025-1/transfers/${started.pids.providerPid}`,
      headers: { authorization: read },
    })
    expect(await renew(pairOf(started), { authorization: read })).toMatchObject({ status: 401 })
  })

  test('of a foreign one goes on record, as it is known whose transfer it was', async () => {
    const before = entriesOf('token.refused')
    await renew(pairOf(started), { by: ground.other })
    expect(entriesOf('token.refused')).toBe(before + 1)
    await renew(stranger())
    expect(entriesOf('token.refused')).toBe(before + 1)
  })

  test('while the transfer is suspended; after the resume both tokens work again', async () => {
    const other = await startedWith(ground, agreementId)
    const first = pairOf(other)
    const { pids } = other
    await ground.send(`/transfers/${pids.providerPid}/suspension`, messageOf('TransferSuspensionMessage', { ...pids }))
    expect(await renew(first)).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    expect(await fetches(first, other)).toBe(403)
    await ground.send(`/transfers/${pids.providerPid}/start`, messageOf('TransferStartMessage', { ...pids }))
    expect(await fetches(await renewed(first), other)).toBe(200)
  })

  test('from the decision of ours to suspend on, whether or not the peer has heard of it', async () => {
    const other = await startedWith(ground, agreementId)
    ground.peer.answerWith(() => undefined)
    await ground.connector.ask(`/transfers/${other.pids.providerPid}/suspend`, {})
    expect(await renew(pairOf(other))).toMatchObject({ status: 400 })
    ground.peer.answerWith(null)
  })

  test('once the transfer is completed or terminated', async () => {
    for (const [path, type] of [
      ['completion', 'TransferCompletionMessage'],
      ['termination', 'TransferTerminationMessage'],
    ] as const) {
      const other = await startedWith(ground, agreementId)
      await ground.send(`/transfers/${other.pids.providerPid}/${path}`, messageOf(type, { ...other.pids }))
      expect(await renew(pairOf(other))).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    }
  })

  test('once the peer is not admitted any more', async () => {
    const mine = await agreedWith(ground, ground.other)
    const other = await startedWith(ground, mine, ground.other)
    await ground.connector.call(`/peers/${encodeURIComponent(ground.other.did)}`, undefined, 'DELETE')
    expect(await renew(pairOf(other), { by: ground.other })).toMatchObject({
      status: 401,
      json: { error: 'invalid_client' },
    })
    await ground.connector.ask('/peers', { did: ground.other.did, name: 'other', claims: {} })
  })

  test('once the agreement was ended', async () => {
    const own = await agreedWith(ground)
    const other = await startedWith(ground, own)
    await ground.connector.ask(`/agreements/${encodeURIComponent(own)}/end`, {})
    expect(await renew(pairOf(other))).toMatchObject({ status: 400, json: { error: 'invalid_grant' } })
    await stateOf(ground, other.pids.providerPid, 'TERMINATED')
  })
})

test('a resumed transfer’s new start is not ended by a renewal of the token before', async () => {
  const other = await startedWith(ground, agreementId)
  const before = ground.peer.received.length
  const { pids } = other
  await ground.connector.ask(`/transfers/${pids.providerPid}/suspend`, {})
  await stateOf(ground, pids.providerPid, 'SUSPENDED')
  await ground.connector.ask(`/transfers/${pids.providerPid}/resume`, {})
  const { message } = await ground.peer.gets('TransferStartMessage', before)
  await stateOf(ground, pids.providerPid, 'STARTED')
  const later = propertiesOf(message['dataAddress'] as Readonly<Record<string, unknown>>)
  // Renewed after the new start was sent: it still stands before it.
  const second = await renewed(pairOf(other))
  expect(await fetches(second, other)).toBe(200)
  expect(await fetches({ access: String(later['authorization']) }, other)).toBe(200)
  expect(await fetches(second, other)).toBe(401)
})
