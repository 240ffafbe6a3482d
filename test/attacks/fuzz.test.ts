// Messages by the thousand, from a seed: valid ones with something changed, paths and methods at random, bytes. Whatever comes,
// there is no 5xx and no crash, nothing changes that no answer admitted, and what goes on record stays bounded.
//
// FUZZ=100000 sends as many; FUZZ_SEED=… sends the same again.

import { randomInt } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rawRequest } from '../fixtures/raw-http.ts'
import { caseOf, type Case } from './fuzz/cases.ts'
import { chanceOf } from './fuzz/chance.ts'
import { openSending, type Sending } from './fuzz/send.ts'
import { openUnderFuzz, type UnderFuzz } from './fuzz/world.ts'
import { tablesOf } from './refusals.ts'

const COUNT = Number(process.env['FUZZ'] ?? 4_000)
const SEED = Number(process.env['FUZZ_SEED'] ?? randomInt(2 ** 31))
const BATCH = 500
/** After so many cases most targets have been terminated by one that was valid. */
const RENEW_AFTER = 5_000
/** What nobody but an administrator changes. */
const NEVER_CHANGED = ['dataset', 'peer', 'management_token', 'counter', 'idempotency', 'migration', 'delivery']
/** What only an admitted message changes. */
const CHANGED_BY_MESSAGES = ['agreement', 'access_token']

let under: UnderFuzz
let sending: Sending
beforeAll(async () => {
  under = await openUnderFuzz()
  sending = openSending()
})
afterAll(async () => {
  sending.close()
  await under.close()
})

interface Sent extends Case {
  readonly index: number
  readonly status: number
}

async function sendBatch(from: number, count: number): Promise<readonly Sent[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, offset) => {
      const index = from + offset
      const one = caseOf(under.world, chanceOf(SEED, index))
      return { ...one, index, status: await sending.send(one) }
    }),
  )
}

const shown = ({ index, sender, method, path, headers, body, raw, status }: Sent): string =>
  JSON.stringify({
    index,
    sender,
    status,
    method,
    path,
    headers,
    body: Buffer.from(raw ?? body)
      .toString('latin1')
      .slice(0, 2_000),
  })

const isGood = ({ status }: Sent): boolean => status >= 200 && status < 300
const rowsIn = (table: string): number =>
  under.connector.rows<{ n: number }>(`SELECT count(*) AS n FROM "${table}"`)[0]?.n ?? 0
const openings = (): number => rowsIn('negotiation') + rowsIn('transfer')

/** The rows of the targets, without what the dispatcher writes of its own attempts. */
function targetRows({ connector, world }: UnderFuzz): ReadonlyMap<string, string> {
  const rows = (['negotiation', 'transfer'] as const).flatMap((table) =>
    connector.rows<{ pid: string }>(`SELECT * FROM ${table}`),
  )
  const own = new Set(world.targets.map(({ own: pid }) => pid))
  return new Map(rows.filter(({ pid }) => own.has(pid)).map((row) => [row.pid, JSON.stringify(row)]))
}

test(`${String(COUNT)} cases of seed ${String(SEED)}`, { timeout: 3_600_000 }, async () => {
  const { connector, world, gate } = under
  process.stdout.write(`fuzz: FUZZ=${String(COUNT)} FUZZ_SEED=${String(SEED)}\n`)
  const processId = connector.processId()
  const statuses = new Map<string, number>()
  const untouched = tablesOf(connector.database)
  let [targets, tables] = [targetRows(under), untouched]
  let evidence = rowsIn('evidence')
  let processes = openings()

  for (let from = 0; from < COUNT; from += BATCH) {
    if (from > 0 && from % RENEW_AFTER === 0) {
      await under.renew()
      ;[targets, tables, evidence, processes] = [
        targetRows(under),
        tablesOf(connector.database),
        rowsIn('evidence'),
        openings(),
      ]
    }
    const sent = await sendBatch(from, Math.min(BATCH, COUNT - from))
    for (const { sender, status } of sent) {
      const key = `${sender} ${String(status)}`
      statuses.set(key, (statuses.get(key) ?? 0) + 1)
    }

    // No defect, and no other failure of ours.
    expect(sent.filter(({ status }) => status >= 500 || status === 101).map(shown)).toEqual([])
    expect(connector.log()).not.toContain('http.defect')
    expect(connector.processId()).toBe(processId)

    // Nobody does what is not theirs: open paths answer everyone, and everything else wants credentials.
    const OPEN = /^\/*(dsp\/+)?(\.well-known\/+(did\.json|dspace-version)|healthz|readyz)\/?(\?|$)/
    expect(sent.filter((one) => one.sender === 'nobody' && isGood(one) && !OPEN.test(one.path)).map(shown)).toEqual([])
    expect(
      sent
        .filter((one) => one.sender === 'viewer' && isGood(one) && !['GET', 'HEAD', 'OPTIONS'].includes(one.method))
        .map(shown),
    ).toEqual([])
    expect(
      sent
        .filter(
          (one) => one.sender === 'stranger' && isGood(one) && world.targets.some(({ own }) => one.path.includes(own)),
        )
        .map(shown),
    ).toEqual([])

    // Nothing has changed that no answer admitted.
    const since = tablesOf(connector.database)
    for (const table of NEVER_CHANGED) expect([table, since[table]]).toEqual([table, untouched[table]])
    const admitted = sent.filter((one) => one.sender === 'owner' && one.method === 'POST' && isGood(one))
    const now = targetRows(under)
    for (const [pid, row] of now) {
      if (!admitted.some(({ path }) => path.includes(pid))) expect(row).toBe(targets.get(pid))
    }
    if (admitted.length === 0)
      for (const table of CHANGED_BY_MESSAGES) expect([table, since[table]]).toEqual([table, tables[table]])

    // What goes on record is bounded by what authenticated senders said of processes, and what there is to be said of them.
    const messages = sent.filter(
      ({ sender, method }) => (sender === 'owner' || sender === 'stranger') && method === 'POST',
    ).length
    const [entries, all] = [rowsIn('evidence'), openings()]
    expect(all - processes).toBeLessThanOrEqual(
      sent.filter(
        ({ path, method }) => method === 'POST' && /\/(negotiations\/+(request|offers)|transfers\/+request)/.test(path),
      ).length,
    )
    expect(entries - evidence).toBeLessThanOrEqual(6 * messages)
    ;[targets, tables, evidence, processes] = [now, since, entries, all]
  }

  connector.verify()
  expect((await rawRequest({ port: connector.port, method: 'GET', path: '/readyz' })).status).toBe(200)
  const told = [...statuses].sort().map(([key, count]) => `${key}: ${String(count)}`)
  process.stdout.write(
    `fuzz: ${told.join(', ')}; ${String(evidence)} entries of evidence, ${String(processes)} processes, ${String(gate.turnedAway())} calls turned away\n`,
  )
  // Each kind of sender got somewhere: the cases are not all refused at the door.
  expect(statuses.get('owner 400')).toBeGreaterThan(COUNT / 20)
  expect((statuses.get('owner 200') ?? 0) + (statuses.get('owner 201') ?? 0)).toBeGreaterThan(COUNT / 1_000)
  expect(statuses.get('stranger 404')).toBeGreaterThan(COUNT / 100)
  expect(statuses.get('nobody 401')).toBeGreaterThan(COUNT / 100)
  expect(statuses.get('viewer 403')).toBeGreaterThan(COUNT / 1_000)
})
