// Which datasets fit a criterion, and in which order they come: every operator, on texts, numbers, lists and what is missing.

import { describe, expect, test } from 'vitest'
import { EVERYTHING, type Comparator, type Criterion } from '../../../../src/domain/catalog/query.ts'
import { fitsQuery, inOrder, placeOf, type Selectable } from '../../../../src/domain/catalog/query-match.ts'

const WEATHER: Selectable = {
  id: 'urn:dataset:weather',
  properties: {
    'dct:title': 'Hourly 100% weather_data',
    version: 10,
    code: '10',
    open: true,
    'http://www.w3.org/ns/dcat#keyword': ['rain', 'Wind', 7],
    publisher: { name: 'met office' },
    empty: '',
  },
}

function fits(field: string, comparator: Comparator, value: Criterion['value']): boolean {
  return fitsQuery(WEATHER, { ...EVERYTHING, criteria: [{ field, comparator, value }] })
}

// prettier-ignore
const CASES: readonly (readonly [field: string, comparator: Comparator, value: Criterion['value'], fits: boolean])[] = [
  ['@id',     '=',        'urn:dataset:weather',      true],
  ['@id',     '=',        'urn:dataset:WEATHER',      false],
  ['@id',     'like',     'urn:dataset:%',            true],
  ['@id',     'in',       ['a', 'urn:dataset:weather'], true],
  ['title',   '=',        'Hourly 100% weather_data', true],
  ['title',   '!=',       'Hourly 100% weather_data', false],
  ['title',   '!=',       'something else',           true],
  ['version', '=',        10,                         true],
  ['version', '=',        '10',                       true],
  ['version', '!=',       '10',                       false],
  ['version', '<',        9,                          false],
  ['version', '<',        11,                         true],
  ['version', '<',        10,                         false],
  ['version', '<=',       10,                         true],
  ['version', '>',        9,                          true],
  ['version', '>',        10,                         false],
  ['version', '>=',       10,                         true],
  ['version', '>',        '9',                        true],
  ['code',    '>',        9,                          true],
  ['code',    '>',        '9',                        false],
  ['open',    '=',        true,                       true],
  ['open',    '=',        'true',                     true],
  ['open',    '=',        false,                      false],
  ['version', 'in',       [1, 10],                    true],
  ['version', 'in',       ['10'],                     true],
  ['version', 'in',       10,                         true],
  ['version', 'in',       [1, 2],                     false],
  ['version', 'in',       [],                         false],
  ['title',   'like',     'Hourly%',                  true],
  ['title',   'like',     '%data',                    true],
  ['title',   'like',     '%100%%',                   true],
  ['title',   'like',     'Hourly',                   false],
  ['title',   'like',     'hourly%',                  false],
  ['title',   'like',     'H_urly 100_ weather_data', true],
  ['title',   'like',     'H_rly%',                   false],
  ['title',   'like',     '%',                        true],
  ['title',   'like',     '',                         false],
  ['empty',   'like',     '',                         true],
  ['empty',   'like',     '%%',                       true],
  ['empty',   'like',     '_',                        false],
  ['title',   'like',     '%(data|x)',                false],
  ['title',   'like',     'Hourly.*',                 false],
  ['title',   'ilike',    'HOURLY%DATA',              true],
  ['title',   'ilike',    'HOURLY',                   false],
  ['title',   'contains', '100%',                     true],
  ['title',   'contains', 'daily',                    false],
  ['keyword', '=',        'rain',                     true],
  ['keyword', '=',        'wind',                     false],
  ['keyword', 'ilike',    'wind',                     true],
  ['keyword', '=',        7,                          true],
  ['keyword', '!=',       'rain',                     false],
  ['keyword', '!=',       'snow',                     true],
  ['keyword', 'in',       ['snow', 'Wind'],           true],
  ['missing', '=',        '',                         false],
  ['missing', '!=',       'anything',                 true],
  ['missing', 'like',     '%',                        false],
  ['missing', '<',        1,                          false],
  ['publisher', '=',      'met office',               false],
  ['constructor', '!=',   'x',                        true],
  ['__proto__', 'like',   '%',                        false],
]

describe('a criterion', () => {
  test.each(CASES)('%s %s %j: %s', (field, comparator, value, expected) => {
    expect(fits(field, comparator, value)).toBe(expected)
  })

  test('is one of several that must all fit', () => {
    const both = (version: number): boolean =>
      fitsQuery(WEATHER, {
        ...EVERYTHING,
        criteria: [
          { field: 'open', comparator: '=', value: true },
          { field: 'version', comparator: '=', value: version },
        ],
      })

    expect([both(10), both(11)]).toEqual([true, false])
  })

  test('with many wildcards is decided without trying every way to place them', () => {
    const text = { id: 'x', properties: { title: 'a'.repeat(2_000) } }
    const value = `${'%a'.repeat(1_000)}%b`

    expect(fitsQuery(text, { ...EVERYTHING, criteria: [{ field: 'title', comparator: 'like', value }] })).toBe(false)
  })
})

describe('the order of datasets', () => {
  const dataset = (id: string, size?: unknown): Selectable => ({ id, properties: size === undefined ? {} : { size } })
  const sorted = (datasets: readonly Selectable[], descending: boolean | null): string => {
    const query = { ...EVERYTHING, sort: descending === null ? null : { field: 'size', descending } }
    return datasets
      .map((each) => placeOf(each, query))
      .toSorted(inOrder(query))
      .map(({ id }) => id)
      .join('')
  }

  test('is that of their ids where a query asks for none', () => {
    expect(sorted([dataset('b'), dataset('c'), dataset('a')], null)).toBe('abc')
  })

  test('is that of numbers where they are numbers or read as such, of texts where they are texts', () => {
    expect(sorted([dataset('b', 10), dataset('a', 9), dataset('c', 100)], false)).toBe('abc')
    expect(sorted([dataset('b', '10'), dataset('a', '9'), dataset('c', '9th')], false)).toBe('abc')
    expect(sorted([dataset('b', 'ab'), dataset('c', 'b'), dataset('a', 'a')], false)).toBe('abc')
  })

  test('is that of their ids where the values are the same, in either direction', () => {
    const same = [dataset('c', 1), dataset('a', 1), dataset('b', '1.0')]

    expect([sorted(same, false), sorted(same, true)]).toEqual(['abc', 'abc'])
  })

  test('looks at the beginning of long texts only', () => {
    const long = (end: string): string => 'x'.repeat(300) + end

    expect(sorted([dataset('a', long('2')), dataset('b', long('1'))], false)).toBe('ab')
  })

  test('is the same from wherever it begins, when numbers and texts of numbers are mixed', () => {
    const mixed = [dataset('a', 5), dataset('b', '10'), dataset('c', 20)]

    expect(sorted(mixed, false)).toBe('abc')
    expect(sorted(mixed.toReversed(), false)).toBe('abc')
  })

  test('may be turned round, and what lacks the property comes last in either direction', () => {
    const some = [dataset('x'), dataset('a', 1), dataset('b', 2)]

    expect(sorted(some, false)).toBe('abx')
    expect(sorted(some, true)).toBe('bax')
  })
})
