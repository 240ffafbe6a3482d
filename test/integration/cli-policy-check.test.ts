// `lingqu policy check` and `policy fmt` on folders of files: what is printed, in which language, and the exit code.

import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { lingqu } from './cli-line.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-check-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

const OFFER = `offer: a
title: { en: A, zh: 甲 }
datasets: [d]
access: []
permission:
  - action: use
    constraint:
      - count: { lteq: 3 }
`
const TESTS = 'offer: a\ncases: [{ name: x, expect: permit }]\n'
const CLEAN = { 'offers/a.yaml': OFFER, 'tests/a.test.yaml': TESTS }
const run = (...words: readonly string[]) => lingqu(['policy', ...words])
const codes = (json: Readonly<Record<string, unknown>>) =>
  (json['findings'] as readonly { code: string }[]).map(({ code }) => code)

describe('policy check', () => {
  it('finds nothing in files that are in order', async () => {
    write(CLEAN)
    const { exit, stdout } = await run('check', folder)
    expect(exit).toBe(0)
    expect(stdout.toString()).toBe('files: 2; errors: 0; warnings: 0\n')
  })

  it('shows a mistake with its place, its line, and what was probably meant', async () => {
    write({ ...CLEAN, 'offers/a.yaml': OFFER.replace('count', 'cuont') })
    const { exit, stdout } = await run('check', folder)
    expect(exit).toBe(1)
    expect(stdout.toString().split('\n').slice(0, 4)).toEqual([
      `${folder}/offers/a.yaml:8:9 error unknown-operand the left operand "cuont" is not known here`,
      ' 8 |       - cuont: { lteq: 3 }',
      '   |         ^',
      '   = did you mean `count`?',
    ])
  })

  it('puts the caret under the word, also behind Chinese characters', async () => {
    write({ ...CLEAN, 'offers/a.yaml': OFFER.replace('{ en: A, zh: 甲 }', '{ zh: 天气数据, en: A, e: 5 }') })
    const [, line = '', caret = ''] = (await run('check', folder)).stdout.toString().split('\n')
    expect(line).toBe(' 2 | title: { zh: 天气数据, en: A, e: 5 }')
    expect(caret).toBe(`   | ${' '.repeat('title: { zh: '.length + 8 + ', en: A, '.length)}^`)
  })

  it('speaks Chinese where it is asked to, or where the files say so', async () => {
    write({ ...CLEAN, 'offers/a.yaml': OFFER.replace('count', 'cuont') })
    const { stdout } = await run('check', folder, '--lang', 'zh')
    expect(stdout.toString()).toContain('错误 unknown-operand 左操作数 "cuont" 不存在')
    expect(stdout.toString()).toContain('是不是想写 `count`？')
    write({ 'defaults.yaml': 'language: zh\n' })
    expect((await run('check', folder)).stdout.toString()).toContain('错误 1 个')
    expect((await run('check', folder, '--lang', 'en')).stdout.toString()).toContain('errors: 1')
  })

  it('lets warnings pass, unless it is strict', async () => {
    write({ ...CLEAN, 'offers/a.yaml': OFFER.replace('lteq: 3', 'eq: 3') })
    const { exit, json } = await run('check', folder, '--json')
    expect(exit).toBe(0)
    expect(json()).toMatchObject({
      errors: 0,
      warnings: 1,
      files: 2,
      findings: [{ code: 'operator-not-advised', severity: 'warning' }],
    })
    expect((await run('check', folder, '--strict')).exit).toBe(1)
  })

  it('finds what has ended, and templates that nobody has looked at since', async () => {
    write({
      ...CLEAN,
      'offers/a.yaml': OFFER.replace('count: { lteq: 3 }', 'dateTime: { lteq: 2001-01-01T00:00:00Z }'),
      'templates/t.yaml':
        'template: t\ntitle: { en: T, zh: 模 }\nreviewBy: 2001-01-01\npolicy: { permission: [{ action: use }] }\n',
    })
    expect(codes((await run('check', folder, '--json')).json())).toEqual(['expired', 'missing-test', 'review-overdue'])
  })

  it('asks the analysis too: what no request can fulfil is an error at its place', async () => {
    write({ ...CLEAN, 'offers/a.yaml': `${OFFER}      - count: { gt: 3 }\n` })
    const { exit, json } = await run('check', folder, '--json')
    expect(exit).toBe(1)
    const errors = (json()['findings'] as readonly { severity: string }[]).filter(
      ({ severity }) => severity === 'error',
    )
    expect(errors).toMatchObject([{ code: 'unsat-constraint', file: `${folder}/offers/a.yaml`, line: 9 }])
  })

  it('tells what is only worth knowing when it is asked for that', async () => {
    write({ ...CLEAN, 'offers/a.yaml': OFFER.replace('count: { lteq: 3 }', 'purpose: { isA: x }') })
    expect((await run('check', folder, '--json')).json()).toMatchObject({ findings: [], notes: 0 })
    const { exit, json } = await run('check', folder, '--json', '--notes', '--strict')
    expect(exit).toBe(0)
    expect(json()).toMatchObject({ findings: [{ code: 'unenforced-operand', severity: 'info', line: 8 }], notes: 1 })
  })

  it('reads the whole folder, and tells of the files that were named', async () => {
    const template = 'template: t\ntitle: { en: T, zh: 模 }\npolicy: { permission: [{ action: use }] }\n'
    const made = 'offer: b\ntitle: { en: B, zh: 乙 }\ndatasets: [d]\naccess: []\ntemplate: t\n'
    write({ ...CLEAN, 'templates/t.yaml': template, 'offers/b.yaml': made, 'offers/c.yaml': 'offer: c\n' })
    const { json } = await run('check', join(folder, 'offers', 'b.yaml'), '--json')
    expect(json()).toMatchObject({
      files: 1,
      errors: 0,
      findings: [{ code: 'missing-test', file: `${folder}/offers/b.yaml` }],
    })
  })

  it('reads a file that lies in no policies folder alone', async () => {
    write({ 'a.yaml': OFFER, 'other.yaml': 'nothing: true\n' })
    expect((await run('check', join(folder, 'a.yaml'), '--json')).json()).toMatchObject({ files: 1, errors: 0 })
  })

  it('has exit code 2 for a path that is not there, and for another language', async () => {
    expect((await run('check', join(folder, 'missing'))).exit).toBe(2)
    write(CLEAN)
    expect((await run('check', folder, '--lang', 'fr')).exit).toBe(2)
  })

  it('refuses to pass over a file that is none of the policy files', async () => {
    write({ ...CLEAN, 'offers/b.yaml.txt': OFFER, 'offers/.c.yaml': OFFER })
    for (const name of ['offers/b.yaml.txt', 'offers/.c.yaml']) {
      const { exit, stderr } = await run('check', join(folder, name))
      expect(exit).toBe(2)
      expect(stderr).toContain('is none of the policy files of its folder')
    }
    expect((await run('check', join(folder, 'offers'))).exit).toBe(0)
  })

  it('shows what stands behind a byte order mark at the column where editors have it', async () => {
    write({ ...CLEAN, 'offers/a.yaml': `\uFEFF${OFFER.replace('offer:', 'ofer:').replaceAll('\n', '\r\n')}` })
    const [head, line, caret] = (await run('check', folder)).stdout.toString().split('\n')
    expect(head).toContain('/offers/a.yaml:1:1 error unknown-key unknown key `ofer`')
    expect([line, caret]).toEqual([' 1 | ofer: a', '   | ^'])
  })

  it('shows no control character of a file to the terminal', async () => {
    write({ ...CLEAN, 'offers/a.yaml': OFFER.replace('en: A', 'en: "\u001B[2J\u0007"') })
    const { exit, stdout } = await run('check', folder)
    expect(exit).toBe(1)
    expect(stdout.toString()).toContain('2:15 error syntax a control character (U+001B) stands here')
    expect(stdout.toString()).not.toMatch(/(?!\n)\p{Cc}/u)
  })

  it('gives SARIF 2.1.0: each finding with its rule, its level and its region', async () => {
    write({ ...CLEAN, 'offers/ä b.yaml': OFFER.replace('count', 'cuont').replace('offer: a', 'offer: b') })
    const sarif = (await run('check', folder, '--sarif')).json() as unknown as Sarif
    expect(sarif.version).toBe('2.1.0')
    const [{ tool, results } = { tool: { driver: { rules: [] } }, results: [] }] = sarif.runs
    expect(results).toMatchObject([
      {
        level: 'error',
        message: { text: 'the left operand "cuont" is not known here (did you mean `count`?)' },
        locations: [
          {
            physicalLocation: {
              artifactLocation: { uri: `file://${folder}/offers/%C3%A4%20b.yaml` },
              region: { startLine: 8, startColumn: 9 },
            },
          },
        ],
      },
    ])
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).toBe(ruleId)
  })

  it('gives each rule of SARIF its description, and messages with their hints in Chinese', async () => {
    write({ ...CLEAN, 'offers/a.yaml': `${OFFER}      - count: { gt: 3 }\n` })
    const described = (await run('check', folder, '--sarif')).json() as unknown as Sarif
    const rules = described.runs.flatMap(({ tool }) => tool.driver.rules)
    expect(rules.map(({ id }) => id)).toEqual(['operator-not-advised', 'phase-gap', 'unsat-constraint'])
    for (const { id, shortDescription } of rules) expect(shortDescription?.text, id).toMatch(/\w+ \w+/)
    write({ ...CLEAN, 'offers/a.yaml': OFFER.replace('count', 'cuont') })
    const { runs } = (await run('check', folder, '--sarif', '--lang', 'zh')).json() as unknown as Sarif
    expect(runs[0]?.results[0]?.message.text).toBe('左操作数 "cuont" 不存在 (是不是想写 `count`？)')
  })
})

