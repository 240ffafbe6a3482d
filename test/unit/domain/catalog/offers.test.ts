// Which offers stand on a dataset, who sees them, and how a catalogue shows them.

import { NO_REGIME } from '../../../../src/domain/policy/regime.ts'
import { describe, expect, test } from 'vitest'
import { describeCatalog, describeDataset } from '../../../../src/domain/catalog/describe.ts'
import { indexOffers } from '../../../../src/domain/catalog/offer-index.ts'
import {
  factsOn,
  offersOn as offersByIndex,
  toCatalogOffer,
  visibilityOf,
  wireRulesOf,
  type DatasetOffer,
} from '../../../../src/domain/catalog/offers.ts'
import type { DatasetRow } from '../../../../src/domain/ledger.ts'
import type { OfferDefinition } from '../../../../src/domain/policy/offer-definition.ts'
import { parseMessage } from '../../../../src/protocol/dsp/validate.ts'
import {
  CONSUMER,
  dataset,
  DATASET_ID,
  definition,
  factsOf,
  IN_VIET_NAM,
  NOW,
  peer,
  PROVIDER,
  PULL,
  USE,
} from '../../../fixtures/builders.ts'

const BASE = 'https://own.example/dsp/2025-1'
const GLOB = [{ kind: 'glob', pattern: 'urn:dataset:weather:*' }] as const
const OTHER = dataset({ id: 'urn:dataset:weather:2' as never })

const offersOn = (row: DatasetRow, definitions: readonly OfferDefinition[]): readonly DatasetOffer[] =>
  offersByIndex(row, indexOffers(definitions))
const shownOn = (row: DatasetRow) =>
  offersOn(row, [definition()]).map((offer) => toCatalogOffer(offer, wireRulesOf(offer.definition)))

describe('an offer', () => {
  test('for one named dataset keeps the id of its file', () => {
    expect(offersOn(dataset(), [definition()]).map(({ id }) => id)).toEqual(['urn:offer:weather'])
  })

  test('for several datasets has on each an id of its own', () => {
    const several = definition(USE, [], { datasets: GLOB })
    const ids = [dataset(), OTHER].flatMap((each) => offersOn(each, [several]).map(({ id }) => id))
    expect(ids).toEqual(['urn:offer:weather:urn:dataset:weather:1', 'urn:offer:weather:urn:dataset:weather:2'])

    const named = definition(USE, [], { datasets: [DATASET_ID, OTHER.id].map((id) => ({ kind: 'id' as const, id })) })
    expect(new Set([dataset(), OTHER].flatMap((each) => offersOn(each, [named]).map(({ id }) => id))).size).toBe(2)
  })

  test('stands on no dataset that it does not name; the order is that of the definitions', () => {
    expect(offersOn(OTHER, [definition()])).toEqual([])
    const both = [definition(USE, [], { id: 'z' as never }), definition(USE, [], { id: 'a' as never })]
    expect(offersOn(dataset(), both).map(({ id }) => id)).toEqual(['z', 'a'])
  })

  test('is seen by those for whom its access rules hold, and by nobody whose claims are not known', () => {
    const [hidden] = offersOn(dataset(), [definition(USE, [IN_VIET_NAM])])
    const [open] = offersOn(dataset(), [definition()])
    if (hidden === undefined || open === undefined) throw new Error('both stand on the dataset')

    expect(visibilityOf(hidden, factsOf())).toEqual({ visible: true })
    expect(visibilityOf(hidden, factsOf({ country: 'CN' }))).toMatchObject({
      visible: false,
      path: expect.stringMatching(/^access/) as string,
    })
    expect(visibilityOf(hidden, factsOn(CONSUMER, null, NO_REGIME, NOW))).toMatchObject({ visible: false })
    expect(visibilityOf(open, factsOn(CONSUMER, null, NO_REGIME, NOW))).toEqual({ visible: true })
    expect(factsOn(CONSUMER, peer(), NO_REGIME, NOW)).toMatchObject({
      country: 'VN',
      participant: CONSUMER,
      purpose: null,
      used: 0,
    })
  })

  test('has no target in a catalogue (DSP 2025-1: MUST NOT)', () => {
    const [offer] = offersOn(dataset(), [definition()])
    expect(offer && Object.keys(toCatalogOffer(offer, wireRulesOf(offer.definition)))).toEqual([
      '@id',
      '@type',
      'permission',
    ])
  })
})

describe('a catalogue', () => {
  const shown = describeDataset(dataset(), shownOn(dataset()), BASE)

  test('is valid with datasets and without any, and always has a DataService', () => {
    for (const datasets of [[], [shown]]) {
      const catalog = JSON.parse(JSON.stringify(describeCatalog(PROVIDER, BASE, datasets))) as { dataset?: unknown }
      expect(parseMessage('Catalog', catalog)).toMatchObject({
        ok: true,
        value: { participantId: PROVIDER, service: [{ endpointURL: BASE }] },
      })
      expect('dataset' in catalog).toBe(datasets.length > 0)
    }
  })

  test('says of a dataset what its properties say, but cannot be told another id, type or policy by them', () => {
    expect(shown).toMatchObject({
      '@id': DATASET_ID,
      title: 'Hourly weather',
      distribution: [{ format: PULL, accessService: { endpointURL: BASE } }],
    })
    const forged = dataset({ properties: { '@id': 'other', '@type': 'Catalog', hasPolicy: [], distribution: [] } })
    const described = describeDataset(forged, shownOn(forged), BASE)
    expect(described).toMatchObject({ '@id': DATASET_ID, '@type': 'Dataset' })
    expect([described.hasPolicy.length, described.distribution.length]).toEqual([1, 1])
  })
})
