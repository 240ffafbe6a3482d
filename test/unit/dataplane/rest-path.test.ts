import { describe, expect, test } from 'vitest'
import { readRestPath } from '../../../src/dataplane/rest-path.ts'

describe('the rest of a data path', () => {
  // prettier-ignore
  test.each<[string, readonly string[]]>([
    ['',                          []],
    ['a.csv',                     ['a.csv']],
    ['2026/01/a%20b.csv',         ['2026', '01', 'a b.csv']],
    ['%E6%AF%8F/%E5%B0%8F.csv',   ['每', '小.csv']],
    ['...',                       ['...']],
    ['..a/b..',                   ['..a', 'b..']],
    ['a%2ecsv',                   ['a.csv']],
    ['50%25.csv',                 ['50%.csv']],
  ])('%j is read as %j', (rest, segments) => {
    expect(readRestPath(rest)).toEqual({ ok: true, value: segments })
  })

  // prettier-ignore
  test.each<[string, string]>([
    ['a parent',                        '../secret'],
    ['a parent in the middle',          'a/../../secret'],
    ['a parent at the end',             'a/..'],
    ['a dot',                           './a'],
    ['encoded dots',                    '%2e%2e/secret'],
    ['one encoded dot of two',          '.%2E/secret'],
    ['an encoded slash',                'a%2fb'],
    ['an encoded climb in one segment', '..%2fsecret'],
    ['dots encoded twice',              '%252e%252e/secret'],
    ['a slash encoded twice',           'a%252fb'],
    ['a backslash',                     'a\\b'],
    ['an encoded backslash',            '..%5csecret'],
    ['an absolute path',                '/etc/passwd'],
    ['an encoded absolute path',        '%2fetc/passwd'],
    ['an empty segment',                'a//b'],
    ['a slash at the end',              'a/'],
    ['NUL',                             'a%00.csv'],
    ['NUL encoded twice',               'a%2500.csv'],
    ['a line break',                    'a%0d%0ab'],
    ['half an escape',                  'a%2'],
    ['an escape that is not UTF-8',     '%c0%ae%c0%ae/secret'],
    ['a lone surrogate',                'a\ud800'],
    ['too long a segment',              'a'.repeat(256)],
    ['too long a path',                 'ab/'.repeat(342) + 'a'],
  ])('%s is refused', (_, rest) => {
    expect(readRestPath(rest)).toMatchObject({ ok: false, problem: { code: 'request.malformed', path: 'path' } })
  })
})
