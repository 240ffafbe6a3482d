// Which algorithms and which keys go together.

import { describe, expect, it } from 'vitest'
import { keyFor, readAlg, readPublicJwk } from '../../../../src/domain/trust/suites.ts'

const chars43 = 'A'.repeat(43)
const p256 = { kty: 'EC', crv: 'P-256', x: chars43, y: chars43 }
const ed25519 = { kty: 'OKP', crv: 'Ed25519', x: chars43 }

describe('algorithms', () => {
  it.each(['ES256', 'EdDSA', 'Ed25519'])('accepts %s', (alg) => {
    expect(readAlg(alg).ok).toBe(true)
  })

  it.each([
    'none',
    'None',
    '',
    'HS256',
    'HS512',
    'RS256',
    'PS256',
    'ES384',
    'ES256K',
    'es256',
    'SM2SM3',
    'constructor',
    '__proto__',
    undefined,
    null,
    1,
    ['ES256'],
  ])('refuses %j', (alg) => {
    expect(readAlg(alg)).toMatchObject({ ok: false, problem: { code: 'token.algorithm', path: 'alg' } })
  })
})

describe('keys', () => {
  it('rebuilds the key from the members that count', () => {
    expect(readPublicJwk({ ...p256, kid: 'k', alg: 'ES256', use: 'sig', key_ops: ['verify'], extra: {} })).toEqual({
      ok: true,
      value: p256,
    })
    expect(readPublicJwk({ ...ed25519, y: 'ignored' })).toEqual({ ok: true, value: ed25519 })
  })

  // prettier-ignore
  it.each([
    ['SM2',                     { ...p256, crv: 'SM2' }],
    ['another curve',           { ...p256, crv: 'P-384' }],
    ['a curve in other case',   { ...p256, crv: 'p-256' }],
    ['X25519',                  { ...ed25519, crv: 'X25519' }],
    ['OKP with an EC curve',    { ...p256, kty: 'OKP' }],
    ['RSA',                     { kty: 'RSA', n: 'AQAB', e: 'AQAB' }],
    ['a secret',                { kty: 'oct', k: chars43 }],
    ['a private key',           { ...p256, d: chars43 }],
    ['a key for encryption',    { ...p256, use: 'enc' }],
    ['a key for signing only',  { ...p256, key_ops: ['sign'] }],
    ['y missing',               { kty: 'EC', crv: 'P-256', x: chars43 }],
    ['x too short',             { ...p256, x: 'A'.repeat(42) }],
    ['x too long',              { ...p256, x: 'A'.repeat(44) }],
    ['x not base64url',         { ...p256, x: `${'A'.repeat(42)}=` }],
    ['x not text',              { ...p256, x: 1 }],
    ['nothing',                 {}],
  ])('refuses %s', (_what, jwk) => {
    expect(readPublicJwk(jwk)).toMatchObject({ ok: false, problem: { code: 'key.unsupported' } })
  })

  // prettier-ignore
  it.each([
    ['ES256',   p256,                          true],
    ['ES256',   { ...p256, alg: 'ES256' },     true],
    ['ES256',   { ...p256, alg: 'ES384' },     false],
    ['ES256',   { ...p256, alg: 'EdDSA' },     false],
    ['ES256',   ed25519,                       false],
    ['EdDSA',   ed25519,                       true],
    ['EdDSA',   { ...ed25519, alg: 'Ed25519' },true],
    ['Ed25519', { ...ed25519, alg: 'EdDSA' },  true],
    ['EdDSA',   p256,                          false],
  ] as const)('%s with %j: %s', (alg, jwk, fits) => {
    expect(keyFor(alg, jwk)).toMatchObject(fits ? { ok: true } : { ok: false, problem: { code: 'token.algorithm' } })
  })
})
