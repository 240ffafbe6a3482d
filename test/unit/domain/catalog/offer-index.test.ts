// Which offers stand on a dataset, asked of all of them at once.

import { expect, test } from 'vitest'
import { bundlesOn, indexOffers, placesIn } from '../../../../src/domain/catalog/offer-index.ts'
import type { DatasetSelector } from '../../../../src/domain/policy/offer-definition.ts'
import { dataset, definition, NOW, USE } from '../../../fixtures/builders.ts'

const offering = (...datasets: readonly DatasetSelector[]) => definition(USE, [], { datasets })
const glob = (pattern: string): DatasetSelector => ({ kind: 'glob', pattern })
const group = (value: string | number): DatasetSelector => ({ kind: 'property', property: 'group', value })

test('offers with the same selectors, in whichever order, are one bundle', () => {
  const index = indexOffers([offering(glob('a*'), group(1)), offering(glob('b*')), offering(group(1), glob('a*'))])

  expect(index.bundles).toEqual([[0, 2], [1]])
  expect(bundlesOn(index, dataset({ id: 'ab' as never }))).toEqual([0])
})

test('the offers of several bundles come in the order of the definitions', () => {
  const index = indexOffers([offering(glob('a*')), offering(glob('*b')), offering(glob('a*'))])

  expect(placesIn(index, bundlesOn(index, dataset({ id: 'ab' as never })))).toEqual([0, 1, 2])
})

test('a value selects its own type only, and one of several values is enough', () => {
  const index = indexOffers([offering(group(1)), offering(group('1'))])
  const on = (value: unknown) => bundlesOn(index, { id: 'x', properties: { group: value } })

  expect([on(1), on('1'), on([0, 1]), on(['1', 1]), on([]), on(null), on({ 1: 1 })]).toEqual([
    [0],
    [1],
    [0],
    [0, 1],
    [],
    [],
    [],
  ])
})

test('the instants at which access rules turn are in order, each once', () => {
  const until = (rightOperand: string, operator: string) =>
    definition(USE, [{ leftOperand: 'dateTime', operator, rightOperand }])
  const at = new Date(NOW).toISOString()
  const later = new Date(NOW + 5).toISOString()

  expect(indexOffers([until(later, 'lt'), until(at, 'lteq'), until(at, 'eq')]).turns).toEqual([NOW, NOW + 1, NOW + 5])
})
