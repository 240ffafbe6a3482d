// `connect` may be repeated at any time: broken off half-way, or twice at the same moment, it makes one agreement and one
// transfer. `explain` says why somebody cannot have something.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { digestOf } from '../../src/kernel/digest.ts'
import { eventually } from '../fixtures/eventually.ts'
import { agreeOn, DATA, fetchData, OPEN, startPair, type Pair } from '../fixtures/pair.ts'
import { passOn, type Passing } from '../fixtures/proxy.ts'
import { lingqu, type Line } from './cli-line.ts'

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url))
const HIDDEN = 'urn:dataset:hidden'
const ONCE = 'urn:dataset:once'
const NOBODYS = 'urn:dataset:nobodys'
const LARGE = 'urn:dataset:large'
/**
 * Large enough that a process can be killed while it comes, and that what the sockets held then is less than a tenth of it: more
 * than that would be a new use. A sparse file costs no disk.
 */
const LARGE_BYTES = 320 * 1024 * 1024

let pair: Pair
let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-connect-'))
  pair = await startPair({
    offers: {
      large: `offer: large\ndatasets: ["${LARGE}"]\npermission:\n  - action: use\n    constraint:\n      - count: { lteq: 9 }\n`,
      hidden: `offer: hidden\ndatasets: ["${HIDDEN}"]\naccess:\n  - spatial: { isAnyOf: [CN] }\npermission:\n  - action: use\n`,
      once: `offer: once\ndatasets: ["${ONCE}"]\npermission:\n  - action: use\n    constraint:\n      - count: { lteq: 1 }\n`,
    },
  })
  const path = join(pair.provider.connector.directory, 'data.csv')
  await pair.provider.connector.ask(
    '/datasets',
    [HIDDEN, ONCE, NOBODYS].map((id) => ({ '@id': id, source: { type: 'file', path } })),
  )
})
afterAll(async () => {
  await pair.discard()
  rmSync(folder, { recursive: true })
})
afterEach(() => {
  pair.provider.proxy.use(null)
  pair.consumer.proxy.use(null)
})

function at(side: 'provider' | 'consumer', ...words: readonly string[]): Promise<Line> {
  return lingqu([...words, '--config', join(pair[side].connector.directory, 'connector.yaml')])
}

async function inJson<T>(side: 'provider' | 'consumer', ...words: readonly string[]): Promise<T> {
  const { exit, json, stderr } = await at(side, ...words, '--json')
  expect({ exit, stderr }).toMatchObject({ exit: 0 })
  return json() as T
}

interface Connected {
  readonly agreementId: string
  readonly transferId: string
  readonly reused: { readonly agreement: boolean; readonly transfer: boolean }
  readonly digest: string
}

function processes(): { readonly negotiations: number; readonly agreements: number; readonly transfers: number } {
  const count = (table: string): number =>
    pair.consumer.connector.rows<{ n: number }>(`SELECT count(*) AS n FROM ${table}`)[0]?.n ?? 0
  return { negotiations: count('negotiation'), agreements: count('agreement'), transfers: count('transfer') }
}

/** Keeps one message of that kind back; resolves with it when it has come. */
function holdBack(side: 'provider' | 'consumer', move: string): Promise<Passing> {
  return new Promise((came) => {
    pair[side].proxy.use(async (passing) => {
      if (passing.move === move) came(passing)
      else await passOn(passing)
    })
  })
}

/** `connect` as a process of its own, killed -9 once `message` has come to the side that it goes to. */
async function killedAt(side: 'provider' | 'consumer', message: string): Promise<void> {
  const held = holdBack(side, message)
  const config = join(pair.consumer.connector.directory, 'connector.yaml')
  const words = ['connect', 'provider', OPEN, '--out', join(folder, 'killed.csv'), '--config', config]
  const child = spawn(process.execPath, [MAIN, ...words], { stdio: 'ignore' })
  const gone = once(child, 'exit')
  const passing = await held
  child.kill('SIGKILL')
  await gone
  await passOn(passing)
  pair[side].proxy.use(null)
}

