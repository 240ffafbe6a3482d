// The counter-party asks where a process stands: the last acknowledged state, to the two parties of it and nobody else.

import { knownPids } from '../domain/exchange/compose.ts'
import type { Kind, Reader } from '../domain/ledger.ts'
import type { ContractNegotiation, TransferProcess } from '../protocol/dsp/messages.ts'
import { DSP_CONTEXT } from '../protocol/dsp/messages.ts'
import type { ParticipantId } from '../protocol/ids.ts'

export type ReadProcess = (
  kind: Kind,
  pid: string,
  asker: ParticipantId,
) => ContractNegotiation | TransferProcess | null

/** Null where there is no such process, where it is another participant's, and where the asker's pid is not known yet. */
export function createReadProcess(reader: Reader): ReadProcess {
  return (kind, pid, asker) => {
    const process = kind === 'negotiation' ? reader.get('negotiation', pid) : reader.get('transfer', pid)
    if (process === null || process.counterparty !== asker || process.state === 'INITIAL') return null
    return ack(kind, knownPids(process), process.state)
  }
}

/** The process object that answers a message or a GET. Null while one of the pids is not known. */
export function ack(
  kind: Kind,
  { providerPid, consumerPid }: ReturnType<typeof knownPids>,
  state: string,
): ContractNegotiation | TransferProcess | null {
  if (providerPid === undefined || consumerPid === undefined) return null
  const type = kind === 'negotiation' ? 'ContractNegotiation' : 'TransferProcess'
  return { '@context': [DSP_CONTEXT], '@type': type, providerPid, consumerPid, state } as
    ContractNegotiation | TransferProcess
}
