// Hours that come again, in their own zone, also over midnight and over a change of the clock.

import { describe, expect, it } from 'vitest'
import { instant } from '../../../../src/kernel/time.ts'
import { isInside, nextBound, parseRecurrence, type Recurrence } from '../../../../src/protocol/odrl/recurrences.ts'

function window(text: string): Recurrence {
  const found = parseRecurrence(text)
  if (found === null) throw new Error(text)
  return found
}

function at(iso: string) {
  return instant(Date.parse(iso))
}

describe('hours', () => {
  it.each([
    '09:00-17:00',
    'Mon-Fri 9:00-17:00 Z',
    '09:00-09:00 Z',
    '09:00-25:00 Z',
    '09:00-24:30 Z',
    '09:00-17:00 Mars/Olympus',
    '09:00-17:00 +15:00',
    'Mo-Fr 09:00-17:00 Z',
    'Mon-Wed-Fri 09:00-17:00 Z',
  ])('%s is refused', (text) => {
    expect(parseRecurrence(text)).toBeNull()
  })

  // 2026-06-01 is a Monday.
  // prettier-ignore
  it.each([
    ['Mon-Fri 09:00-17:00 Asia/Shanghai', '2026-06-01T01:00:00Z', true],
    ['Mon-Fri 09:00-17:00 Asia/Shanghai', '2026-06-01T00:59:59Z', false],
    ['Mon-Fri 09:00-17:00 Asia/Shanghai', '2026-06-01T09:00:00Z', false],
    ['Mon-Fri 09:00-17:00 Asia/Shanghai', '2026-06-06T02:00:00Z', false],
    ['Sat,Sun 00:00-24:00 Z',             '2026-06-06T23:59:59Z', true],
    ['Sat-Mon 00:00-24:00 Z',             '2026-06-01T10:00:00Z', true],
    ['22:00-06:00 +08:00',                '2026-06-01T15:00:00Z', true],
    ['Mon 22:00-06:00 Z',                 '2026-06-02T05:59:00Z', true],
    ['Mon 22:00-06:00 Z',                 '2026-06-01T05:59:00Z', false],
  ])('%s at %s: %s', (text, iso, is) => {
    expect(isInside(window(text), at(iso))).toBe(is)
  })

  // prettier-ignore
  it.each([
    ['Mon-Fri 09:00-17:00 Asia/Shanghai', '2026-06-01T01:00:30Z', '2026-06-01T09:00:00Z'],
    ['Mon-Fri 09:00-17:00 Asia/Shanghai', '2026-06-05T09:00:00Z', '2026-06-08T01:00:00Z'],
    ['Mon 09:00-17:00 Z',                 '2026-06-01T17:00:00Z', '2026-06-08T09:00:00Z'],
    // Berlin puts its clock forward on 29 March 2026: nine o'clock comes an hour earlier in UTC.
    ['09:00-17:00 Europe/Berlin',         '2026-03-28T20:00:00Z', '2026-03-29T07:00:00Z'],
    ['09:00-17:00 Europe/Berlin',         '2026-10-24T20:00:00Z', '2026-10-25T08:00:00Z'],
  ])('%s after %s turns at %s', (text, iso, turn) => {
    expect(nextBound(window(text), at(iso))).toBe(at(turn))
  })

  it('of the whole week never turn', () => {
    expect(nextBound(window('00:00-24:00 Z'), at('2026-06-01T12:00:00Z'))).toBeNull()
  })
})
