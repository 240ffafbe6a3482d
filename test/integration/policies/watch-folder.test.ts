// The policies folder is followed however it is written, by events where there are any and by a slow look where there are none.

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { readPolicyFiles } from '../../../src/config/policies/read-policy-files.ts'
import {
  LOOK_MS,
  REST_MAX_MS,
  REST_MS,
  watchFolder,
  type FolderWatch,
} from '../../../src/config/policies/watch-folder.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { eventually } from '../../fixtures/eventually.ts'
import { makeFolder, mountConfigMap, type PoliciesFolder } from '../../fixtures/policies-folder.ts'

let folder: PoliciesFolder
let watch: FolderWatch | null = null
beforeEach(() => {
  folder = makeFolder()
})
afterEach(async () => {
  await watch?.stop()
  watch = null
  folder.discard()
})

/** Timers that ring when the test says so, each with the time it was set to. */
function bells() {
  const set: { ms: number; wake: () => void }[] = []
  return {
    setTimer: (ms: number, wake: () => void) => {
      const bell = { ms, wake }
      set.push(bell)
      return () => {
        if (set.includes(bell)) set.splice(set.indexOf(bell), 1)
      }
    },
    times: (): readonly number[] => set.map(({ ms }) => ms).sort((a, b) => a - b),
    ring: (ms: number): void => {
      const at = set.findIndex((bell) => bell.ms === ms)
      if (at < 0) throw new Error(`no timer of ${String(ms)} ms is set`)
      for (const { wake } of set.splice(at, 1)) wake()
    },
  }
}

/** Follows the folder; `looks` has the texts of each look, newest last. */
async function follow(onLook: () => void = () => undefined) {
  const { setTimer, times, ring } = bells()
  const looks: string[][] = []
  const onChange = async (): Promise<void> => {
    const files = await readPolicyFiles(folder.path)
    onLook()
    looks.push(files.map(({ path, text }) => `${path} ${text}`))
  }
  watch = watchFolder({ folder: folder.path, onChange, setTimer, log: silentLog })
  await eventually('the first look is over', () => times().includes(LOOK_MS))
  const { length } = looks
  const came = (): Promise<boolean> => eventually('an event came', () => times().includes(REST_MS))
  const looked = (count: number): Promise<boolean> =>
    eventually(`look ${String(count)}`, () => looks.length >= length + count && times().includes(LOOK_MS))
  return { looks, times, ring, came, looked }
}

describe('a change', () => {
  const CHANGES: readonly (readonly [string, (folder: PoliciesFolder) => void, readonly string[]])[] = [
    ['that is written in place', ({ write }) => write('offers/a.yaml', '2'), ['offers/a.yaml 2']],
    ['that takes the place of a file', ({ replace }) => replace('offers/a.yaml', '2'), ['offers/a.yaml 2']],
    ['of nothing but a file more', ({ write }) => write('offers/b.yaml', '2'), ['offers/a.yaml 1', 'offers/b.yaml 2']],
    [
      'in a folder that is new',
      ({ write }) => write('guardrails/cn/b.yaml', '2'),
      ['guardrails/cn/b.yaml 2', 'offers/a.yaml 1'],
    ],
    ['that takes a folder away', ({ remove }) => remove('offers'), []],
  ]
  test.each(CHANGES)('%s is looked at once it has come to rest', async (_name, change, texts) => {
    folder.write('offers/a.yaml', '1')
    const { ring, came, looked, looks } = await follow()

    change(folder)
    await came()
    ring(REST_MS)
    await looked(1)

    expect(looks.at(-1)).toEqual(texts)
  })

  test('of a ConfigMap that is mounted is one change', async () => {
    mountConfigMap(folder, 'one', { 'a.yaml': '1', 'b.yaml': '1' })
    const { ring, came, looked, looks } = await follow()

    mountConfigMap(folder, 'two', { 'a.yaml': '2', 'b.yaml': '2' })
    await came()
    ring(REST_MS)
    await looked(1)

    expect(looks.at(-1)).toEqual(['a.yaml 2', 'b.yaml 2'])
  })

  test('inside a folder that took the place of another is still seen', async () => {
    folder.write('offers/a.yaml', '1')
    const { ring, came, looked, looks } = await follow()
    rmSync(join(folder.path, 'offers'), { recursive: true })
    mkdirSync(join(folder.path, 'offers'))
    await came()
    ring(REST_MS)
    await looked(1)

    folder.write('offers/a.yaml', '2')
    await came()
    ring(REST_MS)
    await looked(2)

    expect(looks.at(-1)).toEqual(['offers/a.yaml 2'])
  })

  test('that never comes to rest is looked at all the same', async () => {
    const { ring, came, looked, looks, times } = await follow()

    folder.write('a.yaml', '1')
    await came()
    expect(times()).toContain(REST_MAX_MS)
    ring(REST_MAX_MS)
    await looked(1)

    expect(looks.at(-1)).toEqual(['a.yaml 1'])
    expect(times()).not.toContain(REST_MAX_MS)
  })
})