describe('connect', () => {
  it('killed before the negotiation was answered, and repeated, negotiates no second time', async () => {
    await killedAt('provider', 'ContractRequestMessage')

    const file = join(folder, 'repeated.csv')
    const { digest } = await inJson<Connected>('consumer', 'connect', 'provider', OPEN, '--out', file)

    expect(digest).toBe(digestOf(DATA))
    expect(readFileSync(file).equals(DATA)).toBe(true)
    expect(processes()).toEqual({ negotiations: 1, agreements: 1, transfers: 1 })
    expect(readdirSync(folder).filter((name) => name.startsWith('killed'))).toEqual([])
  })

  it('killed while the transfer was asked for, and repeated, asks for no second one', async () => {
    const [transfer] = pair.consumer.connector.rows<{ pid: string }>('SELECT pid FROM transfer')
    await inJson('consumer', 'transfers', 'complete', transfer?.pid ?? '')
    const before = processes()
    await killedAt('provider', 'TransferRequestMessage')

    const { reused } = await inJson<Connected>(
      'consumer',
      'connect',
      'provider',
      OPEN,
      '--out',
      join(folder, 'again.csv'),
    )

    expect(reused.agreement).toBe(true)
    expect(processes()).toEqual({ ...before, transfers: before.transfers + 1 })
  })

  it('broken off with its connector while the transfer was asked for, and repeated, asks for no second one', async () => {
    const { connector } = pair.consumer
    const [transfer] = connector.rows<{ pid: string }>("SELECT pid FROM transfer WHERE state = 'STARTED'")
    await inJson('consumer', 'transfers', 'complete', transfer?.pid ?? '')
    const before = processes()
    const held = holdBack('provider', 'TransferRequestMessage')
    const first = at('consumer', 'connect', 'provider', OPEN)
    const passing = await held
    await connector.kill()
    passing.drop()
    await first
    // It is sent again and again, and not answered before the second call is there.
    let attempts = 0
    pair.provider.proxy.use((again) => {
      attempts += 1
      again.drop()
      return Promise.resolve()
    })
    await connector.start()
    const second = inJson<Connected>('consumer', 'connect', 'provider', OPEN)
    const seen = attempts
    await eventually('it was sent twice more', () => attempts > seen + 1)
    pair.provider.proxy.use(null)

    await second

    expect(processes()).toEqual({ ...before, transfers: before.transfers + 1 })
  })

  it('broken off together with its connector, and repeated, goes on with what that had begun', async () => {
    const { connector } = pair.consumer
    const before = processes()
    const held = holdBack('provider', 'ContractRequestMessage')
    const first = at('consumer', 'connect', 'provider', ONCE)
    const passing = await held
    await connector.kill()
    passing.drop()
    expect((await first).exit).toBe(3)
    pair.provider.proxy.use(null)
    await connector.start()

    await inJson<Connected>('consumer', 'connect', 'provider', ONCE)

    expect(processes()).toEqual({
      negotiations: before.negotiations + 1,
      agreements: before.agreements + 1,
      transfers: before.transfers + 1,
    })
  })

  it('five times at the same moment gives all of them one agreement and one transfer', async () => {
    const [agreement] = pair.consumer.connector.rows<{ id: string }>(
      'SELECT id FROM agreement WHERE dataset_id = ?',
      OPEN,
    )
    await pair.consumer.connector.ask(`/agreements/${agreement?.id ?? ''}/end`, {})
    const before = processes()

    const all = await Promise.all(
      Array.from({ length: 5 }, (_, at) =>
        inJson<Connected>('consumer', 'connect', 'provider', OPEN, '--out', join(folder, `five-${String(at)}.csv`)),
      ),
    )

    expect(new Set(all.map(({ agreementId }) => agreementId)).size).toBe(1)
    expect(new Set(all.map(({ transferId }) => transferId)).size).toBe(1)
    expect(new Set(all.map(({ digest }) => digest))).toEqual(new Set([digestOf(DATA)]))
    expect(processes()).toEqual({
      negotiations: before.negotiations + 1,
      agreements: before.agreements + 1,
      transfers: before.transfers + 1,
    })
  })
})

describe('a large file', () => {
  it('killed while it comes, and repeated, goes on where it was: one use, and the digest of the whole verified', async () => {
    const { connector } = pair.provider
    const path = join(connector.directory, 'large.bin')
    writeFileSync(path, '')
    truncateSync(path, LARGE_BYTES)
    await connector.ask('/datasets', { '@id': LARGE, source: { type: 'file', path } })
    await inJson('consumer', 'connect', 'provider', LARGE)
    const { digest } = await inJson<Connected>(
      'consumer',
      'connect',
      'provider',
      LARGE,
      '--out',
      join(folder, 'whole.bin'),
    )
    const used = (): number =>
      connector.rows<{ used: number }>(
        'SELECT used FROM counter WHERE agreement_id = (SELECT id FROM agreement WHERE dataset_id = ?)',
        LARGE,
      )[0]?.used ?? 0
    expect(used()).toBe(1)
    const file = join(folder, 'large.bin')
    const words = [
      'connect',
      'provider',
      LARGE,
      '--out',
      file,
      '--config',
      join(pair.consumer.connector.directory, 'connector.yaml'),
    ]
    const child = spawn(process.execPath, [MAIN, ...words], { stdio: 'ignore' })
    const gone = once(child, 'exit')
    await eventually('some of it is there', () => existsSync(`${file}.partial`) && statSync(`${file}.partial`).size > 0)
    child.kill('SIGKILL')
    await gone
    expect(existsSync(file)).toBe(false)
    await eventually('the provider knows that it was broken off', () => {
      return connector.rows("SELECT 1 FROM delivery WHERE outcome = 'open'").length === 0
    })

    const again = await at('consumer', 'connect', 'provider', LARGE, '--out', file, '--json')

    expect(again.json()).toMatchObject({ bytes: LARGE_BYTES, digest, reused: { agreement: true, transfer: true } })
    expect(again.stderr).toMatch(/went on after [1-9]\d* bytes that were there/)
    expect(statSync(file).size).toBe(LARGE_BYTES)
    expect(readdirSync(folder).filter((name) => name.startsWith('large'))).toEqual(['large.bin'])
    expect(used()).toBe(2)
    expect(connector.entries().filter(({ type }) => type === 'delivery.resumed')).toHaveLength(1)
    connector.verify()
  }, 60_000)
})

