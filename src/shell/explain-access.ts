// Answers an operator who asks why a participant can or cannot see or use a dataset: reads what the decisions read, and changes
// nothing.

import { explainAccess, type AccessExplained, type ExplainedPhase } from '../domain/access/explain-access.ts'
import { offersOn } from '../domain/catalog/offers.ts'
import { isOpen } from '../domain/exchange/transfer.ts'
import type { Reader } from '../domain/ledger.ts'
import type { Clock } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import { factRows, type Standing } from './access-rows.ts'
import type { Offers } from './ports.ts'

export interface ExplainOptions {
  readonly reader: Reader
  readonly offers: Offers
  readonly isAdmitted: Standing['isAdmitted']
  readonly clock: Clock
}

export interface ExplainRequest {
  readonly participant: ParticipantId
  readonly datasetId: string
  /** The id of an offer, as the catalogue shows it or as its file names it; null for all of them. */
  readonly offerId: string | null
  readonly phase: ExplainedPhase | null
}

export interface Explanation extends AccessExplained {
  readonly participant: {
    readonly id: ParticipantId
    readonly isAdmitted: boolean
    /** Its entry in the register; null where it has none. */
    readonly name: string | null
    readonly claims: Readonly<Record<string, string>>
  }
  readonly dataset: { readonly id: string; readonly isPublished: boolean }
  /** Whether more offers stand on the dataset than are explained. */
  readonly isCut: boolean
}

export type ExplainAccess = (request: ExplainRequest) => Explanation

const OFFERS_MAX = 200
const AGREEMENTS_MAX = 20

export function createExplainAccess({ reader, offers, isAdmitted, clock }: ExplainOptions): ExplainAccess {
  return ({ participant, datasetId, offerId, phase }) => {
    const peer = reader.get('peer', participant)
    const dataset = reader.get('dataset', datasetId)
    const index = offers()
    const { regime } = index
    const now = clock()
    const all = dataset === null ? [] : offersOn(dataset, index)
    const wanted = all.filter(({ id, definition }) => offerId === null || id === offerId || definition.id === offerId)
    const agreements = reader.agreementsMade(participant, 'PROVIDER', datasetId, AGREEMENTS_MAX).map((row) => ({
      row,
      ...factRows(reader, row, regime, now),
      openTransfers: reader.transfersOf(row.id).filter(isOpen).length,
    }))
    const explained = explainAccess({
      participant,
      peer,
      isAdmitted: isAdmitted(participant),
      dataset,
      regime,
      offers: wanted.slice(0, OFFERS_MAX),
      agreements,
      phase,
      now,
    })
    return {
      participant: {
        id: participant,
        isAdmitted: isAdmitted(participant),
        name: peer?.name ?? null,
        claims: peer?.claims ?? {},
      },
      dataset: { id: datasetId, isPublished: dataset !== null },
      isCut: wanted.length > OFFERS_MAX,
      ...explained,
    }
  }
}
