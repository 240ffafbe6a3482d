// What the doctor makes of numbers that no test can bring about: a full disk, clocks of several peers.

import { expect, test } from 'vitest'
import { checkClock } from '../../../src/cli/doctor/clock.ts'
import { judgeRoom, type Room } from '../../../src/cli/doctor/disk.ts'
import { NOW } from '../../fixtures/builders.ts'

const ROOM: Room = { freeMib: 10_000, databaseMib: 100, unusedMib: 0, databaseMibMax: 0 }

// prettier-ignore
test.each([
  ['plenty',                                   {},                                                          true],
  ['less free than an upgrade needs',          { freeMib: 900, databaseMib: 1_000 },                        false],
  ['as much free as the database is large',    { freeMib: 1_000, databaseMib: 1_000 },                      true],
  ['a nearly full disk',                       { freeMib: 200 },                                            false],
  ['a database at nine tenths of its limit',   { databaseMib: 90, databaseMibMax: 100 },                    true],
  ['a database beyond nine tenths',            { databaseMib: 91, databaseMibMax: 100 },                    false],
  ['a large file that is mostly free again',   { databaseMib: 99, unusedMib: 50, databaseMibMax: 100 },     true],
])('room: %s', (_what, more, ok) => {
  expect(judgeRoom('/data', { ...ROOM, ...more }).ok).toBe(ok)
})

// prettier-ignore
test.each([
  ['nobody was reached',                 [],                 true,  'nothing to compare with'],
  ['within what tokens bear',            [4_900, -4_900],    true,  'compared with 2'],
  ['one peer differs from us',           [0, 60_000],        false, 'this clock is 60 s behind that of peer-1, and tokens bear 5 s: one of the two is wrong'],
  ['all peers differ from us',           [60_000, 61_000],   false, 'this clock is 61 s behind that of peer-1, and tokens bear 5 s: ours is wrong'],
  ['we are ahead',                       [-60_000],          false, 'this clock is 60 s ahead of that of peer-0'],
])('clocks: %s', (_what, differences, ok, sentence) => {
  const skews = differences.map((ms, index) => ({ from: `peer-${String(index)}`, ms }))
  const { ok: isFine, detail } = checkClock({ skews, database: null, now: NOW })
  expect(isFine).toBe(ok)
  expect(detail).toContain(sentence)
})
