// The types of right operands as tables: which texts are a value, and which are not.

import { describe, expect, it } from 'vitest'
import { instant } from '../../../../src/kernel/time.ts'
import { addDuration, parseCount, parseDuration, parseInstant } from '../../../../src/protocol/odrl/lexical.ts'
import { liesIn, parsePlace } from '../../../../src/protocol/odrl/places.ts'

const at = (iso: string) => instant(Date.parse(iso))
const DAY_MS = 86_400_000

describe('an instant', () => {
  // prettier-ignore
  it.each([
    ['2026-12-31T23:59:59Z',            '2026-12-31T23:59:59.000Z'],
    ['2026-12-31T23:59:59+08:00',       '2026-12-31T15:59:59.000Z'],
    ['2026-12-31T06:00Z',               '2026-12-31T06:00:00.000Z'],
    ['2026-12-31T06:00-05:30',          '2026-12-31T11:30:00.000Z'],
    ['2026-01-01T00:00:00.123456789Z',  '2026-01-01T00:00:00.123Z'],
    ['2026-01-01T00:00:00.5Z',          '2026-01-01T00:00:00.500Z'],
    ['2026-12-31T24:00:00Z',            '2027-01-01T00:00:00.000Z'],
    ['2028-02-29T00:00:00Z',            '2028-02-29T00:00:00.000Z'],
    ['2026-01-01T00:00:00-14:00',       '2026-01-01T14:00:00.000Z'],
  ])('reads %s', (text, iso) => {
    expect(parseInstant(text)).toBe(Date.parse(iso))
  })

  it.each([
    '2026-12-31T23:59:59',
    '2026-12-31T06:00',
    '2026-12-31',
    '2026-12-31Z',
    '2026-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-00T00:00:00Z',
    '2026-01-01T25:00:00Z',
    '2026-01-01T24:00:01Z',
    '2026-01-01T00:60:00Z',
    '2026-01-01T00:00:60Z',
    '2026-01-01T00:00:00+14:01',
    '2026-01-01T00:00:00+08',
    '2026-01-01 00:00:00Z',
    '1798761599',
    ' 2026-01-01T00:00:00Z',
    '2026-01-01T00:00:00Z\n',
    '',
  ])('refuses %j', (text) => {
    expect(parseInstant(text)).toBeNull()
  })

  it('does not take the year 50 for 1950', () => {
    expect(new Date(parseInstant('0050-01-01T00:00:00Z') ?? 0).getUTCFullYear()).toBe(50)
  })
})

describe('a duration', () => {
  // prettier-ignore
  it.each([
    ['P90D',          { months: 0,  ms: 90 * DAY_MS }],
    ['PT60M',         { months: 0,  ms: 3_600_000 }],
    ['P60M',          { months: 60, ms: 0 }],
    ['P1Y2M3DT4H5M6.7S', { months: 14, ms: 3 * DAY_MS + 4 * 3_600_000 + 5 * 60_000 + 6700 }],
    ['PT0S',          { months: 0,  ms: 0 }],
  ])('reads %s', (text, duration) => {
    expect(parseDuration(text)).toEqual(duration)
  })

  it.each(['P', 'PT', 'P1YT', '-P1D', 'P1W', '90', 'P1D2M', 'p1d', 'P1.5D', 'P9999Y', 'PT999999999999S', ''])(
    'refuses %j',
    (text) => {
      expect(parseDuration(text)).toBeNull()
    },
  )

  // prettier-ignore
  it.each([
    ['2026-01-31T08:00:00Z', 'P1M',   '2026-02-28T08:00:00.000Z'],
    ['2028-01-31T08:00:00Z', 'P1M',   '2028-02-29T08:00:00.000Z'],
    ['2026-11-30T08:00:00Z', 'P3M1D', '2027-03-01T08:00:00.000Z'],
    ['2028-02-29T00:00:00Z', 'P1Y',   '2029-02-28T00:00:00.000Z'],
    ['2026-01-01T00:00:00Z', 'P90D',  '2026-04-01T00:00:00.000Z'],
  ])('that begins at %s and lasts %s is over at %s', (from, text, until) => {
    expect(addDuration(at(from), parseDuration(text) ?? { months: -1, ms: 0 })).toBe(Date.parse(until))
  })
})

describe('a count', () => {
  it.each([
    ['0', 0],
    ['9', 9],
    ['09', 9],
    ['+10', 10],
    ['999999999999999', 999_999_999_999_999],
  ])('reads %s', (text, n) => {
    expect(parseCount(text)).toBe(n)
  })

  it.each(['-1', '1.0', '1e3', 'nine', '', ' 9', '9 ', '9007199254740993', '0x9'])('refuses %j', (text) => {
    expect(parseCount(text)).toBeNull()
  })
})

describe('a place', () => {
  it.each([
    ['CN', 'CN'],
    ['cn', 'CN'],
    ['CN-45', 'CN-45'],
    ['vn-hn', 'VN-HN'],
    ['GB-ENG', 'GB-ENG'],
  ])('reads %s', (text, code) => {
    expect(parsePlace(text)).toBe(code)
  })

  it.each(['UK', 'EU', 'XX', 'CHN', 'C', 'CN-', 'CN-4567', 'CN_45', '_:EU', 'https://example.com/CN', ''])(
    'refuses %j',
    (text) => {
      expect(parsePlace(text)).toBeNull()
    },
  )

  it('knows the 249 countries of ISO 3166-1 and no other', () => {
    const letters = Array.from({ length: 26 }, (_, n) => String.fromCharCode(65 + n))
    const codes = letters.flatMap((a) => letters.map((b) => a + b))
    expect(codes.filter((code) => parsePlace(code) !== null)).toHaveLength(249)
  })

  it('lies in its country and in itself, and nowhere else', () => {
    expect(liesIn('CN-45', 'CN')).toBe(true)
    expect(liesIn('CN-45', 'CN-45')).toBe(true)
    expect(liesIn('CN', 'CN-45')).toBe(false)
    expect(liesIn('CN-45', 'CN-4')).toBe(false)
    expect(liesIn('VN', 'CN')).toBe(false)
  })
})
