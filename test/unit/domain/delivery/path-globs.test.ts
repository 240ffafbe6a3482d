// Globs over the paths below a source.

import { describe, expect, test } from 'vitest'
import { fitsAnyGlob, readPathGlobs } from '../../../../src/domain/delivery/path-globs.ts'

// prettier-ignore
test.each([
  ['a.csv',       'a.csv',        true],
  ['*.csv',       'a.csv',        true],
  ['*.csv',       'a/b.csv',      false],
  ['*',           'a/b',          false],
  ['*/*.csv',     'a/b.csv',      true],
  ['**',          'a/b/c',        true],
  ['2026/**',     '2026',         true],
  ['2026/**',     '2026/a/b',     true],
  ['2026/**',     '2025/a',       false],
  ['**/*.csv',    'a.csv',        true],
  ['**/*.csv',    'a/b/c.csv',    true],
  ['**/*.csv',    'a/b/c.json',   false],
  ['a/**/z',      'a/z',          true],
  ['a/**/z',      'a/b/c/z',      true],
  ['a/**/z',      'a/b/c',        false],
  ['a.csv',       'a.csv/x',      false],
  ['A.csv',       'a.csv',        false],
] as const)('%s takes %s: %s', (glob, path, fits) => {
  expect(fitsAnyGlob([glob], path.split('/'))).toBe(fits)
})

test('one of several globs is enough, and a slash inside a segment is no slash', () => {
  expect(fitsAnyGlob(['x', 'a'], ['a'])).toBe(true)
  expect(fitsAnyGlob(['a/b'], ['a/b'])).toBe(false)
})

test('a pattern made to be slow is not', () => {
  const glob = Array(60).fill('**').join('/')
  expect(fitsAnyGlob([`${glob}/x`], Array(500).fill('a'))).toBe(false)
})

describe('as an administrator writes them', () => {
  test('are taken as they are', () => {
    expect(readPathGlobs(['2026/*.csv', '**'], 'paths')).toEqual({ ok: true, value: ['2026/*.csv', '**'] })
  })

  test.each<[readonly unknown[], string]>([
    [[], 'paths'],
    [Array(101).fill('a'), 'paths'],
    [['a', 1], 'paths[1]'],
    [[''], 'paths[0]'],
    [['/a'], 'paths[0]'],
    [['a/'], 'paths[0]'],
    [['a//b'], 'paths[0]'],
    [['../a'], 'paths[0]'],
    [['./a'], 'paths[0]'],
    [['a**'], 'paths[0]'],
    [['a\\b'], 'paths[0]'],
    [['a\u0000'], 'paths[0]'],
    [['a'.repeat(257)], 'paths[0]'],
  ])('%j is refused', (raw, path) => {
    expect(readPathGlobs(raw, 'paths')).toMatchObject({ ok: false, problem: { code: 'request.malformed', path } })
  })
})
