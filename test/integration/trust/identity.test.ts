// Who is let in and who is not, each refusal with its own code, and nothing fetched that need not be.

import { decodeJwt, decodeProtectedHeader } from 'jose'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { problem, ProblemError } from '../../../src/kernel/problem.ts'
import { instant } from '../../../src/kernel/time.ts'
import type { ParticipantId } from '../../../src/protocol/ids.ts'
import { openKeys } from '../../../src/trust/keys.ts'
import { identity, peers, tempDir, watch } from './ports.ts'
import {
  bearer,
  byEd25519,
  byEs256,
  byEs256Der,
  byHs256,
  documentWith,
  ed25519,
  KID,
  NOW,
  NOW_S,
  p256,
  PEER,
  sm2Jwk,
  US,
} from './tokens.ts'

const DOCUMENT_URL = 'https://peer.example/.well-known/did.json'
const refusal = (code: string): object => ({ problem: { code } })
const key = p256()
const good = byEs256(key)
const world = () => peers({ [DOCUMENT_URL]: documentWith(key.jwk) })

describe('a self-issued token', () => {
  it('identifies its sender, and says what must be remembered against replay', async () => {
    const { call, urls } = world()
    const { authenticate } = await identity({ call })

    expect(await authenticate(bearer(good))).toEqual({
      participant: PEER,
      replay: { iss: PEER, jti: 'one', issuedAt: NOW, expiresAt: instant(NOW + 65_000) },
    })
    expect(urls).toEqual([DOCUMENT_URL])
  })

  it('may be signed with Ed25519, under either name', async () => {
    const edwards = ed25519()
    const { call } = peers({ [DOCUMENT_URL]: documentWith(edwards.jwk) })
    const { authenticate } = await identity({ call })

    for (const alg of ['EdDSA', 'Ed25519']) {
      expect(await authenticate(bearer(byEd25519(edwards), { alg }))).toMatchObject({ participant: PEER })
    }
  })

  it('may leave out the kid if there is only one key', async () => {
    const { authenticate } = await identity(world())

    expect(await authenticate(bearer(good, { kid: undefined }))).toMatchObject({ participant: PEER })
  })

  it('costs one document for many requests', async () => {
    const { call, urls } = world()
    const { authenticate } = await identity({ call })

    await Promise.all(['a', 'b', 'c'].map((jti) => authenticate(bearer(good, {}, { jti }))))
    await authenticate(bearer(good, {}, { jti: 'd' }))

    expect(urls).toHaveLength(1)
  })
})

