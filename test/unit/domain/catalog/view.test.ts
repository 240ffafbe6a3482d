// What one participant sees of all offers, and for how long.

import { describe, expect, test } from 'vitest'
import { indexOffers } from '../../../../src/domain/catalog/offer-index.ts'
import { holdsAt, seenIn, seesShelf, stretchesOf, viewOf } from '../../../../src/domain/catalog/view.ts'
import { instant } from '../../../../src/kernel/time.ts'
import { definition, factsOf, IN_VIET_NAM, NOW, USE } from '../../../fixtures/builders.ts'

const BEFORE_LATER = { leftOperand: 'dateTime', operator: 'lt', rightOperand: new Date(NOW + 10).toISOString() }
const index = indexOffers([
  definition(USE, [IN_VIET_NAM], { datasets: [{ kind: 'glob', pattern: 'a*' }] }),
  definition(USE, [BEFORE_LATER], { datasets: [{ kind: 'glob', pattern: 'b*' }] }),
])
const viewAs = (country: string) =>
  viewOf(
    index,
    stretchesOf(index).flatMap((stretch) => [...seenIn(index, stretch, factsOf({ country }))]),
    NOW,
  )

describe('a view', () => {
  test('has the offers whose access rules hold, and the shelves with one of them', () => {
    const view = viewAs('CN')

    expect([...view.offers]).toEqual([0, 1])
    expect([[0], [1], [0, 1], []].map((shelf) => seesShelf(view, shelf))).toEqual([false, true, true, false])
  })

  test('holds until time may change an answer, and not for an instant before it was made', () => {
    const view = viewAs('VN')

    expect([-1, 0, 9, 10].map((ms) => holdsAt(view, instant(NOW + ms)))).toEqual([false, true, true, false])
  })

  test('that no rule can turn any more holds for ever', () => {
    const view = viewOf(index, [true, false], instant(NOW + 10))

    expect([view.until, holdsAt(view, instant(NOW + 1_000_000_000))]).toEqual([null, true])
  })
})

describe('the stretches in which offers are asked', () => {
  test('cover every offer once, however much one of them has to compare', () => {
    const values = Array.from({ length: 1_000 }, (_, n) => `did:web:${String(n)}`)
    const long = definition(USE, [{ leftOperand: 'recipient', operator: 'isAnyOf', rightOperand: values }])
    const stretches = stretchesOf(
      indexOffers(Array.from({ length: 50 }, (_, n) => (n % 5 === 0 ? long : definition()))),
    )

    expect(stretches.length).toBeGreaterThan(1)
    expect(stretches.map(({ from }) => from)).toEqual([0, ...stretches.slice(0, -1).map(({ to }) => to)])
    expect(stretches.at(-1)?.to).toBe(50)
    expect(stretchesOf(indexOffers([]))).toEqual([])
  })
})
