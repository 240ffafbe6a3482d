// Tokens that are used twice: on messages, on reads and across them, spelt otherwise, after a crash, and in a crowd that would
// push them out of memory.

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually } from '../fixtures/eventually.ts'
import { contractRequest } from '../fixtures/messages.ts'
import { rawRequest, type RawReply } from '../fixtures/raw-http.ts'
import { DSP, startGround, type Ground } from '../fixtures/stranger.ts'
import { byEs256 } from '../integration/trust/tokens.ts'
import { openParticipant, type Participant } from './participant.ts'
import { changesNothing, logs } from './refusals.ts'

const READS_REMEMBERED = 40

let ground: Ground
let mallory: Participant
beforeAll(async () => {
  ground = await startGround({ limits: { replayEntriesMax: READS_REMEMBERED } })
  mallory = await openParticipant()
  await ground.connector.ask('/peers', { did: mallory.did, name: 'mallory', claims: {} })
})
afterAll(async () => {
  await mallory.close()
  await ground.discard()
})

type Ask = (authorization: string) => Promise<RawReply>

const message: Ask = (authorization) =>
  rawRequest({
    port: ground.connector.port,
    path: `${DSP}/negotiations/request`,
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify(contractRequest(`${mallory.origin}/dsp`, 'manual', 'urn:dataset:manual')),
  })

const read: Ask = (authorization) =>
  rawRequest({
    port: ground.connector.port,
    method: 'GET',
    path: `${DSP}/negotiations/urn:uuid:${randomUUID()}`,
    headers: { authorization },
  })

const ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n

/** ECDSA has two signatures for one: (r, s) and (r, n - s) verify alike. */
function mirrored(compact: string): string {
  const [head = '', body = '', signature = ''] = compact.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const s = ORDER - BigInt(`0x${bytes.subarray(32).toString('hex')}`)
  const other = Buffer.concat([bytes.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, '0'), 'hex')])
  return `${head}.${body}.${other.toString('base64url')}`
}

/** The last character of a base64url text may have bits that mean nothing. */
function respelt(compact: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  const value = alphabet.indexOf(compact.slice(-1))
  return `${compact.slice(0, -1)}${alphabet.charAt(value ^ 1)}`
}

// prettier-ignore
const TWICE: readonly (readonly [what: string, respell: (authorization: string) => string])[] = [
  ['as it was',                         (authorization) => authorization],
  ['with its other signature',          (authorization) => `Bearer ${mirrored(authorization.replace('Bearer ', ''))}`],
  ['with its signature spelt otherwise', respelt],
  ['with another case of the scheme',   (authorization) => authorization.replace('Bearer', 'BEARER')],
]

// prettier-ignore
const WAYS: readonly (readonly [what: string, first: Ask, then: Ask, good: number])[] = [
  ['a message and a message', message, message, 201],
  ['a read and a read',       read,    read,    404],
  ['a message and a read',    message, read,    201],
  ['a read and a message',    read,    message, 404],
]

describe.each(WAYS)('a token used for %s', (_what, first, then, good) => {
  test.each(TWICE)('%s is refused the second time', async (_how, respell) => {
    const authorization = mallory.token(ground.connector.did)
    expect((await first(authorization)).status).toBe(good)

    const reply = await changesNothing(ground.connector, () =>
      logs(ground.connector, 'token.replayed', () => then(respell(authorization))),
    )

    expect(reply).toMatchObject({ status: 401, json: { code: 'token.replayed' } })
  })
})

test('a token with the identifier of another participant’s is good: each has its own', async () => {
  const jti = randomUUID()
  expect((await message(mallory.token(ground.connector.did, { claims: { jti } }))).status).toBe(201)
  expect((await read(await ground.peer.authorization(ground.connector.did, { jti }))).status).toBe(404)
})

test('a second token with the same identifier is refused, whatever else it says', async () => {
  const jti = randomUUID()
  expect((await message(mallory.token(ground.connector.did, { claims: { jti } }))).status).toBe(201)
  const again = mallory.token(ground.connector.did, { claims: { jti, extra: 1 }, signer: byEs256(mallory.key) })
  expect(await message(again)).toMatchObject({ status: 401, json: { code: 'token.replayed' } })
})

test('a hundred uses of one token at the same moment count once', async () => {
  const authorization = mallory.token(ground.connector.did)
  const replies = await Promise.all(Array.from({ length: 100 }, () => message(authorization)))

  expect(replies.filter(({ status }) => status === 201)).toHaveLength(1)
  expect(replies.filter(({ status }) => status === 401)).toHaveLength(99)
})

test('a crowd of reads makes nobody forget: who comes when the memory is full is asked to wait', async () => {
  const used = mallory.token(ground.connector.did)
  expect([404, 503]).toContain((await read(used)).status)
  const replies: RawReply[] = []
  for (let index = 0; index <= READS_REMEMBERED; index++) replies.push(await read(mallory.token(ground.connector.did)))

  expect(replies.at(-1)).toMatchObject({ status: 503, json: { code: 'busy.limit' } })
  expect([401, 503]).toContain((await read(used)).status)
  expect((await message(mallory.token(ground.connector.did))).status).toBe(201)
})

describe('after kill -9 and a restart', () => {
  test('tokens of messages and of reads stay used, and new ones count', async () => {
    const { connector } = ground
    const [written, seen, unused] = [0, 1, 2].map(() => mallory.token(connector.did))
    const issuedAt = Math.floor(Date.now() / 1000)
    expect((await message(written ?? '')).status).toBe(201)
    await read(seen ?? '')

    await connector.kill()
    // A token says in whole seconds when it was issued: one of the second of the start cannot be told from a new one.
    await eventually('another second has begun', () => Math.floor(Date.now() / 1000) > issuedAt + 1)
    await connector.start()

    await changesNothing(connector, async () => {
      for (const [ask, token] of [
        [message, written],
        [read, written],
        [read, seen],
        [read, unused],
      ] as const) {
        const reply = await logs(connector, 'token.replayed', () => ask(token ?? ''))
        expect(reply).toMatchObject({ status: 401, json: { code: 'token.replayed' } })
      }
    })
    expect((await message(mallory.token(connector.did))).status).toBe(201)
    expect((await read(mallory.token(connector.did))).status).toBe(404)
  })
})
