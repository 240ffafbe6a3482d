// Version discovery as a client: where a peer's DSP 2025-1 is, and that nothing is said to a peer that does not speak it.

import type { ServerResponse } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { openConnector, type Connector } from '../../conformance/scenarios/connector.ts'
import { messageOf, openCounterparty, type Counterparty } from '../../conformance/scenarios/counterparty.ts'
import type { Message } from '../../conformance/scenarios/judge.ts'
import { USE } from '../../conformance/scenarios/language.ts'

const VERSION = '/.well-known/dspace-version'

let peer: Counterparty
let connector: Connector
beforeEach(async () => {
  peer = await openCounterparty({ participant: null, below: '/tenants/7/dsp/2025-1' })
  connector = await openConnector({ staticTokens: [peer] })
})
afterEach(async () => {
  await connector.close()
  await peer.close()
  expect([...peer.faults, ...connector.defects]).toEqual([])
})

/** What the peer answers at its well-known paths: a JSON value, a status, or a text that is no JSON. */
type Said = Message | number | string

function serve(versions: Said, didServices?: readonly Message[]): void {
  const root = peer.address.replace('/dsp/2025-1', '')
  const { participant } = peer
  const service = didServices ?? [
    { id: `${participant}#dsp`, type: 'DataService', serviceEndpoint: `${root}${VERSION}` },
  ]
  const didDocument = { '@context': ['https://www.w3.org/ns/did/v1'], id: participant, verificationMethod: [], service }
  peer.answerWith(({ path, message }, response) => {
    if (path.endsWith('/did.json')) answer(response, didDocument)
    else if (path.endsWith(VERSION)) answer(response, versions)
    else answer(response, message['@type'] === 'CatalogRequestMessage' ? CATALOG : 404)
  })
}

function answer(response: ServerResponse, said: Said): void {
  if (typeof said === 'number') response.writeHead(said).end()
  else response.end(typeof said === 'string' ? said : JSON.stringify(said))
}

const CATALOG = {
  ...messageOf('Catalog', { participantId: 'did:web:peer' }),
  service: [{ '@id': 'urn:service', '@type': 'DataService', endpointURL: 'http://localhost' }],
}
const entry = (more: Message = {}): Message => ({ version: '2025-1', path: '/dsp/2025-1', binding: 'HTTPS', ...more })
const versions = (...entries: readonly Message[]): Message => ({ protocolVersions: entries })

const askCatalog = (): Promise<Message> =>
  connector.management.call('POST', '/catalog/request', { counterPartyId: peer.participant })

describe('a peer is asked where its version document leads', () => {
  // prettier-ignore
  test.each([
    ['the only version',                         versions(entry())],
    ['one of several versions',                  versions(entry({ version: '2024/1', path: '/2024' }), entry(), entry({ version: '2026-1', path: '/next' }))],
    ['the one that is identified by did:web',    versions(entry({ path: '/other', identifierType: 'bpn' }), entry({ identifierType: 'did:web' }))],
    ['a path with a slash at its end',           versions(entry({ path: '/dsp/2025-1/' }))],
    ['a document with more in it',               { ...versions(entry({ auth: { protocol: 'DCP', version: '1.0' } })), more: true }],
  ])('%s', async (_what, document) => {
    serve(document)
    await askCatalog()

    expect(peer.received.map(({ path }) => path)).toEqual(['/catalog/request'])
  })
})

describe('nothing is said to a peer', () => {
  // prettier-ignore
  const MISMATCHES: readonly (readonly [what: string, said: Said, code: string])[] = [
    ['that speaks another version only',       versions(entry({ version: '2024/1' })),         'peer.version'],
    ['whose version only looks like ours',     versions(entry({ version: '2025-1-err1' })),    'peer.version'],
    ['that speaks ours in another binding',    versions(entry({ binding: 'MQTT' })),           'peer.version'],
    ['without a version document',             404,                                            'peer.version'],
    ['that wants credentials for it',          401,                                            'peer.version'],
    ['that has no versions',                   versions(),                                     'peer.malformed'],
    ['whose document is something else',       { versions: ['2025-1'] },                       'peer.malformed'],
    ['whose document is no JSON',              '<html>2025-1</html>',                          'peer.malformed'],
    ['whose path leads to another host',       versions(entry({ path: '//evil.example/dsp' })), 'peer.malformed'],
    ['whose path is a URL',                    versions(entry({ path: 'https://evil.example' })), 'peer.malformed'],
    ['whose path climbs',                      versions(entry({ path: '/a/%2e%2e/b' })),       'peer.malformed'],
  ]

  test.each(MISMATCHES)('%s: %j is %s', async (_what, said, code) => {
    serve(said)
    const offer = { '@id': 'theirs', '@type': 'Offer', target: 'urn:theirs', ...USE }
    const { management } = connector
    const to = { counterPartyId: peer.participant }
    const problem = new RegExp(`^503 .*"${code.replace('.', '\\.')}"`)

    await expect(askCatalog()).rejects.toThrow(problem)
    await expect(management.call('POST', '/negotiations', { ...to, offer })).rejects.toThrow(problem)
    await expect(management.call('POST', '/connect', { ...to, datasetId: 'urn:theirs' })).rejects.toThrow(problem)

    expect(peer.received).toEqual([])
    expect(await management.call('GET', '/negotiations')).toMatchObject({ items: [] })
  })

  test('whose DID document names no data service', async () => {
    serve(versions(entry()), [])

    await expect(askCatalog()).rejects.toThrow(/^503 .*"peer\.version"/)
    expect(peer.received).toEqual([])
  })
})
