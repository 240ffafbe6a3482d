import { describe, expect, test } from 'vitest'
import { answerHeaders, answerTrailers } from '../../../src/dataplane/answer-headers.ts'
import { readReprDigest, reprDigest } from '../../../src/dataplane/repr-digest.ts'

// SHA-256 of nothing.
const HEX = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const digest = `sha-256:${HEX}`
const field = 'sha-256=:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=:'
const opened = {
  answer: 'data',
  mediaType: 'text/csv',
  size: 0,
  part: null,
  etag: '"1"',
  lastModified: null,
  takesRanges: true,
  digest,
} as const

describe('the headers of data', () => {
  test('announce length and digest when both are known beforehand, and no trailer', () => {
    expect(answerHeaders(opened, true)).toEqual({
      'Content-Type': 'text/csv',
      'Content-Length': '0',
      'Repr-Digest': field,
      ETag: '"1"',
      'Accept-Ranges': 'bytes',
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    })
    expect(answerTrailers(opened, digest)).toEqual({})
  })

  test.each([
    { ...opened, digest: null },
    { ...opened, size: null },
    { ...opened, size: null, digest: null },
  ])('give no length but a trailer with the digest otherwise: %j', (source) => {
    const headers = answerHeaders(source, true)

    expect(headers).toMatchObject({ Trailer: 'Repr-Digest' })
    expect(headers).not.toHaveProperty('Content-Length')
    expect(headers).not.toHaveProperty('Repr-Digest')
    expect(answerTrailers(source, digest)).toEqual({ 'Repr-Digest': field })
    expect(answerTrailers(source, null)).toEqual({})
  })

  test('announce no trailer where there can be none, and no ETag where the source has none', () => {
    const headers = answerHeaders({ ...opened, etag: null, digest: null }, false)

    expect(headers).not.toHaveProperty('Trailer')
    expect(headers).not.toHaveProperty('ETag')
  })
})

describe('Repr-Digest', () => {
  test('is written as a byte sequence and read back', () => {
    expect(reprDigest(digest)).toBe(field)
    expect(readReprDigest(field)).toBe(digest)
  })

  test.each([`sha-512=:AAAA:, ${field}`, `${field},unixsum=:AA==:`, `${field};q=1`, `  ${field}`])(
    'is found among others: %j',
    (text) => expect(readReprDigest(text)).toBe(digest),
  )

  test.each([undefined, '', 'sha-256=47DEQpj8', 'sha-256=:AAAA:', `x${field}`, 'sha-512=:AAAA:', field.slice(0, -1)])(
    'is none in %j',
    (text) => expect(readReprDigest(text)).toBeNull(),
  )
})
