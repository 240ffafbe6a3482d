// Which link of an answer leads to another page, in the spellings that servers use.

import { describe, expect, test } from 'vitest'
import { linkedPage } from '../../../../src/protocol/dsp/links.ts'

const ASKED = 'https://p.example/dsp/2025-1/catalog/request'
const NEXT = 'https://p.example/catalog?continuationToken=def'

describe('the next page', () => {
  // prettier-ignore
  test.each([
    ['alone',                       `<${NEXT}>; rel="next"`],
    ['behind another',              `<https://p.example/catalog?continuationToken=abc>; rel="previous", <${NEXT}>; rel="next"`],
    ['without quotes',              `<${NEXT}>;rel=next`],
    ['in capitals',                 `<${NEXT}>; REL="Next"`],
    ['with more parameters',        `<${NEXT}>; title="page, two"; rel="next"; type="application/json"`],
    ['as one of several relations', `<${NEXT}>; rel="last next"`],
    ['relative',                    '</catalog?continuationToken=def>; rel="next"'],
  ])('is found where its link stands %s', (_how, header) => {
    expect(linkedPage(header, 'next', ASKED)).toBe(NEXT)
  })

  // prettier-ignore
  test.each([
    ['there is no Link',            ''],
    ['there is another relation',   `<${NEXT}>; rel="previous"`],
    ['a relation only sounds like it', `<${NEXT}>; rel="nextish"`],
    ['there is no relation',        `<${NEXT}>`],
    ['it is on another host',       '<https://evil.example/catalog>; rel="next"'],
    ['it is on another port',       '<https://p.example:8443/catalog>; rel="next"'],
    ['it is without TLS',           '<http://p.example/catalog>; rel="next"'],
    ['it is no URL',                '<https://[>; rel="next"'],
    ['the brackets are missing',    `${NEXT}; rel="next"`],
  ])('is not there where %s', (_why, header) => {
    expect(linkedPage(header, 'next', ASKED)).toBeNull()
  })

  test('is not looked for behind a first link abroad', () => {
    expect(linkedPage(`<https://evil.example/>; rel="next", <${NEXT}>; rel="next"`, 'next', ASKED)).toBeNull()
  })

  test('is found in time in a header of 100,000 brackets', () => {
    expect(linkedPage('<>;rel='.repeat(20_000), 'next', ASKED)).toBeNull()
    expect(linkedPage('<'.repeat(100_000), 'next', ASKED)).toBeNull()
  })
})
