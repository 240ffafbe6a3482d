// How far a token is in its life, for the consumer that holds it.

import { describe, expect, test } from 'vitest'
import { dueAt, endOfLife, tokenLife } from '../../../../src/domain/delivery/token-life.ts'
import { later } from '../../../../src/kernel/time.ts'
import type { HttpAddress } from '../../../../src/protocol/dsp/data-address.ts'
import { NOW } from '../../../fixtures/builders.ts'

const ADDRESS: HttpAddress = {
  endpoint: 'https://peer.example/data',
  authType: 'bearer',
  authorization: 'a',
  bareToken: false,
  expiresInS: 300,
}
const RENEWABLE: HttpAddress = { ...ADDRESS, refreshToken: 'r' }
const { expiresInS: _, ...ENDLESS } = RENEWABLE

describe('a token', () => {
  // prettier-ignore
  test.each<[string, HttpAddress, number, string]>([
    ['that can be renewed is fresh until four fifths of its life',      RENEWABLE, 239_999, 'fresh'],
    ['that can be renewed is due from then on',                         RENEWABLE, 240_000, 'due'],
    ['that can be renewed is due until its last moment',                RENEWABLE, 299_999, 'due'],
    ['that can be renewed is over at its end',                          RENEWABLE, 300_000, 'over'],
    ['that cannot be renewed is fresh until its last moment',           ADDRESS,   299_999, 'fresh'],
    ['that cannot be renewed is over at its end',                       ADDRESS,   300_000, 'over'],
    ['whose life nobody announced is fresh for good',                   ENDLESS,   9e12,    'fresh'],
  ])('%s', (_what, address, passedMs, life) => {
    expect(tokenLife(address, NOW, later(NOW, passedMs))).toBe(life)
  })

  test('of which nobody knows when it was given is fresh for good', () => {
    expect([tokenLife(RENEWABLE, null, later(NOW, 9e12)), dueAt(RENEWABLE, null), endOfLife(RENEWABLE, null)]).toEqual([
      'fresh',
      null,
      null,
    ])
  })

  test('is due before it is over', () => {
    expect([dueAt(RENEWABLE, NOW), endOfLife(RENEWABLE, NOW), dueAt(ADDRESS, NOW)]).toEqual([
      later(NOW, 240_000),
      later(NOW, 300_000),
      null,
    ])
  })
})