describe('explain', () => {
  interface Explained {
    readonly see: Finding
    readonly use: Finding
    readonly offers: readonly { readonly offerId: string; readonly catalogue: Finding | null }[]
    readonly agreements: readonly { readonly used: number; readonly use: Finding }[]
  }
  interface Finding {
    readonly allowed: boolean
    readonly code: string | null
    readonly path: string | null
    readonly message: string
  }
  const why = (dataset: string, ...more: readonly string[]): Promise<Explained> =>
    inJson<Explained>('provider', 'explain', '--peer', 'consumer', '--dataset', dataset, ...more)

  it('names the access rule and the claim that hide an offer, and agrees with the catalogue', async () => {
    const counterPartyId = pair.provider.connector.did
    const { datasets } = await pair.consumer.connector.ask<{ datasets: { id: string }[] }>('/catalog/request', {
      counterPartyId,
    })
    expect(datasets.map(({ id }) => id)).not.toContain(HIDDEN)

    const { see, offers } = await why(HIDDEN)

    expect(see).toMatchObject({ allowed: false, code: 'policy.denied', path: 'access[0]' })
    expect(offers).toMatchObject([
      { offerId: 'hidden', catalogue: { message: expect.stringContaining('country is VN') as unknown } },
    ])
    const { stdout } = await at('provider', 'explain', '--peer', 'consumer', '--dataset', HIDDEN)
    expect(stdout.toString()).toMatch(/sees it +NO: .*spatial isAnyOf CN does not hold.*\(access\[0\]\)/)
  })

  it('says that no offer matches, that there is no such dataset, and that a participant is not in the register', async () => {
    expect((await why(NOBODYS)).see).toMatchObject({ code: 'offer.unknown' })
    expect((await why('urn:dataset:none')).see).toMatchObject({ code: 'resource.unknown' })
    const stranger = await inJson<Explained>('provider', 'explain', '--peer', 'did:web:s.example', '--dataset', OPEN)
    expect(stranger.see).toMatchObject({ code: 'participant.not-admitted' })
  })

  it('says that the count is used up, in the words that the consumer was refused with', async () => {
    const [transfer] = pair.consumer.connector.rows<{ pid: string }>(
      'SELECT pid FROM transfer WHERE dataset_id = ?',
      ONCE,
    )
    expect((await fetchData(pair, transfer?.pid ?? '')).status).toBe(200)
    expect((await fetchData(pair, transfer?.pid ?? '')).status).toBe(422)

    const { use, agreements } = await why(ONCE)

    expect(use).toMatchObject({ allowed: false, code: 'policy.denied', path: 'permission[0].constraint[0]' })
    expect(use.message).toContain('this would be use 2')
    expect(agreements).toMatchObject([{ used: 1, openTransfers: 1 }])
  })

  it('says that an agreement was ended, and why', async () => {
    const agreementId = await agreeOn(pair, ONCE)
    for (const { id } of pair.provider.connector.rows<{ id: string }>(
      'SELECT id FROM agreement WHERE dataset_id = ?',
      ONCE,
    )) {
      await pair.provider.connector.ask(`/agreements/${id}/end`, { reason: 'the licence ran out' })
    }
    const { use, agreements } = await why(ONCE, '--phase', 'start')
    expect(agreements.length).toBe(2)
    expect(use).toMatchObject({ allowed: false, code: 'agreement.ended' })
    expect(use.message).toContain('the licence ran out')
    expect(agreementId).toMatch(/^urn:/)
  })

  it('one offer or one phase is asked for by name; what there is not is wrong usage', async () => {
    expect((await why(OPEN, '--offer', 'open')).offers).toHaveLength(1)
    expect((await why(OPEN, '--offer', 'none')).see).toMatchObject({ code: 'offer.unknown' })
    expect((await why(OPEN, '--phase', 'negotiation')).offers).toMatchObject([{ catalogue: null }])
    expect((await at('provider', 'explain', '--peer', 'consumer', '--dataset', OPEN, '--phase', 'never')).exit).toBe(2)
    expect((await at('provider', 'explain', '--peer', 'consumer')).exit).toBe(2)
    await eventually('the evidence holds', () => {
      pair.provider.connector.verify()
      return true
    })
  })
})
