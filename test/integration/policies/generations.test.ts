// The policies in force, generation by generation, over a real folder and a real database: what a start finds, what a change
// does, what a mistake leaves as it was, and how somebody goes back.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Finding } from '../../../src/config/finding.ts'
import type { Store } from '../../../src/domain/ledger.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { problem, ProblemError } from '../../../src/kernel/problem.ts'
import { createKeepCatalog, SHELVED_MAX, type KeepCatalog } from '../../../src/shell/keep-catalog.ts'
import { openPolicies, type Policies } from '../../../src/shell/load-policies.ts'
import { setTimer, type SetTimer } from '../../../src/shell/timer.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { NOW, PROVIDER } from '../../fixtures/builders.ts'
import { eventually } from '../../fixtures/eventually.ts'
import { makeFolder, offerText, type PoliciesFolder } from '../../fixtures/policies-folder.ts'

/** A second is as long as fifty milliseconds: nobody here waits for a slow look. */
const quickly: SetTimer = (ms, wake) => setTimer(ms / 20, wake)
const BROKEN = 'offer: one\ndatasets: ["a*"]\npermission: [{ action: dance }]\n'
const databases = mkdtempSync(join(tmpdir(), 'lingqu-generations-'))
afterAll(() => {
  rmSync(databases, { recursive: true })
})

let files = 0
let database: string
let folder: PoliciesFolder
let ends: (() => Promise<void>)[]
beforeEach(() => {
  database = join(databases, `${String(++files)}.db`)
  folder = makeFolder()
  ends = []
})
afterEach(async () => {
  for (const end of ends) await end()
  folder.discard()
})

interface Life {
  readonly policies: Policies
  readonly store: Store
  readonly catalog: KeepCatalog
  readonly log: readonly (readonly [level: string, event: string, fields: object])[]
  readonly names: () => readonly string[]
  readonly end: () => Promise<void>
}

interface LifeOptions {
  readonly runTests?: () => Promise<readonly Finding[]>
  readonly before?: () => Promise<void>
}

/** From a start of the connector to its end, on the same folder and database. */
async function live({ runTests, before = () => Promise.resolve() }: LifeOptions = {}): Promise<Life> {
  const log: [string, string, object][] = []
  const says = (level: string) => (event: string, fields: object) => void log.push([level, event, fields])
  const opened = openStore({ file: database, now: NOW, origin: PROVIDER, nonce: () => '0'.repeat(32) })
  const store: Store = { ...opened, transact: (...decision) => before().then(() => opened.transact(...decision)) }
  let hasEnded = false
  const end = async (): Promise<void> => {
    if (hasEnded) return
    hasEnded = true
    await policies?.stop()
    opened.close()
  }
  ends.push(end)
  let policies: Policies | null = null
  const pause = (): Promise<void> => Promise.resolve()
  const catalog = createKeepCatalog({ store, log: silentLog, pause, shelvedMax: SHELVED_MAX })
  policies = await openPolicies({
    ...{ folder: folder.path, store, self: PROVIDER, clock: () => NOW, claims: {}, pause, setTimer: quickly },
    catalog,
    log: { debug: says('debug'), info: says('info'), warn: says('warn'), error: says('error') } as typeof silentLog,
    ...(runTests !== undefined && { runTests }),
  })
  await policies.begin()
  const { definitions } = policies
  return { policies, store, catalog, log, names: () => definitions().map(({ id }) => id), end }
}

function statesOf({ policies }: Life): readonly string[] {
  return policies
    .history()
    .toReversed()
    .map(({ number, state }) => `${String(number)} ${state}`)
}

function entriesOf({
  store,
}: Life): readonly { readonly type: string; readonly ext: Readonly<Record<string, unknown>> }[] {
  return store.reader
    .evidence(0, 1_000)
    .map(({ envelope }) => JSON.parse(envelope) as { type: string; ext: Record<string, unknown> })
}

const takes = (what: string, life: Life, ...names: readonly string[]): Promise<boolean> =>
  eventually(what, () => life.names().join() === names.join())

