// Signing and verifying compact JWS (RFC 7515): the two places where keys meet cryptography.

import { createPublicKey, sign, verify } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import { bad, good, problem, ProblemError } from '../kernel/problem.ts'
import type { Result } from '../kernel/problem.ts'
import type { PublicJwk, SignatureAlg } from '../domain/trust/suites.ts'
import type { OwnKey } from './keys.ts'

/** Ed25519 hashes by itself. JOSE writes an ECDSA signature as r and s side by side (RFC 7518, 3.4), not as DER. */
// prettier-ignore
const HASHES: { readonly [A in SignatureAlg]: string | null } = {
  ES256:   'sha256',
  EdDSA:   null,
  Ed25519: null,
}
const JOSE = 'ieee-p1363'

/** The compact form of these claims, signed with our key; `kid` is the absolute id of its verification method. */
export function signClaims(key: OwnKey, kid: string, claims: Readonly<Record<string, unknown>>): string {
  const header = { alg: key.alg, typ: 'JWT', kid }
  const input = `${base64url(JSON.stringify(header))}.${base64url(JSON.stringify(claims))}`
  const signature = sign(HASHES[key.alg], Buffer.from(input), { key: key.privateKey, dsaEncoding: JOSE })
  return `${input}.${signature.toString('base64url')}`
}

/**
 * Verifies a compact JWS whose form `readSelfIssuedToken` has checked. The key has passed `invocationKey`, so that it is of
 * a curve that is safe to import. Refuses with `token.signature`; throws `key.unsupported` for coordinates that are no
 * point of the curve.
 */
export function verifySignature(compact: string, key: PublicJwk, alg: SignatureAlg): Result<null> {
  const end = compact.lastIndexOf('.')
  const input = Buffer.from(compact.slice(0, end))
  const signature = Buffer.from(compact.slice(end + 1), 'base64url')
  const isRight = verify(HASHES[alg], input, { key: publicKeyOf(key), dsaEncoding: JOSE }, signature)
  return isRight ? good(null) : bad('token.signature', 'the signature does not match')
}

// Reading a key costs as much as using it, and the same few keys come again and again.
const publicKeys = new Map<string, KeyObject>()
const PUBLIC_KEYS_MAX = 1_000

function publicKeyOf(jwk: PublicJwk): KeyObject {
  const name = `${jwk.crv} ${jwk.x} ${jwk.kty === 'EC' ? jwk.y : ''}`
  const known = publicKeys.get(name)
  if (known !== undefined) return known
  const key = importPublic(jwk)
  const [oldest] = publicKeys.size < PUBLIC_KEYS_MAX ? [] : publicKeys.keys()
  if (oldest !== undefined) publicKeys.delete(oldest)
  publicKeys.set(name, key)
  return key
}

function importPublic(jwk: PublicJwk): KeyObject {
  try {
    return createPublicKey({ key: { ...jwk }, format: 'jwk' })
  } catch (cause) {
    throw new ProblemError(problem('key.unsupported', 'the coordinates are not a point of the curve'), { cause })
  }
}

function base64url(text: string): string {
  return Buffer.from(text).toString('base64url')
}
