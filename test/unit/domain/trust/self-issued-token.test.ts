// What can be wrong with a token before its signature is looked at, one code each.

import { describe, expect, it } from 'vitest'
import { readSelfIssuedToken } from '../../../../src/domain/trust/self-issued-token.ts'
import { instant } from '../../../../src/kernel/time.ts'

const PEER = 'did:web:peer.example'
const US = 'did:web:us.example'
const NOW_S = 1_780_000_000
const NOW = instant(NOW_S * 1000)

const HEADER = { alg: 'ES256', typ: 'JWT', kid: `${PEER}#key-1` }
const CLAIMS = { iss: PEER, sub: PEER, aud: US, jti: 'one', iat: NOW_S, nbf: NOW_S, exp: NOW_S + 60 }
const SIGNATURE = 'A'.repeat(86)

const segment = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
const compact = (header: unknown, claims: unknown, signature = SIGNATURE): string =>
  `${segment(header)}.${segment(claims)}.${signature}`
const read = (header: object, claims: object): unknown =>
  readSelfIssuedToken(compact({ ...HEADER, ...header }, { ...CLAIMS, ...claims }), US, NOW)
const refusal = (code: string, path?: string): unknown => ({
  ok: false,
  problem: path === undefined ? { code } : { code, path },
})

describe('a token in the right form', () => {
  it('is read with its times in milliseconds', () => {
    expect(read({}, {})).toMatchObject({
      ok: true,
      value: { alg: 'ES256', kid: `${PEER}#key-1`, iss: PEER, jti: 'one', issuedAt: NOW, expiresAt: NOW + 65_000 },
    })
  })

  // prettier-ignore
  it.each([
    ['aud in a list of one',           {},                   { aud: [US] }],
    ['no kid',                         { kid: undefined },   {}],
    ['no typ',                         { typ: undefined },   {}],
    ['typ in lower case',              { typ: 'jwt' },       {}],
    ['no nbf',                         {},                   { nbf: undefined }],
    ['claims of others',               {},                   { token: 'opaque', scope: ['x'] }],
    ['a lifetime of ten minutes',      {},                   { exp: NOW_S + 600 }],
    ['iat at the edge of the leeway',  {},                   { iat: NOW_S + 5, nbf: NOW_S + 5 }],
    ['exp at the edge of the leeway',  {},                   { iat: NOW_S - 60, nbf: NOW_S - 60, exp: NOW_S - 4 }],
    ['EdDSA',                          { alg: 'EdDSA' },     {}],
    ['Ed25519',                        { alg: 'Ed25519' },   {}],
  ])('may have %s', (_what, header, claims) => {
    expect(read(header, claims)).toMatchObject({ ok: true })
  })

  it('may give times with fractions, which are rounded to the safe side', () => {
    expect(read({}, { iat: NOW_S - 0.7, exp: NOW_S + 59.0005 })).toMatchObject({
      ok: true,
      value: { issuedAt: NOW - 700, expiresAt: NOW + 64_001 },
    })
  })
})

describe('the time at which a token expires', () => {
  it('is the first at which it is refused, leeway included, so that its jti can be forgotten then', () => {
    const token = compact(HEADER, CLAIMS)
    const expiresAt = NOW + 65_000

    expect(readSelfIssuedToken(token, US, instant(expiresAt - 1))).toMatchObject({ ok: true, value: { expiresAt } })
    expect(readSelfIssuedToken(token, US, instant(expiresAt))).toMatchObject(refusal('token.expired') as object)
  })
})