describe('a start', () => {
  test('puts what lies in the folder on record, once', async () => {
    folder.write('offers/one.yaml', offerText('one'))

    const first = await live()
    expect(entriesOf(first)).toMatchObject([
      {
        type: 'policy.loaded',
        ext: { generation: 1, digest: first.policies.digest(), files: 1, offers: 1, by: '(start)' },
      },
    ])
    await first.end()
    const second = await live()

    expect(entriesOf(second)).toHaveLength(1)
    expect(second.policies.state()).toMatchObject({ generation: 1, files: 1, refused: null })
  })

  test('finds what was changed while nothing ran', async () => {
    folder.write('offers/one.yaml', offerText('one'))
    await (await live()).end()
    folder.write('offers/two.yaml', offerText('two'))

    const second = await live()

    expect([second.names(), statesOf(second)]).toEqual([
      ['one', 'two'],
      ['1 superseded', '2 active'],
    ])
  })

  test.each([
    ['with mistakes in them', () => folder.write('offers/one.yaml', BROKEN), 'offers/one.yaml:3:24'],
    ['that are not there any more', () => folder.remove(''), 'policiesDir'],
  ])('on files %s goes on with the last good ones, and says so', async (_name, spoil, place) => {
    folder.write('offers/one.yaml', offerText('one'))
    const first = await live()
    const digest = first.policies.digest()
    await first.end()
    spoil()

    const second = await live()

    expect([second.names(), second.policies.digest()]).toEqual([['one'], digest])
    expect(second.policies.state()).toMatchObject({ generation: 1, refused: { findings: [expect.anything()] } })
    expect(second.log[0]).toMatchObject([
      'error',
      'policies.degraded',
      { inForce: 1, findings: [expect.stringContaining(place)] },
    ])
    expect(statesOf(second)).toEqual(['1 active', '2 refused'])
    expect(entriesOf(second).at(-1)).toMatchObject({ type: 'policy.rejected', ext: { by: '(start)', mistakes: 1 } })
  })

  test('on files that were refused before the last end says it again, but leaves no second entry', async () => {
    folder.write('offers/one.yaml', offerText('one'))
    await (await live()).end()
    folder.write('offers/one.yaml', BROKEN)
    await (await live()).end()

    const third = await live()

    expect(third.policies.state().refused).not.toBeNull()
    expect(entriesOf(third).map(({ type }) => type)).toEqual(['policy.loaded', 'policy.rejected'])
  })

  test('on files with mistakes is refused with all of them where none were ever good', async () => {
    folder.write('offers/one.yaml', BROKEN)
    folder.write('offers/two.yaml', 'offer: [')

    await expect(live()).rejects.toThrow(/^policy\.invalid: offers\/one\.yaml:3:24 .*\noffers\/two\.yaml:1:/)
  })

  test('does not believe files in the database that are not those that were put there', async () => {
    folder.write('offers/one.yaml', offerText('one'))
    const first = await live()
    const { digest } = first.policies
    await first.store.transact(
      () => null,
      () => ({ write: [{ put: 'policyContent', row: { digest: digest(), packed: 'H4sI' } }], result: null }),
    )
    await first.end()
    folder.write('offers/one.yaml', BROKEN)

    await expect(live()).rejects.toThrow(/^policy\.invalid: offers\/one\.yaml/)
  })
})

describe('an edit', () => {
  test('comes into force by itself, as the next generation', async () => {
    folder.write('offers/one.yaml', offerText('one'))
    const life = await live()

    folder.replace('offers/two.yaml', offerText('two'))
    await takes('the edit', life, 'one', 'two')

    expect(life.policies.state()).toMatchObject({ generation: 2, files: 2, offers: 2 })
    expect(entriesOf(life).at(-1)).toMatchObject({
      type: 'policy.loaded',
      ext: { generation: 2, digest: life.policies.digest(), by: '(folder)' },
    })
  })

  test('with a mistake leaves everything in force, until it is taken back', async () => {
    folder.write('offers/one.yaml', offerText('one'))
    const life = await live()

    folder.replace('offers/one.yaml', BROKEN)
    await eventually('it is refused', () => life.policies.state().refused !== null)
    expect([life.names(), life.policies.state().generation, statesOf(life)]).toEqual([
      ['one'],
      1,
      ['1 active', '2 refused'],
    ])
    expect(await life.policies.reload('admin')).toHaveLength(1)
    expect(entriesOf(life).filter(({ type }) => type === 'policy.rejected')).toHaveLength(1)

    folder.replace('offers/one.yaml', offerText('one'))
    await eventually('it is taken back', () => life.policies.state().refused === null)
    expect([life.policies.state().generation, statesOf(life)]).toEqual([1, ['1 active', '2 refused']])
  })

  test('whose own tests fail is refused with what they found; a warning is no reason', async () => {
    folder.write('offers/one.yaml', offerText('one'))
    const found = { file: 'tests/one.test.yaml', line: 4, column: 3, code: 'test-failed', message: 'expected deny' }
    const warning = { ...found, severity: 'warning' } as const
    const failures: Finding[] = [warning]
    const life = await live({ runTests: () => Promise.resolve([...failures]) })
    expect(life.names()).toEqual(['one'])

    failures.push(found)
    folder.replace('offers/two.yaml', offerText('two'))
    await eventually('it is refused', () => life.policies.state().refused !== null)

    expect([life.names(), life.policies.state().refused?.findings]).toEqual([['one'], [found]])
  })

  test('that cannot be put on record is not in force, and is taken up again as soon as it can', async () => {
    folder.write('offers/one.yaml', offerText('one'))
    let isFull = false
    const life = await live({
      before: () => (isFull ? Promise.reject(new ProblemError(problem('store.full', 'full'))) : Promise.resolve()),
    })

    isFull = true
    folder.replace('offers/two.yaml', offerText('two'))
    await eventually('it was not taken', () => life.log.some(([, event]) => event === 'policies.unread'))
    expect([life.names(), life.policies.state().generation]).toEqual([['one'], 1])

    isFull = false
    await takes('it is taken', life, 'one', 'two')
  })
})

