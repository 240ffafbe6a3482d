import { describe, expect, it } from 'vitest'
import { dspBase, versionDocument } from '../../../../src/protocol/dsp/version.ts'

const ROOT = 'https://peer.example'

function entry(members: object) {
  return { version: '2025-1', path: '/dsp/2025-1', binding: 'HTTPS', ...members }
}

describe('our version document', () => {
  it('names one version, its path below the root, and how participants are identified', () => {
    expect(versionDocument('urn:uuid:s')).toEqual({
      protocolVersions: [
        {
          version: '2025-1',
          path: '/dsp/2025-1',
          binding: 'HTTPS',
          serviceId: 'urn:uuid:s',
          identifierType: 'did:web',
        },
      ],
    })
  })

  it.each([
    ['https://us.example', undefined, 'https://us.example/dsp/2025-1'],
    ['https://us.example/dsp', '/2025-1', 'https://us.example/dsp/2025-1'],
  ])('below %s leads to the same base', (root, path, base) => {
    expect(dspBase(versionDocument('urn:uuid:s', path), root)).toEqual({ ok: true, value: base })
  })
})

describe("a peer's version document", () => {
  it('as EDC writes it leads to its base', () => {
    const document = {
      protocolVersions: [
        { version: '2024/1', path: '/2024/1', binding: 'HTTPS' },
        { version: '2025-1', path: '/2025-1', binding: 'HTTPS' },
        { version: 'v0.8', path: '/', binding: 'HTTPS' },
      ],
    }

    expect(dspBase(document, `${ROOT}/protocol`)).toEqual({ ok: true, value: `${ROOT}/protocol/2025-1` })
  })

  it.each([
    [[entry({ path: '/' })], ROOT],
    [[entry({ path: '/a/' })], `${ROOT}/a`],
    [[entry({ path: '/first' }), entry({ path: '/second' })], `${ROOT}/first`],
    [
      [entry({ path: '/duns', identifierType: 'D-U-N-S' }), entry({ path: '/did', identifierType: 'did:web' })],
      `${ROOT}/did`,
    ],
  ])('leads from %j to %s', (protocolVersions, base) => {
    expect(dspBase({ protocolVersions }, `${ROOT}/`)).toEqual({ ok: true, value: base })
  })

  it.each([
    [[entry({ version: '2024-1' }), entry({ version: 7 })], 'and it offers 2024-1, ?'],
    [[entry({ binding: 'GRPC' })], 'and it offers 2025-1'],
  ])('that has no matching version ends the communication: %j', (protocolVersions, sentence) => {
    const base = dspBase({ protocolVersions }, ROOT)

    expect(base).toMatchObject({ ok: false, problem: { code: 'peer.version' } })
    expect(base.ok ? '' : base.problem.message).toContain(sentence)
  })

  it.each([
    null,
    'text',
    [],
    {},
    { protocolVersions: [] },
    { protocolVersions: {} },
    { protocolVersions: Array(65).fill(entry({})) },
  ])('is refused when it is none: %j', (document) => {
    expect(dspBase(document, ROOT)).toMatchObject({ problem: { code: 'peer.malformed' } })
  })

  it.each([
    'dsp',
    '//evil.example',
    'https://evil.example',
    '@evil.example',
    '/a/../../b',
    '/%2e%2E/b',
    '/a?b',
    '/a#b',
    '/a\\b',
    '/a b',
    7,
    null,
  ])('is refused when its path leads elsewhere: %j', (path) => {
    expect(dspBase({ protocolVersions: [entry({ path })] }, ROOT)).toMatchObject({
      problem: { code: 'peer.malformed', path: 'protocolVersions[0].path' },
    })
  })
})
