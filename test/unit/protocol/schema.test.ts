import { describe, expect, it } from 'vitest'
import { checkOf, shown } from '../../../src/protocol/schema.ts'

describe('a fault', () => {
  // prettier-ignore
  it.each([
    [{ type: 'object' },                            7,                { path: '', message: 'expected an object, and 7 came' }],
    [{ type: ['string', 'array'] },                 null,             { path: '', message: 'expected a text or a list, and null came' }],
    [{ type: 'string', minLength: 1 },              '',               { path: '', message: 'expected a text that is not empty, and "" came' }],
    [{ type: 'string', maxLength: 2 },              'abc',            { path: '', message: 'expected a text of at most 2 characters, and "abc" came' }],
    [{ enum: ['A', 'B'] },                          'C',              { path: '', message: 'expected one of A, B, and "C" came' }],
    [{ const: 'A' },                                {},               { path: '', message: 'expected "A", and an object came' }],
    [{ type: 'integer', minimum: 1 },               0,                { path: '', message: 'expected a number of at least 1, and 0 came' }],
    [{ type: 'integer', maximum: 9 },               10,               { path: '', message: 'expected a number of at most 9, and 10 came' }],
    [{ type: 'object', properties: { a: {}, b: {} }, additionalProperties: false, description: 'x' }, { a: 1, c: 2 },
                                                                      { path: 'c', message: 'unknown member; expected a, b' }],
    [{ type: 'array', items: { type: 'object', additionalProperties: false } }, [{}, { c: 2 }],
                                                                      { path: '[1].c', message: 'unknown member; none is expected here' }],
    [{ type: 'array', minItems: 1 },                [],               { path: '', message: 'expected a list of at least 1, and a list of 0 came' }],
    [{ type: 'array', contains: { const: 'A' } },   ['B'],            { path: '', message: 'expected a list with "A" in it, and a list of 1 came' }],
    [{ type: 'object', required: ['a'] },           {},               { path: 'a', message: 'expected the member "a", and it is missing' }],
    [{ type: 'object', not: { required: ['a'] }, description: 'x' }, { a: 1 }, { path: '', message: 'expected x, and an object came' }],
    [{ type: 'array', items: { type: 'object', properties: { 'a/b~c': { type: 'string' } } } }, [{}, { 'a/b~c': 1 }],
                                                                      { path: '[1].a/b~c', message: 'expected a text, and 1 came' }],
  ])('of %j says what was expected, what came and where', (schema, value, fault) => {
    expect(checkOf(schema)(value)).toEqual(fault)
  })

  it('is the first one only', () => {
    const check = checkOf({ type: 'array', items: { type: 'string' } })

    expect(check([1, 2, 3])).toEqual({ path: '[0]', message: 'expected a text, and 1 came' })
  })
})

it('compiles a schema when it is first used, not before', () => {
  const check = checkOf({ type: 'no such type' })

  expect(() => check(1)).toThrow('type')
})

it('shows at most sixty characters of a text that came, and no half of a character', () => {
  const text = shown(`${'x'.repeat(58)}😀${'y'.repeat(1_000)}`)

  expect(text.length).toBeLessThanOrEqual(62)
  expect(text.isWellFormed()).toBe(true)
})
