// Which datasets an offer stands on.

import { describe, expect, it } from 'vitest'
import { bundlesOn, indexOffers } from '../../../../src/domain/catalog/offer-index.ts'
import type { DatasetSelector, Selectable } from '../../../../src/domain/policy/offer-definition.ts'
import { definition, USE } from '../../../fixtures/builders.ts'

const selects = (datasets: readonly DatasetSelector[], dataset: Selectable): boolean =>
  bundlesOn(indexOffers([definition(USE, [], { datasets })]), dataset).length > 0
const selected = (selector: DatasetSelector, id: string, properties: Record<string, unknown> = {}): boolean =>
  selects([selector], { id, properties })

describe('a glob', () => {
  // prettier-ignore
  it.each([
    ['urn:dataset:weather:*',  'urn:dataset:weather:hanoi', true],
    ['urn:dataset:weather:*',  'urn:dataset:weather:',      true],
    ['urn:dataset:weather:*',  'urn:dataset:traffic:hanoi', false],
    ['urn:dataset:weather:*',  'xurn:dataset:weather:a',    false],
    ['*',                      'anything/at:all',           true],
    ['*',                      '',                          true],
    ['a*b*c',                  'a--b--c',                   true],
    ['a*b*c',                  'abc',                       true],
    ['a*b*c',                  'acb',                       false],
    ['*ab*ab',                 'ab',                        false],
    ['*ab*ab',                 'abab',                      true],
    ['a*a',                    'a',                         false],
    ['a**b',                   'ab',                        true],
    ['a.c*',                   'abc',                       false],
    ['a?c*',                   'abc',                       false],
    ['(a+)+$*',                'aaaa',                      false],
  ])('%s over %s: %s', (pattern, id, expected) => {
    expect(selected({ kind: 'glob', pattern }, id)).toBe(expected)
  })
})

describe('a selector', () => {
  it('by id takes that dataset alone, stars and all', () => {
    expect(selected({ kind: 'id', id: 'urn:d:1' }, 'urn:d:1')).toBe(true)
    expect(selected({ kind: 'id', id: 'urn:d:1' }, 'urn:d:11')).toBe(false)
    expect(selected({ kind: 'id', id: 'urn:d:*' }, 'urn:d:1')).toBe(false)
  })

  it('by property takes those that have the value, alone or among others', () => {
    const selector = { kind: 'property', property: 'theme', value: 'weather' } as const
    expect(selected(selector, 'd', { theme: 'weather' })).toBe(true)
    expect(selected(selector, 'd', { theme: ['traffic', 'weather'] })).toBe(true)
    expect(selected(selector, 'd', { theme: 'weather-old' })).toBe(false)
    expect(selected(selector, 'd')).toBe(false)
    expect(selected({ ...selector, property: 'constructor' }, 'd')).toBe(false)
  })

  it('is one of several, and none takes nothing', () => {
    const datasets = [{ kind: 'id', id: 'a' } as const, { kind: 'glob', pattern: 'b*' } as const]
    expect(selects(datasets, { id: 'b1', properties: {} })).toBe(true)
    expect(selects([], { id: 'b1', properties: {} })).toBe(false)
  })
})
