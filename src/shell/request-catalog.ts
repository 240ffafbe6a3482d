// Asks a peer for its catalogue, and says of each offer whether we understand it.

import { compilePolicy } from '../domain/policy/compile.ts'
import { orThrow, problem, ProblemError } from '../kernel/problem.ts'
import { readPeerError } from '../protocol/dsp/error.ts'
import { linkedPage } from '../protocol/dsp/links.ts'
import { DSP_CONTEXT, type CatalogRequestMessage } from '../protocol/dsp/messages.ts'
import { parseMessage } from '../protocol/dsp/validate.ts'
import type { DatasetId, MessageId, ParticipantId } from '../protocol/ids.ts'
import { readOffer } from '../protocol/odrl/normalise.ts'
import type { MessageOffer } from '../protocol/odrl/types.ts'
import type { DspClient } from '../wire/dsp-client.ts'
import type { FindPeer } from './find-peer.ts'

/** An offer of a peer's, ready to be requested as it is; `notUnderstood` says where it asks for what we cannot keep. */
export interface SeenOffer {
  readonly offer: MessageOffer | null
  readonly offerId: string
  readonly notUnderstood: readonly { readonly path: string; readonly message: string }[]
}

export interface SeenDataset {
  readonly id: DatasetId
  readonly properties: Readonly<Record<string, unknown>>
  readonly formats: readonly string[]
  readonly offers: readonly SeenOffer[]
}

export interface SeenCatalog {
  readonly participantId: ParticipantId
  readonly address: string
  /** Whether there are more pages than we read. */
  readonly isCut: boolean
  readonly datasets: readonly SeenDataset[]
}

export interface CatalogQuestion {
  readonly counterparty: ParticipantId
  readonly address?: string
  readonly filter?: readonly unknown[]
}

export type RequestCatalog = (question: CatalogQuestion) => Promise<SeenCatalog>

export interface RequestCatalogOptions {
  readonly client: DspClient
  readonly findPeer: FindPeer
  readonly newMessageId: () => MessageId
}

/** How much is read of one catalogue: 10,000 datasets of a peer with pages as long as ours, and what fits into memory. */
const PAGES_MAX = 200
const BYTES_MAX = 32 * 1024 * 1024

/** All pages, or with a filter one: whoever gives one says how much it wants. Throws `peer.refused` with the peer's own words, `peer.malformed` for an answer that is no Catalog, and what the call throws. */
export function createRequestCatalog({ client, findPeer, newMessageId }: RequestCatalogOptions): RequestCatalog {
  return async ({ counterparty, address, filter }) => {
    const base = (address ?? (await findPeer(counterparty))).replace(/\/+$/, '')
    const message: CatalogRequestMessage = {
      '@context': [DSP_CONTEXT],
      '@type': 'CatalogRequestMessage',
      '@id': newMessageId(),
      // An empty list means everything, as no filter does, and EDC answers it with 400.
      ...(filter !== undefined && filter.length > 0 && { filter }),
    }
    const body = JSON.stringify(message)
    const seen: SeenDataset[] = []
    let page: string | null = `${base}/catalog/request`
    let [participantId, bytesRead] = [counterparty, 0]
    const pagesMax = filter === undefined ? PAGES_MAX : 1
    for (let pages = 0; page !== null && pages < pagesMax && bytesRead < BYTES_MAX; pages += 1) {
      const { catalog, bytes, next } = await askPage(page, body, counterparty)
      participantId = catalog.participantId
      seen.push(...(catalog.dataset ?? []).map(seenDataset))
      bytesRead += bytes
      page = next
    }
    return { participantId, address: base, isCut: page !== null, datasets: seen }
  }

  /** DSP 2025-1 does not say how the next page is asked for: with the same message, as EDC wants it, else by GET. */
  async function askPage(
    url: string,
    body: string,
    counterparty: ParticipantId,
  ): Promise<{ readonly catalog: Parsed; readonly bytes: number; readonly next: string | null }> {
    const posted = await client.post(url, body, counterparty)
    const answer = posted.status === 405 ? await client.get(url, counterparty) : posted
    if (answer.status !== 200) {
      const words = readPeerError(answer.bytes).reasons.join('; ')
      throw new ProblemError(problem('peer.refused', `the counter-party answered ${String(answer.status)}: ${words}`))
    }
    const parsed = parseMessage('Catalog', answer.json)
    if (!parsed.ok) throw new ProblemError({ ...parsed.problem, code: 'peer.malformed' })
    const next = linkedPage(answer.headers['link'] ?? '', 'next', url)
    return { catalog: parsed.value, bytes: answer.bytes.length, next }
  }
}

function seenDataset({
  '@id': id,
  '@type': _,
  hasPolicy,
  distribution,
  ...properties
}: NonNullable<Parsed['dataset']>[number]): SeenDataset {
  return {
    id,
    properties,
    formats: [...new Set(distribution.map(({ format }) => format))],
    offers: hasPolicy.map((offer, index) => seenOffer(offer, id, `hasPolicy[${String(index)}]`)),
  }
}

type Parsed = Extract<ReturnType<typeof parseMessage<'Catalog'>>, { ok: true }>['value']

/** One rule that we do not know must not hide the catalogue: the offer is listed, and says what is wrong with it. */
function seenOffer(raw: unknown, target: DatasetId, path: string): SeenOffer {
  const { '@id': id } = raw as { '@id'?: unknown }
  const offerId = typeof id === 'string' ? id.slice(0, 2048) : ''
  const read = readOffer(raw, path)
  const compiled = read.ok ? compilePolicy(read.value, path) : read
  if (compiled.ok) {
    const { assigner: _, assignee: __, ...offer } = orThrow(read)
    return { offer: { ...offer, '@type': 'Offer', target }, offerId, notUnderstood: [] }
  }
  const { path: place = path, message } = compiled.problem
  return { offer: null, offerId, notUnderstood: [{ path: place, message }] }
}
