// Records are lines, and no byte of one that may not leave does.

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Readable } from 'node:stream'
import { countedRecords, hasRecords, type RecordGate } from '../../../src/dataplane/counted-records.ts'

/** A gate with so many records, which is asked at the first and at the one beyond. */
function gateOf(most: number): RecordGate & { readonly begun: number[]; readonly asked: number[] } {
  const [begun, asked]: [number[], number[]] = [[], []]
  return {
    begun,
    asked,
    askAt: () => (asked.length === 0 ? 0 : most + 1),
    mayBegin: (record) => {
      asked.push(record)
      return record <= most
    },
    onRecords: (n) => begun.push(n),
  }
}

async function read(pieces: readonly string[], gate: RecordGate): Promise<string> {
  let text = ''
  const body = Readable.from(pieces.filter((piece) => piece !== '').map((piece) => Buffer.from(piece)))
  for await (const piece of countedRecords(body, gate)) text += Buffer.from(piece).toString()
  return text
}

describe('records', () => {
  test.each([
    ['one', 1, 'a'],
    ['one with its end', 1, 'a\n'],
    ['three, the last without an end', 3, 'a\nbb\nc'],
    ['none in nothing', 0, ''],
    ['empty ones too', 3, '\n\n\n'],
    ['a quoted field on two lines is two: never too few', 2, '"a\nb",c\n'],
  ])('are lines: %s', async (_, records, text) => {
    const gate = gateOf(99)
    expect(await read([text], gate)).toBe(text)
    expect(gate.begun.at(-1) ?? 0).toBe(records)
  })

  test('leave up to the last that may, wherever pieces end', async () => {
    const lines = fc.array(fc.stringMatching(/^[a-z]{0,5}$/), { maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(lines, fc.nat(8), fc.array(fc.nat(40), { maxLength: 4 }), async (words, most, cuts) => {
        const all = words.map((word) => `${word}\n`)
        const text = all.join('')
        const at = [0, ...cuts.filter((cut) => cut <= text.length).toSorted((a, b) => a - b), text.length]
        const gate = gateOf(most)

        const got = await read(
          at.slice(1).map((end, index) => text.slice(at[index], end)),
          gate,
        )

        expect(got).toBe(all.slice(0, most).join(''))
        expect(gate.begun.at(-1) ?? 0).toBe(Math.min(most, all.length))
        expect(gate.asked.length).toBeLessThanOrEqual(2)
      }),
    )
  })

  test.each([
    ['text/csv', true],
    ['Text/CSV; charset=utf-8; header=present', true],
    ['application/x-ndjson', true],
    ['application/json', false],
    ['application/octet-stream', false],
    ['', false],
  ])('can be counted in %j: %s', (mediaType, can) => {
    expect(hasRecords(mediaType)).toBe(can)
  })
})
