// From file and environment to the configuration, or to every mistake at once.

import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { findingLine } from '../../../src/config/finding.ts'
import { toConfig } from '../../../src/config/to-config.ts'
import { FILE, findingsOf, rawFiles } from './fixture.ts'

function configOf(text: string, env: Readonly<Record<string, string>> = {}) {
  const read = toConfig(rawFiles(text), env)
  if (!read.ok) throw new Error(read.findings.map(findingLine).join('\n'))
  return read.config
}

describe('a good configuration', () => {
  test('may be empty: every default comes from the schema', () => {
    const config = configOf('# nothing but this comment\n')

    expect(config).toMatchObject({
      participant: { name: { en: 'Lingqu connector' }, claims: {} },
      public: { url: 'http://localhost:8181', host: '127.0.0.1', port: 8181 },
      management: { host: '127.0.0.1', port: 8182 },
      dataDir: 'data',
      policiesDir: 'policies',
      identity: { algorithm: 'ES256', trustList: [], admit: 'listed' },
      outbound: { allowHttpHosts: [], allowNetworks: [] },
      protocol: { reactionDelayMs: 0, deliveryDeadlineS: 86_400, manualDeadlineS: 604_800 },
      automation: {
        provider: { onRequested: 'agree', onCounterRequested: 'manual', onAccepted: 'agree', onVerified: 'finalize' },
        consumer: { onOffered: 'manual', onAgreed: 'verify' },
        transfer: { onRequested: 'start' },
      },
      limits: { bodyBytesMax: 1_048_576, jsonDepthMax: 64, outboxInFlightMax: 64, outboxPerPeerInFlightMax: 8 },
      log: { level: 'info' },
    })
  })

  test('is the file that comes with the connector, and that says what the defaults are', () => {
    const shipped = configOf(readFileSync(new URL('../../../config/connector.yaml', import.meta.url), 'utf8'))
    const defaults = configOf('')
    expect(shipped).toEqual({ ...defaults, participant: shipped.participant })
  })

  test('is frozen through and through', () => {
    const config = configOf('identity: { trustList: [{ did: "did:web:a.example", keys: [{ kty: EC }] }] }')

    expect(Object.isFrozen(config)).toBe(true)
    expect(Object.isFrozen(config.limits)).toBe(true)
    expect(Object.isFrozen(config.identity.trustList[0]?.keys[0])).toBe(true)
  })

  test('holds no secret, though the file may', () => {
    const text = 'identity: { staticTokens: [{ participant: urn:b, inbound: Bearer in-b, outbound: Bearer out-b }] }'
    expect(JSON.stringify(configOf(text))).not.toMatch(/in-b|out-b|staticTokens/)
  })

  test('is not shared between two readings', () => {
    const first = configOf('')
    const second = configOf('', { LINGQU_OUTBOUND__ALLOWHTTPHOSTS: '["b:1"]' })
    expect(first.outbound.allowHttpHosts).toEqual([])
    expect(second.outbound.allowHttpHosts).toEqual(['b:1'])
  })
})

