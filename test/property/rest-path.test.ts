import { join, normalize } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readRestPath } from '../../src/dataplane/rest-path.ts'

const HOSTILE = [
  '..',
  '.',
  '/',
  '\\',
  '%2e',
  '%2E',
  '%2f',
  '%5c',
  '%25',
  '%00',
  '\0',
  'a',
  'b.csv',
  '%',
  '%c0%ae',
  '每',
  ' ',
]

test('whatever path comes, what is accepted lies strictly below the root and is its own normal form', () => {
  const path = fc.oneof(
    fc.array(fc.constantFrom(...HOSTILE), { maxLength: 12 }).map((parts) => parts.join('')),
    fc.string(),
  )
  fc.assert(
    fc.property(path, (rest) => {
      const read = readRestPath(rest)
      if (!read.ok || read.value.length === 0) return

      const plain = `/below/${read.value.join('/')}`
      expect(join('/below', ...read.value)).toBe(plain)
      expect(normalize(plain)).toBe(plain)
    }),
    { numRuns: 5_000 },
  )
})

test('every list of plain names is read back from its encoded form', () => {
  const name = fc
    .string({ minLength: 1, maxLength: 20, unit: 'grapheme' })
    .filter((text) => !/[/\\%\p{Cc}]|^\.{1,2}$/u.test(text) && text.isWellFormed() && Buffer.byteLength(text) <= 255)
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), (names) => {
      const rest = names.map(encodeURIComponent).join('/')
      fc.pre(rest.length <= 1_024)

      expect(readRestPath(rest)).toEqual({ ok: true, value: names })
    }),
  )
})
