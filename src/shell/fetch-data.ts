// The consumer fetches the data of a transfer, and puts on record what arrived.

import { entry } from '../domain/exchange/inbound.ts'
import { isOpen } from '../domain/exchange/transfer.ts'
import type { Store } from '../domain/ledger.ts'
import { orThrow, problem, ProblemError } from '../kernel/problem.ts'
import type { HttpStreamCall } from '../kernel/http-call.ts'
import { authorizationHeader, readDataAddress, type HttpAddress } from '../protocol/dsp/data-address.ts'
import { download, type Download, type DownloadDestination } from '../dataplane/download.ts'
import type { NewScene } from './ports.ts'

export interface FetchDataOptions {
  readonly store: Store
  readonly newScene: NewScene
  readonly stream: HttpStreamCall
  readonly bytesMax: number
  readonly timeoutMs: number
}

export interface FetchRequest {
  /** Our own pid of the transfer. */
  readonly transferPid: string
  /** What is wanted below the endpoint, percent-encoded; empty for the endpoint itself. */
  readonly rest?: string
  readonly purpose?: string
  readonly signal: AbortSignal
}

export interface FetchData {
  /** Throws `transfer.not-started`, the provider's refusal, and what `download` throws. */
  fetch(request: FetchRequest, destination: DownloadDestination): Promise<Download>
  /** Where the data of a started transfer is. Holds a secret. */
  address(transferPid: string): HttpAddress
}

export function createFetchData({ store, newScene, stream, bytesMax, timeoutMs }: FetchDataOptions): FetchData {
  function address(transferPid: string): HttpAddress {
    const transfer = store.reader.get('transfer', transferPid)
    if (transfer === null || transfer.role !== 'CONSUMER') {
      throw new ProblemError(problem('resource.unknown', 'no such transfer that we are the consumer of'))
    }
    if (!isOpen(transfer) || transfer.dataAddress === null) {
      throw new ProblemError(
        problem('transfer.not-started', `the transfer is ${transfer.state}, and not open for data`),
      )
    }
    return orThrow(readDataAddress(transfer.dataAddress))
  }

  return {
    address,
    fetch: async ({ transferPid, rest = '', purpose, signal }, destination) => {
      const found = address(transferPid)
      const endpoint = rest === '' ? found.endpoint : `${found.endpoint.replace(/\/+$/, '')}/${rest}`
      const result = await download(stream, { endpoint, authorization: authorizationHeader(found) }, destination, {
        ...(purpose !== undefined && { purpose }),
        signal,
        bytesMax,
        timeoutMs,
        bodyTimeoutMs: timeoutMs,
      })
      const { self, now } = newScene()
      const { bytes, digest, announcedDigest } = result
      await store.transact(
        (read) => read.get('transfer', transferPid),
        (transfer) => ({
          write:
            transfer === null
              ? []
              : [entry('delivery.received', transfer, self, now, { ext: { bytes, digest, announcedDigest } })],
          result: null,
        }),
      )
      return result
    },
  }
}
