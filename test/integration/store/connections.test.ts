// Every connection that the program opens is one that keeps its promises: what was answered is on the disk.

import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type BetterSqlite3 from 'better-sqlite3'
import { afterAll, expect, test, vi } from 'vitest'
import { openApp, type App } from '../../../src/app.ts'
import { derive } from '../../../src/config/derive.ts'
import { toConfig, toSecrets } from '../../../src/config/to-config.ts'
import { silentLog } from '../../../src/kernel/log.ts'
import { NOW } from '../../fixtures/builders.ts'

const opened = vi.hoisted((): { readonly file: string; readonly db: BetterSqlite3.Database }[] => [])

vi.mock(import('better-sqlite3'), async (load) => {
  const { default: Database } = await load()
  const Spied = new Proxy(Database, {
    construct: (target, [file, ...rest]: [string, ...unknown[]]) => {
      const db = Reflect.construct(target, [file, ...rest]) as BetterSqlite3.Database
      opened.push({ file, db })
      return db
    },
  })
  return { default: Spied }
})

const folder = mkdtempSync(join(tmpdir(), 'lingqu-start-'))
afterAll(() => {
  rmSync(folder, { recursive: true })
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((done) => {
    server.listen(0, '127.0.0.1', done)
  })
  const address = server.address()
  await new Promise((done) => server.close(done))
  return typeof address === 'object' && address !== null ? address.port : 0
}

async function startedApp(): Promise<App> {
  const [publicPort, managementPort] = [await freePort(), await freePort()]
  const text = `
dataDir: ${join(folder, 'data')}
policiesDir: ${join(folder, 'policies')}
public: { url: "http://localhost:${String(publicPort)}", port: ${String(publicPort)} }
management: { port: ${String(managementPort)} }
`
  mkdirSync(join(folder, 'policies', 'offers'), { recursive: true })
  const raw = { config: { file: 'connector.yaml', text }, secrets: {} }
  const [read, kept] = [toConfig(raw, {}), toSecrets(raw, {})]
  if (!read.ok || !kept.ok) throw new Error('these settings are good')
  const app = await openApp(
    { config: read.config, derived: derive(read.config), secrets: kept.secrets },
    {
      clock: () => NOW,
      newUuid: () => 'uuid',
      randomBytes: (bytes) => new Uint8Array(bytes).fill(1),
      random: () => 0.5,
      log: silentLog,
      version: '0.0.0',
    },
  )
  await app.listen()
  return app
}

test('every connection of a started connector is durable, checks its references, and is private to its user', async () => {
  await using app = await disposable(startedApp())

  expect(app).toBeDefined()
  expect(opened.length).toBeGreaterThan(0)
  for (const { file, db } of opened) {
    expect((statSync(file).mode & 0o777).toString(8)).toBe('600')
    // The lock of the directory is a database that never holds anything.
    if (file.endsWith('.lock')) continue
    const pragma = (name: string): unknown => db.pragma(name, { simple: true })
    expect([file, pragma('synchronous'), pragma('journal_mode'), pragma('foreign_keys')]).toEqual([file, 2, 'wal', 1])
  }
})

async function disposable(starting: Promise<App>): Promise<App & AsyncDisposable> {
  const app = await starting
  return { ...app, [Symbol.asyncDispose]: () => app.close() }
}