describe('refused before anything is fetched', () => {
  // prettier-ignore
  it.each([
    ['no header',                       undefined,                                                       'token.missing'],
    ['an empty header',                 '',                                                              'token.missing'],
    ['another scheme',                  'Basic dXNlcjpwYXNz',                                            'token.malformed'],
    ['no token',                        'Bearer ',                                                       'token.malformed'],
    ['an opaque token',                 'Bearer abc',                                                    'token.malformed'],
    ['two tokens',                      `${bearer(good)}, ${bearer(good)}`,                              'token.malformed'],
    ['an oversized token',              `Bearer ${'a'.repeat(20_000)}`,                                  'token.too-large'],
    ['an oversized token of dots',      `Bearer ${'.'.repeat(20_000)}`,                                  'token.too-large'],
    ['alg none without signature',      bearer(() => Buffer.alloc(0), { alg: 'none' }),                  'token.algorithm'],
    ['alg none with a signature',       bearer(good, { alg: 'none' }),                                   'token.algorithm'],
    ['HS256 keyed with the public key', bearer(byHs256(JSON.stringify(key.jwk)), { alg: 'HS256' }),      'token.algorithm'],
    ['an RS256 header',                 bearer(good, { alg: 'RS256' }),                                  'token.algorithm'],
    ['an embedded key',                 bearer(good, { jwk: key.jwk }),                                  'token.key'],
    ['a key URL',                       bearer(good, { jku: 'https://peer.example/jwks' }),              'token.key'],
    ['sub_jwk',                         bearer(good, {}, { sub_jwk: key.jwk }),                          'token.key'],
    ['crit',                            bearer(good, { crit: ['exp'] }),                                 'token.malformed'],
    ['the kid of another DID',          bearer(good, { kid: 'did:web:other.example#key-1' }),            'token.subject'],
    ['iss that is not sub',             bearer(good, {}, { sub: 'did:web:other.example' }),              'token.subject'],
    ['another audience',                bearer(good, {}, { aud: 'did:web:other.example' }),              'token.audience'],
    ['an audience of two',              bearer(good, {}, { aud: [US, PEER] }),                           'token.audience'],
    ['expired',                         bearer(good, {}, { iat: NOW_S - 120, nbf: NOW_S - 120, exp: NOW_S - 60 }), 'token.expired'],
    ['not valid yet',                   bearer(good, {}, { nbf: NOW_S + 30 }),                           'token.not-yet-valid'],
    ['iat in the future',               bearer(good, {}, { iat: NOW_S + 30, exp: NOW_S + 60 }),          'token.not-yet-valid'],
    ['a lifetime of eleven minutes',    bearer(good, {}, { exp: NOW_S + 660 }),                          'token.too-long'],
    ['no jti',                          bearer(good, {}, { jti: undefined }),                            'token.malformed'],
    ['a signature in DER',              bearer(byEs256Der(key)),                                         'token.signature'],
    ['a signature that is too short',   bearer((input) => good(input).subarray(1)),                      'token.signature'],
  ])('%s', async (_what, authorization, code) => {
    const { call, urls } = world()
    const { authenticate } = await identity({ call })

    await expect(authenticate(authorization)).rejects.toMatchObject(refusal(code))
    expect(urls).toEqual([])
  })

  it('a participant that is not admitted', async () => {
    const { call, urls } = world()
    const asked: string[] = []
    const { authenticate } = await identity({ call, admitted: (participant) => asked.push(participant) === 0 })

    await expect(authenticate(bearer(good))).rejects.toMatchObject(refusal('participant.not-admitted'))
    expect(asked).toEqual([PEER])
    expect(urls).toEqual([])
  })
})

