// The story of the demo, step by step. Every step is checked; the first that does not come out as told ends it.

import { authorizationHeader, type HttpAddress } from '../../protocol/dsp/data-address.ts'
import { digestOf } from '../../kernel/digest.ts'
import { Writable } from 'node:stream'
import { verifyEvidence } from '../evidence-verify.ts'
import { fetchData } from '../fetch.ts'
import type { Connector } from './connectors.ts'
import { DATASET_ID, type DemoDataset } from './dataset.ts'
import type { Entry } from './watch.ts'
import { asTold, rounded, type Log, type Refusal, type Report, type Step } from './report.ts'

export interface Cast {
  readonly provider: Connector
  readonly consumer: Connector
  /** Of a country that the offer is not for. */
  readonly outsider: Connector
}

export interface Setting {
  readonly dataset: DemoDataset
  /** Where the provider has put it. */
  readonly file: string
  readonly step: Step
  readonly nowMs: () => number
  readonly stopped: AbortSignal
}

interface Process {
  readonly id: string
  readonly state: string
  readonly agreementId: string | null
  readonly problem: { readonly code: string; readonly message: string } | null
}

interface SeenCatalog {
  readonly datasets: readonly { readonly id: string; readonly offers: readonly { readonly offer: Offer | null }[] }[]
}

type Offer = Readonly<Record<string, unknown>> & { readonly '@id': string }

const PULL = 'HttpData-PULL'
const DOWNLOADS = 2
const FETCH_TIMEOUT_MS = 30_000

export async function tellStory(cast: Cast, setting: Setting): Promise<Report> {
  await introduce(cast, setting)
  await publish(cast, setting)
  const offer = await readCatalogue(cast, setting)
  const { agreementId, negotiationMs } = await negotiate(cast, offer, setting)
  await showAgreement(cast, agreementId, setting)
  const transferId = await startTransfer(cast, agreementId, setting)
  const firstByteMs = await download(cast, transferId, setting)
  const refusals = [await thirdTime(cast, transferId, setting), await outsideTheOffer(cast, offer, setting)]
  const evidence = await verifyAll(cast, setting)
  const { bytes, digest } = setting.dataset
  return { negotiationMs, firstByteMs, bytes: bytes.byteLength, digest, refusals, evidence }
}

function introduce({ provider, consumer, outsider }: Cast, { step }: Setting): Promise<void> {
  return step('互认', 'Peers admit each other', async (say) => {
    const admits = (one: Connector, other: Connector): Promise<unknown> => {
      const { did, name, country } = other
      return one.api.post('/peers', { did, name: name.en, claims: { country } })
    }
    for (const other of [consumer, outsider]) {
      await Promise.all([admits(provider, other), admits(other, provider)])
      say(`${provider.name.en} ⇄ ${other.name.en} (country=${other.country})`)
    }
  })
}

function publish({ provider }: Cast, { dataset, file, step }: Setting): Promise<void> {
  return step('发布', 'The provider publishes a data set', async (say) => {
    const { ports, package: name, version, licence, bytes, digest } = dataset
    await provider.api.post('/datasets', {
      '@id': DATASET_ID,
      title: 'Sea ports of the world, by UN/LOCODE',
      license: licence,
      source: { type: 'file', path: file, mediaType: 'application/json' },
    })
    say(`${DATASET_ID}: ${ports.toLocaleString('en')} sea ports of the world by UN/LOCODE, with place and time zone`)
    say(`from the npm package ${name} ${version}, licence ${licence}; ${bytes.byteLength.toLocaleString('en')} bytes`)
    say(digest)
  })
}

function readCatalogue({ provider, consumer }: Cast, { step }: Setting): Promise<Offer> {
  return step('目录', `${consumer.name.en} reads the catalogue`, async (say) => {
    const offer = await offerSeenBy(consumer, provider)
    asTold(offer !== null, `expected an offer on ${DATASET_ID} in the catalogue, and none is shown`)
    say(`offer ${offer['@id']} on ${DATASET_ID}`)
    return offer
  })
}

interface Negotiated {
  readonly agreementId: string
  readonly negotiationMs: number
}

