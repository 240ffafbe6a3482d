// Policies change while peers are served: nobody sees half of an edit, and broken files never stop what works.

import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Connector } from '../fixtures/connector.ts'
import { eventually } from '../fixtures/eventually.ts'
import { messageOf } from '../fixtures/messages.ts'
import { rawRequest } from '../fixtures/raw-http.ts'
import { startGround, type Ground } from '../fixtures/stranger.ts'
import { mountConfigMap } from '../fixtures/policies-folder.ts'
import { lingqu } from '../integration/cli-line.ts'

const EDITS = 8
const READERS = 4
/** So many offers say the same number, each in a file of its own. */
const FILES = 12

function revision(number: number): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Array.from({ length: FILES }, (_, n) => [
      `many-${String(n)}.yaml`,
      `offer: many-${String(n)}\ndatasets: ["urn:dataset:open"]\npermission: [{ action: use, constraint: [{ count: { lteq: ${String(number)} } }] }]\n`,
    ]),
  )
}

let ground: Ground
let connector: Connector
let configFile: string
beforeAll(async () => {
  ground = await startGround()
  connector = ground.connector
  configFile = join(connector.directory, 'connector.yaml')
})
afterAll(async () => ground.discard())

/** Which numbers the offers of one answer of the catalogue name. */
async function numbersSeen(): Promise<readonly string[]> {
  const { status, text } = await ground.send('/catalog/request', messageOf('CatalogRequestMessage', {}))
  expect(status).toBe(200)
  const numbers = [...text.matchAll(/"many-\d+".*?"rightOperand":"?(\d+)/g)].map(([, number = '']) => number)
  return numbers
}

interface PoliciesSeen {
  readonly generation: number
  readonly degraded: boolean
  readonly backTo: number | null
  readonly refused: { readonly findings: readonly { readonly file: string; readonly line: number }[] } | null
}
const policiesOf = (): Promise<PoliciesSeen> => connector.ask<PoliciesSeen>('/policies')

describe('an edit of many files under load', () => {
  test('is in every answer wholly, or not at all', async () => {
    const folder = { path: join(connector.directory, 'policies') }
    const seen: (readonly string[])[] = []
    let isOver = false
    const readers = Array.from({ length: READERS }, async () => {
      while (!isOver) seen.push(await numbersSeen())
    })

    for (let number = 1; number <= EDITS; number += 1) {
      mountConfigMap(folder, String(number), revision(number))
      await eventually(`edit ${String(number)} is in force`, () => seen.at(-1)?.[0] === String(number))
    }
    isOver = true
    await Promise.all(readers)

    for (const numbers of seen) {
      expect(new Set(numbers).size, numbers.join()).toBeLessThanOrEqual(1)
      expect([0, FILES]).toContain(numbers.length)
    }
    expect(new Set(seen.map(([number]) => number)).size).toBe(EDITS + 1)
    expect((await policiesOf()).generation).toBe(EDITS + 1)
    connector.verify()
  })
})

describe('broken files', () => {
  const broken = (): string => join(connector.directory, 'policies', 'offers', 'broken.yaml')
  const policy = (...words: readonly string[]) => lingqu(['policy', ...words, '--json', '--config', configFile])

  test('leave everything as it was, also over a crash, and say where the mistake is', async () => {
    const before = await policiesOf()
    writeFileSync(broken(), 'offer: broken\ndatasets: ["x"]\npermission: [{ action: dance }]\n')
    await eventually('they are refused', async () => (await policiesOf()).degraded)
    await connector.kill()
    await connector.start()

    expect(await policiesOf()).toMatchObject({
      ...{ generation: before.generation, degraded: true },
      refused: { findings: [{ file: 'offers/broken.yaml', line: 3, column: 24 }] },
    })
    expect((await numbersSeen()).length).toBe(FILES)
    expect(connector.log()).toMatch(/"level":"error".*offers\/broken\.yaml:3:24.*"policies\.degraded"/)
    expect(await connector.ask('/status')).toMatchObject({
      ready: true,
      policies: {
        degraded: true,
        refused: { findings: 1, first: expect.stringMatching(/broken\.yaml:3:24/) as unknown },
      },
    })
    expect(connector.entries().filter(({ type }) => type === 'policy.rejected')).toHaveLength(1)
  })

  test('are nothing that strangers learn', async () => {
    const { status, text } = await rawRequest({ port: connector.port, method: 'GET', path: '/readyz' })
    expect([status, text]).toEqual([200, ''])
  })

  test('show on the command line, whether the connector runs or not', async () => {
    const running = await policy('status')
    expect([running.exit, running.json()]).toMatchObject([1, { running: true, degraded: true, generation: EDITS + 1 }])

    await connector.stop()
    const stopped = await policy('status')
    expect([stopped.exit, stopped.json()]).toMatchObject([1, { running: false, degraded: true, pending: false }])
    expect(stopped.json()).toMatchObject({
      ...{ generation: running.json()['generation'], digest: running.json()['digest'], since: running.json()['since'] },
      generations: running.json()['generations'],
    })
    const forPeople = await lingqu(['policy', 'status', '--config', configFile])
    expect(forPeople.stdout.toString()).toMatch(/DEGRADED[\s\S]*offers\/broken\.yaml:3:24/)
  })

  test('can be got away from by going back, also while nothing runs', async () => {
    expect((await policy('rollback', '99')).exit).toBe(1)
    const refused = await policy('rollback', String(EDITS + 2))
    expect([refused.exit, refused.json()]).toMatchObject([1, { error: { code: 'policy.not-understood' } }])
    expect((await policy('rollback', 'one')).exit).toBe(2)

    const back = await policy('rollback', '3')
    expect([back.exit, back.json()]).toMatchObject([0, { generation: EDITS + 3, backTo: 3, degraded: true }])
    await connector.start()

    expect(new Set(await numbersSeen())).toEqual(new Set(['2']))
    expect(connector.entries().findLast(({ type }) => type === 'policy.loaded')?.ext).toMatchObject({
      ...{ generation: EDITS + 3, backTo: 3, by: '(command line)' },
    })
  })

  test('can be got away from while it runs, and the mended files take over', async () => {
    const back = await policy('rollback', '4')
    expect([back.exit, back.json()]).toMatchObject([0, { running: true, generation: EDITS + 4, backTo: 4 }])
    expect(new Set(await numbersSeen())).toEqual(new Set(['3']))

    rmSync(broken())
    await eventually('the files are in force', async () => (await policiesOf()).backTo === null)
    expect(new Set(await numbersSeen())).toEqual(new Set([String(EDITS)]))
    const status = await policy('status')
    expect([status.exit, status.json()]).toMatchObject([0, { degraded: false, refused: null }])
    connector.verify()
  })
})
