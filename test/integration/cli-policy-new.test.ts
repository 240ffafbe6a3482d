// `lingqu policy new`: offer files from the templates that are shipped, and what it refuses to write.

import { cpSync, existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolder, type PoliciesFolder } from '../fixtures/policies-folder.ts'
import { lingqu } from './cli-line.ts'

const SHIPPED = fileURLToPath(new URL('../../policies/', import.meta.url))

let folder: PoliciesFolder
beforeEach(() => {
  folder = makeFolder()
  cpSync(SHIPPED, folder.path, { recursive: true })
})
afterEach(() => folder.discard())

const make = (...words: readonly string[]) => lingqu(['policy', 'new', ...words, '--policies', folder.path])
const textOf = (path: string) => readFileSync(join(folder.path, path), 'utf8')

interface TestFile {
  readonly template?: string
  readonly with?: Readonly<Record<string, string | number | readonly string[]>>
}

describe('policy new', () => {
  it('makes of each shipped template an offer that is accepted, and that the tests of the template hold for', async () => {
    const templates = readdirSync(join(SHIPPED, 'templates')).map((name) => name.replace(/\.yaml$/, ''))
    expect(templates).toHaveLength(23)
    // The tests would be read each time, and are about nothing that is written.
    rmSync(join(folder.path, 'tests'), { recursive: true })
    const tested = new Set<string>()
    const tests: (readonly [name: string, text: string])[] = []
    for (const name of readdirSync(join(SHIPPED, 'tests'))) {
      const text = readFileSync(join(SHIPPED, 'tests', name), 'utf8')
      const { template, with: values = {} } = parse(text) as TestFile
      if (template === undefined) continue
      const id = `made-${name.replace(/\.test\.yaml$/, '')}`
      const given = Object.entries(values).flatMap(([key, value]) => ['--with', `${key}=${[value].flat().join(',')}`])
      const { exit, stderr } = await make(template, '--id', id, '--dataset', 'urn:d:1', ...given)
      expect([exit, stderr]).toEqual([0, ''])
      const about = text.replace(/^template: .*$/m, `offer: ${id}`).replace(/^with:.*\n(?: +.*\n)*/m, '')
      tests.push([name, text], [`${id}.test.yaml`, about])
      tested.add(template)
    }
    expect([...tested].toSorted()).toEqual(templates.toSorted())

    for (const [name, text] of tests) folder.write(`tests/${name}`, text)
    for (const name of ['weather-hourly', 'core-data'])
      cpSync(join(SHIPPED, `tests/${name}.test.yaml`), join(folder.path, `tests/${name}.test.yaml`))
    const check = await lingqu(['policy', 'check', folder.path, '--json', '--strict'])
    expect(check.json()).toMatchObject({ findings: [] })
    const test = await lingqu(['policy', 'test', join(folder.path, 'offers'), '--json'])
    expect(test.json()).toMatchObject({ failed: 0 })
    expect(test.exit).toBe(0)
  })

  it('names each parameter with its title, and those that may be left out in comments, in the language that is asked for', async () => {
    const given = ['--with', 'queries=q1,q2', '--id', '聚合', '--lang', 'zh', '--out', '-']
    const { exit, stdout } = await make('compute-aggregate-dp', ...given)
    expect(exit).toBe(0)
    expect(stdout.toString()).toMatch(/^offer: 聚合$/m)
    expect(stdout.toString()).toMatch(/^ {2}queries: \[q1, q2\]$/m)
    expect(stdout.toString()).toMatch(/^ {2}# 最小分组人数 .*默认 11.*\n {2}# groupSize: 11$/m)
    expect(readdirSync(join(folder.path, 'offers'))).toHaveLength(1)
  })

  // prettier-ignore
  it.each<readonly [string, readonly string[], string]>([
    ['a template that is not there',   ['vn-ctai'],                                  'did you mean `vn-ctia`?'],
    ['two templates',                  ['vn-ctia', 'bn-pdpo'],                       'takes one template'],
    ['a parameter that is not there',  ['vn-ctia', '--with', 'fillingDays=3'],       'did you mean `filingDays`?'],
    ['a parameter without a value',    ['vn-ctia', '--with', 'filingDays'],          'expected NAME=VALUE'],
    ['a value out of bounds',          ['vn-ctia', '--with', 'filingDays=61'],       'expected at most 60, came "61"'],
    ['a parameter that is left out',   ['compute-aggregate-dp'],                     'the parameter `queries` needs a value'],
    ['an empty id',                    ['vn-ctia', '--id', ''],                      'expected a text that is not empty'],
    ['an id that another offer has',   ['vn-ctia', '--id', 'weather-hourly', '--out', '-'], 'is there already, in offers/weather-hourly.yaml'],
    ['a place where nothing can lie',  ['vn-ctia', '--out', '/dev/null/a.yaml'],     'cannot write /dev/null/a.yaml: what it would lie in is no folder'],
  ])('refuses %s, and writes nothing', async (_, words, expected) => {
    const { exit, stderr, stdout } = await make(...words)
    expect(exit).toBe(2)
    expect(stderr).toContain(expected)
    expect(stdout.toString()).toBe('')
    expect(readdirSync(join(folder.path, 'offers'))).toEqual(['weather-hourly.yaml'])
  })

  it('writes over no file', async () => {
    const out = join(folder.path, 'offers', 'mine.yaml')
    expect((await make('vn-ctia', '--out', out)).exit).toBe(0)
    const written = textOf('offers/mine.yaml')
    const again = await make('vn-ctia', '--id', 'other', '--out', out)
    expect([again.exit, textOf('offers/mine.yaml')]).toEqual([2, written])
    expect(again.stderr).toContain('is there already')
  })

  it('says nothing of one more file among files with mistakes', async () => {
    folder.write('offers/weather-hourly.yaml', 'offer: [')
    const { exit, stderr } = await make('vn-ctia')
    expect(exit).toBe(1)
    expect(stderr).toContain('weather-hourly.yaml:1:9 syntax')
    expect(existsSync(join(folder.path, 'offers', 'vn-ctia.yaml'))).toBe(false)
  })

  it('lists the templates with their titles', async () => {
    const { stdout } = await make('--list', '--lang', 'zh')
    expect(stdout.toString()).toMatch(/^vn-ctia +越南：跨境传输影响评估 +filingDays$/m)
    expect((await make('--json')).json()['templates']).toHaveLength(23)
  })
})
