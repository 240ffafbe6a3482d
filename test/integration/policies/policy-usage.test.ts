// Wrong usage of `lingqu policy …`: exit code 2, and a sentence that says what to do.

import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { makeFolder, type PoliciesFolder } from '../../fixtures/policies-folder.ts'
import { lingqu } from '../cli-line.ts'

const OFFER = `offer: metered
title: { en: Metered, zh: 计量数据 }
datasets: ["urn:d:1"]
access: []
permission:
  - action: read
    constraint:
      - count: { lteq: 2 }
`

let folder: PoliciesFolder
beforeEach(() => {
  folder = makeFolder()
  folder.write('offers/metered.yaml', OFFER)
})
afterEach(() => folder.discard())

describe('a policy command', () => {
  it('has exit code 2 for a file that is not there', async () => {
    const { exit, stderr } = await lingqu(['policy', 'import', '--profile', 'tc609', join(folder.path, 'none.json')])
    expect([exit, stderr]).toEqual([2, `lingqu: cannot read ${folder.path}/none.json: it is not there`])
    expect((await lingqu(['policy', 'import', '--profile', 'tc609', folder.path])).stderr).toContain('it is a folder')
    for (const option of ['--with', '--file'])
      expect((await lingqu(['policy', 'replay', option, join(folder.path, 'none')])).exit, option).toBe(2)
    for (const words of [
      ['--policy', 'none', '--request', 'none'],
      ['--batch', 'none'],
    ])
      expect((await lingqu(['policy', 'evaluate', ...words])).exit, words[0]).toBe(2)
  })

  // prettier-ignore
  it.each([
    ['count=three',         'expected a whole number, 0 or more, came "three"'],
    ['dateTime=now',        'expected a date and time with a zone'],
    ['elapsedTime=3',       'expected an xsd:duration'],
    ['payAmount=10',        'expected an amount and its currency, such as 10.00 CNY, came "10"'],
    ['cuont=3',             'did you mean `count`?'],
  ])('takes no fact that could only be unknown: %s', async (given, expected) => {
    const { exit, stderr } = await lingqu(['policy', 'explain', folder.path, '--peer', 'did:web:x', '--dataset', 'urn:d:1', '--given', given])
    expect(exit).toBe(2)
    expect(stderr).toContain(expected)
  })
})