describe('the environment', () => {
  // prettier-ignore
  test.each([
    ['LINGQU_MANAGEMENT__PORT',          '9001',                 { management: { port: 9001 } }],
    ['LINGQU_PROTOCOL__REACTIONDELAYMS', '400',                  { protocol: { reactionDelayMs: 400 } }],
    ['LINGQU_DATADIR',                   '/srv/data',            { dataDir: '/srv/data' }],
    ['LINGQU_DATA',                      '/srv/data',            { dataDir: '/srv/data' }],
    ['LINGQU_OUTBOUND__ALLOWHTTPHOSTS',  '["connector-b:8181"]', { outbound: { allowHttpHosts: ['connector-b:8181'] } }],
    ['LINGQU_PARTICIPANT__CLAIMS',       '{"country":"VN"}',     { participant: { claims: { country: 'VN' } } }],
    ['LINGQU_PARTICIPANT__NAME__ZH',     '示例',                  { participant: { name: { zh: '示例' } } }],
    ['LINGQU_LOG__LEVEL',                'debug',                { log: { level: 'debug' } }],
  ])('overrides the file: %s', (variable, text, expected) => {
    const file = 'management: { port: 8200 }\nlog: { level: warn }\n'
    expect(configOf(file, { [variable]: text })).toMatchObject(expected)
  })

  test('makes a group that the file does not have', () => {
    const env = { LINGQU_PUBLIC__TLS__CERTFILE: 'a.crt', LINGQU_PUBLIC__TLS__KEYFILE: 'a.key' }
    expect(configOf('', env).public.tls).toEqual({ certFile: 'a.crt', keyFile: 'a.key' })
  })

  test('says nothing by an empty variable', () => {
    expect(configOf('management: { port: 8200 }', { LINGQU_MANAGEMENT__PORT: '' }).management.port).toBe(8200)
  })

  test('is not asked about names that are not ours', () => {
    expect(findingsOf('', { PATH: '/bin', LINGQUISTICS: 'yes' })).toEqual([])
  })

  // prettier-ignore
  test.each([
    ['LINGQU_PUBLIC__PROT',     '1',       /unknown variable LINGQU_PUBLIC__PROT \(did you mean LINGQU_PUBLIC__PORT\?\)/],
    ['LINGQU_PUBLIC_PORT',      '1',       /did you mean LINGQU_PUBLIC__PORT\?/],
    ['LINGQU_ZZZZZZZZ',         '1',       /config.unknown-variable: unknown variable LINGQU_ZZZZZZZZ$/],
    ['LINGQU_PUBLIC',           '{}',      /unknown variable LINGQU_PUBLIC/],
    ['LINGQU_MANAGEMENT__PORT', 'eighty',  /LINGQU_MANAGEMENT__PORT: expected a whole number, got "eighty"/],
    ['LINGQU_MANAGEMENT__PORT', '80.5',    /LINGQU_MANAGEMENT__PORT: expected a whole number, got "80.5"/],
    ['LINGQU_MANAGEMENT__PORT', '70000',   /LINGQU_MANAGEMENT__PORT: expected at most 65535, got 70000/],
    ['LINGQU_OUTBOUND__ALLOWHTTPHOSTS', 'a,b', /LINGQU_OUTBOUND__ALLOWHTTPHOSTS: expected a list, got "a,b" \(a variable takes JSON here\)/],
    ['LINGQU_OUTBOUND__ALLOWHTTPHOSTS', '[1]', /LINGQU_OUTBOUND__ALLOWHTTPHOSTS: expected a text, got 1/],
  ])('is refused by name: %s=%s', (variable, text, expected) => {
    const findings = findingsOf('', { [variable]: text })
    expect(findings).toHaveLength(1)
    expect(findings[0]).toMatchObject({ file: 'environment', line: 0, column: 0 })
    expect(findings.map(findingLine).join()).toMatch(expected)
  })

  test('may not set the same thing twice', () => {
    expect(findingsOf('', { LINGQU_DATA: 'a', LINGQU_DATADIR: 'b' })).toHaveLength(1)
    expect(findingsOf('', { LINGQU_MASTER_KEY: 'a', LINGQU_MASTER_KEY_FILE: 'b' })).toHaveLength(1)
  })
})

