// What a catalogue filter may say: one QuerySpec in EDC's spellings. Everything else is refused with its place.

import { describe, expect, test } from 'vitest'
import { EVERYTHING, readQuery } from '../../../../src/domain/catalog/query.ts'

const EDC = 'https://w3id.org/edc/v0.0.1/ns/'

/** What every EDC consumer sends when it is asked for nothing in particular. */
const EDC_DEFAULT = { '@type': 'QuerySpec', offset: 0, limit: 50, sortOrder: 'ASC', filterExpression: [] }

const criterion = (more: object): object => ({ operandLeft: 'title', operator: '=', operandRight: 'x', ...more })

/** The query of one QuerySpec; throws where it is refused. */
function query(spec: object): unknown {
  const read = readQuery([{ '@type': 'QuerySpec', ...spec }])
  if (!read.ok) throw new Error(read.problem.message)
  return read.value
}

describe('a filter that is read', () => {
  test('nothing and an empty list mean everything', () => {
    expect(readQuery(undefined)).toEqual({ ok: true, value: EVERYTHING })
    expect(readQuery([])).toEqual({ ok: true, value: EVERYTHING })
  })

  test('the QuerySpec that every EDC consumer sends asks for everything, fifty at a time', () => {
    expect(query(EDC_DEFAULT)).toEqual({ ...EVERYTHING, limit: 50 })
  })

  // prettier-ignore
  test.each([
    ['with a prefix',    'edc:'],
    ['as full IRIs',     EDC],
    ['bare',             ''],
  ])('its members may be spelled %s', (_how, before) => {
    const named = (members: Readonly<Record<string, unknown>>): object =>
      Object.fromEntries(Object.entries(members).map(([key, value]) => [before + key, value]))
    const spec = {
      '@type': `${before}QuerySpec`,
      ...named({ offset: 5, limit: 10, sortField: 'title', sortOrder: 'DESC' }),
      ...named({ filterExpression: [{ '@type': `${before}Criterion`, ...named(criterion({}) as Record<string, unknown>) }] }),
    }

    expect(readQuery([spec])).toEqual({
      ok: true,
      value: {
        offset: 5,
        limit: 10,
        sort: { field: 'title', descending: true },
        criteria: [{ field: 'title', comparator: '=', value: 'x' }],
      },
    })
  })

  // prettier-ignore
  test.each([
    ['title',            'title'],
    ['dct:title',        'title'],
    ["'dct:title'",      'title'],
    [`${EDC}name`,       'name'],
    ['http://www.w3.org/ns/dcat#keyword', 'keyword'],
    ['id',               '@id'],
    ['@id',              '@id'],
    [`${EDC}id`,         '@id'],
    ['edc:id',           '@id'],
  ])('the field %s is %s', (name, field) => {
    expect(query({ filterExpression: [criterion({ operandLeft: name })] })).toMatchObject({ criteria: [{ field }] })
    expect(query({ sortField: name })).toMatchObject({ sort: { field, descending: false } })
  })

  test.each(['=', '!=', '<', '<=', '>', '>=', 'in', 'like', 'ilike', 'contains'])(
    'the operator %s is known',
    (operator) => {
      expect(query({ filterExpression: [criterion({ operator })] })).toMatchObject({
        criteria: [{ comparator: operator }],
      })
    },
  )

  // prettier-ignore
  test.each([
    ['a single criterion for a list of one',       { filterExpression: criterion({}) },                                         { criteria: [{ value: 'x' }] }],
    ['a list with `in`',                           { filterExpression: [criterion({ operator: 'in', operandRight: ['a', 1] })] }, { criteria: [{ value: ['a', 1] }] }],
    ['the only value of a list of one with `in`',  { filterExpression: [criterion({ operator: 'in', operandRight: 'a' })] },    { criteria: [{ value: 'a' }] }],
    ['numbers as texts',                           { offset: '10', limit: '20' },                                               { offset: 10, limit: 20 }],
    ['an `@id` on everything',                     { '@id': 'urn:1', filterExpression: [criterion({ '@id': 'urn:2' })] },       { criteria: [{ value: 'x' }] }],
    ['false and 0, which are values too',          { filterExpression: [criterion({ operandRight: false }), criterion({ operandRight: 0 })] }, { criteria: [{ value: false }, { value: 0 }] }],
  ])('it takes %s', (_what, spec, expected) => {
    expect(query(spec)).toMatchObject(expected)
  })
})

const many = (count: number, make: () => unknown): readonly unknown[] => Array.from({ length: count }, make)

