// Who a request comes from, and what we send to say who we are: static tokens and self-issued tokens behind two functions.

import type { HttpCall } from '../kernel/http-call.ts'
import { bad, good, orThrow, problem, ProblemError } from '../kernel/problem.ts'
import type { Result } from '../kernel/problem.ts'
import type { Clock, Instant } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import { createGuard, mayUseHttp } from '../domain/trust/address.ts'
import { buildDidDocument, findMethod, invocationKey } from '../domain/trust/did-document.ts'
import type { DidDocument } from '../domain/trust/did-document.ts'
import {
  looksLikeJws,
  OUR_LIFETIME_S,
  readSelfIssuedToken,
  TOKEN_BYTES_MAX,
} from '../domain/trust/self-issued-token.ts'
import type { SelfIssuedToken } from '../domain/trust/self-issued-token.ts'
import type { PublicJwk } from '../domain/trust/suites.ts'
import { createDidResolver } from './did-resolver.ts'
import type { OwnKeys } from './keys.ts'
import { signClaims, verifySignature } from './signature.ts'
import { createStaticTokens } from './static-tokens.ts'
import type { StaticToken } from './static-tokens.ts'
import { readTrustList } from './trust-list.ts'
import type { TrustedParticipant } from './trust-list.ts'

/** Who sent a request, and what must be remembered so that the token cannot be used twice; null for a static token. */
export interface Identified {
  readonly participant: ParticipantId
  readonly replay: Replay | null
  /** The access token that the sender vouches for beside itself; absent where it names none. */
  readonly token?: string
}

export interface Replay {
  readonly iss: string
  readonly jti: string
  readonly issuedAt: Instant
  /** When the token stops being accepted, leeway included: the jti must be remembered until then. */
  readonly expiresAt: Instant
}

/**
 * Throws a ProblemError of kind `unauthenticated`, or `busy` or `unavailable` where the sender's DID document cannot be had now.
 * Stores nothing: the jti belongs into the message's own transaction.
 */
export type Authenticate = (authorization: string | undefined) => Promise<Identified>

/** The whole Authorization value for one delivery attempt to that participant. */
export type IssueAuthorization = (audience: ParticipantId) => Promise<string>

/** The same for the renewal of that data token: signed by us in every case, as the profile wants it. */
export type IssueForToken = (audience: ParticipantId, token: string) => string

export interface Identity {
  readonly authenticate: Authenticate
  /** Whether we talk to that participant at all: as `admitted` says, or because of its trust list entry or static token. */
  readonly isAdmitted: (participant: string) => boolean
  readonly issue: IssueAuthorization
  readonly issueForToken: IssueForToken
  readonly didDocument: () => DidDocument
  /** A peer's document. Throws `did.unresolvable`, `did.malformed`, or what the call threw. */
  readonly resolveDid: (did: string) => Promise<DidDocument>
}

export interface IdentityOptions {
  readonly did: string
  /** What signs and what is published now. */
  readonly keys: () => OwnKeys
  /** The URL of our `/.well-known/dspace-version`, published as the DataService. */
  readonly versionUrl: string
  readonly trustList: readonly TrustedParticipant[]
  readonly staticTokens: readonly StaticToken[]
  /** Whether we talk to that participant at all. Whoever stands in the trust list or has a static token is admitted by that. */
  readonly admitted: (participant: string) => boolean
  readonly call: HttpCall
  readonly clock: Clock
  readonly newId: () => string
  readonly loopback: boolean
  readonly allowHttpHosts: readonly string[]
  readonly didCacheEntriesMax: number
}

