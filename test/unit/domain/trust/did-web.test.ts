// did:web names become URLs, and nothing but did:web names with a host does.

import { describe, expect, it } from 'vitest'
import { didWebUrl } from '../../../../src/domain/trust/did-web.ts'

const https = (): boolean => false
const http = (): boolean => true

describe('did:web', () => {
  // prettier-ignore
  it.each([
    ['did:web:peer.example',               https, 'https://peer.example/.well-known/did.json'],
    ['did:web:Peer.Example',               https, 'https://peer.example/.well-known/did.json'],
    ['did:web:peer.example%3A8443',        https, 'https://peer.example:8443/.well-known/did.json'],
    ['did:web:peer.example%3a8443:a:b',    https, 'https://peer.example:8443/a/b/did.json'],
    ['did:web:peer.example:participants:7',https, 'https://peer.example/participants/7/did.json'],
    ['did:web:localhost%3A8181',           http,  'http://localhost:8181/.well-known/did.json'],
  ])('%s', (did, scheme, url) => {
    expect(didWebUrl(did, scheme)).toEqual({ ok: true, value: url })
  })

  it('asks for the scheme with the port that the name has', () => {
    const asked: string[] = []

    didWebUrl('did:web:peer.example%3A443', (url) => asked.push(url.host) === 0)

    expect(asked).toEqual(['peer.example:443'])
  })

  it.each([
    'did:key:z6Mk',
    'did:web:',
    'did:web:127.0.0.1',
    'did:web:127.0.0.1%3A80',
    'did:web:2130706433',
    'did:web:0x7f.1',
    'did:web:%5B%3A%3A1%5D',
    'did:web:peer.example%3A99999',
    'did:web:peer.example%3A',
    'did:web:peer.example:',
    'did:web:peer.example.',
    'did:web:peer.example.%3A8080',
    'did:web:peer.example::a',
    'did:web:peer.example:..:a',
    'did:web:peer.example:.',
    'did:web:peer.example:a%2Fb',
    'did:web:peer.example/a',
    'did:web:user@peer.example',
    'did:web:peer.example?x',
    'did:web:peer.example#key-1',
    'did:web:peer.example%2Fa',
    'did:web:пир.example',
    ' did:web:peer.example',
    'did:web:peer.example\n',
    `did:web:${'a'.repeat(1100)}`,
  ])('refuses %j', (did) => {
    expect(didWebUrl(did, https)).toMatchObject({ ok: false, problem: { code: 'did.unresolvable' } })
  })
})
