// Links to other pages of the catalogue, and the tokens in them: what we wrote comes back, everything else is refused.

import type { Response } from 'express'
import { describe, expect, test } from 'vitest'
import { linkPages, readCursor } from '../../../src/http/dsp/pages.ts'
import { ProblemError } from '../../../src/kernel/problem.ts'
import type { Cursor } from '../../../src/shell/serve-catalog.ts'

const URL_OF_PAGES = 'https://p.example/dsp/2025-1/catalog/request'

/** The Link headers that a page sets. */
function linksOf(next: Cursor | null, previous: Cursor | null): readonly string[] {
  const headers: Record<string, readonly string[]> = {}
  const response = {
    set: (name: string, value: readonly string[]) => {
      headers[name] = value
    },
  }
  linkPages(response as unknown as Response, URL_OF_PAGES, { next, previous })
  return headers['Link'] ?? []
}

function tokenOf(cursor: Cursor): string {
  const [link = ''] = linksOf(cursor, null)
  return new URL(/<([^>]+)>/.exec(link)?.[1] ?? '').searchParams.get('continuationToken') ?? ''
}

// prettier-ignore
const CURSORS: readonly Cursor[] = [
  { after: 'urn:dataset:weather:1' },
  { before: 'urn:dataset:weather:1' },
  { offset: 0 },
  { offset: 12_345_678 },
  { after: '数据 a/b?c#d&e=f "g" <h>' },
  { after: '\u{10FFFF}'.repeat(1_024) },
]

describe('a page', () => {
  test('links to the next one, and to the previous one under its two names, each in a header of its own', () => {
    const links = linksOf({ offset: 100 }, { offset: 0 })

    expect(links.map((link) => /rel="(\w+)"$/.exec(link)?.[1])).toEqual(['next', 'previous', 'prev'])
    expect(links.every((link) => link.startsWith(`<${URL_OF_PAGES}?continuationToken=`))).toBe(true)
    expect(/<.*>/.exec(links[1] ?? '')?.[0]).toBe(/<.*>/.exec(links[2] ?? '')?.[0])
  })

  test('that is the only one has no Link', () => {
    expect(linksOf(null, null)).toEqual([])
  })
})

describe('a continuation token', () => {
  test.each(CURSORS)('is read as it was written: %j', (cursor) => {
    expect(readCursor(tokenOf(cursor))).toEqual(cursor)
  })

  test.each(CURSORS)('can stand in a URL as it is: %j', (cursor) => {
    expect(tokenOf(cursor)).toMatch(/^[abo]\.[\w-]+$/)
  })

  // prettier-ignore
  test.each([
    ['nothing',                        ''],
    ['a word',                         'garbage'],
    ['no content',                     'a.'],
    ['another kind',                   'x.MTIz'],
    ['no base64url',                   'a.MTIz='],
    ['base64url that says nothing',    'a.A'],
    ['bytes that are no UTF-8',        'a._w'],
    ['bits that nothing means',        'o.MTB'],
    ['an offset that is no number',    'o.YWJj'],
    ['a negative offset',              'o.LTE'],
    ['an offset of nine digits',       'o.MTIzNDU2Nzg5'],
    ['a token that is too long',       `a.${'A'.repeat(8_196)}`],
    ['two tokens',                     ['a.MTIz', 'a.MTIz']],
  ])('is refused when it is %s', (_what, token) => {
    expect(() => readCursor(token)).toThrow(ProblemError)
    expect(() => readCursor(token)).toThrow(/^request\.malformed/)
  })
})
