// Data under an agreement: counted to the last use, cut as soon as it may not flow any more, and never held in memory.

import { openSync, closeSync, ftruncateSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { actOn, type By, type World } from '../faults/stories.ts'
import { addressOf, readData, type Reading } from '../fixtures/data-client.ts'
import { eventually } from '../fixtures/eventually.ts'
import { agreeOn, bothIn, openTransfer, processOn, startPair, type Pair } from '../fixtures/pair.ts'
import { openSlowSource, type SlowSource } from '../fixtures/slow-source.ts'

const LIMITED = 'urn:dataset:limited'
const SLOW = 'urn:dataset:slow'
const LARGE = 'urn:dataset:large'
const LARGE_BYTES = 256 * 1024 * 1024
const USES = 50
const ASKED = 200

const use = (constraint: string): string => `permission:\n  - action: use\n    constraint:\n      - ${constraint}\n`

let pair: Pair
let source: SlowSource
beforeAll(async () => {
  source = await openSlowSource()
  pair = await startPair({
    offers: {
      limited: `offer: limited\ndatasets: ["${LIMITED}"]\n${use(`count: { lteq: ${String(USES)} }`)}`,
      slow: `offer: slow\ndatasets: ["${SLOW}*"]\n${use('count: { lteq: 100000 }')}`,
      large: `offer: large\ndatasets: ["${LARGE}"]\n${use('count: { lteq: 100000 }')}`,
    },
  })
  const { connector } = pair.provider
  const small = join(connector.directory, 'small.csv')
  writeFileSync(small, 'a,b\n1,2\n')
  const large = join(connector.directory, 'large.bin')
  const handle = openSync(large, 'w')
  ftruncateSync(handle, LARGE_BYTES)
  closeSync(handle)
  await connector.ask('/datasets', [
    { '@id': LIMITED, source: { type: 'file', path: small } },
    { '@id': LARGE, source: { type: 'file', path: large } },
    { '@id': SLOW, source: { type: 'http', url: source.url } },
  ])
})
afterAll(async () => {
  await pair.discard()
  await source.close()
})

async function started(agreementId: string): Promise<string> {
  const pid = await openTransfer(pair, agreementId)
  await bothIn(pair, 'transfers', pid, 'STARTED')
  return pid
}

function used(agreementId: string): number {
  const [row] = pair.provider.connector.rows<{ used: number }>(
    'SELECT used FROM counter WHERE agreement_id = ?',
    agreementId,
  )
  return row?.used ?? 0
}

function entriesOf(agreementId: string, type: string): readonly Readonly<Record<string, unknown>>[] {
  return pair.provider.connector
    .entries()
    .filter((entry) => entry.type === type && entry.agreement === agreementId)
    .map(({ ext }) => ext ?? {})
}

test(`of ${String(ASKED)} parallel downloads under count lteq ${String(USES)}, exactly ${String(USES)} are served`, async () => {
  const agreementId = await agreeOn(pair, LIMITED)
  const { endpoint, authorization } = await addressOf(pair, await started(agreementId))

  const answers = await Promise.all(
    Array.from({ length: ASKED }, async () => {
      const response = await fetch(endpoint, { headers: { authorization: `Bearer ${authorization}` } })
      return { status: response.status, text: await response.text() }
    }),
  )

  expect(answers.filter(({ status }) => status === 200)).toHaveLength(USES)
  expect(answers.filter(({ status }) => status === 403)).toHaveLength(ASKED - USES)
  expect(answers.every(({ status, text }) => status !== 200 || text === 'a,b\n1,2\n')).toBe(true)
  expect(used(agreementId)).toBe(USES)
  await eventually('all deliveries have ended', () => entriesOf(agreementId, 'delivery.ended').length === USES)
  expect(entriesOf(agreementId, 'delivery.started')).toHaveLength(USES)
  expect(entriesOf(agreementId, 'usage.returned')).toEqual([])
  pair.provider.connector.verify()
})

describe('a stream that runs is cut', () => {
  let agreementId: string
  let pid: string
  let reading: Reading
  const world = (): World => ({ pair, agreementId, uses: 0 })

  async function streaming(datasetId: string): Promise<void> {
    agreementId = await agreeOn(pair, datasetId)
    pid = await started(agreementId)
    reading = readData(pair.provider.connector.port, await addressOf(pair, pid))
    await eventually('data flows', () => reading.bytes() > 10_000)
  }

  /** Cut, with the reason on record, and the use not given back. */
  async function expectCut(code: string): Promise<void> {
    await eventually('the stream is cut', () => reading.isOver())
    expect(reading.isWhole()).toBe(false)
    const [ended] = await eventually('the end is on record', () => {
      const entries = entriesOf(agreementId, 'delivery.ended')
      return entries.length > 0 ? entries : null
    })
    expect(ended).toMatchObject({ outcome: 'cut', code })
    expect(used(agreementId)).toBe(1)
    pair.provider.connector.verify()
  }
  afterEach(() => {
    reading.close()
  })

  // prettier-ignore
  const MOVES = [
    ['suspend',   'consumer', 'SUSPENDED'],  ['suspend',   'provider', 'SUSPENDED'],
    ['terminate', 'consumer', 'TERMINATED'], ['terminate', 'provider', 'TERMINATED'],
    ['complete',  'consumer', 'COMPLETED'],  ['complete',  'provider', 'COMPLETED'],
  ] as const satisfies readonly (readonly [string, By, string])[]

  test.each(MOVES)('by %s of the %s', async (action, by, state) => {
    await streaming(SLOW)

    await actOn(world(), by, 'transfers', pid, action)

    await expectCut('transfer.not-started')
    await bothIn(pair, 'transfers', pid, state)
  })

  test('by the end of its agreement', async () => {
    await streaming(SLOW)

    await pair.provider.connector.ask(`/agreements/${agreementId}/end`, { reason: 'over' })

    await eventually('the stream is cut', () => reading.isOver())
    await eventually('the end is on record', () => entriesOf(agreementId, 'delivery.ended').length === 1)
    expect(entriesOf(agreementId, 'delivery.ended')[0]).toMatchObject({ outcome: 'cut' })
    await bothIn(pair, 'transfers', pid, 'TERMINATED')
  })

  test('when the time of its policy is over, with nobody asking', async () => {
    const { connector } = pair.provider
    const datasetId = 'urn:dataset:expiring'
    const end = new Date(Date.now() + 3_000).toISOString()
    writeFileSync(
      join(connector.directory, 'policies', 'offers', 'expiring.yaml'),
      `offer: expiring\ndatasets: ["${datasetId}"]\n${use(`dateTime: { lt: "${end}" }`)}`,
    )
    await connector.ask('/policies/reload', {})
    await connector.ask('/datasets', { '@id': datasetId, source: { type: 'http', url: source.url } })
    agreementId = await agreeOn(pair, datasetId)
    pid = await started(agreementId)
    reading = readData(connector.port, await addressOf(pair, pid))
    await eventually('data flows', () => reading.bytes() > 5_000)

    await expectCut('policy.denied')
  })

  test('when its peer is removed from the register, and its token opens nothing more', async () => {
    const { connector } = pair.provider
    const { did } = pair.consumer.connector
    await streaming(SLOW)
    const { endpoint, authorization } = await addressOf(pair, pid)

    await connector.ask(`/peers/${encodeURIComponent(did)}`, undefined, 'DELETE')
    onTestFinished(async () => {
      await connector.ask('/peers', { did, name: 'consumer', claims: { country: 'VN' } })
    })

    await expectCut('participant.not-admitted')
    const again = await fetch(endpoint, { headers: { authorization: `Bearer ${authorization}` } })
    expect(again.status).toBe(401)
    expect(used(agreementId)).toBe(1)
  })

  test('by a suspension whose receiver never hears of it', async () => {
    await streaming(SLOW)
    const { providerPid = '' } = await processOn(pair.consumer, 'transfers', pid)
    await pair.consumer.connector.kill()

    await pair.provider.connector.ask(`/transfers/${providerPid}/suspend`, {})

    await expectCut('transfer.not-started')
    await pair.consumer.connector.start()
    await bothIn(pair, 'transfers', pid, 'SUSPENDED')
  })

  test('by a reader that goes away: the delivery ends as that', async () => {
    await streaming(SLOW)

    reading.close()

    await eventually('the end is on record', () => entriesOf(agreementId, 'delivery.ended').length === 1)
    expect(entriesOf(agreementId, 'delivery.ended')[0]).toMatchObject({ outcome: 'peer-gone' })
    expect(used(agreementId)).toBe(1)
  })

  test('by kill -9: it is closed as interrupted at the next start, and its use stays counted', async () => {
    await streaming(SLOW)

    await pair.provider.connector.kill()
    await pair.provider.connector.start()

    expect(entriesOf(agreementId, 'delivery.ended')[0]).toMatchObject({ outcome: 'interrupted' })
    expect(used(agreementId)).toBe(1)
    pair.provider.connector.verify()
  })

  test('by a stop of the connector, which does not wait for its natural end', async () => {
    await streaming(SLOW)

    expect(await pair.provider.connector.stop()).toBe(0)
    expect(reading.isWhole()).toBe(false)
    await pair.provider.connector.start()
    expect(entriesOf(agreementId, 'delivery.ended')[0]).toMatchObject({ outcome: 'cut', code: 'stopping' })
  })
})

test('a large file to slow readers takes no memory, and arrives whole when they read on', async () => {
  const { connector } = pair.provider
  const agreementId = await agreeOn(pair, LARGE)
  const address = await addressOf(pair, await started(agreementId))
  const before = residentMib(connector.processId())

  const readers = Array.from({ length: 8 }, () => readData(connector.port, address))
  for (const reader of readers) {
    await eventually('data flows', () => reader.bytes() > 0)
    reader.pause()
  }
  let most = before
  let samples = 0
  await eventually('memory was looked at often', () => {
    most = Math.max(most, residentMib(connector.processId()))
    return ++samples > 60
  })
  for (const reader of readers.slice(1)) reader.close()
  const [last] = readers
  last?.resume()
  await eventually('the rest arrives', () => {
    most = Math.max(most, residentMib(connector.processId()))
    return last?.isOver()
  })

  expect(last?.bytes()).toBeGreaterThan(LARGE_BYTES)
  expect(most - before).toBeLessThan(200)
})

/** Resident memory of a process, in MiB. */
function residentMib(processId: number): number {
  const status = readFileSync(`/proc/${String(processId)}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}
