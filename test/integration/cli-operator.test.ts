// An operator's commands on a connector that runs and works: tokens, another key, a backup, and a restore after that.

import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { verifyEvidence } from '../../src/cli/evidence-verify.ts'
import { startConnector, type Connector } from '../fixtures/connector.ts'
import { eventually } from '../fixtures/eventually.ts'
import {
  agreeOn,
  bothIn,
  DATA,
  fetchData,
  MANUAL,
  OPEN,
  openNegotiation,
  openTransfer,
  startPair,
  type Pair,
} from '../fixtures/pair.ts'
import { lingqu, type Line } from './cli-line.ts'

let pair: Pair
let folder: string
/** Started once, and stopped. */
let idle: Connector
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'cli-operator-'))
  ;[pair, idle] = await Promise.all([startPair(), startConnector()])
  await idle.stop()
})
afterAll(async () => {
  await Promise.all([pair.discard(), idle.discard()])
  rmSync(folder, { recursive: true })
})

function at({ directory }: Connector, ...words: readonly string[]): Promise<Line> {
  return lingqu([...words, '--config', join(directory, 'connector.yaml')])
}

async function inJson<T>(connector: Connector, ...words: readonly string[]): Promise<T> {
  const { exit, json, stderr } = await at(connector, ...words, '--json')
  expect({ exit, stderr }).toMatchObject({ exit: 0 })
  return json() as T
}

/** Negotiations that go on while `meanwhile` does its work; gives the consumer's pids. */
async function underLoad(count: number, meanwhile: () => Promise<unknown>): Promise<readonly string[]> {
  const opening = Array.from({ length: count }, () => openNegotiation(pair, OPEN))
  const [pids] = await Promise.all([Promise.all(opening), meanwhile()])
  return pids
}

describe('tokens', () => {
  it('are made beside a connector that writes, good at once, and its log stays whole', async () => {
    const { connector } = pair.provider
    const made: { name: string; token: string }[] = []
    const pids = await underLoad(8, async () => {
      for (const scope of ['viewer', 'steward', 'administrator', 'auditor']) {
        made.push(await inJson(connector, 'tokens', 'add', '--scope', scope, '--name', `the-${scope}`))
      }
    })
    for (const pid of pids) await bothIn(pair, 'negotiations', pid, 'FINALIZED')

    // prettier-ignore
    const may = [
      ['GET',    '/peers',       undefined, [200, 200, 200, 200]],
      ['GET',    '/evidence',    undefined, [403, 403, 200, 200]],
      ['POST',   '/connect',     {},        [403, 400, 400, 403]],
      ['POST',   '/datasets',    {},        [403, 403, 400, 403]],
      ['GET',    '/explain',     undefined, [400, 400, 400, 400]],
      ['POST',   '/identity/rotate', { x: 1 }, [403, 403, 400, 403]],
      ['DELETE', '/tokens/none', undefined, [403, 403, 404, 403]],
    ] as const
    for (const [method, path, body, statuses] of may) {
      const answers = await Promise.all(
        made.map(async ({ token }) => {
          const response = await fetch(`http://127.0.0.1:${String(connector.managementPort)}/api/v1${path}`, {
            method,
            headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', connection: 'close' },
            ...(body !== undefined && { body: JSON.stringify(body) }),
          })
          return response.status
        }),
      )
      expect({ path, answers }).toEqual({ path, answers: statuses })
    }
    connector.verify()
    expect(
      connector.entries().filter(({ type, ext }) => type === 'admin.token' && ext?.['by'] === '(command line)'),
    ).toHaveLength(4)
  })

  it('are listed without their values, and good for nothing once revoked', async () => {
    const { connector } = pair.provider
    const { token } = await inJson<{ token: string }>(
      connector,
      'tokens',
      'add',
      '--scope',
      'viewer',
      '--name',
      'short-lived',
    )
    const list = await at(connector, 'tokens', 'list', '--json')
    expect(list.stdout.toString()).toContain('short-lived')
    expect(list.stdout.toString()).not.toContain(token)

    expect(await inJson(connector, 'tokens', 'revoke', 'short-lived')).toEqual({ revoked: 'short-lived' })

    const headers = { authorization: `Bearer ${token}`, connection: 'close' }
    const url = `http://127.0.0.1:${String(connector.managementPort)}/api/v1/peers`
    expect((await fetch(url, { headers })).status).toBe(401)
    expect((await at(connector, 'tokens', 'revoke', 'short-lived')).exit).toBe(1)
  })

  it('shows the value alone on stdout, and refuses a scope that there is not', async () => {
    const { stdout } = await at(pair.provider.connector, 'tokens', 'add', '--scope', 'auditor')
    expect(stdout.toString()).toMatch(/^[\w-]{43}\n$/)
    expect((await at(pair.provider.connector, 'tokens', 'add', '--scope', 'root')).exit).toBe(2)
    expect((await at(pair.provider.connector, 'tokens', 'add')).exit).toBe(2)
  })
})

