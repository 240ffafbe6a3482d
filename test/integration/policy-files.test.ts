// The policies folder on the disk, and the example that comes with the connector.

import { readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { isMistake } from '../../src/config/finding.ts'
import { formatPolicy } from '../../src/config/policies/format.ts'
import { readPolicyFiles } from '../../src/config/policies/read-policy-files.ts'
import { readPolicyFolder } from '../../src/config/policies/read-policy-folder.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'policies-'))
})
afterEach(() => rm(folder, { recursive: true }))

/** Of that size, and without a block on the disk. */
async function sparse(name: string, bytes: number): Promise<void> {
  await writeFile(join(folder, name), '')
  await truncate(join(folder, name), bytes)
}

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

  it.each([
    ['a link that leads nowhere', () => symlink('gone.yaml', join(folder, 'a.yaml')), 'leads nowhere: a.yaml'],
    ['what is no file', () => symlink('/dev/null', join(folder, 'a.yaml')), 'this is none: a.yaml'],
    ['one that is too large', () => sparse('a.yaml', 1_048_577), 'at most 1048576 bytes: a.yaml'],
    [
      'more than is held in memory at once',
      () => Promise.all(Array.from({ length: 65 }, (_, n) => sparse(`${String(n)}.yaml`, 1_048_576))),
      'all policy files together',
    ],
  ])('refuses %s', async (_what, make, message) => {
    await make()
    await expect(readPolicyFiles(folder)).rejects.toMatchObject({
      problem: { code: 'config.invalid', message: expect.stringContaining(message) as unknown },
    })
  })

  it('refuses a link that goes in circles', async () => {
    await symlink('.', join(folder, 'loop'))
    await expect(readPolicyFiles(folder)).rejects.toMatchObject({ problem: { code: 'config.invalid' } })
  })
})

describe('the policies that come with the connector', () => {
  const shipped = readPolicyFiles(fileURLToPath(new URL('../../policies', import.meta.url)))

  it('have no mistakes', async () => {
    const { offers, guardrails, vocab, findings } = readPolicyFolder(await shipped)
    expect(findings.filter(isMistake)).toEqual([])
    expect(offers.map(({ id }) => id)).toContain('weather-hourly')
    expect(guardrails.map(({ id }) => id)).toContain('core-data')
    expect(vocab.memberships).toMatchObject({
      'CN-45': ['CN'],
      SG: ['ASEAN'],
      'dpv:AcademicResearch': ['dpv:ResearchAndDevelopment'],
    })
  })

  it('are in their one form', async () => {
    for (const file of await shipped) expect(formatPolicy(file)).toEqual({ ok: true, text: file.text })
  })

  it('say for editors which form they have, and have it', async () => {
    const ajv = new Ajv2020({ strict: false })
    const compiled = new Map<string, ValidateFunction>()
    for (const { path, text } of await shipped) {
      const [, schema = ''] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? []
      const file = fileURLToPath(new URL(schema, new URL(path, new URL('../../policies/', import.meta.url))))
      const validate = compiled.get(file) ?? ajv.compile(JSON.parse(readFileSync(file, 'utf8')) as object)
      compiled.set(file, validate)
      expect([path, validate(parse(text)), validate.errors]).toEqual([path, true, null])
    }
  })
})
