// Places as they are written and read again.

import { describe, expect, it } from 'vitest'
import { parsePlace } from '../../../../src/protocol/odrl/places.ts'
import { decide, permitting, that } from '../../domain/policy/fixture.ts'

describe('a place', () => {
  // prettier-ignore
  it.each([
    ['CN-GX',  'CN-45'],
    ['450000', 'CN-45'],
    ['4501',   'CN-45-01'],
    ['450102', 'CN-45-01-02'],
    ['VN-SG',  'VN-SG'],
    ['asean',  'ASEAN'],
  ])('%s is %s, and that is itself', (text, place) => {
    expect(parsePlace(text)).toBe(place)
    expect(parsePlace(place)).toBe(place)
  })

  it.each(['CN-99-01', '9901', 'CN-45-1', 'UK', ''])('is not %s', (text) => {
    expect(parsePlace(text)).toBe(null)
  })

  it('of a city in a policy is compared with that of a participant', () => {
    const rules = permitting(that('spatial', 'isPartOf', ['4501']))
    expect(decide(rules, { country: '450102' }).verdict).toBe('permit')
    expect(decide(rules, { country: '450201' }).verdict).toBe('deny')
  })
})