/** Throws `config.invalid` for a trust list with a key that no suite can use. */
export function createIdentity(options: IdentityOptions): Identity {
  const { did, keys, clock, newId, loopback, allowHttpHosts } = options
  const guard = orThrow(createGuard({ guard: 'peer', loopback, allowHttpHosts, allowNetworks: [] }))
  const resolver = createDidResolver({
    call: options.call,
    clock,
    mayUseHttp: (url) => mayUseHttp(guard, url),
    cacheEntriesMax: options.didCacheEntriesMax,
  })
  const trusted = readTrustList(options.trustList)
  const statics = createStaticTokens(options.staticTokens)
  const ownDocument = (): DidDocument => buildDidDocument(did, keys().all, options.versionUrl)

  const isAdmitted = (participant: string): boolean =>
    trusted.has(participant) || statics.valueFor(participant as ParticipantId) !== null || options.admitted(participant)

  return { authenticate, isAdmitted, issue, issueForToken, didDocument: ownDocument, resolveDid: resolver.resolve }

  async function authenticate(authorization: string | undefined): Promise<Identified> {
    const compact = orThrow(readAuthorization(authorization))
    if (typeof compact !== 'string') return { participant: compact.holder, replay: null }

    const token = orThrow(readSelfIssuedToken(compact, did, clock()))
    const { iss, jti, issuedAt, expiresAt, token: vouched } = token
    if (!trusted.has(iss) && !options.admitted(iss)) {
      throw new ProblemError(problem('participant.not-admitted', 'this participant is not admitted here', 'iss'))
    }
    const key = await keyOf(token)
    orThrow(verifySignature(compact, key, token.alg))
    return {
      participant: iss as ParticipantId,
      replay: { iss, jti, issuedAt, expiresAt },
      ...(vouched !== undefined && { token: vouched }),
    }
  }

  /** Static tokens first: they are whole values, and one may look like anything, a Bearer token included. */
  function readAuthorization(authorization: string | undefined): Result<string | { holder: ParticipantId }> {
    if (authorization === undefined || authorization === '')
      return bad('token.missing', 'expected an Authorization header')
    const holder = statics.holderOf(authorization)
    if (holder !== null) return good({ holder })
    const [, token = ''] = /^bearer +(\S+)$/i.exec(authorization) ?? []
    // What is too large goes on to the reader of tokens, which says so.
    if (authorization.length <= TOKEN_BYTES_MAX && !looksLikeJws(token)) {
      return statics.isEmpty
        ? bad('token.malformed', 'expected Authorization: Bearer <JWT>')
        : bad('token.unknown', 'expected Authorization: Bearer <JWT>, or a value that is known here')
    }
    return good(token === '' ? authorization : token)
  }

  async function keyOf(token: SelfIssuedToken): Promise<PublicJwk> {
    const listed = trusted.get(token.iss)
    if (listed !== undefined) return keyIn(listed, token)
    const document = await fetched(resolver.resolve(token.iss))
    const isUnknown = token.kid !== null && findMethod(document, token.kid) === null
    const renewed = isUnknown ? await fetched(resolver.refresh(token.iss)) : null
    return keyIn(renewed ?? document, token)
  }

  function issue(audience: ParticipantId): Promise<string> {
    const value = statics.valueFor(audience)
    return Promise.resolve(value ?? signed(audience, {}))
  }

  function issueForToken(audience: ParticipantId, token: string): string {
    return signed(audience, { token })
  }

  function signed(audience: ParticipantId, more: Readonly<Record<string, string>>): string {
    const iat = Math.floor(clock() / 1000)
    const claims = {
      iss: did,
      sub: did,
      aud: audience,
      jti: newId(),
      iat,
      nbf: iat,
      exp: iat + OUR_LIFETIME_S,
      ...more,
    }
    const { current } = keys()
    return `Bearer ${signClaims(current, `${did}#${current.id}`, claims)}`
  }
}

function keyIn(document: DidDocument, { kid, alg }: SelfIssuedToken): PublicJwk {
  const method = findMethod(document, kid)
  if (method !== null) return orThrow(invocationKey(document, method, alg))
  const wanted = kid === null ? 'a kid, or exactly one verification method' : 'kid to name a verification method of iss'
  throw new ProblemError(problem('token.key', `expected ${wanted}`, 'kid'))
}

/** The caller learns that its document could not be had. Why may name addresses inside our network, and goes to our log. */
async function fetched<T>(fetching: Promise<T>): Promise<T> {
  try {
    return await fetching
  } catch (cause) {
    if (!(cause instanceof ProblemError) || !INSIDE.has(cause.problem.code)) throw cause
    // A host that does not answer now may answer later: no 401, on which EDC would end its process.
    const code = cause.problem.code === 'peer.unreachable' ? 'peer.unreachable' : 'did.unresolvable'
    throw new ProblemError(problem(code, 'the DID document of iss could not be fetched', 'iss'), { cause })
  }
}

const INSIDE: ReadonlySet<string> = new Set(['address.forbidden', 'peer.unreachable', 'peer.malformed'])
