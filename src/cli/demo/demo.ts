// `lingqu demo`: sets the stage in a folder of its own, tells the story, and leaves nothing behind.

import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProblemError } from '../../kernel/problem.ts'
import { EXIT, UsageError, type Command, type Io, type Outcome } from '../outcome.ts'
import { freePorts, logTail, startConnector, type Connector, type Participant } from './connectors.ts'
import { readDemoDataset, type DemoDataset } from './dataset.ts'
import { createTeller, StoryError, type Report, type Teller } from './report.ts'
import { tellStory } from './story.ts'

const PROVIDER: Participant = {
  key: 'pinglu',
  name: { en: 'Pinglu Canal Logistics', zh: '平陆运河物流' },
  country: 'CN',
}
const CONSUMER: Participant = { key: 'hai-phong', name: { en: 'Hai Phong Imports' }, country: 'VN' }
const OUTSIDER: Participant = { key: 'laem-chabang', name: { en: 'Laem Chabang Traders' }, country: 'TH' }
const CAST = [PROVIDER, CONSUMER, OUTSIDER]

export const demo: Command = async ({ text, flag }, io) => {
  const count = countIn(text('count'))
  const dataset = await readDemoDataset()
  const print = flag('json')
    ? io.progress
    : (line: string) => {
        io.stdout.write(`${line}\n`)
      }
  const folder = await mkdtemp(join(tmpdir(), 'lingqu-demo-'))
  const teller = createTeller(print, io.nowMs)
  print('Lingqu 灵渠: three participants, one data set, one contract.')
  try {
    await writeStage(folder, dataset, count)
    const report = await perform(folder, dataset, teller, io)
    print('')
    print(`All came out as told: 全部如实。 Negotiation ${String(report.negotiationMs)} ms.`)
    return { exit: EXIT.good, json: report, text: '' }
  } catch (error) {
    const message = reasonOf(error)
    if (message === null) throw error
    return await failed(message, folder, teller, io)
  } finally {
    if (flag('keep')) io.progress(`kept: ${folder}`)
    else await rm(folder, { recursive: true, force: true })
  }
}

/** Starts the three, tells the story, and stops them in every outcome. */
async function perform(folder: string, dataset: DemoDataset, teller: Teller, io: Io): Promise<Report> {
  const trouble = new AbortController()
  const stopped = AbortSignal.any([io.stopped, trouble.signal])
  const onDeath = (name: string): void => trouble.abort(new StoryError(`${name} ended unexpectedly`))
  const started: Connector[] = []
  try {
    const [provider, consumer, outsider] = await teller.step('启动', 'Three connectors start', async (say) => {
      const ports = await freePorts(CAST.length)
      const attempts = await Promise.allSettled(
        CAST.map((participant, index) => {
          const pair = ports[index] ?? { public: 0, management: 0 }
          const home = join(folder, participant.key)
          return startConnector({ participant, folder: home, ports: pair, env: io.env, stopped, onDeath })
        }),
      )
      // Those that did start are stopped below, whatever became of the others.
      started.push(...attempts.flatMap((attempt) => (attempt.status === 'fulfilled' ? [attempt.value] : [])))
      const failure = attempts.find((attempt) => attempt.status === 'rejected')
      if (failure !== undefined) throw failure.reason
      const all = started
      for (const { name, country, did } of all) say(`${[name.en, name.zh ?? ''].join(' ').trim()} (${country})  ${did}`)
      return all
    })
    if (provider === undefined || consumer === undefined || outsider === undefined) throw new StoryError('no cast')
    const setting = { dataset, file: dataFile(folder), step: teller.step, nowMs: io.nowMs, stopped }
    return await tellStory({ provider, consumer, outsider }, setting)
  } finally {
    trouble.abort(new StoryError('the demo is over'))
    await Promise.all(started.map(({ stop }) => stop()))
  }
}

/** What lies there before the first start: the data and the offer. */
async function writeStage(folder: string, { bytes }: DemoDataset, count: number | null): Promise<void> {
  const offers = join(folder, PROVIDER.key, 'policies', 'offers')
  await mkdir(offers, { recursive: true })
  await writeFile(dataFile(folder), bytes)
  const template = await readFile(new URL('./offer.yaml', import.meta.url), 'utf8')
  // Without --count the file counts as it stands: a reader may have changed it.
  const offer = count === null ? template : template.replace(/(count: \{ lteq: )\d+/, `$1${String(count)}`)
  await writeFile(join(offers, 'sea-ports.yaml'), offer)
}

async function failed(message: string, folder: string, teller: Teller, io: Io): Promise<Outcome> {
  const step = teller.current()
  io.progress(`\nthe demo failed in the step "${step}": ${message}`)
  for (const { key, name } of CAST) io.progress(`\n--- ${name.en}, end of its log\n${await logTail(join(folder, key))}`)
  return { exit: EXIT.bad, json: { error: { code: 'demo.failed', message, path: step } }, text: '' }
}

/** Null for a bug, which keeps its stack. */
function reasonOf(error: unknown): string | null {
  if (error instanceof ProblemError) return `${error.problem.code}: ${error.problem.message}`
  return error instanceof StoryError ? error.message : null
}

function dataFile(folder: string): string {
  return join(folder, PROVIDER.key, 'sea-ports.json')
}

function countIn(text: string | undefined): number | null {
  if (text === undefined) return null
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count
  throw new UsageError(`--count: expected a whole number from 1 to 1000, got ${JSON.stringify(text)}`)
}
