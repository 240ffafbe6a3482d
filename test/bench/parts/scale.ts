// Whether it stays as fast with many stored agreements: pairs with few, some and very many, asked in turns.

import { statSync } from 'node:fs'
import type { Bench } from '../bench.ts'
import { openNegotiating, openTransferring, startPair, together, type Pair } from '../pair.ts'
import { startProgram } from '../scratch.ts'
import { percentile, rounded } from '../statistics.ts'
import { connect } from './transfer.ts'

export interface ScaleFigures {
  readonly at: readonly ScaleAt[]
  /** The largest against the smallest: 1 is flat. */
  readonly negotiationRatio: number
  readonly transferRatio: number
  readonly catalogRatio: number
  readonly samples: number
}

interface ScaleAt {
  readonly agreements: number
  readonly negotiationP50Ms: number
  readonly transferP50Ms: number
  /** The consumer asks for the provider's whole catalogue, one dataset, through its management API. */
  readonly catalogP50Ms: number
  readonly databaseMib: number
}

interface Subject {
  readonly agreements: number
  readonly databaseMib: number
  readonly tasks: Readonly<Record<Task, () => Promise<unknown>>>
  readonly times: Readonly<Record<Task, number[]>>
  readonly discard: () => Promise<void>
}

type Task = 'negotiation' | 'transfer' | 'catalog'
const TASKS: readonly Task[] = ['negotiation', 'transfer', 'catalog']
const DATASET = 'urn:dataset:bench'
const WARM_UP = 10

export async function measureScale({ sizes: { rounds, scale }, alone, say }: Bench): Promise<ScaleFigures> {
  const subjects: Subject[] = []
  for (const agreements of alone ? scale.alone : scale.agreements) {
    const begun = performance.now()
    subjects.push(await prepare(agreements))
    say(`${String(agreements)} agreements stored on both sides in ${((performance.now() - begun) / 1000).toFixed(1)} s`)
  }
  for (let round = 0; round <= rounds; round++) {
    say(round === 0 ? 'warm-up' : `round ${String(round)} of ${String(rounds)}`)
    for (const task of TASKS) for (const subject of subjects) await sample(subject, task, round, scale.each)
  }
  await Promise.all(subjects.map(({ discard }) => discard()))

  const p50 = (subject: Subject | undefined, task: Task): number => percentile(subject?.times[task] ?? [], 50)
  const ratio = (task: Task): number => rounded(p50(subjects.at(-1), task) / p50(subjects[0], task))
  return {
    at: subjects.map((subject) => ({
      agreements: subject.agreements,
      negotiationP50Ms: rounded(p50(subject, 'negotiation')),
      transferP50Ms: rounded(p50(subject, 'transfer')),
      catalogP50Ms: rounded(p50(subject, 'catalog')),
      databaseMib: subject.databaseMib,
    })),
    negotiationRatio: ratio('negotiation'),
    transferRatio: ratio('transfer'),
    catalogRatio: ratio('catalog'),
    samples: rounds * scale.each,
  }
}

async function sample({ tasks, times }: Subject, task: Task, round: number, each: number): Promise<void> {
  const timed = async (): Promise<number> => {
    const begun = performance.now()
    await tasks[task]()
    return performance.now() - begun
  }
  const { results } = await together(round === 0 ? WARM_UP : each, 1, timed)
  if (round > 0) times[task].push(...results)
}

async function prepare(agreements: number): Promise<Subject> {
  const pair = await startPair({
    name: `scale-${String(agreements)}`,
    datasets: [{ '@id': DATASET, source: null }],
  })
  const { agreementId } = await connect(pair, DATASET)
  const offered = await pair.offerOn(DATASET)
  await pair.stop()
  await seed(pair, agreements)
  await pair.start()

  const negotiating = await openNegotiating(pair, offered)
  const transferring = await openTransferring(pair, agreementId)
  return {
    agreements,
    databaseMib: Math.round(statSync(pair.provider.database).size / 1024 / 1024),
    tasks: {
      negotiation: negotiating.negotiate,
      transfer: transferring.transfer,
      catalog: () => pair.offerOn(DATASET),
    },
    times: { negotiation: [], transfer: [], catalog: [] },
    discard: async () => {
      negotiating.stop()
      transferring.stop()
      await pair.discard()
    },
  }
}

/** Both databases at once: one a core. */
async function seed({ provider, consumer }: Pair, agreements: number): Promise<void> {
  const programs = [provider, consumer].map(({ database }) => startProgram('seed.ts', database, String(agreements)))
  for (const program of await Promise.all(programs)) await program.stop()
}
