// At the start credentials in clear are sealed without a trace, and those that cannot be opened are named.

import { randomBytes } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { DataSource } from '../../../src/domain/delivery/data-source.ts'
import { openSealed, type SealedSource } from '../../../src/domain/delivery/sealed-source.ts'
import type { Store } from '../../../src/domain/ledger.ts'
import { silentLog, type Log } from '../../../src/kernel/log.ts'
import { sealSources } from '../../../src/shell/seal-sources.ts'
import { openStore } from '../../../src/store/sqlite.ts'
import { createSeal, type Seal } from '../../../src/trust/seal.ts'
import { dataset, NOW, PROVIDER } from '../../fixtures/builders.ts'

const SECRET = 'k3y-that-nobody-may-read'
const OTHER = 'another-secret-in-clear'
const HTTP: DataSource = { type: 'http', url: 'https://a.example', headers: { 'x-api-key': SECRET } }
const S3: DataSource = {
  ...{ type: 's3', endpoint: 'https://s3.example', region: 'r', bucket: 'bbb', key: 'k', pathStyle: true },
  ...{ accessKeyId: 'AKID', secretAccessKey: OTHER },
}

interface Ground {
  readonly store: Store
  readonly directory: string
  /** Whether the text stands anywhere in the files of the database. */
  readonly holds: (text: string) => boolean
}

function ground(): Ground {
  const directory = mkdtempSync(join(tmpdir(), 'lingqu-seal-sources-'))
  let n = 0
  const nonce = (): string => (n++).toString(16).padStart(32, '0')
  const store = openStore({ file: join(directory, 'connector.db'), now: NOW, origin: PROVIDER, nonce })
  onTestFinished(() => {
    store.close()
    rmSync(directory, { recursive: true, force: true })
  })
  const holds = (text: string): boolean =>
    readdirSync(directory).some((name) => readFileSync(join(directory, name)).includes(text))
  return { store, directory, holds }
}

/** As an earlier version wrote it: the secrets in clear. */
async function publish(store: Store, id: string, source: DataSource, description = ''): Promise<void> {
  const row = dataset({ id: id as never, properties: { description }, source: source as unknown as SealedSource })
  await store.transact(
    () => null,
    () => ({ write: [{ put: 'dataset', row }], result: null }),
  )
}

function start(store: Store, seal: Seal, log: Log = silentLog): Promise<void> {
  return sealSources({ store, seal: seal.seal, isMine: seal.isMine, self: PROVIDER, at: NOW, log })
}

const SEAL = createSeal(Buffer.alloc(32, 1), randomBytes)

test('what stands in clear is sealed, with evidence, and no file of the database holds it any more', async () => {
  const { store, holds } = ground()
  // One that fits a page, and one whose row needs pages of its own.
  await publish(store, 'urn:a', HTTP)
  await publish(store, 'urn:b', S3, 'x'.repeat(50_000))
  await publish(store, 'urn:c', { type: 'file', path: '/srv/a' })
  expect([holds(SECRET), holds(OTHER)]).toEqual([true, true])

  await start(store, SEAL)

  expect([holds(SECRET), holds(OTHER)]).toEqual([false, false])
  const sources = ['urn:a', 'urn:b'].map((id) => [id, store.reader.get('dataset', id)?.source ?? null] as const)
  expect(sources.map(([id, source]) => (source === null ? null : openSealed(source, id, SEAL.open)))).toEqual([
    { ok: true, value: HTTP },
    { ok: true, value: S3 },
  ])
  expect(
    store.reader.evidence(0, 10).map(({ type, envelope }) => [type, (JSON.parse(envelope) as { ext: object }).ext]),
  ).toEqual([['secrets.sealed', { datasets: 2 }]])
})

test('a dataset that was removed while it stood in clear leaves no trace either', async () => {
  const { store, holds } = ground()
  await publish(store, 'urn:a', HTTP)
  await publish(store, 'urn:b', S3)
  await store.transact(
    () => null,
    () => ({ write: [{ remove: 'dataset', key: ['urn:b'] }], result: null }),
  )

  await start(store, SEAL)

  expect(holds(OTHER)).toBe(false)
})

test('what is sealed already is left alone, and leaves no evidence', async () => {
  const { store } = ground()
  await publish(store, 'urn:a', HTTP)
  await start(store, SEAL)
  const [before, head] = [store.reader.get('dataset', 'urn:a'), store.reader.evidenceHead()]

  await start(store, SEAL)

  expect(store.reader.get('dataset', 'urn:a')).toEqual(before)
  expect(store.reader.evidenceHead()).toEqual(head)
})

test('what another master key sealed is named in the log, and the start goes on', async () => {
  const { store } = ground()
  await publish(store, 'urn:a', HTTP)
  await start(store, SEAL)
  const said: unknown[] = []
  const log: Log = { ...silentLog, error: (event, fields) => said.push([event, fields?.['ids']]) }

  await start(store, createSeal(Buffer.alloc(32, 2), randomBytes), log)

  expect(said).toEqual([['secrets.unreadable', ['urn:a']]])
  expect(JSON.stringify(said)).not.toContain(SECRET)
})

test('more datasets than one transaction takes are all sealed', async () => {
  const { store, holds } = ground()
  const ids = Array.from({ length: 1_003 }, (_, at) => `urn:${String(at).padStart(5, '0')}`)
  const rows = ids.map((id) => dataset({ id: id as never, source: HTTP as unknown as SealedSource }))
  await store.transact(
    () => null,
    () => ({ write: rows.map((row) => ({ put: 'dataset', row }) as const), result: null }),
  )

  await start(store, SEAL)

  expect(holds(SECRET)).toBe(false)
  expect(store.reader.evidence(0, 10)).toHaveLength(3)
})
