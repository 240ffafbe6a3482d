// What becomes of a message to a transfer process that exists: from the rows to the writes and the answer.

import { problem, type Problem } from '../../kernel/problem.ts'
import { later, type Instant } from '../../kernel/time.ts'
import { isPull, isPush } from '../../protocol/dsp/formats.ts'
import type { TransferMessage } from '../../protocol/dsp/messages.ts'
import type { AgreementRow, InboxRow, Write } from '../ledger.ts'
import { acceptedWrites, refusal } from './answer.ts'
import { knownPids } from './compose.ts'
import { UNDER_WAY_MS } from './delivery.ts'
import {
  bindPids,
  delayed,
  malformed,
  repeated,
  REPLAYED,
  UNKNOWN_PROCESS,
  wordsOf,
  type Decided,
  type Inbound,
} from './inbound.ts'
import { receive } from './machine.ts'
import type { Scene } from './scene.ts'
import { announceAddress } from './start-transfer.ts'
import { TRANSFERS } from './steps.ts'
import { revivesOvertaken, TRANSFER, type Transfer } from './transfer.ts'

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
  const move = message['@type']
  const bound = bindPids(found, message, rows.isPidTaken)
  if (!bound.ok) return refusal(inbound, found, move, bound.problem, scene)
  const transfer = bound.process

  const step = isAnnouncement(message, transfer)
    ? { ok: true as const, state: transfer.state, unacknowledged: transfer.unacknowledged, settled: null }
    : receive(TRANSFER, transfer, move)
  if (!step.ok) return refusal(inbound, transfer, move, step.problem, scene)

  const { now } = scene
  if (revivesOvertaken(transfer, step.state, now)) return malformed(inbound, TOO_SOON, knownPids(transfer))
  if (step.settled !== null && mayPrecedeOurs(transfer, step.state, rows.last, now))
    return malformed(inbound, IN_DOUBT, knownPids(transfer))

  const wrong = contentProblem(message, transfer, rows.agreement)
  if (wrong !== null) return refusal(inbound, transfer, move, wrong, scene)

  const next: Transfer = {
    ...transfer,
    ...changesOf(message, transfer, now),
    resumed: false,
    overtaken: overtakenBy(transfer, step, now),
    state: step.state,
    unacknowledged: step.unacknowledged,
    ending: false,
    updatedAt: now,
    peerMovedAt: now,
  }
  // An announcement is no proposal: a provider's outbox may hold one while nothing is unacknowledged.
  const hadOutgoing = transfer.unacknowledged !== null || transfer.role === 'PROVIDER'
  const moved = { move, from: transfer.state, settled: step.settled, hadOutgoing }
  const write: readonly Write[] = [
    ...acceptedWrites(TRANSFERS, inbound, next, moved, scene),
    ...(wantsAnnouncement(message, next) ? delayed(announceAddress(next, scene), scene) : []),
  ]
  return { write, result: { ok: true, created: false, pids: knownPids(next), state: next.state, pid: next.pid } }
}

const TOO_SOON = problem('busy.overtaken', 'a message of ours is still under way that this would make valid again')
const IN_DOUBT = problem('busy.overtaken', 'a message of ours is not acknowledged yet, and this may be older than it')

function overtakenBy(
  { unacknowledged, overtaken }: Transfer,
  step: { readonly unacknowledged: Transfer['unacknowledged']; readonly settled: Transfer['unacknowledged'] },
  now: Instant,
): Transfer['overtaken'] {
  const isOvertaken = unacknowledged !== null && step.unacknowledged === null && step.settled === null
  return isOvertaken ? { move: unacknowledged, until: later(now, UNDER_WAY_MS) } : overtaken
}

/**
 * Whether a reply to our open move may instead be older than that move. We made the last move as well (a suspension, then a
 * resumption), and the counter-party may have made the same one at the same time: its message then still comes, looks as
 * though it followed ours, and proves nothing. It cannot have left after ours was acknowledged, so the doubt ends when it can
 * no longer be under way, or with the ACK of our open move.
 *
 * @param to where the reply leads: back to the state that we are in, or it is no such crossing
 */
function mayPrecedeOurs(
  { state, peerMovedAt }: Transfer,
  to: Transfer['state'],
  last: InboxRow | null,
  now: Instant,
): boolean {
  const wasOurs = last?.at !== peerMovedAt
  return to === state && wasOurs && now < later(peerMovedAt, UNDER_WAY_MS)
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
  { role, state, format }: Transfer,
): boolean {
  const isResumed = type === 'TransferStartMessage' && role === 'PROVIDER' && state === 'STARTED'
  return isResumed && !isPush(format) && context.includes(EDC_CONTEXT)
}

const EDC_CONTEXT = 'https://w3id.org/edc/dspace/v0.0.1'

/** What a message may not say in this transfer, whatever its state. */
function contentProblem(message: TransferMessage, transfer: Transfer, agreement: AgreementRow | null): Problem | null {
  if (message['@type'] !== 'TransferStartMessage' || transfer.role !== 'CONSUMER') return null
  if (agreement?.endedAt !== null && agreement !== null)
    return problem('agreement.ended', 'this agreement was ended here', 'agreementId')
  const told = message.dataAddress ?? transfer.dataAddress
  if (told !== null || !isPull(transfer.format)) return null
  return problem('message.schema', 'the start of a pull names where the data is', 'dataAddress')
}

function changesOf(message: TransferMessage, transfer: Transfer, now: Instant): Partial<Transfer> {
  if (message['@type'] === 'TransferStartMessage' && transfer.role === 'CONSUMER') {
    // Of a push only the provider needs to know where it goes.
    return message.dataAddress === undefined || isPush(transfer.format)
      ? {}
      : { dataAddress: message.dataAddress, addressAt: now }
  }
  // The consumer goes on: what stopped a push before is over.
  if (message['@type'] === 'TransferStartMessage') return { problem: null }
  if (message['@type'] === 'TransferTerminationMessage' || message['@type'] === 'TransferSuspensionMessage') {
    return { problem: problem('process.ended', wordsOf(message)) }
  }
  return {}
}
