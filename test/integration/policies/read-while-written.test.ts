// A folder that is written while it is read is read again: half of one edit and half of the next was never meant.

import { rmSync } from 'node:fs'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { readPolicyFiles } from '../../../src/config/policies/read-policy-files.ts'
import { makeFolder, mountConfigMap, type PoliciesFolder } from '../../fixtures/policies-folder.ts'

const disk = vi.hoisted((): { onRead: (path: string) => void } => ({ onRead: () => undefined }))

vi.mock(import('node:fs/promises'), async (load) => {
  const real = await load()
  const readFile = (async (path: string, encoding: 'utf8') => {
    disk.onRead(path)
    return real.readFile(path, encoding)
  }) as typeof real.readFile
  return { ...real, readFile }
})

let folder: PoliciesFolder
beforeEach(() => {
  folder = makeFolder()
})
afterEach(() => {
  disk.onRead = () => undefined
  folder.discard()
})

/** Does it once, when that file is about to be read. */
function once(name: string, run: () => void): void {
  disk.onRead = (path) => {
    if (!path.endsWith(name)) return
    disk.onRead = () => undefined
    run()
  }
}

test('a mounted ConfigMap that is swapped between two of its files gives the new ones', async () => {
  mountConfigMap(folder, 'one', { 'a.yaml': '1', 'b.yaml': '1' })
  once('b.yaml', () => {
    mountConfigMap(folder, 'two', { 'a.yaml': '2', 'b.yaml': '2' })
  })

  const files = await readPolicyFiles(folder.path)

  expect(files.map(({ text }) => text)).toEqual(['2', '2'])
})

test('a file that goes away meanwhile is not missed', async () => {
  folder.write('a.yaml', '1')
  folder.write('b.yaml', '1')
  once('b.yaml', () => {
    rmSync(`${folder.path}/b.yaml`)
  })

  expect(await readPolicyFiles(folder.path)).toEqual([{ path: 'a.yaml', text: '1' }])
})

test('a folder in which something is another at each reading is refused; one that only looks so is not', async () => {
  folder.write('a.yaml', '0')
  let writes = 0
  disk.onRead = () => {
    writes += 1
    folder.replace('a.yaml', String(writes))
  }
  await expect(readPolicyFiles(folder.path)).rejects.toMatchObject({ problem: { code: 'config.invalid' } })

  disk.onRead = () => {
    folder.replace('a.yaml', 'the same')
  }
  expect(await readPolicyFiles(folder.path)).toEqual([{ path: 'a.yaml', text: 'the same' }])
})
