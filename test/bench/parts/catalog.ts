// Pages of a large catalogue with many offers, each with an access rule of its own, asked for over DSP with real tokens.

import { join } from 'node:path'
import type { Bench } from '../bench.ts'
import { openAskers, type Asker } from '../askers.ts'
import { prepareConnector, type BenchConnector } from '../connector.ts'
import { send } from '../http.ts'
import { dropFolder, newFolder, startProgram } from '../scratch.ts'
import { percentile, rounded } from '../statistics.ts'

export interface CatalogFigures {
  /** For a participant that was here before. */
  readonly pageP50Ms: number
  readonly pageP99Ms: number
  readonly datasets: number
  readonly offers: number
  /** The first page of participants that were never here, their DID documents fetched: the median, and the worst. */
  readonly firstPageMs: number
  readonly firstPageMaxMs: number
  /** One indexed query and JSON over Node's HTTP, as many pages, in turns. */
  readonly floorP50Ms: number
  readonly floorP99Ms: number
  readonly publishMs: number
  readonly startMs: number
  readonly pages: number
}

/** As many as one call takes. */
const BATCH = 1_000
const COUNTRIES = ['VN', 'TH', 'MY', 'SG', 'ID', 'PH', 'LA', 'KH', 'MM', 'BN', 'TL', 'JP']
const GROUP = 'bench:group'
const MESSAGE = {
  '@context': ['https://w3id.org/dspace/2025/1/context.jsonld'],
  '@type': 'CatalogRequestMessage',
}

export async function measureCatalog({ sizes: { catalog }, say }: Bench): Promise<CatalogFigures> {
  const { datasets, offers, pages } = catalog
  say(`${String(datasets)} datasets, ${String(offers)} offers`)
  const connector = await prepareConnector({ name: 'catalog', offers: offerFiles(offers) })
  const startMs = await connector.start()
  const { askers, close } = await openAskers(catalog.askers)
  // Each sees another half of the offers, so that none profits from what was worked out for another.
  for (const [index, { did }] of askers.entries()) {
    await connector.call('/peers', { did, claims: { country: COUNTRIES[index % COUNTRIES.length] } })
  }
  const publishMs = await publish(connector, datasets, offers)
  const floorFolder = newFolder('floor-catalog')
  const floorFile = join(floorFolder, 'floor.db')
  const floor = await startProgram<{ url: string }>('floor/catalog.ts', floorFile, String(datasets))

  say(`the first page of ${String(askers.length)} participants, then ${String(pages)} pages of one of them`)
  const url = `${connector.publicUrl}/dsp/2025-1/catalog/request`
  const firstPages: number[] = []
  for (const asker of askers) firstPages.push((await ask(url, connector.did, asker)).ms)

  const [asker] = askers
  if (asker === undefined) throw new Error('somebody has to ask')
  const ours: number[] = []
  const theirs: number[] = []
  let [next, after]: [string | null, string] = [url, '']
  for (let page = 0; page < pages; page++) {
    const asked = await ask(next ?? url, connector.did, asker)
    ours.push(asked.ms)
    next = asked.next
    const begun = performance.now()
    const bare = await send('POST', `${floor.ready.url}/?after=${encodeURIComponent(after)}`, {}, MESSAGE)
    theirs.push(performance.now() - begun)
    after = String(bare.headers['x-last'])
  }
  await Promise.all([connector.stop(), floor.stop()])
  close()
  for (const folder of [connector.folder, floorFolder]) dropFolder(folder)

  return {
    pageP50Ms: rounded(percentile(ours, 50)),
    pageP99Ms: rounded(percentile(ours, 99)),
    datasets,
    offers,
    firstPageMs: rounded(percentile(firstPages, 50)),
    firstPageMaxMs: rounded(percentile(firstPages, 100)),
    floorP50Ms: rounded(percentile(theirs, 50)),
    floorP99Ms: rounded(percentile(theirs, 99)),
    publishMs: rounded(publishMs),
    startMs: rounded(startMs),
    pages,
  }
}

/** One page; the token is made before the clock runs. Throws unless the page is full or the last. */
async function ask(url: string, audience: string, asker: Asker): Promise<{ ms: number; next: string | null }> {
  const authorization = asker.authorization(audience)
  const begun = performance.now()
  const { status, headers, text } = await send('POST', url, { authorization }, MESSAGE)
  const ms = performance.now() - begun
  if (status !== 200) throw new Error(`the catalogue answered ${String(status)}: ${text.slice(0, 500)}`)
  const next = /<([^>]+)>; rel="next"/.exec(String(headers['link'] ?? ''))?.[1] ?? null
  const { dataset = [] } = JSON.parse(text) as { dataset?: readonly unknown[] }
  if (dataset.length === 0 || (next !== null && dataset.length !== 50)) {
    throw new Error(`a page has ${String(dataset.length)} datasets`)
  }
  return { ms, next }
}

async function publish(connector: BenchConnector, datasets: number, groups: number): Promise<number> {
  const begun = performance.now()
  for (let first = 0; first < datasets; first += BATCH) {
    const batch = Array.from({ length: Math.min(BATCH, datasets - first) }, (_, index) =>
      datasetOf(first + index, groups),
    )
    await connector.call('/datasets', batch)
  }
  return performance.now() - begun
}

function datasetOf(number: number, groups: number): object {
  return {
    '@id': `urn:dataset:${String(number).padStart(6, '0')}`,
    title: `Readings of station ${String(number)}`,
    [GROUP]: `g${String(number % groups)}`,
    formats: ['HttpData-PULL'],
  }
}

/** Every offer is for another group, and shown to another set of countries; half of the sets have a given one in them. */
function offerFiles(count: number): Readonly<Record<string, string>> {
  if (count >= 2 ** COUNTRIES.length) throw new Error('there are not so many sets of countries')
  return Object.fromEntries(
    Array.from({ length: count }, (_, index) => {
      const shownTo = ['CN', ...COUNTRIES.filter((_country, bit) => ((index + 1) & (1 << bit)) !== 0)]
      const text = [
        `offer: offer-${String(index)}`,
        `datasets: [{ '${GROUP}': g${String(index)} }]`,
        `access: [{ spatial: { isAnyOf: [${shownTo.join(', ')}] } }]`,
        `permission: [{ action: use, constraint: [{ count: { lteq: ${String(index + 1)} } }] }]`,
      ]
      return [`offer-${String(index)}`, `${text.join('\n')}\n`]
    }),
  )
}