function negotiate({ provider, consumer }: Cast, offer: Offer, { step, nowMs }: Setting): Promise<Negotiated> {
  return step('协商', 'The contract is negotiated', async (say) => {
    const from = nowMs()
    const finalized = ({ watch, name }: Connector): Promise<Entry> =>
      watch.until((seen) => seen.find(({ type }) => type === 'agreement.finalized') ?? null, `FINALIZED at ${name.en}`)
    const [{ id }, atProvider, atConsumer] = await Promise.all([
      consumer.api.post<Process>('/negotiations', { counterPartyId: provider.did, offer }),
      finalized(provider),
      finalized(consumer),
    ])
    const negotiationMs = rounded(nowMs() - from)

    const ours = await consumer.api.get<Process>(`/negotiations/${encodeURIComponent(id)}`)
    const [theirs] = await provider.api.all<Process>('/negotiations')
    asTold(ours.state === 'FINALIZED', `expected FINALIZED at the consumer, got ${ours.state}`)
    asTold(theirs?.state === 'FINALIZED', `expected FINALIZED at the provider, got ${String(theirs?.state)}`)
    const { agreementId } = ours
    asTold(agreementId !== null && theirs.agreementId === agreementId, 'expected one agreement on both sides')
    const isRecorded = atProvider.agreement === agreementId && atConsumer.agreement === agreementId
    asTold(isRecorded, 'expected the evidence of both to name that agreement')
    say(`REQUESTED → AGREED → VERIFIED → FINALIZED on both sides after ${String(negotiationMs)} ms`)
    return { agreementId, negotiationMs }
  })
}

function showAgreement({ provider, consumer }: Cast, agreementId: string, { step }: Setting): Promise<void> {
  return step('协议', 'The agreement, as the consumer received it', async (say) => {
    const path = `/agreements/${encodeURIComponent(agreementId)}`
    const { agreement } = await consumer.api.get<{ agreement: Readonly<Record<string, unknown>> }>(path)
    const { assigner, assignee, target } = agreement
    const parties = `${String(assigner)} → ${String(assignee)}`
    asTold(assigner === provider.did && assignee === consumer.did, `expected the two parties, got ${parties}`)
    asTold(target === DATASET_ID, `expected the target ${DATASET_ID}, got ${String(target)}`)
    for (const line of JSON.stringify(agreement, null, 2).split('\n')) say(line)
  })
}

function startTransfer({ provider, consumer }: Cast, agreementId: string, { step }: Setting): Promise<string> {
  return step('传输', 'The transfer starts', async (say) => {
    const { id } = await consumer.api.post<Process>('/transfers', { agreementId, format: PULL })
    const started = async (): Promise<Process | null> => {
      const transfer = await consumer.api.get<Process>(`/transfers/${encodeURIComponent(id)}`)
      const isOver = transfer.state === 'TERMINATED' || transfer.state === 'COMPLETED'
      asTold(!isOver, `expected STARTED, got ${transfer.state}: ${String(transfer.problem?.message)}`)
      return transfer.state === 'STARTED' ? transfer : null
    }
    await consumer.watch.until(started, 'STARTED at the consumer')
    say(`${PULL} from ${provider.name.en}, STARTED`)
    return id
  })
}

/** Gives the time to the first byte of the first. */
async function download({ consumer }: Cast, transferId: string, setting: Setting): Promise<number> {
  const { dataset, step, nowMs, stopped } = setting
  const times: number[] = []
  for (let count = 1; count <= DOWNLOADS; count++) {
    await step('下载', `Download ${String(count)}`, async (say) => {
      const pieces: Uint8Array[] = []
      let firstByteMs = 0
      const from = nowMs()
      const writable = new Writable({
        write: (piece: Uint8Array, _encoding, written) => {
          if (pieces.push(piece) === 1) firstByteMs = rounded(nowMs() - from)
          written()
        },
      })
      const destination = { writable }
      const bytesMax = dataset.bytes.byteLength
      await fetchData(consumer.api, { transferId, destination, bytesMax, timeoutMs: FETCH_TIMEOUT_MS, signal: stopped })
      const arrived = Buffer.concat(pieces)
      const digest = digestOf(arrived)
      asTold(digest === dataset.digest, `expected ${dataset.digest}, got ${digest}`)
      say(`${arrived.byteLength.toLocaleString('en')} bytes, the first after ${String(firstByteMs)} ms; same SHA-256`)
      times.push(firstByteMs)
    })
  }
  return times[0] ?? 0
}

