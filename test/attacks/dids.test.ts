// DID documents and names that are not what they seem, where everybody who proves a DID is admitted: each is refused with its
// own code, no other host is asked, and the connector lives.

import { generateKeyPairSync } from 'node:crypto'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { ForeignJwk } from '../../src/domain/trust/suites.ts'
import { messageOf } from '../fixtures/messages.ts'
import { rawRequest, type RawReply } from '../fixtures/raw-http.ts'
import { DSP, startGround, type Ground } from '../fixtures/stranger.ts'
import { p256, sm2Jwk } from '../integration/trust/tokens.ts'
import { documentOf, openParticipant, type Participant, type Serving } from './participant.ts'
import { changesNothing, logs } from './refusals.ts'

let ground: Ground
beforeAll(async () => {
  ground = await startGround({ identity: { admit: 'any' }, limits: { answerTimeoutMs: 1_000 } })
})
afterAll(async () => ground.discard())
afterEach(() => {
  expect(ground.connector.log()).not.toContain('http.defect')
})

function catalog(authorization: string): Promise<RawReply> {
  return rawRequest({
    port: ground.connector.port,
    path: `${DSP}/catalog/request`,
    headers: { 'content-type': 'application/json', authorization },
    body: JSON.stringify(messageOf('CatalogRequestMessage', {})),
  })
}

/** A new name for each test: documents are remembered. */
async function withParticipant<T>(work: (participant: Participant) => Promise<T>): Promise<T> {
  const participant = await openParticipant()
  try {
    return await work(participant)
  } finally {
    await participant.close()
  }
}

const answering =
  (document: unknown): Serving =>
  (_request, response) =>
    response.end(typeof document === 'string' ? document : JSON.stringify(document))

function jwkOf(pair: { readonly publicKey: { export(options: { format: 'jwk' }): object } }): ForeignJwk {
  return { ...pair.publicKey.export({ format: 'jwk' }) }
}

const curve = (namedCurve: string): ForeignJwk => jwkOf(generateKeyPairSync('ec', { namedCurve }))

// prettier-ignore
const KEYS: readonly (readonly [what: string, code: string, jwk: (good: ForeignJwk) => ForeignJwk])[] = [
  ['of secp256k1',                        'key.unsupported', () => curve('secp256k1')],
  ['of secp256k1 that says it is P-256',  'key.unsupported', () => ({ ...curve('secp256k1'), crv: 'P-256' })],
  ['of P-384',                            'key.unsupported', () => curve('P-384')],
  ['of SM2, at which a naive import ends the process', 'key.unsupported', () => sm2Jwk()],
  ['of X25519',                           'key.unsupported', () => jwkOf(generateKeyPairSync('x25519'))],
  ['of Ed448',                            'key.unsupported', () => jwkOf(generateKeyPairSync('ed448'))],
  ['of Ed25519 for an ES256 token',       'token.algorithm', () => jwkOf(generateKeyPairSync('ed25519'))],
  ['of RSA with 1024 bits',               'key.unsupported', () => jwkOf(generateKeyPairSync('rsa', { modulusLength: 1024 }))],
  ['of RSA with 512 bits',                'key.unsupported', () => ({ kty: 'RSA', n: 'x'.repeat(86), e: 'AQAB' })],
  ['that is symmetric',                   'key.unsupported', () => ({ kty: 'oct', k: 'c2VjcmV0' })],
  ['with its private half',               'key.unsupported', (good) => ({ ...good, d: 'x'.repeat(43) })],
  ['for encryption',                      'key.unsupported', (good) => ({ ...good, use: 'enc' })],
  ['for other operations',                'key.unsupported', (good) => ({ ...good, key_ops: ['sign'] })],
  ['of another algorithm',                'token.algorithm', (good) => ({ ...good, alg: 'ES384' })],
  ['for HS256',                           'token.algorithm', (good) => ({ ...good, alg: 'HS256' })],
  ['off the curve',                       'key.unsupported', (good) => ({ ...good, y: good['x'] })],
  ['at the origin',                       'key.unsupported', (good) => ({ ...good, x: 'A'.repeat(43), y: 'A'.repeat(43) })],
  ['with short coordinates',              'key.unsupported', (good) => ({ ...good, x: 'AQ' })],
  ['with coordinates that are objects',   'key.unsupported', (good) => ({ ...good, x: { toString: 'x' } })],
  ['with a kty that is a list',           'key.unsupported', (good) => ({ ...good, kty: ['EC'] })],
  ['of somebody else',                    'token.signature', () => p256().jwk],
]

