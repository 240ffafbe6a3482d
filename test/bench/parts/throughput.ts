// Pulls of a large file, in turns: straight from a plain server, through a bare proxy, through one that hashes, and from us,
// once as a file of ours and once as an HTTP source, where we are a proxy like the other two.

import { randomBytes } from 'node:crypto'
import { closeSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { pull } from '../http.ts'
import { addressOf, startPair, type Pair } from '../pair.ts'
import { rssMib, watchRss } from '../resources.ts'
import { dropFolder, newFolder, startProgram } from '../scratch.ts'
import { median, pairedRatio, rounded } from '../statistics.ts'
import { bearer } from './first-byte.ts'
import { connect } from './transfer.ts'

export interface ThroughputFigures {
  /** A file of ours. */
  readonly mibPerSecond: number
  readonly hashingProxyMibPerSecond: number
  /** Ours by the hashing proxy's. A file has no hop behind it, as the proxies have: `http` is like against like. */
  readonly ratio: number
  readonly bareProxyRatio: number
  /** The most that the provider held during a pull, warm-up included, over what it held before the first one. */
  readonly rssGrowthMib: number | null
  readonly directRatio: number
  readonly directMibPerSecond: number
  readonly bareProxyMibPerSecond: number
  /** A source that is fetched over HTTP from the plain server, passed on and hashed: what the hashing proxy does. */
  readonly http: {
    readonly mibPerSecond: number
    readonly rssGrowthMib: number | null
    readonly ratio: number
    readonly bareProxyRatio: number
    readonly directRatio: number
  }
  readonly fileMib: number
}

const FILE = 'urn:dataset:file'
const HTTP = 'urn:dataset:http'
const MIB = 1024 * 1024

export async function measureThroughput({ sizes, alone, say, profileTo }: Bench): Promise<ThroughputFigures> {
  const { fileMib, ...times } = sizes.throughput
  const rounds = alone ? times.alone : times.rounds
  const folder = newFolder('large')
  const file = join(folder, 'large.bin')
  fill(file, fileMib)
  const direct = await startProgram<{ url: string }>('floor/files.ts', 'direct', file)
  const [bare, hashing] = await Promise.all([
    startProgram<{ url: string }>('floor/files.ts', 'proxy', direct.ready.url),
    startProgram<{ url: string }>('floor/files.ts', 'hash', direct.ready.url),
  ])
  const pair = await startPair({
    name: 'throughput',
    datasets: [
      { '@id': FILE, source: { type: 'file', path: file } },
      { '@id': HTTP, source: { type: 'http', url: direct.ready.url } },
    ],
    profileTo,
  })
  // What is compared stands side by side: others who use the machine slow neighbours alike.
  const ways = {
    direct: () => pull(direct.ready.url),
    file: await pullOf(pair, FILE),
    bare: () => pull(bare.ready.url),
    http: await pullOf(pair, HTTP),
    hashing: () => pull(hashing.ready.url),
  }
  type Way = keyof typeof ways
  const speeds: Record<Way, number[]> = { direct: [], bare: [], hashing: [], file: [], http: [] }

  const provider = pair.provider.processId()
  const before = rssMib(provider)
  const rss = watchRss(provider)
  const most: Record<Way, number | null> = { direct: null, bare: null, hashing: null, file: null, http: null }
  for (let round = 0; round <= rounds; round++) {
    say(round === 0 ? 'warm-up: one pull each' : `round ${String(round)} of ${String(rounds)}`)
    for (const way of Object.keys(ways) as Way[]) {
      rss.lap()
      const { ms, bytes } = await ways[way]()
      if (bytes !== fileMib * MIB) throw new Error(`${way} delivered ${String(bytes)} bytes`)
      const lap = rss.lap()
      if (lap !== null) most[way] = Math.max(most[way] ?? 0, lap)
      if (round > 0) speeds[way].push(fileMib / (ms / 1000))
    }
  }
  rss.stop()
  await Promise.all([pair.discard(), direct.stop(), bare.stop(), hashing.stop()])
  dropFolder(folder)

  const of = (way: Way): number => rounded(median(speeds[way]))
  const by = (way: Way, floor: Way): number => rounded(pairedRatio(speeds[way], speeds[floor]))
  const growth = (way: Way): number | null => {
    const peak = most[way]
    return before === null || peak === null ? null : rounded(peak - before)
  }
  return {
    mibPerSecond: of('file'),
    hashingProxyMibPerSecond: of('hashing'),
    ratio: by('file', 'hashing'),
    bareProxyRatio: by('file', 'bare'),
    rssGrowthMib: growth('file'),
    directRatio: by('file', 'direct'),
    directMibPerSecond: of('direct'),
    bareProxyMibPerSecond: of('bare'),
    http: {
      mibPerSecond: of('http'),
      rssGrowthMib: growth('http'),
      ratio: by('http', 'hashing'),
      bareProxyRatio: by('http', 'bare'),
      directRatio: by('http', 'direct'),
    },
    fileMib,
  }
}

async function pullOf(pair: Pair, dataset: string): Promise<() => ReturnType<typeof pull>> {
  const { transferId } = await connect(pair, dataset)
  const { endpoint, authorization } = await addressOf(pair.consumer, transferId)
  return () => pull(endpoint, { authorization: bearer(authorization) })
}

/** No holes and no zeroes: both would be read faster than data is. */
function fill(file: string, mib: number): void {
  const piece = randomBytes(MIB)
  const descriptor = openSync(file, 'w')
  for (let written = 0; written < mib; written++) writeSync(descriptor, piece)
  closeSync(descriptor)
}
