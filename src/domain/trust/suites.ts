// Which signatures we accept, and which keys may make them. Checked before a key comes near any cryptographic call:
// some runtimes abort the whole process on a JWK of a curve that they half know.

import { bad, good } from '../../kernel/problem.ts'
import type { Result } from '../../kernel/problem.ts'

// `EdDSA` (RFC 8037) and `Ed25519` (RFC 9864) name the same signature here.
// prettier-ignore
const SUITES = {
  ES256:   { kty: 'EC',  crv: 'P-256',   coordinates: ['x', 'y'], coordinateChars: 43, signatureBytes: 64 },
  EdDSA:   { kty: 'OKP', crv: 'Ed25519', coordinates: ['x'],      coordinateChars: 43, signatureBytes: 64 },
  Ed25519: { kty: 'OKP', crv: 'Ed25519', coordinates: ['x'],      coordinateChars: 43, signatureBytes: 64 },
} as const

export type SignatureAlg = keyof typeof SUITES

/** A public key with nothing in it but what its suite needs. */
export type PublicJwk =
  | { readonly kty: 'EC'; readonly crv: 'P-256'; readonly x: string; readonly y: string }
  | { readonly kty: 'OKP'; readonly crv: 'Ed25519'; readonly x: string }

export type ForeignJwk = Readonly<Record<string, unknown>>

/** Refuses (`token.algorithm`) every name that is not in the table: `none`, HS*, RS* and whatever comes later. */
export function readAlg(alg: unknown): Result<SignatureAlg> {
  if (typeof alg === 'string' && Object.hasOwn(SUITES, alg)) return good(alg as SignatureAlg)
  const came = typeof alg === 'string' ? JSON.stringify(alg.slice(0, 100)) : typeof alg
  return bad('token.algorithm', `expected one of ${Object.keys(SUITES).join(', ')}, got ${came}`, 'alg')
}

/** How long a signature of this kind is: r and s side by side (RFC 7518, 3.4), or the Ed25519 signature. */
export function signatureBytes(alg: SignatureAlg): number {
  return SUITES[alg].signatureBytes
}

/**
 * The public key that may verify a signature of this kind, rebuilt from the members that count.
 * Refuses a key that no suite knows (`key.unsupported`) and one of another suite (`token.algorithm`).
 */
export function keyFor(alg: SignatureAlg, jwk: ForeignJwk): Result<PublicJwk> {
  const key = readPublicJwk(jwk)
  if (!key.ok) return key
  const { kty, crv } = SUITES[alg]
  if (key.value.kty !== kty || key.value.crv !== crv || !agrees(alg, jwk.alg)) {
    return bad('token.algorithm', `expected a key for ${alg}, the key is ${key.value.kty} ${key.value.crv}`, 'alg')
  }
  return key
}

/** Any public key that some suite can use; refuses the rest (`key.unsupported`), a private key in the open included. */
export function readPublicJwk(jwk: ForeignJwk): Result<PublicJwk> {
  const suite = Object.values(SUITES).find(({ kty, crv }) => jwk.kty === kty && jwk.crv === crv)
  if (suite === undefined) return bad('key.unsupported', `expected a P-256 or Ed25519 key, got ${kindOfKey(jwk)}`)
  if (jwk.d !== undefined)
    return bad('key.unsupported', 'the private half of the key is published beside the public one')
  if (jwk.use !== undefined && jwk.use !== 'sig') return bad('key.unsupported', 'the key is not for signatures (use)')
  if (Array.isArray(jwk.key_ops) && !jwk.key_ops.includes('verify')) {
    return bad('key.unsupported', 'the key is not for verifying (key_ops)')
  }
  const chars = suite.coordinateChars
  const isWhole = suite.coordinates.every((name) => isBase64Url(jwk[name]) && jwk[name].length === chars)
  if (!isWhole)
    return bad('key.unsupported', `expected ${suite.coordinates.join(' and ')} of ${chars} base64url characters each`)
  const { kty, crv } = suite
  return good(kty === 'EC' ? { kty, crv, x: String(jwk.x), y: String(jwk.y) } : { kty, crv, x: String(jwk.x) })
}

function agrees(alg: SignatureAlg, keyAlg: unknown): boolean {
  if (keyAlg === undefined) return true
  const named = readAlg(keyAlg)
  return named.ok && SUITES[named.value].crv === SUITES[alg].crv
}

function isBase64Url(value: unknown): value is string {
  return typeof value === 'string' && /^[A-Za-z0-9_-]+$/.test(value)
}

function kindOfKey({ kty, crv }: ForeignJwk): string {
  return JSON.stringify([kty, crv].map((word) => (typeof word === 'string' ? word.slice(0, 40) : null)))
}
