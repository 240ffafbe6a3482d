// Which offers stand on which dataset, kept from commit to commit, and made anew when the policies change.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, describe, expect, test } from 'vitest'
import { readPolicyFiles } from '../../../src/config/policies/read-policy-files.ts'
import { EVERYTHING } from '../../../src/domain/catalog/query.ts'
import { shelfOf } from '../../../src/domain/catalog/shelves.ts'
import type { DatasetRow, Store, Write } from '../../../src/domain/ledger.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { orThrow, problem, ProblemError } from '../../../src/kernel/problem.ts'
import { createAdminister } from '../../../src/shell/administer.ts'
import { createKeepCatalog, SHELVED_MAX, type KeepCatalog } from '../../../src/shell/keep-catalog.ts'
import { openPolicies, type Policies } from '../../../src/shell/load-policies.ts'
import { setTimer } from '../../../src/shell/timer.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { CONSUMER, dataset, definition, NOW, PROVIDER, USE } from '../../fixtures/builders.ts'
import { eventually } from '../../fixtures/eventually.ts'
import { openCatalog, shownOn } from '../../fixtures/catalog.ts'
import { writing } from '../store/store-suite.ts'

const folder = mkdtempSync(join(tmpdir(), 'lingqu-catalog-'))
const open: Store[] = []
let files = 0
afterEach(() => {
  for (const store of open.splice(0)) store.close()
})
afterAll(() => {
  rmSync(folder, { recursive: true })
})

function openedStore(): Store {
  const file = join(folder, `${String(++files)}.db`)
  const store = openStore({ file, now: NOW, origin: PROVIDER, nonce: () => '0'.repeat(32) })
  open.push(store)
  return store
}

const row = (id: string): DatasetRow => dataset({ id: id as never })
const put = (id: string): Write => ({ put: 'dataset', row: row(id) })
const glob = (pattern: string) => definition(USE, [], { datasets: [{ kind: 'glob', pattern }] })
const pause = (): Promise<void> => Promise.resolve()
const isKept = ({ current }: KeepCatalog, id: string): boolean => shelfOf(current().shelves, id) !== null

describe('what is kept', () => {
  test('follows every commit before its caller goes on, and nothing that was rolled back', async () => {
    const store = openedStore()
    const keep = createKeepCatalog({ store, log: silentLog, pause, shelvedMax: SHELVED_MAX })
    orThrow(await keep.prepare([glob('a*')])).install()

    await writing(store, put('a1'), put('b1'))
    const lost = store.transact(
      () => null,
      () => ({
        write: [put('a2'), { put: 'counter', row: { agreementId: 'none' as never, action: 'use', used: 1 } }],
        result: null,
      }),
    )
    await expect(lost).rejects.toThrow()
    expect(['a1', 'b1', 'a2'].map((id) => isKept(keep, id))).toEqual([true, false, false])

    await writing(store, { remove: 'dataset', key: ['a1'] })
    expect(isKept(keep, 'a1')).toBe(false)
  })

  test('is read from the database at the start', async () => {
    const store = openedStore()
    await writing(store, ...Array.from({ length: 600 }, (_, n) => put(`a${String(n)}`)))
    const keep = createKeepCatalog({ store, log: silentLog, pause, shelvedMax: SHELVED_MAX })

    orThrow(await keep.prepare([glob('a*')])).install()

    expect(keep.current().shelves.size).toBe(600)
  })
})

