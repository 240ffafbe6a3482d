// What no tool checks: small promises of the house that rot quietly. A failing test lists what breaks the promise.

import { describe, expect, test } from 'vitest'
import { withGenerated } from '../../src/config/readme-table.ts'
import { PROBLEMS } from '../../src/kernel/problem.ts'
import { GENERATED, POLICY_SCHEMAS, SCHEMA_FILE, schemaText } from './generated.ts'
import { textFiles, textOf } from './tree.ts'

const LINES_MAX = 300

/** Files that must name what the others may not, with the reason. */
const MAY_NAME_HOSTS_AND_PATHS: Readonly<Record<string, string>> = {
  'test/architecture/tidy.test.ts': 'it says what to look for',
}

const SINGLED_OUT = /\b(test|it|describe|suite)(\.\w+)*\.(only|skip|todo|fails)\b/
const REGISTRY =
  /\b(registry\.(npmjs|yarnpkg|npmmirror)\.\w+|npm\.pkg\.github\.com|files\.pythonhosted\.org|repo1?\.maven\.apache\.org)\b/i
// A path begins where nothing stands before it that makes it part of a URL or of a longer path. `/home/node` is the
// image's own user.
const MACHINE_PATH = /(^|[\s"'`(=])(\/(root|work|Users)\/\w|\/home\/(?!node\b)\w|\/tmp\/\w|[A-Z]:\\\w)/

const sources = textFiles('src').filter((path) => /\.(ts|js)$/.test(path))

function linesOf(path: string): readonly string[] {
  return textOf(path).trimEnd().split('\n')
}

test('no test is singled out or left out', () => {
  const tests = textFiles('test').filter((path) => path.endsWith('.ts'))
  expect(tests.filter((path) => SINGLED_OUT.test(textOf(path)))).toEqual([])
})

describe('a file of src', () => {
  test('begins with a comment that says what it is', () => {
    const silent = sources.filter((path) => {
      const [first = '', second = ''] = linesOf(path)
      return !/^(\/\/|\/\*) ?\S/.test(first.startsWith('#!') ? second : first)
    })
    expect(silent).toEqual([])
  })

  test(`is one idea: at most ${LINES_MAX} lines`, () => {
    const long = sources.filter((path) => linesOf(path).length > LINES_MAX)
    expect(long).toEqual([])
  })
})

describe('README.md', () => {
  test('lists the code of every Problem', () => {
    const readme = textOf('README.md')
    expect(Object.keys(PROBLEMS).filter((code) => !readme.includes(`\`${code}\``))).toEqual([])
  })

  test.each(GENERATED)('has what is generated after $begin (else: npm run docs)', ({ begin, end, table }) => {
    const readme = textOf('README.md')
    expect(withGenerated(readme, begin, end, table())).toBe(readme)
  })
})

test(`${SCHEMA_FILE} is the schema that the connector checks with (else: npm run docs)`, () => {
  expect(textOf(SCHEMA_FILE)).toBe(schemaText())
})

test.each(Object.entries(POLICY_SCHEMAS))('%s is the form that is documented (else: npm run docs)', (file, schema) => {
  expect(textOf(file)).toBe(schema())
})

test('migrations are numbered from 1 without gaps', () => {
  const numbers = textFiles('src/store/migrations')
    .filter((path) => path.endsWith('.sql'))
    .map((path) => Number(/\/(\d+)[^/]*\.sql$/.exec(path)?.[1]))
    .toSorted((a, b) => a - b)
  expect(numbers).not.toEqual([])
  expect(numbers).toEqual(numbers.map((_, index) => index + 1))
})

test('decisions are numbered from 1 without gaps, newest first', () => {
  const headings = linesOf('src/DECISIONS.md').filter((line) => line.startsWith('## '))
  const numbers = headings.map((heading) => Number(/^## (\d{3})\b/.exec(heading)?.[1]))
  expect(numbers).not.toEqual([])
  expect(numbers).toEqual(numbers.map((_, index) => numbers.length - index))
})

test('nothing names a package registry, or a path of the machine that it was written on', () => {
  const files = textFiles().filter((path) => !(path in MAY_NAME_HOSTS_AND_PATHS))
  const found = files.flatMap((path) => {
    const lines = linesOf(path).map((line, index) => ({ line, place: `${path}:${index + 1}` }))
    return lines.filter(({ line }) => REGISTRY.test(line) || MACHINE_PATH.test(line)).map(({ place }) => place)
  })
  expect(found).toEqual([])
})
