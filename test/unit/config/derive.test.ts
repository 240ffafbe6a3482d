// What follows from public.url.

import { describe, expect, test } from 'vitest'
import { derive } from '../../../src/config/derive.ts'

function derivedFrom(url: string, did?: string) {
  const participant = { name: { en: 'A' }, claims: {}, ...(did === undefined ? {} : { did }) }
  return derive({ participant, public: { url, host: '127.0.0.1', port: 8181 } })
}

describe('derive', () => {
  // prettier-ignore
  test.each([
    ['http://localhost:8181',          true,  'did:web:localhost%3A8181'],
    ['https://localhost',              true,  'did:web:localhost'],
    ['http://127.0.0.1:8181',          false, 'did:web:127.0.0.1%3A8181'],
    ['http://localhost.example:8181',  false, 'did:web:localhost.example%3A8181'],
    ['https://connector.example',      false, 'did:web:connector.example'],
    ['https://connector.example:8443', false, 'did:web:connector.example%3A8443'],
  ])('of %s: loopback mode is %s, the DID %s', (url, loopback, did) => {
    expect(derivedFrom(url)).toMatchObject({ loopback, did })
  })

  test('keeps a DID that is given', () => {
    expect(derivedFrom('https://connector.example', 'did:web:other.example').did).toBe('did:web:other.example')
  })

  test('puts the paths of DSP and data under the origin, with one slash', () => {
    expect(derivedFrom('https://connector.example/')).toMatchObject({
      publicUrl: 'https://connector.example',
      dspBase: 'https://connector.example/dsp/2025-1',
      dataBase: 'https://connector.example/data',
    })
  })
})
