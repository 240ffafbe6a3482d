// The tests of a policies folder stand between an edit and its coming into force: over a real folder and a real database.

import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readPolicyFiles } from '../../../src/config/policies/read-policy-files.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { createKeepCatalog, SHELVED_MAX } from '../../../src/shell/keep-catalog.ts'
import { openPolicies, type Policies } from '../../../src/shell/load-policies.ts'
import { createReadPolicySet } from '../../../src/shell/read-policy-set.ts'
import { createRunTests } from '../../../src/shell/run-tests.ts'
import type { SetTimer } from '../../../src/shell/timer.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { NOW, PROVIDER } from '../../fixtures/builders.ts'
import { makeFolder, offerText, type PoliciesFolder } from '../../fixtures/policies-folder.ts'
import { SHIPPED_POLICIES } from '../../fixtures/templates.ts'

const HOLDS = 'offer: one\ncases:\n  - { name: anybody uses it, phase: negotiation, expect: permit }\n'
const FAILS = 'offer: one\ncases:\n  - { name: nobody uses it, phase: negotiation, expect: deny }\n'
const FAILED = {
  file: 'tests/one.test.yaml',
  line: 3,
  column: 5,
  code: 'test-failed',
  message: 'the case "nobody uses it" of the offer `one`: expected deny, came permit',
}
const pause = (): Promise<void> => Promise.resolve()
/** Nobody follows the folder here: what is read is read because it was asked for. */
const setTimer: SetTimer = () => () => undefined

let directory: string
let folder: PoliciesFolder
let ends: (() => Promise<void>)[]
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'lingqu-own-tests-'))
  folder = makeFolder()
  ends = []
})
afterEach(async () => {
  for (const end of ends) await end()
  folder.discard()
  rmSync(directory, { recursive: true })
})

interface Life {
  readonly policies: Policies
  /** How often the tests of the folder were run. */
  readonly runs: () => number
  readonly entries: () => readonly { readonly type: string; readonly ext: unknown }[]
  readonly end: () => Promise<void>
}

async function live(): Promise<Life> {
  const file = join(directory, 'lingqu.db')
  const store = openStore({ file, now: NOW, origin: PROVIDER, nonce: () => '0'.repeat(32) })
  let policies: Policies | null = null
  let isOver = false
  const end = async (): Promise<void> => {
    if (isOver) return
    isOver = true
    await policies?.stop()
    store.close()
  }
  ends.push(end)
  const run = createRunTests({ pause, nowMs: () => 0 })
  let runs = 0
  policies = await openPolicies({
    ...{ folder: folder.path, store, self: PROVIDER, clock: () => NOW, claims: {}, pause, setTimer, log: silentLog },
    catalog: createKeepCatalog({ store, log: silentLog, pause, shelvedMax: SHELVED_MAX }),
    runTests: (set) => {
      runs += 1
      return run(set)
    },
  })
  await policies.begin()
  const entries = (): ReturnType<Life['entries']> =>
    store.reader.evidence(0, 100).map(({ envelope }) => JSON.parse(envelope) as { type: string; ext: unknown })
  return { policies, runs: () => runs, entries, end }
}

describe('an edit', () => {
  test('whose tests hold comes into force', async () => {
    folder.write('offers/one.yaml', offerText('one'))
    const { policies } = await live()

    folder.write('tests/one.test.yaml', HOLDS)

    expect([await policies.reload('admin'), policies.state().generation]).toEqual([[], 2])
  })

  test('whose tests fail is refused with the place of the case, what it expects and what came, and is on record', async () => {
    folder.write('offers/one.yaml', offerText('one'))
    const { policies, entries } = await live()

    folder.write('tests/one.test.yaml', FAILS)
    const findings = await policies.reload('admin')

    expect(findings).toMatchObject([FAILED])
    expect(policies.state()).toMatchObject({ generation: 1, refused: { findings: [FAILED] } })
    expect(entries().at(-1)).toMatchObject({
      type: 'policy.rejected',
      ext: { by: 'admin', mistakes: 1, findings: [expect.stringContaining('tests/one.test.yaml:3:5 test-failed')] },
    })
  })

  test('is tried with the rules that it brings, not with those in force', async () => {
    folder.write('offers/one.yaml', offerText('one'))
    folder.write('tests/one.test.yaml', HOLDS)
    const { policies } = await live()

    folder.write('offers/one.yaml', `${offerText('one')}prohibition: [{ action: use }]\n`)

    expect(await policies.reload('admin')).toMatchObject([{ code: 'test-failed' }])
  })
})