test('an event is believed though everything looks as before, and again after a failure', async () => {
  folder.write('a.yaml', '1')
  let isFull = false
  let failures = 0
  const { ring, came, looked, looks } = await follow(() => {
    if (!isFull) return
    failures += 1
    throw new Error('the database is full')
  })

  // Two writes within one tick of the clock would look the same; so does the file beside it that an editor makes.
  folder.write('.a.yaml.swp', '')
  await came()
  ring(REST_MS)
  await looked(1)
  isFull = true
  folder.write('.a.yaml.swp', '1')
  await came()
  ring(REST_MS)
  await eventually('it was not taken', () => failures === 1)
  isFull = false
  await eventually('the slow look takes it', async () => {
    ring(LOOK_MS)
    await new Promise((goOn) => setImmediate(goOn))
    return looks.length >= 3
  })

  expect(looks.at(-1)).toEqual(['a.yaml 1'])
})

describe('the slow look', () => {
  test('finds what no event has told', async () => {
    folder.write('a.yaml', '1')
    const { ring, came, looked, looks } = await follow()

    folder.replace('a.yaml', '2')
    await came()
    ring(REST_MS)
    await looked(1)
    // What a mount without events would be: the folder goes, and its watch with it.
    folder.remove('')
    await came()
    ring(REST_MS)
    await eventually('it is not there', () => looks.length > 0)
    mkdirSync(folder.path)
    folder.write('a.yaml', '3')
    await eventually('the slow look is due', async () => {
      ring(LOOK_MS)
      await new Promise((goOn) => setImmediate(goOn))
      return looks.at(-1)?.[0] === 'a.yaml 3'
    })

    expect(looks.at(-1)).toEqual(['a.yaml 3'])
  })

  test('costs no reading while nothing changes', async () => {
    folder.write('a.yaml', '1')
    const { ring, looks, times } = await follow()
    const before = looks.length

    for (let time = 0; time < 3; time += 1) {
      ring(LOOK_MS)
      await eventually('the next one is due', () => times().includes(LOOK_MS))
    }

    expect(looks).toHaveLength(before)
  })

  test('comes again where what was seen could not be taken', async () => {
    let isFull = false
    const { ring, came, looks, times } = await follow(() => {
      if (isFull) throw new Error('the database is full')
    })
    isFull = true
    folder.write('a.yaml', '1')
    await came()
    ring(REST_MS)
    await eventually('it was not taken', () => times().includes(LOOK_MS))
    const before = looks.length

    isFull = false
    ring(LOOK_MS)
    await eventually('it is taken', () => looks.length > before)

    expect(looks.at(-1)).toEqual(['a.yaml 1'])
  })
})

test('after the end nothing is looked at any more', async () => {
  const { looks, times } = await follow()
  const before = looks.length

  await watch?.stop()
  folder.write('a.yaml', '1')
  await readPolicyFiles(folder.path)

  expect([looks.length, times()]).toEqual([before, []])
})
