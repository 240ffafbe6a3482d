// The two HTTP clients of a connector: one for what peers name, one for what our administrator wrote down.

import { X509Certificate } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { problem, ProblemError } from '../kernel/problem.ts'
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

/** Throws `config.invalid` for hosts, networks and certificates that cannot be read. */
export function openClients(settings: ClientSettings): { readonly peers: HttpClient; readonly sources: HttpClient } {
  const { loopback, allowHttpHosts, allowNetworks, connectTimeoutMs, proxy, extraCaFile } = settings
  const common = {
    loopback,
    allowHttpHosts,
    connectionsPerOriginMax: CONNECTIONS_PER_ORIGIN_MAX,
    connectTimeoutMs,
    ...(extraCaFile !== undefined && { extraCa: readAuthorities(extraCaFile) }),
    ...(proxy !== undefined && { proxy }),
  }
  return {
    peers: createHttpClient({ ...common, guard: 'peer', allowNetworks }),
    sources: createHttpClient({ ...common, guard: 'source', allowNetworks: [] }),
  }
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** The text of the file, if all its certificates can be read. Node would pass over what it cannot, and trust nobody new. */
function readAuthorities(file: string): string {
  try {
    const text = readFileSync(file, 'utf8')
    const certificates = (text.match(CERTIFICATE) ?? []).map((pem) => new X509Certificate(pem))
    if (certificates.length > 0) return text
    throw new Error('there is no certificate in it')
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    const path = 'outbound.extraCaFile'
    throw new ProblemError(problem('config.invalid', `${file} is no PEM file of certificates: ${why}`, path), { cause })
  }
}
