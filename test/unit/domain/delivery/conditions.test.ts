// Conditions of a request, and what a source in a given state answers to them (RFC 9110, 13).

import { describe, expect, test } from 'vitest'
import { isStrong, readConditions, select } from '../../../../src/domain/delivery/conditions.ts'

interface Fields {
  readonly range?: string
  readonly ifRange?: string
  readonly ifNoneMatch?: string
}

function answered({ range, ifRange, ifNoneMatch }: Fields, etag: string | null = '"1"', size = 10): unknown {
  return select(readConditions({ range, ifRange, ifNoneMatch }), etag, size)
}
const WHOLE = { answer: 'data', part: null }
const TAIL = { answer: 'data', part: { first: 8, last: 9 } }

test('without conditions the whole is sent', () => {
  expect(answered({})).toEqual(WHOLE)
})

describe('a range', () => {
  test('is sent where nothing speaks against it', () => {
    expect(answered({ range: 'bytes=8-' })).toEqual(TAIL)
  })

  test('of the state that If-Range names is sent, of any other the whole', () => {
    expect(answered({ range: 'bytes=8-', ifRange: '"1"' })).toEqual(TAIL)
    expect(answered({ range: 'bytes=8-', ifRange: ' "1" ' })).toEqual(TAIL)
    expect(answered({ range: 'bytes=8-', ifRange: '"2"' })).toEqual(WHOLE)
  })

  test.each(['W/"1"', 'Tue, 15 Nov 1994 12:45:26 GMT', '1', '*', ''])(
    'under the If-Range %j is sent whole: it does not tell two states apart for certain',
    (ifRange) => {
      expect(answered({ range: 'bytes=8-', ifRange })).toEqual(WHOLE)
    },
  )

  test.each([null, 'W/"1"'])('of a source whose ETag is %j is sent whole', (etag) => {
    expect(answered({ range: 'bytes=8-' }, etag)).toEqual(WHOLE)
  })

  test('that is not there is said to be so, but not where the state is another', () => {
    expect(answered({ range: 'bytes=10-' })).toEqual({ answer: 'no-such-range', part: null })
    expect(answered({ range: 'bytes=10-', ifRange: '"2"' })).toEqual(WHOLE)
  })
})

describe('If-None-Match', () => {
  test.each(['"1"', 'W/"1"', '"0", "1"', '"0" , W/"1"', '*', ' * '])('%j means that it is known already', (field) => {
    expect(answered({ ifNoneMatch: field })).toEqual({ answer: 'not-modified', part: null })
  })

  test.each(['"2"', '1', '"1', '', '"0",', `"${'x'.repeat(300)}"`])('%j does not', (field) => {
    expect(answered({ ifNoneMatch: field })).toEqual(WHOLE)
  })

  test('of more than 4,096 characters is not read', () => {
    expect(answered({ ifNoneMatch: Array(2_000).fill('"1"').join(',') })).toEqual(WHOLE)
  })

  test('is looked at before a range', () => {
    expect(answered({ ifNoneMatch: '"1"', range: 'bytes=10-' })).toMatchObject({ answer: 'not-modified' })
  })

  test('matches no source without an ETag, but for the star', () => {
    expect(answered({ ifNoneMatch: '"1"' }, null)).toEqual(WHOLE)
    expect(answered({ ifNoneMatch: '*' }, null)).toMatchObject({ answer: 'not-modified' })
  })
})

test.each([
  ['"1"', true],
  ['""', true],
  ['W/"1"', false],
  ['1', false],
  ['"1"x', false],
  ['"a b"', false],
  [null, false],
])('the ETag %j is strong: %s', (etag, strong) => {
  expect(isStrong(etag)).toBe(strong)
})
