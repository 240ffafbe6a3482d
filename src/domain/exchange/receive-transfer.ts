// What becomes of a message to a transfer process that exists: from the rows to the writes and the answer.

import { problem, type Problem } from '../../kernel/problem.ts'
import type { TransferMessage } from '../../protocol/dsp/messages.ts'
import type { AgreementRow, InboxRow, Write } from '../ledger.ts'
import { knownPids } from './compose.ts'
import {
  bindPids,
  delayed,
  entry,
  remember,
  repeated,
  REPLAYED,
  traceOf,
  UNKNOWN_PROCESS,
  usedToken,
  wordsOf,
  type Decided,
  type Inbound,
} from './inbound.ts'
import { receive } from './machine.ts'
import type { Scene } from './scene.ts'
import { announceAddress } from './start-transfer.ts'
import { TRANSFER, type Transfer } from './transfer.ts'

export interface TransferRows {
  readonly replayed: boolean
  readonly transfer: Transfer | null
  readonly answered: InboxRow | null
  readonly last: InboxRow | null
  /** Whether the counter-party's pid that the message names is that of another process. */
  readonly isPidTaken: boolean
  readonly agreement: AgreementRow | null
}

/** A message to a transfer that exists: moved, refused, repeated, or not theirs. */
export function receiveTransfer(inbound: Inbound<TransferMessage>, rows: TransferRows, scene: Scene): Decided {
  if (rows.replayed) return REPLAYED
  const found = rows.transfer
  if (found === null || found.counterparty !== inbound.sender) return UNKNOWN_PROCESS

  const repeat = repeated(inbound, found, rows.answered, rows.last)
  if (repeat !== null) return repeat

  const { message } = inbound
  const bound = bindPids(found, message, rows.isPidTaken)
  if (!bound.ok) return refuse(inbound, found, bound.problem, scene)
  const transfer = bound.process

  const move = message['@type']
  const step = isAnnouncement(message, transfer)
    ? { ok: true as const, state: transfer.state, unacknowledged: transfer.unacknowledged, settled: null }
    : receive(TRANSFER, transfer, move)
  if (!step.ok) return refuse(inbound, transfer, step.problem, scene)

  const wrong = contentProblem(message, transfer, rows.agreement)
  if (wrong !== null) return refuse(inbound, transfer, wrong, scene)

  const { now, self } = scene
  const next: Transfer = {
    ...transfer,
    ...changesOf(message, transfer),
    resumed: false,
    state: step.state,
    unacknowledged: step.unacknowledged,
    ending: false,
    updatedAt: now,
    peerMovedAt: now,
  }
  const write: Write[] = [
    ...usedToken(inbound),
    { put: 'transfer', row: next },
    // Settled or overtaken; or an announcement of ours, which what the peer does now has made stale.
    ...(step.unacknowledged === null ? [{ remove: 'outbox', key: [next.pid] } as const] : []),
    remember(inbound, next, null, now),
    ...(step.settled === null
      ? []
      : [entry('message.acknowledged', next, self, now, { ext: { move: step.settled, how: 'replied' } })]),
    entry('message.received', next, inbound.sender, now, {
      msgDigest: inbound.bodyDigest,
      ext: { move, from: transfer.state, state: next.state },
    }),
    ...(wantsAnnouncement(message, next) ? delayed(announceAddress(next, scene), scene) : []),
  ]
  return { write, result: { ok: true, created: false, pids: knownPids(next), state: next.state, pid: next.pid } }
}

/** EDC's provider answers our resume with a start of its own: the transfer is started already, and the address is new. */
function isAnnouncement(
  { '@type': type }: TransferMessage,
  { role, state, resumed, unacknowledged }: Transfer,
): boolean {
  const settled = role === 'CONSUMER' && state === 'STARTED' && resumed && unacknowledged === null
  return type === 'TransferStartMessage' && settled
}

/** EDC's consumer waits for that start; it tells what it is by its context. Anyone else would refuse it as illegal. */
function wantsAnnouncement(
  { '@type': type, '@context': context }: TransferMessage,
  { role, state }: Transfer,
): boolean {
  return type === 'TransferStartMessage' && role === 'PROVIDER' && state === 'STARTED' && context.includes(EDC_CONTEXT)
}

const EDC_CONTEXT = 'https://w3id.org/edc/dspace/v0.0.1'

/** What a message may not say in this transfer, whatever its state. */
function contentProblem(message: TransferMessage, transfer: Transfer, agreement: AgreementRow | null): Problem | null {
  if (message['@type'] !== 'TransferStartMessage' || transfer.role !== 'CONSUMER') return null
  if (agreement?.endedAt !== null && agreement !== null)
    return problem('agreement.ended', 'this agreement was ended here', 'agreementId')
  const told = message.dataAddress ?? transfer.dataAddress
  if (told !== null || !/-pull$/i.test(transfer.format)) return null
  return problem('message.schema', 'the start of a pull names where the data is', 'dataAddress')
}

function changesOf(message: TransferMessage, transfer: Transfer): Partial<Transfer> {
  if (message['@type'] === 'TransferStartMessage' && transfer.role === 'CONSUMER') {
    return message.dataAddress === undefined ? {} : { dataAddress: message.dataAddress }
  }
  if (message['@type'] === 'TransferTerminationMessage' || message['@type'] === 'TransferSuspensionMessage') {
    return { problem: problem('process.ended', wordsOf(message)) }
  }
  return {}
}

function refuse(inbound: Inbound<TransferMessage>, transfer: Transfer, reason: Problem, scene: Scene): Decided {
  return {
    write: [
      ...usedToken(inbound),
      remember(inbound, transfer, reason, scene.now),
      entry('message.refused', transfer, inbound.sender, scene.now, {
        msgDigest: inbound.bodyDigest,
        ext: { move: inbound.message['@type'], state: transfer.state, ...traceOf(reason) },
      }),
    ],
    result: { ok: false, problem: reason, pids: knownPids(transfer) },
  }
}
