// The consumer fetches the data of a transfer, and puts on record what arrived.

import { entry } from '../domain/exchange/inbound.ts'
import type { Store } from '../domain/ledger.ts'
import type { HttpStreamCall } from '../kernel/http-call.ts'
import { ProblemError } from '../kernel/problem.ts'
import type { Clock } from '../kernel/time.ts'
import { authorizationHeader, type HttpAddress } from '../protocol/dsp/data-address.ts'
import { download, type Download, type DownloadDestination } from '../dataplane/download.ts'
import type { NewScene } from './ports.ts'
import type { RenewAddress } from './renew-address.ts'

export interface FetchDataOptions {
  readonly store: Store
  readonly newScene: NewScene
  readonly clock: Clock
  readonly renewAddress: RenewAddress
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
  /** What is there already, of the data with that strong ETag. */
  readonly from?: { readonly bytes: number; readonly etag: string }
  readonly signal: AbortSignal
}

export interface FetchData {
  /** Throws what `RenewAddress` throws, the provider's refusal, and what `download` throws. */
  fetch(request: FetchRequest, destination: DownloadDestination): Promise<Download>
  /** Where the data of a started transfer is, with a token that works now and how long it will. Holds a secret. */
  address(transferPid: string): Promise<HttpAddress>
}

export function createFetchData(options: FetchDataOptions): FetchData {
  const { store, newScene, clock, renewAddress, stream, bytesMax, timeoutMs } = options

  /** Calls with the latest token; where the provider refuses that, once more with another one. */
  function calling(transferPid: string, first: HttpAddress): HttpStreamCall {
    let latest = first
    const call: HttpStreamCall = (request) =>
      stream({ ...request, headers: { ...request.headers, authorization: authorizationHeader(latest) } })
    return async (request) => {
      const response = await call(request)
      if (response.status !== 401) return response
      const renewed = await renewAddress.afterRefusal(transferPid, latest.authorization).catch(noneLeft)
      if (renewed === null) return response
      response.body.destroy()
      latest = renewed
      return call(request)
    }
  }

  return {
    // Whoever renews beside us would end the token that we hold: the parts for that stay here.
    address: async (transferPid) => {
      const { address, until } = await renewAddress.current(transferPid)
      const { refreshToken: _, refreshEndpoint: __, expiresInS: ___, ...rest } = address
      return until === null ? rest : { ...rest, expiresInS: Math.max(0, Math.floor((until - clock()) / 1000)) }
    },
    fetch: async ({ transferPid, rest = '', purpose, from, signal }, destination) => {
      const { address: found } = await renewAddress.current(transferPid)
      const endpoint = rest === '' ? found.endpoint : `${found.endpoint.replace(/\/+$/, '')}/${rest}`
      const stopRenewing = renewAddress.keepFresh(transferPid)
      const result = await download(
        calling(transferPid, found),
        { endpoint, authorization: authorizationHeader(found) },
        destination,
        {
          ...(purpose !== undefined && { purpose }),
          ...(from !== undefined && { from }),
          signal,
          bytesMax,
          timeoutMs,
          bodyTimeoutMs: timeoutMs,
        },
      ).finally(stopRenewing)
      const { self, now } = newScene()
      const { bytes, digest, announcedDigest } = result
      // Of a rest nobody announces a digest: it is on record as what it is.
      const begin = result.from === 0 ? {} : { from: result.from }
      await store.transact(
        (read) => read.get('transfer', transferPid),
        (transfer) => ({
          write:
            transfer === null
              ? []
              : [
                  entry('delivery.received', transfer, self, now, {
                    ext: { bytes, digest, announcedDigest, ...begin },
                  }),
                ],
          result: null,
        }),
      )
      return result
    },
  }
}

/** The transfer may have ended meanwhile: then the provider's own refusal says it better. */
function noneLeft(error: unknown): null {
  if (error instanceof ProblemError) return null
  throw error
}
