// Sinks: where data that is pushed to us is put. A path that leads out of the folder, and a place that only an administrator may
// name, are refused before anything is sent to anybody.

import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { eventually } from '../fixtures/eventually.ts'
import type { RawReply } from '../fixtures/raw-http.ts'
import { rawRequest } from '../fixtures/raw-http.ts'
import { startGround, type Ground } from '../fixtures/stranger.ts'
import { agreedAsConsumer } from './consume.ts'
import { changesNothing } from './refusals.ts'

const sinksDir = join(mkdtempSync(join(tmpdir(), 'lingqu-sinks-')), 'sinks')
let ground: Ground
let agreementId: string
let steward: string
beforeAll(async () => {
  mkdirSync(sinksDir)
  ground = await startGround({ data: { sinksDir } })
  agreementId = await agreedAsConsumer(ground)
  steward = (await ground.connector.ask<{ token: string }>('/tokens', { name: 'steward', scope: 'steward' })).token
})
afterAll(async () => {
  await ground.discard()
  rmSync(join(sinksDir, '..'), { recursive: true })
})

function push(sink: object, token = steward): Promise<RawReply> {
  return rawRequest({
    port: ground.connector.managementPort,
    path: '/api/v1/transfers',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ agreementId, format: 'HttpData-PUSH', sink }),
  })
}

test('a file below the folder may be named by a steward, and any place by an administrator', async () => {
  expect((await push({ type: 'file', path: 'a.csv' })).status).toBe(201)
  expect((await push({ type: 'http', url: 'http://127.0.0.1:1/' }, ground.connector.token())).status).toBe(201)
  await eventually('both are acknowledged', () => ground.connector.rows('SELECT 1 FROM outbox').length === 0)
})

// prettier-ignore
const PATHS = [
  '/etc/cron.d/x', '../x', '..', '.', 'a/../../x', 'a/./x', 'a//x', '//x', './x', '', 'a\u0000.csv', 'a\r\nb', '\u0007', `${'a/'.repeat(3_000)}x`,
]

test.each(PATHS.map((path) => [path.slice(0, 40), path] as const))('a file at %j is refused', async (_shown, path) => {
  const reply = await changesNothing(ground.connector, () => push({ type: 'file', path }, ground.connector.token()))
  expect(reply).toMatchObject({ status: 400, json: { code: 'request.malformed' } })
})

// prettier-ignore
const PLACES: readonly object[] = [
  { type: 'http', url: 'http://127.0.0.1:1/' }, { type: 'http', url: 'http://169.254.169.254/' },
  { type: 's3', endpoint: 'http://127.0.0.1:1', region: 'x', bucket: 'bucket', key: 'x', accessKeyId: 'x', secretAccessKey: 'x', pathStyle: true },
]

test.each(PLACES)('a steward may not name $type', async (sink) => {
  const reply = await changesNothing(ground.connector, () => push(sink))
  expect(reply).toMatchObject({ status: 403, json: { code: 'token.scope' } })
})
