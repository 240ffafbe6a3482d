// The catalogue for one participant: what it may see, a page at a time, and nothing that tells of the rest.

import { describeCatalog, describeDataset } from '../domain/catalog/describe.ts'
import { factsOn, offersOn, visibilityOf } from '../domain/catalog/offers.ts'
import type { DatasetRow, Reader } from '../domain/ledger.ts'
import type { Clock } from '../kernel/time.ts'
import type { Catalog, Dataset, RootDataset } from '../protocol/dsp/messages.ts'
import { DSP_CONTEXT } from '../protocol/dsp/messages.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import type { Definitions } from './ports.ts'

export interface ServeCatalogOptions {
  readonly reader: Reader
  readonly definitions: Definitions
  readonly clock: Clock
  readonly self: ParticipantId
  /** Our DSP base. */
  readonly base: string
}

export interface CatalogPage {
  readonly catalog: Catalog
  /** The dataset after which the next page begins; null on the last page. */
  readonly next: string | null
}

export interface ServeCatalog {
  page(participant: ParticipantId, after: string | null, limit: number): CatalogPage
  /** Null where there is no such dataset, or none that this participant may see. */
  dataset(participant: ParticipantId, id: string): RootDataset | null
}

/** How many rows are read at a time while looking for visible ones. */
const SCAN_ROWS = 200

export function createServeCatalog({ reader, definitions, clock, self, base }: ServeCatalogOptions): ServeCatalog {
  function seen(row: DatasetRow, participant: ParticipantId): Dataset | null {
    const facts = factsOn(participant, reader.get('peer', participant), clock())
    const offers = offersOn(row, definitions()).filter((offer) => visibilityOf(offer, facts).visible)
    return offers.length === 0 ? null : describeDataset(row, offers, base)
  }

  return {
    page: (participant, after, limit) => {
      const found: Dataset[] = []
      let cursor = after
      for (;;) {
        const rows = reader.list('dataset', { after: cursor, limit: SCAN_ROWS })
        for (const row of rows) {
          const dataset = seen(row, participant)
          if (dataset === null) continue
          // One more than the page holds: only then is there a next one.
          if (found.length === limit)
            return { catalog: describeCatalog(self, base, found), next: found.at(-1)?.['@id'] ?? null }
          found.push(dataset)
        }
        cursor = rows.at(-1)?.id ?? null
        if (rows.length < SCAN_ROWS) return { catalog: describeCatalog(self, base, found), next: null }
      }
    },
    dataset: (participant, id) => {
      const row = reader.get('dataset', id)
      const dataset = row === null ? null : seen(row, participant)
      return dataset === null ? null : { ...dataset, '@context': [DSP_CONTEXT], '@type': 'Dataset' }
    },
  }
}
