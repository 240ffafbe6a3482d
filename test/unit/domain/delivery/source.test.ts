import { describe, expect, test } from 'vitest'
import { readDataSource } from '../../../../src/domain/delivery/source.ts'

describe('a source is a file or a URL', () => {
  // prettier-ignore
  const ACCEPTED = [
    { type: 'file', path: '/srv/data/hourly.csv' },
    { type: 'file', path: 'weather/hourly.csv', mediaType: 'text/csv; charset=utf-8' },
    { type: 'file', path: '/' + 'srv/每小时 气象..csv' },
    { type: 'http', url: 'http://10.0.0.7:8080/measures?station=7' },
    { type: 'http', url: 'https://api.example/v1', paths: ['2026/**'], query: ['station', 'from'], methods: ['GET', 'POST'] },
    { type: 'http', url: 'https://api.example/v1', headers: { 'x-api-key': 'k1' }, paths: true, query: false, mediaType: 'application/json' },
  ]
  test.each(ACCEPTED)('accepts %j and gives it back as it is', (raw) => {
    expect(readDataSource(raw)).toEqual({ ok: true, value: raw })
  })

  test('takes one slash off the end of a directory, and writes names of headers in lower case', () => {
    expect(readDataSource({ type: 'file', path: '/srv/data/' })).toMatchObject({ value: { path: '/srv/data' } })
    expect(readDataSource({ type: 'http', url: 'https://a.example', headers: { 'X-Key': 'k' } })).toMatchObject({
      value: { headers: { 'x-key': 'k' } },
    })
  })

  const url = 'https://a.example/'
  // prettier-ignore
  const REFUSED: readonly (readonly [string, unknown, string])[] = [
    ['no object',                       'hourly.csv',                                        ''],
    ['a list',                          [],                                                  ''],
    ['another type',                    { type: 'ftp', url },                                'type'],
    ['no type',                         { path: '/srv/a' },                                  'type'],
    ['an unknown member',               { type: 'file', path: '/srv/a', medaType: 'a/b' },   'medaType'],
    ['a member of the other type',      { type: 'file', path: '/srv/a', url },               'url'],
    ['no path',                         { type: 'file' },                                    'path'],
    ['an empty path',                   { type: 'file', path: '' },                          'path'],
    ['the whole file system',           { type: 'file', path: '/' },                         'path'],
    ['the root for files itself',       { type: 'file', path: '.' },                         'path'],
    ['a path that climbs',              { type: 'file', path: '../secret' },                 'path'],
    ['a path that climbs later',        { type: 'file', path: '/srv/../etc/passwd' },        'path'],
    ['a path with NUL',                 { type: 'file', path: '/srv/a\0.csv' },              'path'],
    ['an empty segment',                { type: 'file', path: '/srv//a' },                   'path'],
    ['a path without end',              { type: 'file', path: 'a'.repeat(4_097) },           'path'],
    ['a media type that is none',       { type: 'file', path: '/a', mediaType: 'csv' },      'mediaType'],
    ['a media type with a line break',  { type: 'file', path: '/a', mediaType: 'a/b\r\nx: y' }, 'mediaType'],
    ['a URL that is none',              { type: 'http', url: 'a.example' },                  'url'],
    ['another scheme',                  { type: 'http', url: 'file:///etc/passwd' },         'url'],
    ['credentials in the URL',          { type: 'http', url: 'https://u:p@a.example/' },     'url'],
    ['a fragment',                      { type: 'http', url: `${url}#x` },                   'url'],
    ['paths that is no boolean',        { type: 'http', url, paths: 'yes' },                 'paths'],
    ['query that is no boolean',        { type: 'http', url, query: 1 },                     'query'],
    ['paths that climb',                { type: 'http', url, paths: ['a', '../b'] },         'paths[1]'],
    ['an empty list of paths',          { type: 'http', url, paths: [] },                    'paths'],
    ['an empty list of parameters',     { type: 'http', url, query: [] },                    'query'],
    ['a parameter without a name',      { type: 'http', url, query: [''] },                  'query'],
    ['a method that no source takes',   { type: 'http', url, methods: ['DELETE'] },          'methods'],
    ['a method twice',                  { type: 'http', url, methods: ['GET', 'GET'] },      'methods'],
    ['no method at all',                { type: 'http', url, methods: [] },                  'methods'],
    ['the word that stands for a secret', { type: 'http', url, headers: { a: 'sealed' } },   'headers.a'],
    ['headers that are a list',         { type: 'http', url, headers: [] },                  'headers'],
    ['too many headers',                { type: 'http', url, headers: Object.fromEntries(Array.from({ length: 21 }, (_, n) => [`h${n}`, ''])) }, 'headers'],
    ['a header of the connection',      { type: 'http', url, headers: { Host: 'b' } },       'headers.Host'],
    ['a header that splits',            { type: 'http', url, headers: { a: 'b\r\nc: d' } },  'headers.a'],
    ['a header that is no text',        { type: 'http', url, headers: { a: 1 } },            'headers.a'],
    ['a header given twice',            { type: 'http', url, headers: { a: 'b', A: 'c' } },  'headers.A'],
    ['a name that is no token',         { type: 'http', url, headers: { 'a b': 'c' } },      'headers.a b'],
  ]
  test.each(REFUSED)('refuses %s and names the member', (_, raw, path) => {
    expect(readDataSource(raw)).toMatchObject({ ok: false, problem: { code: 'request.malformed', path } })
  })

  test('names the member that was probably meant', () => {
    const read = readDataSource({ type: 'file', path: '/a', mediatype: 'a/b' })

    expect(read.ok || read.problem.message).toContain("'mediaType'")
  })
})
