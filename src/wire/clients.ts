// The two HTTP clients of a connector: one for what peers name, one for what our administrator wrote down.

import { readFileSync } from 'node:fs'
import { createHttpClient, type HttpClient } from './http-client.ts'

export interface ClientSettings {
  readonly loopback: boolean
  readonly allowHttpHosts: readonly string[]
  readonly allowNetworks: readonly string[]
  readonly connectTimeoutMs: number
  readonly proxy?: string
  /** PEM file of certificates that are trusted beside Node's own. */
  readonly extraCaFile?: string
}

const CONNECTIONS_PER_ORIGIN_MAX = 32

/** Throws `config.invalid` for hosts and networks that cannot be read. */
export function openClients(settings: ClientSettings): { readonly peers: HttpClient; readonly sources: HttpClient } {
  const { loopback, allowHttpHosts, allowNetworks, connectTimeoutMs, proxy, extraCaFile } = settings
  const common = {
    loopback,
    allowHttpHosts,
    connectionsPerOriginMax: CONNECTIONS_PER_ORIGIN_MAX,
    connectTimeoutMs,
    ...(extraCaFile !== undefined && { extraCa: readFileSync(extraCaFile, 'utf8') }),
    ...(proxy !== undefined && { proxy }),
  }
  return {
    peers: createHttpClient({ ...common, guard: 'peer', allowNetworks }),
    sources: createHttpClient({ ...common, guard: 'source', allowNetworks: [] }),
  }
}
