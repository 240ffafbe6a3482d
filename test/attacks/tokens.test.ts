// Tokens that are wrong in one respect: each is 401 with its own code, in the answer and in the log, on messages, on the
// catalogue and on reads; nothing is fetched that need not be, and nothing is written.

import { createHmac, createPublicKey, generateKeyPairSync, randomUUID, sign } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contractRequest, messageOf } from '../fixtures/messages.ts'
import { rawRequest, type RawReply } from '../fixtures/raw-http.ts'
import { DSP, startGround, type Ground } from '../fixtures/stranger.ts'
import { byEd25519, byEs256, byEs256Der, ed25519, p256 } from '../integration/trust/tokens.ts'
import { openParticipant, segment, type Forgery, type Participant } from './participant.ts'
import { changesNothing, logs } from './refusals.ts'

let ground: Ground
let mallory: Participant
beforeAll(async () => {
  ground = await startGround()
  mallory = await openParticipant()
  await ground.connector.ask('/peers', { did: mallory.did, name: 'mallory', claims: {} })
})
afterAll(async () => {
  await mallory.close()
  await ground.discard()
})

type Forge = () => Forgery

const now = (): number => Math.floor(Date.now() / 1000)
const us = (): string => ground.connector.did
const peer = (): string => ground.peer.did
const publicPem = (): string =>
  createPublicKey({ key: { ...mallory.key.jwk }, format: 'jwk' })
    .export({ type: 'spki', format: 'pem' })
    .toString()
const hmac =
  (secret: string) =>
  (input: Buffer): Buffer =>
    createHmac('sha256', secret).update(input).digest()
const rsa = (bits: number): ((input: Buffer) => Buffer) => {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: bits })
  return (input) => sign('sha256', input, privateKey)
}
const nothing = (): Buffer => Buffer.alloc(0)

// prettier-ignore
const ALGORITHMS: readonly (readonly [what: string, code: string, forge: Forge])[] = [
  ['alg none without a signature',           'token.algorithm', () => ({ header: { alg: 'none' }, signer: nothing })],
  ['alg nOnE',                               'token.algorithm', () => ({ header: { alg: 'nOnE' }, signer: nothing })],
  ['alg none with a good signature',         'token.algorithm', () => ({ header: { alg: 'none' } })],
  ['no alg',                                 'token.algorithm', () => ({ header: { alg: undefined } })],
  ['a list of algs',                         'token.algorithm', () => ({ header: { alg: ['ES256'] } })],
  ['alg __proto__',                          'token.algorithm', () => ({ header: { alg: '__proto__' } })],
  ['alg constructor',                        'token.algorithm', () => ({ header: { alg: 'constructor' } })],
  ['HS256 over the public key as PEM',       'token.algorithm', () => ({ header: { alg: 'HS256' }, signer: hmac(publicPem()) })],
  ['HS256 over the public key as JWK',       'token.algorithm', () => ({ header: { alg: 'HS256' }, signer: hmac(JSON.stringify(mallory.key.jwk)) })],
  ['HS256 over nothing',                     'token.algorithm', () => ({ header: { alg: 'HS256' }, signer: hmac('') })],
  ['RS256',                                  'token.algorithm', () => ({ header: { alg: 'RS256' }, signer: rsa(1024) })],
  ['PS256',                                  'token.algorithm', () => ({ header: { alg: 'PS256' }, signer: rsa(2048) })],
  ['ES256K',                                 'token.algorithm', () => ({ header: { alg: 'ES256K' } })],
  ['SM2SM3',                                 'token.algorithm', () => ({ header: { alg: 'SM2SM3' } })],
  ['EdDSA where the key is of P-256',        'token.algorithm', () => ({ header: { alg: 'EdDSA' }, signer: byEd25519(ed25519()) })],
  ['a signature in DER',                     'token.signature', () => ({ signer: byEs256Der(mallory.key) })],
  ['a signature of zeros',                   'token.signature', () => ({ signer: () => Buffer.alloc(64) })],
  ['a signature of the order of the curve',  'token.signature', () => ({ signer: () => Buffer.concat([ORDER, ORDER]) })],
  ['no signature',                           'token.signature', () => ({ signer: nothing })],
  ['the signature of another key',           'token.signature', () => ({ signer: byEs256(p256()) })],
  ['claims changed after signing',           'token.signature', () => ({ reshape: withClaims({ extra: 1 }) })],
  ['a header changed after signing',         'token.signature', () => ({ reshape: (compact) => compact.replace(/^[^.]+/, segment({ alg: 'ES256', kid: `${mallory.did}#key-1`, x: 1 })) })],
]

