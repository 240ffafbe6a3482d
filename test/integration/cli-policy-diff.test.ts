// `lingqu policy diff` on files and folders: what is printed, in which language, and the exit code.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { digestOfFiles, packFiles } from '../../src/config/policies/generation-content.ts'
import { readPolicyFolder } from '../../src/config/policies/read-policy-folder.ts'
import { openStore } from '../../src/store/sqlite.ts'
import { agreementAs, CONSUMER, negotiationAs, NOW, PROVIDER } from '../fixtures/builders.ts'
import { lingqu } from './cli-line.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'policy-diff-'))
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

const offer = (count: number, id = 'a'): string => `offer: ${id}
title: { en: A, zh: 甲 }
datasets: [d]
access: []
permission:
  - action: use
    constraint:
      - count: { lteq: ${String(count)} }
`
const rail = (place: string): string => `guardrail: site
title: { en: Site, zh: 站点 }
prohibition:
  - action: use
    constraint:
      - spatial: { isPartOf: [${place}] }
`
const diff = (...words: readonly string[]) => lingqu(['policy', 'diff', ...words])
const at = (path: string) => join(folder, path)

describe('policy diff', () => {
  it('of a folder with itself finds nothing', async () => {
    write({ 'offers/a.yaml': offer(3), 'guardrails/site.yaml': rail('CN') })
    const { exit, stdout } = await diff(folder, folder)
    expect([exit, stdout.toString()]).toEqual([0, 'nothing has changed\n'])
  })

  it('tells what each policy permits differently, and which offers that is about', async () => {
    write({ 'old/offers/a.yaml': offer(3), 'old/offers/b.yaml': offer(3, 'b'), 'old/guardrails/site.yaml': rail('CN') })
    write({
      'new/offers/a.yaml': offer(5),
      'new/offers/c.yaml': offer(3, 'c'),
      'new/guardrails/site.yaml': rail('CN-45'),
    })
    const { exit, json } = await diff(at('old'), at('new'), '--json')
    expect(exit).toBe(1)
    expect(json()).toMatchObject({
      policies: [
        {
          kind: 'offer',
          id: 'a',
          state: 'changed',
          diff: { relation: 'widened', gained: { given: { used: 3 } }, lost: null },
        },
        { kind: 'offer', id: 'b', state: 'removed', diff: null },
        { kind: 'offer', id: 'c', state: 'added', diff: null },
        { kind: 'guardrail', id: 'site', state: 'changed', diff: { relation: 'widened', gained: { action: 'use' } } },
      ],
      affected: [
        { offer: 'a', by: ['offer a', 'guardrail site'], counterparties: null },
        { offer: 'b', by: ['offer b', 'guardrail site'] },
        { offer: 'c', by: ['offer c', 'guardrail site'] },
      ],
    })
  })

  it('compares two files with one policy each, whatever they are called, in Chinese too', async () => {
    write({ 'x.yaml': offer(3), 'y.yaml': offer(2, 'b') })
    const { exit, stdout } = await diff(at('x.yaml'), at('y.yaml'), '--lang', 'zh')
    expect(exit).toBe(1)
    expect(stdout.toString().split('\n').slice(0, 5)).toEqual([
      'offer b: 收紧：许可更少',
      '    之前允许、现在不允许: use start 2026-06-15T09:30:00.000Z used=2',
      '  permission[0]: 收紧：许可更少',
      '    - count lteq 3',
      '    + count lteq 2',
    ])
  })

  it('compares templates with their defaults, and tells what their parameters take now', async () => {
    const template = (most: string, usual: string): string => `template: metered
title: { en: Metered, zh: 计量 }
parameters:
  times: { type: integer, min: 1, max: ${most}, default: ${usual}, title: { en: Times, zh: 次数 } }
policy:
  permission:
    - action: use
      constraint:
        - count: { lteq: { param: times } }
`
    write({ 'old/templates/m.yaml': template('60', '60'), 'new/templates/m.yaml': template('90', '50') })
    write({ 'same/templates/m.yaml': template('90', '60') })
    const narrowed = await diff(at('old/templates/m.yaml'), at('new/templates/m.yaml'))
    expect(narrowed.exit).toBe(1)
    expect(narrowed.stdout.toString().split('\n').slice(0, 4)).toEqual([
      'template metered: NARROWED: permits less',
      expect.stringContaining('permitted before, and not now: use start'),
      '    - parameter times: a whole number, at least 1, at most 60, default 60',
      '    + parameter times: a whole number, at least 1, at most 90, default 50',
    ])
    const wider = await diff(at('old'), at('same'), '--json')
    expect(wider.exit).toBe(1)
    expect(wider.json()['policies']).toMatchObject([
      { kind: 'template', id: 'metered', state: 'changed', diff: { relation: 'equal', rules: [] } },
    ])
    expect((await diff(at('old'), at('old'))).exit).toBe(0)
  })

  it('refuses a file in which nothing stands that could be compared', async () => {
    write({ 'offers/a.yaml': offer(3), 'tests/a.test.yaml': 'offer: a\ncases: [{ name: x, expect: permit }]\n' })
    const { exit, stderr } = await diff(at('tests/a.test.yaml'), at('offers/a.yaml'))
    expect(exit).toBe(2)
    expect(stderr).toContain('holds no offer, guardrail or template to compare')
  })

  it('refuses files with mistakes, and what is not there', async () => {
    write({ 'offers/a.yaml': offer(3).replace('count', 'cuont') })
    expect((await diff(folder, folder)).exit).toBe(1)
    expect((await diff(at('nothing'), folder)).exit).toBe(2)
  })

  it('compares a generation that the database keeps, and tells whose agreements keep the former text', async () => {
    const files = [{ path: 'offers/a.yaml', text: offer(3) }]
    const [first] = readPolicyFolder(files).offers
    const digest = digestOfFiles(files)
    const packed = await packFiles(files)
    const store = openStore({ file: at('connector.db'), now: NOW, origin: PROVIDER, nonce: () => '0'.repeat(32) })
    const generation = {
      ...{ at: NOW, by: 'test', number: 1, state: 'active' as const, backTo: null },
      ...{ digest, folderDigest: digest, bytes: packed.length, files: 1, mistakes: 0, findings: [] },
    } as const
    await store.transact(
      () => null,
      () => ({
        write: [
          { put: 'policyContent', row: { digest, packed } },
          { put: 'policyGeneration', row: generation },
          { put: 'negotiation', row: negotiationAs('PROVIDER', { state: 'FINALIZED' }) },
          { put: 'agreement', row: agreementAs('PROVIDER', first?.rules, { policyDigest: first?.digest ?? '' }) },
        ],
        result: null,
      }),
    )
    store.close()
    write({ 'new/offers/a.yaml': offer(5) })
    const { exit, json } = await diff('1', at('new'), '--agreements', '--json', '--data', folder)
    expect(exit).toBe(1)
    expect(json()).toMatchObject({
      policies: [{ id: 'a', diff: { relation: 'widened' } }],
      affected: [{ offer: 'a', counterparties: [CONSUMER] }],
    })
    expect((await diff('2', at('new'), '--data', folder)).exit).toBe(1)
  })
})
