// Byte ranges: which fields mean one, which bytes those are, and what stands in the answer (RFC 9110, 14).

import { describe, expect, test } from 'vitest'
import {
  contentRange,
  lengthOf,
  rangeField,
  readContentRange,
  readRange,
  resolveRange,
} from '../../../../src/domain/delivery/range.ts'

describe('a Range field', () => {
  // prettier-ignore
  test.each([
    ['bytes=0-499',      { first: 0, last: 499 }],
    ['bytes=500-',       { first: 500, last: null }],
    ['bytes=-500',       { suffix: 500 }],
    ['bytes=9-9',        { first: 9, last: 9 }],
    ['Bytes = 0-1 ',     { first: 0, last: 1 }],
  ] as const)('%j means one range', (field, spec) => {
    expect(readRange(field)).toEqual(spec)
  })

  test.each([
    undefined,
    '',
    'bytes',
    'bytes=',
    'bytes=-',
    'bytes=a-b',
    'bytes=2-1',
    'bytes=0-1,5-6',
    'bytes=1--2',
    'bytes=0x1-2',
    'bytes=1.5-2',
    `bytes=${'9'.repeat(16)}-`,
    'lines=0-1',
    'bytes=0-1\u0000',
  ])('%j means none, and the whole is sent', (field) => {
    expect(readRange(field)).toBeNull()
  })

  test('is written as it was read', () => {
    const specs = [{ first: 0, last: 4 }, { first: 7, last: null }, { suffix: 3 }]
    expect(specs.map((spec) => readRange(rangeField(spec)))).toEqual(specs)
  })
})

describe('of ten bytes', () => {
  // prettier-ignore
  test.each([
    ['bytes=0-3',   { first: 0, last: 3 }, 4],
    ['bytes=8-',    { first: 8, last: 9 }, 2],
    ['bytes=8-99',  { first: 8, last: 9 }, 2],
    ['bytes=-3',    { first: 7, last: 9 }, 3],
    ['bytes=-99',   { first: 0, last: 9 }, 10],
  ] as const)('%s is %j', (field, part, length) => {
    const spec = readRange(field)
    expect(spec === null ? null : resolveRange(spec, 10)).toEqual(part)
    expect(lengthOf(part)).toBe(length)
  })

  test.each(['bytes=10-', 'bytes=10-11', 'bytes=-0'])('%s is nothing', (field) => {
    const spec = readRange(field)
    expect(spec === null ? undefined : resolveRange(spec, 10)).toBeNull()
  })

  test('and of none at all, every range is nothing', () => {
    expect([{ first: 0, last: null }, { suffix: 5 }].map((spec) => resolveRange(spec, 0))).toEqual([null, null])
  })
})

describe('a Content-Range field', () => {
  test('says which bytes of how many, or of how many there are none', () => {
    expect(contentRange({ first: 2, last: 4 }, 10)).toBe('bytes 2-4/10')
    expect(contentRange(null, 10)).toBe('bytes */10')
  })

  test('is read back', () => {
    expect(readContentRange('bytes 2-4/10')).toEqual({ part: { first: 2, last: 4 }, size: 10 })
    expect(readContentRange('bytes */10')).toEqual({ part: null, size: 10 })
  })

  test.each([undefined, '', 'bytes 2-4/*', 'bytes 4-2/10', 'bytes 2-10/10', 'lines 2-4/10', 'bytes 2-4'])(
    '%j says nothing that can be relied on',
    (field) => {
      expect(readContentRange(field)).toBeNull()
    },
  )
})