describe('new offers', () => {
  test('are seen whole or not at all, and have all that was published meanwhile', async () => {
    const world = openCatalog()
    await world.reload([glob('a*')])
    world.apply(...Array.from({ length: 600 }, (_, n) => put(`a${String(n).padStart(3, '0')}`)))
    const seen: Promise<readonly string[]>[] = []
    let pauses = 0

    await world.reload([glob('*9')], () => {
      pauses += 1
      world.apply(put(`a000-${String(pauses)}9`), put(`z-${String(pauses)}9`), { remove: 'dataset', key: ['a009'] })
      seen.push(world.serve.page(CONSUMER, EVERYTHING, null).then((page) => shownOn(page).map(([id]) => id)))
    })
    const after = shownOn(await world.serve.page(CONSUMER, { ...EVERYTHING, limit: 3 }, null)).map(([id]) => id)

    expect(pauses).toBeGreaterThan(1)
    for (const ids of await Promise.all(seen)) expect(ids.slice(0, 1)).toEqual(['a000'])
    expect(after).toEqual(['a000-19', 'a000-29', 'a019'])
    expect(isKept(world.keep, 'z-29')).toBe(true)
  })

  test('that were discarded are followed no more, and what is in force stays', async () => {
    const world = openCatalog()
    await world.reload([glob('a*')])
    const prepared = orThrow(await world.keep.prepare([glob('b*')]))

    prepared.discard()
    world.apply(put('a1'), put('b1'))

    expect(['a1', 'b1'].map((id) => isKept(world.keep, id))).toEqual([true, false])
  })

  test('that are installed twice are followed on as after once', async () => {
    const world = openCatalog()
    const prepared = orThrow(await world.keep.prepare([glob('b*')]))

    prepared.install()
    prepared.install()
    world.apply(put('b1'))

    expect(isKept(world.keep, 'b1')).toBe(true)
  })

  test('in force cannot be discarded any more', async () => {
    const world = openCatalog()
    const prepared = orThrow(await world.keep.prepare([glob('b*')]))
    prepared.install()

    prepared.discard()
    world.apply(put('b1'))

    expect(isKept(world.keep, 'b1')).toBe(true)
  })
})

describe('more different sets of offers than fit', () => {
  const each = (...ids: readonly string[]) =>
    ids.map((id) => definition(USE, [], { id: id as never, datasets: [{ kind: 'id', id }] }))

  test('are refused before they are in force', async () => {
    const world = openCatalog({ shelvedMax: 2 })
    await world.reload(each('a', 'b'))
    world.apply(put('a'), put('b'), put('c'))

    expect(await world.keep.prepare(each('a', 'b', 'c'))).toMatchObject({
      ok: false,
      problem: { code: 'policy.invalid' },
    })
    expect(shownOn(await world.serve.page(CONSUMER, EVERYTHING, null)).map(([id]) => id)).toEqual(['a', 'b'])
  })

  test('leave a dataset that comes later out, and the log says so', async () => {
    const errors: unknown[] = []
    const log = { ...silentLog, error: (event: string, fields?: object) => errors.push([event, fields]) }
    const world = openCatalog({ shelvedMax: 2, log })
    await world.reload(each('a', 'b', 'c'))

    world.apply(put('a'), put('b'), put('c'))

    expect(shownOn(await world.serve.page(CONSUMER, EVERYTHING, null)).map(([id]) => id)).toEqual(['a', 'b'])
    expect(errors).toMatchObject([['catalog.full', { dataset: 'c' }]])
  })

  test('are counted by what is in use: lists that nothing uses any more make room', async () => {
    const world = openCatalog({ shelvedMax: 1_100 })
    const many = Array.from({ length: 1_200 }, (_, n) => `d${String(n)}`)
    await world.reload(each(...many))

    for (const id of many) world.apply(put(id), { remove: 'dataset', key: [id] })
    world.apply(put('d1199'))

    expect(isKept(world.keep, 'd1199')).toBe(true)
  })
})

