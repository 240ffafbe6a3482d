// What is read for every message that comes in, of either kind: was its token used, was it answered, whose pid does it name?

import type { Inbound } from '../domain/exchange/inbound.ts'
import type { Process } from '../domain/exchange/steps.ts'
import type { InboxRow, Reader } from '../domain/ledger.ts'

type FindByPeer = (peerPid: string) => Process | null

interface NamedPids {
  readonly providerPid?: string
  readonly consumerPid?: string
}

/** For a message to a process that exists. `find` looks a process of this sender up by the pid that the sender gave it. */
export function readAnswered(
  read: Reader,
  inbound: Inbound<NamedPids>,
  process: Process | null,
  find: FindByPeer,
): {
  readonly replayed: boolean
  readonly answered: InboxRow | null
  readonly last: InboxRow | null
  readonly isPidTaken: boolean
} {
  const { sender, messageId, bodyDigest, pid, message } = inbound
  const replayed = isReplayed(read, inbound)
  const answered = pid === null ? null : read.get('inbox', pid, sender, messageId, bodyDigest)
  if (process === null) return { replayed, answered, last: null, isPidTaken: false }
  const named = process.role === 'PROVIDER' ? message.consumerPid : message.providerPid
  return {
    replayed,
    answered,
    last: read.lastAccepted(process.pid, sender),
    isPidTaken: named !== undefined && isPidOfAnother(process, named, find),
  }
}

/** For a message that opens a process; `existing` is the one that this sender opened with this pid before. */
export function readOpened<P extends Process>(
  read: Reader,
  inbound: Inbound<unknown>,
  existing: P | null,
): {
  readonly replayed: boolean
  readonly existing: P | null
  readonly accepted: boolean
  readonly openProcesses: number
} {
  const { sender } = inbound
  return {
    replayed: isReplayed(read, inbound),
    existing,
    accepted: existing !== null && read.lastAccepted(existing.pid, sender) !== null,
    openProcesses: read.openProcesses(sender),
  }
}

/** One pid of the peer's is one process: whether binding this one to it would take that of another. */
export function isPidOfAnother({ pid, peerPid }: Process, named: string, find: FindByPeer): boolean {
  if (peerPid !== null) return false
  const other = find(named)
  return other !== null && other.pid !== pid
}

function isReplayed(read: Reader, { replay }: Inbound<unknown>): boolean {
  return replay !== null && read.get('replay', replay.iss, replay.jti) !== null
}
