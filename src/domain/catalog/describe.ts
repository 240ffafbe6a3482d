// The catalogue as DSP 2025-1 wants it: one DataService, datasets with their offers and distributions.

import type { Catalog, DataService, Dataset } from '../../protocol/dsp/messages.ts'
import { DSP_CONTEXT } from '../../protocol/dsp/messages.ts'
import type { ParticipantId } from '../../protocol/ids.ts'
import type { Offer } from '../../protocol/odrl/types.ts'
import type { DatasetRow } from '../ledger.ts'

/** The service that all our distributions are reached through. `base`: our DSP base, in the version of this catalogue. */
function dataService(base: string): DataService {
  return { '@id': `${base}#dsp`, '@type': 'DataService', endpointURL: base, endpointDescription: 'dspace:connector' }
}

/** A dataset with the offers that the asker may see. Its DataService stands in it whole, as EDC's does. */
export function describeDataset(dataset: DatasetRow, offers: readonly Offer[], base: string): Dataset {
  return {
    ...dataset.properties,
    '@id': dataset.id,
    '@type': 'Dataset',
    hasPolicy: offers,
    distribution: dataset.formats.map((format) => ({
      '@type': 'Distribution',
      format,
      accessService: dataService(base),
    })),
  }
}

/** `dataset` is left out of an empty catalogue: the schema forbids an empty list. */
export function describeCatalog(self: ParticipantId, base: string, datasets: readonly Dataset[]): Catalog {
  return {
    '@context': [DSP_CONTEXT],
    '@id': `${base}/catalog`,
    '@type': 'Catalog',
    participantId: self,
    service: [dataService(base)],
    ...(datasets.length > 0 && { dataset: datasets }),
  }
}
