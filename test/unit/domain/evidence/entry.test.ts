import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { canonicalJson } from '../../../../src/kernel/canonical-json.ts'
import { digestOf } from '../../../../src/kernel/digest.ts'
import { instant } from '../../../../src/kernel/time.ts'
import type { EvidenceDraft } from '../../../../src/domain/evidence/entry.ts'
import { EMPTY_LOG, ENVELOPE_BYTES_MAX, headAfter, seal } from '../../../../src/domain/evidence/entry.ts'

const N = '00112233445566778899aabbccddeeff'
const CONTEXT = { origin: 'p.example/evidence', n: N, head: EMPTY_LOG, agreementHead: null }
const ZEROS = '0'.repeat(64)

function draft(members: Partial<EvidenceDraft> = {}): EvidenceDraft {
  return { type: 'decision', at: instant(1_767_225_600_123), actor: 'did:web:c.example', ...members }
}

describe('the first entry', () => {
  it('is the canonical JSON of what is known, in clear', () => {
    const entry = seal(draft(), CONTEXT)

    expect(entry).toMatchObject({
      seq: 1,
      at: 1_767_225_600_123,
      type: 'decision',
      pid: null,
      agreement: null,
      aseq: null,
    })
    expect(entry.envelope).toBe(
      `{"actor":"did:web:c.example","at":"2026-01-01T00:00:00.123Z","n":"${N}","origin":"p.example/evidence",` +
        `"prev":"${ZEROS}","seq":1,"type":"decision","v":1}`,
    )
  })

  it('is hashed as a leaf of RFC 6962: the byte 0, then the envelope', () => {
    const entry = seal(draft({ actor: '灵渠' }), CONTEXT)
    const leaf = Buffer.concat([Buffer.of(0), Buffer.from(entry.envelope, 'utf8')])

    expect(entry.hash).toBe(createHash('sha256').update(leaf).digest('hex'))
  })
})

describe('an entry that follows', () => {
  const first = seal(draft({ agreement: 'a' }), CONTEXT)

  it('names the hash of the one before it', () => {
    const second = seal(draft(), { ...CONTEXT, head: headAfter(first) })

    expect(JSON.parse(second.envelope)).toMatchObject({ seq: 2, prev: first.hash })
  })

  it('is counted and chained within its agreement as well', () => {
    const other = seal(draft({ agreement: 'b' }), { ...CONTEXT, head: headAfter(first) })
    const agreementHead = { aseq: 1, hash: first.hash }
    const third = seal(draft({ agreement: 'a', pid: 'p' }), { ...CONTEXT, head: headAfter(other), agreementHead })

    expect(JSON.parse(first.envelope)).toMatchObject({ agreement: 'a', aseq: 1, aprev: ZEROS })
    expect(JSON.parse(other.envelope)).toMatchObject({ agreement: 'b', aseq: 1, aprev: ZEROS, prev: first.hash })
    expect(JSON.parse(third.envelope)).toMatchObject({ aseq: 2, aprev: first.hash, prev: other.hash, pid: 'p' })
    expect(third).toMatchObject({ seq: 3, agreement: 'a', aseq: 2, pid: 'p' })
  })
})

it('has no member for what is not known', () => {
  const { envelope } = seal(draft({ msgDigest: 'sha-256:00' }), CONTEXT)

  expect(Object.keys(JSON.parse(envelope) as object)).toEqual([
    'actor',
    'at',
    'msgDigest',
    'n',
    'origin',
    'prev',
    'seq',
    'type',
    'v',
  ])
})

it('differs from another of the same content by its n, so that no hash can be guessed back', () => {
  expect(seal(draft(), CONTEXT).hash).not.toBe(seal(draft(), { ...CONTEXT, n: 'f'.repeat(32) }).hash)
})

describe('an ext', () => {
  function filled(length: number): { readonly text: string } {
    return { text: '灵'.repeat(length) }
  }

  it('that just fits stays whole', () => {
    const room = ENVELOPE_BYTES_MAX - Buffer.byteLength(seal(draft({ ext: { text: '' } }), CONTEXT).envelope)
    const padded = { text: 'x'.repeat(room) }

    const entry = seal(draft({ ext: padded }), CONTEXT)

    expect(Buffer.byteLength(entry.envelope)).toBe(65_535)
    expect(JSON.parse(entry.envelope)).toMatchObject({ ext: padded })
    expect(JSON.parse(seal(draft({ ext: { text: 'x'.repeat(room + 1) } }), CONTEXT).envelope)).toMatchObject({
      ext: { bytes: room + 12 },
    })
  })

  it('that does not fit is replaced by its digest, its length and a note, counted in bytes and not in characters', () => {
    const ext = filled(30_000)

    const { envelope } = seal(draft({ ext }), CONTEXT)

    const text = canonicalJson(ext)
    expect(JSON.parse(envelope)).toMatchObject({
      ext: { digest: digestOf(text), bytes: 90_011, note: 'left out: an entry has at most 65535 bytes' },
    })
  })
})

it.each([
  ['an n that is too short', draft(), { ...CONTEXT, n: 'ff' }],
  ['an n in capitals', draft(), { ...CONTEXT, n: 'F'.repeat(32) }],
  ['an agreement head without agreement', draft(), { ...CONTEXT, agreementHead: { aseq: 1, hash: ZEROS } }],
  ['an identifier without bound', draft({ pid: 'p'.repeat(70_000) }), CONTEXT],
])('is never made with %s: that is a bug', (_, given, context) => {
  expect(() => seal(given, context)).toThrow('invariant broken')
})
