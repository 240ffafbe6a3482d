// Self-issued ID tokens (DCP 1.0, 4.3): everything that can be checked before a key is looked up, the cheapest first. Pure.

import { bad, good } from '../../kernel/problem.ts'
import type { Result } from '../../kernel/problem.ts'
import { instant } from '../../kernel/time.ts'
import type { Instant } from '../../kernel/time.ts'
import { readAlg, signatureBytes } from './suites.ts'
import type { SignatureAlg } from './suites.ts'

export const TOKEN_BYTES_MAX = 16_384
const LEEWAY_S = 5
const LIFETIME_MAX_S = 600
/** How long the tokens live that we send. */
export const OUR_LIFETIME_S = 60
const JTI_LENGTH_MAX = 512

/** What a token says, once it says it in the right form. Its signature has not been verified. */
export interface SelfIssuedToken {
  readonly compact: string
  readonly alg: SignatureAlg
  /** The absolute id of the verification method; null when the token leaves it out. */
  readonly kid: string | null
  readonly iss: string
  readonly jti: string
  readonly issuedAt: Instant
  /** From then on the token is refused: `exp` plus the leeway. A jti that is forgotten earlier can be used again. */
  readonly expiresAt: Instant
  /** The claim `token`: an access token that goes with it (DCP 1.0, 4.3.1; token renewal); absent where there is none. */
  readonly token?: string
}

type Members = Readonly<Record<string, unknown>>

/**
 * Reads a compact JWS and checks all that needs no key, in this order: size, shape, algorithm, keys brought along, whose it
 * is, for whom, times, jti. Refuses with the `token.*` code of the first thing that is wrong.
 * @param audience our own DID
 */
export function readSelfIssuedToken(compact: string, audience: string, now: Instant): Result<SelfIssuedToken> {
  if (compact.length > TOKEN_BYTES_MAX) {
    return bad('token.too-large', `expected a token of at most ${TOKEN_BYTES_MAX} bytes, got ${compact.length}`)
  }
  const [head = '', body = '', signature = '', ...rest] = compact.split('.')
  const header = readSegment(head)
  const claims = readSegment(body)
  // An empty signature is well-formed (RFC 7515); it is the algorithm, none, that is refused then.
  if (rest.length > 0 || header === null || claims === null || !(signature === '' || isBase64Url(signature))) {
    return bad('token.malformed', 'expected a JWT: three base64url parts, the first two JSON objects')
  }

  const alg = readAlg(header.alg)
  if (!alg.ok) return alg
  if (Math.floor((signature.length * 3) / 4) !== signatureBytes(alg.value)) {
    return bad('token.signature', `expected a signature of ${signatureBytes(alg.value)} bytes`)
  }
  const wrong =
    wrongHeader(header, claims) ?? wrongParties(header, claims, audience) ?? wrongTimes(claims, now) ?? wrongId(claims)
  if (wrong !== null) return wrong

  return good({
    compact,
    alg: alg.value,
    kid: typeof header.kid === 'string' ? header.kid : null,
    iss: String(claims.iss),
    jti: String(claims.jti),
    issuedAt: instant(Math.floor(Number(claims.iat) * 1000)),
    expiresAt: instant(Math.ceil((Number(claims.exp) + LEEWAY_S) * 1000)),
    ...(typeof claims.token === 'string' && { token: claims.token }),
  })
}

/** Whether a text has the outer form of a compact JWS: what tells a token of ours from an opaque value. */
export function looksLikeJws(text: string): boolean {
  return /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*$/.test(text)
}

type Wrong = ReturnType<typeof bad> | null

/** Keys come from the trust list or the DID document. A token that brings one along, or says where to get it, is an attack. */
function wrongHeader(header: Members, claims: Members): Wrong {
  const brought = ['jwk', 'jku', 'x5u', 'x5c', 'sub_jwk'].find((name) => header[name] !== undefined)
  if (brought !== undefined) return bad('token.key', 'the header must not bring a key along', brought)
  if (claims.sub_jwk !== undefined) return bad('token.key', 'the token must not bring a key along', 'sub_jwk')
  if (header.crit !== undefined) return bad('token.malformed', 'no critical extension is understood', 'crit')
  if (header.typ !== undefined && !(typeof header.typ === 'string' && header.typ.toUpperCase() === 'JWT')) {
    return bad('token.malformed', 'expected typ JWT; tokens of another type are meant for something else', 'typ')
  }
  return null
}

function wrongParties({ kid }: Members, { iss, sub, aud }: Members, audience: string): Wrong {
  if (typeof iss !== 'string' || iss === '') return bad('token.malformed', 'expected iss, a DID', 'iss')
  if (sub !== iss) return bad('token.subject', 'expected iss and sub to be the same DID', 'sub')
  if (kid !== undefined && !(typeof kid === 'string' && kid.startsWith(`${iss}#`))) {
    return bad('token.subject', 'expected kid to be a verification method of iss, with its whole id', 'kid')
  }
  const only: unknown = Array.isArray(aud) && aud.length === 1 ? aud[0] : aud
  return only === audience ? null : bad('token.audience', `expected aud ${audience} and no other`, 'aud')
}

function wrongTimes({ iat, nbf, exp }: Members, now: Instant): Wrong {
  const nowS = now / 1000
  if (!isTime(iat)) return bad('token.malformed', 'expected iat, in seconds since 1970', 'iat')
  if (!isTime(exp)) return bad('token.malformed', 'expected exp, in seconds since 1970', 'exp')
  if (nbf !== undefined && !isTime(nbf)) return bad('token.malformed', 'expected nbf in seconds since 1970', 'nbf')
  if (exp <= iat) return bad('token.malformed', 'expected exp to be later than iat', 'exp')
  if (exp - iat > LIFETIME_MAX_S) {
    return bad(
      'token.too-long',
      `expected a token that lives at most ${LIFETIME_MAX_S} s, got ${Math.ceil(exp - iat)} s`,
      'exp',
    )
  }
  if (iat > nowS + LEEWAY_S)
    return bad('token.not-yet-valid', 'the token was issued in the future; compare the clocks', 'iat')
  if (nbf !== undefined && nbf > nowS + LEEWAY_S) return bad('token.not-yet-valid', 'the token is not valid yet', 'nbf')
  if (exp <= nowS - LEEWAY_S) return bad('token.expired', 'the token has expired', 'exp')
  return null
}

function wrongId({ jti }: Members): Wrong {
  const isGood = typeof jti === 'string' && jti !== '' && jti.length <= JTI_LENGTH_MAX
  return isGood ? null : bad('token.malformed', `expected jti, 1 to ${JTI_LENGTH_MAX} characters`, 'jti')
}

/** A NumericDate (RFC 7519, 2), fractions allowed. JSON reads 1e400 as infinity, which would never expire. */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0
}

const UTF8 = new TextDecoder('utf-8', { fatal: true })

function readSegment(segment: string): Members | null {
  if (!isBase64Url(segment)) return null
  try {
    const value: unknown = JSON.parse(UTF8.decode(Buffer.from(segment, 'base64url')))
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : null
  } catch {
    return null // not base64url, not UTF-8 or not JSON: for the sender it is all one
  }
}

function isBase64Url(text: string): boolean {
  return /^[A-Za-z0-9_-]+$/.test(text)
}