function thirdTime({ provider, consumer }: Cast, transferId: string, { step, stopped }: Setting): Promise<Refusal> {
  return step('拒绝', 'The third download is refused', async (say) => {
    // Asked at the provider's own endpoint: status, code and place are the provider's, not the consumer's.
    const path = `/transfers/${encodeURIComponent(transferId)}/data-address`
    const address = await consumer.api.get<HttpAddress>(path)
    const answer = await fetch(address.endpoint, {
      headers: { authorization: authorizationHeader(address) },
      signal: stopped,
    })
    const { status } = answer
    asTold(!answer.ok, `expected ${provider.name.en} to refuse a third download, and it answered ${String(status)}`)
    const said = (await answer.json()) as Readonly<Record<'code' | 'detail' | 'path', unknown>>
    const refusal = {
      step: 'third download',
      status,
      code: String(said.code),
      reason: String(said.detail),
      path: String(said.path),
    }
    asTold(status === 403 && refusal.code === 'policy.denied', `expected 403 policy.denied, got ${shown(refusal)}`)
    asTold(refusal.path === 'permission[0].constraint[0]', `expected the clause on count, got ${shown(refusal)}`)
    say(shown(refusal))
    return refusal
  })
}

function outsideTheOffer({ provider, outsider }: Cast, offer: Offer, { step }: Setting): Promise<Refusal> {
  return step('不可见', `${outsider.name.en} (${outsider.country}) sees no offer, and gets none`, async (say) => {
    const visible = await offerSeenBy(outsider, provider)
    asTold(visible === null, `expected a catalogue without the offer, got ${String(visible?.['@id'])}`)
    say('its catalogue does not show the offer; it asks for it all the same, with a copy')

    const { id } = await outsider.api.post<Process>('/negotiations', { counterPartyId: provider.did, offer })
    const over = await outsider.watch.until(async () => {
      const negotiation = await outsider.api.get<Process>(`/negotiations/${encodeURIComponent(id)}`)
      return ['TERMINATED', 'FINALIZED'].includes(negotiation.state) ? negotiation : null
    }, 'the end of the negotiation')
    const words = over.problem?.message ?? ''
    asTold(over.state === 'TERMINATED', `expected TERMINATED, got ${over.state}`)
    const status = Number(/answered (\d{3})/.exec(words)?.[1])
    asTold(status === 400, `expected the provider's 400 and its words, got ${JSON.stringify(words)}`)
    say(`TERMINATED there; ${words}`)

    const refused = await provider.watch.until((seen) => {
      return seen.find(({ type, actor }) => type === 'message.refused' && actor === outsider.did) ?? null
    }, 'the evidence of the refusal')
    const { code, message, path } = refused.ext ?? {}
    const refusal = {
      step: 'request of the outsider',
      status,
      code: String(code),
      reason: String(message),
      path: String(path),
    }
    asTold(refusal.code === 'policy.denied', `expected policy.denied on record, got ${shown(refusal)}`)
    asTold(refusal.path.startsWith('access[0]'), `expected the access clause on record, got ${shown(refusal)}`)
    say(`on record at the provider: ${refusal.code} at ${refusal.path}: ${refusal.reason}`)
    return refusal
  })
}

function verifyAll(cast: Cast, { step }: Setting): Promise<Report['evidence']> {
  return step('证据', 'The connectors stop, and their evidence is verified', async (say) => {
    const logs: Log[] = []
    for (const { name, api, stop, database } of [cast.provider, cast.consumer, cast.outsider]) {
      const { head: shownHead } = await api.get<{ head: { hash: string } }>('/evidence?limit=1')
      await stop()
      const { verified, entries, head, firstBad } = verifyEvidence(database, { head: shownHead.hash })
      asTold(
        verified,
        `the log of ${name.en} does not hold: entry ${String(firstBad?.seq)}, ${String(firstBad?.reason)}`,
      )
      logs.push({ participant: name.en, entries, head })
      say(`${name.en}: ${String(entries)} entries, head ${head.slice(0, 16)}…`)
    }
    return { entries: logs.reduce((sum, { entries }) => sum + entries, 0), verified: true, logs }
  })
}

async function offerSeenBy(asker: Connector, provider: Connector): Promise<Offer | null> {
  const catalog = await asker.api.post<SeenCatalog>('/catalog/request', { counterPartyId: provider.did })
  const dataset = catalog.datasets.find(({ id }) => id === DATASET_ID)
  return dataset?.offers.find(({ offer }) => offer !== null)?.offer ?? null
}

function shown({ status, code, reason, path }: Refusal): string {
  return `${String(status)} ${code} at ${path}: ${reason}`
}
