// Fetches the data of a transfer through the connector, and checks that what arrived is what the connector announced.

import { download, type Download, type StreamDestination } from '../dataplane/download.ts'
import { downloadToFile } from '../dataplane/partial-file.ts'
import { problem, ProblemError } from '../kernel/problem.ts'
import { createHttpClient } from '../wire/http-client.ts'
import type { Management } from './management.ts'

export interface Fetching {
  readonly transferId: string
  readonly destination: { readonly file: string } | StreamDestination
  /** An IRI; stated to the provider. */
  readonly purpose?: string | undefined
  readonly bytesMax: number
  /** Until the headers are there, and between two pieces of the body. */
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** `resumedFrom`: how many bytes an earlier call had left in the file. */
export type Fetched = Download & { readonly resumedFrom: number }

/** Throws what `download` throws, and `data.digest` where the connector announced none: then nothing was verified. */
export async function fetchData({ base, authorization }: Management, fetching: Fetching): Promise<Fetched> {
  const { transferId, destination, purpose, bytesMax, timeoutMs, signal } = fetching
  // The guard of sources: this machine and its network may be called.
  const client = createHttpClient({
    guard: 'source',
    loopback: false,
    allowHttpHosts: [],
    allowNetworks: [],
    connectionsPerOriginMax: 1,
  })
  try {
    const endpoint = { endpoint: `${base}/transfers/${encodeURIComponent(transferId)}/data`, authorization }
    const options = {
      ...(purpose !== undefined && { purpose }),
      signal,
      bytesMax,
      timeoutMs,
      bodyTimeoutMs: timeoutMs,
    }
    if ('file' in destination) {
      return await downloadToFile(client.stream, endpoint, { file: destination.file, key: transferId }, options)
    }
    const fetched = await download(client.stream, endpoint, destination, options)
    if (fetched.announcedDigest !== null) return { ...fetched, resumedFrom: 0 }
    throw new ProblemError(problem('data.digest', 'expected the connector to announce a digest, and none came'))
  } finally {
    await client.close()
  }
}
