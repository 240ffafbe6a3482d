// DID documents: what ours says, and what is read from others.

import { describe, expect, it } from 'vitest'
import {
  buildDidDocument,
  findMethod,
  invocationKey,
  readDidDocument,
  serviceEndpoint,
} from '../../../../src/domain/trust/did-document.ts'
import type { DidDocument } from '../../../../src/domain/trust/did-document.ts'
import { orThrow } from '../../../../src/kernel/problem.ts'

const DID = 'did:web:peer.example'
const KID = `${DID}#key-1`
const jwk = { kty: 'EC', crv: 'P-256', x: 'A'.repeat(43), y: 'B'.repeat(43) } as const
const method = { id: KID, type: 'JsonWebKey2020', controller: DID, publicKeyJwk: jwk }

const read = (members: Readonly<Record<string, unknown>>): DidDocument =>
  orThrow(readDidDocument({ id: DID, ...members }, DID))
const keyOf = (document: DidDocument, kid: string | null = KID): unknown => {
  const found = findMethod(document, kid)
  return found === null ? null : invocationKey(document, found, 'ES256')
}

describe('our document', () => {
  it('has absolute ids, JsonWebKey2020 keys in three relationships, and the data service', () => {
    const document = buildDidDocument(
      DID,
      [{ id: 'key-1', alg: 'ES256', publicJwk: jwk }],
      'https://peer.example/.well-known/dspace-version',
    )

    expect(document).toMatchObject({
      id: DID,
      verificationMethod: [
        {
          id: KID,
          type: 'JsonWebKey2020',
          controller: DID,
          publicKeyJwk: { ...jwk, kid: KID, alg: 'ES256', use: 'sig' },
        },
      ],
      authentication: [KID],
      assertionMethod: [KID],
      capabilityInvocation: [KID],
      service: [
        { id: `${DID}#dsp`, type: 'DataService', serviceEndpoint: 'https://peer.example/.well-known/dspace-version' },
      ],
    })
  })

  it('can be read by the reader of others', () => {
    const document = buildDidDocument(
      DID,
      [{ id: 'key-1', alg: 'ES256', publicJwk: jwk }],
      'https://peer.example/.well-known/dspace-version',
    )

    const again = orThrow(readDidDocument(JSON.parse(JSON.stringify(document)), DID))

    expect(again).toEqual(document)
    expect(keyOf(again)).toEqual({ ok: true, value: jwk })
  })
})

describe('a document of a peer', () => {
  it.each([
    [null],
    ['text'],
    [[{ id: DID }]],
    [{}],
    [{ id: 'did:web:other.example' }],
    [{ id: `${DID}/` }],
    [{ id: [DID] }],
  ])('is refused if it is %j', (raw) => {
    expect(readDidDocument(raw, DID)).toMatchObject({ ok: false, problem: { code: 'did.malformed' } })
  })

  it('is refused if two methods have one id, spelled absolute or relative', () => {
    const raw = { id: DID, verificationMethod: [method, { ...method, id: '#key-1' }] }

    expect(readDidDocument(raw, DID)).toMatchObject({
      ok: false,
      problem: { code: 'did.malformed', path: 'verificationMethod' },
    })
  })

  it('may name its methods relatively', () => {
    expect(
      keyOf(read({ verificationMethod: [{ ...method, id: '#key-1' }], capabilityInvocation: ['#key-1'] })),
    ).toEqual({ ok: true, value: jwk })
  })

  it('may have single values where lists are meant', () => {
    expect(keyOf(read({ verificationMethod: method, capabilityInvocation: KID }))).toEqual({ ok: true, value: jwk })
  })

  it('may carry the method inside capabilityInvocation', () => {
    expect(keyOf(read({ capabilityInvocation: [method] }))).toEqual({ ok: true, value: jwk })
  })

  it('may use the type JsonWebKey', () => {
    expect(keyOf(read({ verificationMethod: [{ ...method, type: 'JsonWebKey' }] }))).toEqual({ ok: true, value: jwk })
  })

  // prettier-ignore
  it.each([
    ['says nothing about relationships',        {},                                                       true],
    ['has only empty relationships',            { authentication: [], capabilityInvocation: [] },         true],
    ['lists it under capabilityInvocation',     { authentication: [KID], capabilityInvocation: [KID] },   true],
    ['lists it under authentication only',      { authentication: [KID] },                                false],
    ['lists another one',                       { capabilityInvocation: [`${DID}#key-2`] },               false],
  ])('lets a method sign if it %s: %j', (_what, relationships, may) => {
    const document = read({ verificationMethod: [method], ...relationships })

    expect(keyOf(document)).toMatchObject(may ? { ok: true } : { ok: false, problem: { code: 'token.key' } })
  })

  it('does not lend a method that stands inside authentication to other uses', () => {
    expect(keyOf(read({ authentication: [method] }))).toBeNull()
  })

  it('gives its only method to a token without kid, and none if there are two', () => {
    const second = { ...method, id: `${DID}#key-2` }

    expect(keyOf(read({ verificationMethod: [method] }), null)).toEqual({ ok: true, value: jwk })
    expect(keyOf(read({ verificationMethod: [method, second] }), null)).toBeNull()
  })

  it.each([
    [{ ...method, type: 'Ed25519VerificationKey2018' }],
    [{ ...method, publicKeyJwk: undefined }],
    [{ ...method, publicKeyJwk: { ...jwk, crv: 'SM2' } }],
  ])('is refused for a method such as %j', (unusable) => {
    expect(keyOf(read({ verificationMethod: [unusable] }))).toMatchObject({
      ok: false,
      problem: { code: 'key.unsupported' },
    })
  })

  it('may hold things that we do not understand', () => {
    const document = read({
      verificationMethod: [null, 'x', 1, {}, method],
      authentication: [7, null],
      service: [null, {}, { type: 'X', serviceEndpoint: {} }],
    })

    expect(document.verificationMethod).toHaveLength(1)
    expect(keyOf(document)).toMatchObject({ ok: true })
  })

  it('is asked for a service by its type', () => {
    const document = read({
      service: [
        { id: '#a', type: 'CredentialService', serviceEndpoint: 'https://peer.example/cs' },
        {
          id: '#b',
          type: ['DataService', 'Other'],
          serviceEndpoint: 'https://peer.example/.well-known/dspace-version',
        },
      ],
    })

    expect(serviceEndpoint(document, 'DataService')).toBe('https://peer.example/.well-known/dspace-version')
    expect(serviceEndpoint(document, 'IssuerService')).toBeNull()
  })
})
