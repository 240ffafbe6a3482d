// Data access tokens: 32 random bytes that the consumer holds and of which only the SHA-256 is stored.

import type { Brand } from '../../kernel/brand.ts'
import { sha256Hex } from '../../kernel/digest.ts'
import { invariant } from '../../kernel/invariant.ts'
import type { Result } from '../../kernel/problem.ts'
import { bad, good } from '../../kernel/problem.ts'

/** 43 characters of base64url without padding (RFC 4648, 5). A secret: never stored, never logged. */
export type AccessToken = Brand<string, 'AccessToken'>
/** 64 lower-case hexadecimal digits: what is stored and looked up. */
export type AccessTokenHash = Brand<string, 'AccessTokenHash'>

export const ACCESS_TOKEN_BYTES = 32

// 256 bits fill 42 characters and four bits of the last one, so its two lowest bits are zero: one spelling a token.
const ACCESS_TOKEN = /^[\w-]{42}[AEIMQUYcgkosw048]$/

/** The token of 32 bytes that the caller drew from a source fit for secrets. */
export function accessToken(bytes: Uint8Array): AccessToken {
  invariant(bytes.byteLength === ACCESS_TOKEN_BYTES, `an access token has ${ACCESS_TOKEN_BYTES} bytes`)
  return Buffer.from(bytes).toString('base64url') as AccessToken
}

/** What a token is stored as. No salt: 256 random bits cannot be guessed, and the hash must be found by one look-up. */
export function accessTokenHash(token: AccessToken): AccessTokenHash {
  return sha256Hex(token) as AccessTokenHash
}

/**
 * The token in an `Authorization` header: `Bearer <token>` (RFC 6750, 2.1), or the token alone, as EDC's consumers send what
 * they found in the data address. Refuses with `token.missing` or `token.malformed`, and never repeats what came.
 */
export function readAccessToken(header: string | undefined): Result<AccessToken> {
  if (header === undefined || header.trim() === '') return bad('token.missing', 'expected an Authorization header')
  const value = header.trim().replace(/^bearer +/i, '')
  return ACCESS_TOKEN.test(value)
    ? good(value as AccessToken)
    : bad('token.malformed', 'expected the access token of the data address, with or without Bearer before it')
}
