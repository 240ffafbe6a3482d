// Links to other pages of the catalogue, and the tokens in them: what we wrote comes back, everything else is refused.

import type { Response } from 'express'
import { describe, expect, test } from 'vitest'
import { beginning, type Cursor, type Place } from '../../../src/domain/catalog/cursor.ts'
import { linkPages, readCursor } from '../../../src/http/dsp/pages.ts'
import { ProblemError } from '../../../src/kernel/problem.ts'

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

const at = (id: string, key: Place['key'] = null): Place => ({ id, key })
const after = (place: Place | null, more: Partial<Cursor> = {}): Cursor => ({ ...beginning(0), place, ...more })

const CURSORS: readonly Cursor[] = [
  after(at('urn:dataset:weather:1')),
  after(at('urn:dataset:weather:1'), { side: 'before' }),
  after(null),
  after(null, { side: 'before' }),
  after(null, { skip: 12_345_678 }),
  after(at('b', 1.5), { start: at('a', -2) }),
  after(at('b', 'text'), { start: at('a') }),
  after(at('b'), { start: at('a', ''), skip: 1 }),
  after(at('数据 a/b?c#d&e=f "g" <h>', '值')),
  after(at('\u{10FFFF}'.repeat(1_024))),
]

describe('a page', () => {
  test('links to the next one, and to the previous one under its two names, each in a header of its own', () => {
    const links = linksOf(after(at('b')), after(at('a'), { side: 'before' }))

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
    expect(tokenOf(cursor)).toMatch(/^[ab]\.[\w-]+$/)
  })

  const encoded = (text: string): string => Buffer.from(text).toString('base64url')

  // prettier-ignore
  test.each([
    ['nothing',                        ''],
    ['a word',                         'garbage'],
    ['no content',                     'a.'],
    ['another kind',                   `x.${encoded('["x"]')}`],
    ['no base64url',                   `a.${encoded('["x"]')}=`],
    ['base64url that says nothing',    'a.A'],
    ['bytes that are no UTF-8',        'a._w'],
    ['no JSON',                        `a.${encoded('["x"')}`],
    ['no list',                        `a.${encoded('{"id":"x"}')}`],
    ['an empty list',                  `a.${encoded('[]')}`],
    ['white space',                    `a.${encoded('[ "x"]')}`],
    ['an id that is empty',            `a.${encoded('[""]')}`],
    ['an id that is no text',          `a.${encoded('[1]')}`],
    ['a value of no dataset',          `a.${encoded('[null,1]')}`],
    ['a value that is no scalar',      `a.${encoded('["x",{}]')}`],
    ['a start that is no text',        `a.${encoded('["x",null,[]]')}`],
    ['a negative count',               `a.${encoded('["x",null,null,null,-1]')}`],
    ['more than a cursor has',         `a.${encoded('["x",null,null,null,1,1]')}`],
    ['a token that is too long',       `a.${encoded(JSON.stringify(['A'.repeat(9_216)]))}`],
    ['two tokens',                     [`a.${encoded('["x"]')}`, `a.${encoded('["x"]')}`]],
  ])('is refused when it is %s', (_what, token) => {
    expect(() => readCursor(token)).toThrow(ProblemError)
    expect(() => readCursor(token)).toThrow(/^request\.malformed/)
  })
})
