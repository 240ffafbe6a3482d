// Where a peer's DSP endpoints are: from the register, else from its DID document and its version document.

import { serviceEndpoint, type DidDocument } from '../domain/trust/did-document.ts'
import type { Reader } from '../domain/ledger.ts'
import { orThrow, problem, ProblemError } from '../kernel/problem.ts'
import { later, type Clock, type Instant } from '../kernel/time.ts'
import { dspBase, VERSION_PATH } from '../protocol/dsp/version.ts'
import type { ParticipantId } from '../protocol/ids.ts'
import type { DspClient } from '../wire/dsp-client.ts'

export interface FindPeerOptions {
  readonly reader: Reader
  readonly resolveDid: (did: string) => Promise<DidDocument>
  readonly client: DspClient
  readonly clock: Clock
}

/** The base that a peer's paths extend. Throws `peer.version` where it speaks no DSP 2025-1, and what resolving it throws. */
export type FindPeer = (participant: ParticipantId) => Promise<string>

const KEPT_MS = 5 * 60_000
const ENTRIES_MAX = 1_000

export function createFindPeer({ reader, resolveDid, client, clock }: FindPeerOptions): FindPeer {
  const known = new Map<string, { readonly base: string; readonly until: Instant }>()

  return async (participant) => {
    const listed = reader.get('peer', participant)?.address ?? null
    if (listed !== null) return listed
    const cached = known.get(participant)
    if (cached !== undefined && cached.until > clock()) return cached.base

    const endpoint = serviceEndpoint(await resolveDid(participant), 'DataService')
    if (endpoint?.endsWith(VERSION_PATH) !== true) {
      const sentence = `its DID document names no DataService that ends in ${VERSION_PATH}; give the address by hand`
      throw new ProblemError(problem('peer.version', sentence))
    }
    const { status, json } = await client.getOpen(endpoint)
    if (status !== 200)
      throw new ProblemError(problem('peer.version', `the version document was answered with ${String(status)}`))
    const base = orThrow(dspBase(json, endpoint.slice(0, -VERSION_PATH.length)))

    if (known.size >= ENTRIES_MAX) known.clear()
    known.set(participant, { base, until: later(clock(), KEPT_MS) })
    return base
  }
}