test('what stands over the offers comes into force with them, in one step', async () => {
  folder.write('offers/one.yaml', offerText('one'))
  const life = await live()
  const seen = new Set<string>()
  const over = new AbortController()
  const reading = (async () => {
    for (; !over.signal.aborted; await new Promise((goOn) => setImmediate(goOn))) {
      const { definitions, regime } = life.catalog.current().index
      seen.add([...definitions, ...regime.guardrails].map(({ id }) => id).join())
    }
  })()

  folder.write('offers/two.yaml', offerText('two'))
  folder.write('guardrails/site.yaml', 'guardrail: site\nprohibition: [{ action: distribute }]\n')
  await life.policies.reload('admin')
  await eventually('it was looked at', () => seen.has('one,two,site'))
  over.abort()
  await reading

  expect([...seen]).toEqual(['one', 'one,two,site'])
})

describe('going back', () => {
  /** Three generations: one; one, two; one, two, three. */
  async function three(): Promise<Life> {
    folder.write('offers/one.yaml', offerText('one'))
    const life = await live()
    for (const id of ['two', 'three']) {
      folder.write(`offers/${id}.yaml`, offerText(id))
      await life.policies.reload('admin')
    }
    return life
  }

  test('puts an earlier generation in force as a new one, with its own entry', async () => {
    const life = await three()

    await life.policies.rollback(1, 'admin')

    expect([life.names(), life.policies.state()]).toMatchObject([['one'], { generation: 4, backTo: 1, refused: null }])
    expect(statesOf(life)).toEqual(['1 superseded', '2 superseded', '3 superseded', '4 active'])
    expect(entriesOf(life).at(-1)).toMatchObject({
      type: 'policy.loaded',
      ext: { generation: 4, backTo: 1, by: 'admin', digest: life.policies.digest() },
    })
  })

  test('holds over looks at the folder and over a restart, until the files change', async () => {
    const life = await three()
    await life.policies.rollback(1, 'admin')
    // As an event that comes late, or a file that is only touched.
    folder.replace('offers/three.yaml', offerText('three'))
    await life.end()

    const next = await live()
    expect([next.names(), next.policies.state()]).toMatchObject([['one'], { generation: 4, backTo: 1 }])

    folder.replace('offers/four.yaml', offerText('four'))
    await takes('the edit', next, 'four', 'one', 'three', 'two')
    expect(next.policies.state()).toMatchObject({ generation: 5, backTo: null })
  })

  test('ends with a reload, which takes the folder as it is', async () => {
    const life = await three()
    await life.policies.rollback(1, 'admin')

    expect(await life.policies.reload('admin')).toEqual([])

    expect([life.names(), life.policies.state().backTo]).toEqual([['one', 'three', 'two'], null])
  })

  test('from a folder with mistakes leaves it as refused as it was', async () => {
    const life = await three()
    folder.write('offers/one.yaml', BROKEN)
    await life.policies.reload('admin')

    await life.policies.rollback(2, 'admin')

    expect([life.names(), life.policies.state().refused]).toMatchObject([['one', 'two'], { findings: [{ line: 3 }] }])
    await life.end()
    const next = await live()
    expect([next.names(), next.policies.state()]).toMatchObject([
      ['one', 'two'],
      { backTo: 2, refused: { findings: [{ line: 3 }] } },
    ])
  })

  test('to what is in force changes nothing', async () => {
    const life = await three()
    await life.policies.rollback(3, 'admin')
    expect(statesOf(life)).toHaveLength(3)
  })

  test.each([
    ['was never kept', 9, /^resource\.unknown: generation 9 is not kept/],
    ['was refused', 4, /^policy\.not-understood: generation 4 cannot be in force:\noffers\/one\.yaml:3:24/],
  ])('to one that %s is refused', async (_name, generation, message) => {
    const life = await three()
    folder.write('offers/one.yaml', BROKEN)
    await life.policies.reload('admin')

    await expect(life.policies.rollback(generation, 'admin')).rejects.toThrow(message)
    expect(life.policies.state().generation).toBe(3)
  })

  test('to one that would not pass any more is refused with what is wrong', async () => {
    const failures: Finding[] = []
    folder.write('offers/one.yaml', offerText('one'))
    const life = await live({ runTests: () => Promise.resolve(failures) })
    folder.write('offers/two.yaml', offerText('two'))
    await life.policies.reload('admin')

    failures.push({ file: 'tests/a.yaml', line: 1, column: 1, code: 'test-failed', message: 'expected deny' })
    await expect(life.policies.rollback(1, 'admin')).rejects.toThrow(/^policy\.not-understood: .*\ntests\/a\.yaml:1:1/)

    expect([life.names(), statesOf(life)]).toEqual([
      ['one', 'two'],
      ['1 superseded', '2 active'],
    ])
  })
})
