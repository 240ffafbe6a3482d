// Answers an operator who asks why a participant can or cannot see or use a dataset: reads what the decisions read, and changes
// nothing.

import { DELIVERY_ACTION } from '../domain/access/end-delivery.ts'
import { explainAccess, type AccessExplained, type ExplainedPhase } from '../domain/access/explain-access.ts'
import { offersOn } from '../domain/catalog/offers.ts'
import { isOpen } from '../domain/exchange/transfer.ts'
import type { Reader } from '../domain/ledger.ts'
import type { Clock } from '../kernel/time.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import type { IsAdmitted } from './access-rows.ts'
import type { Offers } from './ports.ts'

export interface ExplainOptions {
  readonly reader: Reader
  readonly offers: Offers
  readonly isAdmitted: IsAdmitted
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
    const all = dataset === null ? [] : offersOn(dataset, offers())
    const wanted = all.filter(({ id, definition }) => offerId === null || id === offerId || definition.id === offerId)
    const agreements = reader.agreementsMade(participant, 'PROVIDER', datasetId, AGREEMENTS_MAX).map((row) => ({
      row,
      used: reader.get('counter', row.id, DELIVERY_ACTION)?.used ?? 0,
      openTransfers: reader.transfersOf(row.id).filter(isOpen).length,
    }))
    const explained = explainAccess({
      participant,
      peer,
      isAdmitted: isAdmitted(participant),
      isPublished: dataset !== null,
      offers: wanted.slice(0, OFFERS_MAX),
      agreements,
      phase,
      now: clock(),
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
