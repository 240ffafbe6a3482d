// A provider and a consumer that know each other, and the two things that are timed on them: negotiations and transfers.

import { prepareConnector, type BenchConnector, type Entry } from './connector.ts'
import { dropFolder } from './scratch.ts'

export interface Pair {
  readonly provider: BenchConnector
  readonly consumer: BenchConnector
  /** The provider's offer on that dataset, as the consumer's catalogue shows it. */
  readonly offerOn: (datasetId: string) => Promise<Offered>
  readonly start: () => Promise<void>
  readonly stop: () => Promise<void>
  /** Stops both and removes their folders. */
  readonly discard: () => Promise<void>
}

export interface Offered {
  readonly offer: object
  readonly address: string
}

export interface PairOptions {
  readonly name: string
  readonly datasets: readonly { readonly '@id': string; readonly source: object | null }[]
  /** Where each of the two writes its CPU profile. */
  readonly profileTo?: string | undefined
}

/** A rule that costs what rules cost: two constraints, one of which counts. */
const RULES = `
permission:
  - action: use
    constraint:
      - spatial: { isAnyOf: [CN, VN] }
      - count: { lteq: 1000000000 }
`
/** Nothing here takes longer than a moment; what does is broken, and is told instead of waited for. */
const PATIENCE_MS = 30_000

export async function startPair({ name, datasets, profileTo }: PairOptions): Promise<Pair> {
  const ids = JSON.stringify(datasets.map((dataset) => dataset['@id']))
  const nodeOptions =
    profileTo === undefined ? [] : ['--cpu-prof', '--cpu-prof-interval', '250', `--cpu-prof-dir=${profileTo}`]
  const offers = { all: `offer: all\ndatasets: ${ids}\n${RULES}` }
  const provider = await prepareConnector({ name: `${name}-provider`, offers, nodeOptions })
  const consumer = await prepareConnector({ name: `${name}-consumer`, nodeOptions })
  const both = [provider, consumer]
  const stop = async (): Promise<void> => {
    await Promise.all(both.map((each) => each.stop()))
  }
  const start = async (): Promise<void> => {
    for (const each of both) await each.start()
  }
  await start()
  await provider.call('/peers', { did: consumer.did, name: 'consumer', claims: { country: 'VN' } })
  await consumer.call('/peers', { did: provider.did, name: 'provider', claims: { country: 'CN' } })
  await provider.call('/datasets', datasets)

  return {
    provider,
    consumer,
    offerOn: async (datasetId) => {
      const { datasets: seen, address } = await consumer.call<SeenCatalog>('/catalog/request', {
        counterPartyId: provider.did,
      })
      const offer = seen.find(({ id }) => id === datasetId)?.offers[0]?.offer
      if (offer === undefined) throw new Error(`there is no offer on ${datasetId}`)
      return { offer, address }
    },
    start,
    stop,
    discard: async () => {
      await stop()
      for (const { folder } of both) dropFolder(folder)
    },
  }
}

interface SeenCatalog {
  readonly address: string
  readonly datasets: readonly { readonly id: string; readonly offers: readonly { readonly offer: object }[] }[]
}

export interface Negotiating {
  /** One negotiation: milliseconds from the consumer's call until it is FINALIZED on both sides. */
  readonly negotiate: () => Promise<number>
  readonly stop: () => void
}

/** FINALIZED on a side is when its agreement is in force there, as its event stream tells. */
export async function openNegotiating({ provider, consumer }: Pair, { offer, address }: Offered): Promise<Negotiating> {
  const atProvider = openWaiting()
  const atConsumer = openWaiting()
  const streams = await Promise.all([
    provider.follow(['agreement.finalized'], ({ agreement = '' }) => atProvider.came(agreement, agreement)),
    consumer.follow(['agreement.finalized'], ({ pid = '', agreement = '' }) => atConsumer.came(pid, agreement)),
  ])
  const request = { counterPartyId: provider.did, counterPartyAddress: address, offer }
  return {
    negotiate: async () => {
      const begun = performance.now()
      const { id } = await consumer.call<{ id: string }>('/negotiations', request)
      await atProvider.of(await atConsumer.of(id))
      return performance.now() - begun
    },
    stop: () => {
      for (const stream of streams) stream.stop()
    },
  }
}

export interface DataAddress {
  readonly endpoint: string
  readonly authorization: string
}

export interface Transferring {
  /** One transfer: milliseconds from the consumer's request until it holds an address that can be used. */
  readonly transfer: () => Promise<{ readonly ms: number; readonly address: DataAddress }>
  readonly stop: () => void
}

export async function openTransferring({ consumer }: Pair, agreementId: string): Promise<Transferring> {
  const started = openWaiting()
  const stream = await consumer.follow(['message.received'], ({ pid = '', ext }: Entry) => {
    if (ext?.['move'] === 'TransferStartMessage') started.came(pid, pid)
  })
  return {
    transfer: async () => {
      const begun = performance.now()
      const { id } = await consumer.call<{ id: string }>('/transfers', { agreementId })
      const address = await addressOf(consumer, await started.of(id))
      return { ms: performance.now() - begun, address }
    },
    stop: stream.stop,
  }
}

export function addressOf(consumer: BenchConnector, transferId: string): Promise<DataAddress> {
  return consumer.call<DataAddress>(`/transfers/${encodeURIComponent(transferId)}/data-address`)
}

/** Things that come under a name, before or after somebody waits for them; each is waited for once. */
function openWaiting(): {
  readonly came: (name: string, value: string) => void
  readonly of: (name: string) => Promise<string>
} {
  const here = new Map<string, string>()
  const waiting = new Map<string, (value: string) => void>()
  return {
    came: (name, value) => {
      const resolve = waiting.get(name)
      if (resolve === undefined) here.set(name, value)
      else resolve(value)
    },
    of: (name) =>
      new Promise((resolve, reject) => {
        const known = here.get(name)
        here.delete(name)
        if (known !== undefined) {
          resolve(known)
          return
        }
        const timer = setTimeout(() => {
          waiting.delete(name)
          reject(new Error(`${name} did not come to its end within ${String(PATIENCE_MS / 1000)} s`))
        }, PATIENCE_MS)
        waiting.set(name, (value) => {
          clearTimeout(timer)
          waiting.delete(name)
          resolve(value)
        })
      }),
  }
}

/** Runs `count` pieces of work, `inFlight` at a time; their results and how many a second. */
export async function together<T>(
  count: number,
  inFlight: number,
  work: () => Promise<T>,
): Promise<{ readonly results: readonly T[]; readonly perSecond: number }> {
  const results: T[] = []
  let left = count
  const begun = performance.now()
  const lane = async (): Promise<void> => {
    while (left-- > 0) results.push(await work())
  }
  await Promise.all(Array.from({ length: inFlight }, lane))
  return { results, perSecond: (1000 * count) / (performance.now() - begun) }
}
