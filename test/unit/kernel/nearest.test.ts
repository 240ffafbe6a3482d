// The suggestion beside an unknown word.

import { describe, expect, test } from 'vitest'
import { editDistance, nearest } from '../../../src/kernel/nearest.ts'

describe('nearest', () => {
  // prettier-ignore
  test.each([
    ['prot',          ['host', 'port', 'tls'],          'port'],
    ['datadir',       ['dataDir', 'policiesDir'],       'dataDir'],
    ['bodyByteMax',   ['bodyBytesMax', 'jsonDepthMax'], 'bodyBytesMax'],
    ['a',             ['b', 'c'],                       'b'],
  ])('takes %s for the known word with the fewest edits', (word, known, expected) => {
    expect(nearest(word, known)).toBe(expected)
  })

  test('suggests nothing when more than a third of the letters would change', () => {
    expect(nearest('colour', ['public', 'limits'])).toBeUndefined()
    expect(nearest('anything', [])).toBeUndefined()
  })

  test('takes the first of two equally near words', () => {
    expect(nearest('hort', ['host', 'port'])).toBe('host')
  })
})

describe('editDistance', () => {
  // prettier-ignore
  test.each([
    ['',       '',        0],
    ['abc',    '',        3],
    ['',       'abc',     3],
    ['port',   'prot',    1],
    ['kitten', 'sitting', 3],
    ['ca',     'abc',     3],
  ])('of %s and %s counts inserts, drops, replacements and swaps of neighbours', (a, b, distance) => {
    expect(editDistance(a, b)).toBe(distance)
    expect(editDistance(b, a)).toBe(distance)
  })
})
