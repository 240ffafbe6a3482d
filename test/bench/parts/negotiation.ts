// Negotiations between two processes, against the same four messages sent bare, in turns.

import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { JWK } from 'jose'
import type { Bench } from '../bench.ts'
import { send } from '../http.ts'
import { openNegotiating, startPair, together } from '../pair.ts'
import { cpuMs } from '../resources.ts'
import { newFolder, startProgram } from '../scratch.ts'
import { median, pairedRatio, percentile, rounded } from '../statistics.ts'

export interface NegotiationFigures {
  /** One in flight: from the consumer's call until FINALIZED on both sides. */
  readonly p50Ms: number
  readonly p99Ms: number
  /** Sixteen in flight: the median of the rounds. */
  readonly perSecond: number
  readonly floorPerSecond: number
  /** Ours by the floor's, each round against the one beside it. */
  readonly ratio: number
  readonly floorP50Ms: number
  readonly at16: { readonly p50Ms: number; readonly p99Ms: number }
  /** Time on a core that one negotiation takes at sixteen in flight; null where the system does not tell. */
  readonly cpuMs: { readonly provider: number | null; readonly consumer: number | null }
  readonly samples: number
}

const IN_FLIGHT = 16
const DATASET = 'urn:dataset:bench'

export async function measureNegotiation({ sizes, say, profileTo }: Bench): Promise<NegotiationFigures> {
  const { rounds, negotiation } = sizes
  const pair = await startPair({ name: 'negotiation', datasets: [{ '@id': DATASET, source: null }], profileTo })
  const floor = await startFloor()
  const ours = await openNegotiating(pair, await pair.offerOn(DATASET))

  say(`warm-up: ${String(negotiation.warmUp)} negotiations, as many exchanges of the floor`)
  await together(negotiation.warmUp, IN_FLIGHT, ours.negotiate)
  await together(negotiation.warmUp, IN_FLIGHT, floor.exchange)

  const single: number[] = []
  const floorSingle: number[] = []
  const at16: number[] = []
  const perSecond: number[] = []
  const floorPerSecond: number[] = []
  const processes = [pair.provider.processId(), pair.consumer.processId()]
  const used: (number | null)[][] = []
  for (let round = 1; round <= rounds; round++) {
    say(`round ${String(round)} of ${String(rounds)}`)
    single.push(...(await together(negotiation.single, 1, ours.negotiate)).results)
    floorSingle.push(...(await together(negotiation.single, 1, floor.exchange)).results)
    const before = processes.map(cpuMs)
    const run = await together(negotiation.together, IN_FLIGHT, ours.negotiate)
    const after = processes.map(cpuMs)
    used.push(processes.map((_, index) => perNegotiation(before[index], after[index], negotiation.together)))
    at16.push(...run.results)
    perSecond.push(run.perSecond)
    floorPerSecond.push((await together(negotiation.together, IN_FLIGHT, floor.exchange)).perSecond)
  }
  ours.stop()
  await Promise.all([pair.discard(), floor.stop()])

  return {
    p50Ms: rounded(percentile(single, 50)),
    p99Ms: rounded(percentile(single, 99)),
    perSecond: rounded(median(perSecond)),
    floorPerSecond: rounded(median(floorPerSecond)),
    ratio: rounded(pairedRatio(perSecond, floorPerSecond)),
    floorP50Ms: rounded(percentile(floorSingle, 50)),
    at16: { p50Ms: rounded(percentile(at16, 50)), p99Ms: rounded(percentile(at16, 99)) },
    cpuMs: {
      provider: medianOrNull(used.map(([provider]) => provider)),
      consumer: medianOrNull(used.map(([, each]) => each)),
    },
    samples: single.length,
  }
}

interface FloorSide {
  readonly name: string
  readonly url: string
  readonly key: JWK
}

async function startFloor(): Promise<{ exchange: () => Promise<number>; stop: () => Promise<void> }> {
  const folder = newFolder('floor-exchange')
  const [a, b] = await Promise.all(
    ['a', 'b'].map((name) => startProgram<FloorSide>('floor/exchange.ts', name, join(folder, `${name}.db`))),
  )
  if (a === undefined || b === undefined) throw new Error('the floor has two sides')
  a.tell(b.ready)
  b.tell(a.ready)
  return {
    exchange: async () => {
      const begun = performance.now()
      const { status } = await send('POST', `${a.ready.url}/open`, {})
      if (status !== 200) throw new Error(`the floor answered ${String(status)}`)
      return performance.now() - begun
    },
    stop: async () => {
      await Promise.all([a.stop(), b.stop()])
      await rm(folder, { recursive: true })
    },
  }
}

function perNegotiation(
  before: number | null | undefined,
  after: number | null | undefined,
  count: number,
): number | null {
  return typeof before === 'number' && typeof after === 'number' ? (after - before) / count : null
}

function medianOrNull(values: readonly (number | null | undefined)[]): number | null {
  const known = values.filter((value) => typeof value === 'number')
  return known.length === 0 ? null : rounded(median(known))
}