describe('refused for its key or signature', () => {
  const flipped = (input: Buffer): Buffer => {
    const signature = good(input)
    signature[10] = (signature[10] ?? 0) ^ 1
    return signature
  }

  // prettier-ignore
  it.each([
    ['one flipped bit of the signature',     bearer(flipped),                                   documentWith(key.jwk),                               'token.signature'],
    ['a signature of zeros',                 bearer(() => Buffer.alloc(64)),                    documentWith(key.jwk),                               'token.signature'],
    ['the signature of another key',         bearer(byEs256(p256())),                           documentWith(key.jwk),                               'token.signature'],
    ['alg EdDSA on a P-256 key',             bearer(byEd25519(ed25519()), { alg: 'EdDSA' }),    documentWith(key.jwk),                               'token.algorithm'],
    ['alg ES256 on an Ed25519 key',          bearer(good),                                      documentWith(ed25519().jwk),                         'token.algorithm'],
    ['a key that is published for ES384',    bearer(good),                                      documentWith({ ...key.jwk, alg: 'ES384' }),          'token.algorithm'],
    ['an SM2 key',                           bearer(good),                                      documentWith(sm2Jwk()),                              'key.unsupported'],
    ['an SM2 key dressed as P-256',          bearer(good),                                      documentWith({ ...sm2Jwk(), crv: 'P-256' }),         'key.unsupported'],
    ['coordinates beyond the field',         bearer(good),                                      documentWith({ ...key.jwk, x: '_'.repeat(42) + '8' }), 'key.unsupported'],
    ['an RSA key',                           bearer(good),                                      documentWith({ kty: 'RSA', n: 'AQAB', e: 'AQAB' }),  'key.unsupported'],
    ['a published private key',              bearer(good),                                      documentWith({ ...key.jwk, d: 'A'.repeat(43) }),     'key.unsupported'],
    ['no kid and two keys',                  bearer(good, { kid: undefined }),                  documentWith(key.jwk, p256().jwk),                   'token.key'],
    ['a key for authentication only',        bearer(good),                                      { ...documentWith(key.jwk), authentication: [KID] }, 'token.key'],
    ['the document of another',              bearer(good),                                      { ...documentWith(key.jwk), id: US },                'did.malformed'],
    ['a document that is not JSON',          bearer(good),                                      '<html>',                                            'did.malformed'],
    ['a document that is not there',         bearer(good),                                      404,                                                 'did.unresolvable'],
    ['a document behind a redirect',         bearer(good),                                      302,                                                 'did.unresolvable'],
    ['a document that is too large',         bearer(good),                new ProblemError(problem('peer.malformed', 'too large')),                  'did.unresolvable'],
    ['a document at a forbidden address',    bearer(good),                new ProblemError(problem('address.forbidden', 'private')),                 'did.unresolvable'],
  ])('%s', async (_what, authorization, document, code) => {
    const { authenticate } = await identity(peers({ [DOCUMENT_URL]: document }))

    await expect(authenticate(authorization)).rejects.toMatchObject(refusal(code))
  })

  it('a host that does not answer is unavailable, not unauthenticated; its address stays in the cause', async () => {
    const { authenticate } = await identity(peers({}))

    const error: unknown = await authenticate(bearer(good)).catch((thrown: unknown) => thrown)

    expect(error).toMatchObject({
      problem: { code: 'peer.unreachable', path: 'iss' },
      cause: { problem: { code: 'peer.unreachable' } },
    })
    expect((error as ProblemError).problem.message).not.toContain('10.0.0.1')
  })

  it('refuses a DID that is no did:web name without fetching anything', async () => {
    const { call, urls } = world()
    const { authenticate } = await identity({ call })
    const iss = 'did:key:z6Mk'

    await expect(authenticate(bearer(good, { kid: `${iss}#z6Mk` }, { iss, sub: iss }))).rejects.toMatchObject(
      refusal('did.unresolvable'),
    )
    expect(urls).toEqual([])
  })
})

describe('an unknown key id', () => {
  const unknown = bearer(good, { kid: `${PEER}#key-9` })

  it('costs exactly one refresh, and no more for half a minute', async () => {
    const { call, urls } = world()
    const { clock, pass } = watch()
    const { authenticate } = await identity({ call, clock })
    await authenticate(bearer(good))

    await expect(authenticate(unknown)).rejects.toMatchObject(refusal('token.key'))
    expect(urls).toHaveLength(2)

    pass(29_999)
    const next = { iat: NOW_S + 29, exp: NOW_S + 89 }
    await expect(authenticate(bearer(good, { kid: `${PEER}#key-8` }, next))).rejects.toMatchObject(refusal('token.key'))
    await authenticate(bearer(good, {}, next))
    expect(urls).toHaveLength(2)

    pass(1)
    await expect(authenticate(bearer(good, { kid: `${PEER}#key-8` }, next))).rejects.toMatchObject(refusal('token.key'))
    expect(urls).toHaveLength(3)
  })

  it('finds the key after a rotation, with one refresh for all who wait', async () => {
    const { call, urls, answers } = world()
    const { authenticate } = await identity({ call })
    await authenticate(bearer(good))
    const second = p256()
    answers[DOCUMENT_URL] = documentWith(key.jwk, second.jwk)

    const kid = `${PEER}#key-2`
    const all = await Promise.all(['a', 'b', 'c'].map((jti) => authenticate(bearer(byEs256(second), { kid }, { jti }))))

    expect(all).toHaveLength(3)
    expect(urls).toHaveLength(2)
  })
})

