// `lingqu connect`: from a peer and a dataset to the data, reusing the agreement and the transfer that are there.

import { resolve } from 'node:path'
import { Writable } from 'node:stream'
import { fetchData, type Fetching } from './fetch.ts'
import { openManagement } from './management.ts'
import { done, UsageError, type Command } from './outcome.ts'
import { didOf } from './peers.ts'
import { readSettings } from './settings.ts'

interface Connected {
  readonly agreementId: string
  readonly transferId: string
  readonly reused: { readonly agreement: boolean; readonly transfer: boolean }
}

/** The connector waits for the provider itself; its answer comes later than that wait. */
const TIMES_THE_ANSWER = 2

export const connect: Command = async ({ positionals: [peer = '', datasetId = ''], text }, io) => {
  const [out, purpose] = [text('out'), text('purpose')]
  if (purpose !== undefined && out === undefined) {
    throw new UsageError('--purpose is stated when the data is fetched: give --out as well')
  }
  const { config } = await readSettings(io)
  const api = await openManagement(io)
  const counterPartyId = await didOf(peer, api)
  io.progress(`asking ${counterPartyId} for ${datasetId}`)
  const connected = await api.post<Connected>('/connect', { counterPartyId, datasetId })
  const { agreementId, transferId, reused } = connected
  io.progress(`agreement ${agreementId}${reused.agreement ? ' (reused)' : ''}`)
  io.progress(`transfer  ${transferId}${reused.transfer ? ' (reused)' : ''}`)
  if (out === undefined) {
    return done({ agreementId, transferId, reused, bytes: null, digest: null, file: null }, transferId)
  }

  const { downloadBytesMax: bytesMax, answerTimeoutMs } = config.limits
  const timeoutMs = TIMES_THE_ANSWER * answerTimeoutMs
  const destination = destinationOf(out, io.stdout)
  const fetched = await fetchData(api, { transferId, destination, purpose, bytesMax, timeoutMs, signal: io.stopped })
  const { bytes, digest, resumedFrom } = fetched
  if (resumedFrom > 0) io.progress(`went on after ${String(resumedFrom)} bytes that were there`)
  const file = 'file' in destination ? destination.file : null
  const outcome = done(
    { agreementId, transferId, reused, bytes, digest, file },
    `${String(bytes)} bytes, ${digest}\n${file ?? ''}`,
  )
  return file === null ? { ...outcome, to: 'stderr' } : outcome
}

function destinationOf(out: string, stdout: Writable): Fetching['destination'] {
  if (out !== '-') return { file: resolve(out) }
  // Not stdout itself: a download ends its destination, and stdout stays open.
  const writable = new Writable({
    write: (chunk: Uint8Array, _encoding, written) => {
      stdout.write(chunk, written)
    },
  })
  return { writable }
}