describe('identity rotate', () => {
  it('at once, on both sides, during exchanges: every message arrives in the end', async () => {
    const { provider, consumer } = pair
    const shown = await inJson<{ keys: readonly unknown[] }>(provider.connector, 'identity', 'show')
    expect(shown.keys).toMatchObject([{ id: 'key-1', isCurrent: true, isPublished: true }])

    const pids = await underLoad(12, async () => {
      expect(await inJson(provider.connector, 'identity', 'rotate', '--at-once')).toMatchObject({ kid: 'key-2' })
      await inJson(consumer.connector, 'identity', 'rotate', '--at-once')
    })

    for (const pid of pids) await bothIn(pair, 'negotiations', pid, 'FINALIZED')
    expect(await inJson(provider.connector, 'identity', 'show')).toMatchObject({
      keys: [{ id: 'key-2', isCurrent: true }],
    })
    expect(readdirSync(join(provider.connector.directory, 'data', 'keys'))).toEqual([
      'key-1.retired.json',
      'key-2.json',
    ])
    for (const { connector } of [provider, consumer]) {
      connector.verify()
      const onRecord = connector.entries().filter(({ type }) => type.startsWith('key.'))
      expect(onRecord.map(({ type, ext }) => [type, ext?.['kid']])).toEqual([
        ['key.created', 'key-1'],
        ['key.created', 'key-2'],
        ['key.retired', 'key-1'],
      ])
    }
  })

  it('otherwise, on a connector that runs and on one that does not, the new key waits until peers have seen it', async () => {
    const { connector } = pair.provider
    const before = await inJson<{ kid: string; signsFrom: string }>(connector, 'identity', 'rotate')
    expect(before.kid).toBe('key-3')
    await connector.stop()
    expect(await inJson(connector, 'identity', 'rotate')).toMatchObject({ kid: 'key-4' })
    await connector.start()

    const document = (await (
      await fetch(`http://127.0.0.1:${String(connector.port)}/.well-known/did.json`)
    ).json()) as {
      verificationMethod: readonly { id: string }[]
    }
    expect(document.verificationMethod.map(({ id }) => id.split('#')[1])).toEqual(['key-2', 'key-3', 'key-4'])
    const shown = await inJson<{ keys: readonly { id: string; isCurrent: boolean }[] }>(connector, 'identity', 'show')
    expect(shown.keys.filter(({ isCurrent }) => isCurrent)).toMatchObject([{ id: 'key-2' }])
    await bothIn(pair, 'negotiations', await openNegotiation(pair, OPEN), 'FINALIZED')
  })
})