describe('the trust list', () => {
  const list = (jwk: object) => [{ did: PEER, keys: [{ ...jwk }] }]

  it.each([KID, '#key-1', 'key-1', undefined])(
    'gives the key %s without fetching anything, and admits by itself',
    async (kid) => {
      const { call, urls } = world()
      const { authenticate } = await identity({ call, trustList: list({ ...key.jwk, kid }), admitted: () => false })

      expect(await authenticate(bearer(good))).toMatchObject({ participant: PEER })
      expect(urls).toEqual([])
    },
  )

  it('refuses another key of a listed participant without looking further', async () => {
    const { call, urls } = world()
    const { authenticate } = await identity({ call, trustList: list(p256().jwk) })

    await expect(authenticate(bearer(good))).rejects.toMatchObject(refusal('token.signature'))
    await expect(authenticate(bearer(good, { kid: `${PEER}#key-2` }))).rejects.toMatchObject(refusal('token.key'))
    expect(urls).toEqual([])
  })

  it('with an unusable key, or a participant twice, refuses to start', async () => {
    await expect(identity({ trustList: list(sm2Jwk()) })).rejects.toMatchObject({
      problem: { code: 'config.invalid', path: 'identity.trustList[0].keys[0]' },
    })
    await expect(identity({ trustList: [...list(key.jwk), ...list(key.jwk)] })).rejects.toMatchObject(
      refusal('config.invalid'),
    )
  })
})

describe('static tokens', () => {
  const staticTokens = [
    { participant: 'kit', inbound: '{"clientId":"kit"}', outbound: '{"clientId":"us"}' },
    { participant: 'other', inbound: 'Bearer opaque', outbound: 'Bearer ours' },
  ]

  it('stand for a participant, without replay and without asking who is admitted', async () => {
    const { authenticate } = await identity({ staticTokens, admitted: () => false })

    expect(await authenticate('{"clientId":"kit"}')).toEqual({ participant: 'kit', replay: null })
    expect(await authenticate('Bearer opaque')).toEqual({ participant: 'other', replay: null })
  })

  it.each([
    '{"clientId":"kit"} ',
    '{"clientId":"Kit"}',
    'Bearer opaqu',
    'Bearer opaque2',
    'opaque',
    'bearer opaque',
    '{"clientId":"us"}',
  ])('do not match %s', async (authorization) => {
    const { authenticate } = await identity({ staticTokens })

    await expect(authenticate(authorization)).rejects.toMatchObject(refusal('token.unknown'))
  })

  it('leave signed tokens of others as they are', async () => {
    const { authenticate } = await identity({ ...world(), staticTokens })

    expect(await authenticate(bearer(good))).toMatchObject({ participant: PEER })
  })

  it('are sent as they are, to whom they are for', async () => {
    const { issue } = await identity({ staticTokens })

    expect(await issue('kit' as ParticipantId)).toBe('{"clientId":"us"}')
    expect(await issue(PEER as ParticipantId)).toMatch(/^Bearer ey/)
  })
})

describe('what we send', () => {
  it.each(['ES256', 'EdDSA'] as const)(
    'is a token of one minute for one audience, signed with %s, that another of us accepts',
    async (algorithm) => {
      const keys = await openKeys(join(await tempDir(), 'keys'), { algorithm, now: NOW })
      const sender = await identity({ did: PEER, keys: () => keys, newId: () => 'urn:uuid:7' })

      const authorization = await sender.issue(US as ParticipantId)

      const compact = authorization.replace(/^Bearer /, '')
      expect(decodeProtectedHeader(compact)).toEqual({ alg: algorithm, typ: 'JWT', kid: KID })
      expect(decodeJwt(compact)).toEqual({
        iss: PEER,
        sub: PEER,
        aud: US,
        jti: 'urn:uuid:7',
        iat: NOW_S,
        nbf: NOW_S,
        exp: NOW_S + 60,
      })
      const receiver = await identity(peers({ [DOCUMENT_URL]: sender.didDocument() }))
      expect(await receiver.authenticate(authorization)).toMatchObject({
        participant: PEER,
        replay: { jti: 'urn:uuid:7' },
      })
    },
  )

  it('is refused by itself: its audience is another', async () => {
    const { authenticate, issue } = await identity()

    await expect(authenticate(await issue(PEER as ParticipantId))).rejects.toMatchObject(refusal('token.audience'))
  })
})