describe('a document', () => {
  test('with the key that signed is taken, its id being the name', async () => {
    await withParticipant(async (participant) => {
      expect((await catalog(participant.token(ground.connector.did))).status).toBe(200)
    })
  })

  test.each(KEYS)('with a key %s is %s', async (_what, code, jwk) => {
    await withParticipant(async (participant) => {
      participant.serve(answering(documentOf(participant.did, jwk(participant.key.jwk))))
      const reply = await logs(ground.connector, code, () => catalog(participant.token(ground.connector.did)))

      expect(reply).toMatchObject({ status: 401, json: { code } })
    })
  })

  type Altered = (participant: Participant, good: ReturnType<typeof documentOf>) => unknown
  const methods = (document: ReturnType<typeof documentOf>): readonly object[] =>
    document['verificationMethod'] as readonly object[]

  // prettier-ignore
  const DOCUMENTS: readonly (readonly [what: string, code: string, altered: Altered])[] = [
    ['of another name',                            'did.malformed',   (_, good) => ({ ...good, id: ground.peer.did })],
    ['of the name in other letters',               'did.malformed',   ({ did }, good) => ({ ...good, id: did.replace('%3A', '%3a') })],
    ['without an id',                              'did.malformed',   (_, good) => ({ ...good, id: undefined })],
    ['whose id is a list',                         'did.malformed',   ({ did }, good) => ({ ...good, id: [did] })],
    ['that is a list',                             'did.malformed',   (_, good) => [good]],
    ['that is null',                               'did.malformed',   () => null],
    ['that is no JSON',                            'did.malformed',   () => '<html></html>'],
    ['with two methods of one id',                 'did.malformed',   (_, good) => ({ ...good, verificationMethod: [...methods(good), ...methods(good)] })],
    ['whose method is for something else',         'token.key',       ({ did }, good) => ({ ...good, authentication: [`${did}#key-1`] })],
    ['without methods',                            'token.key',       (_, good) => ({ ...good, verificationMethod: [] })],
    ['whose method belongs to another name',       'token.key',       (_, good) => ({ ...good, verificationMethod: methods(good).map((method) => ({ ...method, id: `${ground.peer.did}#key-1` })) })],
    ['whose method is of another type',            'key.unsupported', (_, good) => ({ ...good, verificationMethod: methods(good).map((method) => ({ ...method, type: 'EcdsaSecp256k1VerificationKey2019' })) })],
    ['whose key is a text',                        'key.unsupported', (_, good) => ({ ...good, verificationMethod: methods(good).map((method) => ({ ...method, publicKeyJwk: 'key' })) })],
    ['whose key is in __proto__',                  'key.unsupported', ({ did, key }) => `{"id":"${did}","verificationMethod":[{"id":"${did}#key-1","type":"JsonWebKey2020","__proto__":{"publicKeyJwk":${JSON.stringify(key.jwk)}}}]}`],
    ['of 70,000 bytes',                            'did.unresolvable', (_, good) => ({ ...good, padding: 'x'.repeat(70_000) })],
    ['of 30,000 nested lists',                     'did.malformed',   () => '['.repeat(30_000)],
  ]

  test.each(DOCUMENTS)('%s is %s', async (_what, code, altered) => {
    await withParticipant(async (participant) => {
      participant.serve(answering(altered(participant, documentOf(participant.did, participant.key.jwk))))
      const reply = await changesNothing(ground.connector, () =>
        logs(ground.connector, code, () => catalog(participant.token(ground.connector.did))),
      )

      expect(reply).toMatchObject({ status: 401, json: { code } })
    })
  })

  // prettier-ignore
  const ANSWERS: readonly (readonly [what: string, status: number, code: string, serving: Serving])[] = [
    ['is somewhere else',         401, 'did.unresolvable', (_, response) => response.writeHead(302, { location: `http://localhost:${String(ground.connector.managementPort)}/` }).end()],
    ['is gone',                   401, 'did.unresolvable', (_, response) => response.writeHead(410).end()],
    ['does not come now',         503, 'peer.unreachable', (_, response) => response.writeHead(500).end()],
    ['never comes',               503, 'peer.unreachable', () => undefined],
    ['breaks off',                503, 'peer.unreachable', (_, response) => response.writeHead(200, { 'content-length': '900' }).write('{') && response.socket?.destroySoon()],
    ['is no HTTP',                401, 'did.unresolvable', (_, response) => response.socket?.end('SSH-2.0-x\r\n')],
    ['comes compressed unasked',  401, 'did.malformed',    (_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(Buffer.from([0x1f, 0x8b, 8, 0]))],
  ]

  test.each(ANSWERS)('that %s is %i, and names no address', async (_what, status, code, serving) => {
    await withParticipant(async (participant) => {
      participant.serve(serving)
      const reply = await logs(ground.connector, code, () => catalog(participant.token(ground.connector.did)))

      expect(reply).toMatchObject({ status, json: { code } })
      expect(reply.text).not.toMatch(/127\.0\.0\.1|::1|ECONN|UND_ERR/)
    })
  })
})

describe('a name', () => {
  const port = (participant: Participant): string => new URL(participant.origin).port

  // prettier-ignore
  const SPELLINGS: readonly (readonly [what: string, code: string, did: (participant: Participant) => string])[] = [
    ['in capitals',                        'did.malformed',    (p) => `did:web:LOCALHOST%3A${port(p)}`],
    ['with its port in other letters',     'did.malformed',    (p) => `did:web:localhost%3a${port(p)}`],
    ['with a dot at its end',              'did.unresolvable', (p) => `did:web:localhost.%3A${port(p)}`],
    ['with zeros before its port',         'did.unresolvable', (p) => `did:web:localhost%3A0${port(p)}`],
    ['that is an address',                 'did.unresolvable', (p) => `did:web:127.0.0.1%3A${port(p)}`],
    ['that is an address in one number',   'did.unresolvable', (p) => `did:web:2130706433%3A${port(p)}`],
    ['that is an address in hexadecimal',  'did.unresolvable', (p) => `did:web:0x7f000001%3A${port(p)}`],
    ['that is an address in octal',        'did.unresolvable', (p) => `did:web:0177.0.0.1%3A${port(p)}`],
    ['that is an address of version 6',    'did.unresolvable', (p) => `did:web:[::1]%3A${port(p)}`],
    ['that is one percent-encoded',        'did.unresolvable', (p) => `did:web:%5B%3A%3A1%5D%3A${port(p)}`],
    ['with an encoded letter',             'did.unresolvable', (p) => `did:web:local%68ost%3A${port(p)}`],
    ['with a Cyrillic letter',             'did.unresolvable', (p) => `did:web:lоcalhost%3A${port(p)}`],
    ['in full-width letters',              'did.unresolvable', (p) => `did:web:ｌｏｃａｌｈｏｓｔ%3A${port(p)}`],
    ['with a soft hyphen',                 'did.unresolvable', (p) => `did:web:local\u00adhost%3A${port(p)}`],
    ['with a zero character',              'did.unresolvable', (p) => `did:web:localhost\u0000.example%3A${port(p)}`],
    ['with a line feed',                   'did.unresolvable', (p) => `did:web:localhost%3A${port(p)}\n`],
    ['with a user',                        'did.unresolvable', (p) => `did:web:user@localhost%3A${port(p)}`],
    ['with an encoded user',               'did.unresolvable', (p) => `did:web:user%40localhost%3A${port(p)}`],
    ['with an encoded slash',              'did.unresolvable', (p) => `did:web:localhost%3A${port(p)}%2Fevil`],
    ['with a question mark',               'did.unresolvable', (p) => `did:web:localhost%3A${port(p)}?x`],
    ['with a path that climbs',            'did.unresolvable', (p) => `did:web:localhost%3A${port(p)}:a:..`],
    ['with an encoded path that climbs',   'did.unresolvable', (p) => `did:web:localhost%3A${port(p)}:%2e%2e:a`],
    ['with an empty path segment',         'did.unresolvable', (p) => `did:web:localhost%3A${port(p)}::a`],
    ['with a port beyond all ports',       'did.unresolvable', () => 'did:web:localhost%3A99999'],
    ['of another method',                  'did.unresolvable', () => 'did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK'],
    ['that is no DID',                     'did.unresolvable', (p) => p.origin],
    ['of 3,000 characters',                'did.unresolvable', (p) => `did:web:localhost%3A${port(p)}:${'a'.repeat(3_000)}`],
  ]

  test.each(SPELLINGS)('%s is %s', async (_what, code, spelt) => {
    await withParticipant(async (participant) => {
      const did = spelt(participant)
      const token = participant.token(ground.connector.did, {
        header: { kid: `${did}#key-1` },
        claims: { iss: did, sub: did },
      })
      const reply = await changesNothing(ground.connector, () => logs(ground.connector, code, () => catalog(token)))

      expect(reply).toMatchObject({ status: 401, json: { code } })
      expect(participant.asked.every((path) => path === '/.well-known/did.json')).toBe(true)
    })
  })

  test('with a path is another name, with a document of its own', async () => {
    await withParticipant(async (participant) => {
      const did = `${participant.did}:tenants:b`
      const token = (): string =>
        participant.token(ground.connector.did, { header: { kid: `${did}#key-1` }, claims: { iss: did, sub: did } })
      expect((await catalog(token())).status).toBe(401)
    })
    await withParticipant(async (participant) => {
      const did = `${participant.did}:tenants:b`
      participant.serve((request, response) => {
        const isIts = request.url === '/tenants/b/did.json'
        response.writeHead(isIts ? 200 : 404).end(JSON.stringify(documentOf(did, participant.key.jwk)))
      })
      const claims = { iss: did, sub: did }
      const token = participant.token(ground.connector.did, { header: { kid: `${did}#key-1` }, claims })
      expect((await catalog(token)).status).toBe(200)
    })
  })
})
