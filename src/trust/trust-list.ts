// The trust list: participants whose keys stand in the configuration and are never fetched (air-gapped pairs).

import { problem, ProblemError } from '../kernel/problem.ts'
import type { DidDocument } from '../domain/trust/did-document.ts'
import { readPublicJwk } from '../domain/trust/suites.ts'
import type { ForeignJwk } from '../domain/trust/suites.ts'

export interface TrustedParticipant {
  readonly did: string
  /** Public keys. Their `kid` is a whole id, `#fragment` or the bare fragment; a key without one is `key-1`, `key-2` … in order. */
  readonly keys: readonly ForeignJwk[]
}

/**
 * The list as one DID document a participant, so that what follows need not know where a key came from.
 * Throws `config.invalid` for a key that no suite can use, and for a participant that stands in it twice.
 */
export function readTrustList(list: readonly TrustedParticipant[]): ReadonlyMap<string, DidDocument> {
  const documents = new Map<string, DidDocument>()
  for (const [place, { did, keys }] of list.entries()) {
    if (documents.has(did)) throw invalid(`${did} stands in the trust list twice`, `trustList[${place}].did`)
    const verificationMethod = keys.map((jwk, index) => {
      const usable = readPublicJwk(jwk)
      if (!usable.ok) throw invalid(usable.problem.message, `trustList[${place}].keys[${index}]`)
      return { id: methodId(did, jwk.kid, index), type: 'JsonWebKey', controller: did, publicKeyJwk: jwk }
    })
    const nothing = { '@context': [], authentication: [], assertionMethod: [], capabilityInvocation: [], service: [] }
    documents.set(did, { ...nothing, id: did, verificationMethod })
  }
  return documents
}

function methodId(did: string, kid: unknown, index: number): string {
  if (typeof kid !== 'string' || kid === '') return `${did}#key-${index + 1}`
  return kid.startsWith(`${did}#`) ? kid : `${did}#${kid.replace(/^#/, '')}`
}

function invalid(message: string, path: string): ProblemError {
  return new ProblemError(problem('config.invalid', message, `identity.${path}`))
}
