// What the decisions on a delivery read: at its request, while it runs, and at its end.

import type { PushRows } from '../domain/access/admit-push.ts'
import { DELIVERY_ACTION, type AccessRows, type StreamRows } from '../domain/access/admit.ts'
import { continuedSince } from '../domain/access/continue.ts'
import type { EndRows } from '../domain/access/end-delivery.ts'
import type { DeliveryRow, Reader, Write } from '../domain/ledger.ts'
import type { Instant } from '../kernel/time.ts'

/** Whether we talk to that participant at all. */
export type IsAdmitted = (participant: string) => boolean

export function streamRows(read: Reader, transferPid: string, agreementId: string, isAdmitted: IsAdmitted): StreamRows {
  const agreement = read.get('agreement', agreementId)
  return {
    transfer: read.get('transfer', transferPid),
    agreement,
    peer: agreement === null ? null : read.get('peer', agreement.counterparty),
    isAdmitted: agreement !== null && isAdmitted(agreement.counterparty),
    used: read.get('counter', agreementId, DELIVERY_ACTION)?.used ?? 0,
  }
}

const NO_TOKEN: AccessRows = {
  token: null,
  transfer: null,
  agreement: null,
  peer: null,
  isAdmitted: false,
  used: 0,
  outbox: null,
  tokens: [],
  dataset: null,
  earlier: [],
}

/** @param continuedPath the path of which an earlier delivery may be continued; null where none is meant */
export function accessRows(
  read: Reader,
  hash: string,
  isAdmitted: IsAdmitted,
  continuedPath: string | null,
  now: Instant,
): AccessRows {
  const token = read.get('accessToken', hash)
  const transfer = token === null ? null : read.get('transfer', token.transferPid)
  if (token === null || transfer === null) return NO_TOKEN
  return {
    ...streamRows(read, transfer.pid, transfer.agreementId, isAdmitted),
    token,
    outbox: read.get('outbox', transfer.pid),
    tokens: read.accessTokensOf(transfer.pid),
    dataset: read.get('dataset', transfer.datasetId),
    earlier: continuedPath === null ? [] : read.deliveriesSince(transfer.pid, continuedPath, continuedSince(now)),
  }
}

/** For an attempt to push the data of a transfer. */
export function pushRows(read: Reader, transferPid: string, isAdmitted: IsAdmitted): PushRows {
  const transfer = read.get('transfer', transferPid)
  const push = read.get('push', transferPid)
  const deliveryOf = (id: string | null): DeliveryRow | null => (id === null ? null : read.get('delivery', id))
  return {
    ...streamRows(read, transferPid, transfer?.agreementId ?? '', isAdmitted),
    push,
    dataset: transfer === null ? null : read.get('dataset', transfer.datasetId),
    first: deliveryOf(push?.deliveryId ?? null),
    last: deliveryOf(push?.lastDeliveryId ?? null),
  }
}

/** Null where its transfer is not here any more. */
export function endRows(read: Reader, { id, transferPid, agreementId, continues }: DeliveryRow): EndRows | null {
  const delivery = read.get('delivery', id)
  const transfer = read.get('transfer', transferPid)
  if (delivery === null || transfer === null) return null
  return {
    delivery,
    transfer,
    continued: continues === null ? null : read.get('delivery', continues),
    usage: read.get('usage', agreementId),
    used: read.get('counter', agreementId, DELIVERY_ACTION)?.used ?? 0,
  }
}

/** Whether a write may change what a stream of this transfer is allowed. */
export function concerns(write: Write, transferPid: string, agreementId: string): boolean {
  if ('remove' in write) return write.remove === 'peer'
  if (!('put' in write)) return false
  switch (write.put) {
    case 'transfer':
      return write.row.pid === transferPid
    case 'agreement':
      return write.row.id === agreementId
    case 'counter':
      return write.row.agreementId === agreementId
    case 'peer':
      return true
    default:
      return false
  }
}
