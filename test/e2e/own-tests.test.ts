// A folder whose own tests fail never comes into force, however it is brought, and says which case it is.

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startConnector, type Connector } from '../fixtures/connector.ts'
import { eventually } from '../fixtures/eventually.ts'
import { offerText } from '../fixtures/policies-folder.ts'

const FAILS = 'offer: one\ncases:\n  - { name: nobody uses it, phase: negotiation, expect: deny }\n'

let connector: Connector
beforeAll(async () => {
  connector = await startConnector({ offers: { one: offerText('one') } })
})
afterAll(async () => connector.discard())

interface Seen {
  readonly generation: number
  readonly degraded: boolean
  readonly refused: { readonly findings: readonly object[] } | null
}

test('an edit with a test that fails is refused by itself, also over a crash, and is told by log and management', async () => {
  mkdirSync(join(connector.directory, 'policies', 'tests'))
  writeFileSync(join(connector.directory, 'policies', 'tests', 'one.test.yaml'), FAILS)
  await eventually('it is refused', async () => (await connector.ask<Seen>('/policies')).degraded)
  await connector.kill()
  await connector.start()

  const seen = await connector.ask<Seen>('/policies')
  expect(seen).toMatchObject({
    generation: 1,
    refused: { findings: [{ file: 'tests/one.test.yaml', line: 3, column: 5, code: 'test-failed' }] },
  })
  expect(JSON.stringify(await connector.ask('/status'))).toContain('expected deny, came permit')
  expect(connector.log()).toMatch(/tests\/one\.test\.yaml:3:5 test-failed[^\n]*policies\.refused/)
  expect(connector.log()).toMatch(/tests\/one\.test\.yaml:3:5 test-failed[^\n]*policies\.degraded/)
  expect(connector.entries().filter(({ type }) => type === 'policy.rejected')).toHaveLength(1)
  connector.verify()
})
