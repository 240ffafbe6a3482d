// `lingqu policy test` on folders of files: what is printed of cases, coverage and mutants, and the exit code.

import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolder, type PoliciesFolder } from '../fixtures/policies-folder.ts'
import { lingqu } from './cli-line.ts'

const OFFER = `offer: a
title: { en: A, zh: 甲 }
datasets: [d]
access: []
permission:
  - action: use
    constraint:
      - count: { lteq: 3 }
`
const THIRD = '  - { name: the third use, given: { used: 2 }, expect: permit }\n'
const FOURTH =
  "  - { name: the fourth use, given: { used: 3 }, expect: deny, reasons: ['permission[0].constraint[0]'] }\n"

let folder: PoliciesFolder
beforeEach(() => {
  folder = makeFolder()
  folder.write('offers/a.yaml', OFFER)
})
afterEach(() => folder.discard())

const test = (...words: readonly string[]) => lingqu(['policy', 'test', folder.path, ...words])
const cases = (...lines: readonly string[]): void => {
  folder.write('tests/a.test.yaml', `offer: a\ncases:\n${lines.join('')}`)
}

describe('policy test', () => {
  it('counts the cases that come out as expected', async () => {
    cases(THIRD, FOURTH)
    const { exit, stdout } = await test()
    expect([exit, stdout.toString()]).toEqual([0, 'cases: 2; failed: 0\n'])
  })

  it('shows of another case where it stands, what came, and why', async () => {
    cases(THIRD, FOURTH.replace('deny', 'permit').replace('constraint[0]', 'constraint[1]'))
    const { exit, stdout } = await test()
    expect(exit).toBe(1)
    expect(stdout.toString().split('\n')).toEqual([
      `✘ ${folder.path}/tests/a.test.yaml:4:5 the fourth use`,
      '  expected permit, came deny',
      expect.stringContaining('  expected permission[0].constraint[1] in what the reason names, came permission[0]'),
      '  because count lteq 3 does not hold: this would be use 4  (permission[0].constraint[0])',
      expect.stringContaining('✘ The consumer may use the data'),
      expect.stringContaining('✘ at most 3 uses — this would be use 4'),
      '',
      'cases: 2; failed: 1',
      '',
    ])
    const { json } = await test('--json')
    expect(json()).toMatchObject({
      passed: 1,
      failed: 1,
      cases: [{ passed: true }, { passed: false, verdict: 'deny' }],
    })
  })

  it('tells what no case sees both ways, and fails below what is asked for', async () => {
    cases(THIRD)
    const { exit, stdout } = await test('--coverage')
    expect(exit).toBe(0)
    expect(stdout.toString()).toContain(`○ ${folder.path}/offers/a.yaml:8:9 offer a: permission[0].constraint[0]`)
    expect((await test('--min', '50')).exit).toBe(0)
    const short = await test('--min', '51')
    expect(short.exit).toBe(1)
    expect(short.stdout.toString()).toContain('at least 51 % was asked for')
    cases(THIRD, FOURTH)
    expect((await test('--min', '100', '--json')).json()).toMatchObject({ coverage: { percent: 100, missing: [] } })
  })

  it('counts what no case is about, too, where the whole folder is asked about', async () => {
    cases(THIRD, FOURTH)
    folder.write('offers/b.yaml', OFFER.replace('offer: a', 'offer: b'))
    expect((await test('--coverage', '--json')).json()).toMatchObject({ coverage: { percent: 50 } })
    const only = await lingqu(['policy', 'test', join(folder.path, 'offers/a.yaml'), '--coverage', '--json'])
    expect(only.json()).toMatchObject({ coverage: { percent: 100 } })
  })

  it('makes small mistakes, and tells with --strict by its exit code of those that nobody notices', async () => {
    cases(THIRD, FOURTH)
    expect((await test('--mutate', '--strict')).exit).toBe(0)
    cases(THIRD, FOURTH.replace('used: 3', 'used: 9'))
    const { exit, stdout } = await test('--mutate', '--strict')
    expect(exit).toBe(1)
    expect(stdout.toString()).toContain(
      'offer a: nobody notices at permission[0].constraint[0] that the bound grew by 1',
    )
    expect((await test('--mutate')).exit).toBe(0)
  })

  it('tries no mistakes where a case fails already, and says so', async () => {
    cases(THIRD.replace('permit', 'deny'))
    const { exit, stdout } = await test('--mutate')
    expect(exit).toBe(1)
    expect(stdout.toString()).toContain('mutants: 0; survived: 0; not tried where a case fails: 1')
  })

  // prettier-ignore
  it.each<readonly [string, string, string]>([
    ['a case that expects something else',  'offer: a\ncases: [{ name: x, expect: permitt }]\n',                        '2:28 form: expected one of permit, conditional, deny, default-deny, came "permitt" (did you mean `permit`?)'],
    ['a fact that nothing looks at',        'offer: a\ncases: [{ name: x, given: { cuont: 1 }, expect: permit }]\n',    '2:29 unknown-key: unknown key `cuont`'],
    ['a fact that nothing can read',        'offer: a\ncases: [{ name: x, given: { count: three }, expect: deny }]\n',    '2:36 value-type: expected a whole number, 0 or more, came "three"'],
    ['cases about nothing',                 'offer: b\ncases: [{ name: x, expect: permit }]\n',                         'unknown-subject: there is no offer `b`'],
    ['no cases',                            'offer: a\ncases: []\n',                                                    '2:8 form: expected a list of at least 1, came []'],
    ['an action that is not known',         'offer: a\ncases: [{ name: x, action: uze, expect: permit }]\n',            'the action `uze` is not known here (did you mean `use`?)'],
    ['a time without a zone',               'offer: a\ncases: [{ name: x, at: 2026-01-01T00:00:00, expect: permit }]\n', 'datetime-lexical: expected a date and time with a zone'],
  ])('runs nothing of a folder with %s', async (_, tests, expected) => {
    folder.write('tests/a.test.yaml', tests)
    const { exit, stdout, stderr } = await test()
    expect([exit, stdout.toString()]).toEqual([1, ''])
    expect(stderr).toContain(`${folder.path}/tests/a.test.yaml:`)
    expect(stderr).toContain(expected)
  })

  it('has exit code 2 for per cent that are none', async () => {
    for (const min of ['101', '-1', 'all']) expect((await test(`--min=${min}`)).exit, min).toBe(2)
  })
})
