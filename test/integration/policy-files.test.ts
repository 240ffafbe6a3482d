// The policies folder on the disk, and the example that comes with the connector.

import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readPolicyFiles } from '../../src/config/policies/read-policy-files.ts'
import { readPolicyFolder } from '../../src/config/policies/read-policy-folder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policies-'))
})
afterEach(() => rm(folder, { recursive: true }))

describe('readPolicyFiles', () => {
  it('reads policy files at any depth in the order of their paths, and nothing else', async () => {
    await mkdir(join(folder, 'offers'))
    for (const path of [
      'offers/b.yaml',
      'offers/a.json',
      'z.yml',
      'README.md',
      'offers/.hidden.yaml',
      'offers/c.yaml~',
    ]) {
      await writeFile(join(folder, path), path)
    }

    const files = await readPolicyFiles(folder)

    expect(files).toEqual([
      { path: 'offers/a.json', text: 'offers/a.json' },
      { path: 'offers/b.yaml', text: 'offers/b.yaml' },
      { path: 'z.yml', text: 'z.yml' },
    ])
  })

  it('reads a mounted ConfigMap once: its names are links into a hidden folder', async () => {
    await mkdir(join(folder, '..2026_01_01'))
    await writeFile(join(folder, '..2026_01_01', 'a.yaml'), 'offer: a')
    await symlink('..2026_01_01', join(folder, '..data'))
    await symlink(join('..data', 'a.yaml'), join(folder, 'a.yaml'))

    expect(await readPolicyFiles(folder)).toEqual([{ path: 'a.yaml', text: 'offer: a' }])
  })

  it('refuses a folder that is not there', async () => {
    await expect(readPolicyFiles(join(folder, 'missing'))).rejects.toMatchObject({
      problem: { code: 'config.invalid' },
    })
  })

  it('refuses a link that goes in circles', async () => {
    await symlink('.', join(folder, 'loop'))
    await expect(readPolicyFiles(folder)).rejects.toMatchObject({ problem: { code: 'config.invalid' } })
  })
})

it('the example offer has no mistakes', async () => {
  const files = await readPolicyFiles(fileURLToPath(new URL('../../policies', import.meta.url)))
  const { offers, findings } = readPolicyFolder(files)
  expect(findings).toEqual([])
  expect(offers.map(({ id }) => id)).toContain('weather-hourly')
})