const ORDER = Buffer.from('ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551', 'hex')

function withClaims(more: object): (compact: string) => string {
  return (compact) => {
    const [head = '', body = '', signature = ''] = compact.split('.')
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as object
    return `${head}.${segment({ ...claims, ...more })}.${signature}`
  }
}

// prettier-ignore
const KEYS: readonly (readonly [what: string, code: string, forge: Forge])[] = [
  ['the kid of another participant',         'token.subject',   () => ({ header: { kid: `${peer()}#key-1` } })],
  ['a kid that only begins like the issuer', 'token.subject',   () => ({ header: { kid: `${mallory.did}.evil#key-1` } })],
  ['a relative kid',                         'token.subject',   () => ({ header: { kid: '#key-1' } })],
  ['a kid that is a list',                   'token.subject',   () => ({ header: { kid: [`${mallory.did}#key-1`] } })],
  ['a kid that is a path',                   'token.subject',   () => ({ header: { kid: '../../../../dev/null' } })],
  ['a kid that nobody published',            'token.key',       () => ({ header: { kid: `${mallory.did}#key-9` } })],
  ['a kid with a path behind the #',         'token.key',       () => ({ header: { kid: `${mallory.did}#../../dev/null` } })],
  ['a kid with SQL in it',                   'token.key',       () => ({ header: { kid: `${mallory.did}#' OR 1=1 --` } })],
  ['a key in its header',                    'token.key',       () => embedded('jwk', mallory.key.jwk)],
  ['another key in its header, and signed by it', 'token.key',  () => ownKeyInHeader()],
  ['a jku',                                  'token.key',       () => embedded('jku', `${mallory.origin}/jwks`)],
  ['an x5u',                                 'token.key',       () => embedded('x5u', `${mallory.origin}/chain`)],
  ['an x5c',                                 'token.key',       () => embedded('x5c', ['MIIB'])],
  ['a sub_jwk claim',                        'token.key',       () => ({ claims: { sub_jwk: mallory.key.jwk } })],
  ['a critical extension',                   'token.malformed', () => ({ header: { crit: ['exp'] } })],
  ['an empty crit',                          'token.malformed', () => ({ header: { crit: [] } })],
  ['b64 false',                              'token.malformed', () => ({ header: { b64: false, crit: ['b64'] } })],
  ['the type of another kind of token',      'token.malformed', () => ({ header: { typ: 'at+jwt' } })],
]

function embedded(name: string, value: unknown): Forgery {
  return { header: { [name]: value } }
}

function ownKeyInHeader(): Forgery {
  const key = p256()
  return { header: { jwk: key.jwk, kid: `${mallory.did}#key-1` }, signer: byEs256(key) }
}

// prettier-ignore
const SHAPES: readonly (readonly [what: string, code: string, forge: Forge])[] = [
  ['two parts',                              'token.malformed', () => ({ reshape: (compact) => compact.split('.').slice(0, 2).join('.') })],
  ['four parts',                             'token.malformed', () => ({ reshape: (compact) => `${compact}.e30` })],
  ['five parts, as an encrypted one',        'token.malformed', () => ({ reshape: () => 'e30.e30.e30.e30.e30' })],
  ['a part more that is empty',              'token.malformed', () => ({ reshape: (compact) => `${compact}.` })],
  ['padding',                                'token.malformed', () => ({ reshape: (compact) => `${compact}==` })],
  ['a header that is a list',                'token.malformed', () => ({ reshape: (compact) => compact.replace(/^[^.]+/, segment([])) })],
  ['a header that is no UTF-8',              'token.malformed', () => ({ reshape: (compact) => compact.replace(/^[^.]+/, Buffer.from([0x7b, 0xff, 0x7d]).toString('base64url')) })],
  ['claims that are null',                   'token.malformed', () => ({ reshape: (compact) => compact.replace(/\.[^.]+\./, `.${segment('null')}.`) })],
  ['the JSON serialisation',                 'token.malformed', () => ({ reshape: (compact) => JSON.stringify({ payload: compact.split('.')[1] }) })],
  ['another scheme',                         'token.malformed', () => ({ reshape: (compact) => `Basic ${compact}` })],
  ['two tokens',                             'token.malformed', () => ({ reshape: (compact) => `Bearer ${compact}, Bearer ${compact}` })],
  ['20,000 characters',                      'token.too-large', () => ({ claims: { padding: 'x'.repeat(15_000) } })],
]

