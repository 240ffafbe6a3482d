// Keys and tokens made with Node's own cryptography, so that what is verified was not signed by the code under test.

import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import type { KeyObject } from 'node:crypto'
import type { ForeignJwk } from '../../../src/domain/trust/suites.ts'
import { instant } from '../../../src/kernel/time.ts'

export const US = 'did:web:us.example'
export const PEER = 'did:web:peer.example'
export const KID = `${PEER}#key-1`
export const NOW_S = 1_780_000_000
export const NOW = instant(NOW_S * 1000)

export interface TestKey {
  readonly privateKey: KeyObject
  readonly jwk: ForeignJwk
}

export function p256(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return { privateKey, jwk: { ...publicKey.export({ format: 'jwk' }) } }
}

export function ed25519(): TestKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519')
  return { privateKey, jwk: { ...publicKey.export({ format: 'jwk' }) } }
}

/** A real point of the SM2 curve: with it, a naive import ends the process instead of throwing. */
export function sm2Jwk(): ForeignJwk {
  const point = generateKeyPairSync('ec', { namedCurve: 'SM2' })
    .publicKey.export({ type: 'spki', format: 'der' })
    .subarray(-64)
  return {
    kty: 'EC',
    crv: 'SM2',
    x: point.subarray(0, 32).toString('base64url'),
    y: point.subarray(32).toString('base64url'),
  }
}

export type Signer = (input: Buffer) => Buffer

export const byEs256 =
  ({ privateKey }: TestKey): Signer =>
  (input) =>
    sign('sha256', input, { key: privateKey, dsaEncoding: 'ieee-p1363' })
export const byEs256Der =
  ({ privateKey }: TestKey): Signer =>
  (input) =>
    sign('sha256', input, privateKey)
export const byEd25519 =
  ({ privateKey }: TestKey): Signer =>
  (input) =>
    sign(null, input, privateKey)
export const byHs256 =
  (secret: string): Signer =>
  (input) =>
    createHmac('sha256', secret).update(input).digest()

/** A whole Authorization value: good in every respect but those given. */
export function bearer(signer: Signer, header: object = {}, claims: object = {}): string {
  const head = { alg: 'ES256', typ: 'JWT', kid: KID, ...header }
  const body = { iss: PEER, sub: PEER, aud: US, jti: 'one', iat: NOW_S, nbf: NOW_S, exp: NOW_S + 60, ...claims }
  const input = [head, body].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
  return `Bearer ${input}.${signer(Buffer.from(input)).toString('base64url')}`
}

/** A DID document of PEER as IdentityHub writes it: methods and nothing else. */
export function documentWith(...jwks: readonly ForeignJwk[]): object {
  const verificationMethod = jwks.map((publicKeyJwk, index) => ({
    id: `${PEER}#key-${index + 1}`,
    type: 'JsonWebKey2020',
    controller: PEER,
    publicKeyJwk,
  }))
  return { id: PEER, verificationMethod }
}