describe('a token is refused', () => {
  // prettier-ignore
  it.each([
    ['alg none',                       { alg: 'none' },                 {},                              'token.algorithm',     'alg'],
    ['alg missing',                    { alg: undefined },              {},                              'token.algorithm',     'alg'],
    ['alg HS256',                      { alg: 'HS256' },                {},                              'token.algorithm',     'alg'],
    ['alg RS256',                      { alg: 'RS256' },                {},                              'token.algorithm',     'alg'],
    ['an embedded key',                { jwk: { kty: 'EC' } },          {},                              'token.key',           'jwk'],
    ['jku',                            { jku: 'https://x.example' },    {},                              'token.key',           'jku'],
    ['x5u',                            { x5u: 'https://x.example' },    {},                              'token.key',           'x5u'],
    ['x5c',                            { x5c: ['MII'] },                {},                              'token.key',           'x5c'],
    ['sub_jwk in the header',          { sub_jwk: {} },                 {},                              'token.key',           'sub_jwk'],
    ['sub_jwk in the claims',          {},                              { sub_jwk: {} },                 'token.key',           'sub_jwk'],
    ['crit',                           { crit: ['b64'], b64: false },   {},                              'token.malformed',     'crit'],
    ['another typ',                    { typ: 'vc+jwt' },               {},                              'token.malformed',     'typ'],
    ['iss missing',                    {},                              { iss: undefined },              'token.malformed',     'iss'],
    ['iss not text',                   {},                              { iss: 1, sub: 1 },              'token.malformed',     'iss'],
    ['sub of another',                 {},                              { sub: US },                     'token.subject',       'sub'],
    ['sub missing',                    {},                              { sub: undefined },              'token.subject',       'sub'],
    ['kid of another DID',             { kid: `${US}#key-1` },          {},                              'token.subject',       'kid'],
    ['kid of a longer DID',            { kid: `${PEER}:a#key-1` },      {},                              'token.subject',       'kid'],
    ['kid a fragment',                 { kid: 'key-1' },                {},                              'token.subject',       'kid'],
    ['kid not text',                   { kid: null },                   {},                              'token.subject',       'kid'],
    ['iss of another than kid',        {},                              { iss: US, sub: US },            'token.subject',       'kid'],
    ['aud of another',                 {},                              { aud: PEER },                   'token.audience',      'aud'],
    ['aud missing',                    {},                              { aud: undefined },              'token.audience',      'aud'],
    ['aud a list of two',              {},                              { aud: [US, PEER] },             'token.audience',      'aud'],
    ['aud an empty list',              {},                              { aud: [] },                     'token.audience',      'aud'],
    ['aud a list in a list',           {},                              { aud: [[US]] },                 'token.audience',      'aud'],
    ['iat missing',                    {},                              { iat: undefined },              'token.malformed',     'iat'],
    ['iat as text',                    {},                              { iat: String(NOW_S) },          'token.malformed',     'iat'],
    ['iat negative',                   {},                              { iat: -1 },                     'token.malformed',     'iat'],
    ['exp missing',                    {},                              { exp: undefined },              'token.malformed',     'exp'],
    ['exp before iat',                 {},                              { exp: NOW_S - 1 },              'token.malformed',     'exp'],
    ['nbf null',                       {},                              { nbf: null },                   'token.malformed',     'nbf'],
    ['a lifetime of eleven minutes',   {},                              { exp: NOW_S + 660 },            'token.too-long',      'exp'],
    ['iat in the future',              {},                              { iat: NOW_S + 6 },              'token.not-yet-valid', 'iat'],
    ['nbf in the future',              {},                              { nbf: NOW_S + 6 },              'token.not-yet-valid', 'nbf'],
    ['expired',                        {},                              { iat: NOW_S - 65, exp: NOW_S - 5 }, 'token.expired',   'exp'],
    ['jti missing',                    {},                              { jti: undefined },              'token.malformed',     'jti'],
    ['jti empty',                      {},                              { jti: '' },                     'token.malformed',     'jti'],
    ['jti not text',                   {},                              { jti: 1 },                      'token.malformed',     'jti'],
    ['jti too long',                   {},                              { jti: 'x'.repeat(513) },        'token.malformed',     'jti'],
  ])('for %s', (_what, header, claims, code, path) => {
    expect(read(header, claims)).toMatchObject(refusal(code, path) as object)
  })

  it('for a time that JSON reads as infinity', () => {
    const claims = JSON.stringify(CLAIMS).replace(`"exp":${NOW_S + 60}`, '"exp":1e400')

    expect(readSelfIssuedToken(compact(HEADER, claims), US, NOW)).toMatchObject(
      refusal('token.malformed', 'exp') as object,
    )
  })

  it('for its size, before anything in it is read', () => {
    expect(readSelfIssuedToken('.'.repeat(16_385), US, NOW)).toMatchObject(refusal('token.too-large') as object)
    expect(readSelfIssuedToken(compact(HEADER, { ...CLAIMS, pad: 'x'.repeat(16_384) }), US, NOW)).toMatchObject(
      refusal('token.too-large') as object,
    )
  })

  it.each([63, 65, 70, 0])('for a signature of %i bytes, such as a DER one', (bytes) => {
    const token = compact(HEADER, CLAIMS, Buffer.alloc(bytes).toString('base64url'))

    expect(readSelfIssuedToken(token, US, NOW)).toMatchObject(refusal('token.signature') as object)
  })

  it.each([
    ['nothing', ''],
    ['two parts', 'a.b'],
    ['four parts', `${compact(HEADER, CLAIMS)}.x`],
    ['a header that is not JSON', compact('{', CLAIMS)],
    ['a header that is a list', compact([], CLAIMS)],
    ['claims that are null', compact(HEADER, 'null')],
    ['padding', `${segment(HEADER)}=.${segment(CLAIMS)}.${SIGNATURE}`],
    ['plain base64', `${segment(HEADER)}.${segment(CLAIMS)}+/.${SIGNATURE}`],
    [
      'bytes that are not UTF-8',
      `${segment(HEADER)}.${Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]).toString('base64url')}.${SIGNATURE}`,
    ],
    ['white space', ` ${compact(HEADER, CLAIMS)}`],
  ])('for %s', (_what, token) => {
    expect(readSelfIssuedToken(token, US, NOW)).toMatchObject(refusal('token.malformed') as object)
  })
})
