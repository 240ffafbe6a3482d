// The token renewal profile of data plane signaling on the wire: the refresh request (a form, RFC 6749, 6) and its answers.

import { bad, good, kindOf, type Problem, type Result } from '../../kernel/problem.ts'
import type { RenewedToken } from '../dsp/data-address.ts'

export const FORM_TYPE = 'application/x-www-form-urlencoded'

const TOKEN_LENGTH_MAX = 16_384
/** Longer than any token should live: what does not fit a timer is not believed. */
const EXPIRES_IN_MAX_S = 31_622_400
const TOKEN = /^[\x21-\x7e]+$/

export interface RefreshRequest {
  readonly refreshToken: string
}

/** The body of a refresh request. */
export function writeRefresh(refreshToken: string): string {
  return new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken }).toString()
}

/**
 * Reads a refresh request from its form and its query, as the profile's example has it in the query and its text in the body.
 * Refuses (`request.malformed`) a member that comes twice, in whichever of the two, another grant, and what is no token.
 */
export function readRefresh(body: string, query: string): Result<RefreshRequest> {
  const members = new Map<string, string>()
  for (const [name, value] of [...new URLSearchParams(body), ...new URLSearchParams(query)]) {
    // Two readers could take two values for one.
    if (members.has(name)) return bad('request.malformed', 'expected each member once', name.slice(0, 100))
    members.set(name, value)
  }
  const grant = members.get('grant_type')
  if (grant !== 'refresh_token') return bad('request.malformed', 'expected the grant refresh_token', GRANT_TYPE)
  const refreshToken = members.get('refresh_token')
  if (refreshToken === undefined || !isToken(refreshToken))
    return bad('request.malformed', 'expected a refresh token', 'refresh_token')
  return good({ refreshToken })
}

const GRANT_TYPE = 'grant_type'

/** The answer that gives a token (RFC 6749, 5.1). */
export function writeRenewed({ authorization, expiresInS, refreshToken }: Required<RenewedToken>): object {
  return {
    access_token: authorization,
    token_type: 'Bearer',
    expires_in: expiresInS,
    refresh_token: refreshToken,
  }
}

/** Reads the answer of a provider of any make; refuses (`peer.malformed`) one without a usable token or its life. */
export function readRenewed(json: unknown): Result<RenewedToken> {
  if (typeof json !== 'object' || json === null) return malformed('an object', 'body')
  const {
    access_token: token,
    token_type: type,
    expires_in: life,
    refresh_token: next,
  } = json as Readonly<Record<string, unknown>>
  if (!isToken(token)) return malformed('a token', 'access_token')
  if (type !== undefined && !(typeof type === 'string' && type.toLowerCase() === 'bearer'))
    return malformed('the type Bearer', 'token_type')
  // Some write it as a text.
  const seconds = typeof life === 'string' && /^\d{1,10}$/.test(life) ? Number(life) : life
  if (!isLife(seconds)) return malformed('seconds', 'expires_in')
  if (next !== undefined && !isToken(next)) return malformed('a token', 'refresh_token')
  return good({ authorization: token, expiresInS: seconds, ...(next !== undefined && { refreshToken: next }) })
}

/** An error as OAuth 2.0 has it (RFC 6749, 5.2). */
export interface OAuthError {
  readonly error:
    | 'invalid_request'
    | 'invalid_client'
    | 'invalid_grant'
    | 'unsupported_grant_type'
    | 'temporarily_unavailable'
    | 'server_error'
  readonly error_description: string
}

/** @param isGrant whether it is the refresh token that is refused, and not the request or its sender */
export function oauthError(found: Problem, isGrant: boolean): OAuthError {
  return { error: errorOf(found, isGrant), error_description: described(found) }
}

function errorOf(found: Problem, isGrant: boolean): OAuthError['error'] {
  if (found.path === GRANT_TYPE) return 'unsupported_grant_type'
  switch (kindOf(found)) {
    case 'unauthenticated':
      return isGrant ? 'invalid_grant' : 'invalid_client'
    case 'unknown':
    case 'refused':
    case 'denied':
      return 'invalid_grant'
    case 'malformed':
    case 'too_large':
      return 'invalid_request'
    case 'busy':
    case 'unavailable':
      return 'temporarily_unavailable'
    case 'defect':
      return 'server_error'
  }
}

/** The characters that a description may have: ASCII without quotation marks and backslashes. */
function described({ code, message }: Problem): string {
  const text = kindOf({ code, message }) === 'defect' ? 'an internal error' : message
  return `${code}: ${text}`.replace(/["\\]/g, "'").replace(/[^\x20-\x7e]/g, '?')
}

function isLife(value: unknown): value is number {
  return Number.isInteger(value) && Number(value) >= 1 && Number(value) <= EXPIRES_IN_MAX_S
}

function isToken(value: unknown): value is string {
  return typeof value === 'string' && value.length <= TOKEN_LENGTH_MAX && TOKEN.test(value)
}

function malformed(expected: string, path: string): ReturnType<typeof bad> {
  return bad('peer.malformed', `the answer to a token renewal lacks ${expected}`, path)
}
