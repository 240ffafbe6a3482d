// May this data be sent to the consumer now? The same question as for a pull, and the same count: one push is one use, however
// many attempts it takes.

import { problem, type Problem } from '../../kernel/problem.ts'
import { later, type Instant } from '../../kernel/time.ts'
import { readPushAddress, type PushAddress } from '../../protocol/dsp/push-address.ts'
import { isStrong } from '../delivery/conditions.ts'
import { entry } from '../exchange/inbound.ts'
import type { Scene } from '../exchange/scene.ts'
import { isOpen } from '../exchange/transfer.ts'
import type { DatasetRow, DeliveryRow, PushRow, Write } from '../ledger.ts'
import { beginDelivery, notStarted, type Admission } from './admit.ts'
import { putObligation } from '../obligation/write.ts'
import { judge, type StreamRows } from './judge-use.ts'
import { bytesToSend, type Sending } from './continue.ts'
import type { UseFacts } from './facts.ts'

/** Nobody asks for a push with words; the network address is that of the endpoint, as the consumer wrote it. */
export function useOfPush({ endpoint }: PushAddress): Pick<UseFacts, 'purpose' | 'address'> {
  return { purpose: null, address: new URL(endpoint).hostname.replace(/^\[|\]$/g, '') }
}

/** What is read for an attempt to push. */
export interface PushRows extends StreamRows {
  readonly push: PushRow | null
  /** The delivery that took the use, and that of the last attempt. */
  readonly first: DeliveryRow | null
  readonly last: DeliveryRow | null
}

export type PushOpening =
  | { readonly ok: true; readonly dataset: DatasetRow; readonly address: PushAddress }
  | { readonly ok: false; readonly problem: Problem }

/**
 * Whether the source may be opened for this push at all. Writes nothing; `admitPush` decides. `transfer.not-started` says that
 * the transfer is not open now; any other refusal will not go away by itself.
 */
export function mayPush(rows: PushRows, now: Instant): PushOpening {
  const { transfer, agreement, dataset, push, first } = rows
  if (transfer === null || push === null || agreement === null || dataset === null)
    return { ok: false, problem: problem('resource.unknown', 'the dataset is not here any more') }
  if (!isOpen(transfer) || push.doneAt !== null) return { ok: false, problem: notStarted(transfer) }
  if (transfer.dataAddress === null)
    return { ok: false, problem: problem('message.schema', 'a push needs a dataAddress', 'dataAddress') }
  const address = readPushAddress(transfer.dataAddress)
  if (!address.ok) return address

  const use = useOfPush(address.value)
  const judged = judge(rows, agreement, use, 'start', now)
  const isBegun = judged.problem !== null && first?.counted === true
  const found = isBegun ? judge(rows, agreement, use, 'during', now) : judged
  return found.problem === null
    ? { ok: true, dataset, address: address.value }
    : { ok: false, problem: judged.problem ?? found.problem }
}

export type PushAdmitted =
  { readonly ok: true; readonly value: Admission } | { readonly ok: false; readonly problem: Problem }

export interface PushAttempt {
  readonly deliveryId: string
  readonly sending: Sending
  /** Whether the data have records that can be counted; absent where nobody knows yet. */
  readonly hasRecords?: boolean
}

/** The decision, and with it in one transaction: the use counted or gone on with, the delivery opened, the evidence of both. */
export function admitPush(
  rows: PushRows,
  { deliveryId, sending, hasRecords }: PushAttempt,
  scene: Scene,
): { readonly write: readonly Write[]; readonly result: PushAdmitted } {
  const opening = mayPush(rows, scene.now)
  const { transfer, agreement, push, used } = rows
  if (!opening.ok || transfer === null || agreement === null || push === null) {
    const why = opening.ok ? problem('resource.unknown', 'the transfer is not here any more') : opening.problem
    return { write: [], result: { ok: false, problem: why } }
  }
  const continued = goesOnWith(rows, sending)
  const phase = continued === null ? 'start' : 'during'
  const about = { size: bytesToSend(sending), ...(hasRecords !== undefined && { hasRecords }) }
  const use = { ...useOfPush(opening.address), ...about }
  const judged = judge(rows, agreement, use, phase, scene.now)
  const { policyDigest } = agreement
  const ext = { ...judged.trace, phase }
  const decision = entry('decision', transfer, scene.self, scene.now, { policyDigest, ext })
  if (judged.problem !== null) return { write: [decision], result: { ok: false, problem: judged.problem } }

  const { dataset } = opening
  const attempt = { deliveryId, told: sending, continued, countsRecords: judged.countsRecords }
  const { delivery, write } = beginDelivery({ transfer, agreement, dataset, used }, attempt, scene)
  const owed = judged.owed.flatMap((each) => putObligation(each, agreement, scene.self))
  const row: PushRow = {
    ...push,
    deliveryId: continued?.id ?? deliveryId,
    lastDeliveryId: deliveryId,
    deadlineAt: push.deadlineAt ?? later(scene.now, scene.deliveryDeadlineMs),
  }
  return {
    write: [decision, ...write, ...owed, { put: 'push', row }],
    result: { ok: true, value: { transfer, agreement, dataset, delivery } },
  }
}

/** Outcomes for which the consumer can do nothing: we stopped, our own source gave out, or the end could not be put on record. */
const OURS: readonly DeliveryRow['outcome'][] = ['interrupted', 'source-failed', 'open']
/** What may be sent under one use, in tenths of the size, of data of which nothing tells that it is the same. */
const SENT_TENTHS_MAX = 11

/**
 * The delivery whose use covers this attempt too; null where it is a new use. A consumer that answers with an error once it has
 * all of the data must not get newer data for the same use: it gets the same again, by its ETag, or next to nothing was sent.
 */
function goesOnWith({ first, last }: PushRows, { etag, size }: Sending): DeliveryRow | null {
  if (first?.counted !== true) return null
  const isSame = isStrong(etag) && first.etag === etag && first.size === size
  const isByUs = last !== null && OURS.includes(last.outcome)
  const isLittle = size !== null && (first.spent + size) * 10 <= size * SENT_TENTHS_MAX
  return isSame || isByUs || isLittle ? first : null
}
