// Facts are kept so that the same question has the same answer later.

import { expect, it } from 'vitest'
import type { Json } from '../../../../src/kernel/canonical-json.ts'
import { factsOf, snapshotOf } from '../../../../src/domain/policy/snapshot.ts'
import { at, facts } from './fixture.ts'

it('facts come back as they were, but for the vocabulary', () => {
  const whole = facts({
    known: { 'tds:role': ['a', 'b'], virtualLocation: '10.0.0.1' },
    uses: [at('2026-05-31T00:00:00Z')],
    duties: { 'permission[0].duty[0]': 'late' },
    infringed: ['prohibition[0]'],
    purpose: 'urn:p',
    ahead: ['virtualLocation'],
  })
  expect(factsOf(JSON.parse(JSON.stringify(snapshotOf({ ...whole, memberships: { a: ['b'] } }))) as Json)).toEqual(
    whole,
  )
  expect(factsOf(snapshotOf(facts()))).toEqual(facts())
})

it('with more uses than are kept nothing is decided again: half of them would be another fact', () => {
  const uses = Array.from({ length: 51 }, () => at('2026-05-31T00:00:00Z'))
  expect(factsOf(snapshotOf(facts({ uses })))).toBeNull()
})

it('an entry without them has none', () => {
  for (const none of [undefined, null, 'x', [], {}, { now: 'x' }, { now: 1, participant: 'x' }])
    expect(factsOf(none)).toBeNull()
})
