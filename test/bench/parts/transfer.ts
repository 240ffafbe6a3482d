// From the consumer's transfer request to an address that can be used, under one agreement, one at a time.

import type { Bench } from '../bench.ts'
import { openTransferring, startPair, together, type Pair } from '../pair.ts'
import { percentile, rounded } from '../statistics.ts'

export interface TransferFigures {
  readonly p50Ms: number
  readonly p99Ms: number
  readonly samples: number
}

const DATASET = 'urn:dataset:bench'

export async function measureTransfers({ sizes: { transfer }, say }: Bench): Promise<TransferFigures> {
  const pair = await startPair({ name: 'transfer', datasets: [{ '@id': DATASET, source: null }] })
  const { agreementId } = await connect(pair, DATASET)
  const transfers = await openTransferring(pair, agreementId)
  say(`${String(transfer.samples)} transfers after a warm-up of ${String(transfer.warmUp)}`)
  await together(transfer.warmUp, 1, transfers.transfer)
  const { results } = await together(transfer.samples, 1, transfers.transfer)
  transfers.stop()
  await pair.discard()
  const times = results.map(({ ms }) => ms)
  return { p50Ms: rounded(percentile(times, 50)), p99Ms: rounded(percentile(times, 99)), samples: times.length }
}

export function connect(
  { provider, consumer }: Pair,
  datasetId: string,
): Promise<{ readonly agreementId: string; readonly transferId: string }> {
  return consumer.call('/connect', { counterPartyId: provider.did, datasetId })
}