interface Sarif {
  readonly version: string
  readonly runs: readonly {
    readonly tool: {
      readonly driver: {
        readonly rules: readonly { readonly id: string; readonly shortDescription?: { readonly text: string } }[]
      }
    }
    readonly results: readonly {
      readonly ruleId: string
      readonly ruleIndex: number
      readonly message: { readonly text: string }
    }[]
  }[]
}

describe('policy fmt', () => {
  const UNTIDY = OFFER.replace('count: { lteq: 3 }', "{ leftOperand: 'count', operator: lteq, rightOperand: 3 }")

  it('writes files in their one form, once', async () => {
    write({ ...CLEAN, 'offers/a.yaml': UNTIDY })
    const { exit, json } = await run('fmt', folder, '--json')
    expect(exit).toBe(0)
    expect(json()).toMatchObject({ files: 2, changed: [join(folder, 'offers/a.yaml')] })
    expect(readFileSync(join(folder, 'offers/a.yaml'), 'utf8')).toBe(OFFER)
    expect((await run('fmt', folder, '--json')).json()).toMatchObject({ changed: [] })
  })

  it('leaves a link a link, and who may read a file', async () => {
    write({ 'real/a.yaml': UNTIDY, 'offers/b.yaml': UNTIDY.replace('offer: a', 'offer: b') })
    symlinkSync(join(folder, 'real/a.yaml'), join(folder, 'offers/a.yaml'))
    chmodSync(join(folder, 'offers/b.yaml'), 0o600)
    expect((await run('fmt', join(folder, 'offers'))).exit).toBe(0)
    expect(lstatSync(join(folder, 'offers/a.yaml')).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(folder, 'real/a.yaml'), 'utf8')).not.toBe(UNTIDY)
    expect(statSync(join(folder, 'offers/b.yaml')).mode & 0o777).toBe(0o600)
  })

  it('with --check changes nothing, and says with its exit code whether it would', async () => {
    write({ 'offers/a.yaml': UNTIDY })
    expect((await run('fmt', folder, '--check')).exit).toBe(1)
    expect(readFileSync(join(folder, 'offers/a.yaml'), 'utf8')).toBe(UNTIDY)
    write({ 'offers/a.yaml': OFFER })
    expect((await run('fmt', folder, '--check')).exit).toBe(0)
  })

  it('leaves a file that it cannot read as it is, and says so', async () => {
    write({ 'offers/a.yaml': 'offer: [a\n' })
    const { exit, json } = await run('fmt', folder, '--json')
    expect(exit).toBe(1)
    expect(json()).toMatchObject({ changed: [], findings: [{ code: 'syntax' }] })
    expect(readFileSync(join(folder, 'offers/a.yaml'), 'utf8')).toBe('offer: [a\n')
  })
})
