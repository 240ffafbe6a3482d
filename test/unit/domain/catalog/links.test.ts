// Which pages stand beside a page.

import { describe, expect, test } from 'vitest'
import type { Place } from '../../../../src/domain/catalog/cursor.ts'
import { linksOf, type Found } from '../../../../src/domain/catalog/links.ts'

const at = (id: string): Place => ({ id, key: null })
const START = at('start')
const found = (rows: string, more: Partial<Found<string>> = {}): Found<string> => ({
  rows: Array.from(rows),
  ended: 'full',
  lookedTo: null,
  start: null,
  skip: 0,
  ...more,
})
const after = (place: Place | null, more: object = {}) => ({ side: 'after', place, start: null, skip: 0, ...more })
const before = (place: Place | null, more: object = {}) => ({ ...after(place, more), side: 'before' })

describe('looked for forwards, a page', () => {
  const links = (each: Found<string>, isBeside = true) => linksOf(each, at, 'after', () => isBeside)

  test('that is full goes on behind its last, and back before its first', () => {
    expect(links(found('ab'))).toEqual({ next: after(at('b')), previous: before(at('a')) })
  })

  test('that is the last has no next one; with nothing before it, no previous one', () => {
    expect(links(found('ab', { ended: 'end' }), false)).toEqual({ next: null, previous: null })
  })

  test('that cost enough goes on behind what was looked at, not behind what fitted', () => {
    expect(links(found('a', { ended: 'tired', lookedTo: at('f') })).next).toEqual(after(at('f')))
    expect(links(found('', { ended: 'tired', lookedTo: at('f') })).previous).toEqual(before(at('f')))
  })

  test('on which nothing is left goes back from the end', () => {
    expect(links(found('', { ended: 'end' }))).toEqual({ next: null, previous: before(null) })
  })

  test('that is still leaving out has no way back, and hands on what is left to leave out', () => {
    const leaving = found('', { ended: 'tired', lookedTo: at('f'), skip: 3, start: START })
    expect(links(leaving)).toEqual({ next: after(at('f'), { skip: 3, start: START }), previous: null })
  })
})

describe('looked for backwards, a page', () => {
  const links = (each: Found<string>, isBeside = true) => linksOf(each, at, 'before', () => isBeside)

  test('has the links the other way round', () => {
    expect(links(found('ba'))).toEqual({ next: after(at('b')), previous: before(at('a')) })
    expect(links(found('ba', { ended: 'end' }), false)).toEqual({ next: null, previous: null })
    expect(links(found('', { ended: 'end', start: START }))).toEqual({
      next: after(null, { start: START }),
      previous: null,
    })
  })
})
