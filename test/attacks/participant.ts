// A participant that an attacker plays: its DID document says what a test wants, its tokens are signed with Node's own
// cryptography and wrong in exactly one respect.

import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ForeignJwk } from '../../src/domain/trust/suites.ts'
import { byEs256, p256, type Signer, type TestKey } from '../integration/trust/tokens.ts'

/** What is wrong with a token. A member that is `undefined` is left out. */
export interface Forgery {
  readonly header?: Readonly<Record<string, unknown>>
  readonly claims?: Readonly<Record<string, unknown>>
  readonly signer?: Signer
  /** Changes the token when it is signed; an Authorization value where it holds a space. */
  readonly reshape?: (compact: string) => string
}

export type Serving = (request: IncomingMessage, response: ServerResponse) => void

export interface Participant {
  readonly did: string
  readonly origin: string
  readonly key: TestKey
  /** The paths that were asked for, in order. */
  readonly asked: readonly string[]
  /** Answers everything from now on; null for the good DID document, and 404 for the rest. */
  readonly serve: (serving: Serving | null) => void
  /** A whole Authorization value for that audience, good but for the forgery. */
  readonly token: (audience: string, forgery?: Forgery) => string
  readonly close: () => Promise<void>
}

export async function openParticipant(): Promise<Participant> {
  const key = p256()
  const asked: string[] = []
  let serving: Serving | null = null
  const server = createServer((request, response) => {
    asked.push(request.url ?? '')
    if (serving !== null) serving(request, response)
    else if (request.url === '/.well-known/did.json') response.end(JSON.stringify(documentOf(did, key.jwk)))
    else response.writeHead(404).end()
  })
  await new Promise<void>((open) => {
    server.listen(0, '127.0.0.1', () => {
      open()
    })
  })
  const port = String((server.address() as AddressInfo).port)
  const did = `did:web:localhost%3A${port}`
  return {
    did,
    origin: `http://localhost:${port}`,
    key,
    asked,
    serve: (next) => {
      serving = next
    },
    token: (audience, forgery = {}) => authorizationOf(did, key, audience, forgery),
    close: async () => {
      server.closeAllConnections()
      await new Promise((closed) => server.close(closed))
    },
  }
}

/** A DID document with one method for each key: `key-1`, `key-2` … */
export function documentOf(did: string, ...jwks: readonly ForeignJwk[]): Readonly<Record<string, unknown>> {
  const verificationMethod = jwks.map((publicKeyJwk, index) => ({
    id: `${did}#key-${String(index + 1)}`,
    type: 'JsonWebKey2020',
    controller: did,
    publicKeyJwk,
  }))
  return { id: did, verificationMethod }
}

function authorizationOf(did: string, key: TestKey, audience: string, forgery: Forgery): string {
  const { header = {}, claims = {}, signer = byEs256(key), reshape = (compact: string) => compact } = forgery
  const iat = Math.floor(Date.now() / 1000)
  const head = { alg: 'ES256', typ: 'JWT', kid: `${did}#key-1`, ...header }
  const body = { iss: did, sub: did, aud: audience, jti: randomUUID(), iat, nbf: iat, exp: iat + 60, ...claims }
  const input = `${segment(head)}.${segment(body)}`
  const token = reshape(`${input}.${signer(Buffer.from(input)).toString('base64url')}`)
  return token.includes(' ') ? token : `Bearer ${token}`
}

/** One base64url part of a compact JWS. */
export function segment(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url')
}
