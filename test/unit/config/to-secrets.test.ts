// Secrets: from variables and files only, never in a message.

import { describe, expect, test } from 'vitest'
import { findingLine } from '../../../src/config/finding.ts'
import { toConfig, toSecrets } from '../../../src/config/to-config.ts'
import { rawFiles } from './fixture.ts'

const BYTES = Uint8Array.from({ length: 32 }, (_, index) => index * 8)
const HEX = Buffer.from(BYTES).toString('hex')
const TOKEN = { participant: 'urn:b', inbound: 'Bearer in-b', outbound: 'Bearer out-b' }

describe('the master key', () => {
  test('is left to the store when nothing names one', () => {
    expect(toSecrets(rawFiles(''), {})).toEqual({ ok: true, secrets: { masterKey: null, staticTokens: [] } })
  })

  // prettier-ignore
  test.each([
    ['hexadecimal', HEX],
    ['base64',      Buffer.from(BYTES).toString('base64')],
    ['base64url',   Buffer.from(BYTES).toString('base64url')],
  ])('is 32 bytes in %s, from the variable or from a file with a newline at its end', (_, text) => {
    const expected = { ok: true, secrets: { masterKey: BYTES, staticTokens: [] } }
    expect(toSecrets(rawFiles(''), { LINGQU_MASTER_KEY: text })).toEqual(expected)
    expect(toSecrets(rawFiles('', { LINGQU_MASTER_KEY: `${text}\n` }), {})).toEqual(expected)
  })

  test.each(['short', HEX.slice(2), `${HEX}00`, `${'é'.repeat(43)}=`])(
    'is nothing else, and is not repeated: %s',
    (text) => {
      const read = toSecrets(rawFiles(''), { LINGQU_MASTER_KEY: text })
      const lines = read.ok ? [] : read.findings.map(findingLine)
      expect(lines).toHaveLength(1)
      expect(lines[0]).toMatch(/^environment config.secret: LINGQU_MASTER_KEY: expected 32 bytes/)
      expect(lines[0]).not.toContain(text)
    },
  )

  test('in a file that cannot be read is a finding, not a key that is left out', () => {
    const raw = {
      ...rawFiles(''),
      secrets: { LINGQU_MASTER_KEY: { file: '/run/k', failure: 'there is no such file' } },
    }
    expect(toSecrets(raw, {})).toMatchObject({ ok: false, findings: [{ file: '/run/k', code: 'config.file' }] })
  })

  test('in an empty file is a finding, not a key that is left out', () => {
    expect(toSecrets(rawFiles('', { LINGQU_MASTER_KEY: '\n' }), {})).toMatchObject({ ok: false, findings: [{}] })
    expect(toSecrets(rawFiles('', { LINGQU_MASTER_KEY: '' }), {})).toMatchObject({ ok: false, findings: [{}] })
  })
})

describe('static tokens', () => {
  const variable = 'LINGQU_IDENTITY__STATICTOKENS'
  const inConfig = `identity: { staticTokens: [${JSON.stringify({ ...TOKEN, participant: 'urn:a' })}] }`

  // prettier-ignore
  test.each([
    ['from the configuration',                          rawFiles(`identity: { staticTokens: [${JSON.stringify(TOKEN)}] }`), {}],
    ['from the variable, over the configuration',       rawFiles(inConfig),                                       { [variable]: JSON.stringify([TOKEN]) }],
    ['from a file in JSON, over the configuration',     rawFiles(inConfig, { [variable]: JSON.stringify([TOKEN]) }), {}],
    ['from a file in YAML',                             rawFiles('', { [variable]: '- participant: urn:b\n  inbound: Bearer in-b\n  outbound: Bearer out-b\n' }), {}],
  ])('come %s', (_, raw, env) => {
    expect(toSecrets(raw, env)).toEqual({ ok: true, secrets: { masterKey: null, staticTokens: [TOKEN] } })
  })

  test('with a mistake are told by toConfig, with the place in their own file, and give no secrets', () => {
    const raw = rawFiles('', { [variable]: '- participant: urn:b\n  inbuond: Bearer in-b\n  outbound: Bearer out-b\n' })

    const config = toConfig(raw, {})

    expect(config.ok ? [] : config.findings.map(findingLine)).toEqual([
      'secret.txt:1:3 config.missing: identity.staticTokens.0: inbound is missing',
      'secret.txt:2:3 config.unknown-key: identity.staticTokens.0.inbuond: unknown setting (did you mean inbound?)',
    ])
    expect(toSecrets(raw, {})).toEqual({ ok: false, findings: [] })
  })

  test('may not give two participants the same inbound value', () => {
    const read = toConfig(rawFiles('', { [variable]: JSON.stringify([TOKEN, { ...TOKEN, participant: 'urn:c' }]) }), {})
    expect(read).toMatchObject({ ok: false, findings: [{ file: 'secret.txt', code: 'config.value' }] })
  })
})
