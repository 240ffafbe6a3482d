// What the connector's operator does in each scenario of the kit: by role, by the dataset or agreement that the kit names,
// by the state that was reached, and by how often. What is not here, nobody does: the connector stays passive.

import type { NegotiationAction, TransferAction } from '../../../src/domain/exchange/act.ts'

export type Script<Action> = Readonly<Record<string, Readonly<Record<string, readonly (Action | 'nothing')[]>>>>

// prettier-ignore
export const PROVIDER_NEGOTIATIONS: Script<NegotiationAction> = {
  ACN0101: { REQUESTED: ['offer'] },
  ACN0102: { REQUESTED: ['offer', 'terminate'] },
  ACN0103: { REQUESTED: ['offer'], ACCEPTED: ['agree'], VERIFIED: ['finalize'] },
  ACN0104: { REQUESTED: ['agree'], VERIFIED: ['finalize'] },
  ACN0201: { REQUESTED: ['terminate'] },
  ACN0202: {},
  ACN0203: { REQUESTED: ['agree'] },
  ACN0204: { REQUESTED: ['offer'] },
  ACN0205: { REQUESTED: ['offer'], OFFERED: ['terminate'] },
  ACN0206: { REQUESTED: ['offer'], ACCEPTED: ['terminate'] },
  ACN0207: { REQUESTED: ['agree'], VERIFIED: ['terminate'] },
  ACN0301: { REQUESTED: ['agree'], VERIFIED: ['finalize'] },
  ACN0302: { REQUESTED: ['offer'] },
  ACN0303: { REQUESTED: ['offer'] },
  ACN0304: { REQUESTED: ['offer', 'nothing'] },
}

// prettier-ignore
export const CONSUMER_NEGOTIATIONS: Script<NegotiationAction> = {
  ACNC0101: { OFFERED: ['accept'], AGREED: ['verify'] },
  ACNC0102: { OFFERED: ['counter'] },
  ACNC0103: { OFFERED: ['terminate'] },
  ACNC0104: { AGREED: ['verify'] },
  ACNC0201: {},
  ACNC0202: { REQUESTED: ['terminate'] },
  ACNC0203: { AGREED: ['terminate'] },
  ACNC0204: {},
  ACNC0205: { OFFERED: ['accept'] },
  ACNC0206: { AGREED: ['verify'] },
  ACNC0301: {},
  ACNC0302: {},
  ACNC0303: {},
  ACNC0304: { OFFERED: ['accept'] },
  ACNC0305: { OFFERED: ['accept'] },
  ACNC0306: { OFFERED: ['accept'] },
}

const START = { REQUESTED: ['start'] } as const

// prettier-ignore
export const PROVIDER_TRANSFERS: Script<TransferAction> = {
  ATP0101: { ...START, STARTED: ['terminate'] },
  ATP0102: { ...START, STARTED: ['complete'] },
  ATP0103: { ...START, STARTED: ['suspend'], SUSPENDED: ['terminate'] },
  ATP0104: { ...START, STARTED: ['suspend', 'complete'], SUSPENDED: ['resume'] },
  ATP0105: { REQUESTED: ['terminate'] },
  ATP0201: START, ATP0202: START, ATP0203: START, ATP0204: START,
  ATP0205: {}, ATP0301: {}, ATP0302: {},
  ATP0303: START, ATP0304: START, ATP0305: START, ATP0306: START,
}

// prettier-ignore
export const CONSUMER_TRANSFERS: Script<TransferAction> = {
  ATPC0101: {}, ATPC0102: {}, ATPC0103: {}, ATPC0104: {}, ATPC0105: {},
  ATPC0201: { STARTED: ['terminate'] },
  ATPC0202: { STARTED: ['complete'] },
  ATPC0203: { STARTED: ['suspend'], SUSPENDED: ['terminate'] },
  ATPC0204: { STARTED: ['suspend', 'complete'], SUSPENDED: ['resume'] },
  ATPC0205: { REQUESTED: ['terminate'] },
  ATPC0301: {}, ATPC0302: {}, ATPC0303: {}, ATPC0304: {}, ATPC0305: {}, ATPC0306: {},
}

/** Datasets that the kit looks for in the catalogue; CAT0103 must not exist. */
export const CATALOG_DATASETS = ['CAT0101', 'CAT0102'] as const

/** The offer that stands on a dataset: one of the kit's messages has this form written into it. */
export function offerIdOf(dataset: string): string {
  return `CD123:${dataset}:456`
}
