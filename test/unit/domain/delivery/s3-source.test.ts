// A place in an S3-compatible store: what may be written, and the URL of an object.

import { describe, expect, test } from 'vitest'
import type { S3Source } from '../../../../src/domain/delivery/data-source.ts'
import { objectUrl } from '../../../../src/domain/delivery/s3-source.ts'
import { readDataSource } from '../../../../src/domain/delivery/source.ts'

const KEYS = { accessKeyId: 'AKID', secretAccessKey: 'wJalr/+=' }
const GIVEN = { type: 's3', endpoint: 'https://s3.example:9000/', bucket: 'weather', key: 'a/b.csv', ...KEYS }

function source(more: Partial<S3Source> = {}): S3Source {
  const { key, ...rest } = { ...GIVEN, endpoint: 'https://s3.example', region: 'eu-1', pathStyle: true, ...more }
  return { ...rest, ...(more.prefix === undefined && { key }) } as S3Source
}

describe('as an administrator writes it', () => {
  test('has a region and the bucket in the path unless it says otherwise', () => {
    expect(readDataSource(GIVEN)).toEqual({
      ok: true,
      value: { ...GIVEN, endpoint: 'https://s3.example:9000', region: 'us-east-1', pathStyle: true },
    })
  })

  test('may be a folder, whose prefix ends with a slash from then on', () => {
    const { key: _, ...rest } = GIVEN
    expect(
      readDataSource({ ...rest, prefix: '2026', pathStyle: false, region: 'cn-north-1', mediaType: 'text/csv' }),
    ).toMatchObject({
      ok: true,
      value: { prefix: '2026/', pathStyle: false, region: 'cn-north-1', mediaType: 'text/csv' },
    })
  })

  // prettier-ignore
  test.each<[string, Record<string, unknown>, string]>([
    ['an endpoint with a path',        { endpoint: 'https://s3.example/weather' }, 'endpoint'],
    ['an endpoint with a user',        { endpoint: 'https://u:p@s3.example' },     'endpoint'],
    ['another scheme',                 { endpoint: 's3://weather' },               'endpoint'],
    ['no endpoint',                    { endpoint: undefined },                    'endpoint'],
    ['a bucket with capitals',         { bucket: 'Weather' },                      'bucket'],
    ['a bucket that climbs',           { bucket: '../x' },                         'bucket'],
    ['both a key and a prefix',        { prefix: 'x' },                            'key'],
    ['neither',                        { key: undefined },                         'key'],
    ['a key that climbs',              { key: 'a/../b' },                          'key'],
    ['a key with an empty segment',    { key: 'a//b' },                            'key'],
    ['a key with a line break',        { key: 'a\nb' },                            'key'],
    ['a key without end',              { key: '每'.repeat(400) },                   'key'],
    ['a prefix that climbs',           { key: undefined, prefix: '../' },          'prefix'],
    ['no access key',                  { accessKeyId: '' },                        'accessKeyId'],
    ['an access key that splits',      { accessKeyId: 'a\r\nb' },                  'accessKeyId'],
    ['no secret',                      { secretAccessKey: undefined },             'secretAccessKey'],
    ['the word that stands for it',    { secretAccessKey: 'sealed' },              'secretAccessKey'],
    ['a region that is none',          { region: 'eu/1' },                         'region'],
    ['pathStyle that is no boolean',   { pathStyle: 'yes' },                       'pathStyle'],
    ['an unknown member',              { sessionToken: 'x' },                      'sessionToken'],
  ])('%s is refused by its member', (_, more, path) => {
    const merged: Record<string, unknown> = { ...GIVEN, ...more }
    const given = Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== undefined))
    expect(readDataSource(given)).toMatchObject({ ok: false, problem: { code: 'request.malformed', path } })
  })
})

describe('the URL of an object', () => {
  const urlOf = (given: S3Source, ...segments: string[]): unknown => {
    const url = objectUrl(given, segments)
    return url.ok ? url.value.href : url.problem.code
  }

  test('has the bucket in the path or before the host', () => {
    expect(urlOf(source())).toBe('https://s3.example/weather/a/b.csv')
    expect(urlOf(source({ pathStyle: false }))).toBe('https://weather.s3.example/a/b.csv')
  })

  test('of a folder ends with the path of the request, every reserved character encoded', () => {
    expect(urlOf(source({ prefix: '2026/' }), 'x', "a b+c!'(*).csv")).toBe(
      'https://s3.example/weather/2026/x/a%20b%2Bc%21%27%28%2A%29.csv',
    )
    expect(urlOf(source({ prefix: '2026/' }), '气象?#')).toBe(
      'https://s3.example/weather/2026/%E6%B0%94%E8%B1%A1%3F%23',
    )
  })

  test('is refused for a path below one object, for a folder itself, and for a key that no object has', () => {
    expect(urlOf(source(), 'x')).toBe('source.path')
    expect(urlOf(source({ prefix: '2026/' }))).toBe('source.unknown')
    expect(urlOf(source({ prefix: '2026/' }), 'x'.repeat(1_025))).toBe('source.path')
  })
})