describe('a reload', () => {
  interface Ground {
    readonly policies: Policies
    readonly keep: KeepCatalog
    readonly store: Store
    readonly policiesDir: string
    readonly offer: (name: string, text: string) => void
  }
  /** @param before what happens before each decision is made */
  async function ground(before: () => Promise<void> = () => Promise.resolve()): Promise<Ground> {
    const opened = openedStore()
    const store: Store = { ...opened, transact: (...decision) => before().then(() => opened.transact(...decision)) }
    const policiesDir = mkdtempSync(join(folder, 'policies-'))
    const offer: Ground['offer'] = (name, text) => {
      writeFileSync(join(policiesDir, `${name}.yaml`), text)
    }
    offer('one', 'offer: one\ndatasets: ["a*"]\npermission: [{ action: use }]\n')
    const keep = createKeepCatalog({ store, log: silentLog, pause, shelvedMax: SHELVED_MAX })
    const ports = {
      store,
      catalog: keep,
      clock: () => NOW,
      pause,
      self: PROVIDER,
      claims: {},
      log: silentLog,
      setTimer,
    }
    return { policies: await openPolicies({ folder: policiesDir, ...ports }), keep, store, policiesDir, offer }
  }
  const namesOf = ({ definitions }: Policies): readonly string[] => definitions().map(({ id }) => id)

  test('puts new offers in force for what is published already', async () => {
    const { policies, keep, store, offer } = await ground()
    await writing(store, put('a1'), put('b1'))
    offer('two', 'offer: two\ndatasets: ["b*"]\npermission: [{ action: use }]\n')
    const before = policies.digest()

    expect(await policies.reload('admin')).toEqual([])

    expect(namesOf(policies)).toEqual(['one', 'two'])
    expect(['a1', 'b1'].map((id) => isKept(keep, id))).toEqual([true, true])
    expect(policies.digest()).not.toBe(before)
    const [entry] = store.reader.evidence(0, 1)
    expect(JSON.parse(entry?.envelope ?? '')).toMatchObject({
      type: 'policy.loaded',
      policyDigest: policies.digest(),
      ext: { by: 'admin', offers: 2 },
    })
  })

  test('with a finding, and with one that was there before, leaves everything as it was', async () => {
    const { policies, offer } = await ground()
    const digest = policies.digest()
    offer('one', 'offer: one\ndatasets: ["a*"]\npermission: [{ action: dance }]\n')

    for (let time = 0; time < 2; time += 1) expect(await policies.reload('admin')).toHaveLength(1)

    expect([namesOf(policies), policies.digest()]).toEqual([['one'], digest])
  })

  test('whose evidence cannot be written changes nothing', async () => {
    let isFull = false
    const { policies, keep, store, offer } = await ground(() =>
      isFull ? Promise.reject(new ProblemError(problem('store.full', 'full'))) : Promise.resolve(),
    )
    const digest = policies.digest()
    offer('two', 'offer: two\ndatasets: ["b*"]\npermission: [{ action: use }]\n')

    isFull = true
    await expect(policies.reload('admin')).rejects.toThrow(/^store\.full/)
    isFull = false
    await writing(store, put('b1'))

    expect([namesOf(policies), policies.digest(), isKept(keep, 'b1')]).toEqual([['one'], digest, false])
    expect(await policies.reload('admin')).toEqual([])
    expect([namesOf(policies), isKept(keep, 'b1')]).toEqual([['one', 'two'], true])
  })

  test('that comes while another runs begins when that one has ended, so that the newest reading stays in force', async () => {
    const held: (() => void)[] = []
    let holds = true
    const { policies, offer, policiesDir } = await ground(
      () =>
        new Promise((goOn) => {
          if (holds) held.push(goOn)
          else goOn()
        }),
    )
    offer('three', 'offer: three\ndatasets: ["c*"]\npermission: [{ action: use }]\n')
    const first = policies.reload('admin')
    await eventually('the first has read the files', () => held.length === 1)

    holds = false
    const second = policies.reload('admin')
    // Long enough for the second to have read them too, if it did not wait.
    for (let time = 0; time < 3; time += 1) await readPolicyFiles(policiesDir)
    offer('two', 'offer: two\ndatasets: ["b*"]\npermission: [{ action: use }]\n')
    for (const goOn of held) goOn()
    await Promise.all([first, second])

    expect(namesOf(policies)).toEqual(['one', 'three', 'two'])
  })
})

describe('publishing', () => {
  const administer = (store: Store) =>
    createAdminister({ store, clock: () => NOW, self: PROVIDER, sealSecret: () => '' as never, datasetsMax: 3 })
  const fresh = (id: string) => ({ ...row(id), source: null })

  test('more datasets than are allowed in all is refused whole, up to there nothing is', async () => {
    const store = openedStore()
    await administer(store).addDatasets([fresh('a'), fresh('b')], 'admin')

    await expect(administer(store).addDatasets([fresh('c'), fresh('d')], 'admin')).rejects.toThrow(/^resource\.limit/)
    expect(store.reader.datasetCount()).toBe(2)
    await administer(store).addDatasets([fresh('c')], 'admin')
    expect(store.reader.datasetCount()).toBe(3)
  })

  test('an id twice in one call is refused as one that is taken', async () => {
    const store = openedStore()

    await expect(administer(store).addDatasets([fresh('a'), fresh('b'), fresh('a')], 'admin')).rejects.toThrow(
      /dataset a is/,
    )
    expect(store.reader.datasetCount()).toBe(0)
  })
})