// prettier-ignore
const UNSUPPORTED: readonly (readonly [what: string, filter: readonly unknown[], path: string])[] = [
  ['two of them',                     [EDC_DEFAULT, EDC_DEFAULT],                                           'filter'],
  ['a text',                          ['title = x'],                                                        'filter[0].@type'],
  ['null',                            [null],                                                               'filter[0].@type'],
  ['a list in the list',              [[EDC_DEFAULT]],                                                      'filter[0].@type'],
  ['no type',                         [{ offset: 0 }],                                                      'filter[0].@type'],
  ['another type',                    [{ '@type': 'SparqlQuery' }],                                         'filter[0].@type'],
  ['a member nobody knows',           [{ ...EDC_DEFAULT, distinct: true }],                                 'filter[0].distinct'],
  ['a member called __proto__',       [JSON.parse('{"@type":"QuerySpec","__proto__":{}}')],                 'filter[0].__proto__'],
  ['a negative offset',               [{ ...EDC_DEFAULT, offset: -1 }],                                     'filter[0].offset'],
  ['half an offset',                  [{ ...EDC_DEFAULT, offset: 0.5 }],                                    'filter[0].offset'],
  ['an offset without end',           [{ ...EDC_DEFAULT, offset: 1e9 }],                                    'filter[0].offset'],
  ['an offset that is no number',     [{ ...EDC_DEFAULT, offset: '' }],                                     'filter[0].offset'],
  ['an offset in hexadecimal',        [{ ...EDC_DEFAULT, offset: '0x10' }],                                 'filter[0].offset'],
  ['a negative limit',                [{ ...EDC_DEFAULT, limit: -1 }],                                      'filter[0].limit'],
  ['a limit of nothing',              [{ ...EDC_DEFAULT, limit: 0 }],                                       'filter[0].limit'],
  ['a limit that is a list',          [{ ...EDC_DEFAULT, limit: [50] }],                                    'filter[0].limit'],
  ['another order',                   [{ ...EDC_DEFAULT, sortOrder: 'RANDOM' }],                            'filter[0].sortOrder'],
  ['a field that is no text',         [{ ...EDC_DEFAULT, sortField: 7 }],                                   'filter[0].sortField'],
  ['an empty field',                  [{ ...EDC_DEFAULT, sortField: '' }],                                  'filter[0].sortField'],
  ['33 criteria',                     [{ ...EDC_DEFAULT, filterExpression: many(33, () => criterion({})) }], 'filter[0].filterExpression'],
  ['a criterion that is a text',      [{ ...EDC_DEFAULT, filterExpression: ['title = x'] }],                'filter[0].filterExpression[0]'],
  ['a criterion with more to it',     [{ ...EDC_DEFAULT, filterExpression: [criterion({}), criterion({ not: true })] }], 'filter[0].filterExpression[1]'],
  ['no left operand',                 [{ ...EDC_DEFAULT, filterExpression: [{ operator: '=', operandRight: 1 }] }], 'filter[0].filterExpression[0].operandLeft'],
  ['a left operand of 3,000 letters', [{ ...EDC_DEFAULT, filterExpression: [criterion({ operandLeft: 'x'.repeat(3_000) })] }], 'filter[0].filterExpression[0].operandLeft'],
  ['an operator nobody knows',        [{ ...EDC_DEFAULT, filterExpression: [criterion({ operator: 'near' })] }], 'filter[0].filterExpression[0].operator'],
  ['no right operand',                [{ ...EDC_DEFAULT, filterExpression: [{ operandLeft: 'a', operator: '=' }] }], 'filter[0].filterExpression[0].operandRight'],
  ['null to compare with',            [{ ...EDC_DEFAULT, filterExpression: [criterion({ operandRight: null })] }], 'filter[0].filterExpression[0].operandRight'],
  ['an object to compare with',       [{ ...EDC_DEFAULT, filterExpression: [criterion({ operandRight: {} })] }], 'filter[0].filterExpression[0].operandRight'],
  ['a list without `in`',             [{ ...EDC_DEFAULT, filterExpression: [criterion({ operandRight: ['a'] })] }], 'filter[0].filterExpression[0].operandRight'],
  ['a list of lists with `in`',       [{ ...EDC_DEFAULT, filterExpression: [criterion({ operator: 'in', operandRight: [['a']] })] }], 'filter[0].filterExpression[0].operandRight'],
  ['1,001 values with `in`',          [{ ...EDC_DEFAULT, filterExpression: [criterion({ operator: 'in', operandRight: many(1_001, () => 'a') })] }], 'filter[0].filterExpression[0].operandRight'],
]

describe('a filter that is not supported', () => {
  test.each(UNSUPPORTED)('%s is refused with its place', (_what, filter, path) => {
    expect(readQuery(filter)).toMatchObject({ ok: false, problem: { code: 'filter.unsupported', path } })
  })
})
