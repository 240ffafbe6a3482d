// Facts by the names of left operands, from claims, metadata and our own settings.

import { describe, expect, it } from 'vitest'
import { knownFrom } from '../../../../src/domain/policy/known.ts'

describe('what is known', () => {
  it('of a participant: its claims, with or without prefix, or by IRI', () => {
    expect(
      knownFrom('claim', { role: 'operator', 'tds:securityLevel': '3', 'urn:lingqu:tds#certificate': 'a, b' }),
    ).toEqual({
      'tds:role': 'operator',
      'tds:securityLevel': '3',
      'tds:certificate': ['a', 'b'],
    })
  })

  it('of a dataset: its metadata, whatever their type', () => {
    const properties = {
      'tds:dataGrade': { '@id': 'important' },
      sectorLocalised: false,
      language: ['zh', 'en'],
      resolution: 0.5,
      title: [{ '@value': 'x' }],
    }
    expect(knownFrom('dataset', properties)).toEqual({
      'tds:dataGrade': 'important',
      'tds:sectorLocalised': 'false',
      language: ['zh', 'en'],
      resolution: '0.5',
    })
  })

  it('never from whom it is not taken: a participant does not say what a dataset is', () => {
    expect(knownFrom('claim', { dataGrade: 'general', count: '0', dateTime: '2000-01-01T00:00:00Z' })).toEqual({})
    expect(knownFrom('dataset', { role: 'operator' })).toEqual({})
    expect(knownFrom('claim', undefined)).toEqual({})
  })
})
