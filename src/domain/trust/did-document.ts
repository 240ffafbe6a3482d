// DID documents: ours is built, a peer's is read into one shape and asked for keys and services. Pure.

import { bad, good } from '../../kernel/problem.ts'
import type { Result } from '../../kernel/problem.ts'
import type { ForeignJwk, PublicJwk, SignatureAlg } from './suites.ts'
import { keyFor } from './suites.ts'

export interface VerificationMethod {
  readonly id: string
  readonly type: string
  readonly controller: string
  readonly publicKeyJwk?: ForeignJwk
}

export interface DidService {
  readonly id: string
  readonly type: string
  readonly serviceEndpoint: string
}

/** A reference (an absolute id) or the method itself. */
export type MethodReference = string | VerificationMethod

/** As served, and as read: ids are absolute, everything is a list, what we do not use is left out. */
export interface DidDocument {
  readonly '@context': readonly string[]
  readonly id: string
  readonly verificationMethod: readonly VerificationMethod[]
  readonly authentication: readonly MethodReference[]
  readonly assertionMethod: readonly MethodReference[]
  readonly capabilityInvocation: readonly MethodReference[]
  readonly service: readonly DidService[]
}

/** A public key under its fragment (`key-1`), with the algorithm that it signs with. */
export interface NamedKey {
  readonly id: string
  readonly alg: SignatureAlg
  readonly publicJwk: PublicJwk
}

const CONTEXTS = [
  'https://www.w3.org/ns/did/v1',
  'https://w3id.org/security/suites/jws-2020/v1',
  'https://w3id.org/dspace-dcp/v1.0/dcp.jsonld',
]

/**
 * Our own document. Ids are absolute because some resolvers do not expand `#key-1`, and the type is JsonWebKey2020 because
 * EDC does not take the newer JsonWebKey.
 * @param versionUrl the URL of `/.well-known/dspace-version`, which DSP peers look up as the DataService
 */
export function buildDidDocument(did: string, keys: readonly NamedKey[], versionUrl: string): DidDocument {
  const verificationMethod = keys.map(({ id, alg, publicJwk }) => {
    const kid = `${did}#${id}`
    return { id: kid, type: 'JsonWebKey2020', controller: did, publicKeyJwk: { ...publicJwk, kid, alg, use: 'sig' } }
  })
  const ids = verificationMethod.map(({ id }) => id)
  return {
    '@context': CONTEXTS,
    id: did,
    verificationMethod,
    authentication: ids,
    assertionMethod: ids,
    capabilityInvocation: ids,
    service: [{ id: `${did}#dsp`, type: 'DataService', serviceEndpoint: versionUrl }],
  }
}

/**
 * A peer's document (DID Core 5). Accepts relative ids, single values where lists are meant, and methods that stand inside a
 * relationship. Refuses (`did.malformed`) a document of another DID, and two methods with one id.
 */
export function readDidDocument(raw: unknown, did: string): Result<DidDocument> {
  if (!isObject(raw)) return bad('did.malformed', 'expected a DID document, got something that is not a JSON object')
  if (raw.id !== did) return bad('did.malformed', `expected the document of ${did}, got one of ${shown(raw.id)}`, 'id')

  const methods = list(raw.verificationMethod).flatMap((entry) => readMethod(entry, did))
  const relationship = (name: string): MethodReference[] =>
    list(raw[name]).flatMap((entry): MethodReference[] =>
      typeof entry === 'string' ? [absolute(entry, did)] : readMethod(entry, did),
    )
  const document: DidDocument = {
    '@context': list(raw['@context']).filter((entry) => typeof entry === 'string'),
    id: did,
    verificationMethod: methods,
    authentication: relationship('authentication'),
    assertionMethod: relationship('assertionMethod'),
    capabilityInvocation: relationship('capabilityInvocation'),
    service: list(raw.service).flatMap((entry) => readService(entry, did)),
  }
  const ids = methods.map(({ id }) => id)
  const twice = ids.find((id, index) => ids.indexOf(id) !== index)
  if (twice !== undefined)
    return bad('did.malformed', `two verification methods are called ${shown(twice)}`, 'verificationMethod')
  return good(document)
}

/**
 * The method that signed a token: the one with that id, or without a kid the only one there is (DCP 1.0, 4.3.3).
 * Methods inside `capabilityInvocation` count; null when there is none.
 */
export function findMethod(document: DidDocument, kid: string | null): VerificationMethod | null {
  const embedded = document.capabilityInvocation.filter((entry) => typeof entry !== 'string')
  const methods = [...document.verificationMethod, ...embedded]
  if (kid === null) return methods.length === 1 ? (methods[0] ?? null) : null
  return methods.find(({ id }) => id === kid) ?? null
}

/**
 * The key with which this method verifies a self-issued token signed with `alg`.
 * The method must be listed under `capabilityInvocation` (DCP 1.0, 4.3.3) as soon as the document says anything about
 * relationships; IdentityHub publishes documents that say nothing. Refuses with `token.key`, `key.unsupported` or
 * `token.algorithm`.
 */
export function invocationKey(document: DidDocument, method: VerificationMethod, alg: SignatureAlg): Result<PublicJwk> {
  const { authentication, assertionMethod, capabilityInvocation } = document
  const saysSomething = authentication.length + assertionMethod.length + capabilityInvocation.length > 0
  const isListed = capabilityInvocation.some((entry) => (typeof entry === 'string' ? entry : entry.id) === method.id)
  if (saysSomething && !isListed)
    return bad('token.key', `${shown(method.id)} is not listed under capabilityInvocation`, 'kid')

  if (method.type !== 'JsonWebKey2020' && method.type !== 'JsonWebKey') {
    return bad(
      'key.unsupported',
      `expected a JsonWebKey2020 or JsonWebKey, ${shown(method.id)} is a ${shown(method.type)}`,
    )
  }
  if (method.publicKeyJwk === undefined) return bad('key.unsupported', `${shown(method.id)} has no publicKeyJwk`)
  return keyFor(alg, method.publicKeyJwk)
}

/** The endpoint of the first service of that type; null when the document has none. */
export function serviceEndpoint(document: DidDocument, type: string): string | null {
  return document.service.find((service) => service.type === type)?.serviceEndpoint ?? null
}

function readMethod(entry: unknown, did: string): VerificationMethod[] {
  if (!isObject(entry) || typeof entry.id !== 'string' || typeof entry.type !== 'string') return []
  const method = {
    id: absolute(entry.id, did),
    type: entry.type,
    controller: typeof entry.controller === 'string' ? entry.controller : did,
  }
  return [isObject(entry.publicKeyJwk) ? { ...method, publicKeyJwk: entry.publicKeyJwk } : method]
}

function readService(entry: unknown, did: string): DidService[] {
  if (!isObject(entry)) return []
  const endpoint = list(entry.serviceEndpoint)[0]
  if (typeof endpoint !== 'string') return []
  const id = typeof entry.id === 'string' ? absolute(entry.id, did) : did
  return list(entry.type).flatMap((type) => (typeof type === 'string' ? [{ id, type, serviceEndpoint: endpoint }] : []))
}

function absolute(id: string, did: string): string {
  return id.startsWith('#') ? `${did}${id}` : id
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : value === undefined || value === null ? [] : [value]
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function shown(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 100)) : `a ${typeof value}`
}
