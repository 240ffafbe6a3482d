// What the decisions on a delivery read: at its request, while it runs, and at its end.

import type { PushRows } from '../domain/access/admit-push.ts'
import { DELIVERY_ACTION, type AccessRows, type StreamRows } from '../domain/access/admit.ts'
import { continuedSince } from '../domain/access/continue.ts'
import type { EndRows } from '../domain/access/end-delivery.ts'
import type { FactRows } from '../domain/access/facts.ts'
import type { AgreementRow, DeliveryRow, Reader, Write } from '../domain/ledger.ts'
import { lookbackMs } from '../domain/policy/lookback.ts'
import { NO_REGIME, type Regime } from '../domain/policy/regime.ts'
import { instant, type Instant } from '../kernel/time.ts'

/** To whom we talk at all, and the rules of the site: asked again at every decision. */
export interface Standing {
  readonly isAdmitted: (participant: string) => boolean
  readonly regime: () => Regime
}

export function streamRows(
  read: Reader,
  transferPid: string,
  agreementId: string,
  standing: Standing,
  now: Instant,
): StreamRows {
  const agreement = read.get('agreement', agreementId)
  return {
    transfer: read.get('transfer', transferPid),
    agreement,
    isAdmitted: agreement !== null && standing.isAdmitted(agreement.counterparty),
    ...factRows(read, agreement, standing.regime(), now),
  }
}

const NONE: FactRows['underWay'] = { deliveries: 0, bytes: 0 }

/** What the facts of a use under this agreement are made of. */
export function factRows(read: Reader, agreement: AgreementRow | null, regime: Regime, now: Instant): FactRows {
  if (agreement === null) return { peer: null, dataset: null, regime, used: 0, usage: null, underWay: NONE }
  const { id, counterparty, datasetId } = agreement
  const sinceMs = lookbackMs(
    agreement.agreement,
    regime.guardrails.map(({ policy }) => policy),
  )
  return {
    peer: read.get('peer', counterparty),
    dataset: read.get('dataset', datasetId),
    regime,
    used: read.get('counter', id, DELIVERY_ACTION)?.used ?? 0,
    usage: read.get('usage', id),
    underWay: read.underWay(id),
    records: read.recordsOf(id),
    obligations: read.obligationsOf(id),
    ...(sinceMs !== null && { uses: read.usesSince(id, instant(Math.max(0, now - sinceMs))) }),
  }
}

const NO_TOKEN: AccessRows = {
  token: null,
  transfer: null,
  agreement: null,
  peer: null,
  dataset: null,
  regime: NO_REGIME,
  isAdmitted: false,
  used: 0,
  usage: null,
  underWay: NONE,
  outbox: null,
  tokens: [],
  earlier: [],
}

/** @param continuedPath the path of which an earlier delivery may be continued; null where none is meant */
export function accessRows(
  read: Reader,
  hash: string,
  standing: Standing,
  continuedPath: string | null,
  now: Instant,
): AccessRows {
  const token = read.get('accessToken', hash)
  const transfer = token === null ? null : read.get('transfer', token.transferPid)
  if (token === null || transfer === null) return NO_TOKEN
  return {
    ...streamRows(read, transfer.pid, transfer.agreementId, standing, now),
    token,
    outbox: read.get('outbox', transfer.pid),
    tokens: read.accessTokensOf(transfer.pid),
    earlier: continuedPath === null ? [] : read.deliveriesSince(transfer.pid, continuedPath, continuedSince(now)),
  }
}

/** For an attempt to push the data of a transfer. */
export function pushRows(read: Reader, transferPid: string, standing: Standing, now: Instant): PushRows {
  const transfer = read.get('transfer', transferPid)
  const push = read.get('push', transferPid)
  const deliveryOf = (id: string | null): DeliveryRow | null => (id === null ? null : read.get('delivery', id))
  return {
    ...streamRows(read, transferPid, transfer?.agreementId ?? '', standing, now),
    push,
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
  if ('remove' in write) {
    return write.remove === 'peer' || (write.remove === 'agreementRecord' && write.key[0] === agreementId)
  }
  if (!('put' in write)) return false
  switch (write.put) {
    case 'transfer':
      return write.row.pid === transferPid
    case 'agreement':
      return write.row.id === agreementId
    case 'counter':
    case 'agreementRecord':
    case 'obligation':
      return write.row.agreementId === agreementId
    case 'peer':
      return true
    default:
      return false
  }
}