describe('backup and restore', () => {
  it('a backup under load is whole: its evidence verifies, and it ends at an entry that the log has', async () => {
    const { connector } = pair.provider
    const file = join(folder, 'under-load.db')
    let made = { entries: 0, head: '', bytes: 0, files: ['?'] }

    const pids = await underLoad(12, async () => {
      made = await inJson(connector, 'backup', file)
    })

    expect(made.files).toEqual([])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(statSync(file).size).toBe(made.bytes)
    expect(verifyEvidence(file)).toMatchObject({ verified: true, entries: made.entries, head: made.head })
    expect(connector.rows('SELECT hash FROM evidence WHERE seq = ?', made.entries)).toEqual([{ hash: made.head }])
    for (const pid of pids) await bothIn(pair, 'negotiations', pid, 'FINALIZED')
    expect(readdirSync(folder).filter((name) => name.includes('unfinished'))).toEqual([])
  })

  it('overwrites nothing', async () => {
    const file = join(folder, 'mine.db')
    writeFileSync(file, 'a file of mine')
    const { exit, json } = await at(pair.provider.connector, 'backup', file, '--json')
    expect({ exit, error: json()['error'] }).toMatchObject({ exit: 1, error: { code: 'resource.exists' } })
    expect(readFileSync(file, 'utf8')).toBe('a file of mine')
  })

  it('says what is wrong with a place that cannot be written, or read, instead of failing', async () => {
    const { connector } = pair.provider
    const nowhere = join(folder, 'no', 'such', 'folder.db')
    for (const command of ['backup', 'restore']) {
      const { connector: asked } = command === 'backup' ? pair.provider : { connector: idle }
      const { exit, json } = await at(asked, command, nowhere, '--json')
      expect({ exit, error: json()['error'] }).toMatchObject({ exit: 1, error: { code: 'store.unavailable' } })
    }
    connector.verify()
  })

  it('holds no key unless it is asked to', async () => {
    const { connector } = pair.provider
    const dataDir = join(connector.directory, 'data')
    const { d } = (
      JSON.parse(readFileSync(join(dataDir, 'keys', 'key-2.json'), 'utf8')) as { privateJwk: { d: string } }
    ).privateJwk
    const masterKey = readFileSync(join(dataDir, 'master.key'), 'utf8').trim()
    const [without, withKeys] = [join(folder, 'without.db'), join(folder, 'with.db')]

    await inJson(connector, 'backup', without)
    const made = await inJson<{ files: readonly string[] }>(connector, 'backup', withKeys, '--with-keys')

    for (const secret of [d, masterKey]) {
      expect(readFileSync(without).includes(secret)).toBe(false)
      expect(readFileSync(withKeys).includes(secret)).toBe(true)
    }
    expect(made.files).toEqual(expect.arrayContaining(['keys/key-2.json', 'keys/key-1.retired.json', 'master.key']))
    expect(statSync(withKeys).mode & 0o777).toBe(0o600)
    expect(verifyEvidence(withKeys).verified).toBe(true)
  })

  it('a restore is refused while the connector runs', async () => {
    const { exit, json } = await at(pair.provider.connector, 'restore', join(folder, 'with.db'), '--json')
    expect({ exit, error: json()['error'] }).toMatchObject({ exit: 1, error: { code: 'store.in-use' } })
  })

  it("into a new folder, after kill -9: the keys are back, the peer's processes go on, and it is on record", async () => {
    const { provider } = pair
    const { connector } = provider
    const waiting = await openNegotiation(pair, MANUAL)
    const providerPid = await eventually('the provider has it', async () => {
      const [row] = connector.rows<{ pid: string }>("SELECT pid FROM negotiation WHERE state = 'REQUESTED'")
      return row?.pid
    })
    const agreementId = await agreeOn(pair, OPEN)
    const file = join(folder, 'whole.db')
    await inJson(connector, 'backup', file, '--with-keys')
    await connector.kill()
    const dataDir = join(connector.directory, 'data')
    const key = readFileSync(join(dataDir, 'keys', 'key-2.json'))
    rmSync(dataDir, { recursive: true })

    const restored = await inJson<Readonly<Record<string, unknown>>>(connector, 'restore', file)

    expect(restored).toMatchObject({ keptAside: null, wentBack: null })
    expect(readFileSync(join(dataDir, 'keys', 'key-2.json')).equals(key)).toBe(true)
    expect(statSync(join(dataDir, 'keys', 'key-2.json')).mode & 0o777).toBe(0o600)
    const database = new DatabaseSync(connector.database, { readOnly: true })
    expect(database.prepare("SELECT name FROM sqlite_schema WHERE name LIKE 'backup%'").all()).toEqual([])
    database.close()
    expect(readFileSync(connector.database).includes(key.subarray(0, 40))).toBe(false)

    await connector.start()
    connector.verify()
    expect(connector.entries().at(-2)).toMatchObject({ type: 'store.restored', ext: { replaced: null } })
    expect(existsSync(join(dataDir, 'restored.json'))).toBe(false)
    await connector.ask(`/negotiations/${encodeURIComponent(providerPid)}/agree`, {})
    await bothIn(pair, 'negotiations', waiting, 'VERIFIED')
    const transfer = await openTransfer(pair, agreementId)
    await bothIn(pair, 'transfers', transfer, 'STARTED')
    expect(await fetchData(pair, transfer)).toEqual({ status: 200, body: DATA })
    expect(await inJson<{ ok: boolean }>(connector, 'evidence', 'verify')).toMatchObject({ verified: true })
  })

  it('over a newer database: says how far things go back, keeps the replaced one aside, and puts it on record', async () => {
    const { connector } = pair.provider
    const file = join(folder, 'older.db')
    const agreementId = await agreeOn(pair, OPEN)
    const transfer = await openTransfer(pair, agreementId)
    await bothIn(pair, 'transfers', transfer, 'STARTED')
    await inJson(connector, 'tokens', 'add', '--scope', 'viewer', '--name', 'goes')
    await inJson(connector, 'backup', file)
    expect((await fetchData(pair, transfer)).status).toBe(200)
    await inJson(connector, 'tokens', 'revoke', 'goes')
    await connector.stop()
    const { entries } = verifyEvidence(connector.database)

    const {
      wentBack,
      keptAside,
      entries: now,
    } = await inJson<{
      wentBack: Readonly<Record<string, number>>
      keptAside: string
      entries: number
    }>(connector, 'restore', file)

    expect(wentBack).toMatchObject({ uses: 1, tokensRevived: 1, agreementsLost: 0, evidenceEntries: entries - now })
    expect(verifyEvidence(keptAside)).toMatchObject({ verified: true, entries })
    expect(existsSync(`${connector.database}-wal`)).toBe(false)
    await connector.start()
    connector.verify()
    const [back] = connector.entries().slice(-2)
    expect(back).toMatchObject({ type: 'store.restored', ext: { wentBack: { uses: 1 }, replaced: { seq: entries } } })
    await connector.stop()
    await connector.start()
    expect(connector.entries().filter(({ type }) => type === 'store.restored')).toHaveLength(2)
  })
})