describe('a start', () => {
  test('with what is in force already does not try it again, nor does a reload', async () => {
    folder.write('offers/one.yaml', offerText('one'))
    folder.write('tests/one.test.yaml', HOLDS)
    const first = await live()
    expect(first.runs()).toBe(1)
    await first.end()

    const second = await live()
    await second.policies.reload('admin')
    expect([second.runs(), second.policies.state().generation]).toEqual([0, 1])

    folder.write('tests/one.test.yaml', FAILS)
    await second.policies.reload('admin')
    expect(second.runs()).toBeGreaterThan(0)
    expect(second.policies.state().generation).toBe(1)
  })

  test('with tests that fail is refused where nothing was ever in force', async () => {
    folder.write('offers/one.yaml', offerText('one'))
    folder.write('tests/one.test.yaml', FAILS)

    await expect(live()).rejects.toThrow(/^policy\.invalid: tests\/one\.test\.yaml:3:5 test-failed: .*nobody uses it/)
  })

  test('with tests that fail since the last end goes on with what was in force', async () => {
    folder.write('offers/one.yaml', offerText('one'))
    await (await live()).end()
    folder.write('tests/one.test.yaml', FAILS)

    const { policies, entries } = await live()

    expect(policies.state()).toMatchObject({ generation: 1, refused: { findings: [FAILED] } })
    expect(entries().map(({ type }) => type)).toEqual(['policy.loaded', 'policy.rejected'])
  })
})

describe('a restart with a template that is called otherwise than its file', () => {
  test('reads the folder whole after all, and its offer is in force', async () => {
    folder.write(
      'templates/some.yaml',
      'template: other\ntitle: { en: O, zh: O }\npolicy: { permission: [{ action: use }] }\n',
    )
    folder.write('offers/one.yaml', 'offer: one\ntitle: { en: One, zh: One }\ndatasets: [d]\ntemplate: other\n')
    await (await live()).end()
    const { policies } = await live()
    expect(policies.definitions().map(({ id }) => id)).toEqual(['one'])
    expect(policies.state()).toMatchObject({ generation: 1, refused: null })
  })
})

test('going back tries the earlier files again', async () => {
  folder.write('offers/one.yaml', offerText('one'))
  folder.write('tests/one.test.yaml', HOLDS)
  const { policies, runs } = await live()
  folder.write('offers/two.yaml', offerText('two'))
  await policies.reload('admin')

  await policies.rollback(1, 'admin')

  expect([runs(), policies.state().backTo]).toEqual([3, 1])
})

describe('trying', () => {
  const shipped = async (): ReturnType<ReturnType<typeof createReadPolicySet>> =>
    createReadPolicySet({ pause, claims: {} })(await readPolicyFiles(SHIPPED_POLICIES))

  test('finds nothing in the policies that come with the connector', async () => {
    expect(await createRunTests({ pause, nowMs: () => 0 })(await shipped())).toEqual([])
  })

  test('lets others have their turn every eight milliseconds', async () => {
    const set = await shipped()
    const steps = (set.whole?.tests ?? []).reduce((sum, { cases }) => sum + cases.length + 1, 0)
    let now = 0
    let pauses = 0
    const counted = (): Promise<void> => {
      pauses += 1
      // What others do in their turn is no work of ours.
      now += 1_000_000
      return Promise.resolve()
    }

    const findings = await createRunTests({ pause: counted, nowMs: () => ++now })(set)

    expect([findings, pauses]).toEqual([[], Math.floor(steps / 8)])
  })

  test('ends after a bounded time, and what was not tried to its end is refused', async () => {
    let now = 0
    const findings = await createRunTests({ pause, nowMs: () => (now += 5), workMsMax: 100 })(await shipped())
    expect(findings).toMatchObject([
      { file: 'tests', code: 'over-limit', message: expect.stringContaining('100 ms') as string },
    ])
  })
})
