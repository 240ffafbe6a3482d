// Signing and verifying compact JWS: the two places where keys meet cryptography.

import { compactVerify, errors, importJWK, SignJWT } from 'jose'
import type { CryptoKey } from 'jose'
import { bad, good, problem, ProblemError } from '../kernel/problem.ts'
import type { Result } from '../kernel/problem.ts'
import type { PublicJwk, SignatureAlg } from '../domain/trust/suites.ts'
import type { OwnKey } from './keys.ts'

/** The compact form of these claims, signed with our key; `kid` is the absolute id of its verification method. */
export async function signClaims(key: OwnKey, kid: string, claims: Readonly<Record<string, unknown>>): Promise<string> {
  return await new SignJWT({ ...claims }).setProtectedHeader({ alg: key.alg, typ: 'JWT', kid }).sign(key.privateKey)
}

/**
 * Verifies a compact JWS. The key has passed `invocationKey`, so that it is of a curve that is safe to import.
 * Refuses with `token.signature`; throws `key.unsupported` for coordinates that are no point of the curve.
 */
export async function verifySignature(compact: string, key: PublicJwk, alg: SignatureAlg): Promise<Result<null>> {
  const publicKey = await importPublic(key, alg)
  try {
    await compactVerify(compact, publicKey, { algorithms: [alg] })
    return good(null)
  } catch (error) {
    if (error instanceof errors.JWSSignatureVerificationFailed)
      return bad('token.signature', 'the signature does not match')
    throw error
  }
}

async function importPublic(key: PublicJwk, alg: SignatureAlg): Promise<CryptoKey | Uint8Array> {
  try {
    return await importJWK({ ...key }, alg)
  } catch (cause) {
    throw new ProblemError(problem('key.unsupported', 'the coordinates are not a point of the curve'), { cause })
  }
}
