// `lingqu policy evaluate` as it is called: one case from files, and many from lines, where a broken one stops no other.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { lingqu } from './cli-line.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-evaluate-'))
})
afterEach(() => {
  rmSync(folder, { recursive: true })
})

const POLICY = {
  uid: 'urn:p',
  permission: [
    {
      uid: 'urn:r',
      action: 'use',
      constraint: [{ uid: 'urn:c', leftOperand: 'count', operator: 'lteq', rightOperand: '2' }],
    },
  ],
}
const after = (count: number) => ({ counters: { count } })

function written(name: string, text: string): string {
  const file = join(folder, name)
  writeFileSync(file, text)
  return file
}

it('answers a case from files with the state of every rule, check and constraint', async () => {
  const files = [
    ...['--policy', written('policy.json', JSON.stringify(POLICY))],
    ...['--request', written('request.yaml', 'action: use\ntarget: urn:x\n')],
    ...['--facts', written('facts.json', JSON.stringify(after(2)))],
  ]
  const { exit, json } = await lingqu(['policy', 'evaluate', ...files, '--json'])
  expect(exit).toBe(0)
  expect(json()).toMatchObject({
    verdict: 'deny',
    rules: [
      { uid: 'urn:r', state: 'inactive', checks: { action: 'satisfied', target: 'satisfied', party: 'satisfied' } },
    ],
    constraints: { 'urn:c': 'unsatisfied' },
  })
})

it('answers every line in its order; one that is broken says which, and what is wrong', async () => {
  const lines = [
    JSON.stringify({ id: 'first', policy: POLICY, request: { action: 'use' }, facts: after(1), expect: 'permit' }),
    '',
    'not json',
    JSON.stringify({ id: 4, policy: { ...POLICY, profile: 'urn:strange' }, request: { action: 'use' } }),
    JSON.stringify({ id: 'last', policy: POLICY, request: { action: 'use' }, facts: after(2), expect: 'permit' }),
  ]
  const { exit, stdout, stderr } = await lingqu([
    'policy',
    'evaluate',
    '--batch',
    written('cases.jsonl', lines.join('\n')),
  ])
  const answers = stdout
    .toString()
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as object)

  expect(answers).toMatchObject([
    { id: 'first', asExpected: true, verdict: 'permit' },
    { line: 3, error: { code: 'body.not-json' } },
    { id: 4, line: 4, error: { code: 'policy.not-understood', path: 'profile' } },
    { id: 'last', asExpected: false, verdict: 'deny' },
  ])
  expect(JSON.parse(stderr)).toEqual({ lines: 4, failed: 2, unexpected: 1 })
  expect(exit).toBe(1)
})