it('a database that cannot be opened any more is kept aside with its log, and the restored one is whole', async () => {
  const connector = await startConnector()
  try {
    const file = join(connector.directory, 'backup.db')
    await inJson(connector, 'backup', file)
    await connector.ask('/peers', { did: 'did:web:later.example', name: 'later', claims: {} })
    await connector.kill()
    // Page 1 stands in the log too: both must be broken for a database that cannot be opened.
    for (const suffix of ['', '-wal']) writeFileSync(`${connector.database}${suffix}`, Buffer.alloc(20_000, 0x5a))

    const { keptAside, wentBack } = await inJson<{ keptAside: string; wentBack: unknown }>(connector, 'restore', file)

    expect(wentBack).toBeNull()
    expect(readFileSync(keptAside).equals(Buffer.alloc(20_000, 0x5a))).toBe(true)
    expect(existsSync(`${connector.database}-wal`)).toBe(false)
    await connector.start()
    connector.verify()
    expect(connector.rows('SELECT 1 FROM peer')).toEqual([])
  } finally {
    await connector.discard()
  }
})

describe('a restore is refused, and nothing changes,', () => {
  let connector: Connector
  let backup: string
  beforeEach(async () => {
    connector = await startConnector()
    backup = join(connector.directory, 'backup.db')
    await inJson(connector, 'backup', backup)
    await connector.stop()
  })
  afterEach(async () => connector.discard())

  async function refused(): Promise<string> {
    const before = readFileSync(connector.database)
    const { exit, json } = await at(connector, 'restore', backup, '--json')
    expect(exit).toBe(1)
    expect(readFileSync(connector.database).equals(before)).toBe(true)
    expect(readdirSync(join(connector.directory, 'data')).filter((name) => /restor|replaced/.test(name))).toEqual([])
    return (json()['error'] as { code: string }).code
  }

  function change(sql: string): void {
    const db = new DatabaseSync(backup)
    for (const { name } of db.prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'").all()) {
      db.exec(`DROP TRIGGER ${String(name)}`)
    }
    db.exec(sql)
    db.close()
  }

  it.each([
    [
      'of evidence that was changed',
      `UPDATE evidence SET envelope = replace(envelope, 'admin', 'nobody') WHERE seq = 1`,
      'store.damaged',
    ],
    [
      'of a reference that leads nowhere',
      `PRAGMA foreign_keys = OFF; INSERT INTO counter VALUES ('none', 'use', 1)`,
      'store.damaged',
    ],
    ['of a newer build', `INSERT INTO migration VALUES (9999, '9999-later.sql', 'x', 'now')`, 'store.newer'],
    ['that holds a file which no backup has', `INSERT INTO backup_file VALUES ('../../x', x'00')`, 'store.damaged'],
  ])('of a backup %s', async (_what, sql, code) => {
    change(sql)
    expect(await refused()).toBe(code)
  })

  it('of a file that is cut off, or no database', async () => {
    writeFileSync(backup, readFileSync(backup).subarray(0, 20_000))
    expect(await refused()).toBe('store.damaged')
    writeFileSync(backup, 'not a database at all')
    expect(await refused()).toBe('store.damaged')
  })

  it('of a backup of another participant', async () => {
    const file = join(connector.directory, 'connector.yaml')
    writeFileSync(file, readFileSync(file, 'utf8').replaceAll(connector.did, 'did:web:other.example'))
    expect(await refused()).toBe('config.invalid')
  })
})
