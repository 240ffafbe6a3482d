// Canonical JSON against the rules of RFC 8785, not against another implementation of them.

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../src/kernel/canonical-json.ts'
import { canonicalJson } from '../../src/kernel/canonical-json.ts'

const text = fc.string({ unit: 'binary' })
const { json } = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constant(null),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer(),
    text,
    fc.array(tie('json'), { maxLength: 5 }),
    fc.dictionary(text, tie('json'), { maxKeys: 6 }),
  ),
}))

describe('canonical JSON', () => {
  it('says the same value: parsing it gives back what went in, minus zero as zero', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })

  it('is the same for the same value, in whatever order its members came', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(canonicalJson(reversed(value))).toBe(canonicalJson(value))
      }),
    )
  })

  it('is its own canonical form', () => {
    fc.assert(
      fc.property(json, (value) => {
        const once = canonicalJson(value)

        expect(canonicalJson(JSON.parse(once) as Json)).toBe(once)
      }),
    )
  })

  it('has the members of an object in the order of their UTF-16 code units (3.2.3)', () => {
    fc.assert(
      fc.property(fc.uniqueArray(text, { minLength: 2, maxLength: 12 }), (keys) => {
        const written = keysAsWritten(canonicalJson(Object.fromEntries(keys.map((key) => [key, 0]))))

        expect(written).toHaveLength(keys.length)
        for (const [index, key] of written.slice(1).entries()) expect(precedes(written[index] ?? '', key)).toBe(true)
      }),
    )
  })

  it('has no white space between tokens (3.2.1)', () => {
    fc.assert(
      fc.property(json, (value) => {
        const withoutStrings = canonicalJson(value).replace(/"(?:[^"\\]|\\.)*"/g, '')

        expect(withoutStrings).not.toMatch(/\s/)
      }),
    )
  })

  it('escapes what must be escaped and nothing else (3.2.2.2)', () => {
    fc.assert(
      fc.property(text, (value) => {
        const inner = canonicalJson(value).slice(1, -1)

        const unescaped = Array.from(inner.replace(/\\(?:[bfnrt"\\]|u00[01][0-9a-f])/g, ''))
        expect(unescaped.filter((char) => char < ' ' || char === '"' || char === '\\')).toEqual([])
        expect(inner).not.toMatch(/\\u00(?:08|09|0a|0c|0d)/)
      }),
    )
  })

  it('leaves out members that are undefined', () => {
    fc.assert(
      fc.property(fc.dictionary(text, json), text, (members, key) => {
        fc.pre(!(key in members))

        expect(canonicalJson(Object.fromEntries([...Object.entries(members), [key, undefined]]))).toBe(
          canonicalJson(members),
        )
      }),
    )
  })

  it('refuses lone surrogates, as a value and as a name', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 0xd800, max: 0xdfff }), (around, code) => {
        const lone = `${around}${String.fromCharCode(code)}x`

        expect(() => canonicalJson(lone)).toThrow(TypeError)
        expect(() => canonicalJson({ [lone]: 1 })).toThrow(TypeError)
      }),
    )
  })

  // prettier-ignore
  it.each([
    [-0, '0'], [1e21, '1e+21'], [1e20, '100000000000000000000'], [1e-7, '1e-7'], [0.000001, '0.000001'],
    [5e-324, '5e-324'], [1.7976931348623157e308, '1.7976931348623157e+308'], [333333333.3333333, '333333333.3333333'],
    [9007199254740994, '9007199254740994'],
  ])('writes the number %s as ECMAScript does (3.2.2.3): %s', (value, written) => {
    expect(canonicalJson(value)).toBe(written)
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])('refuses %s', (value) => {
    expect(() => canonicalJson([value])).toThrow(TypeError)
  })
})

function reversed(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return (value as readonly Json[]).map(reversed)
  const members = Object.entries(value as { readonly [key: string]: Json }).reverse()
  return Object.fromEntries(members.map(([key, member]) => [key, reversed(member)]))
}

function keysAsWritten(object: string): readonly string[] {
  return [...object.matchAll(/("(?:[^"\\]|\\.)*"):0/g)].map(([, key]) => JSON.parse(key ?? '') as string)
}

/** By UTF-16 code units, one by one. */
function precedes(a: string, b: string): boolean {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    if (a.charCodeAt(index) !== b.charCodeAt(index)) return a.charCodeAt(index) < b.charCodeAt(index)
  }
  return a.length < b.length
}