// prettier-ignore
const PARTIES: readonly (readonly [what: string, code: string, forge: Forge])[] = [
  ['another audience',                       'token.audience',  () => ({ claims: { aud: peer() } })],
  ['no audience',                            'token.audience',  () => ({ claims: { aud: undefined } })],
  ['two audiences, one of them us',          'token.audience',  () => ({ claims: { aud: [us(), peer()] } })],
  ['us in capitals',                         'token.audience',  () => ({ claims: { aud: us().toUpperCase() } })],
  ['us with our port in other letters',      'token.audience',  () => ({ claims: { aud: us().replace('%3A', '%3a') } })],
  ['us with a slash',                        'token.audience',  () => ({ claims: { aud: `${us()}/` } })],
  ['our URL for our DID',                    'token.audience',  () => ({ claims: { aud: ground.connector.publicUrl } })],
  ['an audience that is an object',          'token.audience',  () => ({ claims: { aud: { toString: us() } } })],
  ['iss and sub that differ',                'token.subject',   () => ({ claims: { sub: peer() } })],
  ['no sub',                                 'token.subject',   () => ({ claims: { sub: undefined } })],
  ['another issuer with our own kid',        'token.subject',   () => ({ claims: { iss: peer(), sub: peer() } })],
  ['another issuer and its kid',             'token.signature', () => ({ header: { kid: `${peer()}#key-1` }, claims: { iss: peer(), sub: peer() } })],
  ['no issuer',                              'token.malformed', () => ({ claims: { iss: undefined } })],
  ['an issuer that is a list',               'token.malformed', () => ({ claims: { iss: [mallory.did], sub: [mallory.did] } })],
  ['ourselves as the issuer',                'participant.not-admitted', () => ({ header: { kid: `${us()}#key-1` }, claims: { iss: us(), sub: us() } })],
]

// prettier-ignore
const TIMES: readonly (readonly [what: string, code: string, forge: Forge])[] = [
  ['that has expired',                       'token.expired',       () => ({ claims: { iat: now() - 120, nbf: now() - 120, exp: now() - 60 } })],
  ['that is not valid yet',                  'token.not-yet-valid', () => ({ claims: { nbf: now() + 60 } })],
  ['that was issued in the future',          'token.not-yet-valid', () => ({ claims: { iat: now() + 60, nbf: undefined, exp: now() + 90 } })],
  ['issued a year ago and valid now',        'token.too-long',      () => ({ claims: { iat: now() - 31_536_000, nbf: undefined } })],
  ['that lives for a day',                   'token.too-long',      () => ({ claims: { exp: now() + 86_400 } })],
  ['that never expires',                     'token.malformed',     () => ({ claims: { exp: undefined } })],
  ['with the time of expiry as a text',      'token.malformed',     () => ({ claims: { exp: String(now() + 60) } })],
  ['with an infinite time of expiry',        'token.malformed',     () => ({ reshape: infinite })],
  ['that expires before it was issued',      'token.malformed',     () => ({ claims: { exp: now() - 1, iat: now() } })],
  ['without the time of issue',              'token.malformed',     () => ({ claims: { iat: undefined } })],
  ['without an identifier',                  'token.malformed',     () => ({ claims: { jti: undefined } })],
  ['with an empty identifier',               'token.malformed',     () => ({ claims: { jti: '' } })],
  ['with a number for an identifier',        'token.malformed',     () => ({ claims: { jti: 1 } })],
  ['with an identifier of 600 characters',   'token.malformed',     () => ({ claims: { jti: 'x'.repeat(600) } })],
]

