// Texts that are no YAML 1.2 and no JSON: where they stop being one, and what to do.

import { describe, expect, it } from 'vitest'
import { formatPolicy } from '../../../../src/config/policies/format.ts'
import { parseSource } from '../../../../src/config/policies/source.ts'

const toldOf = (text: string, path = 'offers/a.yaml') =>
  parseSource({ path, text }).findings.map(
    ({ line, column, message }) => `${String(line)}:${String(column)} ${message}`,
  )

describe('a text', () => {
  // prettier-ignore
  it.each<readonly [string, string, string]>([
    ['that is indented by a tab',        'a:\n\t- b\n',               '2:1 a tab cannot indent'],
    ['with a key twice',                 'a: 1\nb: 2\na: 3\n',        '3:1 this key stands twice in one mapping'],
    ['with two documents',               'a: 1\n---\nb: 2\n',         '2:1 a policy file holds one document, and here a second one begins'],
    ['with a tag of a program',          'a: !!python/object b\n',    '1:4 a tag such as `!name` means nothing here'],
    ['with an alias of nothing',         'a: &x 1\nb: [*x, *y]\n',    '2:9 there is no anchor &y for *y'],
    ['with a mapping behind a colon',    'a: b: c\n',                 '1:4 a mapping cannot begin behind a colon on the same line'],
    ['with a control character',         'a: "\u0007"\n',             '1:5 a control character (U+0007) stands here'],
    ['in GBK, as it is decoded',         'a: 1\nb: \uFFFD\uFFFD\n',   '2:4 this is no text in UTF-8'],
    ['in UTF-16, as it is decoded',      'o\u0000f\u0000',            '1:2 this is no text in UTF-8'],
  ])('%s', (_, text, expected) => {
    expect(toldOf(text)).toEqual([expected])
  })

  it('says in Chinese what it says in English', () => {
    for (const text of ['a:\n\t- b\n', 'a: 1\na: 1\n', 'a: *b\n', '\u0001', '\uFFFD', 'a: 1\n---\n'])
      expect(parseSource({ path: 'a.yaml', text }).findings[0]?.zh, text).toMatch(/\p{Script=Han}/u)
  })

  it('with aliases that would blow it up is refused', () => {
    const rows = Array.from(
      { length: 12 },
      (_, row) =>
        `a${String(row)}: &a${String(row)} [${row === 0 ? 'x' : Array.from({ length: 9 }, () => `*a${String(row - 1)}`).join(', ')}]`,
    )
    expect(toldOf(rows.join('\n'))).toEqual([expect.stringMatching(/^1:1 the aliases make more of this file/)])
  })

  it('may begin with a byte order mark, and its places count without it', () => {
    const { value, findings, spotOf } = parseSource({ path: 'offers/a.yaml', text: '\uFEFFoffer: a\r\ntitle: b\r\n' })
    expect([value, findings]).toEqual([{ offer: 'a', title: 'b' }, []])
    expect(spotOf('offer', 'key')).toMatchObject({ line: 1, column: 1 })
    expect(parseSource({ path: 'offers/a.json', text: '\uFEFF{"offer":"a"}' }).value).toEqual({ offer: 'a' })
  })

  it('that is no text is not written anew either', () => {
    expect(formatPolicy({ path: 'offers/a.yaml', text: '\uFFFD\uFFFDo\u0000f\u0000' })).toMatchObject({ ok: false })
  })
})

describe('a text of JSON', () => {
  // prettier-ignore
  it.each<readonly [string, string, string]>([
    ['that ends too early',  '[1,2',                    "1:5 not JSON: Expected ',' or ']' after array element"],
    ['with a key twice',     '{"offer":"x","offer":"y"}', '1:14 this key stands twice in one mapping'],
  ])('%s', (_, text, expected) => {
    expect(toldOf(text, 'offers/a.json')).toEqual([expected])
  })
})
