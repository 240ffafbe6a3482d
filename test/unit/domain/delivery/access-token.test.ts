import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { accessToken, accessTokenHash, readAccessToken } from '../../../../src/domain/delivery/access-token.ts'

const token = accessToken(new Uint8Array(32).fill(0xfb))

describe('a data access token', () => {
  test('is 43 characters of base64url over 32 bytes, and nothing else makes one', () => {
    expect(token).toBe(Buffer.from(new Uint8Array(32).fill(0xfb)).toString('base64url'))
    expect(token).toHaveLength(43)
    expect(() => accessToken(new Uint8Array(31))).toThrow('32 bytes')
  })

  test('is stored as the SHA-256 of its text', () => {
    expect(accessTokenHash(token)).toBe(createHash('sha256').update(token).digest('hex'))
  })

  test.each([token, `Bearer ${token}`, `bearer  ${token} `])('is read from the header %j', (header) => {
    expect(readAccessToken(header)).toEqual({ ok: true, value: token })
  })

  test.each([undefined, '', '  '])('is missing in the header %j', (header) => {
    expect(readAccessToken(header)).toMatchObject({ ok: false, problem: { code: 'token.missing' } })
  })

  // The last one would decode to the same bytes: a second spelling of one token.
  const otherSpelling = `${token.slice(0, 42)}${String.fromCharCode(token.charCodeAt(42) + 1)}`
  test.each([
    `Basic ${token}`,
    `Bearer ${token}x`,
    'Bearer',
    token.slice(1),
    `${token.slice(0, 41)}+s`,
    `Bearer ${token}, Bearer ${token}`,
    otherSpelling,
  ])('is refused in any other form, without being repeated: %j', (header) => {
    const read = readAccessToken(header)

    expect(read).toMatchObject({ ok: false, problem: { code: 'token.malformed' } })
    expect(JSON.stringify(read)).not.toContain(token.slice(1, 40))
  })
})