describe('a mistake in the file', () => {
  // prettier-ignore
  test.each([
    ['public:\n  prot: 8181\n',                    `${FILE}:2:3 config.unknown-key: public.prot: unknown setting (did you mean port?)`],
    ['wires: 1\n',                                 `${FILE}:1:1 config.unknown-key: wires: unknown setting (known here: participant, public, management, dataDir, policiesDir, data, identity, outbound, protocol, automation, limits, retention, log)`],
    ['management:\n  port: "8182"\n',              `${FILE}:2:9 config.type: management.port: expected a whole number, got "8182"`],
    ['management:\n  port: 0\n',                   `${FILE}:2:9 config.value: management.port: expected at least 1, got 0`],
    ['outbound:\n',                                `${FILE}:1:10 config.type: outbound: expected keys with values, got nothing (give it a value, or take the line out)`],
    ['identity: { admit: lsited }\n',              `${FILE}:1:20 config.value: identity.admit: expected one of listed, any, got "lsited" (did you mean listed?)`],
    ['public: { tls: { certFile: a } }\n',         `${FILE}:1:16 config.missing: public.tls: keyFile is missing`],
    ['participant: { did: web.example }\n',        `${FILE}:1:21 config.value: participant.did: expected another form (DID of the participant. Left out: the did:web of \`public.url\`.), got "web.example" (for example did:web:connector.example)`],
    ['outbound: { allowNetworks: [10.0.0.0/33] }', `${FILE}:1:29 config.value: outbound.allowNetworks.0: expected an address and the number of its leading bits, got "10.0.0.0/33" (for example 10.20.0.0/16)`],
    ['outbound: { allowHttpHosts: ["http://b"] }', `${FILE}:1:30 config.value: outbound.allowHttpHosts.0: expected another form (A host.), got "http://b" (for example connector-b:8181)`],
    ['management: { port: 8181 }',                 `${FILE}:1:21 config.value: management.port: expected a port of its own, got 8181, which is public.port`],
    ['dataDir: a\ndataDir: b\n',                   `${FILE}:2:1 config.duplicate-key: this key stands here for the second time`],
    ['- a\n- b\n',                                 `${FILE}:1:1 config.type: expected keys with values, got a list of 2`],
  ])('is told with its place: %j', (text, expected) => {
    expect(findingsOf(text).map(findingLine)).toEqual([expected])
  })

  test('does not hide the others: all are told at once, in reading order', () => {
    const text = 'log:\n  levle: info\npublic:\n  port: x\nlimits:\n  bodyBytesMax: 1\n'
    const env = { LINGQU_NOTHING_LIKE_IT: '1' }

    const findings = findingsOf(text, env)

    expect(findings.map(({ code, line }) => [code, line])).toEqual([
      ['config.unknown-key', 2],
      ['config.type', 4],
      ['config.value', 6],
      ['config.unknown-variable', 0],
    ])
  })

  test.each(['public: [', 'a: b: c', 'x: !secret y', 'a: *nowhere', '--- a\n--- b\n'])(
    'of syntax is told alone: %j',
    (text) => {
      const codes = new Set(findingsOf(text).map(({ code }) => code))
      expect([...codes]).toEqual(['config.syntax'])
    },
  )

  test('an alias that multiplies itself is refused, not followed', () => {
    const levels = ['a', 'b', 'c', 'd', 'e', 'f'].map((name, index, names) => {
      const items = index === 0 ? 'x' : `*${names[index - 1] ?? ''}`
      return `${name}: &${name} [${Array(10).fill(items).join()}]`
    })
    expect(findingsOf(levels.join('\n')).map(({ code }) => code)).toEqual(['config.syntax'])
  })

  test('a file that is not there is a finding, never a connector on defaults alone', () => {
    const read = toConfig({ config: { file: 'x.yaml', failure: 'there is no such file' }, secrets: {} }, {})
    expect(read).toEqual({
      ok: false,
      findings: [
        { file: 'x.yaml', line: 0, column: 0, code: 'config.file', message: 'cannot be read: there is no such file' },
      ],
    })
  })

  test('a file that cannot be read is told alone: nothing is said about variables that it would have to fit', () => {
    const raw = { config: { file: 'x.yaml', failure: 'EIO' }, secrets: {} }
    expect(toConfig(raw, { LINGQU_PUBLIC__PORT: '9000' })).toMatchObject({
      ok: false,
      findings: [{ code: 'config.file' }],
    })
    expect(findingsOf('public: [', { LINGQU_PUBLIC__PORT: '9000' }).map(({ code }) => code)).not.toContain(
      'config.loopback',
    )
  })

  test('a private key does not belong in the trust list', () => {
    const text =
      'identity:\n  trustList:\n    - did: did:web:a.example\n      keys:\n        - { kty: EC, d: s3cret }\n'
    expect(findingsOf(text).map(findingLine)).toEqual([
      `${FILE}:5:22 config.secret: identity.trustList.0.keys.0.d: a private or secret key does not belong here`,
    ])
  })

  test('of a participant that is listed twice is told at the second', () => {
    const one = '{ did: "did:web:a.example", keys: [{ kty: EC }] }'
    const findings = findingsOf(`identity:\n  trustList:\n    - ${one}\n    - ${one}\n`)
    expect(findings).toMatchObject([
      { line: 4, message: 'identity.trustList.1.did: expected a did of its own, got the one of entry 1' },
    ])
  })

  // prettier-ignore
  test.each([
    ['identity: { staticTokens: [{ participant: a, inbound: "s3cret\\n", outbound: x }] }'],
    ['identity: { staticTokens: [{ participant: a, inbound: 12345, outbound: x }] }'],
    ['identity: { staticTokens: [s3cret] }'],
    ['outbound: { proxy: "http://user:s3cret@proxy.example" }'],
    ['identity: { staticTokens: [{ participant: a, inbound: *s3cret }] }'],
    ['identity: { staticTokens: [{ participant: a, inbound: "s3cret'],
  ])('is told without the secret in it: %j', (text) => {
    const lines = findingsOf(text).map(findingLine).join()
    expect(lines).not.toBe('')
    expect(lines).not.toMatch(/s3cret|12345/)
  })
})

describe('public.url', () => {
  // prettier-ignore
  test.each([
    ['https://connector.example'], ['https://connector.example/'], ['https://connector.example:8443'], ['http://connector-b:8181'],
  ])('is an origin: %s', (url) => {
    expect(findingsOf(`public: { url: "${url}" }`)).toEqual([])
  })

  // prettier-ignore
  test.each([
    ['connector.example'], ['ftp://connector.example'], ['https://connector.example/dsp'], ['https://c.example?x=1'], ['https://c.example#x'],
    ['https://user@c.example'], ['https://Connector.example'], ['https://c.example:443'], ['https://192.0.2.1'], ['https://[2001:db8::1]'], ['  https://c.example'],
  ])('is nothing else: %s', (url) => {
    expect(findingsOf(`public: { url: "${url}" }`).map(({ code }) => code)).toEqual(['config.value'])
  })

  test('may be an address when the DID does not follow from it', () => {
    expect(findingsOf('participant: { did: "did:web:a.example" }\npublic: { url: "http://192.0.2.1:8181" }')).toEqual(
      [],
    )
  })

  // prettier-ignore
  test.each([
    ['{ host: localhost }',                          []],
    ['{ host: 0.0.0.0 }',                            ['public.host: expected 127.0.0.1 because public.url says localhost, got 0.0.0.0']],
    ['{ port: 9000 }',                               ['public.port: expected the port that public.url says, 8181, got 9000']],
    ['{ url: "http://localhost:9000", port: 9000 }', []],
    ['{ url: "https://c.example", host: 0.0.0.0 }',  []],
  ])('with localhost binds host and port to it: %s', (settings, messages) => {
    expect(findingsOf(`public: ${settings}`).map(({ message }) => message)).toEqual(messages)
  })
})
