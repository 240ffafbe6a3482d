// What the tests of a policies folder find: each case that fails, at its place, with what it expects and what came.

import { expect, test } from 'vitest'
import { readPolicyFolder } from '../../../../src/config/policies/read-policy-folder.ts'
import { failedTests, tryTests } from '../../../../src/config/policies/try-tests.ts'
import { readAll } from './folder.ts'

const OFFER = 'offer: a\ndatasets: ["a*"]\npermission:\n  - { action: use, constraint: [{ count: { lteq: 2 } }] }\n'
const TEMPLATE = `template: t
parameters: { times: { type: integer, min: 1, max: 9 } }
policy: { permission: [{ action: use, constraint: [{ count: { lteq: { param: times } } }] }] }
`
const cases = (...written: readonly string[]): string => `cases:\n${written.map((each) => `  - ${each}\n`).join('')}`

test('a case that comes out as expected is not told; each other one is, with all that is wrong in it', () => {
  const set = readAll({
    'offers/a.yaml': OFFER,
    'tests/a.test.yaml': `offer: a\n${cases(
      '{ name: the second use, given: { used: 1 }, expect: permit }',
      '{ name: the third use, given: { used: 2 }, expect: permit, reasons: ["permission[0].duty[0]"] }',
      '{ name: the fourth use, given: { used: 3 }, expect: deny }',
    )}`,
  })

  expect(failedTests(set)).toEqual([
    {
      ...{ file: 'tests/a.test.yaml', line: 4, column: 5, code: 'test-failed' },
      message: expect.stringMatching(
        /^the case "the third use" of the offer `a`: expected permit, came deny; expected permission\[0\]\.duty\[0\] in what/,
      ) as string,
      hint: expect.stringContaining('policy test') as string,
      zh: expect.stringContaining('不符合预期') as string,
    },
  ])
})

test('each case is a step, and so is what it is about', () => {
  const set = readAll({
    'templates/t.yaml': TEMPLATE,
    'tests/t.test.yaml': `template: t\nwith: { times: 2 }\n${cases(
      '{ name: the first, given: { used: 0 }, expect: permit }',
      '{ name: the second, given: { used: 1 }, expect: permit }',
    )}`,
  })
  expect([...tryTests(set)]).toEqual(['subject', 'case', 'case'])
})

test.each([
  ['of another type', 'with: { times: many }', 2, 'many'],
  ['that the template does not have', 'with: { times: 2, more: 3 }', 2, 'more'],
  ['that are missing', '', 1, 'times'],
])('values %s are a mistake of the file of tests', (_name, values, line, named) => {
  const text = `template: t\n${values}\n${cases('{ name: one, expect: permit }')}`
  const { findings, tests } = readAll({ 'templates/t.yaml': TEMPLATE, 'tests/t.test.yaml': text })

  const mistakes = findings.filter(({ severity }) => severity !== 'warning')
  expect(mistakes).toMatchObject([{ file: 'tests/t.test.yaml', line, code: 'template-param' }])
  expect(mistakes[0]?.message).toContain(named)
  expect(tests).toEqual([])
})

test('values that were right are read again when the template changes', () => {
  const tests = {
    path: 'tests/t.test.yaml',
    text: `template: t\nwith: { times: 5 }\n${cases('{ name: one, expect: permit }')}`,
  }
  const isRight = (template: string): boolean =>
    readPolicyFolder([{ path: 'templates/t.yaml', text: template }, tests]).findings.every(
      ({ severity }) => severity === 'warning',
    )
  expect([isRight(TEMPLATE), isRight(TEMPLATE.replace('max: 9', 'max: 4'))]).toEqual([true, false])
})

test('more cases than a folder may have are a mistake', () => {
  const many = Array.from({ length: 4_000 }, (_none, index) => `{ name: c${String(index)}, expect: deny }`)
  const text = `offer: a\n${cases(...many)}`
  const files = ['tests/a.test.yaml', 'tests/b.test.yaml', 'tests/c.test.yaml']
  const { findings } = readAll({ 'offers/a.yaml': OFFER, ...Object.fromEntries(files.map((file) => [file, text])) })

  expect(findings.filter(({ code }) => code === 'over-limit')).toMatchObject([
    { file: 'tests', message: 'at most 10000 cases of tests, came 12000' },
  ])
})
