// Resolves did:web names over a guarded call, and remembers the documents for a while.

import type { HttpCall } from '../kernel/http-call.ts'
import { orThrow, problem, ProblemError } from '../kernel/problem.ts'
import type { Clock, Instant } from '../kernel/time.ts'
import { readDidDocument } from '../domain/trust/did-document.ts'
import type { DidDocument } from '../domain/trust/did-document.ts'
import { didWebUrl } from '../domain/trust/did-web.ts'

const FRESH_MS = 5 * 60_000
/** A document that could not be fetched again serves until it is this old, and never longer. */
const STALE_MAX_MS = 60 * 60_000
/** Unknown key ids cost a peer at most one request in this time. */
const FORCED_PAUSE_MS = 30_000
/** A name that could not be resolved is not tried again for this long. */
const FAILURE_PAUSE_MS = 2_000
const FETCHES_MAX = 64
const FETCH_TIMEOUT_MS = 3_000
const DOCUMENT_BYTES_MAX = 65_536

export interface DidResolver {
  /** The document, from memory if it is fresh enough. Throws why there is none. */
  readonly resolve: (did: string) => Promise<DidDocument>
  /** The document fetched anew, because it lacks a key; null when that was done too short a time ago. */
  readonly refresh: (did: string) => Promise<DidDocument | null>
}

export interface DidResolverOptions {
  readonly call: HttpCall
  readonly clock: Clock
  readonly mayUseHttp: (url: URL) => boolean
  readonly cacheEntriesMax: number
}

interface Entry {
  readonly document: DidDocument | null
  readonly fetchedAt: Instant
  readonly forcedAt: Instant | null
  readonly failure: { readonly error: unknown; readonly at: Instant } | null
}

/**
 * Throws a ProblemError: `did.unresolvable` (not a did:web name, or an answer other than 200), `did.malformed`,
 * `address.forbidden`, `peer.unreachable` or `peer.malformed` from the call, `busy.limit` with too many fetches under way.
 */
export function createDidResolver({ call, clock, mayUseHttp, cacheEntriesMax }: DidResolverOptions): DidResolver {
  const entries = new Map<string, Entry>()
  const underWay = new Map<string, Promise<DidDocument>>()

  return {
    resolve: async (did) => {
      const known = entries.get(did)
      const age = known === undefined ? 0 : clock() - known.fetchedAt
      if (known?.document && age < FRESH_MS) {
        keep(did, known)
        return known.document
      }
      const failed = known?.failure
      try {
        if (failed && clock() - failed.at < FAILURE_PAUSE_MS) throw failed.error
        return await fetchOnce(did)
      } catch (error) {
        if (known?.document && age < STALE_MAX_MS && mayPass(error)) return known.document
        throw error
      }
    },

    refresh: async (did) => {
      const known = entries.get(did)
      const now = clock()
      // Whoever meets the new key first fetches; the others, in the same moment, wait for that fetch.
      const forcedAt = known?.forcedAt ?? null
      if (forcedAt !== null && now - forcedAt < FORCED_PAUSE_MS && !underWay.has(did)) return null
      const forced: Entry = { document: null, fetchedAt: now, failure: null, ...known, forcedAt: now }
      keep(did, forced)
      return await fetchOnce(did)
    },
  }

  async function fetchOnce(did: string): Promise<DidDocument> {
    const running = underWay.get(did)
    if (running !== undefined) return await running
    if (underWay.size >= FETCHES_MAX) {
      throw new ProblemError(problem('busy.limit', `${FETCHES_MAX} DID documents are being fetched already`))
    }
    const fetching = fetchAndKeep(did).finally(() => underWay.delete(did))
    underWay.set(did, fetching)
    return await fetching
  }

  async function fetchAndKeep(did: string): Promise<DidDocument> {
    const url = orThrow(didWebUrl(did, mayUseHttp))
    try {
      const document = await fetchDocument(call, url, did)
      keep(did, { document, fetchedAt: clock(), forcedAt: entries.get(did)?.forcedAt ?? null, failure: null })
      return document
    } catch (error) {
      const known = entries.get(did) ?? { document: null, fetchedAt: clock(), forcedAt: null }
      keep(did, { ...known, failure: { error, at: clock() } })
      throw error
    }
  }

  /** Puts an entry at the young end; the oldest goes when there are too many. */
  function keep(did: string, entry: Entry): void {
    entries.delete(did)
    entries.set(did, entry)
    const oldest = entries.keys().next()
    if (entries.size > cacheEntriesMax && oldest.done !== true) entries.delete(oldest.value)
  }
}

/** An unreachable host may come back; a name that answers "gone", or something else, has said what it has to say. */
function mayPass(error: unknown): boolean {
  return (
    error instanceof ProblemError && (error.problem.code === 'peer.unreachable' || error.problem.code === 'busy.limit')
  )
}

async function fetchDocument(call: HttpCall, url: string, did: string): Promise<DidDocument> {
  const headers = { accept: 'application/did+json, application/json' }
  const { status, body } = await call({
    method: 'GET',
    url,
    headers,
    timeoutMs: FETCH_TIMEOUT_MS,
    bodyBytesMax: DOCUMENT_BYTES_MAX,
  })
  if (status >= 500) throw new ProblemError(problem('peer.unreachable', `${url} answered ${status}`))
  if (status !== 200)
    throw new ProblemError(
      problem('did.unresolvable', `expected 200 from ${url}, got ${status}; redirects are not followed`),
    )
  return orThrow(readDidDocument(parseJson(body, url), did))
}

function parseJson(body: Uint8Array, url: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
  } catch (cause) {
    throw new ProblemError(problem('did.malformed', `expected JSON from ${url}`), { cause })
  }
}