function infinite(compact: string): string {
  const [head = '', body = ''] = compact.split('.')
  const claims = Buffer.from(body, 'base64url')
    .toString()
    .replace(/"exp":\d+/, '"exp":1e400')
  const input = `${head}.${segment(claims)}`
  return `${input}.${byEs256(mallory.key)(Buffer.from(input)).toString('base64url')}`
}

const json = { 'content-type': 'application/json' }

// prettier-ignore
const SURFACES: readonly (readonly [what: string, ask: (authorization: string) => Promise<RawReply>, good: number])[] = [
  ['a message', (authorization) => rawRequest({ port: ground.connector.port, path: `${DSP}/negotiations/request`, headers: { ...json, authorization },
    body: JSON.stringify(contractRequest(`${mallory.origin}/dsp`, 'manual', 'urn:dataset:manual')) }), 201],
  ['the catalogue', (authorization) => rawRequest({ port: ground.connector.port, path: `${DSP}/catalog/request`, headers: { ...json, authorization },
    body: JSON.stringify(messageOf('CatalogRequestMessage', {})) }), 200],
  ['a read', (authorization) => rawRequest({ port: ground.connector.port, method: 'GET', path: `${DSP}/negotiations/urn:uuid:${randomUUID()}`, headers: { authorization } }), 404],
]

describe.each(SURFACES)('on %s', (_surface, ask, good) => {
  test('a good token counts, and one without a kid of a document with one key too', async () => {
    expect((await ask(mallory.token(us()))).status).toBe(good)
    expect((await ask(mallory.token(us(), { header: { kid: undefined } }))).status).toBe(good)
    expect((await ask(mallory.token(us(), { claims: { aud: [us()] } }))).status).toBe(good)
    expect((await ask(mallory.token(us(), { reshape: (compact) => `bearer  ${compact}` }))).status).toBe(good)
  })

  test.each([...ALGORITHMS, ...KEYS, ...SHAPES, ...PARTIES, ...TIMES])(
    'a token: %s is %s',
    async (_what, code, forge) => {
      const asked = mallory.asked.filter((path) => path !== '/.well-known/did.json').length
      const reply = await changesNothing(ground.connector, () =>
        logs(ground.connector, code, () => ask(mallory.token(us(), forge()))),
      )

      expect(reply).toMatchObject({ status: 401, json: { code } })
      expect(reply.headers['www-authenticate']).toBe('Bearer')
      expect(mallory.asked.filter((path) => path !== '/.well-known/did.json')).toHaveLength(asked)
    },
  )
})

test('a header longer than any token is refused before anything reads it', async () => {
  const authorization = `Bearer ${'x'.repeat(40_000)}`
  const reply = await rawRequest({
    port: ground.connector.port,
    method: 'GET',
    path: `${DSP}/catalog/datasets/x`,
    headers: { authorization },
  })

  expect(reply.status).toBe(431)
})

test('a token counts in the Authorization header and nowhere else', async () => {
  const token = (): string => mallory.token(us()).replace('Bearer ', '')
  const path = `${DSP}/negotiations/urn:uuid:${randomUUID()}`
  const get = (where: string, headers: Readonly<Record<string, string>>): Promise<RawReply> =>
    rawRequest({ port: ground.connector.port, method: 'GET', path: where, headers })

  expect((await get(path, { authorization: `Bearer ${token()}` })).status).toBe(404)
  expect((await get(`${path}?access_token=${token()}`, {})).status).toBe(401)
  expect((await get(`${path}?authorization=Bearer%20${token()}`, {})).status).toBe(401)
  expect((await get(path, { cookie: `access_token=${token()}` })).status).toBe(401)
  expect((await get(path, { 'proxy-authorization': `Bearer ${token()}` })).status).toBe(401)
  expect((await get(path, { 'x-forwarded-authorization': `Bearer ${token()}` })).status).toBe(401)
})
