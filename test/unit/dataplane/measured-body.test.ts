import { Readable } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { contentLength, measuredBody } from '../../../src/dataplane/measured-body.ts'

/** How many bytes pass in pieces of 3 before the end, and what the end is. */
async function passed(pieces: number, announced: number | null, bytesMax: number): Promise<readonly [number, unknown]> {
  const body = Readable.from(Array.from({ length: pieces }, () => Buffer.from('abc')))
  let bytes = 0
  try {
    for await (const piece of measuredBody(body, { announced, bytesMax })) bytes += piece.byteLength
    return [bytes, 'complete']
  } catch (error) {
    return [bytes, error instanceof Error && 'problem' in error ? (error.problem as { code: string }).code : error]
  }
}

describe('a measured body', () => {
  // prettier-ignore
  test.each<[string, number, number | null, number, readonly [number, string]]>([
    ['as announced',              3, 9,    9,   [9, 'complete']],
    ['of no announced length',    3, null, 9,   [9, 'complete']],
    ['empty as announced',        0, 0,    9,   [0, 'complete']],
    ['shorter than announced',    3, 10,   100, [9, 'data.cut']],
    ['longer than announced',     3, 8,    100, [6, 'data.cut']],
    ['longer than allowed',       3, null, 8,   [6, 'body.too-large']],
  ])('%s: %i pieces of 3 bytes, %s announced, %i allowed', async (_, pieces, announced, bytesMax, outcome) => {
    expect(await passed(pieces, announced, bytesMax)).toEqual(outcome)
  })

  test('destroys the body behind it', () => {
    const body = Readable.from([Buffer.from('abc')])

    measuredBody(body, { announced: null, bytesMax: 1 }).destroy()

    expect(body.destroyed).toBe(true)
  })
})

// prettier-ignore
test.each<[string | undefined, number | null]>([
  ['0', 0], ['12', 12], [undefined, null], ['', null], ['-1', null], ['1, 1', null], ['0x10', null], ['1e3', null],
])('Content-Length %j is %j', (header, bytes) => {
  expect(contentLength(header)).toBe(bytes)
})
